// SPDX-License-Identifier: GPL-2.0-only
/*
 * A queue: its rings and event channels, and the NAPI that serves both rings.
 */
#include <linux/interrupt.h>
#include <xenpv/events.h>
#include <xenpv/grant.h>
#include "netfront.h"
#include "trace.h"

/*
 * Limit of successive polls that find nothing although the ring's index
 * promises work.
 */
#define NETFRONT_MAX_VAIN	1000
/* Checks of the rings in one poll. */
#define NETFRONT_MAX_LOOKS	4

/*
 * One poll handles all events that come before its end. Without this, the
 * second event of a packet and its response would schedule NAPI once more, and
 * ksoftirqd would run it if the first one has woken a task.
 */
static irqreturn_t netfront_event(struct netfront_queue *q, int event)
{
	/* Pairs with netfront_queue_start() and netfront_queue_look(). */
	int before = atomic_fetch_or(event | NETFRONT_POLL, &q->events);

	if (READ_ONCE(q->polling) && !(before & NETFRONT_POLL))
		napi_schedule(&q->napi);
	return IRQ_HANDLED;
}

static irqreturn_t netfront_tx_event(int irq, void *cookie)
{
	return netfront_event(cookie, NETFRONT_TX_EVENT);
}

static irqreturn_t netfront_rx_event(int irq, void *cookie)
{
	return netfront_event(cookie, NETFRONT_RX_EVENT);
}

/**
 * netfront_queue_init() - initialise a queue, once in a netdev's life
 * @q:     zeroed
 * @nf:    device
 * @index: index of the queue
 */
void netfront_queue_init(struct netfront_queue *q, struct netfront_dev *nf,
			 unsigned int index)
{
	unsigned int i;

	q->nf = nf;
	q->index = index;
	u64_stats_init(&q->tx.sync);
	u64_stats_init(&q->sync);
	timer_setup(&q->rx.timer, netfront_rx_timer, 0);
	timer_setup(&q->tx.look, netfront_tx_look, 0);
	for (i = 0; i < NETFRONT_SLOTS; i++) {
		q->ref[i] = INVALID_GRANT_REF;
		q->rx.ref[i] = INVALID_GRANT_REF;
	}
	netif_napi_add(nf->netdev, &q->napi, netfront_poll);
}

/*
 * Allocate references for every slot, so that none has to be allocated later.
 */
static int netfront_queue_refs(struct netfront_queue *q)
{
	grant_ref_t head;
	unsigned int i;
	int err;

	err = gnttab_alloc_grant_references(2 * NETFRONT_SLOTS, &head);
	if (err)
		return err;
	for (i = 0; i < NETFRONT_SLOTS; i++) {
		q->ref[i] = gnttab_claim_grant_reference(&head);
		q->rx.ref[i] = gnttab_claim_grant_reference(&head);
	}
	gnttab_free_grant_references(head);
	return 0;
}

static void netfront_queue_unref(struct netfront_queue *q)
{
	unsigned int i;

	for (i = 0; i < NETFRONT_SLOTS; i++) {
		if (q->ref[i] != INVALID_GRANT_REF)
			gnttab_free_grant_reference(q->ref[i]);
		if (q->rx.ref[i] != INVALID_GRANT_REF)
			gnttab_free_grant_reference(q->rx.ref[i]);
		q->ref[i] = INVALID_GRANT_REF;
		q->rx.ref[i] = INVALID_GRANT_REF;
	}
}

static int netfront_queue_rings(struct netfront_queue *q)
{
	int err;

	err = xpv_shared_offer(&q->tx_ring, q->nf->dev, 1);
	if (!err)
		err = xpv_shared_offer(&q->rx_ring, q->nf->dev, 1);
	if (err)
		return err;
	xpv_sring_init(q->tx_ring.vaddr);
	xpv_sring_init(q->rx_ring.vaddr);
	xpv_ring_attach(&q->tx.half, q->tx_ring.vaddr, PAGE_SIZE,
			XPV_NETIF_TX_ENTRY);
	xpv_ring_attach(&q->rx.half, q->rx_ring.vaddr, PAGE_SIZE,
			XPV_NETIF_RX_ENTRY);
	q->txc.half = q->tx.half;
	return 0;
}

static int netfront_queue_events(struct netfront_queue *q)
{
	struct xenbus_device *dev = q->nf->dev;
	const char *vif = strrchr(dev->nodename, '/') + 1;
	int err;

	/* The in-tree driver's names of the interrupts. */
	if (!q->nf->link.features.split) {
		snprintf(q->tx_name, sizeof(q->tx_name), "vif%.8s-q%u", vif,
			 q->index);
		return xpv_event_offer(&q->tx_event, dev, netfront_tx_event,
				       q->tx_name, q);
	}
	snprintf(q->tx_name, sizeof(q->tx_name), "vif%.8s-q%u-tx", vif,
		 q->index);
	snprintf(q->rx_name, sizeof(q->rx_name), "vif%.8s-q%u-rx", vif,
		 q->index);
	err = xpv_event_offer(&q->tx_event, dev, netfront_tx_event, q->tx_name,
			      q);
	if (!err)
		err = xpv_event_offer(&q->rx_event, dev, netfront_rx_event,
				      q->rx_name, q);
	return err;
}

/**
 * netfront_queue_open() - set up rings, pages and event channels
 * @q: closed
 *
 * After an error netfront_queue_close() frees what was allocated.
 *
 * Return: 0 or a negative error.
 * Context: process, under fsm.act.
 */
int netfront_queue_open(struct netfront_queue *q)
{
	unsigned int i;
	int err;

	lockdep_assert_held(&q->nf->fsm.act);
	q->halted = false;
	q->bounce = q->nf->link.bounce;
	q->static_grants = false;
	q->rx.static_grants = false;
	atomic_set(&q->events, 0);
	q->vain = 0;
	for (i = 0; i < NETFRONT_SLOTS; i++)
		q->ids[i] = i;
	q->tx.head = 0;
	q->tx.extras = 0;
	q->txc.extras = 0;
	q->txc.stuck = ~0U;
	q->txc.tail = NETFRONT_SLOTS;

	err = netfront_queue_rings(q);
	if (!err)
		err = netfront_queue_refs(q);
	if (!err)
		err = netfront_buffer_open(q);
	if (!err)
		err = netfront_rx_open(q);
	if (!err)
		err = netfront_queue_events(q);
	return err;
}

static void netfront_queue_spread(struct netfront_queue *q, bool on)
{
	unsigned int cpu = cpumask_local_spread(q->index, NUMA_NO_NODE);
	const struct cpumask *mask = on ? cpumask_of(cpu) : NULL;

	if (q->tx_event.irq)
		irq_set_affinity_and_hint(q->tx_event.irq, mask);
	if (q->rx_event.irq)
		irq_set_affinity_and_hint(q->rx_event.irq, mask);
}

/**
 * netfront_queue_start() - start using the queue; the backend has connected
 * @q: open
 *
 * Context: process, under fsm.act.
 */
void netfront_queue_start(struct netfront_queue *q)
{
	struct netdev_queue *txq = netfront_txq(q);

	lockdep_assert_held(&q->nf->fsm.act);
	if (q->nf->link.nr_queues > 1)
		netfront_queue_spread(q, true);
	__netif_tx_lock_bh(txq);
	WRITE_ONCE(q->up, true);
	__netif_tx_unlock_bh(txq);
	napi_enable(&q->napi);
	WRITE_ONCE(q->polling, true);
	smp_mb();	/* an earlier event only set its bit */
	netfront_poke(q);
}

/**
 * netfront_poke() - check the rings without an event
 * @q: any
 *
 * Context: process, or the watchdog's.
 */
void netfront_poke(struct netfront_queue *q)
{
	local_bh_disable();
	if (READ_ONCE(q->polling))
		napi_schedule(&q->napi);
	local_bh_enable();
}

/**
 * netfront_queue_hold() - stop using a queue, but leave it as it is
 * @q: any
 *
 * Does not wait for the backend.
 *
 * Context: process, under fsm.act.
 */
void netfront_queue_hold(struct netfront_queue *q)
{
	struct netdev_queue *txq = netfront_txq(q);

	lockdep_assert_held(&q->nf->fsm.act);
	__netif_tx_lock_bh(txq);
	WRITE_ONCE(q->up, false);
	if (q->nf->carrier.kept) {
		netif_tx_stop_queue(txq);
		txq_trans_cond_update(txq);
	}
	__netif_tx_unlock_bh(txq);
	if (!q->polling)
		return;
	WRITE_ONCE(q->polling, false);
	napi_disable(&q->napi);
	timer_delete_sync(&q->rx.timer);
	timer_delete_sync(&q->tx.look);
}

/**
 * netfront_queue_close() - free everything
 * @q: stopped by netfront_queue_hold(), or closed
 *
 * Packets in flight are dropped.
 *
 * Context: process, under fsm.act.
 */
void netfront_queue_close(struct netfront_queue *q)
{
	lockdep_assert_held(&q->nf->fsm.act);
	netfront_queue_spread(q, false);
	xpv_event_close(&q->tx_event);
	xpv_event_close(&q->rx_event);
	netfront_tx_collect(q);
	netfront_rx_close(q);
	netfront_buffer_close(q);
	netfront_queue_unref(q);
	q->tx.half.sring = NULL;
	q->txc.half.sring = NULL;
	q->rx.half.sring = NULL;
	xpv_shared_close(&q->tx_ring);
	xpv_shared_close(&q->rx_ring);
}

/*
 * Send the EOIs of the events handled, and throttle a backend that sends events
 * without work. With one channel, work of either ring counts.
 */
static void netfront_queue_answer(struct netfront_queue *q, int events)
{
	bool split = q->rx_event.irq;
	unsigned int flags, nr = 0, vain = 0;
	u32 seen;

	if (events & NETFRONT_TX_EVENT) {
		seen = q->txc.work + (split ? 0 : q->rx.work);
		flags = seen == q->tx_seen ? XEN_EOI_FLAG_SPURIOUS : 0;
		q->tx_seen = seen;
		nr++;
		vain += !!flags;
		xen_irq_lateeoi(q->tx_event.irq, flags);
	}
	if (events & NETFRONT_RX_EVENT) {
		flags = q->rx.work == q->rx_seen ? XEN_EOI_FLAG_SPURIOUS : 0;
		q->rx_seen = q->rx.work;
		nr++;
		vain += !!flags;
		xen_irq_lateeoi(q->rx_event.irq, flags);
	}
	u64_stats_update_begin(&q->sync);
	u64_stats_add(&q->count[NETFRONT_NAPI_events], nr);
	u64_stats_add(&q->count[NETFRONT_NAPI_events_without_work], vain);
	u64_stats_update_end(&q->sync);
}

/* Detect a ring whose index always promises work that is not there. */
static void netfront_queue_vain(struct netfront_queue *q, unsigned int work)
{
	if (work)
		q->vain = 0;
	else if (++q->vain > NETFRONT_MAX_VAIN)
		netfront_queue_break(q, NETFRONT_RING_RACE, q->vain,
				     NETFRONT_MAX_VAIN);
}

/*
 * Serve both rings until there is no more work and no event came meanwhile.
 * Returns the packets received; @budget if there are more.
 */
static int netfront_queue_look(struct netfront_queue *q, int budget)
{
	unsigned int looks, sent, got;
	int total = 0, events;
	bool more;

	for (looks = 0; looks < NETFRONT_MAX_LOOKS; looks++) {
		/* From here on the work of these events is seen. */
		events = atomic_fetch_or(NETFRONT_POLL, &q->events) |
			 NETFRONT_POLL;
		sent = netfront_tx_done(q, budget);
		got = likely(!q->halted) ?
		      netfront_rx_poll(q, budget - total) : 0;
		total += got;
		if (total >= budget || unlikely(q->halted))
			break;
		more = netfront_tx_arm(q);
		more |= netfront_rx_arm(q);
		if (more) {
			netfront_queue_vain(q, sent + got);
			if (unlikely(q->halted))
				break;
			continue;
		}
		q->vain = 0;
		if (atomic_cmpxchg(&q->events, events, 0) == events) {
			netfront_queue_answer(q, events);
			return total;
		}
	}
	return budget;
}

/**
 * netfront_poll() - serve both rings of a queue; see NAPI
 * @napi:   of a queue
 * @budget: maximum number of received packets
 *
 * Return: number of packets received.
 */
int netfront_poll(struct napi_struct *napi, int budget)
{
	struct netfront_queue *q = container_of(napi, struct netfront_queue,
						napi);
	int got = 0;

	netfront_count(q, NETFRONT_NAPI_polls, 1);
	if (!budget) {
		if (likely(!q->halted))
			netfront_tx_done(q, budget);
		return 0;
	}
	if (likely(!q->halted))
		got = netfront_queue_look(q, budget);
	/* Events of a broken queue get no EOI, so they stay masked. */
	if (unlikely(q->halted))
		got = min(got, budget - 1);
	if (got < budget)
		napi_complete_done(napi, got);
	return got;
}
