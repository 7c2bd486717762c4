// SPDX-License-Identifier: GPL-2.0-only
/* The ring: publish requests, take responses. */
#include <xen/events.h>
#include "blkfront.h"
#include "trace.h"

/**
 * blkfront_ring_push() - publish the requests on the ring
 * @ring: up, under its lock
 *
 * Return: true if the backend asked for an event. The caller then calls
 * blkfront_ring_notify() without the lock.
 */
bool blkfront_ring_push(struct blkfront_ring *ring)
{
	bool notify;

	lockdep_assert_held(&ring->lock);
	if (ring->half.prod == ring->half.pub)
		return false;
	notify = xpv_front_publish(&ring->half);
	if (notify)
		ring->count[BLKFRONT_notify_sent]++;
	else
		ring->count[BLKFRONT_notify_suppressed]++;
	trace_xpv_notify(dev_name(&ring->bf->dev->dev), ring->index,
			 ring->half.prod, notify);
	return notify;
}

/**
 * blkfront_ring_notify() - send an event
 * @ring: the caller makes sure that its queues are not quiesced meanwhile
 */
void blkfront_ring_notify(struct blkfront_ring *ring)
{
	notify_remote_via_irq(ring->event.irq);
}

/*
 * True if all requests on the ring are polled for, and nobody waits for a slot.
 * Under the lock.
 */
static bool blkfront_ring_is_polled(const struct blkfront_ring *ring)
{
	lockdep_assert_held(&ring->lock);
	return ring->polled && !ring->starved &&
	       ring->polled == ring->half.prod - ring->half.cons;
}

/**
 * blkfront_ring_waited() - a request was put on the ring, or found no slot
 * @ring:   up, under its lock
 * @polled: its submitter polls for the response
 *
 * While all submitters poll, no event is asked for. When the first request that
 * is not polled for comes, the ring may hold responses that their pollers have
 * not taken, perhaps for a long time. A work item takes them and asks for
 * events again.
 */
void blkfront_ring_waited(struct blkfront_ring *ring, bool polled)
{
	lockdep_assert_held(&ring->lock);
	if (likely(!polled && !ring->quiet))
		return;
	if (!polled) {
		ring->quiet = false;
		if (xpv_front_arm(&ring->half))
			queue_work(blkfront_wq, &ring->bf->kick_work);
	} else if (!ring->quiet && blkfront_ring_is_polled(ring)) {
		ring->quiet = true;
		xpv_front_disarm(&ring->half);
	}
}

/*
 * Ask for an event. True if a response came meanwhile, for which no event will
 * be sent. Under the lock.
 */
static bool blkfront_ring_arm(struct blkfront_ring *ring)
{
	lockdep_assert_held(&ring->lock);
	ring->quiet = blkfront_ring_is_polled(ring);
	if (likely(!ring->quiet))
		return xpv_front_arm(&ring->half);
	xpv_front_disarm(&ring->half);
	return false;
}

/* Stop reading the ring after a violation. Under its lock. */
static void blkfront_ring_break(struct blkfront_ring *ring,
				enum blkfront_site site, u64 value, u64 bound)
{
	lockdep_assert_held(&ring->lock);
	ring->halted = true;
	xpv_violation(&ring->bf->violations, site, value, bound,
		      "ring stopped");
	blkfront_halt(ring->bf);
}

/* Take one response; NULL if it does not answer a request. */
static struct blkfront_shadow *blkfront_ring_answer(struct blkfront_ring *ring)
{
	struct blkfront_dev *bf = ring->bf;
	struct blkfront_shadow *sh;
	struct blkif_response rsp;
	/* pairs with blkfront_queue_add() */
	unsigned int nr_queues = smp_load_acquire(&bf->nr_queues);
	unsigned int queue, tag;

	xpv_peer_fetch(&rsp, xpv_ring_entry(&ring->half, ring->half.cons),
		       sizeof(rsp));
	trace_blkfront_response(dev_name(&bf->dev->dev), ring->index, rsp.id,
				rsp.operation, rsp.status);
	if (blkfront_parse_id(rsp.id, nr_queues, bf->depth, &queue, &tag)) {
		blkfront_ring_break(ring, BLKFRONT_RSP_ID, rsp.id,
				    blkfront_parse_make_id(nr_queues - 1,
							   bf->depth - 1));
		return NULL;
	}
	sh = &bf->queues[queue].shadow[tag];
	if (READ_ONCE(sh->ring) != ring || !sh->on_ring) {
		blkfront_ring_break(ring, BLKFRONT_RSP_IDLE, rsp.id, 0);
		return NULL;
	}
	if (!blkfront_parse_op(sh->op, sh->nr_ind, rsp.operation)) {
		blkfront_ring_break(ring, BLKFRONT_RSP_OP, rsp.operation,
				    sh->op);
		return NULL;
	}
	sh->answer = blkfront_parse_status(rsp.status);
	if (unlikely(sh->answer == BLKFRONT_NONSENSE))
		xpv_violation(&bf->violations, BLKFRONT_RSP_STATUS,
			      (u16)rsp.status, 0, "request failed");
	sh->on_ring = false;
	ring->polled -= sh->polled;
	sh->ending = true;
	ring->half.cons++;
	ring->count[BLKFRONT_responses]++;
	return sh;
}

/* Take all responses, as a list in their order. Under the lock. */
static struct blkfront_shadow *blkfront_ring_collect(struct blkfront_ring *ring)
{
	struct blkfront_shadow *first = NULL, **last = &first;
	unsigned int nr;

	lockdep_assert_held(&ring->lock);
	if (!ring->up || ring->halted)
		return NULL;
	/*
	 * Terminates: every response reduces the requests, and none are added.
	 */
	do {
		if (!xpv_front_pending(&ring->half, &nr)) {
			blkfront_ring_break(ring, BLKFRONT_RSP_PROD, nr,
					    ring->half.pub - ring->half.cons);
			break;
		}
		for (; nr; nr--) {
			*last = blkfront_ring_answer(ring);
			if (!*last)
				return first;
			last = &(*last)->next;
		}
	} while (blkfront_ring_arm(ring));
	*last = NULL;
	return first;
}

/* Take responses and complete their requests. */
static bool __blkfront_ring_complete(struct blkfront_ring *ring, bool poll)
{
	struct blkfront_dev *bf = ring->bf;
	struct blkfront_shadow *sh, *next;
	DEFINE_IO_COMP_BATCH(batch);
	unsigned long flags;
	bool run;

	spin_lock_irqsave(&ring->lock, flags);
	sh = blkfront_ring_collect(ring);
	ring->count[BLKFRONT_polls] += poll && sh;
	ring->taken |= poll && sh;
	run = sh && ring->starved;
	if (run)
		ring->starved = false;
	spin_unlock_irqrestore(&ring->lock, flags);
	if (!sh)
		return false;
	if (unlikely(run))
		blk_mq_run_hw_queues(bf->disk->queue, true);

	for (; sh; sh = next) {
		struct request *rq = sh->rq;
		bool requeued = false;
		blk_status_t status;

		/* @sh may be reused once its tag is free */
		next = sh->next;
		if (blk_mq_complete_request_remote(rq))
			continue;
		status = blkfront_complete_request(rq, &requeued);
		if (requeued)
			continue;
		if (!blk_mq_add_to_batch(rq, &batch, status != BLK_STS_OK,
					 blk_mq_end_request_batch))
			blk_mq_end_request(rq, status);
	}
	if (batch.complete)
		batch.complete(&batch);
	return true;
}

/**
 * blkfront_ring_complete() - take responses and complete their requests
 * @ring: may be down
 *
 * Return: true if there was a response.
 * Context: interrupt or process.
 */
bool blkfront_ring_complete(struct blkfront_ring *ring)
{
	return __blkfront_ring_complete(ring, false);
}

/**
 * blkfront_ring_poll() - blkfront_ring_complete() for a submitter that polls
 * @ring: may be down
 *
 * Return: true if there was a response.
 * Context: process.
 */
bool blkfront_ring_poll(struct blkfront_ring *ring)
{
	/*
	 * The ring may be down for long while submitters poll: avoid the lock.
	 */
	return READ_ONCE(ring->up) && __blkfront_ring_complete(ring, true);
}

/* True if a response for which an event was sent may have been polled for. */
static bool blkfront_ring_was_polled(struct blkfront_ring *ring)
{
	unsigned long flags;
	bool taken;

	spin_lock_irqsave(&ring->lock, flags);
	taken = ring->taken;
	ring->taken = false;
	spin_unlock_irqrestore(&ring->lock, flags);
	return taken;
}

/**
 * blkfront_ring_event() - interrupt handler of the event channel
 * @irq:    interrupt
 * @cookie: the ring
 *
 * The event of a broken ring gets no EOI, so that its channel stays masked.
 *
 * Return: IRQ_HANDLED.
 */
irqreturn_t blkfront_ring_event(int irq, void *cookie)
{
	struct blkfront_ring *ring = cookie;
	bool worked;

	ring->count[BLKFRONT_events]++;
	worked = blkfront_ring_complete(ring);
	if (!worked) {
		ring->count[BLKFRONT_events_without_work]++;
		worked = blkfront_ring_was_polled(ring);
	}
	if (!READ_ONCE(ring->halted))
		xen_irq_lateeoi(irq, worked ? 0 : XEN_EOI_FLAG_SPURIOUS);
	return IRQ_HANDLED;
}
