// SPDX-License-Identifier: GPL-2.0-only
/* Grants that are not what the request needs, and persistent grants that do not persist. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blk_front.h"

enum grant_what {
	REF_ZERO,		/* a PV guest's console page: ours, so any status is right */
	REF_UNUSED,
	REF_HUGE,
	REF_READONLY_READ,
	REF_READONLY_WRITE,
	REF_FREED,
	REF_OTHER_DOMAIN,
	REF_SAME,
	REF_ONE_BAD,
	REF_RING_WRITE,
	REF_RING_READ,
	REF_TABLE_BAD,		/* the indirect page itself */
	REF_TABLE_ONE_BAD,	/* one of its segments */
	REF_TABLE_IN_DATA,	/* the indirect page is also where the data go */
};

/* A number that no page of ours has. */
static uint32_t unused_ref(const struct bf *f)
{
	uint32_t max = 0;

	for (uint32_t i = 0; i < f->dev.pages.count; i++)
		if (f->dev.pages.ref[i] > max)
			max = f->dev.pages.ref[i];
	return max + 300;
}

static enum verdict own_area(struct bf *f, struct grant_area *a, unsigned int domid,
			     bool writable)
{
	int err = grant_alloc(a, domid, 1, writable);

	(void)f;
	return err ? broken("a page to grant: %s", strerror(-err)) : V_PASS;
}

static enum verdict build(struct bf *f, struct blk_request *req, struct grant_area *a,
			  enum grant_what what)
{
	bool write = what == REF_ZERO || what == REF_READONLY_WRITE || what == REF_RING_WRITE;
	enum verdict v = V_PASS;

	bf_request(f, req, write ? BLK_WRITE : BLK_READ, BF_SCRATCH, 0, 1);
	switch (what) {
	case REF_ZERO:
		req->seg[0].gref = 0;
		break;
	case REF_UNUSED:
		req->seg[0].gref = unused_ref(f);
		break;
	case REF_HUGE:
		req->seg[0].gref = ~0u;
		break;
	case REF_READONLY_READ:
	case REF_READONLY_WRITE:
		v = own_area(f, a, f->dev.back_id, false);
		break;
	case REF_FREED:
		v = own_area(f, a, f->dev.back_id, true);
		break;
	case REF_OTHER_DOMAIN:
		v = own_area(f, a, f->dev.back_id + 1, true);
		break;
	case REF_SAME:
	case REF_ONE_BAD:
		bf_request(f, req, BLK_READ, BF_SCRATCH, 0, BLK_SEGMENTS);
		for (int i = 0; what == REF_SAME && i < BLK_SEGMENTS; i++)
			req->seg[i].gref = f->dev.pages.ref[0];
		if (what == REF_ONE_BAD)
			req->seg[5].gref = unused_ref(f);
		break;
	case REF_RING_WRITE:
	case REF_RING_READ:
		req->seg[0].gref = f->queue[0].area.ref[0];
		break;
	default:
		bf_indirect(f, req, BLK_READ, BF_SCRATCH, 32);
		if (what == REF_TABLE_BAD)
			req->gref[0] = unused_ref(f);
		if (what == REF_TABLE_ONE_BAD)
			bf_indirect_segment(f, 17)->gref = unused_ref(f);
		if (what == REF_TABLE_IN_DATA)
			bf_indirect_segment(f, 0)->gref = req->gref[0];
	}
	if (v == V_PASS && a->count)
		req->seg[0].gref = a->ref[0];
	if (v == V_PASS && what == REF_FREED)
		grant_give_up(a);
	return v;
}

/* c->value: whether persistent grants are agreed on. c->key: the status wanted, NULL any. */
static enum verdict run_ref(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	struct grant_area a = { 0 };
	struct blk_request req;
	enum verdict v = front_open(&f.dev, opt);
	int want = c->key ? atoi(c->key) : ANY_STATUS;

	f.config.persistent = c->value;
	v = v ?: front_connect(&f.dev);
	if (v)
		return v;
	if (f.config.persistent && !f.persistent)
		return skip("the backend has no persistent grants");
	if (c->arg >= REF_TABLE_BAD && !f.max_indirect)
		return skip("the backend offers no indirect requests");
	if (f.readonly)
		return skip("wants a writable vbd");
	for (int i = 0; i < 3 && v == V_PASS; i++) {
		v = build(&f, &req, &a, c->arg);
		if (v == V_PASS)
			v = bf_expect(&f, &req, want, c->name);
		grant_free(&a);
	}
	return v ?: bf_verify(&f.dev) ?: front_close(&f.dev);
}

/* Disk data over the ring's own page: whatever comes of it, a reconnect must work. */
static enum verdict run_ring_read(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	struct grant_area none = { 0 };
	struct blk_request req;
	enum verdict v = front_start(&f.dev, opt) ?: build(&f, &req, &none, c->arg);

	if (v)
		return v;
	req.id = ++f.next_id;
	bf_post(&f.queue[0], &f, &req);
	bf_push(&f, &f.queue[0]);
	sleep_ms(500);
	for (int i = 0; i < 100; i++)
		evtchn_notify(&f.dev.evtchn, (uint32_t)f.queue[0].port);
	return front_recover(&f.dev);
}

/* The grants go while their requests are on the way. */
static enum verdict run_freed_in_flight(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	struct bf_queue *q = &f.queue[0];
	struct blk_response rsp;
	struct blk_request req;
	enum verdict v = front_open(&f.dev, opt);

	f.config.persistent = c->value;
	if (v == V_PASS)
		v = front_connect(&f.dev);
	for (int round = 0; round < 10 && v == V_PASS; round++) {
		struct grant_area a;
		int err = grant_alloc(&a, f.dev.back_id, q->ring.nr, true);

		if (err)
			return broken("pages to grant: %s", strerror(-err));
		for (unsigned int i = 0; i < q->ring.nr; i++) {
			bf_request(&f, &req, BLK_READ, BF_SCRATCH + i * PAGE_SECTORS, 0, 1);
			req.seg[0].gref = a.ref[i];
			req.id = ++f.next_id;
			bf_post(q, &f, &req);
		}
		bf_push(&f, q);
		grant_free(&a);
		for (unsigned int i = 0; i < q->ring.nr; i++)
			if (bf_response(&f, q, &rsp, opt->wait_ms) <= 0)
				return fail("round %d: %u responses", round, i);
	}
	return v ?: bf_verify(&f.dev) ?: front_close(&f.dev);
}

#define CAP_AREAS	200

static enum verdict cap_round(struct bf *f, struct grant_area *areas, enum blk_op op)
{
	struct blk_request req;
	enum verdict v = V_PASS;

	for (unsigned int n = 0; n < CAP_AREAS && v == V_PASS; n++) {
		struct grant_area *a = &areas[n];

		bf_request(f, &req, op, BF_SCRATCH + (n % 16) * 128, 0, a->count);
		for (unsigned int i = 0; i < a->count; i++)
			req.seg[i].gref = a->ref[i];
		if (op == BLK_WRITE)
			bf_fill(a->mem, (size_t)a->count * PAGE_BYTES, n);
		v = bf_expect(f, &req, BLK_OKAY, "request over new grants");
	}
	return v;
}

/* More persistent grants than any backend wants to keep: the rest is served all the same. */
static enum verdict run_cap(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	static struct grant_area areas[CAP_AREAS];
	enum verdict v = front_open(&f.dev, opt);

	(void)c;
	f.config.persistent = true;
	v = v ?: front_connect(&f.dev);
	if (v)
		return v;
	if (!f.persistent)
		return skip("the backend has no persistent grants");
	if (f.readonly)
		return skip("wants a writable vbd");
	for (unsigned int i = 0; i < CAP_AREAS; i++) {
		int err = grant_alloc(&areas[i], f.dev.back_id, 10, true);

		if (err)
			return broken("page %u to grant: %s", i * 10, strerror(-err));
	}
	for (int round = 0; round < 2 && v == V_PASS; round++)
		v = cap_round(&f, areas, BLK_WRITE);
	if (v == V_PASS)
		v = cap_round(&f, areas, BLK_READ);
	/* The last 16 writers are what the disk has now. */
	for (unsigned int n = CAP_AREAS - 16; n < CAP_AREAS && v == V_PASS; n++)
		if (!bf_same(areas[n].mem, 10 * PAGE_BYTES, n))
			v = fail("area %u: wrong data", n);
	return v ?: bf_verify(&f.dev) ?: front_close(&f.dev);
}

/*
 * Persistent on, off, on..., and behind the same numbers other pages each time: a backend that
 * keeps a mapping over a reconnect writes to the old page, and the data check sees it.
 */
static enum verdict run_toggle(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	enum verdict v = front_open(&f.dev, opt);
	uint32_t first = v ? 0 : f.dev.pages.ref[0], again = 0;

	(void)c;
	for (int i = 0; i < 8 && v == V_PASS; i++) {
		int err;

		f.config.persistent = !(i & 1);
		v = front_connect(&f.dev);
		if (v == V_PASS)
			v = bf_verify(&f.dev);
		if (v == V_PASS)
			v = front_close(&f.dev);
		grant_free(&f.dev.pages);
		err = grant_alloc(&f.dev.pages, f.dev.back_id, BF_PAGES, true);
		if (err)
			return broken("pages to grant: %s", strerror(-err));
		for (uint32_t n = 0; n < f.dev.pages.count; n++)
			again += f.dev.pages.ref[n] == first;
	}
	diag("the first reference came back %u times", again);
	return v;
}

#define REF(_name, _site, _arg, _status, _what) \
	{ .name = (_name), .site = (_site), .run = run_ref, .arg = (_arg), .key = (_status), \
	  .what = (_what) }
#define ANY(_name, _arg, _persistent, _what) \
	{ .name = (_name), .site = "grant", .flags = CASE_EITHER, .run = run_ref, \
	  .arg = (_arg), .value = (_persistent), .what = (_what) }
#define PERSIST(_name, _site, _arg, _status, _what) \
	{ .name = (_name), .site = (_site), .run = run_ref, .arg = (_arg), .key = (_status), \
	  .value = "persistent", .what = (_what) }

static const struct xcase cases[] = {
	ANY("gref-0", REF_ZERO, NULL, "reference 0: answered"),
	REF("gref-unused", "grant", REF_UNUSED, "-1", "never granted: ERROR"),
	REF("gref-huge", "grant", REF_HUGE, "-1", "reference 2^32 - 1: ERROR"),
	REF("gref-readonly-read", "grant", REF_READONLY_READ, "-1",
	    "read into a read-only grant: ERROR"),
	REF("gref-readonly-write", NULL, REF_READONLY_WRITE, "0",
	    "write from a read-only grant: legal"),
	REF("gref-freed", "grant", REF_FREED, "-1", "grant taken back before: ERROR"),
	REF("gref-other-domain", "grant", REF_OTHER_DOMAIN, "-1",
	    "granted to another domain: ERROR"),
	REF("gref-same", NULL, REF_SAME, "0", "one reference in all 11 segments: legal"),
	REF("gref-one-bad", "grant", REF_ONE_BAD, "-1", "one of 11 never granted: ERROR"),
	REF("gref-ring-write", NULL, REF_RING_WRITE, "0", "write from the ring page: legal"),
	{
		.name = "gref-ring-read", .site = "ring-prod", .flags = CASE_EITHER,
		.run = run_ring_read, .arg = REF_RING_READ,
		.what = "read into the ring page: reconnects",
	},
	REF("gref-table-bad", "indirect-grant", REF_TABLE_BAD, "-1",
	    "indirect page never granted: ERROR"),
	REF("gref-table-one-bad", "grant", REF_TABLE_ONE_BAD, "-1",
	    "one of 32 indirect segments never granted: ERROR"),
	REF("gref-table-in-data", NULL, REF_TABLE_IN_DATA, "0",
	    "indirect page is also a data page: legal"),
	{
		.name = "gref-freed-in-flight", .site = "grant", .flags = CASE_EITHER,
		.run = run_freed_in_flight, .what = "grants taken back while posted: answered",
	},
	PERSIST("persist-unused", "grant", REF_UNUSED, "-1", "never granted: ERROR"),
	PERSIST("persist-one-bad", "grant", REF_ONE_BAD, "-1", "one of 11: ERROR"),
	PERSIST("persist-same", NULL, REF_SAME, "0", "one reference 11 times: legal"),
	PERSIST("persist-table-bad", "indirect-grant", REF_TABLE_BAD, "-1",
		"indirect page never granted: ERROR"),
	PERSIST("persist-table-one-bad", "grant", REF_TABLE_ONE_BAD, "-1",
		"one of 32 indirect segments: ERROR"),
	ANY("persist-readonly-write", REF_READONLY_WRITE, "persistent",
	    "read-only although persistent: answered"),
	ANY("persist-readonly-read", REF_READONLY_READ, "persistent",
	    "read into a read-only grant: answered"),
	ANY("persist-freed", REF_FREED, "persistent", "taken back before: answered"),
	{
		.name = "persist-freed-in-flight", .site = "grant", .flags = CASE_EITHER,
		.run = run_freed_in_flight, .value = "persistent",
		.what = "grants taken back while posted, persistent: answered",
	}, {
		.name = "persist-cap", .run = run_cap,
		.what = "2000 persistent grants: all served, data right",
	}, {
		.name = "persist-toggle", .run = run_toggle,
		.what = "persistent on and off between reconnects, other pages: data right",
	},
};

const struct case_table blk_front_grant = { cases, ARRAY_SIZE(cases) };
