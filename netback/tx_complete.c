// SPDX-License-Identifier: GPL-2.0-only
/* Guest transmit: write the responses, and publish them together. */
#include "netback.h"

/**
 * netback_tx_respond() - write the response to a slot
 * @q:      queue
 * @id:     the frontend's id
 * @status: XPV_NETIF_RSP_*
 *
 * The response is published later, with others.
 *
 * Context: tx NAPI.
 */
void netback_tx_respond(struct netback_queue *q, u16 id, int status)
{
	struct xpv_netif_tx_rsp rsp = { .id = id, .status = status };

	xpv_peer_store(xpv_ring_entry(&q->tx, q->tx.prod), &rsp, sizeof(rsp));
	q->tx.prod++;
}

/**
 * netback_tx_answer() - answer the slots of a packet
 * @q:      queue
 * @c:      slots
 * @later:  bit n: slot n is answered later
 * @status: XPV_NETIF_RSP_*
 *
 * Context: tx NAPI.
 */
void netback_tx_answer(struct netback_queue *q, const struct netback_chain *c,
		       u32 later, int status)
{
	unsigned int i;

	if (!(later & 1))
		netback_tx_respond(q, c->piece[0].id, status);
	for (i = 0; i < c->nr_extra; i++)
		netback_tx_respond(q, 0, XPV_NETIF_RSP_NULL);
	for (i = 1; i < c->nr; i++) {
		if (!(later & BIT(i)))
			netback_tx_respond(q, c->piece[i].id, status);
	}
}

/**
 * netback_tx_publish() - publish the responses to the frontend
 * @q: queue
 */
void netback_tx_publish(struct netback_queue *q)
{
	u32 nr = q->tx.prod - q->tx.pub;
	bool notify;

	if (!nr)
		return;
	notify = xpv_back_publish(&q->tx);
	if (notify)
		notify_remote_via_irq(q->tx_event->ev.irq);
	netback_count_tx(q, NETBACK_TX_RESPONSES, nr);
	netback_count_tx(q, notify ? NETBACK_TX_NOTIFIED :
				     NETBACK_TX_UNNOTIFIED, 1);
	trace_xpv_notify(dev_name(&q->be->xdev->dev), q->index, q->tx.prod,
			 notify);
}
