// SPDX-License-Identifier: GPL-2.0-only
/*
 * Build an skb from a chain of responses.
 *
 * Small packets are copied, and their page is posted again with the same grant.
 * A packet in one page becomes an skb built in that page. Of other packets the
 * headers are copied, and the rest becomes fragments. If pages stay with the
 * backend, all this is done with copies of them.
 */
#include <linux/etherdevice.h>
#include "netfront.h"

/* Copy all of a piece to the linear part; its page stays with the backend. */
static void netfront_packet_copy(struct netfront_queue *q, struct sk_buff *skb,
				 const struct netfront_piece *p)
{
	skb_put_data(skb, netfront_rx_piece(q, p), p->len);
	u64_stats_update_begin(&q->sync);
	u64_stats_inc(&q->rx_count[NETFRONT_RX_copied_packets]);
	u64_stats_add(&q->rx_count[NETFRONT_RX_copied_bytes], p->len);
	u64_stats_update_end(&q->sync);
}

static struct sk_buff *netfront_packet_build(struct netfront_queue *q,
					     const struct netfront_piece *p)
{
	struct page *page = netfront_rx_take(q, netfront_rx_slot(q, p), p->offset,
					     p->len);
	struct sk_buff *skb;

	if (unlikely(!page))
		return NULL;
	skb = napi_build_skb(page_address(page), PAGE_SIZE);
	if (unlikely(!skb)) {
		netfront_count_rx(q, NETFRONT_RX_no_memory, 1);
		page_pool_recycle_direct(q->rx.pool, page);
		return NULL;
	}
	skb_reserve(skb, p->offset);
	__skb_put(skb, p->len);
	skb_mark_for_recycle(skb);
	return skb;
}

static bool netfront_packet_frag(struct netfront_queue *q, struct sk_buff *skb,
				 const struct netfront_piece *p, bool head)
{
	struct page *page = netfront_rx_take(q, netfront_rx_slot(q, p), p->offset,
					     p->len);
	unsigned int len = p->len, skip = 0;
	void *va;

	if (unlikely(!page))
		return false;
	/* the copy is private: it may be parsed, then copied on */
	if (head) {
		va = page_address(page) + p->offset;
		skip = eth_get_headlen(q->nf->netdev, va,
				       min_t(u32, len, NETFRONT_COPY_BREAK));
		skb_put_data(skb, va, skip);
		netfront_count_rx(q, NETFRONT_RX_copied_bytes, skip);
		if (skip == len) {
			page_pool_recycle_direct(q->rx.pool, page);
			return true;
		}
	}
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, p->offset + skip,
			len - skip, PAGE_SIZE);
	skb_mark_for_recycle(skb);
	return true;
}

/*
 * The number of pieces to copy: small ones, or more than an skb has room for.
 */
static unsigned int netfront_packet_copies(const struct netfront_chain *c,
					   unsigned int *room)
{
	unsigned int nr = 0, len = 0;

	if (c->piece[0].len <= NETFRONT_COPY_BREAK)
		len += c->piece[nr++].len;
	while (c->nr - nr > MAX_SKB_FRAGS)
		len += c->piece[nr++].len;
	*room = max_t(unsigned int, len, NETFRONT_COPY_BREAK);
	return nr;
}

static struct sk_buff *netfront_packet_pieces(struct netfront_queue *q)
{
	const struct netfront_chain *c = &q->rx.chain;
	unsigned int room, copies, i = 0;
	struct sk_buff *skb;

	copies = netfront_packet_copies(c, &room);
	skb = netfront_rx_skb(q, room);
	if (unlikely(!skb))
		return NULL;
	while (i < copies)
		netfront_packet_copy(q, skb, &c->piece[i++]);
	for (; i < c->nr; i++) {
		if (!netfront_packet_frag(q, skb, &c->piece[i], !i)) {
			kfree_skb(skb);
			return NULL;
		}
	}
	/* The first piece may have only a few bytes. */
	if (unlikely(!pskb_may_pull(skb, ETH_HLEN))) {
		netfront_count_rx(q, NETFRONT_RX_no_memory, 1);
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

/**
 * netfront_packet_skb() - build an skb from the complete chain
 * @q: polled; its chain has at least ETH_HLEN bytes
 *
 * Return: the skb; NULL if there is no memory or the queue is broken.
 * Context: NAPI.
 */
struct sk_buff *netfront_packet_skb(struct netfront_queue *q)
{
	const struct netfront_chain *c = &q->rx.chain;
	const struct netfront_piece *p = c->piece;
	struct sk_buff *skb;

	if (c->nr > 1)
		return netfront_coalesce_wanted(q) ? netfront_coalesce_skb(q) :
						   netfront_packet_pieces(q);
	if (p->len <= NETFRONT_COPY_BREAK) {
		skb = netfront_rx_skb(q, p->len);
		if (likely(skb))
			netfront_packet_copy(q, skb, p);
		return skb;
	}
	if (p->offset + p->len <= SKB_WITH_OVERHEAD(PAGE_SIZE))
		return netfront_packet_build(q, p);
	return netfront_packet_pieces(q);
}

static void netfront_packet_hash(struct netfront_queue *q, struct sk_buff *skb,
				 const struct xpv_netif_extra *e)
{
	bool ports = e->u.hash.type == XPV_NETIF_HASH_IPV4_TCP ||
		     e->u.hash.type == XPV_NETIF_HASH_IPV6_TCP;

	skb_set_hash(skb, xpv_netif_hash_value(e),
		     ports ? PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);
	netfront_count_rx(q, NETFRONT_RX_hashed, 1);
}

/**
 * netfront_packet_deliver() - pass a packet to the stack
 * @q:   polled; its chain describes checksum, GSO and hash
 * @skb: packet with its Ethernet header; this function takes ownership
 * @len: its length, for the statistics
 *
 * Context: NAPI.
 */
void netfront_packet_deliver(struct netfront_queue *q, struct sk_buff *skb,
			     unsigned int len)
{
	const struct netfront_chain *c = &q->rx.chain;
	enum xpv_netif_csum csum = xpv_netif_rx_csum(c->flags);
	struct net_device *netdev = q->nf->netdev;
	const struct xpv_netif_extra *extra;
	bool fixed, gso, blank;

	extra = xpv_netif_extra_of(&c->extras, XPV_NETIF_EXTRA_HASH);
	if (extra && netdev->features & NETIF_F_RXHASH)
		netfront_packet_hash(q, skb, extra);
	extra = xpv_netif_extra_of(&c->extras, XPV_NETIF_EXTRA_GSO);
	if (extra)
		xpv_netif_skb_set_gso(skb, extra);
	if (csum == XPV_NETIF_CSUM_GOOD && !(netdev->features & NETIF_F_RXCSUM))
		csum = XPV_NETIF_CSUM_NONE;

	skb->protocol = eth_type_trans(skb, netdev);
	skb_reset_network_header(skb);
	if (unlikely(xpv_netif_skb_set_csum(skb, csum, &fixed))) {
		netfront_count_rx(q, NETFRONT_RX_errors, 1);
		kfree_skb(skb);
		return;
	}
	skb_record_rx_queue(skb, q->index);
	gso = extra;
	blank = csum == XPV_NETIF_CSUM_BLANK;

	u64_stats_update_begin(&q->sync);
	u64_stats_inc(&q->rx_count[NETFRONT_RX_packets]);
	u64_stats_add(&q->rx_count[NETFRONT_RX_bytes], len);
	u64_stats_add(&q->rx_count[NETFRONT_RX_gso], gso);
	u64_stats_add(&q->rx_count[NETFRONT_RX_csum_blank], blank);
	u64_stats_add(&q->fixups, fixed);
	u64_stats_update_end(&q->sync);
	napi_gro_receive(&q->napi, skb);
}
