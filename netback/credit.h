/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bucket of bytes that fills with time: what a guest may transmit. No kernel
 * calls, also compiled by the unit tests; times are in microseconds.
 */
#ifndef NETBACK_CREDIT_H
#define NETBACK_CREDIT_H

#include <linux/build_bug.h>
#include <linux/math64.h>
#include "parse.h"

/* Even the slowest guest may send one packet of the largest size at a time. */
#define NETBACK_BURST	((u64)XPV_NETIF_MAX_PACKET + 1)
/* Idle time beyond this earns no more; nothing below overflows. */
#define NETBACK_IDLE	(64ULL * 1000000)
static_assert(~0ULL / NETBACK_IDLE >= NETBACK_RATE_MAX);

/**
 * struct netback_bucket - how much may be sent
 * @bytes:  so many in each period
 * @usecs:  so long a period
 * @tokens: bytes earned and not spent; negative: owed
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
 * netback_bucket_take() - may a packet be sent?
 * @b:   bucket, shared by all senders
 * @len: bytes of the packet
 * @now: time
 * @due: of this sender: 0; or when its next packet may go, if it was refused
 *
 * A packet may go if anything is left, however large it is; what it takes too
 * much is owed. A sender that was refused may send one packet when the debt of
 * that moment is paid, though others may have spent all since: so nobody waits
 * for ever, and what is owed stays within a packet for each sender.
 *
 * Return: 0, or after how long to ask again.
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
