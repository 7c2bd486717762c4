// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a request: its I/O completes, its pages are unmapped, its response
 * is written, and later published together with others.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include "blkback.h"
#include "trace.h"

/* A response, the same in both layouts; no byte of it is left uninitialised. */
struct blkback_wire_rsp {
	u64 id;
	u8 op;
	u8 pad;
	s16 status;
} __packed __aligned(4);
static_assert(sizeof(struct blkback_wire_rsp) == 12);

/* The status to answer a completed request with. */
static int blkback_complete_status(const struct blkback_req *req)
{
	if (likely(!req->error))
		return BLKBACK_OKAY;
	if (req->error == -EOPNOTSUPP && req->cmd.op != BLKBACK_OP_READ &&
	    req->cmd.op != BLKBACK_OP_WRITE)
		return BLKBACK_EOPNOTSUPP;
	return BLKBACK_ERROR;
}

/* Write the response to a request; it is published with others later. */
static void blkback_complete_write(struct blkback_ring *ring,
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
static bool blkback_complete_show(struct blkback_ring *ring)
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

/**
 * blkback_complete_publish() - publish the responses written so far
 * @ring: the ring
 *
 * Context: the ring's thread.
 */
void blkback_complete_publish(struct blkback_ring *ring)
{
	bool notify;

	/* Responses written elsewhere are also published there. */
	if (READ_ONCE(ring->ring.prod) == READ_ONCE(ring->ring.pub))
		return;
	spin_lock_irq(&ring->rsp_lock);
	notify = blkback_complete_show(ring);
	spin_unlock_irq(&ring->rsp_lock);
	if (notify)
		notify_remote_via_irq(ring->event.irq);
}

/*
 * True if a request can be answered outside of the thread, because nothing has
 * to be unmapped first. A barrier is excluded, because its answer lets other
 * requests continue.
 */
static bool blkback_complete_is_plain(const struct blkback_req *req)
{
	return !req->mapped && req->cmd.op != BLKBACK_OP_BARRIER;
}

/*
 * The thread sleeps in submit_bio(), perhaps for a tag that others hold: answer
 * the requests that have completed so far. The thread does the rest later. True
 * if the list of completed requests was empty before.
 */
static bool blkback_complete_early(struct blkback_ring *ring)
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
		if (req->answered || !blkback_complete_is_plain(req))
			continue;
		blkback_complete_write(ring, req, blkback_complete_status(req));
		ring->count.responses_early++;
		req->answered = true;
	}
	if (last) {
		if (blkback_complete_show(ring))
			notify_remote_via_irq(ring->event.irq);
		first = llist_add_batch(list, last, &ring->done);
	}
	spin_unlock_irqrestore(&ring->rsp_lock, flags);
	return first;
}

/**
 * blkback_complete_io() - the I/O of a request has completed
 * @req: must not be used by the caller any more
 *
 * Context: any, also an interrupt.
 */
void blkback_complete_io(struct blkback_req *req)
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
		first |= blkback_complete_early(ring);
	if (first)
		wake_up(&ring->wq);
	rcu_read_unlock();
}

/**
 * blkback_complete_respond() - write the response to a request
 * @ring:   the ring
 * @req:    in no list; free afterwards
 * @status: BLKBACK_OKAY, _ERROR or _EOPNOTSUPP
 *
 * The response is published later, with others.
 *
 * Context: the ring's thread.
 */
void blkback_complete_respond(struct blkback_ring *ring,
			      struct blkback_req *req, int status)
{
	if (!req->answered) {
		spin_lock_irq(&ring->rsp_lock);
		blkback_complete_write(ring, req, status);
		spin_unlock_irq(&ring->rsp_lock);
	}

	if (req->seg && req->seg != req->inline_seg) {
		/*
		 * Reuse arrays: an allocation would clear all of the array,
		 * which is not needed.
		 */
		if (ring->nr_spare_segs < ARRAY_SIZE(ring->spare_segs))
			ring->spare_segs[ring->nr_spare_segs++] = req->seg;
		else
			mempool_free(req->seg, ring->segs);
	}
	list_add(&req->link, &ring->idle);
	if (req->entered)
		blkback_drain_leave(ring);
	if (ring->barrier == req)
		blkback_drain_release(ring);
}

/*
 * True if a request's pages have other users. Below a network file system or
 * block device the pages may be in a socket buffer longer than the bio exists.
 * They must stay mapped until then.
 */
static bool blkback_complete_is_busy(const struct blkback_req *req)
{
	unsigned int i;

	if (!req->mapped)
		return false;
	for (i = 0; i < req->cmd.nr_segs; i++) {
		const struct blkback_seg *seg = &req->seg[i];

		if (seg->page && !seg->pgrant && page_count(seg->page) > 1)
			return true;
	}
	return false;
}

static void blkback_complete_answer(struct blkback_ring *ring,
				    struct list_head *reqs)
{
	struct blkback_req *req, *next;

	list_for_each_entry_safe(req, next, reqs, link) {
		list_del(&req->link);
		blkback_complete_respond(ring, req, blkback_complete_status(req));
	}
}

/*
 * Unmap the pages of completed requests, then answer them. The order matters:
 * after the response the frontend may reuse its pages.
 */
static void blkback_complete_release(struct blkback_ring *ring,
				     struct list_head *reqs)
{
	struct blkback_req *req;
	unsigned int nr = 0;
	LIST_HEAD(dropped);

	list_for_each_entry(req, reqs, link) {
		if (nr + req->cmd.nr_segs > BLKBACK_BATCH_OPS) {
			blkback_grant_unmap(ring, nr);
			list_cut_before(&dropped, reqs, &req->link);
			blkback_complete_answer(ring, &dropped);
			nr = 0;
		}
		nr = blkback_grant_drop(ring, req, nr);
	}
	blkback_grant_unmap(ring, nr);
	blkback_complete_answer(ring, reqs);
}

/**
 * blkback_complete_reap() - release the requests whose I/O has completed
 * @ring: the ring
 *
 * Those whose pages have other users stay until a later call.
 *
 * Return: true if any was released.
 * Context: the ring's thread.
 */
bool blkback_complete_reap(struct blkback_ring *ring)
{
	struct llist_node *node = llist_del_all(&ring->done);
	struct blkback_req *req, *next;
	LIST_HEAD(ready);

	list_for_each_entry_safe(req, next, &ring->lingering, link) {
		if (!blkback_complete_is_busy(req))
			list_move_tail(&req->link, &ready);
	}
	node = llist_reverse_order(node);
	llist_for_each_entry_safe(req, next, node, done) {
		if (unlikely(blkback_complete_is_busy(req))) {
			ring->count.lingered++;
			list_add_tail(&req->link, &ring->lingering);
		} else {
			list_add_tail(&req->link, &ready);
		}
	}
	if (list_empty(&ready))
		return false;
	blkback_complete_release(ring, &ready);
	return true;
}
