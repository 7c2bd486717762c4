// SPDX-License-Identifier: GPL-2.0-only
/* Serving a guest's requests from memory. */
#include <errno.h>
#include <string.h>

#include "blk_back.h"

void bb_respond(struct bb_queue *q, const struct blk_response *rsp)
{
	blk_put_response(NULL, ring_slot(&q->ring, q->ring.rsp_prod), rsp);
	q->ring.rsp_prod++;
}

void bb_flush(struct bb *b, struct bb_queue *q)
{
	if (q->ring.rsp_prod != ring_get(&q->ring, RING_RSP_PROD) &&
	    ring_push_responses(&q->ring))
		evtchn_notify(&b->dev.evtchn, (uint32_t)q->port);
}

struct blk_response bb_response(const struct blk_request *req, int status)
{
	return (struct blk_response){
		.id = req->id,
		/* Not BLK_INDIRECT: Linux's frontends have always been answered so. */
		.op = req->op == BLK_INDIRECT ? req->indirect_op : req->op,
		.status = (int16_t)status,
	};
}

void bb_reply(struct bb *b, struct bb_queue *q, const struct blk_request *req, int status)
{
	struct blk_response rsp = bb_response(req, status);

	(void)b;
	bb_respond(q, &rsp);
}

void bb_hold(struct bb *b, struct bb_queue *q, const struct blk_request *req, int status)
{
	if (b->nr_held < BB_HELD)
		b->held[b->nr_held++] = (struct bb_held){ q, *req, status };
}

int bb_segments(struct bb *b, const struct blk_request *req, struct blk_segment *seg)
{
	unsigned int nr = req->nr;

	if (req->op != BLK_INDIRECT) {
		if (nr > BLK_SEGMENTS)
			return -EINVAL;
		memcpy(seg, req->seg, nr * sizeof(*seg));
		return (int)nr;
	}
	if (!nr || nr > BB_INDIRECT)
		return -EINVAL;
	/* At most one page of them, as few as we offer. */
	return grant_copy(b->dev.opt->domid,
			  &(struct grant_piece){
				.ref = req->gref[0],
				.len = (uint16_t)(nr * sizeof(*seg)),
				.buf = seg,
			  }, 1, false) ?: (int)nr;
}

/* The mapping of a persistent grant, made on first use. NULL: copy instead. */
static uint8_t *kept_page(struct bb *b, uint32_t ref)
{
	for (unsigned int i = 0; i < BB_KEPT; i++) {
		struct bb_kept *k = &b->kept[(ref + i) % BB_KEPT];

		if (k->map.count && k->ref == ref)
			return k->map.mem;
		if (k->map.count)
			continue;
		if (grant_map(&k->map, b->dev.opt->domid, &ref, 1, true))
			return NULL;
		k->ref = ref;
		return k->map.mem;
	}
	return NULL;
}

void bb_forget_grants(struct bb *b)
{
	for (unsigned int i = 0; i < BB_KEPT; i++)
		grant_unmap(&b->kept[i].map);
}

static int transfer(struct bb *b, const struct blk_request *req, bool to_guest)
{
	struct blk_segment seg[BB_INDIRECT];
	struct grant_piece piece[BB_INDIRECT];
	uint64_t at = req->sector;
	unsigned int nr = 0;
	int segs = bb_segments(b, req, seg);

	if (segs < 0)
		return segs;
	for (int i = 0; i < segs; i++) {
		unsigned int n = seg[i].last - seg[i].first + 1u;
		uint8_t *data, *page;

		if (seg[i].first > seg[i].last || seg[i].last >= PAGE_SECTORS ||
		    at > b->capacity || n > b->capacity - at)
			return -EINVAL;
		data = b->disk + at * SECTOR_BYTES;
		at += n;
		page = b->persistent ? kept_page(b, seg[i].gref) : NULL;
		if (page && to_guest)
			memcpy(page + seg[i].first * SECTOR_BYTES, data, n * SECTOR_BYTES);
		else if (page)
			memcpy(data, page + seg[i].first * SECTOR_BYTES, n * SECTOR_BYTES);
		else
			piece[nr++] = (struct grant_piece){
				.ref = seg[i].gref, .buf = data,
				.offset = (uint16_t)(seg[i].first * SECTOR_BYTES),
				.len = (uint16_t)(n * SECTOR_BYTES),
			};
	}
	return nr ? grant_copy(b->dev.opt->domid, piece, nr, to_guest) : 0;
}

static int execute(struct bb *b, const struct blk_request *req)
{
	uint8_t op = req->op == BLK_INDIRECT ? req->indirect_op : req->op;
	int err = 0;

	b->served[op]++;
	switch (op) {
	case BLK_READ:
	case BLK_WRITE:
	case BLK_BARRIER:
		err = transfer(b, req, op == BLK_READ);
		break;
	case BLK_FLUSH:
		break;
	case BLK_DISCARD:
		if (req->sector > b->capacity || req->nr_sectors > b->capacity - req->sector)
			err = -EINVAL;
		else
			memset(b->disk + req->sector * SECTOR_BYTES, 0,
			       req->nr_sectors * SECTOR_BYTES);
		break;
	default:
		return BLK_EOPNOTSUPP;
	}
	if (err)
		diag("op %u sector %llu nr %u: %s", req->op, (unsigned long long)req->sector,
		     req->nr, strerror(-err));
	return err ? BLK_ERROR : BLK_OKAY;
}

static void serve_queue(struct bb *b, struct bb_queue *q)
{
	struct blk_request req;

	while (ring_has_requests(&q->ring)) {
		if (ring_get(&q->ring, RING_REQ_PROD) - q->ring.req_cons > q->ring.nr) {
			diag("FAIL: the frontend's producer makes no sense");
			return;
		}
		blk_get_request(b->abi, ring_slot(&q->ring, q->ring.req_cons), &req);
		q->ring.req_cons++;
		if (b->dev.opt->verbose)
			diag("op %u id %llu sector %llu nr %u", req.op,
			     (unsigned long long)req.id, (unsigned long long)req.sector, req.nr);
		b->reply(b, q, &req, execute(b, &req));
	}
	bb_flush(b, q);
}

void bb_serve(struct back *dev)
{
	struct bb *b = to_bb(dev);

	for (unsigned int i = 0; i < b->nr_queues; i++)
		serve_queue(b, &b->queue[i]);
}
