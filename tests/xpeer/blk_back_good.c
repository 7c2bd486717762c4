// SPDX-License-Identifier: GPL-2.0-only
/* The backend that keeps the protocol, and the legal things that are rare. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "blk_back.h"

static const struct store_key one_queue[] = {
	{ "multi-queue-max-queues", NULL }, { "max-ring-page-order", NULL },
	{ "max-ring-pages", NULL }, { "feature-max-indirect-segments", NULL },
};

static const struct store_key persistent[] = { { "feature-persistent", "1" } };

static const struct store_key pages_only[] = {
	{ "max-ring-page-order", NULL }, { "max-ring-pages", "4" },
};

static const struct store_key order_only[] = {
	{ "max-ring-page-order", "2" }, { "max-ring-pages", NULL },
};

static const struct store_key barrier[] = {
	{ "feature-barrier", "1" }, { "feature-flush-cache", NULL },
};

static const struct store_key no_cache[] = {
	{ "feature-barrier", NULL }, { "feature-flush-cache", NULL },
	{ "feature-discard", NULL }, { "discard-granularity", NULL },
	{ "discard-alignment", NULL }, { "discard-secure", NULL },
};

static const struct store_key secure[] = { { "discard-secure", "1" } };

static const struct {
	const struct store_key *keys;
	unsigned int nr;
} variants[] = {
	{ NULL, 0 }, { one_queue, ARRAY_SIZE(one_queue) }, { persistent, ARRAY_SIZE(persistent) },
	{ pages_only, ARRAY_SIZE(pages_only) }, { order_only, ARRAY_SIZE(order_only) },
	{ barrier, ARRAY_SIZE(barrier) }, { no_cache, ARRAY_SIZE(no_cache) },
};

static void report(const struct bb *b)
{
	diag("served: %llu reads, %llu writes, %llu barriers, %llu flushes, %llu discards",
	     b->served[BLK_READ], b->served[BLK_WRITE], b->served[BLK_BARRIER],
	     b->served[BLK_FLUSH], b->served[BLK_DISCARD]);
}

/* The guest's I/O has to succeed. */
static enum verdict io_works(struct bb *b, const char *want)
{
	enum verdict v;

	if (!b->dev.opt->io)
		return V_PASS;
	v = back_io(&b->dev, want);
	if (v == V_PASS && b->dev.io.status)
		return fail("the guest's %s fails: status %d", want, b->dev.io.status);
	return v;
}

static enum verdict run_good(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	enum verdict v = back_open(&b.dev, opt, c);

	if (v)
		return v;
	b.dev.keys = variants[c->arg].keys;
	b.dev.nr_keys = variants[c->arg].nr;
	v = back_connect(&b.dev);
	if (v)
		return v;
	if (!b.served[BLK_READ])
		return fail("the guest has read nothing");
	v = io_works(&b, "io");
	report(&b);
	return v ?: back_stop(&b.dev);
}

/* Serve until told to end: for tests that do the talking themselves. */
static bool told_to_end(struct back *b)
{
	return !store_exists(&b->store, b->dir, "serve");
}

static enum verdict run_serve(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);

	if (v)
		return v;
	store_writef(&b.dev.store, 0, b.dev.dir, "serve", "1");
	back_serve(&b.dev, opt->case_ms, told_to_end);
	report(&b);
	return back_stop(&b.dev);
}

/* Answer in the opposite order, as many at once as there are. */
static void answer_backwards(struct bb *b)
{
	while (b->nr_held) {
		struct bb_held *h = &b->held[--b->nr_held];

		bb_reply(b, h->q, &h->req, h->status);
		if (b->nr_held)
			b->dev.fired++;
	}
	for (unsigned int i = 0; i < b->nr_queues; i++)
		bb_flush(b, &b->queue[i]);
}

static enum verdict run_out_of_order(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	enum verdict v = back_open(&b.dev, opt, c);
	uint64_t end = now_ms() + opt->wait_ms;

	v = v ?: back_connect(&b.dev) ?: back_io_start(&b.dev, "io");
	if (v)
		return v;
	b.reply = bb_hold;
	while (!back_io_done(&b.dev) && now_ms() < end) {
		back_serve(&b.dev, 30, NULL);
		answer_backwards(&b);
	}
	b.reply = bb_reply;
	diag("%u responses before an older one", b.dev.fired);
	if (b.dev.io.pid || b.dev.io.status)
		return fail("the guest's I/O fails: status %d", b.dev.io.status);
	return back_stop(&b.dev);
}

/* Late is legal, as long as it is before any time limit. */
static enum verdict run_late(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev) ?:
			 back_io_start(&b.dev, "io");

	if (v)
		return v;
	b.reply = bb_hold;
	back_serve(&b.dev, (unsigned int)c->arg, NULL);
	b.reply = bb_reply;
	diag("%u requests held for %lld ms", b.nr_held, c->arg);
	answer_backwards(&b);
	if (!back_serve(&b.dev, opt->wait_ms, back_io_done) || b.dev.io.status)
		return fail("the guest's I/O fails: status %d", b.dev.io.status);
	return back_stop(&b.dev);
}

/* EOPNOTSUPP for what was offered: the guest does without, and plain I/O works. */
static void refuse(struct bb *b, struct bb_queue *q, const struct blk_request *req,
		   int status)
{
	if (req->op == b->dev.xcase->arg) {
		b->dev.fired++;
		status = BLK_EOPNOTSUPP;
	}
	bb_reply(b, q, req, status);
}

static enum verdict run_refuse(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);

	if (v)
		return v;
	b.reply = refuse;
	v = back_io(&b.dev, c->value);
	if (v)
		return v;
	if (!b.dev.fired)
		return broken("no %s came from the guest", c->value);
	v = io_works(&b, "io");
	report(&b);
	return v ?: back_stop(&b.dev);
}

/* A secure erase arrives as a discard that says so. */
static void watch_secure(struct bb *b, struct bb_queue *q, const struct blk_request *req,
			 int status)
{
	if (req->op == BLK_DISCARD && req->flag & BLK_DISCARD_SECURE)
		b->dev.fired++;
	bb_reply(b, q, req, status);
}

static enum verdict run_secure(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	enum verdict v = back_open(&b.dev, opt, c);

	if (v)
		return v;
	b.dev.keys = secure;
	b.dev.nr_keys = ARRAY_SIZE(secure);
	v = back_connect(&b.dev);
	if (v)
		return v;
	b.reply = watch_secure;
	v = io_works(&b, "secure");
	if (v == V_PASS && b.dev.opt->io && !b.dev.fired)
		v = fail("no secure discard came from the guest");
	report(&b);
	return v ?: back_stop(&b.dev);
}

/* A new size by a repeated Connected; --io compares with XPEER_SECTORS. */
static enum verdict run_resize(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);

	for (long long i = 1; i <= c->arg && v == V_PASS; i++) {
		b.dev.sectors = b.capacity - (uint64_t)(c->arg - i) * 8;
		store_writef(&b.dev.store, 0, b.dev.dir, "sectors", "%llu",
			     (unsigned long long)b.dev.sectors);
		state_set(&b.dev.store, b.dev.dir, XB_CONNECTED);
		if (c->arg == 1)
			back_serve(&b.dev, 500, NULL);
	}
	return v ?: io_works(&b, "resize") ?: back_stop(&b.dev);
}

#define GOOD(_name, _arg, _what) \
	{ .name = (_name), .flags = CASE_GOOD | CASE_IO, .run = run_good, .arg = (_arg), \
	  .what = (_what) }

static const struct xcase cases[] = {
	GOOD("good", 0, "everything offered but persistent grants"),
	GOOD("good-plain", 1, "one queue, one page, no indirect requests"),
	GOOD("good-persistent", 2, "persistent grants"),
	GOOD("good-pages", 3, "ring size by max-ring-pages only"),
	GOOD("good-order", 4, "ring size by max-ring-page-order only"),
	GOOD("good-barrier", 5, "barriers instead of flushes"),
	GOOD("good-no-cache", 6, "neither flush nor discard"),
	{
		.name = "serve", .flags = CASE_GOOD | CASE_SLOW, .run = run_serve,
		.what = "serve until the backend's 'serve' node is removed",
	}, {
		.name = "out-of-order", .flags = CASE_GOOD | CASE_IO, .run = run_out_of_order,
		.what = "responses in any order: legal",
	}, {
		.name = "late", .flags = CASE_GOOD | CASE_IO, .run = run_late, .arg = 4000,
		.what = "responses after 4 s: legal",
	}, {
		.name = "refuse-flush", .flags = CASE_FLUSH, .run = run_refuse,
		.arg = BLK_FLUSH, .value = "flush",
		.what = "EOPNOTSUPP to flush: guest goes on without",
	}, {
		.name = "refuse-discard", .flags = CASE_DISCARD, .run = run_refuse,
		.arg = BLK_DISCARD, .value = "discard",
		.what = "EOPNOTSUPP to discard: guest goes on without",
	}, {
		.name = "secure-erase", .flags = CASE_GOOD | CASE_DISCARD, .run = run_secure,
		.what = "secure discard offered: the guest's secure erase says so",
	}, {
		.name = "resize", .flags = CASE_GOOD | CASE_IO, .run = run_resize, .arg = 1,
		.what = "twice the size by a repeated Connected",
	}, {
		.name = "resize-storm", .flags = CASE_GOOD | CASE_IO, .run = run_resize,
		.arg = 200, .what = "200 sizes as fast as the store takes them",
	},
};

const struct case_table blk_back_good = { cases, ARRAY_SIZE(cases) };
