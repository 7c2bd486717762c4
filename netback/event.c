// SPDX-License-Identifier: GPL-2.0-only
/* The event channels of a queue, which its two directions may share. */
#include "netback.h"

static irqreturn_t netback_event_handler(int irq, void *cookie)
{
	struct netback_event *e = cookie;
	struct netback_queue *q = e->queue;

	WRITE_ONCE(e->fired, e->fired + 1);
	atomic_or(e->wakes, &e->owe);
	if (e->wakes & NETBACK_OWE_TX)
		napi_schedule(&q->tx_napi);
	if (e->wakes & NETBACK_OWE_RX)
		napi_schedule(&q->rx_napi);
	return IRQ_HANDLED;
}

/**
 * netback_event_answer() - one direction has handled an event
 * @e:      event channel
 * @who:    NETBACK_OWE_TX or NETBACK_OWE_RX
 * @worked: it found work
 *
 * After the EOI the hypervisor may send the next event. A direction that found
 * work sends the EOI for both, because the other one may be busy for long or
 * wait for credit, and the guest has more to announce meanwhile. A direction
 * without work leaves the EOI to the other one, if that has not handled the
 * event yet. The event core throttles events without work.
 */
void netback_event_answer(struct netback_event *e, unsigned int who,
			  bool worked)
{
	int owe = atomic_read(&e->owe), left;

	do {
		if (!(owe & who))
			return;
		left = worked ? 0 : owe & ~who;
	} while (!atomic_try_cmpxchg(&e->owe, &owe, left));
	if (!left)
		xen_irq_lateeoi(e->ev.irq, worked ? 0 : XEN_EOI_FLAG_SPURIOUS);
}

static int netback_event_bind_one(struct netback_queue *q,
				  struct netback_event *e, evtchn_port_t port,
				  unsigned int wakes, const char *suffix)
{
	e->queue = q;
	e->wakes = wakes;
	snprintf(e->name, sizeof(e->name), "%s-q%u%s", q->be->net->name,
		 q->index, suffix);
	return xpv_event_accept(&e->ev, q->be->xdev, port, netback_event_handler,
				e->name, e);
}

/**
 * netback_event_bind() - bind the event channels of a queue
 * @q:       queue; its NAPI instances exist but are not enabled
 * @tx_port: event channel
 * @rx_port: event channel of the receive ring, 0 if both rings share one
 *
 * Handlers run before this returns.
 *
 * Return: 0 or a negative error; netback_queue_close() undoes both.
 * Context: process.
 */
int netback_event_bind(struct netback_queue *q, evtchn_port_t tx_port,
		       evtchn_port_t rx_port)
{
	int err;

	q->tx_event = &q->event[0];
	if (!rx_port) {
		q->rx_event = q->tx_event;
		return netback_event_bind_one(q, q->tx_event, tx_port,
					      NETBACK_OWE_TX | NETBACK_OWE_RX,
					      "");
	}
	q->rx_event = &q->event[1];
	err = netback_event_bind_one(q, q->tx_event, tx_port, NETBACK_OWE_TX,
				     "-tx");
	if (err)
		return err;
	return netback_event_bind_one(q, q->rx_event, rx_port, NETBACK_OWE_RX,
				      "-rx");
}
