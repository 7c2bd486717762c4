// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits of the disk: the backend's features without those it refused at run
 * time.
 *
 * FUA is never advertised. Only a barrier could implement it, and that is worse
 * than the write and flush that the block layer uses without FUA: backends
 * drain all their requests for a barrier, Linux's backend flushes before the
 * write and not after it, and an indirect request cannot be a barrier.
 */
#include <linux/sched/mm.h>
#include "blkfront.h"

/**
 * blkfront_flush_op() - the operation that flushes the cache
 * @bf: connected
 *
 * Return: BLKIF_OP_*, or BLKFRONT_OP_NONE if there is nothing to flush.
 * Context: any.
 */
u8 blkfront_flush_op(const struct blkfront_dev *bf)
{
	if (bf->link.features.flush && !test_bit(BLKFRONT_NO_FLUSH, &bf->link.revoked))
		return BLKIF_OP_FLUSH_DISKCACHE;
	if (bf->link.features.barrier &&
	    !test_bit(BLKFRONT_NO_BARRIER, &bf->link.revoked))
		return BLKIF_OP_WRITE_BARRIER;
	return BLKFRONT_OP_NONE;
}

/**
 * blkfront_can_discard() - test whether the backend supports discard
 * @bf: connected
 *
 * Return: true if so.
 */
bool blkfront_can_discard(const struct blkfront_dev *bf)
{
	return bf->link.features.granularity &&
	       !test_bit(BLKFRONT_NO_DISCARD, &bf->link.revoked);
}

/**
 * blkfront_can_erase() - test whether the backend supports secure discard
 * @bf: connected
 *
 * Return: true if so.
 */
bool blkfront_can_erase(const struct blkfront_dev *bf)
{
	return blkfront_can_discard(bf) && bf->link.features.secure &&
	       !test_bit(BLKFRONT_NO_SECURE, &bf->link.revoked);
}

/**
 * blkfront_limits() - compute the current limits
 * @bf: connected
 * @l:  result
 */
void blkfront_limits(const struct blkfront_dev *bf, struct xpv_limits *l)
{
	const unsigned int most = UINT_MAX >> SECTOR_SHIFT;

	*l = (struct xpv_limits){
		.block_size = bf->link.features.block_size,
		.physical = bf->link.features.physical,
		.segs = bf->link.features.segs,
		.write_cache = blkfront_flush_op(bf) != BLKFRONT_OP_NONE,
	};
	if (blkfront_can_discard(bf)) {
		l->discard_sectors = most;
		l->granularity = bf->link.features.granularity;
		l->alignment = bf->link.features.alignment;
	}
	if (blkfront_can_erase(bf))
		l->secure_sectors = most;
}

/**
 * blkfront_revoke() - the backend refused a feature that it had offered
 * @bf:   connected
 * @what: BLKFRONT_NO_*
 *
 * New requests do not use it from now on. The block layer is told soon.
 *
 * Context: any.
 */
void blkfront_revoke(struct blkfront_dev *bf, unsigned int what)
{
	static const char *const names[] = {
		[BLKFRONT_NO_FLUSH] = "flush",
		[BLKFRONT_NO_BARRIER] = "barrier",
		[BLKFRONT_NO_DISCARD] = "discard",
		[BLKFRONT_NO_SECURE] = "secure erase",
	};

	if (test_and_set_bit(what, &bf->link.revoked))
		return;
	dev_warn(&bf->dev->dev, "%s is not supported after all\n", names[what]);
	queue_work(blkfront_wq, &bf->limits_work);
}

/**
 * blkfront_limits_work() - tell the block layer the current limits
 * @work: limits_work of a device
 */
void blkfront_limits_work(struct work_struct *work)
{
	struct blkfront_dev *bf = container_of(work, struct blkfront_dev,
					       limits_work);
	struct xpv_limits l;
	/* Somebody may wait for this work with the queue quiesced. */
	unsigned int noio = memalloc_noio_save();

	blkfront_limits(bf, &l);
	if (xpv_set_limits(bf->disk, &l))
		dev_warn(&bf->dev->dev, "cannot change limits\n");
	else
		WRITE_ONCE(bf->cached, l.write_cache);
	memalloc_noio_restore(noio);
	complete(&bf->limits_set);
}

/**
 * blkfront_limits_renew() - tell the block layer the limits of a new backend
 * @bf: has a disk, whose queue is quiesced
 *
 * Somebody may hold the lock of the limits and wait, with the queue frozen, for
 * the very requests that wait for the reconnect. So this does not wait long.
 * Requests that were built with the old limits are corrected when they are
 * queued.
 *
 * Context: process, under fsm.act.
 */
void blkfront_limits_renew(struct blkfront_dev *bf)
{
	lockdep_assert_held(&bf->fsm.act);
	reinit_completion(&bf->limits_set);
	queue_work(blkfront_wq, &bf->limits_work);
	wait_for_completion_timeout(&bf->limits_set, HZ);
}
