// SPDX-License-Identifier: GPL-2.0-only
/* Requests that take long. */
#include "blkfront.h"

/*
 * The ring that a request waits on, or NULL. It may have been answered or taken
 * back since its time was up, and then has no tag, or that of another request.
 */
static struct blkfront_ring *blkfront_timeout_ring(struct blkfront_dev *bf,
						   struct request *rq)
{
	int tag = READ_ONCE(rq->tag);
	struct blkfront_shadow *sh;

	lockdep_assert_held(&bf->machine.act);
	if (!blk_mq_request_started(rq) || blk_mq_request_completed(rq) ||
	    tag < 0 || tag >= bf->depth)
		return NULL;
	sh = &bf->queues[rq->mq_hctx->queue_num].shadow[tag];
	return sh->rq == rq && sh->on_ring ? READ_ONCE(sh->ring) : NULL;
}

/**
 * blkfront_timeout() - a request was not answered in time
 * @rq: perhaps being answered right now
 *
 * Storage may be slow for good reasons, and a page cannot be had back from a
 * backend that is alive; so a request is not failed for being late. But an
 * event may have been lost, and the backend may be gone without a word: the
 * state machine then looks, and ends the request with all others.
 *
 * Return: BLK_EH_DONE if it was answered. Context: process.
 */
enum blk_eh_timer_return blkfront_timeout(struct request *rq)
{
	struct blkfront_dev *bf = rq->q->queuedata;
	struct blkfront_ring *ring;

	/* Under way already if something happens to the connection. */
	if (!mutex_trylock(&bf->machine.act))
		return BLK_EH_RESET_TIMER;
	ring = blkfront_timeout_ring(bf, rq);
	if (ring) {
		spin_lock_irq(&ring->lock);
		ring->count[BLKFRONT_timeouts]++;
		spin_unlock_irq(&ring->lock);
		blkfront_ring_reap(ring);
	}
	bf->suspect = true;
	mutex_unlock(&bf->machine.act);

	if (!blk_mq_request_started(rq) || blk_mq_request_completed(rq))
		return BLK_EH_DONE;
	dev_warn_ratelimited(&bf->dev->dev,
			     "%s: request at sector %llu unanswered for %u s, backend %s\n",
			     bf->name.disk, (u64)blk_rq_pos(rq),
			     blkfront_request_timeout,
			     xenbus_strstate(xpv_machine_peer_state(&bf->machine)));
	xpv_machine_kick(&bf->machine);
	return BLK_EH_RESET_TIMER;
}
