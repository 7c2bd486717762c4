/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bucket of bytes that fills with time: what a guest may transmit. No kernel
 * calls: the unit tests compile this, too. Times are in microseconds.
 */
#ifndef NETBACK_CREDIT_H
#define NETBACK_CREDIT_H

#include <linux/build_bug.h>
#include <linux/math64.h>
#include "parse.h"

/*
 * Even at the lowest rate a guest may send one packet of the largest size at a
 * time.
 */
#define NETBACK_BURST	((u64)XPV_NETIF_MAX_PACKET + 1)
/* Limit of the idle time that earns tokens; below it nothing overflows. */
#define NETBACK_IDLE	(64ULL * 1000000)
static_assert(~0ULL / NETBACK_IDLE >= NETBACK_RATE_MAX);

/**
 * struct netback_bucket - a token bucket
 * @bytes:  bytes per period
 * @usecs:  length of a period
 * @tokens: bytes earned and not spent; negative: debt
 * @stamp:  when @tokens was computed
 */
struct netback_bucket {
	u64 bytes;
	u64 usecs;
	s64 tokens;
	u64 stamp;
};

static inline void netback_bucket_init(struct netback_bucket *b, u64 bytes,
				       u64 usecs, u64 now)
{
	b->bytes = bytes;
	b->usecs = usecs;
	b->tokens = bytes;
	b->stamp = now;
}

static inline void netback_bucket_refill(struct netback_bucket *b, u64 now)
{
	u64 burst = b->bytes > NETBACK_BURST ? b->bytes : NETBACK_BURST;
	u64 usecs = now - b->stamp, more;

	if (usecs > NETBACK_IDLE)
		usecs = NETBACK_IDLE;
	more = div64_u64(usecs * b->bytes, b->usecs);
	if (!more)
		return;		/* keep the fraction */
	if (more > burst - b->tokens)
		b->tokens = burst;
	else
		b->tokens += more;
	b->stamp = now;
}

/**
 * netback_bucket_take() - test whether a packet may be sent
 * @b:   bucket, shared by all senders
 * @len: bytes of the packet
 * @now: time
 * @due: of this sender: 0; or, after a refusal, the time when its next packet
 *       may be sent in any case
 *
 * A packet may be sent if any tokens are left, however large it is; the excess
 * becomes debt. A sender that was refused may send one packet when the debt of
 * that moment is paid, even if others have spent all tokens since. So no sender
 * waits forever, and the debt is limited to one packet per sender.
 *
 * Return: 0, or the time until the next try.
 */
static inline u64 netback_bucket_take(struct netback_bucket *b,
				      unsigned int len, u64 now, u64 *due)
{
	netback_bucket_refill(b, now);
	if (b->tokens > 0 || (*due && now >= *due)) {
		b->tokens -= len;
		*due = 0;
		return 0;
	}
	if (!*due)
		*due = now + 1 + div64_u64((u64)(1 - b->tokens) * b->usecs,
					   b->bytes);
	return *due - now;
}

#endif
