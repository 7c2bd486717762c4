// SPDX-License-Identifier: GPL-2.0-only
/*
 * Responses that cannot be right. They hit the first request after the connection was made: one
 * of --io, or without it one of the guest's own search for partitions.
 */
#include <errno.h>
#include <string.h>

#include "blk_back.h"

/* Longer than the 30 s after which Linux's block layer asks for a request. */
#define NEVER_MS	40000

/* After those of ring.h. */
enum attack {
	RSP_ID_SIZE = BAD_PRODS, RSP_ID_4G, RSP_ID_MAX, RSP_ID_IDLE, RSP_TWICE, RSP_OP,
	RSP_STATUS_1, RSP_STATUS_MIN, RSP_STATUS_MAX, RSP_ERROR, RSP_NEVER, RSP_CHANGED,
	RSP_EARLY,
};

/*
 * An id that is in range but not on its way. Drivers use small numbers, some with the number of
 * the queue above bit 16.
 */
static uint64_t idle_id(const struct bb *b, const struct bb_queue *q,
			const struct blk_request *req)
{
	for (uint32_t tag = q->ring.nr - 1; tag > 0; tag--) {
		uint64_t id = (req->id & ~0xffffULL) | tag;
		bool busy = id == req->id;

		for (unsigned int i = 0; i < b->nr_held; i++)
			busy |= b->held[i].q == q && b->held[i].req.id == id;
		if (!busy)
			return id;
	}
	return req->id & ~0xffffULL;
}

static void spoil(struct bb *b, struct bb_queue *q, struct blk_response *rsp,
		  const struct blk_request *req, enum attack how)
{
	switch (how) {
	case RSP_ID_SIZE:
		/* Beyond every ring that we offer. */
		rsp->id = 1024;
		break;
	case RSP_ID_4G:
		rsp->id = req->id + (1ULL << 32);
		break;
	case RSP_ID_MAX:
		rsp->id = ~0ULL;
		break;
	case RSP_ID_IDLE:
		rsp->id = idle_id(b, q, req);
		break;
	case RSP_OP:
		rsp->op = rsp->op == BLK_READ ? BLK_WRITE : BLK_READ;
		break;
	case RSP_STATUS_1:
		rsp->status = 1;
		break;
	case RSP_STATUS_MIN:
		rsp->status = -32768;
		break;
	case RSP_STATUS_MAX:
		rsp->status = 32767;
		break;
	case RSP_ERROR:
		rsp->status = BLK_ERROR;
		break;
	default:
		break;
	}
	diag("request id %llu op %u: answered id %llu op %u status %d",
	     (unsigned long long)req->id, req->op, (unsigned long long)rsp->id, rsp->op,
	     rsp->status);
}

static void attack_once(struct bb *b, struct bb_queue *q, const struct blk_request *req,
			int status)
{
	struct blk_response rsp = bb_response(req, status);
	enum attack how = (enum attack)b->dev.xcase->arg;

	if (how == RSP_NEVER) {
		b->dev.fired++;
		return;
	}
	if (b->dev.fired) {
		bb_reply(b, q, req, status);
		return;
	}
	b->dev.fired++;
	if (how < RSP_ID_SIZE) {
		/* The right response is there too, only the index is wrong. */
		bb_respond(q, &rsp);
		back_bad_prod(&b->dev, &q->ring, q->port, (enum bad_prod)how);
		return;
	}
	spoil(b, q, &rsp, req, how);
	bb_respond(q, &rsp);
}

/* Two on their way, one answered twice: as many responses as requests. */
static void attack_twice(struct bb *b, struct bb_queue *q, const struct blk_request *req,
			 int status)
{
	struct blk_response rsp = bb_response(req, status);

	if (b->dev.fired) {
		bb_reply(b, q, req, status);
		return;
	}
	for (unsigned int i = 0; i < b->nr_held; i++) {
		if (b->held[i].q != q)
			continue;
		diag("ids %llu and %llu on their way: the second answered twice",
		     (unsigned long long)b->held[i].req.id, (unsigned long long)req->id);
		bb_respond(q, &rsp);
		bb_respond(q, &rsp);
		b->dev.fired++;
		return;
	}
	bb_hold(b, q, req, status);
}

/* A response to what nobody asked: the producer passes the requests. */
static void attack_early(struct bb *b, struct bb_queue *q, const struct blk_request *req,
			 int status)
{
	struct blk_response rsp = { .op = BLK_READ };

	bb_reply(b, q, req, status);
	if (b->dev.fired++)
		return;
	for (unsigned int i = 0; i < 3; i++) {
		rsp.id = i;
		bb_respond(q, &rsp);
	}
}

static bool fired(struct back *b)
{
	return b->fired;
}

/* After the misdeed: the guest's I/O ends in bounded time, and the device can be taken away. */
static enum verdict aftermath(struct bb *b)
{
	enum verdict v;

	if (!b->dev.fired && b->dev.io.pid && !back_serve(&b->dev, b->dev.opt->wait_ms, fired))
		return broken("no request from the guest came");
	v = back_io_end(&b->dev);
	if (v)
		return v;
	if (!b->dev.fired)
		return broken("no request of the wanted kind came from the guest");
	if (b->dev.opt->io)
		diag("the guest's I/O ended with status %d", b->dev.io.status);
	else
		back_serve(&b->dev, 1000, NULL);
	diag("frontend: %s", state_name(state_get(&b->dev.store, b->dev.front)));
	return back_stop(&b->dev) ?: back_recover(&b->dev);
}

/* Nothing is answered. The guest may wait as long as its backend is there, but not longer. */
static enum verdict run_never(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);

	b.reply = attack_once;
	v = v ?: back_io_start(&b.dev, "io");
	if (v)
		return v;
	if (back_serve(&b.dev, NEVER_MS, back_io_done))
		diag("the guest's I/O ended by itself, status %d", b.dev.io.status);
	if (!b.dev.fired)
		return broken("no request from the guest came");
	store_writef(&b.dev.store, 0, b.dev.dir, "online", "0");
	state_set(&b.dev.store, b.dev.dir, XB_CLOSED);
	if (!back_serve(&b.dev, opt->wait_ms, back_io_done))
		return fail("backend closed, but the guest's I/O does not end");
	diag("the guest's I/O ended with status %d", b.dev.io.status);
	return back_stop(&b.dev) ?: back_recover(&b.dev);
}

static enum verdict run_attack(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	enum verdict v = back_open(&b.dev, opt, c);
	bb_reply_fn *reply = c->arg == RSP_TWICE ? attack_twice :
			       c->arg == RSP_EARLY ? attack_early : attack_once;

	if (v)
		return v;
	if (!opt->io) {
		if (c->arg == RSP_TWICE)
			return skip("wants --io for two requests at a time");
		/* The frontend may call itself connected before or after this. */
		b.reply = reply;
		v = back_connect(&b.dev);
		if (v == V_FAIL && b.dev.fired) {
			diag("which is an answer, too");
			v = V_PASS;
		}
		return v ?: aftermath(&b);
	}
	v = back_connect(&b.dev);
	b.reply = reply;
	return v ?: back_io_start(&b.dev, "io") ?: aftermath(&b);
}

static enum verdict run_changed(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);

	/* id, operation and status */
	return v ?: back_flip(&b.dev, &b.queue[0].ring, 0, 12, 1) ?: aftermath(&b);
}

/* What a guest has granted for one request is mapped here and stays so. */
static void keep_mapped(struct bb *b, struct bb_queue *q, const struct blk_request *req,
			int status)
{
	struct blk_segment seg[BB_INDIRECT];
	int nr = bb_segments(b, req, seg);

	for (int i = 0; i < nr && i < 8 && b->dev.fired < 64; i++) {
		struct bb_kept *k = &b->kept[b->dev.fired];

		if (req->op != BLK_READ && req->op != BLK_INDIRECT)
			break;
		if (grant_map(&k->map, b->dev.opt->domid, &seg[i].gref, 1, false))
			break;
		k->ref = seg[i].gref;
		b->dev.fired++;
	}
	bb_reply(b, q, req, status);
}

static enum verdict run_keep(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	enum verdict v = back_open(&b.dev, opt, c);

	if (v)
		return v;
	if (!opt->io)
		b.reply = keep_mapped;
	v = back_connect(&b.dev);
	b.reply = keep_mapped;
	if (v == V_PASS && opt->io)
		v = back_io(&b.dev, "io");
	if (v == V_FAIL && b.dev.fired && !opt->io)
		v = V_PASS;	/* it has noticed while it connected */
	if (v == V_PASS && !b.dev.fired)
		v = broken("no read came from the guest");
	diag("%u pages kept mapped", b.dev.fired);
	if (v)
		return v;
	/* What the guest makes of it is its choice; that it lives is not. */
	return back_go_mapped(&b.dev);
}

#define ATTACK(_name, _site, _arg, _what) \
	{ .name = (_name), .site = (_site), .flags = CASE_IO | CASE_IO_FAILS, \
	  .run = run_attack, .arg = (_arg), .what = (_what) }

static const struct xcase cases[] = {
	ATTACK("rsp-prod-over", "rsp-prod", PROD_OVER, "rsp_prod = cons + size + 1"),
	ATTACK("rsp-prod-back", "rsp-prod", PROD_BACK, "rsp_prod goes back"),
	ATTACK("rsp-prod-far", "rsp-prod", PROD_FAR, "rsp_prod 2^31 away"),
	ATTACK("rsp-prod-random", "rsp-prod", PROD_RANDOM, "random rsp_prod"),
	ATTACK("rsp-id-size", "rsp-id", RSP_ID_SIZE, "id beyond the ring"),
	ATTACK("rsp-id-4g", "rsp-id", RSP_ID_4G, "right id, but for bit 32"),
	ATTACK("rsp-id-max", "rsp-id", RSP_ID_MAX, "id 2^64 - 1"),
	ATTACK("rsp-id-idle", "rsp-idle", RSP_ID_IDLE, "id in range, not on its way"),
	ATTACK("rsp-twice", "rsp-idle", RSP_TWICE, "one id answered twice"),
	ATTACK("rsp-op", "rsp-op", RSP_OP, "wrong operation"),
	ATTACK("rsp-status-1", "rsp-status", RSP_STATUS_1, "status 1"),
	ATTACK("rsp-status-min", "rsp-status", RSP_STATUS_MIN, "status -32768"),
	ATTACK("rsp-status-max", "rsp-status", RSP_STATUS_MAX, "status 32767"),
	{
		.name = "rsp-early", .site = "rsp-prod", .run = run_attack, .arg = RSP_EARLY,
		.flags = CASE_IO | CASE_IO_FAILS | CASE_EITHER,
		.what = "responses nobody asked for: caught as rsp-prod or rsp-idle",
	}, {
		.name = "rsp-error", .flags = CASE_IO | CASE_IO_FAILS, .run = run_attack,
		.arg = RSP_ERROR, .what = "ERROR: legal, the request fails and the disk stays",
	}, {
		.name = "rsp-never", .flags = CASE_IO | CASE_IO_FAILS | CASE_SLOW,
		.run = run_never, .arg = RSP_NEVER,
		.what = "no answers at all: I/O ends at last with the backend",
	}, {
		.name = "rsp-changed", .flags = CASE_IO | CASE_IO_FAILS | CASE_EITHER,
		.run = run_changed, .arg = RSP_CHANGED,
		.what = "responses changed after they were published",
	}, {
		.name = "grant-held", .site = "grant-held", .flags = CASE_IO | CASE_IO_FAILS,
		.run = run_keep, .what = "pages kept mapped at completion and at remove",
	},
};

const struct case_table blk_back_response = { cases, ARRAY_SIZE(cases) };
