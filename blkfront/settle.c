// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes for a new backend that have to wait until requests have completed,
 * which needs a working backend. A work item does them some time after the
 * connection, while the disk is in use. Only the destruction of the disk waits
 * for it.
 */
#include <linux/crash_dump.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "blkfront.h"

/* Number of hardware queues that the rings of this connection could use. */
static unsigned int blkfront_settle_want(const struct blkfront_dev *bf)
{
	if (is_kdump_kernel())
		return bf->set.nr_hw_queues;
	return bf->link.nr_rings + bf->nr_polled;
}

/*
 * Allocate shadows for as many queues as the rings want; returns the number of
 * queues that have some. Requests of older queues use the existing ones.
 */
static unsigned int blkfront_settle_shadows(struct blkfront_dev *bf)
{
	unsigned int want = blkfront_settle_want(bf);

	lockdep_assert_held(&bf->fsm.act);
	while (bf->nr_queues < want)
		if (blkfront_queue_add(bf))
			break;
	return min(want, bf->nr_queues);
}

/*
 * A disk whose first backend had fewer queues gets more of them. Their number
 * is never reduced, because hardware queues can share a ring.
 */
static void blkfront_settle_queues(struct blkfront_dev *bf)
{
	unsigned int noio = memalloc_noio_save();
	unsigned int nr = 0;

	mutex_lock(&bf->fsm.act);
	if (blkfront_is_linked(bf) && bf->added)
		nr = blkfront_settle_shadows(bf);
	mutex_unlock(&bf->fsm.act);
	if (nr > bf->set.nr_hw_queues)
		blk_mq_update_nr_hw_queues(&bf->set, nr);
	memalloc_noio_restore(noio);
}

/*
 * The block layer knows of the cache, and all requests submitted before have
 * completed: from now on it sends the flushes itself.
 */
static void blkfront_settle_flushes(struct blkfront_dev *bf)
{
	unsigned int seen = READ_ONCE(bf->flush_gen);

	if (!seen)
		return;
	flush_work(&bf->limits_work);
	xpv_drain_queue(bf->disk->queue);
	mutex_lock(&bf->fsm.act);
	if (bf->cached && bf->flush_gen == seen)
		WRITE_ONCE(bf->flush_gen, 0);
	mutex_unlock(&bf->fsm.act);
}

/**
 * blkfront_settle_work() - add hardware queues and finish a change of the cache
 * @work: settle_work of a device
 *
 * Waits for requests to complete, so it waits for a backend or for their
 * failure.
 */
void blkfront_settle_work(struct work_struct *work)
{
	struct blkfront_dev *bf = container_of(work, struct blkfront_dev,
					       settle_work);

	blkfront_settle_queues(bf);
	blkfront_settle_flushes(bf);
}

/**
 * blkfront_settle() - schedule blkfront_settle_work() if there is need
 * @bf: linked; its queue was released
 *
 * Context: process, under fsm.act.
 */
void blkfront_settle(struct blkfront_dev *bf)
{
	lockdep_assert_held(&bf->fsm.act);
	if (blkfront_settle_want(bf) > bf->set.nr_hw_queues || bf->flush_gen)
		queue_work(blkfront_wq, &bf->settle_work);
}
