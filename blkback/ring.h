/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring and its thread.
 *
 * One thread serves each ring. It alone uses the ring's indices, grants and
 * requests. Completed block I/O is put on a lock-free list, in whatever context
 * it completes, and the thread empties the list. While the thread sleeps in
 * submit_bio(), responses are written where the I/O completes, so responses
 * have a lock.
 */
#ifndef BLKBACK_RING_H
#define BLKBACK_RING_H

#include <linux/mempool.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <xenpv/channel.h>
#include <xenpv/ring.h>
#include "request.h"
#include "stats.h"

struct blkback_dev;

/*
 * Entries of the table that finds persistent grants with nearby references
 * without a search.
 */
#define BLKBACK_GREF_CACHE		2048
/* Long segment arrays that a ring caches. */
#define BLKBACK_SPARE_SEGS	32

/**
 * struct blkback_ring - one queue
 * @be:              device
 * @index:           queue number
 * @name:            name of the thread
 * @ring:            private half of the ring
 * @shared:          the frontend's shared pages
 * @event:           its event channel
 * @task:            the thread
 * @wq:              wait queue of the thread
 * @fired:           an event came for which no EOI was sent yet
 * @kicked:          the thread has to check for work, for example for another
 *                   ring
 * @squeeze:         the thread has to release what is idle
 * @stopping:        take no more requests
 * @done:            requests whose I/O has completed
 * @submitting:      the thread submits a round, and may sleep in it
 * @rsp_lock:        protects the responses: @ring.prod, @ring.pub and their
 *                   counters; a request whose response is written under it is
 *                   on @done before it is unlocked
 * @events:          events received, counted in the interrupt handler
 * @event_cpu:       processor that the last event woke from idle, or -1
 * @owe_eoi:         the thread has seen an event and must send the EOI
 * @worked:          requests were taken since the last EOI
 * @halted:          the frontend's index is impossible: take no more requests
 * @inflight:        requests taken and not answered; barriers of other rings
 *                   read it
 * @waiting:         request that waits for memory or for a barrier
 * @starved:         requests in flight that Xen had no room to map
 * @starving:        there have been such requests since @starved_at
 * @starved_at:      when the first of them had to wait, jiffies
 * @room:            pages to map at a time while Xen has little room, else
 *                   UINT_MAX
 * @next_room:       when to increase @room, jiffies
 * @barrier:         barrier request of this ring, once the ring owns the drain
 * @idle:            free requests
 * @lingering:       completed requests whose pages still have other references
 * @reqs:            memory of the requests, one for each ring entry
 * @segs:            pool of segment arrays for long requests
 * @cache:           pages to map to
 * @spare:           stack of pages taken from @cache
 * @nr_spare:        pages in @spare
 * @mapped:          pages mapped by requests, not persistently
 * @spare_segs:      stack of cached long segment arrays
 * @nr_spare_segs:   arrays in @spare_segs
 * @persistent:      persistent grants, by reference
 * @gref_cache:      lookup table of persistent grants, by the low bits of the
 *                   reference
 * @lru:             persistent grants, least recently used first
 * @nr_persistent:   number of persistent grants
 * @peak_persistent: maximum of @nr_persistent
 * @overflow:        there was no room for another persistent grant
 * @no_tables:       the frontend's indirect pages cannot be mapped persistently
 * @next_purge:      when to look for old persistent grants, jiffies
 * @discards:        discards for @discard_work
 * @discard_work:    runs them one after the other, outside of the thread
 * @strays:          successive events that arrived on another idle processor
 * @next_move:       when the thread may move to another processor again,
 *                   jiffies
 * @poll_pause:      polls to skip after the last unsuccessful one
 * @poll_rest:       polls still to be skipped
 * @poll_hit:        the last poll found something to do
 * @count:           counters
 * @batch:           work space
 * @next_log:        when to log statistics, jiffies
 */
struct blkback_ring {
	struct blkback_dev *be;
	unsigned int index;
	char name[TASK_COMM_LEN + 8];
	struct xpv_ring ring;
	struct xpv_shared shared;
	struct xpv_event event;
	struct task_struct *task;

	/* Written from outside the thread. */
	wait_queue_head_t wq ____cacheline_aligned_in_smp;
	bool fired;
	bool kicked;
	bool squeeze;
	bool stopping;
	struct llist_head done;
	bool submitting;
	spinlock_t rsp_lock;
	u64 events;
	int event_cpu;

	/* Written by the thread. */
	bool owe_eoi ____cacheline_aligned_in_smp;
	bool worked;
	bool halted;
	unsigned int inflight;
	struct blkback_req *waiting;
	struct list_head starved;
	bool starving;
	unsigned long starved_at;
	unsigned int room;
	unsigned long next_room;
	struct blkback_req *barrier;
	struct list_head idle;
	struct list_head lingering;
	struct blkback_req *reqs;
	mempool_t *segs;
	struct gnttab_page_cache cache;
	struct page *spare[BLKBACK_BATCH_OPS];
	unsigned int nr_spare;
	unsigned int mapped;
	struct blkback_seg *spare_segs[BLKBACK_SPARE_SEGS];
	unsigned int nr_spare_segs;
	struct xarray persistent;
	struct blkback_pgrant *gref_cache[BLKBACK_GREF_CACHE];
	struct list_head lru;
	unsigned int nr_persistent;
	unsigned int peak_persistent;
	bool overflow;
	bool no_tables;
	unsigned long next_purge;
	struct llist_head discards;
	struct work_struct discard_work;
	unsigned int strays;
	unsigned long next_move;
	unsigned int poll_pause;
	unsigned int poll_rest;
	bool poll_hit;
	struct blkback_counters count;
	unsigned long next_log;
	struct blkback_batch batch;
};

/* ring.c */
struct blkback_ring *blkback_ring_open(struct blkback_dev *be,
				       unsigned int index,
				       const struct xpv_refs *refs,
				       evtchn_port_t port);
void blkback_ring_close(struct blkback_ring *ring);

/**
 * blkback_ring_kick() - make a ring's thread check for work
 * @ring: any ring of the device
 *
 * Context: any ring's thread of the same device, or under
 * @ring->be->rings_lock.
 */
static inline void blkback_ring_kick(struct blkback_ring *ring)
{
	WRITE_ONCE(ring->kicked, true);
	wake_up(&ring->wq);
}

/* thread.c */
int blkback_thread_start(struct blkback_ring *ring);
void blkback_thread_stop(struct blkback_ring *ring);

/* drain.c */
bool blkback_drain_enter(struct blkback_ring *ring);
void blkback_drain_leave(struct blkback_ring *ring);
bool blkback_drain_barrier(struct blkback_ring *ring, struct blkback_req *req);
void blkback_drain_release(struct blkback_ring *ring);

#endif
