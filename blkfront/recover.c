// SPDX-License-Identifier: GPL-2.0-only
/*
 * Between two connections: requests are taken back from a ring that is given
 * up. They wait in the block layer until there is a new ring or the wait is
 * given up.
 *
 * A request that fits the new backend is sent unchanged. One that does not fit
 * is detected when it is queued: its bios are resubmitted, so that they are
 * split by the current limits. Flushes are preserved in both cases: the block
 * layer's flush machinery either just sees a slow request, or starts over with
 * the bio.
 */
#include <linux/delay.h>
#include <linux/slab.h>
#include "blkfront.h"

/*
 * Get room for @all segments in each shadow of a queue; returns the old memory.
 */
static struct blkfront_seg *blkfront_shadows_move(struct blkfront_dev *bf,
						  struct blkfront_queue *queue,
						  struct blkfront_seg *mem,
						  unsigned int all)
{
	struct blkfront_seg *old = queue->segs;
	unsigned int tag;

	for (tag = 0; tag < bf->depth; tag++) {
		struct blkfront_shadow *sh = &queue->shadow[tag];

		if (sh->fenced)	/* the fence keeps track of its grants there */
			memcpy(mem + tag * all, sh->segs,
			       (sh->nr_segs + sh->nr_ind) * sizeof(*mem));
		/* read by blkfront_show_rq() */
		WRITE_ONCE(sh->segs, mem + tag * all);
	}
	queue->segs = mem;
	return old;
}

/**
 * blkfront_shadows_fit() - make room for the segments of the largest request
 * @bf:   no request is on a ring, and none can be queued
 * @segs: data segments
 *
 * Return: 0 or -ENOMEM; then the old capacity remains.
 * Context: process.
 */
int blkfront_shadows_fit(struct blkfront_dev *bf, unsigned int segs)
{
	unsigned int all = segs + blkfront_parse_indirect_pages(segs);
	struct blkfront_seg *mem, *old;
	unsigned int i;

	if (segs <= bf->max_segs)
		return 0;
	for (i = 0; i < bf->nr_queues; i++) {
		mem = kvcalloc(array_size(bf->depth, all), sizeof(*mem),
			       GFP_KERNEL);
		if (!mem)
			return -ENOMEM;
		old = blkfront_shadows_move(bf, &bf->queues[i], mem, all);
		if (old)
			synchronize_rcu();	/* for blkfront_show_rq() */
		kvfree(old);
	}
	WRITE_ONCE(bf->max_segs, segs);
	return 0;
}

/*
 * Requeue a request. If the old backend still maps a page of it, it may also
 * still process the request: then fence it instead.
 *
 * A write whose data the old backend has taken, and that was waiting for its flush
 * only, is written again: the data may be lost with the cache of that backend.
 */
static void blkfront_take_back(struct blkfront_shadow *sh)
{
	struct blkfront_ring *ring = sh->ring;
	struct request *rq = sh->rq;

	sh->on_ring = false;
	sh->answer = BLKFRONT_ERROR;
	rq->rq_flags &= ~RQF_DONTPREP;
	if (sh->nr_segs && blkfront_grant_take_back(sh)) {
		blkfront_fence_add(sh);
		return;
	}
	ring->count[BLKFRONT_requeued]++;
	ring->bf->repeated++;
	blk_mq_requeue_request(rq, false);
}

/*
 * Answered requests are being completed on other CPUs and use pages of a ring.
 * blk_mq_tagset_wait_completed_request() cannot be used: the block layer treats
 * the data of a FUA write as complete while its flush is not, and the flush
 * waits for the reconnect.
 */
static void blkfront_await_ends(struct blkfront_dev *bf)
{
	unsigned int i, tag;

	for (i = 0; i < bf->nr_queues; i++)
		for (tag = 0; tag < bf->depth; tag++)
			/* pairs with blkfront_complete_request() */
			while (smp_load_acquire(&bf->queues[i].shadow[tag].ending))
				usleep_range(100, 1000);
}

static void blkfront_take_back_all(struct blkfront_dev *bf)
{
	unsigned int i, tag;

	for (i = 0; i < bf->nr_queues; i++)
		for (tag = 0; tag < bf->depth; tag++)
			if (bf->queues[i].shadow[tag].on_ring)
				blkfront_take_back(&bf->queues[i].shadow[tag]);
}

/**
 * blkfront_hold() - quiesce the queue until blkfront_release()
 * @bf: any
 *
 * No request reaches a ring afterwards.
 *
 * Context: process, under fsm.act.
 */
void blkfront_hold(struct blkfront_dev *bf)
{
	lockdep_assert_held(&bf->fsm.act);
	if (!bf->disk || blkfront_is_gone(bf) || bf->quiesced)
		return;
	blk_mq_quiesce_queue(bf->disk->queue);
	bf->quiesced = true;
}

/**
 * blkfront_disconnect() - give up the rings, in whatever state they are
 * @bf: any
 *
 * Requests wait until blkfront_release(). This does not wait for the backend.
 *
 * Context: process, under fsm.act.
 */
void blkfront_disconnect(struct blkfront_dev *bf)
{
	unsigned int i;

	lockdep_assert_held(&bf->fsm.act);
	blkfront_hold(bf);
	if (bf->rings[0].up)	/* otherwise an earlier connection is the last */
		bf->nr_latest = 0;
	if (blkfront_is_linked(bf))
		blkfront_phase_set(bf, BLKFRONT_PHASE_DOWN);
	cancel_delayed_work_sync(&bf->purge);
	gnttab_cancel_free_callback(&bf->grant_cb);
	for (i = 0; i < bf->max_rings; i++)
		xpv_event_close(&bf->rings[i].event);

	/* Requests that were answered need not be repeated. */
	for (i = 0; i < bf->max_rings; i++)
		blkfront_ring_complete(&bf->rings[i]);
	for (i = 0; i < bf->max_rings; i++) {
		spin_lock_irq(&bf->rings[i].lock);
		bf->rings[i].up = false;
		spin_unlock_irq(&bf->rings[i].lock);
	}
	if (bf->disk && !blkfront_is_gone(bf)) {
		blkfront_await_ends(bf);
		blkfront_take_back_all(bf);
	}
	for (i = 0; i < bf->max_rings; i++) {
		blkfront_grant_teardown(&bf->rings[i]);
		xpv_shared_close(&bf->rings[i].shared);
		bf->rings[i].half.sring = NULL;
	}
	bf->link.halted = false;
	bf->link.suspect = false;
}

/**
 * blkfront_release() - unquiesce the queue
 * @bf: any; in phase Failing or later, requests fail
 *
 * Context: process, under fsm.act.
 */
void blkfront_release(struct blkfront_dev *bf)
{
	lockdep_assert_held(&bf->fsm.act);
	if (!bf->quiesced || blkfront_is_gone(bf))
		return;
	bf->quiesced = false;
	blk_mq_unquiesce_queue(bf->disk->queue);
	blk_mq_kick_requeue_list(bf->disk->queue);
}

/**
 * blkfront_resubmit() - resubmit a request's bios with the new limits
 * @bf: device
 * @rq: started; it has no bios afterwards, and the caller completes it
 *
 * Context: any.
 */
void blkfront_resubmit(struct blkfront_dev *bf, struct request *rq)
{
	struct blkfront_ring *ring = blkfront_shadow_of(rq)->ring;
	unsigned long flags;

	spin_lock_irqsave(&bf->resubmit_lock, flags);
	blk_steal_bios(&bf->resubmit, rq);
	spin_unlock_irqrestore(&bf->resubmit_lock, flags);
	if (ring)
		ring->count[BLKFRONT_resplit]++;
	queue_work(blkfront_wq, &bf->resubmit_work);
}

/**
 * blkfront_resubmit_work() - submit the bios that blkfront_resubmit() collected
 * @work: resubmit_work of a device
 */
void blkfront_resubmit_work(struct work_struct *work)
{
	struct blkfront_dev *bf = container_of(work, struct blkfront_dev,
					       resubmit_work);
	struct bio_list resubmit;
	struct bio *bio;

	flush_work(&bf->limits_work);	/* otherwise the bios would come back */
	spin_lock_irq(&bf->resubmit_lock);
	resubmit = bf->resubmit;
	bio_list_init(&bf->resubmit);
	spin_unlock_irq(&bf->resubmit_lock);

	while ((bio = bio_list_pop(&resubmit))) {
		/* The submitter is not here any more to handle -EAGAIN. */
		bio->bi_opf &= ~REQ_NOWAIT;
		submit_bio_noacct(bio);
	}
}
