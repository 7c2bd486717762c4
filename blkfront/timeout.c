// SPDX-License-Identifier: GPL-2.0-only
/* Timeouts of requests. */
#include "blkfront.h"

/*
 * The ring that a request waits on, or NULL. The request may have been answered
 * or taken back since its timeout, and then has no tag, or its tag belongs to
 * another request.
 */
static struct blkfront_ring *blkfront_timeout_ring(struct blkfront_dev *bf,
						   struct request *rq)
{
	int tag = READ_ONCE(rq->tag);
	struct blkfront_shadow *sh;

	lockdep_assert_held(&bf->fsm.act);
	if (!blk_mq_request_started(rq) || blk_mq_request_completed(rq) ||
	    tag < 0 || tag >= bf->depth)
		return NULL;
	sh = &bf->queues[rq->mq_hctx->queue_num].shadow[tag];
	return sh->rq == rq && sh->on_ring ? READ_ONCE(sh->ring) : NULL;
}

/**
 * blkfront_timeout() - a request was not answered in time
 * @rq: may be completed concurrently
 *
 * Storage may be slow for good reasons, and a page cannot be taken back from a
 * working backend, so a late request does not fail. But an event may have been
 * lost, or the backend may have died silently. The state machine checks this
 * and then fails this request with all others.
 *
 * Return: BLK_EH_DONE if it was answered.
 * Context: process.
 */
enum blk_eh_timer_return blkfront_timeout(struct request *rq)
{
	struct blkfront_dev *bf = rq->q->queuedata;
	struct blkfront_ring *ring;

	/* An action runs already and will handle the connection. */
	if (!mutex_trylock(&bf->fsm.act))
		return BLK_EH_RESET_TIMER;
	ring = blkfront_timeout_ring(bf, rq);
	if (ring) {
		spin_lock_irq(&ring->lock);
		ring->count[BLKFRONT_timeouts]++;
		spin_unlock_irq(&ring->lock);
		blkfront_ring_complete(ring);
	}
	bf->link.suspect = true;
	mutex_unlock(&bf->fsm.act);

	if (!blk_mq_request_started(rq) || blk_mq_request_completed(rq))
		return BLK_EH_DONE;
	dev_warn_ratelimited(&bf->dev->dev,
			     "%s: request at sector %llu unanswered for %u s, backend %s\n",
			     bf->name.disk, (u64)blk_rq_pos(rq),
			     blkfront_request_timeout,
			     xenbus_strstate(xpv_fsm_peer_state(&bf->fsm)));
	xpv_fsm_kick(&bf->fsm);
	return BLK_EH_RESET_TIMER;
}
