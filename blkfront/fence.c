// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests whose pages an earlier backend still maps.
 *
 * Pages of our own stay out of use until it has let go of them: see the grave in
 * grant.c. Pages of a bio are the submitter's. As long as its request is not
 * ended it does nothing with them, so the request waits here. When the backend's
 * domain is destroyed Xen takes its mappings away, and the request is repeated.
 *
 * A domain that is kept, crashed or hung, keeps them. It can only read the data
 * of a write: after a moment that is repeated, and the old grant left to the
 * grant table code, which holds the page as long. It could change what a read
 * has brought: a read waits for as long as for a backend, and then fails.
 */
#include <linux/sched/mm.h>
#include "blkfront.h"

#define BLKFRONT_FENCE_LOOK	(HZ / 20)
#define BLKFRONT_FENCE_WRITE	(2 * HZ)

/**
 * blkfront_fence_add() - keep a request until its pages are free
 * @sh: not on the ring any more; a page of its bio is still mapped
 *
 * Context: process, under machine.act.
 */
void blkfront_fence_add(struct blkfront_shadow *sh)
{
	struct blkfront_dev *bf = sh->ring->bf;

	sh->fenced = true;
	sh->since = jiffies;
	bf->fenced_total++;
	if (!bf->nr_fenced++)
		queue_delayed_work(blkfront_wq, &bf->fence,
				   BLKFRONT_FENCE_LOOK);
}

/* Out of patience: what is not revoked is left to the grant table code. */
static bool blkfront_fence_is_late(struct blkfront_dev *bf,
				   struct blkfront_shadow *sh)
{
	unsigned long wait = msecs_to_jiffies(blkfront_outage_limit());

	if (bf->failing)
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
		fails = sh->op == BLKIF_OP_READ || bf->failing;
	}
	sh->fenced = false;
	bf->nr_fenced--;
	if (fails) {
		bf->dropped++;
		blk_mq_end_request(sh->rq, BLK_STS_IOERR);
	} else {
		bf->repeated++;
		sh->ring->count[BLKFRONT_requeued]++;
		blk_mq_requeue_request(sh->rq, !bf->held);
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
 * blkfront_fence_work() - see who can go on
 * @work: fence of a device
 */
void blkfront_fence_work(struct work_struct *work)
{
	struct blkfront_dev *bf = container_of(to_delayed_work(work),
					       struct blkfront_dev, fence);
	unsigned int noio;

	mutex_lock(&bf->machine.act);
	noio = memalloc_noio_save();
	blkfront_fence_look_all(bf);
	if (bf->nr_fenced)
		queue_delayed_work(blkfront_wq, &bf->fence,
				   BLKFRONT_FENCE_LOOK);
	memalloc_noio_restore(noio);
	mutex_unlock(&bf->machine.act);
}

/**
 * blkfront_fence_end() - let no request wait any more
 * @bf: failing
 *
 * Context: process, under machine.act.
 */
void blkfront_fence_end(struct blkfront_dev *bf)
{
	blkfront_fence_look_all(bf);
}
