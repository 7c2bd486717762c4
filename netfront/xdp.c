// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP. A program gets a page that nobody else can write, with room before the
 * packet: the page it was received in, if the backend left room, or a copy.
 */
#include <linux/bpf.h>
#include <linux/bpf_trace.h>
#include <linux/filter.h>
#include "netfront.h"

/*
 * Get the packet in a page of its own; NULL without memory or if the queue is
 * broken.
 */
static struct page *netfront_xdp_gather(struct netfront_queue *q)
{
	const struct netfront_chain *c = &q->rx.chain;
	struct page *page = netfront_rx_page(q);
	unsigned int i;
	void *to;

	if (unlikely(!page)) {
		netfront_count_rx(q, NETFRONT_RX_no_memory, 1);
		return NULL;
	}
	to = page_address(page) + XDP_PACKET_HEADROOM;
	for (i = 0; i < c->nr; i++) {
		const struct netfront_piece *p = &c->piece[i];
		unsigned int slot = q->rx.half.cons + p->slot;

		memcpy(to, page_address(q->rx.page[slot % NETFRONT_SLOTS]) +
		       p->offset, p->len);
		to += p->len;
	}
	u64_stats_update_begin(&q->sync);
	u64_stats_inc(&q->rx_count[NETFRONT_RX_copied_packets]);
	u64_stats_add(&q->rx_count[NETFRONT_RX_copied_bytes], c->len);
	u64_stats_update_end(&q->sync);
	return page;
}

/*
 * True if there is room before the data for a program, and behind it for an
 * skb.
 */
static bool netfront_xdp_fits(const struct netfront_chain *c)
{
	return c->nr == 1 && c->piece[0].offset >= XDP_PACKET_HEADROOM &&
	       c->piece[0].offset + c->len <= SKB_WITH_OVERHEAD(PAGE_SIZE);
}

static void netfront_xdp_pass(struct netfront_queue *q, struct xdp_buff *xdp,
			      struct page *page)
{
	unsigned int len = xdp->data_end - xdp->data;
	unsigned int meta = xdp->data - xdp->data_meta;
	struct sk_buff *skb = napi_build_skb(page_address(page), PAGE_SIZE);

	if (unlikely(!skb)) {
		netfront_count_rx(q, NETFRONT_RX_no_memory, 1);
		page_pool_recycle_direct(q->rx.pool, page);
		return;
	}
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	__skb_put(skb, len);
	if (meta)
		skb_metadata_set(skb, meta);
	skb_mark_for_recycle(skb);
	netfront_count_rx(q, NETFRONT_RX_xdp_pass, 1);
	netfront_packet_deliver(q, skb, len);
}

static bool netfront_xdp_tx(struct netfront_queue *q, struct xdp_buff *xdp)
{
	struct xdp_frame *frame = xdp_convert_buff_to_frame(xdp);
	struct netdev_queue *txq = netfront_txq(q);
	bool sent = false;

	if (unlikely(!frame))
		return false;
	__netif_tx_lock(txq, smp_processor_id());
	if (q->up) {
		txq_trans_cond_update(txq);
		sent = netfront_tx_frame(q, frame);
		netfront_count_tx(q, sent ? NETFRONT_TX_xdp_tx :
					    NETFRONT_TX_xdp_full, 1);
	}
	__netif_tx_unlock(txq);
	return sent;
}

/**
 * netfront_xdp_packet() - run a program on the complete chain
 * @q:    polled; its chain has at least ETH_HLEN bytes
 * @prog: program
 *
 * Return: what netfront_xdp_finish() has to do.
 * Context: NAPI, under rcu_read_lock().
 */
unsigned int netfront_xdp_packet(struct netfront_queue *q,
				 struct bpf_prog *prog)
{
	const struct netfront_chain *c = &q->rx.chain;
	unsigned int offset = XDP_PACKET_HEADROOM;
	struct net_device *netdev = q->nf->netdev;
	struct xdp_buff xdp;
	struct page *page;
	u32 act;

	if (unlikely(c->len > NETFRONT_XDP_ROOM)) {
		netfront_count_rx(q, NETFRONT_RX_dropped, 1);
		return 0;
	}
	if (netfront_xdp_fits(c)) {
		offset = c->piece[0].offset;
		page = netfront_rx_take(q, (q->rx.half.cons + c->piece[0].slot) %
					   NETFRONT_SLOTS, offset, c->len);
	} else {
		page = netfront_xdp_gather(q);
	}
	if (unlikely(!page))
		return 0;
	xdp_init_buff(&xdp, PAGE_SIZE, &q->rx.info);
	xdp_prepare_buff(&xdp, page_address(page), offset, c->len, true);

	act = bpf_prog_run_xdp(prog, &xdp);
	switch (act) {
	case XDP_PASS:
		netfront_xdp_pass(q, &xdp, page);
		return 0;
	case XDP_TX:
		if (netfront_xdp_tx(q, &xdp))
			return NETFRONT_XDP_PUSH;
		trace_xdp_exception(netdev, prog, act);
		break;
	case XDP_REDIRECT:
		if (!xdp_do_redirect(netdev, &xdp, prog)) {
			netfront_count_rx(q, NETFRONT_RX_xdp_redirect, 1);
			return NETFRONT_XDP_FLUSH;
		}
		trace_xdp_exception(netdev, prog, act);
		netfront_count_rx(q, NETFRONT_RX_xdp_aborted, 1);
		break;
	case XDP_DROP:
		netfront_count_rx(q, NETFRONT_RX_xdp_drop, 1);
		break;
	default:
		bpf_warn_invalid_xdp_action(netdev, prog, act);
		fallthrough;
	case XDP_ABORTED:
		trace_xdp_exception(netdev, prog, act);
		netfront_count_rx(q, NETFRONT_RX_xdp_aborted, 1);
		break;
	}
	page_pool_recycle_direct(q->rx.pool, page);
	return 0;
}

/**
 * netfront_xdp_finish() - finish XDP at the end of a poll
 * @q:    polled
 * @done: results of all calls of netfront_xdp_packet(), combined
 */
void netfront_xdp_finish(struct netfront_queue *q, unsigned int done)
{
	struct netdev_queue *txq = netfront_txq(q);

	if (done & NETFRONT_XDP_FLUSH)
		xdp_do_flush();
	if (!(done & NETFRONT_XDP_PUSH))
		return;
	__netif_tx_lock(txq, smp_processor_id());
	if (q->up)
		netfront_tx_push(q);
	__netif_tx_unlock(txq);
}

/**
 * netfront_xdp_xmit() - send frames of other devices; see ndo_xdp_xmit
 * @netdev: device
 * @n:      number of @frames
 * @frames: this function takes ownership of those sent
 * @flags:  XDP_XMIT_*
 *
 * Return: number of frames sent, or a negative error.
 */
int netfront_xdp_xmit(struct net_device *netdev, int n,
		      struct xdp_frame **frames, u32 flags)
{
	struct netfront_dev *nf = netdev_priv(netdev);
	unsigned int nr = max(READ_ONCE(nf->link.nr_queues), 1U);
	int cpu = smp_processor_id(), sent = -ENETDOWN;
	struct netfront_queue *q = &nf->queues[cpu % nr];
	struct netdev_queue *txq = netfront_txq(q);

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	if (unlikely(!netif_running(netdev) || !netif_carrier_ok(netdev)))
		return -ENETDOWN;

	__netif_tx_lock(txq, cpu);
	if (q->up) {
		txq_trans_cond_update(txq);
		for (sent = 0; sent < n; sent++)
			if (!netfront_tx_frame(q, frames[sent]))
				break;
		netfront_count_tx(q, NETFRONT_TX_xdp_xmit, sent);
		if (sent < n)
			netfront_count_tx(q, NETFRONT_TX_xdp_full, n - sent);
		if (flags & XDP_XMIT_FLUSH || sent < n)
			netfront_tx_push(q);
	}
	__netif_tx_unlock(txq);
	return sent;
}
