// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of the receive ring: they are granted to the backend, and taken back
 * with what was received.
 */
#include <xenpv/events.h>
#include <xenpv/grant.h>
#include "netfront.h"
#include "trace.h"

/**
 * netfront_rx_page() - allocate a page that may be granted
 * @q: polled, or not yet
 *
 * Return: the page, which belongs to the pool, or NULL.
 * Context: NAPI.
 */
struct page *netfront_rx_page(struct netfront_queue *q)
{
	/* Zeroed, so that the backend does not see old contents (XSA-403). */
	struct page *page = page_pool_alloc_pages(q->rx.pool, GFP_ATOMIC |
						  __GFP_NOWARN | __GFP_ZERO);

	/* A recycled page may have held other data in the meantime. */
	if (page && q->bounce)
		clear_page(page_address(page));
	return page;
}

/**
 * netfront_rx_refill() - post pages to all free slots
 * @q: polled, or not yet
 *
 * They are published by netfront_rx_push().
 *
 * Context: NAPI.
 */
void netfront_rx_refill(struct netfront_queue *q)
{
	struct netfront_rx *rx = &q->rx;
	struct xpv_ring *half = &rx->half;
	unsigned int granted = 0;

	while (xpv_front_free(half)) {
		unsigned int slot = half->prod % NETFRONT_SLOTS;
		struct xpv_netif_rx_req req = {
			.id = slot,
			.gref = rx->ref[slot],
		};

		if (!rx->page[slot]) {
			rx->page[slot] = netfront_rx_page(q);
			if (unlikely(!rx->page[slot])) {
				netfront_count_rx(q, NETFRONT_RX_no_memory, 1);
				mod_timer(&rx->timer, jiffies + HZ / 10);
				break;
			}
			gnttab_grant_foreign_access_ref(req.gref,
							q->nf->dev->otherend_id,
							xen_page_to_gfn(rx->page[slot]),
							0);
			granted++;
		}
		xpv_peer_store(xpv_ring_entry(half, half->prod), &req,
			       sizeof(req));
		half->prod++;
	}
	if (!granted)
		return;
	netfront_count_rx(q, NETFRONT_RX_grants, granted);
	trace_xpv_grant(dev_name(&q->nf->dev->dev), XPV_GRANT_ACCESS, granted,
			0);
}

/**
 * netfront_rx_push() - publish the posted pages to the backend
 * @q: polled, or not yet
 */
void netfront_rx_push(struct netfront_queue *q)
{
	struct xpv_ring *half = &q->rx.half;
	int irq = q->rx_event.irq ?: q->tx_event.irq;
	bool notify;

	if (half->prod == half->pub)
		return;
	notify = xpv_front_publish(half);
	netfront_count_rx(q, notify ? NETFRONT_RX_notify_sent :
				      NETFRONT_RX_notify_suppressed, 1);
	trace_xpv_notify(dev_name(&q->nf->dev->dev), q->index, half->prod,
			 notify);
	if (notify && irq)
		notify_remote_via_irq(irq);
}

/* Copy data from a page that stays with the backend to a page of our own. */
static struct page *netfront_rx_copy(struct netfront_queue *q,
				     unsigned int slot, unsigned int offset,
				     unsigned int len)
{
	struct page *page = page_pool_dev_alloc_pages(q->rx.pool);

	if (unlikely(!page)) {
		netfront_count_rx(q, NETFRONT_RX_no_memory, 1);
		return NULL;
	}
	memcpy(page_address(page) + offset,
	       page_address(q->rx.page[slot]) + offset, len);
	u64_stats_update_begin(&q->sync);
	u64_stats_inc(&q->rx_count[NETFRONT_RX_static_copies]);
	u64_stats_add(&q->rx_count[NETFRONT_RX_copied_bytes], len);
	u64_stats_update_end(&q->sync);
	return page;
}

/**
 * netfront_rx_take() - get private data of a slot
 * @q:      polled
 * @slot:   slot of a response
 * @offset: offset of the data, the same in the returned page
 * @len:    bytes of the data
 *
 * Return: a page that belongs to the pool; NULL if there is no memory, or if
 * the backend still maps the page, in which case the queue is broken.
 */
struct page *netfront_rx_take(struct netfront_queue *q, unsigned int slot,
			      unsigned int offset, unsigned int len)
{
	struct netfront_rx *rx = &q->rx;
	struct page *page = rx->page[slot];

	if (rx->static_grants)
		return netfront_rx_copy(q, slot, offset, len);
	if (unlikely(!gnttab_end_foreign_access_ref(rx->ref[slot]))) {
		netfront_queue_break(q, NETFRONT_GRANT_HELD, rx->ref[slot], 0);
		return NULL;
	}
	rx->page[slot] = NULL;
	netfront_count_rx(q, NETFRONT_RX_revoked, 1);
	return page;
}

/**
 * netfront_rx_piece() - address of the data of a piece
 * @q: polled
 * @p: piece of its chain
 *
 * Return: the address.
 */
void *netfront_rx_piece(struct netfront_queue *q, const struct netfront_piece *p)
{
	return page_address(q->rx.page[netfront_rx_slot(q, p)]) + p->offset;
}

/**
 * netfront_rx_skb() - allocate an skb
 * @q:   polled
 * @len: bytes of the linear part
 *
 * Return: the skb, or NULL, which is counted.
 */
struct sk_buff *netfront_rx_skb(struct netfront_queue *q, unsigned int len)
{
	struct sk_buff *skb = napi_alloc_skb(&q->napi, len);

	if (unlikely(!skb))
		netfront_count_rx(q, NETFRONT_RX_no_memory, 1);
	return skb;
}
