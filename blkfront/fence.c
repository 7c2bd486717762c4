// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fenced requests: an earlier backend still maps their pages.
 *
 * Our own pages stay out of use until the backend has unmapped them: see the
 * unrevoked pages in reclaim.c. The pages of a bio belong to the submitter. It
 * does not touch them until its request is completed, so the request waits
 * here. When the backend's domain is destroyed, Xen removes its mappings, and
 * the request is repeated.
 *
 * A domain that hangs, or that is preserved after a crash, keeps them. In the
 * case of a write it can only read the data: the request is repeated after a
 * short time, and the old grant is left to the grant table code, which holds
 * the page until the grant ends. In the case of a read it could change the
 * data: the request waits as long as for a reconnect, and then fails.
 */
#include <linux/sched/mm.h>
#include "blkfront.h"

#define BLKFRONT_FENCE_LOOK	(HZ / 20)
#define BLKFRONT_FENCE_WRITE	(2 * HZ)

/**
 * blkfront_fence_add() - keep a request until its pages are unmapped
 * @sh: not on the ring any more; a page of its bio is still mapped
 *
 * Context: process, under fsm.act.
 */
void blkfront_fence_add(struct blkfront_shadow *sh)
{
	struct blkfront_dev *bf = sh->ring->bf;

	lockdep_assert_held(&bf->fsm.act);
	sh->fenced = true;
	sh->since = jiffies;
	bf->fenced_total++;
	if (!bf->nr_fenced++)
		queue_delayed_work(blkfront_wq, &bf->fence,
				   BLKFRONT_FENCE_LOOK);
}

/*
 * True if the time limit is over: grants that are not revoked are then left to
 * the grant table code.
 */
static bool blkfront_fence_is_late(struct blkfront_dev *bf,
				   struct blkfront_shadow *sh)
{
	unsigned long wait = msecs_to_jiffies(blkfront_outage_limit());

	if (blkfront_is_failing(bf))
		return true;
	if (sh->op != BLKIF_OP_READ)
		wait = min_t(unsigned long, wait, BLKFRONT_FENCE_WRITE);
	return time_after(jiffies, sh->since + wait);
}

static void blkfront_fence_look(struct blkfront_dev *bf,
				struct blkfront_shadow *sh)
{
	bool fails = false;

	if (blkfront_grant_take_back(sh)) {
		if (!blkfront_fence_is_late(bf, sh))
			return;
		blkfront_grant_abandon(sh);
		fails = sh->op == BLKIF_OP_READ ||
			blkfront_is_failing(bf);
	}
	sh->fenced = false;
	bf->nr_fenced--;
	if (fails) {
		bf->dropped++;
		blk_mq_end_request(sh->rq, BLK_STS_IOERR);
	} else {
		bf->repeated++;
		sh->ring->count[BLKFRONT_requeued]++;
		blk_mq_requeue_request(sh->rq, !bf->quiesced);
	}
}

static void blkfront_fence_look_all(struct blkfront_dev *bf)
{
	unsigned int i, tag;

	for (i = 0; bf->nr_fenced && i < bf->nr_queues; i++)
		for (tag = 0; tag < bf->depth; tag++)
			if (bf->queues[i].shadow[tag].fenced)
				blkfront_fence_look(bf,
						    &bf->queues[i].shadow[tag]);
}

/**
 * blkfront_fence_work() - continue requests whose pages are unmapped
 * @work: fence of a device
 */
void blkfront_fence_work(struct work_struct *work)
{
	struct blkfront_dev *bf = container_of(to_delayed_work(work),
					       struct blkfront_dev, fence);
	unsigned int noio;

	mutex_lock(&bf->fsm.act);
	noio = memalloc_noio_save();
	blkfront_fence_look_all(bf);
	if (bf->nr_fenced)
		queue_delayed_work(blkfront_wq, &bf->fence,
				   BLKFRONT_FENCE_LOOK);
	memalloc_noio_restore(noio);
	mutex_unlock(&bf->fsm.act);
}

/**
 * blkfront_fence_end() - stop waiting for all fenced requests
 * @bf: failing
 *
 * Context: process, under fsm.act.
 */
void blkfront_fence_end(struct blkfront_dev *bf)
{
	lockdep_assert_held(&bf->fsm.act);
	blkfront_fence_look_all(bf);
}
