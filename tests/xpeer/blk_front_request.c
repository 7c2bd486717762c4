// SPDX-License-Identifier: GPL-2.0-only
/* Single requests that cannot be right: each gets an error, and the ring goes on. */
#include <string.h>

#include "blk_front.h"

/* Where on the disk. */
enum where {
	AT_SCRATCH,
	AT_END,		/* the first sector that is not there */
	AT_STRADDLE,	/* starts inside, ends outside */
	AT_WRAP,	/* sector + n is a small number again */
	AT_MAX,		/* 2^64 - 1 */
	AT_ODD,		/* not aligned to anything */
};

struct bad {
	enum blk_op	op;
	uint8_t		indirect_op;
	uint8_t		flag;		/* of a discard */
	uint16_t	nr;
	uint8_t		first, last;	/* of the first segment; both 0: whole page */
	enum where	where;
	uint64_t	nr_sectors;
	int		want;
	bool		in_table;	/* first and last are in the indirect page */
};

static uint64_t sector_of(const struct bf *f, enum where where)
{
	switch (where) {
	case AT_END:
		return f->sectors;
	case AT_STRADDLE:
		return f->sectors - PAGE_SECTORS;
	case AT_WRAP:
		return 0ULL - PAGE_SECTORS;
	case AT_MAX:
		return ~0ULL;
	case AT_ODD:
		return BF_SCRATCH + 1;
	default:
		return BF_SCRATCH;
	}
}

static void build(struct bf *f, struct blk_request *req, const struct bad *b)
{
	uint64_t sector = sector_of(f, b->where);
	struct blk_segment *seg;

	if (b->op == BLK_INDIRECT) {
		bf_indirect(f, req, b->indirect_op, sector, b->nr);
		seg = bf_indirect_segment(f, 0);
	} else {
		bf_request(f, req, b->op, sector, 0, b->nr);
		seg = &req->seg[0];
	}
	req->flag = b->flag;
	req->nr_sectors = b->nr_sectors;
	if (b->op == BLK_DISCARD && b->where == AT_WRAP)
		req->nr_sectors = 2 * PAGE_SECTORS;
	if (b->first || b->last) {
		seg->first = b->first;
		seg->last = b->last;
	}
}

static enum verdict applies(const struct bf *f, const struct xcase *c, const struct bad *b)
{
	if ((c->flags & CASE_READONLY) && !f->readonly)
		return skip("wants a read-only vbd");
	if (!(c->flags & CASE_READONLY) && f->readonly && b->op != BLK_READ)
		return skip("wants a writable vbd");
	if (b->op == BLK_INDIRECT && !f->max_indirect)
		return skip("the backend offers no indirect requests");
	if (b->op == BLK_DISCARD && !f->discard && !(c->flags & CASE_READONLY))
		return skip("the backend offers no discard");
	return V_PASS;
}

static enum verdict run_bad(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	const struct bad *b = c->data;
	struct blk_request req;
	enum verdict v = front_start(&f.dev, opt) ?: applies(&f, c, b) ?: bf_verify(&f.dev);

	/* More than once: what the first leaves behind hurts the second. */
	for (int i = 0; i < 3 && v == V_PASS; i++) {
		build(&f, &req, b);
		v = bf_expect(&f, &req, b->want, c->name);
	}
	return v ?: bf_verify(&f.dev) ?: front_close(&f.dev);
}

/* A whole ring of them: errors must not be slower or cost more than good requests. */
static enum verdict run_flood(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	struct bf_queue *q = &f.queue[0];
	struct blk_response rsp;
	struct blk_request req;
	enum verdict v = front_start(&f.dev, opt);
	uint64_t start = now_ms();

	for (int round = 0; round < 20 && v == V_PASS; round++) {
		for (unsigned int i = 0; i < q->ring.nr; i++) {
			build(&f, &req, c->data);
			req.id = ++f.next_id;
			bf_post(q, &f, &req);
		}
		bf_push(&f, q);
		for (unsigned int i = 0; i < q->ring.nr; i++) {
			if (bf_response(&f, q, &rsp, opt->wait_ms) <= 0)
				return fail("round %d: %u responses", round, i);
			if (rsp.status != BLK_ERROR)
				return fail("round %d: status %d", round, rsp.status);
		}
	}
	diag("%u errors in %llu ms", 20 * q->ring.nr, (unsigned long long)(now_ms() - start));
	return v ?: bf_verify(&f.dev) ?: front_close(&f.dev);
}

#define BAD_AS(_name, _site, _flags, _run, _what, ...) \
	{ .name = (_name), .site = (_site), .flags = (_flags), .run = (_run), .what = (_what), \
	  .data = &(const struct bad){ .want = BLK_ERROR, __VA_ARGS__ } }
#define BAD(_name, _site, _what, ...) BAD_AS(_name, _site, 0, run_bad, _what, __VA_ARGS__)
#define RO(_name, _what, ...) \
	BAD_AS(_name, "read-only", CASE_READONLY, run_bad, _what, __VA_ARGS__)
/* Not forbidden by the protocol's text: any status will do. */
#define MAY(_name, _site, _what, ...) \
	BAD_AS(_name, _site, CASE_EITHER, run_bad, _what, .nr = 1, __VA_ARGS__)
#define IND(_name, _site, _what, ...) \
	BAD(_name, _site, _what, .op = BLK_INDIRECT, __VA_ARGS__)

/* The last initialiser of a field wins; want is given first and then changed. */
#pragma GCC diagnostic ignored "-Woverride-init"

static const struct xcase cases[] = {
	BAD("nr-0-read", "nr-segments", "read of 0 segments: ERROR", .op = BLK_READ),
	BAD("nr-0-write", "nr-segments", "write of 0 segments: ERROR", .op = BLK_WRITE),
	BAD("nr-12", "nr-segments", "12 segments: ERROR", .nr = 12),
	BAD("nr-255", "nr-segments", "255 segments: ERROR", .op = BLK_WRITE, .nr = 255),
	BAD_AS("nr-flood", "nr-segments", 0, run_flood, "rings full of 255 segments: ERROR",
	       .nr = 255),
	BAD("op-reserved", "op", "operation 4: EOPNOTSUPP", .op = BLK_RESERVED, .nr = 1,
	    .want = BLK_EOPNOTSUPP),
	BAD("op-unknown", "op", "operation 7: EOPNOTSUPP", .op = 7, .nr = 1,
	    .want = BLK_EOPNOTSUPP),
	BAD("op-255", "op", "operation 255: EOPNOTSUPP", .op = 255, .nr = 255,
	    .want = BLK_EOPNOTSUPP),
	IND("indirect-op-indirect", "indirect-op", "indirect in indirect: ERROR", .nr = 16,
	    .indirect_op = BLK_INDIRECT),
	IND("indirect-op-flush", "indirect-op", "indirect flush: ERROR", .nr = 16,
	    .indirect_op = BLK_FLUSH),
	IND("indirect-op-discard", "indirect-op", "indirect discard: ERROR", .nr = 16,
	    .indirect_op = BLK_DISCARD),
	IND("indirect-op-255", "indirect-op", "indirect_op 255: ERROR", .nr = 16,
	    .indirect_op = 255),
	IND("indirect-nr-0", "indirect-nr", "indirect, 0 segments: ERROR", .nr = 0),
	IND("indirect-nr-257", "indirect-nr", "indirect, 257 segments: ERROR", .nr = 257),
	IND("indirect-nr-65535", "indirect-nr", "indirect, 65535 segments: ERROR",
	    .nr = 65535),
	BAD("sect-backwards", "segment", "first_sect > last_sect: ERROR", .nr = 1, .first = 5,
	    .last = 2),
	BAD("sect-last-8", "segment", "last_sect 8: ERROR", .nr = 1, .last = 8),
	BAD("sect-last-255", "segment", "last_sect 255: ERROR", .nr = 1, .last = 255),
	BAD("sect-255-255", "segment", "both 255: ERROR", .op = BLK_WRITE, .nr = 1,
	    .first = 255, .last = 255),
	IND("sect-indirect-backwards", "segment", "the same in an indirect page: ERROR",
	    .nr = 16, .first = 5, .last = 2),
	IND("sect-indirect-255", "segment", "last_sect 255 in an indirect page: ERROR",
	    .nr = 16, .last = 255),
	BAD("sector-end", "sector-range", "read behind the end: ERROR", .nr = 1,
	    .where = AT_END),
	BAD("sector-straddle", "sector-range", "write across the end: ERROR", .op = BLK_WRITE,
	    .nr = 2, .where = AT_STRADDLE),
	BAD("sector-wrap", "sector-range", "sector + n wraps 64 bits: ERROR", .op = BLK_WRITE,
	    .nr = 2, .where = AT_WRAP),
	BAD("sector-max", "sector-range", "sector 2^64 - 1: ERROR", .nr = 1, .where = AT_MAX),
	IND("sector-indirect-straddle", "sector-range", "indirect across the end: ERROR",
	    .nr = 32, .where = AT_STRADDLE),
	IND("sector-indirect-wrap", "sector-range", "indirect wraps 64 bits: ERROR", .nr = 32,
	    .where = AT_WRAP),
	RO("ro-write", "write on a read-only vbd: ERROR", .op = BLK_WRITE, .nr = 1),
	RO("ro-indirect-write", "indirect write on a read-only vbd: ERROR",
	   .op = BLK_INDIRECT, .indirect_op = BLK_WRITE, .nr = 16),
	BAD_AS("ro-barrier", "read-only", CASE_READONLY | CASE_EITHER, run_bad,
	       "barrier on a read-only vbd: no write", .op = BLK_BARRIER, .nr = 1,
	       .want = ANY_STATUS),
	BAD_AS("ro-discard", "read-only", CASE_READONLY | CASE_EITHER, run_bad,
	       "discard on a read-only vbd: refused", .op = BLK_DISCARD, .nr_sectors = 8,
	       .want = ANY_STATUS),
	BAD("discard-end", "discard-range", "discard behind the end: ERROR",
	    .op = BLK_DISCARD, .where = AT_END, .nr_sectors = 8),
	BAD("discard-straddle", "discard-range", "discard across the end: ERROR",
	    .op = BLK_DISCARD, .where = AT_STRADDLE, .nr_sectors = 4096),
	BAD("discard-wrap", "discard-range", "discard wraps 64 bits: ERROR",
	    .op = BLK_DISCARD, .where = AT_WRAP),
	BAD("discard-huge", "discard-range", "discard of 2^64 - 1 sectors: ERROR",
	    .op = BLK_DISCARD, .nr_sectors = ~0ULL),
	MAY("discard-zero", "discard-range", "discard of 0 sectors: answered",
	    .op = BLK_DISCARD, .nr_sectors = 0, .want = ANY_STATUS),
	MAY("discard-odd", "discard-range", "discard of 3 sectors at an odd one: answered",
	    .op = BLK_DISCARD, .where = AT_ODD, .nr_sectors = 3, .want = ANY_STATUS),
	MAY("discard-flags", NULL, "discard with all flag bits set: answered",
	    .op = BLK_DISCARD, .flag = 0xff, .nr_sectors = 8, .want = ANY_STATUS),
	MAY("flush-segments", NULL, "flush with a segment: answered", .op = BLK_FLUSH,
	    .want = ANY_STATUS),
};

const struct case_table blk_front_request = { cases, ARRAY_SIZE(cases) };
