// SPDX-License-Identifier: GPL-2.0-only
/* The frontend that keeps the protocol: it proves that the harness itself works. */
#include <errno.h>
#include <string.h>

#include "blk_front.h"

/* How to connect, and what to do then. */
enum good {
	G_32BIT		= 1 << 0,
	G_ORDER		= 1 << 1,	/* the largest ring that is offered */
	G_PAGES		= 1 << 2,	/* the same in the deprecated spelling only */
	G_QUEUES	= 1 << 3,
	G_PERSISTENT	= 1 << 4,
	G_INDIRECT	= 1 << 5,
	G_FLUSH		= 1 << 6,
	G_BARRIER	= 1 << 7,
	G_DISCARD	= 1 << 8,
};

static enum verdict configure(struct bf *f, long long how)
{
	struct bf_config *c = &f->config;
	uint64_t max_order, max_pages, queues;

	if (how & G_32BIT)
		c->abi = &blk_abi_32;
	c->persistent = how & G_PERSISTENT;
	max_order = store_number(&f->dev.store, f->dev.back, "max-ring-page-order", 0);
	max_pages = store_number(&f->dev.store, f->dev.back, "max-ring-pages", 0);
	if ((how & G_ORDER) && !max_order)
		return skip("the backend offers no larger ring");
	if ((how & G_PAGES) && max_pages < 2)
		return skip("the backend does not know max-ring-pages");
	if (how & (G_ORDER | G_PAGES)) {
		c->order = max_order && max_order < 4 ? (unsigned int)max_order : 4;
		c->spelling = !(how & G_ORDER) ? SPELL_PAGES :
			      (how & G_PAGES) ? SPELL_BOTH : SPELL_ORDER;
	}
	if (c->spelling == SPELL_PAGES)
		while ((1u << c->order) > max_pages)
			c->order--;
	queues = store_number(&f->dev.store, f->dev.back, "multi-queue-max-queues", 1);
	if ((how & G_QUEUES) && queues < 2)
		return skip("the backend offers one queue");
	if (how & G_QUEUES)
		c->queues = queues < FRONT_QUEUES ? (unsigned int)queues : FRONT_QUEUES;
	return V_PASS;
}

/* Every slot of the ring in use at once, each request with an id of its own. */
static enum verdict fill_ring(struct bf *f)
{
	struct bf_queue *q = &f->queue[0];
	uint64_t first = f->next_id + 1;
	struct blk_response rsp;
	struct blk_request req;
	uint8_t seen[1024] = { 0 };
	unsigned int nr = q->ring.nr;

	for (unsigned int i = 0; i < nr; i++) {
		bf_request(f, &req, BLK_READ, BF_SCRATCH + i * PAGE_SECTORS,
			   i % BF_PAGES, 1);
		req.id = ++f->next_id;
		bf_post(q, f, &req);
	}
	bf_push(f, q);
	for (unsigned int i = 0; i < nr; i++) {
		if (bf_response(f, q, &rsp, f->dev.opt->wait_ms) <= 0)
			return fail("%u of %u requests answered", i, nr);
		if (rsp.id - first >= nr || seen[rsp.id - first] || rsp.status)
			return fail("response id %llu status %d of %u",
				    (unsigned long long)rsp.id, rsp.status, nr);
		seen[rsp.id - first] = 1;
	}
	return V_PASS;
}

/* Segments that cover a part of a page only; sectors of 512 bytes are needed for it. */
static enum verdict partial_segments(struct bf *f)
{
	uint8_t *a = f->dev.pages.mem, *b = f->dev.pages.mem + 8 * PAGE_BYTES;
	struct blk_request req;
	enum verdict v;

	if (f->readonly || f->sector_size != SECTOR_BYTES)
		return V_PASS;
	bf_fill(a, 3 * PAGE_BYTES, 77);
	memset(b, 0, 3 * PAGE_BYTES);
	bf_request(f, &req, BLK_WRITE, BF_SCRATCH + 1, 0, 3);
	req.seg[0].first = 3;	/* 5 sectors, 1 sector, 8 sectors */
	req.seg[1].first = 6;
	req.seg[1].last = 6;
	v = bf_expect(f, &req, BLK_OKAY, "write of partial segments");
	if (v)
		return v;
	bf_request(f, &req, BLK_READ, BF_SCRATCH + 1, 8, 2);
	req.seg[1].last = 5;	/* the same 14 sectors as 8 + 6 */
	v = bf_expect(f, &req, BLK_OKAY, "read of partial segments");
	if (v)
		return v;
	if (memcmp(b, a + 3 * SECTOR_BYTES, 5 * SECTOR_BYTES) ||
	    memcmp(b + 5 * SECTOR_BYTES, a + PAGE_BYTES + 6 * SECTOR_BYTES, SECTOR_BYTES) ||
	    memcmp(b + 6 * SECTOR_BYTES, a + 2 * PAGE_BYTES, 8 * SECTOR_BYTES))
		return fail("partial segments: wrong data");
	return V_PASS;
}

static enum verdict large_requests(struct bf *f)
{
	unsigned int nr = f->max_indirect < BF_BIG ? f->max_indirect : BF_BIG;
	size_t len = (size_t)nr * PAGE_BYTES;
	struct blk_request req;
	enum verdict v;

	if (!nr)
		return skip("the backend offers no indirect requests");
	bf_fill(f->dev.pages.mem, len, 4711);
	bf_indirect(f, &req, BLK_WRITE, BF_SCRATCH, nr);
	v = bf_expect(f, &req, BLK_OKAY, "indirect write");
	if (v)
		return v;
	memset(f->dev.pages.mem, 0, len);
	bf_indirect(f, &req, BLK_READ, BF_SCRATCH, nr);
	v = bf_expect(f, &req, BLK_OKAY, "indirect read");
	if (v)
		return v;
	if (!bf_same(f->dev.pages.mem, len, 4711))
		return fail("indirect: wrong data");
	/* The largest that is offered, over the same pages again and again. */
	bf_indirect(f, &req, BLK_READ, 0, f->max_indirect);
	return bf_expect(f, &req, BLK_OKAY, "largest indirect read");
}

static enum verdict special(struct bf *f, long long how)
{
	struct blk_request req;
	enum verdict v = V_PASS;

	if (how & G_INDIRECT)
		v = large_requests(f);
	if (v == V_PASS && (how & G_FLUSH)) {
		if (!f->flush)
			return skip("the backend offers no flush");
		bf_request(f, &req, BLK_FLUSH, 0, 0, 0);
		v = bf_expect(f, &req, BLK_OKAY, "flush");
	}
	if (v == V_PASS && (how & G_BARRIER)) {
		if (!f->barrier)
			return skip("the backend offers no barrier");
		bf_request(f, &req, BLK_BARRIER, BF_SCRATCH, 0, 1);
		v = bf_expect(f, &req, BLK_OKAY, "barrier");
	}
	if (v == V_PASS && (how & G_DISCARD)) {
		if (!f->discard)
			return skip("the backend offers no discard");
		bf_request(f, &req, BLK_DISCARD, BF_SCRATCH, 0, 0);
		req.nr_sectors = 2048;
		v = bf_expect(f, &req, BLK_OKAY, "discard");
	}
	return v;
}

static enum verdict run_good(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	struct front *dev = &f.dev;

	/* What the backend offers is there once it waits for us. */
	return front_open(dev, opt) ?: front_reset(dev) ?: configure(&f, c->arg) ?:
	       front_connect(dev) ?: bf_verify(dev) ?: fill_ring(&f) ?: partial_segments(&f) ?:
	       special(&f, c->arg) ?: bf_verify(dev) ?: front_close(dev);
}

/* For a test that wants to detach a device nobody has a driver for. */
static enum verdict run_close(const struct options *opt, const struct xcase *c)
{
	static struct bf f;

	(void)c;
	return front_open(&f.dev, opt) ?: front_close(&f.dev);
}

#define GOOD(_name, _arg, _what) \
	{ .name = (_name), .flags = CASE_GOOD, .run = run_good, .arg = (_arg), .what = (_what) }

static const struct xcase cases[] = {
	GOOD("good", 0, "one queue, one page, x86_64 layout"),
	GOOD("good-x86-32", G_32BIT, "the 32-bit layout"),
	GOOD("good-order", G_ORDER, "largest ring by ring-page-order"),
	GOOD("good-order-x86-32", G_ORDER | G_32BIT, "largest ring, 32-bit layout"),
	GOOD("good-pages", G_PAGES, "large ring by num-ring-pages"),
	GOOD("good-order-pages", G_ORDER | G_PAGES, "large ring in both spellings"),
	GOOD("good-queues", G_QUEUES, "all queues that are offered"),
	GOOD("good-persistent", G_PERSISTENT, "persistent grants"),
	GOOD("good-indirect", G_INDIRECT, "indirect requests"),
	GOOD("good-indirect-x86-32", G_INDIRECT | G_32BIT, "indirect, 32-bit layout"),
	GOOD("good-flush", G_FLUSH, "flush"),
	GOOD("good-barrier", G_BARRIER, "barrier"),
	GOOD("good-discard", G_DISCARD, "discard"),
	GOOD("good-discard-x86-32", G_DISCARD | G_32BIT, "discard, 32-bit layout"),
	GOOD("good-all", G_ORDER | G_QUEUES | G_PERSISTENT | G_INDIRECT,
	     "queues, large rings, persistent grants, indirect requests"),
	{
		.name = "good-reconnect", .flags = CASE_GOOD, .run = front_run_cycles, .arg = 10,
		.what = "connect, verify, close, ten times",
	}, {
		.name = "good-close", .flags = CASE_GOOD, .run = run_close,
		.what = "from whatever state to Closed",
	},
};

const struct case_table blk_front_good = { cases, ARRAY_SIZE(cases) };

