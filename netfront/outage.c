// SPDX-License-Identifier: GPL-2.0-only
/*
 * Outages of the backend. Reconnects for our own settings (`ethtool -L`, XDP)
 * do not count, nor does a resume, because nothing ran meanwhile.
 */
#include <linux/ktime.h>
#include "netfront.h"

static u64 netfront_outage_drops(struct netfront_dev *nf)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < nf->max_queues; i++)
		sum += netfront_sum_tx(&nf->queues[i], NETFRONT_TX_dropped);
	return sum;
}

/**
 * netfront_outage_begin() - the backend became unusable
 * @nf:  any, before the queues are given up, so that packets in flight are
 *       counted
 * @why: for the log: "backend ..."
 *
 * Only the first call of an outage counts, and only if there was a connection.
 *
 * Context: process, under fsm.act.
 */
void netfront_outage_begin(struct netfront_dev *nf, const char *why)
{
	struct netfront_outage *o = &nf->outage;

	lockdep_assert_held(&nf->fsm.act);
	if (o->since || !nf->links)
		return;
	o->since = ktime_get();
	o->before = netfront_outage_drops(nf);
	o->attempts = 0;
	WRITE_ONCE(o->count, o->count + 1);
	trace_xpv_lost(dev_name(&nf->dev->dev), netdev_name(nf->netdev), why);
	if (xpv_fsm_may_say(&nf->fsm))
		dev_info(&nf->dev->dev, "%s: backend %s, waiting for it\n",
			 netdev_name(nf->netdev), why);
}

/**
 * netfront_outage_end() - there is a backend again
 * @nf: linked
 *
 * Context: process, under fsm.act.
 */
void netfront_outage_end(struct netfront_dev *nf)
{
	struct netfront_outage *o = &nf->outage;
	u64 dropped;
	s64 msecs;

	lockdep_assert_held(&nf->fsm.act);
	if (!o->since)
		return;
	msecs = ktime_ms_delta(ktime_get(), o->since);
	dropped = netfront_outage_drops(nf) - o->before;
	o->since = 0;
	WRITE_ONCE(o->dropped, o->dropped + dropped);
	if (msecs > o->longest)
		WRITE_ONCE(o->longest, msecs);
	trace_xpv_found(dev_name(&nf->dev->dev), netdev_name(nf->netdev),
			msecs, dropped);
	if (xpv_fsm_may_say(&nf->fsm))
		dev_info(&nf->dev->dev,
			 "%s: backend is back after %lld ms, %llu packets lost\n",
			 netdev_name(nf->netdev), msecs, dropped);
}

/**
 * netfront_outage_fail() - no backend came in time
 * @nf: detached
 */
void netfront_outage_fail(struct netfront_dev *nf)
{
	struct netfront_outage *o = &nf->outage;
	s64 msecs = o->since ? ktime_ms_delta(ktime_get(), o->since) : 0;

	if (xpv_fsm_may_say(&nf->fsm))
		dev_info(&nf->dev->dev,
			 "%s: backend did not come back in %lld ms, the interface goes\n",
			 netdev_name(nf->netdev), msecs);
}
