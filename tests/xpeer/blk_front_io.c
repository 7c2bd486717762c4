// SPDX-License-Identifier: GPL-2.0-only
/* Requests of the frontend we play: posting, collecting, and the plain data check. */
#include <errno.h>
#include <string.h>

#include "blk_front.h"

void bf_fill(uint8_t *mem, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i += sizeof(seed)) {
		uint64_t state = seed + i, v = rnd(&state);

		memcpy(mem + i, &v, sizeof(v));
	}
}

bool bf_same(const uint8_t *mem, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i += sizeof(seed)) {
		uint64_t state = seed + i, v = rnd(&state);

		if (memcmp(mem + i, &v, sizeof(v))) {
			diag("data differ at byte %zu of %zu", i, len);
			return false;
		}
	}
	return true;
}

void bf_post(struct bf_queue *q, const struct bf *f, const struct blk_request *req)
{
	blk_put_request(f->config.abi, ring_slot(&q->ring, q->ring.req_prod), req);
	q->ring.req_prod++;
}

void bf_push(struct bf *f, struct bf_queue *q)
{
	if (ring_push_requests(&q->ring))
		evtchn_notify(&f->dev.evtchn, (uint32_t)q->port);
}

int bf_response(struct bf *f, struct bf_queue *q, struct blk_response *rsp,
		unsigned int ms)
{
	uint64_t end = now_ms() + ms;
	struct ring *r = &q->ring;

	while (!ring_has_responses(r)) {
		uint64_t now = now_ms();

		if (now >= end)
			return 0;
		/* Another queue's event may be taken here: look again soon. */
		evtchn_wait(&f->dev.evtchn, end - now < 20 ? (unsigned int)(end - now) : 20);
	}
	if (ring_get(r, RING_RSP_PROD) - r->rsp_cons > r->nr)
		return -EPROTO;
	blk_get_response(f->config.abi, ring_slot(r, r->rsp_cons), rsp);
	r->rsp_cons++;
	return 1;
}

/* Linux answers an indirect request with the operation inside it, the headers say its own. */
static bool right_op(const struct blk_request *req, const struct blk_response *rsp)
{
	return rsp->op == req->op || (req->op == BLK_INDIRECT && rsp->op == req->indirect_op);
}

int bf_call(struct bf *f, struct bf_queue *q, struct blk_request *req, int *status)
{
	struct blk_response rsp;
	int got;

	req->id = ++f->next_id;
	bf_post(q, f, req);
	bf_push(f, q);
	got = bf_response(f, q, &rsp, f->dev.opt->wait_ms);
	if (got <= 0)
		return got ? got : -ETIMEDOUT;
	*status = rsp.status;
	if (rsp.id != req->id || !right_op(req, &rsp)) {
		diag("asked op %u id %llu, answered op %u id %llu", req->op,
		     (unsigned long long)req->id, rsp.op, (unsigned long long)rsp.id);
		return -EBADMSG;
	}
	return 0;
}

void bf_request(struct bf *f, struct blk_request *req, enum blk_op op, uint64_t sector,
		unsigned int page, unsigned int nr)
{
	memset(req, 0, sizeof(*req));
	req->op = op;
	req->sector = sector;
	req->nr = nr;
	for (unsigned int i = 0; i < nr && i < BLK_SEGMENTS; i++) {
		req->seg[i].gref = f->dev.pages.ref[page + i];
		req->seg[i].last = PAGE_SECTORS - 1;
	}
}

struct blk_segment *bf_indirect_segment(struct bf *f, unsigned int n)
{
	/* The table's pages follow each other, and a page holds whole segments. */
	return (struct blk_segment *)(f->dev.pages.mem + BF_BIG * PAGE_BYTES) + n;
}

void bf_indirect(struct bf *f, struct blk_request *req, enum blk_op op, uint64_t sector,
		 unsigned int nr)
{
	memset(req, 0, sizeof(*req));
	req->op = BLK_INDIRECT;
	req->indirect_op = op;
	req->sector = sector;
	req->nr = nr;
	for (unsigned int i = 0; i < BLK_INDIRECT_PAGES; i++)
		req->gref[i] = f->dev.pages.ref[BF_BIG + i];
	for (unsigned int i = 0; i < nr && i < BLK_INDIRECT_PAGES * BLK_SEGS_PER_PAGE; i++)
		*bf_indirect_segment(f, i) = (struct blk_segment){
			.gref = f->dev.pages.ref[i % BF_BIG],
			.last = PAGE_SECTORS - 1,
		};
}

enum verdict bf_expect(struct bf *f, struct blk_request *req, int want, const char *what)
{
	int status = 0, err = bf_call(f, &f->queue[0], req, &status);

	if (err == -ETIMEDOUT)
		return fail("%s: no response after %u ms", what, f->dev.opt->wait_ms);
	if (err)
		return fail("%s: wrong response (%s)", what, strerror(-err));
	if (want == ANY_STATUS ? status > BLK_OKAY || status < BLK_EOPNOTSUPP : status != want)
		return fail("%s: status %d, wanted %d", what, status, want);
	return V_PASS;
}

static enum verdict verify_queue(struct bf *f, unsigned int n)
{
	uint64_t sector = BF_SCRATCH + n * 1024;
	uint64_t seed = now_ms() * 4 + n;
	unsigned int pages = 8;
	size_t len = (size_t)pages * PAGE_BYTES;
	struct blk_request req;
	int status = 0, err;

	bf_fill(f->dev.pages.mem, len, seed);
	bf_request(f, &req, f->readonly ? BLK_READ : BLK_WRITE, sector, 0, pages);
	err = bf_call(f, &f->queue[n], &req, &status);
	if (err || status)
		return fail("queue %u: good request: %s, status %d", n, strerror(-err), status);
	if (f->readonly)
		return V_PASS;
	memset(f->dev.pages.mem, 0, len);
	bf_request(f, &req, BLK_READ, sector, 0, pages);
	err = bf_call(f, &f->queue[n], &req, &status);
	if (err || status)
		return fail("queue %u: good read: %s, status %d", n, strerror(-err), status);
	return bf_same(f->dev.pages.mem, len, seed) ? V_PASS : fail("queue %u: wrong data", n);
}

enum verdict bf_verify(struct front *dev)
{
	struct bf *f = to_bf(dev);
	enum verdict v = V_PASS;

	for (unsigned int i = 0; i < f->nr_queues && v == V_PASS; i++)
		v = verify_queue(f, i);
	return v;
}

enum verdict bf_silent(struct bf *f, unsigned int ms)
{
	struct blk_response rsp;
	int got;

	got = bf_response(f, &f->queue[0], &rsp, ms);
	if (got)
		return fail("the ring goes on: %d, id %llu, status %d", got,
			    (unsigned long long)(got > 0 ? rsp.id : 0),
			    got > 0 ? rsp.status : 0);
	return V_PASS;
}
