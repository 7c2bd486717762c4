// SPDX-License-Identifier: GPL-2.0-only
/*
 * The thread of a ring: take requests in rounds, answer completed ones, send
 * one notification for each round.
 */
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/sched/clock.h>
#include <linux/sched/mm.h>
#include <linux/sched/stat.h>
#include <linux/slab.h>
#include "blkback.h"

/* Retry interval while waiting for memory or for the release of a page. */
#define BLKBACK_RETRY	max(HZ / 100, 1)

/* Maximum number of polls to skip after an unsuccessful one. */
#define BLKBACK_POLL_PAUSE	1023

/*
 * The thread moves after so many successive events on another, idle processor.
 */
#define BLKBACK_STRAYS		32
#define BLKBACK_MOVE_PERIOD	max(HZ / 4, 1)

/* Copy a request out of shared memory, each byte once. */
static void blkback_thread_fetch(struct blkback_ring *ring,
				 struct blkback_raw *raw)
{
	const void __peer *entry = xpv_ring_entry(&ring->ring, ring->ring.cons);
	size_t body = ring->be->abi == BLKBACK_ABI_32 ? BLKBACK_BODY_32 :
							BLKBACK_BODY_64;

	BUILD_BUG_ON(offsetof(struct blkback_raw, body) != sizeof(u32));
	xpv_peer_fetch(raw, entry, sizeof(u32));
	xpv_peer_fetch(&raw->body, entry + body, blkback_raw_body(raw));
	ring->ring.cons++;
}

/* Get the next request from the ring; refused ones are answered at once. */
static struct blkback_req *blkback_thread_next(struct blkback_ring *ring)
{
	struct blkback_req *req = list_first_entry(&ring->idle,
						   struct blkback_req, link);
	struct blkback_fault fault;
	int status;

	list_del(&req->link);
	req->seg = NULL;
	req->table = NULL;
	req->error = 0;
	req->entered = false;
	req->bounced = false;
	req->copied = false;
	req->fresh = false;
	req->starved = false;
	req->answered = false;
	req->mapped = 0;
	blkback_thread_fetch(ring, &req->raw);
	ring->count.requests++;

	status = blkback_parse_request(&ring->batch.rules, &req->raw, &req->cmd,
				       &fault);
	if (!status)
		return req;
	if (fault.site < BLKBACK_SITES)
		xpv_violation(&ring->be->violations, fault.site, fault.value,
			      fault.bound, "request refused");
	ring->count.refused++;
	blkback_complete_respond(ring, req, status);
	return NULL;
}

/* The number of requests to take; always 0 once the index was impossible. */
static u32 blkback_thread_pending(struct blkback_ring *ring)
{
	bool possible;
	u32 nr;

	if (ring->halted || READ_ONCE(ring->stopping))
		return 0;
	/* The frontend may have used a slot that a response has just freed. */
	spin_lock_irq(&ring->rsp_lock);
	possible = xpv_back_pending(&ring->ring, &nr);
	spin_unlock_irq(&ring->rsp_lock);
	if (likely(possible))
		return nr;
	ring->halted = true;
	xpv_violation(&ring->be->violations, BLKBACK_SITE_RING_PROD,
		      ring->ring.cons + nr, ring->ring.prod + ring->ring.size,
		      "ring stopped until the frontend reconnects");
	return 0;
}

/* True if a request waits for memory, for a barrier or for room to map. */
static bool blkback_thread_is_held(const struct blkback_ring *ring)
{
	return ring->waiting || !list_empty(&ring->starved);
}

/*
 * Requests that had to wait are taken first; true if none has to wait any more.
 */
static bool blkback_thread_take_held(struct blkback_ring *ring)
{
	struct blkback_req *req, *next;

	list_for_each_entry_safe(req, next, &ring->starved, link) {
		list_del(&req->link);
		if (blkback_request_stage(ring, req))
			continue;
		list_add(&req->link, &ring->starved);
		return false;
	}
	if (ring->waiting && !blkback_request_stage(ring, ring->waiting))
		return false;
	ring->waiting = NULL;
	return true;
}

/* Take a round of requests; true if there was any work. */
static bool blkback_thread_take(struct blkback_ring *ring)
{
	struct blkback_batch *b = &ring->batch;
	struct blkback_req *req;
	u32 nr = 0, taken = 0;
	bool run = false;

	INIT_LIST_HEAD(&b->reqs);
	b->nr_reqs = 0;
	b->nr_segs = 0;
	b->nr_copy = 0;
	b->nr_wire = 0;

	if (blkback_thread_take_held(ring))
		nr = blkback_thread_pending(ring);
	if (nr || b->nr_reqs)
		blkback_vbd_rules(&ring->be->vbd, &b->rules);
	/*
	 * There may be no free request if those answered early are not reaped
	 * yet.
	 */
	for (; taken < nr && b->nr_reqs < BLKBACK_BATCH_REQS &&
	     !list_empty(&ring->idle); taken++) {
		req = blkback_thread_next(ring);
		if (!req || blkback_request_stage(ring, req))
			continue;
		ring->waiting = req;
		ring->count.oo_req++;
		taken++;
		break;
	}
	if (taken)
		ring->worked = true;
	if (b->nr_reqs) {
		WRITE_ONCE(ring->submitting, true);
		run = blkback_request_run_batch(ring);
		WRITE_ONCE(ring->submitting, false);
	}
	return taken || run;
}

/* Periodic work between rounds. */
static void blkback_thread_tend(struct blkback_ring *ring)
{
	struct blkback_dev *be = ring->be;
	unsigned int keep = READ_ONCE(blkback_max_buffer_pages);

	if (time_before(jiffies, READ_ONCE(be->squeezed)))
		keep = 0;
	if (unlikely(READ_ONCE(ring->squeeze))) {
		WRITE_ONCE(ring->squeeze, false);
		blkback_persistent_shed(ring, HZ);
		keep = 0;
	}
	blkback_map_recover(ring);
	blkback_persistent_purge(ring);
	blkback_grant_trim(ring, keep);
	if (unlikely(blkback_vbd_resized(be)))
		xpv_fsm_kick(&be->fsm);
	if (READ_ONCE(blkback_log_stats) &&
	    time_after(jiffies, ring->next_log))
		blkback_stats_log(ring);
}

static bool blkback_thread_round(struct blkback_ring *ring)
{
	bool worked = blkback_thread_take(ring);

	worked |= blkback_complete_reap(ring);
	blkback_complete_publish(ring);
	blkback_thread_tend(ring);
	return worked;
}

/*
 * Send the EOI when the ring is empty and re-armed, so that the hypervisor
 * holds back further events while we work. A ring that cannot continue sends
 * none: the frontend must wait.
 */
static void blkback_thread_eoi(struct blkback_ring *ring)
{
	unsigned int flags = 0;

	if (!ring->owe_eoi)
		return;
	if (!ring->worked) {
		flags = XEN_EOI_FLAG_SPURIOUS;
		ring->count.events_without_work++;
	}
	ring->owe_eoi = false;
	ring->worked = false;
	xen_irq_lateeoi(ring->event.irq, flags);
}

/*
 * The scheduler wakes a thread on the processor where it ran last, as long as
 * that is idle. If events arrive on another idle processor, each costs two
 * wake-ups and an IPI. Then move to that processor once, and leave the rest to
 * the scheduler. Do not move if somebody has set the thread's affinity.
 */
static void blkback_thread_follow(struct blkback_ring *ring)
{
	int cpu = READ_ONCE(ring->event_cpu);

	if (cpu < 0 || cpu == raw_smp_processor_id()) {
		ring->strays = 0;
		return;
	}
	if (++ring->strays < BLKBACK_STRAYS ||
	    time_before(jiffies, ring->next_move) ||
	    !cpumask_equal(current->cpus_ptr, cpu_possible_mask))
		return;
	ring->strays = 0;
	ring->next_move = jiffies + BLKBACK_MOVE_PERIOD;
	ring->count.moves++;
	set_cpus_allowed_ptr(current, cpumask_of(cpu));
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

static void blkback_thread_polled_in_vain(struct blkback_ring *ring)
{
	ring->count.polls_in_vain++;
	ring->poll_pause = min(2 * ring->poll_pause + 1, BLKBACK_POLL_PAUSE);
	ring->poll_rest = ring->poll_pause;
}

/*
 * Poll for a short time before waiting for an event: a frontend that gets
 * responses often sends the next request soon. Each unsuccessful poll increases
 * the number of polls to skip, so that an idle or slow frontend costs nothing.
 * Do not poll if another task wants the processor. True if there seems to be
 * work.
 */
static bool blkback_thread_poll(struct blkback_ring *ring)
{
	u64 most = READ_ONCE(blkback_poll_usecs) * NSEC_PER_USEC, begin;

	if (!most || ring->halted || blkback_thread_is_held(ring) ||
	    !single_task_running())
		return false;
	if (ring->poll_rest) {
		ring->poll_rest--;
		return false;
	}
	ring->count.polls++;
	begin = local_clock();
	do {
		cpu_relax();
		if (READ_ONCE(ring->stopping) || kthread_should_stop())
			return false;
		if (xpv_peer_read32(&ring->ring.sring->req_prod) !=
		    ring->ring.cons || READ_ONCE(ring->fired) ||
		    READ_ONCE(ring->kicked) || !llist_empty(&ring->done))
			return true;
	} while (!need_resched() && local_clock() - begin < most);
	blkback_thread_polled_in_vain(ring);
	return false;
}

/*
 * Do a round, or poll for another one. A poll without real work counts as
 * unsuccessful.
 */
static bool blkback_thread_is_busy(struct blkback_ring *ring)
{
	if (blkback_thread_round(ring)) {
		if (ring->poll_hit)
			ring->poll_pause = 0;
		ring->poll_hit = false;
		return true;
	}
	if (ring->poll_hit) {
		ring->poll_hit = false;
		blkback_thread_polled_in_vain(ring);
		return false;
	}
	ring->poll_hit = blkback_thread_poll(ring);
	return ring->poll_hit;
}

static void blkback_thread_work(struct blkback_ring *ring)
{
	ring->count.wakeups++;
	do {
		do {
			/*
			 * Before checking the ring: a later event gets its EOI
			 * later.
			 */
			if (xchg(&ring->fired, false)) {
				ring->owe_eoi = true;
				blkback_thread_follow(ring);
			}
			xchg(&ring->kicked, false);
			cond_resched();
			try_to_freeze();
		} while (blkback_thread_is_busy(ring));
		if (blkback_thread_is_held(ring) || ring->halted ||
		    READ_ONCE(ring->stopping))
			return;
	} while (xpv_back_arm(&ring->ring));
	blkback_thread_eoi(ring);
}

/* True if the thread may exit: it has answered all requests that it took. */
static bool blkback_thread_over(struct blkback_ring *ring)
{
	return kthread_should_stop() && !ring->inflight && !ring->waiting &&
	       llist_empty(&ring->done);
}

static bool blkback_thread_has_work(struct blkback_ring *ring)
{
	return READ_ONCE(ring->fired) || READ_ONCE(ring->kicked) ||
	       !llist_empty(&ring->done) || blkback_thread_over(ring);
}

/* Usually without a timer: the device's poll wakes an idle ring. */
static long blkback_thread_timeout(struct blkback_ring *ring)
{
	if (blkback_thread_is_held(ring) || !list_empty(&ring->lingering))
		return BLKBACK_RETRY;
	return READ_ONCE(blkback_log_stats) ? 10L * HZ : MAX_SCHEDULE_TIMEOUT;
}

static int blkback_thread_run(void *arg)
{
	struct blkback_ring *ring = arg;
	/* Reclaim must not write to the disks that we serve. */
	unsigned int noio = memalloc_noio_save();

	set_freezable();
	while (!blkback_thread_over(ring)) {
		wait_event_freezable_timeout(ring->wq,
					     blkback_thread_has_work(ring),
					     blkback_thread_timeout(ring));
		blkback_thread_work(ring);
	}
	memalloc_noio_restore(noio);
	return 0;
}

/**
 * blkback_thread_start() - start the thread
 * @ring: open
 *
 * Return: 0 or a negative error.
 */
int blkback_thread_start(struct blkback_ring *ring)
{
	struct task_struct *task = kthread_create(blkback_thread_run, ring,
						  "%s", ring->name);

	if (IS_ERR(task))
		return PTR_ERR(task);
	ring->task = task;
	/* Requests may be waiting already, without a further event. */
	ring->kicked = true;
	wake_up_process(task);
	return 0;
}

/**
 * blkback_thread_stop() - stop the thread
 * @ring: open; the caller has set @ring->stopping for all rings of the device,
 *        because the last requests of one ring may have to wait for those of
 *        another
 *
 * Waits for block I/O in flight.
 */
void blkback_thread_stop(struct blkback_ring *ring)
{
	if (ring->task)
		kthread_stop(ring->task);
	ring->task = NULL;
	xpv_event_close(&ring->event);
}
