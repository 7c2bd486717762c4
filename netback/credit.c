// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rate limit of the toolstack, for what a guest transmits: a bucket for the
 * whole interface, used only while a limit is set.
 */
#include <linux/math64.h>
#include <linux/slab.h>
#include "netback.h"

/* Even the slowest guest may send one packet of the largest size at a time. */
#define NETBACK_BURST	((u64)XPV_NETIF_MAX_PACKET + 1)
/* Microseconds after which idleness earns no more; nothing below overflows. */
#define NETBACK_IDLE	BIT_ULL(24)
static_assert(U64_MAX / NETBACK_IDLE >= NETBACK_RATE_MAX);

static void netback_credit_refill(struct netback_credit *c, ktime_t now)
{
	u64 usecs = min_t(u64, ktime_us_delta(now, c->stamp), NETBACK_IDLE);
	u64 burst = max(c->bytes, NETBACK_BURST);
	u64 more = div64_u64(usecs * c->bytes, c->usecs);

	if (!more)
		return;		/* keep the fraction */
	c->tokens = min(c->tokens + more, burst);
	c->stamp = now;
}

/**
 * netback_credit_take() - may a packet be taken from the ring?
 * @be:  device
 * @len: bytes of it
 *
 * Return: 0, or microseconds after which to ask again. Context: tx NAPI.
 */
u64 netback_credit_take(struct netback_dev *be, unsigned int len)
{
	struct netback_credit *c = &be->limit;
	u64 wait = 0;

	if (likely(!READ_ONCE(c->usecs)))
		return 0;
	spin_lock(&c->lock);
	if (c->usecs) {
		netback_credit_refill(c, ktime_get());
		if (c->tokens >= len)
			c->tokens -= len;
		else
			wait = 1 + div64_u64((len - c->tokens) * c->usecs,
					     c->bytes);
	}
	spin_unlock(&c->lock);
	return wait;
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
	if (c->bytes != bytes || c->usecs != usecs) {
		c->bytes = bytes;
		c->tokens = bytes;
		c->stamp = ktime_get();
		WRITE_ONCE(c->usecs, usecs);
	}
	spin_unlock_bh(&c->lock);
}
