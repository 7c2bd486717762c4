// SPDX-License-Identifier: GPL-2.0-only
/*
 * The toolstack's rate limit for what a guest transmits: one bucket for the
 * interface (credit.h), only used while there is a limit.
 */
#include <linux/slab.h>
#include "netback.h"

/**
 * netback_credit_take() - test whether a packet may be taken from the ring
 * @q:   queue
 * @len: bytes of the packet
 *
 * Return: 0, or microseconds until the next try.
 * Context: tx NAPI.
 */
u64 netback_credit_take(struct netback_queue *q, unsigned int len)
{
	struct netback_credit *c = &q->be->limit;
	u64 wait = 0;

	if (likely(!READ_ONCE(c->bucket.usecs)))
		return 0;
	spin_lock(&c->lock);
	if (q->credit_limit != c->changes) {
		q->credit_limit = c->changes;
		q->credit_due = 0;
	}
	if (c->bucket.usecs)
		wait = netback_bucket_take(&c->bucket, len,
					   ktime_to_us(ktime_get()),
					   &q->credit_due);
	spin_unlock(&c->lock);
	return wait;
}

/**
 * netback_credit_waits() - test whether the queue still has to wait
 * @q: queue that was refused
 *
 * Return: false if the time is over, or if the limit was changed.
 * Context: tx NAPI.
 */
bool netback_credit_waits(struct netback_queue *q)
{
	return timer_pending(&q->credit) &&
	       q->credit_limit == READ_ONCE(q->be->limit.changes);
}

/**
 * netback_credit_timer() - try again, because there may be credit
 * @t: @credit of a queue
 */
void netback_credit_timer(struct timer_list *t)
{
	struct netback_queue *q = container_of(t, struct netback_queue, credit);

	napi_schedule(&q->tx_napi);
}

/*
 * Let all queues use the new limit. A queue that is down cannot be scheduled.
 */
static void netback_credit_wake(struct netback_dev *be)
{
	struct netback_queues *qs;
	unsigned int i;

	local_bh_disable();	/* so that the softirq runs at once */
	rcu_read_lock();
	qs = rcu_dereference(be->queues);
	for (i = 0; qs && i < qs->nr; i++)
		napi_schedule(&qs->q[i]->tx_napi);
	rcu_read_unlock();
	local_bh_enable();
}

/**
 * netback_credit_read() - read the key "rate"
 * @be: device
 *
 * The toolstack writes it. An invalid value means no limit, as in-tree, but is
 * logged.
 *
 * Context: process.
 */
void netback_credit_read(struct netback_dev *be)
{
	struct netback_credit *c = &be->limit;
	u64 bytes = 0, usecs = 0;
	bool changed = false;
	unsigned int len;
	char *text;

	text = xenbus_read(XBT_NIL, be->xdev->nodename, "rate", &len);
	if (!IS_ERR(text)) {
		if (netback_parse_rate(text, len, &bytes, &usecs))
			dev_warn(&be->xdev->dev,
				 "rate is '%*pE', want bytes,microseconds; not limited\n",
				 (int)min(len, 40U), text);
		kfree(text);
	}
	spin_lock_bh(&c->lock);
	if (c->bucket.bytes != bytes || c->bucket.usecs != usecs) {
		netback_bucket_init(&c->bucket, bytes, usecs,
				    ktime_to_us(ktime_get()));
		WRITE_ONCE(c->changes, c->changes + 1);
		changed = true;
	}
	spin_unlock_bh(&c->lock);
	if (changed)
		netback_credit_wake(be);
}
