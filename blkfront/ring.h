/* SPDX-License-Identifier: GPL-2.0-only */
/* A ring, its counters and its pool. */
#ifndef BLKFRONT_RING_H
#define BLKFRONT_RING_H

#include <linux/interrupt.h>
#include <linux/spinlock.h>
#include <xen/grant_table.h>
#include <xenpv/channel.h>
#include <xenpv/ring.h>

struct blkfront_dev;

/*
 * Counters of a ring; the debugfs file "counters" shows the sums. Protected by
 * the ring's lock, except for the events, which only the interrupt handler
 * counts.
 */
#define BLKFRONT_COUNTERS(X)						\
	X(requests) X(responses) X(segments) X(indirect_requests)	\
	X(notify_sent) X(notify_suppressed)				\
	X(events) X(events_without_work)				\
	X(grants_given) X(grants_revoked) X(grants_deferred)		\
	X(bytes_copied) X(ring_full) X(no_memory) X(resplit)		\
	X(requeued) X(timeouts) X(polled) X(polls)

enum blkfront_counter {
#define X(name)	BLKFRONT_##name,
	BLKFRONT_COUNTERS(X)
#undef X
	BLKFRONT_NR_COUNTERS
};

/**
 * struct blkfront_ring - a ring and its grants
 * @bf:       device
 * @index:    number of the queue in the store
 * @lock:     protects all members but @shared and @event
 * @half:     private half of the ring
 * @up:       connected; may be used
 * @halted:   the backend violated the protocol; the ring is not read any more,
 *            and its events are not handled
 * @starved:  a request was requeued for lack of slots, pages or grants
 * @quiet:    no event is asked for, because all requests are polled for
 * @taken:    an event may still come for a response that was polled for
 * @claimed:  slots reserved for requests in preparation
 * @polled:   number of requests on the ring that are polled for
 * @shared:   shared pages
 * @event:    event channel
 * @name:     name of the interrupt
 * @refs:     free grant references, a stack
 * @nr_refs:  number of @refs
 * @max_refs: capacity of @refs
 * @need:     references that a request of the largest size needs
 * @reserve:  bufs that a request of the largest size needs; the pool does not
 *            shrink below this, so that one request can always be sent
 * @pool:     free bufs, last used first
 * @unrevoked: bufs whose grant could not be revoked; not used any more
 * @shrink_failed: jiffies | 1 when a shrink last moved a buf to @quiesced; 0: never
 * @nr_bufs:  bufs of this ring, free or in a request
 * @nr_free:  bufs in @pool
 * @peak:     largest @nr_bufs
 * @count:    counters, by enum blkfront_counter
 */
struct blkfront_ring {
	struct blkfront_dev *bf;
	unsigned int index;
	spinlock_t lock;
	struct xpv_ring half;
	bool up;
	bool halted;
	bool starved;
	bool quiet;
	bool taken;
	unsigned int claimed;
	unsigned int polled;
	struct xpv_shared shared;
	struct xpv_event event;
	char name[24];
	grant_ref_t *refs;
	unsigned int nr_refs;
	unsigned int max_refs;
	unsigned int need;
	unsigned int reserve;
	struct list_head pool;
	struct list_head unrevoked;
	unsigned long shrink_failed;
	unsigned int nr_bufs;
	unsigned int nr_free;
	unsigned int peak;
	u64 count[BLKFRONT_NR_COUNTERS];
} ____cacheline_aligned_in_smp;

/* ring.c */
bool blkfront_ring_push(struct blkfront_ring *ring);
void blkfront_ring_notify(struct blkfront_ring *ring);
void blkfront_ring_waited(struct blkfront_ring *ring, bool polled);
bool blkfront_ring_complete(struct blkfront_ring *ring);
bool blkfront_ring_poll(struct blkfront_ring *ring);
irqreturn_t blkfront_ring_event(int irq, void *cookie);

#endif
