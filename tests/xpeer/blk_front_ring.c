// SPDX-License-Identifier: GPL-2.0-only
/* A frontend that lies about its producer index, or rewrites what it has published. */
#include <errno.h>
#include <string.h>

#include "blk_front.h"
#include "worker.h"

/* The ring has to stop for good: right indices and a good request wake nothing up. */
static enum verdict run_producer(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	struct bf_queue *q = &f.queue[0];
	struct blk_request req;
	enum verdict v = front_start(&f.dev, opt);
	uint32_t bad;

	v = v ?: bf_verify(&f.dev);
	if (v)
		return v;
	bad = ring_bad_req_prod(&q->ring, (enum bad_prod)c->arg, opt->seed);
	diag("producer %u, consumer %u, ring of %u", bad, q->ring.req_prod, q->ring.nr);
	ring_set(&q->ring, RING_REQ_PROD, bad);
	evtchn_notify(&f.dev.evtchn, (uint32_t)q->port);
	sleep_ms(200);
	ring_set(&q->ring, RING_RSP_PROD, q->ring.rsp_cons);
	bf_request(&f, &req, BLK_READ, BF_SCRATCH, 0, 1);
	req.id = ++f.next_id;
	bf_post(q, &f, &req);
	ring_set(&q->ring, RING_REQ_PROD, q->ring.req_prod);
	for (int i = 0; i < 1000; i++)
		evtchn_notify(&f.dev.evtchn, (uint32_t)q->port);
	v = bf_silent(&f, 1000);
	front_linger(&f.dev, "halted");
	return v ?: front_recover(&f.dev);
}

/* The fields of the backend's side are ours to write too, but nobody may believe them. */
static enum verdict run_foreign_index(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	struct bf_queue *q = &f.queue[0];
	struct blk_request req;
	enum verdict v = front_start(&f.dev, opt);
	uint64_t seed = opt->seed;

	(void)c;
	for (int i = 0; i < 200 && v == V_PASS; i++) {
		uint64_t end = now_ms() + opt->wait_ms;

		bf_request(&f, &req, BLK_READ, BF_SCRATCH, 0, 1);
		req.id = ++f.next_id;
		bf_post(q, &f, &req);
		ring_set(&q->ring, RING_RSP_PROD, (uint32_t)rnd(&seed) | 1u << 31);
		ring_set(&q->ring, RING_REQ_EVENT, (uint32_t)rnd(&seed));
		ring_set(&q->ring, RING_RSP_EVENT, (uint32_t)rnd(&seed));
		ring_push_requests(&q->ring);
		evtchn_notify(&f.dev.evtchn, (uint32_t)q->port);
		while (ring_get(&q->ring, RING_RSP_PROD) != q->ring.rsp_cons + 1)
			if (now_ms() > end)
				return fail("request %d: no response", i);
		q->ring.rsp_cons++;
	}
	ring_set(&q->ring, RING_RSP_EVENT, q->ring.rsp_cons + 1);
	return v ?: bf_verify(&f.dev) ?: front_close(&f.dev);
}

/* A field of every slot that a second thread flips between right and wrong. */
struct toggle {
	struct ring	*ring;
	uint8_t		*base;		/* instead of the ring's slots: an indirect page */
	unsigned int	offset, len;
	uint64_t	good, seed;
};

static uint8_t *toggle_place(struct toggle *t, uint32_t i)
{
	if (t->base)
		return t->base + (size_t)i * sizeof(struct blk_segment) + t->offset;
	return (uint8_t *)ring_slot(t->ring, i) + t->offset;
}

static void toggle(void *arg)
{
	struct toggle *t = arg;
	uint64_t bad = rnd(&t->seed);

	for (uint32_t i = 0; i < t->ring->nr; i++)
		memcpy(toggle_place(t, i), &bad, t->len);
	for (uint32_t i = 0; i < t->ring->nr; i++)
		memcpy(toggle_place(t, i), &t->good, t->len);
}

/* As many responses as requests, whatever is in them. */
static enum verdict batch(struct bf *f, const struct toggle *t, bool indirect,
			  uint64_t *seed)
{
	/* A response lies where its request was: its status may be hit as well. */
	const unsigned int at = offsetof(struct blk_response64, status), nr = 8;
	bool status_kept = t->base || t->offset + t->len <= at || t->offset >= at + 2;

	struct bf_queue *q = &f->queue[0];
	struct blk_response rsp;
	struct blk_request req;

	for (unsigned int i = 0; i < nr; i++) {
		enum blk_op op = f->readonly || (rnd(seed) & 1) ? BLK_READ : BLK_WRITE;

		if (indirect)
			bf_indirect(f, &req, op, BF_SCRATCH, 16);
		else
			bf_request(f, &req, op, BF_SCRATCH + i * 8, i, 1);
		req.id = ++f->next_id;
		bf_post(q, f, &req);
	}
	bf_push(f, q);
	for (unsigned int i = 0; i < nr; i++) {
		int got = bf_response(f, q, &rsp, f->dev.opt->wait_ms);

		if (got <= 0)
			return fail("%u of %u requests answered (%d)", i, nr, got);
		if (!status_kept)
			continue;
		if (rsp.status > BLK_OKAY || rsp.status < BLK_EOPNOTSUPP)
			return fail("status %d", rsp.status);
	}
	return V_PASS;
}

enum toggle_what {
	TOGGLE_OP, TOGGLE_NR, TOGGLE_ID, TOGGLE_SECTOR, TOGGLE_GREF, TOGGLE_SECTS,
	TOGGLE_INDIRECT_OP, TOGGLE_INDIRECT_NR, TOGGLE_INDIRECT_GREF, TOGGLE_TABLE_GREF,
	TOGGLE_TABLE_SECTS,
};

static void toggle_init(struct toggle *t, struct bf *f, long long what)
{
	const struct blk_abi *abi = f->config.abi;
	uint64_t ref = f->dev.pages.ref[0], table = f->dev.pages.ref[BF_BIG];
	uint64_t sects = (PAGE_SECTORS - 1) << 8;
	const struct { unsigned int offset, len; uint64_t good; } fields[] = {
		[TOGGLE_OP]		= { 0, 1, BLK_READ },
		[TOGGLE_NR]		= { 1, 1, 1 },
		[TOGGLE_ID]		= { abi->id, 8, 1 },
		[TOGGLE_SECTOR]		= { abi->sector, 8, BF_SCRATCH },
		[TOGGLE_GREF]		= { abi->seg, 4, ref },
		[TOGGLE_SECTS]		= { abi->seg + 4u, 2, sects },
		[TOGGLE_INDIRECT_OP]	= { 1, 1, BLK_READ },
		[TOGGLE_INDIRECT_NR]	= { 2, 2, 16 },
		[TOGGLE_INDIRECT_GREF]	= { abi->indirect_gref, 4, table },
		[TOGGLE_TABLE_GREF]	= { 0, 4, ref },
		[TOGGLE_TABLE_SECTS]	= { 4, 2, sects },
	};

	memset(t, 0, sizeof(*t));
	t->ring = &f->queue[0].ring;
	t->offset = fields[what].offset;
	t->len = fields[what].len;
	t->good = fields[what].good;
	t->seed = f->dev.opt->seed;
	if (what >= TOGGLE_TABLE_GREF)
		t->base = (uint8_t *)bf_indirect_segment(f, 0);
}

static enum verdict run_toggle(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	struct toggle t;
	struct worker w;
	uint64_t end, seed = opt->seed + 1;
	unsigned int rounds = 0;
	bool indirect = c->arg >= TOGGLE_INDIRECT_OP;
	enum verdict v = front_start(&f.dev, opt);

	if (v)
		return v;
	if (indirect && !f.max_indirect)
		return skip("the backend offers no indirect requests");
	toggle_init(&t, &f, c->arg);
	v = worker_start(&w, toggle, &t);
	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end && v == V_PASS; rounds++)
		v = batch(&f, &t, indirect, &seed);
	worker_stop(&w);
	diag("%u requests", rounds * 8);
	return v ?: bf_verify(&f.dev) ?: front_close(&f.dev);
}

/* The producer index itself under a second thread, events included. */
static void spoil_producer(void *arg)
{
	struct toggle *t = arg;

	ring_set(t->ring, RING_REQ_PROD, (uint32_t)rnd(&t->seed) & 0xff);
}

static enum verdict run_producer_storm(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	struct toggle t = { .seed = opt->seed };
	struct worker w;
	enum verdict v = front_start(&f.dev, opt);
	uint64_t end;

	(void)c;
	t.ring = &f.queue[0].ring;
	v = v ?: worker_start(&w, spoil_producer, &t);
	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; )
		evtchn_notify(&f.dev.evtchn, (uint32_t)f.queue[0].port);
	worker_stop(&w);
	front_linger(&f.dev, "halted");
	return front_recover(&f.dev);
}

#define PRODUCER(_name, _arg, _what) \
	{ .name = (_name), .site = "ring-prod", .flags = CASE_HALT, .run = run_producer, \
	  .arg = (_arg), .what = (_what) }
#define TOGGLE(_name, _arg, _what) \
	{ .name = (_name), .flags = CASE_EITHER, .run = run_toggle, .arg = (_arg), \
	  .what = (_what) }

static const struct xcase cases[] = {
	PRODUCER("ring-prod-over", PROD_OVER, "req_prod = cons + size + 1: ring halted"),
	PRODUCER("ring-prod-back", PROD_BACK, "req_prod = cons - 1: ring halted"),
	PRODUCER("ring-prod-far", PROD_FAR, "req_prod 2^31 away: ring halted"),
	PRODUCER("ring-prod-random", PROD_RANDOM, "random req_prod: ring halted"),
	{
		.name = "ring-prod-storm", .site = "ring-prod", .flags = CASE_HALT | CASE_EITHER,
		.run = run_producer_storm,
		.what = "req_prod rewritten in a tight loop with events: alive, reconnects",
	}, {
		.name = "ring-foreign-index", .run = run_foreign_index,
		.what = "rsp_prod and both event indices overwritten: served all the same",
	},
	TOGGLE("toggle-op", TOGGLE_OP, "operation changed while posted"),
	TOGGLE("toggle-nr", TOGGLE_NR, "nr_segments changed while posted"),
	TOGGLE("toggle-id", TOGGLE_ID, "id changed while posted"),
	TOGGLE("toggle-sector", TOGGLE_SECTOR, "sector changed while posted"),
	TOGGLE("toggle-gref", TOGGLE_GREF, "first grant changed while posted"),
	TOGGLE("toggle-sects", TOGGLE_SECTS, "first and last sector changed while posted"),
	TOGGLE("toggle-indirect-op", TOGGLE_INDIRECT_OP, "indirect_op changed while posted"),
	TOGGLE("toggle-indirect-nr", TOGGLE_INDIRECT_NR, "indirect nr changed while posted"),
	TOGGLE("toggle-indirect-gref", TOGGLE_INDIRECT_GREF, "indirect page changed"),
	TOGGLE("toggle-table-gref", TOGGLE_TABLE_GREF, "grants in the indirect page changed"),
	TOGGLE("toggle-table-sects", TOGGLE_TABLE_SECTS, "sectors in the indirect page changed"),
};

const struct case_table blk_front_ring = { cases, ARRAY_SIZE(cases) };
