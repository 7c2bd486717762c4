// SPDX-License-Identifier: GPL-2.0-only
/* A pair of rings: open and close, start and stop. */
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include "netback.h"

/*
 * Start where the previous backend stopped: it has answered all that it took.
 */
static int netback_queue_attach(struct netback_queue *q, struct xpv_ring *r,
				struct xpv_shared *s, u32 esize,
				unsigned int site)
{
	u32 nr;

	xpv_ring_attach(r, s->vaddr, xpv_shared_size(s), esize);
	r->prod = xpv_peer_read32(&r->sring->rsp_prod);
	r->pub = r->prod;
	r->cons = r->prod;
	if (xpv_back_pending(r, &nr))
		return 0;
	xpv_violation(&q->be->violations, site, r->cons + nr,
		      r->prod + r->size, "connection refused");
	return -EIO;
}

static int netback_queue_map(struct netback_queue *q, u32 tx_ref, u32 rx_ref)
{
	struct xpv_refs refs = { .nr = 1 };
	int err;

	refs.ref[0] = tx_ref;
	err = xpv_shared_accept(&q->tx_shared, q->be->xdev, &refs);
	if (err)
		return err;
	refs.ref[0] = rx_ref;
	err = xpv_shared_accept(&q->rx_shared, q->be->xdev, &refs);
	if (err)
		return err;
	err = netback_queue_attach(q, &q->tx, &q->tx_shared, XPV_NETIF_TX_ENTRY,
				   NETBACK_SITE_TX_PROD);
	if (err)
		return err;
	err = netback_queue_attach(q, &q->rx, &q->rx_shared,
				   XPV_NETIF_RX_ENTRY, NETBACK_SITE_RX_PROD);
	q->rx_prod = q->rx.prod;
	return err;
}

static int netback_queue_alloc(struct netback_queue *q)
{
	struct page_pool_params params = {
		.pool_size = NETBACK_RING,
		.nid = NUMA_NO_NODE,
	};
	struct page_pool *pool;

	xpv_page_pool_of_napi(&params, &q->tx_napi);
	pool = page_pool_create(&params);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	q->pool = pool;
	q->coalesce.small = pool;
	q->coalesce.whole = xen_pv_domain();
	xpv_coalesce_open(&q->coalesce, &params);
	q->zc = netback_zc_open(q);
	return q->zc ? 0 : -ENOMEM;
}

/**
 * netback_queue_open() - connect to a pair of rings
 * @be:      device
 * @index:   number
 * @tx_ref:  page of the transmit ring
 * @rx_ref:  page of the receive ring
 * @tx_port: event channel
 * @rx_port: event channel of the receive ring, 0 if both rings share one
 *
 * Return: the queue, not served yet, or an ERR_PTR().
 * Context: process, no RTNL.
 */
struct netback_queue *netback_queue_open(struct netback_dev *be,
					 unsigned int index, u32 tx_ref,
					 u32 rx_ref, evtchn_port_t tx_port,
					 evtchn_port_t rx_port)
{
	struct netback_queue *q = kvzalloc(sizeof(*q), GFP_KERNEL);
	int err;

	if (!q)
		return ERR_PTR(-ENOMEM);
	q->be = be;
	q->index = index;
	q->stats = &be->stats[index];
	xa_init(&q->statics);
	skb_queue_head_init(&q->in);
	__skb_queue_head_init(&q->backlog);
	__skb_queue_head_init(&q->rb.sent);
	timer_setup(&q->credit, netback_credit_timer, 0);
	timer_setup(&q->timer, netback_rx_timer, 0);
	rtnl_lock();
	netif_napi_add(be->net, &q->tx_napi, netback_tx_poll);
	netif_napi_add(be->net, &q->rx_napi, netback_rx_poll);
	rtnl_unlock();

	err = netback_queue_map(q, tx_ref, rx_ref);
	if (!err)
		err = netback_queue_alloc(q);
	if (!err)
		err = netback_event_bind(q, tx_port, rx_port);
	if (!err)
		return q;
	netback_queue_close(q);
	return ERR_PTR(err);
}

/**
 * netback_queue_kick() - check both rings as if an event had come
 * @q: up
 */
void netback_queue_kick(struct netback_queue *q)
{
	local_bh_disable();	/* so that the softirq runs at once */
	napi_schedule(&q->tx_napi);
	napi_schedule(&q->rx_napi);
	local_bh_enable();
}

/**
 * netback_queue_up() - start serving the queue
 * @q: open
 *
 * Requests may be waiting already, without a further event.
 *
 * Context: RTNL.
 */
void netback_queue_up(struct netback_queue *q)
{
	ASSERT_RTNL();
	q->throttled = false;
	q->credit_due = 0;
	q->waiting = false;
	napi_enable(&q->tx_napi);
	napi_enable(&q->rx_napi);
	netback_queue_kick(q);
}

/**
 * netback_queue_down() - stop serving the queue
 * @q: up; the stack sends nothing to it any more
 *
 * Context: RTNL.
 */
void netback_queue_down(struct netback_queue *q)
{
	ASSERT_RTNL();
	napi_disable(&q->tx_napi);
	napi_disable(&q->rx_napi);
	timer_delete_sync(&q->credit);
	timer_delete_sync(&q->timer);
	netback_rx_purge(q);
	if (q->stalled) {
		q->stalled = false;
		atomic_dec(&q->be->stalled);
	}
}

/**
 * netback_queue_close() - release all resources of a queue, and free it
 * @q: down, and nobody can find it any more
 *
 * Context: process, no RTNL.
 */
void netback_queue_close(struct netback_queue *q)
{
	if (q->zc)
		netback_zc_close(q);
	netback_static_close(q);
	xpv_event_close(&q->event[0].ev);
	xpv_event_close(&q->event[1].ev);
	xpv_coalesce_close(&q->coalesce);
	if (q->pool)
		page_pool_destroy(q->pool);
	rtnl_lock();
	netif_napi_del(&q->tx_napi);
	netif_napi_del(&q->rx_napi);
	rtnl_unlock();
	/* packets that came while the queue went down */
	netback_rx_purge(q);
	xpv_shared_close(&q->tx_shared);
	xpv_shared_close(&q->rx_shared);
	kvfree(q);
}
