// SPDX-License-Identifier: GPL-2.0-only
/* Outages: the time without a backend, its limit, log lines and counters. */
#include "blkfront.h"

/**
 * blkfront_outage_limit() - maximum time for which requests wait for a backend
 *
 * Return: milliseconds since the last activity of the toolstack or backend.
 */
unsigned int blkfront_outage_limit(void)
{
	return min(READ_ONCE(blkfront_reconnect_timeout), 86400U) *
	       MSEC_PER_SEC;
}

/**
 * blkfront_outage_left() - time left in the current outage
 * @bf: under fsm.act
 *
 * Return: milliseconds, 0 if the limit is reached.
 */
unsigned int blkfront_outage_left(const struct blkfront_dev *bf)
{
	unsigned int limit = blkfront_outage_limit();
	s64 gone = 0;

	lockdep_assert_held(&bf->fsm.act);
	if (blkfront_is_failing(bf))
		return 0;
	if (bf->phase == BLKFRONT_PHASE_LOST)
		gone = ktime_ms_delta(ktime_get_boottime(), bf->lost_at);
	return gone < limit ? limit - gone : 0;
}

/**
 * blkfront_outage_begin() - the backend is lost, and requests wait
 * @bf:  has a disk, under fsm.act
 * @why: the backend's state, or what happened
 */
void blkfront_outage_begin(struct blkfront_dev *bf, const char *why)
{
	lockdep_assert_held(&bf->fsm.act);
	if (bf->phase == BLKFRONT_PHASE_LOST || blkfront_is_failing(bf))
		return;
	blkfront_phase_set(bf, BLKFRONT_PHASE_LOST);
	bf->lost_at = ktime_get_boottime();
	bf->outages++;
	bf->repeated = 0;
	bf->attempts = 0;
	trace_xpv_lost(dev_name(&bf->dev->dev), bf->name.disk, why);
	if (xpv_fsm_may_say(&bf->fsm))
		dev_warn(&bf->dev->dev,
			 "%s: backend lost (%s), I/O waits for up to %u s\n",
			 bf->name.disk, why, blkfront_outage_limit() / 1000);
}

static u64 blkfront_outage_over(struct blkfront_dev *bf)
{
	u64 ms = ktime_ms_delta(ktime_get_boottime(), bf->lost_at);

	bf->longest_outage_ms = max(bf->longest_outage_ms, ms);
	return ms;
}

/**
 * blkfront_outage_end() - a backend has connected
 * @bf: connected, was lost before; under fsm.act
 */
void blkfront_outage_end(struct blkfront_dev *bf)
{
	u64 ms;

	lockdep_assert_held(&bf->fsm.act);
	ms = blkfront_outage_over(bf);
	trace_xpv_found(dev_name(&bf->dev->dev), bf->name.disk, ms,
			bf->dropped);
	if (xpv_fsm_may_say(&bf->fsm))
		dev_info(&bf->dev->dev,
			 "%s: backend %u is back after %llu ms, %u requests are repeated\n",
			 bf->name.disk, bf->dev->otherend_id, ms, bf->repeated);
}

/**
 * blkfront_outage_fail() - stop waiting for a backend; requests fail from now on
 * @bf: any, under fsm.act
 */
void blkfront_outage_fail(struct blkfront_dev *bf)
{
	bool lost = bf->phase == BLKFRONT_PHASE_LOST;
	u64 ms;

	lockdep_assert_held(&bf->fsm.act);
	if (!blkfront_is_failing(bf))
		blkfront_phase_set(bf, BLKFRONT_PHASE_FAILING);
	if (!lost)
		return;
	ms = blkfront_outage_over(bf);
	trace_xpv_lost(dev_name(&bf->dev->dev), bf->name.disk, "given up");
	bf->outages_failed++;
	if (xpv_fsm_may_say(&bf->fsm))
		dev_warn(&bf->dev->dev,
			 "%s: backend did not come back in %llu ms, I/O fails\n",
			 bf->name.disk, ms);
}
