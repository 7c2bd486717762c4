// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rate limit of the toolstack, for what a guest transmits: a bucket for the
 * whole interface (credit.h), used only while a limit is set.
 */
#include <linux/slab.h>
#include "netback.h"

/**
 * netback_credit_take() - may a packet be taken from the ring?
 * @q:   queue
 * @len: bytes of it
 *
 * Return: 0, or microseconds after which to ask again. Context: tx NAPI.
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
 * netback_credit_waits() - does the queue still have to wait?
 * @q: queue that was refused
 *
 * Return: false if its time has come, or if the limit is another one now.
 * Context: tx NAPI.
 */
bool netback_credit_waits(struct netback_queue *q)
{
	return timer_pending(&q->credit) &&
	       q->credit_limit == READ_ONCE(q->be->limit.changes);
}

/**
 * netback_credit_timer() - there may be credit again
 * @t: @credit of a queue
 */
void netback_credit_timer(struct timer_list *t)
{
	struct netback_queue *q = container_of(t, struct netback_queue, credit);

	napi_schedule(&q->tx_napi);
}

/* All queues look at the new limit. One that is down cannot be scheduled. */
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
 * The toolstack writes it; nonsense means no limit, as in-tree, but is told.
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
