// SPDX-License-Identifier: GPL-2.0-only
/* The request path: from the block layer to the ring and back. */
#include "blkfront.h"
#include "trace.h"

/*
 * True if a page belongs to another domain and is mapped here: a driver domain
 * that uses our disk maps pages of its guests. We cannot grant them. A page of
 * a file or a process uses the flag for another purpose, and has a mapping.
 */
static bool blkfront_page_is_foreign(struct page *page)
{
	return unlikely(PageForeign(page)) && !READ_ONCE(page->mapping);
}

/*
 * Count the pages of a request's data. Data that is not aligned to blocks
 * cannot be described to the backend, so it is packed into bufs.
 */
static void blkfront_plan_data(struct blkfront_dev *bf,
			       struct blkfront_shadow *sh, struct request *rq)
{
	unsigned int misfit = 0, nr = 0;
	struct req_iterator iter;
	bool foreign = false;
	struct bio_vec bv;

	sh->op = rq_data_dir(rq) == WRITE ? BLKIF_OP_WRITE : BLKIF_OP_READ;
	sh->bounced = bf->link.persistent || bf->link.bounce;
	if (!sh->bounced) {
		rq_for_each_segment(bv, rq, iter) {
			misfit |= bv.bv_offset | bv.bv_len;
			foreign |= blkfront_page_is_foreign(bv.bv_page);
			nr++;
		}
		sh->bounced = foreign || misfit & (bf->link.features.block_size - 1);
	}
	if (sh->bounced)
		nr = DIV_ROUND_UP(blk_rq_bytes(rq), PAGE_SIZE);
	sh->nr_segs = min_t(unsigned int, nr, U16_MAX);
	sh->nr_ind = blkfront_parse_indirect_pages(sh->nr_segs);
}

/*
 * Decide the operation of the request.
 *
 * Return: BLK_STS_OK; BLK_STS_NOTSUPP; BLK_STS_AGAIN if the request was built
 * for another backend and is too large for this one.
 */
static blk_status_t blkfront_plan(struct blkfront_dev *bf,
				  struct blkfront_shadow *sh,
				  struct request *rq)
{
	sh->nr_segs = 0;
	sh->nr_ind = 0;
	sh->bounced = false;

	/* Its data has already been written. */
	if (unlikely(rq->rq_flags & RQF_DONTPREP)) {
		sh->op = blkfront_flush_op(bf);
		return BLK_STS_OK;
	}
	switch (req_op(rq)) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
		blkfront_plan_data(bf, sh, rq);
		return sh->nr_segs > bf->link.features.segs ? BLK_STS_AGAIN :
						      BLK_STS_OK;
	case REQ_OP_FLUSH:
		sh->op = blkfront_flush_op(bf);
		return BLK_STS_OK;
	case REQ_OP_DISCARD:
		sh->op = BLKIF_OP_DISCARD;
		return blkfront_can_discard(bf) ? BLK_STS_OK : BLK_STS_NOTSUPP;
	case REQ_OP_SECURE_ERASE:
		sh->op = BLKIF_OP_DISCARD;
		return blkfront_can_erase(bf) ? BLK_STS_OK : BLK_STS_NOTSUPP;
	default:
		return BLK_STS_NOTSUPP;
	}
}

/*
 * Grant the data and build the ring's request in private memory. Returns the
 * number of grants used.
 */
static unsigned int blkfront_fill(struct blkfront_dev *bf,
				  struct blkfront_shadow *sh,
				  struct request *rq, u64 id,
				  struct blkif_request *req)
{
	/* Also clear the padding, which the backend can read. */
	memset(req, 0, sizeof(*req));
	if (sh->nr_ind) {
		req->operation = BLKIF_OP_INDIRECT;
		req->u.indirect.indirect_op = sh->op;
		req->u.indirect.nr_segments = sh->nr_segs;
		req->u.indirect.id = id;
		req->u.indirect.sector_number = blk_rq_pos(rq);
		req->u.indirect.handle = bf->handle;
	} else if (sh->op == BLKIF_OP_DISCARD) {
		req->operation = BLKIF_OP_DISCARD;
		req->u.discard.id = id;
		req->u.discard.sector_number = blk_rq_pos(rq);
		req->u.discard.nr_sectors = blk_rq_sectors(rq);
		if (req_op(rq) == REQ_OP_SECURE_ERASE)
			req->u.discard.flag = BLKIF_DISCARD_SECURE;
	} else {
		req->operation = sh->op;
		req->u.rw.nr_segments = sh->nr_segs;
		req->u.rw.handle = bf->handle;
		req->u.rw.id = id;
		if (sh->nr_segs)	/* a flush has no sector */
			req->u.rw.sector_number = blk_rq_pos(rq);
	}
	return sh->nr_segs ? blkfront_grant_data(sh, req) : 0;
}

/* Called with a spinlock held when there are grant references again. */
static void blkfront_grants_free(void *arg)
{
	struct blkfront_dev *bf = arg;

	queue_work(blkfront_wq, &bf->kick_work);
}

/*
 * Reserve a slot and the grants for the data.
 *
 * This always returns BLK_STS_RESOURCE and never BLK_STS_DEV_RESOURCE: the
 * missing resource may be held by a request of another queue, and the block
 * layer would not know to wait for that. With BLK_STS_RESOURCE it tries again
 * by itself; the wake-ups only make it faster.
 */
static blk_status_t blkfront_claim(struct blkfront_ring *ring,
				   struct blkfront_shadow *sh)
{
	blk_status_t status = BLK_STS_RESOURCE;
	unsigned long flags;
	int err;

	spin_lock_irqsave(&ring->lock, flags);
	if (unlikely(!ring->up || ring->halted)) {
		status = BLK_STS_IOERR;
	} else if (unlikely(xpv_front_free(&ring->half) <= ring->claimed)) {
		ring->count[BLKFRONT_ring_full]++;
		ring->starved = true;
		blkfront_ring_waited(ring, false);
	} else {
		err = blkfront_grant_take(ring, sh);
		if (likely(!err)) {
			status = BLK_STS_OK;
			ring->claimed++;
		} else {
			ring->count[BLKFRONT_no_memory]++;
			ring->starved = true;
			blkfront_ring_waited(ring, false);
		}
		if (unlikely(err == -ENOSPC))
			gnttab_request_free_callback(&ring->bf->grant_cb,
						     blkfront_grants_free,
						     ring->bf,
						     sh->nr_segs + sh->nr_ind +
						     XPV_SPARE_REFS);
	}
	spin_unlock_irqrestore(&ring->lock, flags);
	return status;
}

/* Put the request on the ring. @last: publish it to the backend. */
static void blkfront_put(struct blkfront_ring *ring, struct blkfront_shadow *sh,
			 const struct blkif_request *req, u64 id,
			 unsigned int given, bool last)
{
	struct request *rq = sh->rq;
	bool notify = false;
	unsigned long flags;

	trace_blkfront_request(dev_name(&ring->bf->dev->dev), ring->index, id,
			       sh->op, blk_rq_pos(rq), blk_rq_bytes(rq),
			       sh->nr_segs, sh->nr_ind);
	spin_lock_irqsave(&ring->lock, flags);
	xpv_peer_store(xpv_ring_entry(&ring->half, ring->half.prod), req,
		       sizeof(*req));
	ring->half.prod++;
	ring->claimed--;
	sh->on_ring = true;
	sh->polled = rq->cmd_flags & REQ_POLLED;
	ring->polled += sh->polled;
	blkfront_ring_waited(ring, sh->polled);
	ring->count[BLKFRONT_polled] += sh->polled;
	ring->count[BLKFRONT_requests]++;
	ring->count[BLKFRONT_segments] += sh->nr_segs;
	ring->count[BLKFRONT_indirect_requests] += !!sh->nr_ind;
	ring->count[BLKFRONT_grants_given] += given;
	if (sh->bounced && sh->op == BLKIF_OP_WRITE)
		ring->count[BLKFRONT_bytes_copied] += blk_rq_bytes(rq);
	blk_mq_start_request(rq);
	if (last)
		notify = blkfront_ring_push(ring);
	spin_unlock_irqrestore(&ring->lock, flags);
	if (notify)
		blkfront_ring_notify(ring);
}

static void blkfront_commit_rqs(struct blk_mq_hw_ctx *hctx)
{
	struct blkfront_dev *bf = hctx->queue->queuedata;
	struct blkfront_ring *ring = bf->queues[hctx->queue_num].ring;
	unsigned long flags;
	bool notify;

	spin_lock_irqsave(&ring->lock, flags);
	notify = ring->up && blkfront_ring_push(ring);
	spin_unlock_irqrestore(&ring->lock, flags);
	if (notify)
		blkfront_ring_notify(ring);
}

/* Complete a request without the backend. */
static blk_status_t blkfront_skip(struct blk_mq_hw_ctx *hctx,
				  const struct blk_mq_queue_data *bd,
				  bool again)
{
	struct blkfront_dev *bf = hctx->queue->queuedata;

	blk_mq_start_request(bd->rq);
	if (again)
		blkfront_resubmit(bf, bd->rq);
	blk_mq_end_request(bd->rq, BLK_STS_OK);
	if (bd->last)
		blkfront_commit_rqs(hctx);
	return BLK_STS_OK;
}

static blk_status_t blkfront_queue_rq(struct blk_mq_hw_ctx *hctx,
				      const struct blk_mq_queue_data *bd)
{
	struct blkfront_dev *bf = hctx->queue->queuedata;
	struct blkfront_queue *queue = &bf->queues[hctx->queue_num];
	struct blkfront_ring *ring = queue->ring;
	struct request *rq = bd->rq;
	struct blkfront_shadow *sh = &queue->shadow[rq->tag];
	struct blkif_request req;
	unsigned int given;
	blk_status_t status;
	u64 id;

	if (unlikely(blkfront_is_failing(bf)))
		return BLK_STS_IOERR;
	status = blkfront_plan(bf, sh, rq);
	if (unlikely(status == BLK_STS_AGAIN))
		return blkfront_skip(hctx, bd, true);
	if (unlikely(status))
		return status;
	if (sh->op == BLKFRONT_OP_NONE)
		return blkfront_skip(hctx, bd, false);

	sh->rq = rq;
	WRITE_ONCE(sh->ring, ring);
	status = blkfront_claim(ring, sh);
	if (unlikely(status))
		return status;
	id = blkfront_parse_make_id(hctx->queue_num, rq->tag);
	given = blkfront_fill(bf, sh, rq, id, &req);
	blkfront_put(ring, sh, &req, id, given, bd->last);
	return BLK_STS_OK;
}

/* Each CPU has one queue of each kind. The polled queues come last. */
static void blkfront_map_queues(struct blk_mq_tag_set *set)
{
	struct blkfront_dev *bf = set->driver_data;
	struct blk_mq_queue_map *map = set->map;
	unsigned int polled = 0;

	/* A crash kernel has only one queue, whatever the parameters say. */
	if (set->nr_maps > HCTX_TYPE_POLL)
		polled = bf->nr_polled;
	map[HCTX_TYPE_DEFAULT].nr_queues = set->nr_hw_queues - polled;
	map[HCTX_TYPE_DEFAULT].queue_offset = 0;
	blk_mq_map_queues(&map[HCTX_TYPE_DEFAULT]);
	if (!polled)
		return;
	map[HCTX_TYPE_READ].nr_queues = 0;
	map[HCTX_TYPE_POLL].nr_queues = polled;
	map[HCTX_TYPE_POLL].queue_offset = map[HCTX_TYPE_DEFAULT].nr_queues;
	blk_mq_map_queues(&map[HCTX_TYPE_POLL]);
}

/* A submitter polls for the completion of its requests. */
static int blkfront_poll(struct blk_mq_hw_ctx *hctx, struct io_comp_batch *iob)
{
	struct blkfront_dev *bf = hctx->queue->queuedata;

	return blkfront_ring_poll(READ_ONCE(bf->queues[hctx->queue_num].ring));
}

/* Runs on the CPU that the block layer chose. */
static void blkfront_complete(struct request *rq)
{
	bool requeued = false;
	blk_status_t status = blkfront_complete_request(rq, &requeued);

	if (!requeued)
		blk_mq_end_request(rq, status);
}

const struct blk_mq_ops blkfront_mq_ops = {
	.queue_rq = blkfront_queue_rq,
	.commit_rqs = blkfront_commit_rqs,
	.complete = blkfront_complete,
	.timeout = blkfront_timeout,
	.map_queues = blkfront_map_queues,
	.poll = blkfront_poll,
#ifdef CONFIG_BLK_DEBUG_FS
	.show_rq = blkfront_show_rq,
#endif
};
