// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ring and its thread: take requests in rounds, answer completed ones, send
 * one notification for each round.
 */
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/sched/clock.h>
#include <linux/sched/mm.h>
#include <linux/sched/stat.h>
#include <linux/slab.h>
#include "blkback.h"
#include "trace.h"

/* Retry interval while waiting for memory or for the release of a page. */
#define BLKBACK_RETRY	max(HZ / 100, 1)

/* Maximum number of polls to skip after an unsuccessful one. */
#define BLKBACK_POLL_PAUSE	1023

/*
 * The thread moves after so many successive events on another, idle processor.
 */
#define BLKBACK_STRAYS		32
#define BLKBACK_MOVE_PERIOD	max(HZ / 4, 1)

/* A response, the same in both layouts; no byte of it is left uninitialised. */
struct blkback_wire_rsp {
	u64 id;
	u8 op;
	u8 pad;
	s16 status;
} __packed __aligned(4);
static_assert(sizeof(struct blkback_wire_rsp) == 12);

static irqreturn_t blkback_ring_event(int irq, void *cookie)
{
	struct blkback_ring *ring = cookie;

	WRITE_ONCE(ring->events, ring->events + 1);
	WRITE_ONCE(ring->event_cpu, is_idle_task(current) ? smp_processor_id() :
							    -1);
	WRITE_ONCE(ring->fired, true);
	wake_up(&ring->wq);
	return IRQ_HANDLED;
}

/**
 * blkback_ring_kick() - make a ring's thread check for work
 * @ring: any ring of the device
 *
 * Context: any ring's thread of the same device, or under
 * @ring->be->rings_lock.
 */
void blkback_ring_kick(struct blkback_ring *ring)
{
	WRITE_ONCE(ring->kicked, true);
	wake_up(&ring->wq);
}

/* Write the response to a request; it is published with others later. */
static void blkback_ring_write(struct blkback_ring *ring,
			       struct blkback_req *req, int status)
{
	struct blkback_wire_rsp rsp = {
		.id = req->cmd.id,
		.op = req->cmd.op,
		.status = status,
	};

	lockdep_assert_held(&ring->rsp_lock);
	trace_blkback_response(ring, rsp.id, rsp.op, status);
	xpv_peer_store(xpv_ring_entry(&ring->ring, ring->ring.prod), &rsp,
		       sizeof(rsp));
	WRITE_ONCE(ring->ring.prod, ring->ring.prod + 1);
	ring->count.responses++;
	ring->count.failed += status != BLKBACK_OKAY;
}

/* Publish the responses; true if the frontend asked for an event. */
static bool blkback_ring_show(struct blkback_ring *ring)
{
	bool notify;

	lockdep_assert_held(&ring->rsp_lock);
	if (ring->ring.prod == ring->ring.pub)
		return false;
	notify = xpv_back_publish(&ring->ring);
	if (notify)
		ring->count.notify_sent++;
	else
		ring->count.notify_suppressed++;
	trace_xpv_notify(dev_name(&ring->be->xdev->dev), ring->index,
			 ring->ring.prod, notify);
	return notify;
}

static void blkback_ring_publish(struct blkback_ring *ring)
{
	bool notify;

	/* Responses written elsewhere are also published there. */
	if (READ_ONCE(ring->ring.prod) == READ_ONCE(ring->ring.pub))
		return;
	spin_lock_irq(&ring->rsp_lock);
	notify = blkback_ring_show(ring);
	spin_unlock_irq(&ring->rsp_lock);
	if (notify)
		notify_remote_via_irq(ring->event.irq);
}

/*
 * True if a request can be answered outside of the thread, because nothing has
 * to be unmapped first. A barrier is excluded, because its answer lets other
 * requests continue.
 */
static bool blkback_ring_is_plain(const struct blkback_req *req)
{
	return !req->mapped && req->cmd.op != BLKBACK_OP_BARRIER;
}

/*
 * The thread sleeps in submit_bio(), perhaps for a tag that others hold: answer
 * the requests that have completed so far. The thread does the rest later. True
 * if the list of completed requests was empty before.
 */
static bool blkback_ring_answer(struct blkback_ring *ring)
{
	struct llist_node *list, *node, *last = NULL;
	unsigned long flags;
	bool first = false;

	spin_lock_irqsave(&ring->rsp_lock, flags);
	/*
	 * Neither the thread nor the ring ends while some requests are not in
	 * the list.
	 */
	list = llist_del_all(&ring->done);
	llist_for_each(node, list) {
		struct blkback_req *req = llist_entry(node, struct blkback_req,
						      done);

		last = node;
		if (req->answered || !blkback_ring_is_plain(req))
			continue;
		blkback_ring_write(ring, req, blkback_request_status(req));
		ring->count.responses_early++;
		req->answered = true;
	}
	if (last) {
		if (blkback_ring_show(ring))
			notify_remote_via_irq(ring->event.irq);
		first = llist_add_batch(list, last, &ring->done);
	}
	spin_unlock_irqrestore(&ring->rsp_lock, flags);
	return first;
}

/**
 * blkback_ring_done() - the I/O of a request has completed
 * @req: must not be used by the caller any more
 *
 * Context: any, also an interrupt.
 */
void blkback_ring_done(struct blkback_req *req)
{
	struct blkback_ring *ring = req->ring;
	struct task_struct *task = ring->task;
	bool first;

	if (in_task() && current == task) {
		llist_add(&req->done, &ring->done);
		return;
	}
	/*
	 * The thread may answer this request as the last one, and the ring may
	 * be freed.
	 */
	rcu_read_lock();
	first = llist_add(&req->done, &ring->done);
	if (READ_ONCE(ring->submitting) && !task_is_running(task))
		first |= blkback_ring_answer(ring);
	if (first)
		wake_up(&ring->wq);
	rcu_read_unlock();
}

/**
 * blkback_ring_respond() - write the response to a request
 * @ring:   the ring
 * @req:    in no list; free afterwards
 * @status: BLKBACK_OKAY, _ERROR or _EOPNOTSUPP
 *
 * The response is published later, with others.
 *
 * Context: the ring's thread.
 */
void blkback_ring_respond(struct blkback_ring *ring, struct blkback_req *req,
			  int status)
{
	if (!req->answered) {
		spin_lock_irq(&ring->rsp_lock);
		blkback_ring_write(ring, req, status);
		spin_unlock_irq(&ring->rsp_lock);
	}

	if (req->seg && req->seg != req->inline_seg) {
		/*
		 * Reuse arrays: an allocation would clear all of the array,
		 * which is not needed.
		 */
		if (ring->nr_kept < ARRAY_SIZE(ring->kept))
			ring->kept[ring->nr_kept++] = req->seg;
		else
			mempool_free(req->seg, ring->segs);
	}
	list_add(&req->link, &ring->idle);
	if (req->entered)
		blkback_drain_leave(ring);
	if (ring->barrier == req)
		blkback_drain_release(ring);
}

/* Copy a request out of shared memory, each byte once. */
static void blkback_ring_fetch(struct blkback_ring *ring,
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
static struct blkback_req *blkback_ring_next(struct blkback_ring *ring)
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
	blkback_ring_fetch(ring, &req->raw);
	ring->count.requests++;

	status = blkback_parse_request(&ring->batch.rules, &req->raw, &req->cmd,
				       &fault);
	if (!status)
		return req;
	if (fault.site < BLKBACK_SITES)
		xpv_violation(&ring->be->violations, fault.site, fault.value,
			      fault.bound, "request refused");
	ring->count.refused++;
	blkback_ring_respond(ring, req, status);
	return NULL;
}

/* The number of requests to take; always 0 once the index was impossible. */
static u32 blkback_ring_pending(struct blkback_ring *ring)
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
static bool blkback_ring_is_held(const struct blkback_ring *ring)
{
	return ring->held || !list_empty(&ring->starved);
}

/*
 * Requests that had to wait are taken first; true if none has to wait any more.
 */
static bool blkback_ring_take_held(struct blkback_ring *ring)
{
	struct blkback_req *req, *next;

	list_for_each_entry_safe(req, next, &ring->starved, link) {
		list_del(&req->link);
		if (blkback_request_stage(ring, req))
			continue;
		list_add(&req->link, &ring->starved);
		return false;
	}
	if (ring->held && !blkback_request_stage(ring, ring->held))
		return false;
	ring->held = NULL;
	return true;
}

/* Take a round of requests; true if there was any work. */
static bool blkback_ring_take(struct blkback_ring *ring)
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

	if (blkback_ring_take_held(ring))
		nr = blkback_ring_pending(ring);
	if (nr || b->nr_reqs)
		blkback_vbd_rules(&ring->be->vbd, &b->rules);
	/*
	 * There may be no free request if those answered early are not reaped
	 * yet.
	 */
	for (; taken < nr && b->nr_reqs < BLKBACK_BATCH_REQS &&
	     !list_empty(&ring->idle); taken++) {
		req = blkback_ring_next(ring);
		if (!req || blkback_request_stage(ring, req))
			continue;
		ring->held = req;
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

/*
 * Release the requests whose I/O completed and whose pages have no other users.
 */
static bool blkback_ring_reap(struct blkback_ring *ring)
{
	struct llist_node *node = llist_del_all(&ring->done);
	struct blkback_req *req, *next;
	LIST_HEAD(ready);

	list_for_each_entry_safe(req, next, &ring->lingering, link) {
		if (!blkback_grant_busy(req))
			list_move_tail(&req->link, &ready);
	}
	node = llist_reverse_order(node);
	llist_for_each_entry_safe(req, next, node, done) {
		if (unlikely(blkback_grant_busy(req))) {
			ring->count.lingered++;
			list_add_tail(&req->link, &ring->lingering);
		} else {
			list_add_tail(&req->link, &ready);
		}
	}
	if (list_empty(&ready))
		return false;
	blkback_grant_release(ring, &ready);
	return true;
}

/* Periodic work between rounds. */
static void blkback_ring_tend(struct blkback_ring *ring)
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
	blkback_grant_recover(ring);
	blkback_persistent_purge(ring);
	blkback_grant_trim(ring, keep);
	if (unlikely(blkback_vbd_resized(be)))
		xpv_machine_kick(&be->machine);
	if (READ_ONCE(blkback_log_stats) &&
	    time_after(jiffies, ring->next_log))
		blkback_stats_log(ring);
}

static bool blkback_ring_round(struct blkback_ring *ring)
{
	bool worked = blkback_ring_take(ring);

	worked |= blkback_ring_reap(ring);
	blkback_ring_publish(ring);
	blkback_ring_tend(ring);
	return worked;
}

/*
 * Send the EOI when the ring is empty and re-armed, so that the hypervisor
 * holds back further events while we work. A ring that cannot continue sends
 * none: the frontend must wait.
 */
static void blkback_ring_eoi(struct blkback_ring *ring)
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
static void blkback_ring_follow(struct blkback_ring *ring)
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

static void blkback_ring_polled_in_vain(struct blkback_ring *ring)
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
static bool blkback_ring_poll(struct blkback_ring *ring)
{
	u64 most = READ_ONCE(blkback_poll_usecs) * NSEC_PER_USEC, begin;

	if (!most || ring->halted || blkback_ring_is_held(ring) ||
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
	blkback_ring_polled_in_vain(ring);
	return false;
}

/*
 * Do a round, or poll for another one. A poll without real work counts as
 * unsuccessful.
 */
static bool blkback_ring_is_busy(struct blkback_ring *ring)
{
	if (blkback_ring_round(ring)) {
		if (ring->poll_hit)
			ring->poll_pause = 0;
		ring->poll_hit = false;
		return true;
	}
	if (ring->poll_hit) {
		ring->poll_hit = false;
		blkback_ring_polled_in_vain(ring);
		return false;
	}
	ring->poll_hit = blkback_ring_poll(ring);
	return ring->poll_hit;
}

static void blkback_ring_work(struct blkback_ring *ring)
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
				blkback_ring_follow(ring);
			}
			xchg(&ring->kicked, false);
			cond_resched();
			try_to_freeze();
		} while (blkback_ring_is_busy(ring));
		if (blkback_ring_is_held(ring) || ring->halted ||
		    READ_ONCE(ring->stopping))
			return;
	} while (xpv_back_arm(&ring->ring));
	blkback_ring_eoi(ring);
}

/* True if the thread may exit: it has answered all requests that it took. */
static bool blkback_ring_over(struct blkback_ring *ring)
{
	return kthread_should_stop() && !ring->inflight && !ring->held &&
	       llist_empty(&ring->done);
}

static bool blkback_ring_has_work(struct blkback_ring *ring)
{
	return READ_ONCE(ring->fired) || READ_ONCE(ring->kicked) ||
	       !llist_empty(&ring->done) || blkback_ring_over(ring);
}

/* Usually without a timer: the device's poll wakes an idle ring. */
static long blkback_ring_timeout(struct blkback_ring *ring)
{
	if (blkback_ring_is_held(ring) || !list_empty(&ring->lingering))
		return BLKBACK_RETRY;
	return READ_ONCE(blkback_log_stats) ? 10L * HZ : MAX_SCHEDULE_TIMEOUT;
}

static int blkback_ring_thread(void *arg)
{
	struct blkback_ring *ring = arg;
	/* Reclaim must not write to the disks that we serve. */
	unsigned int noio = memalloc_noio_save();

	set_freezable();
	while (!blkback_ring_over(ring)) {
		wait_event_freezable_timeout(ring->wq,
					     blkback_ring_has_work(ring),
					     blkback_ring_timeout(ring));
		blkback_ring_work(ring);
	}
	memalloc_noio_restore(noio);
	return 0;
}

/*
 * Start where the previous backend stopped, if there was one: it has answered
 * all requests that it took. With a new ring the index is 0.
 */
static int blkback_ring_attach(struct blkback_ring *ring)
{
	struct xpv_ring *r = &ring->ring;
	bool is_32 = ring->be->abi == BLKBACK_ABI_32;
	u32 nr;

	xpv_ring_attach(r, ring->shared.vaddr, xpv_shared_size(&ring->shared),
			is_32 ? BLKBACK_ENTRY_32 : BLKBACK_ENTRY_64);
	r->prod = xpv_peer_read32(&r->sring->rsp_prod);
	r->pub = r->prod;
	r->cons = r->prod;
	if (xpv_back_pending(r, &nr))
		return 0;
	xpv_violation(&ring->be->violations, BLKBACK_SITE_RING_PROD,
		      r->cons + nr, r->prod + r->size, "connection refused");
	return -EIO;
}

static int blkback_ring_alloc(struct blkback_ring *ring)
{
	unsigned int i;

	ring->batch.wire = (void *)get_zeroed_page(GFP_KERNEL);
	ring->segs = mempool_create_kmalloc_pool(1, BLKBACK_INDIRECT_SEGS *
						 sizeof(struct blkback_seg));
	ring->reqs = kvcalloc(ring->ring.size, sizeof(*ring->reqs), GFP_KERNEL);
	if (!ring->batch.wire || !ring->segs || !ring->reqs)
		return -ENOMEM;
	for (i = 0; i < ring->ring.size; i++) {
		ring->reqs[i].ring = ring;
		list_add_tail(&ring->reqs[i].link, &ring->idle);
	}
	return 0;
}

/**
 * blkback_ring_open() - connect to a frontend's ring
 * @be:    device
 * @index: queue number
 * @refs:  grant references of the ring's pages
 * @port:  the frontend's event channel
 *
 * Return: the ring, without a thread yet, or an ERR_PTR().
 * Context: process.
 */
struct blkback_ring *blkback_ring_open(struct blkback_dev *be,
				       unsigned int index,
				       const struct xpv_refs *refs,
				       evtchn_port_t port)
{
	struct blkback_ring *ring = kvzalloc(sizeof(*ring), GFP_KERNEL);
	int err;

	if (!ring)
		return ERR_PTR(-ENOMEM);
	ring->be = be;
	ring->index = index;
	snprintf(ring->name, sizeof(ring->name), "%s-%u", be->name, index);
	init_waitqueue_head(&ring->wq);
	spin_lock_init(&ring->rsp_lock);
	init_llist_head(&ring->done);
	init_llist_head(&ring->discards);
	INIT_LIST_HEAD(&ring->idle);
	INIT_LIST_HEAD(&ring->lingering);
	INIT_LIST_HEAD(&ring->starved);
	ring->room = UINT_MAX;
	INIT_LIST_HEAD(&ring->lru);
	INIT_WORK(&ring->discard_work, blkback_discard_work);
	xa_init(&ring->persistent);
	gnttab_page_cache_init(&ring->cache);
	ring->next_purge = jiffies;
	ring->next_move = jiffies;
	ring->event_cpu = -1;
	ring->next_log = jiffies + 10 * HZ;

	err = xpv_shared_accept(&ring->shared, be->xdev, refs);
	if (err)
		goto fail;
	err = blkback_ring_attach(ring);
	if (err)
		goto fail;
	err = blkback_ring_alloc(ring);
	if (err)
		goto fail;
	err = xpv_event_accept(&ring->event, be->xdev, port,
			       blkback_ring_event, "blkif-backend", ring);
	if (err)
		goto fail;
	return ring;
fail:
	blkback_ring_close(ring);
	return ERR_PTR(err);
}

/**
 * blkback_ring_start() - start the thread
 * @ring: open
 *
 * Return: 0 or a negative error.
 */
int blkback_ring_start(struct blkback_ring *ring)
{
	struct task_struct *task = kthread_create(blkback_ring_thread, ring,
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
 * blkback_ring_stop() - stop the thread
 * @ring: open; the caller has set @ring->stopping for all rings of the device,
 *        because the last requests of one ring may have to wait for those of
 *        another
 *
 * Waits for block I/O in flight.
 */
void blkback_ring_stop(struct blkback_ring *ring)
{
	if (ring->task)
		kthread_stop(ring->task);
	ring->task = NULL;
	xpv_event_close(&ring->event);
}

/**
 * blkback_ring_close() - release all resources of a ring, and free it
 * @ring: stopped; an RCU grace period has passed since then
 */
void blkback_ring_close(struct blkback_ring *ring)
{
	cancel_work_sync(&ring->discard_work);
	blkback_persistent_end(ring);
	blkback_grant_trim(ring, 0);
	xpv_event_close(&ring->event);
	xpv_shared_close(&ring->shared);
	kvfree(ring->reqs);
	while (ring->nr_kept)
		mempool_free(ring->kept[--ring->nr_kept], ring->segs);
	mempool_destroy(ring->segs);
	free_page((unsigned long)ring->batch.wire);
	kvfree(ring);
}
