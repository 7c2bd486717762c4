// SPDX-License-Identifier: GPL-2.0-only
/*
 * Build an skb from the slots of a guest's packet: decide where its data is
 * stored, and what to tell the stack about it.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include "netback.h"

/* Add a hypervisor copy of a part of a slot; @to does not cross a page. */
static void netback_packet_op(struct netback_queue *q, struct netback_pkt *pkt,
			      const struct netback_piece *p, u16 skip,
			      void *to, u16 len)
{
	struct gnttab_copy *op = &q->tb.copy[q->tb.nr_copy++];

	op->source.u.ref = p->gref;
	op->source.domid = q->be->domid;
	op->source.offset = p->offset + skip;
	op->dest.u.gmfn = virt_to_gfn(to);
	op->dest.domid = DOMID_SELF;
	op->dest.offset = xen_offset_in_page(to);
	op->len = len;
	op->flags = GNTCOPY_source_gref;
	op->status = GNTST_general_error;
	pkt->nr_ops++;
}

/* Copy a part of a slot, immediately if its page is mapped. */
static void netback_packet_part(struct netback_queue *q,
				struct netback_pkt *pkt,
				const struct netback_piece *p, u16 skip,
				void *to, u16 len)
{
	const void *from = netback_static_find(q, p->gref, false);
	u16 part;

	if (from) {
		/* Only the copy is ever read. */
		memcpy(to, from + p->offset + skip, len);
		pkt->nr_static++;
		pkt->static_bytes += len;
		return;
	}
	for (; len; len -= part, skip += part, to += part) {
		part = min_t(unsigned int, len,
			     XEN_PAGE_SIZE - xen_offset_in_page(to));
		netback_packet_op(q, pkt, p, skip, to, part);
	}
}

/* Copy the beginning of a slot to the end of the linear part. */
static void netback_packet_linear(struct netback_queue *q,
				  struct netback_pkt *pkt,
				  const struct netback_piece *p, u16 len)
{
	netback_packet_part(q, pkt, p, 0, skb_put(pkt->skb, len), len);
}

/* A page to fill from @fill on, the last fragment of the skb. */
struct netback_fill {
	struct page *page;
	unsigned int fill;
	bool dense;
};

static bool netback_packet_new_page(struct netback_queue *q,
				    struct sk_buff *skb,
				    struct netback_fill *f)
{
	f->page = page_pool_dev_alloc_pages(q->pool);
	if (unlikely(!f->page))
		return false;
	f->fill = 0;
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, f->page, 0, 0,
			PAGE_SIZE);
	return true;
}

/*
 * Copy to pages. If there are enough fragments, a slot is copied to one page:
 * one operation instead of two.
 */
static bool netback_packet_paged(struct netback_queue *q,
				 struct netback_pkt *pkt,
				 const struct netback_piece *p,
				 struct netback_fill *f)
{
	struct sk_buff *skb = pkt->skb;
	struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int done = 0, room, part;

	while (done < p->size) {
		room = f->page ? XEN_PAGE_SIZE - f->fill : 0;
		if (!room || (!f->dense && p->size - done > room)) {
			if (!netback_packet_new_page(q, skb, f))
				return false;
			room = XEN_PAGE_SIZE;
		}
		part = min_t(unsigned int, p->size - done, room);
		netback_packet_part(q, pkt, p, done,
				    page_address(f->page) + f->fill, part);
		skb_frag_size_add(&info->frags[info->nr_frags - 1], part);
		skb->len += part;
		skb->data_len += part;
		f->fill += part;
		done += part;
	}
	return true;
}

/* A packet that fits into one buffer: no mapping, and usually one operation. */
static bool netback_packet_small(struct netback_queue *q,
				 struct netback_pkt *pkt)
{
	struct netback_chain *c = &pkt->chain;
	struct sk_buff *skb;
	unsigned int i;
	void *buf;

	if (c->len <= NETBACK_HEAD) {
		skb = napi_alloc_skb(&q->tx_napi, c->len);
	} else {
		buf = napi_alloc_frag_align(NETBACK_LINEAR_BUF,
					    NETBACK_LINEAR_BUF);
		if (unlikely(!buf))
			return false;
		skb = napi_build_skb(buf, NETBACK_LINEAR_BUF);
		if (likely(skb))
			skb_reserve(skb, NET_SKB_PAD);
		else
			skb_free_frag(buf);
	}
	if (unlikely(!skb))
		return false;
	pkt->skb = skb;
	for (i = 0; i < c->nr; i++) {
		if (likely(c->piece[i].size))
			netback_packet_linear(q, pkt, &c->piece[i],
					      c->piece[i].size);
	}
	return true;
}

/*
 * A larger packet: the first slot is linear if it is short, the rest is in
 * pages.
 */
static bool netback_packet_large(struct netback_queue *q,
				 struct netback_pkt *pkt)
{
	struct netback_chain *c = &pkt->chain;
	struct netback_fill f = { };
	unsigned int i = 0;

	pkt->skb = napi_alloc_skb(&q->tx_napi, NETBACK_HEAD);
	if (unlikely(!pkt->skb))
		return false;
	skb_mark_for_recycle(pkt->skb);
	if (c->piece[0].size <= NETBACK_HEAD) {
		if (likely(c->piece[0].size))
			netback_packet_linear(q, pkt, &c->piece[0],
					      c->piece[0].size);
		i = 1;
	}
	if (unlikely(c->nr - i > MAX_SKB_FRAGS)) {
		f.dense = true;
		netback_count_tx(q, NETBACK_TX_FRAG_OVERFLOW, 1);
	}
	for (; i < c->nr; i++) {
		if (!netback_packet_paged(q, pkt, &c->piece[i], &f))
			return false;
	}
	return true;
}

/*
 * A long packet in static grants: the headers are linear, the rest is coalesced
 * in few pages.
 */
static bool netback_packet_gathered(struct netback_queue *q,
				    struct netback_pkt *pkt)
{
	struct netback_chain *c = &pkt->chain;
	struct netback_piece *p = &c->piece[0];
	struct xpv_coalesce g = { .pool = &q->coalesce };
	unsigned int skip, part, i = 0;
	void *to;

	pkt->skb = napi_alloc_skb(&q->tx_napi, NETBACK_HEAD);
	if (unlikely(!pkt->skb))
		return false;
	skb_mark_for_recycle(pkt->skb);
	g.skb = pkt->skb;
	skip = min_t(unsigned int, p->size, NETBACK_HEADERS);
	g.left = c->len - skip;
	netback_packet_linear(q, pkt, p, skip);
	for (; i < c->nr; i++, p++, skip = 0) {
		for (; skip < p->size; skip += part) {
			part = p->size - skip;
			to = xpv_coalesce_room(&g, &part);
			if (unlikely(!to))
				return false;
			netback_packet_part(q, pkt, p, skip, to, part);
		}
	}
	xpv_coalesce_end(&g);
	return true;
}

/* The largest packets, if mapping saves a copy: only the headers are copied. */
static bool netback_packet_mapped(struct netback_queue *q,
				  struct netback_pkt *pkt)
{
	struct netback_chain *c = &pkt->chain;
	u16 head = min_t(u16, c->piece[0].size, NETBACK_HEAD);
	unsigned int i;

	pkt->skb = napi_alloc_skb(&q->tx_napi, NETBACK_HEAD);
	if (unlikely(!pkt->skb))
		return false;
	if (likely(head))
		netback_packet_linear(q, pkt, &c->piece[0], head);
	for (i = 0; i < c->nr; i++) {
		if (c->piece[i].size > (i ? 0 : head))
			netback_zc_add(q, pkt, i);
	}
	return true;
}

/* The layout depends on the length of the data and on where it is. */
static bool netback_packet_build(struct netback_queue *q,
				 struct netback_pkt *pkt)
{
	const struct netback_chain *c = &pkt->chain;

	if (c->len <= NETBACK_LINEAR_MAX)
		return netback_packet_small(q, pkt);
	if (netback_static_find(q, c->piece[0].gref, false))
		return c->len > XPV_COALESCE_MIN ?
		       netback_packet_gathered(q, pkt) :
		       netback_packet_large(q, pkt);
	return netback_zc_wanted(q, c) ? netback_packet_mapped(q, pkt) :
					 netback_packet_large(q, pkt);
}

/**
 * netback_packet_prepare() - allocate the skb of a packet and plan its copies
 * @q:   queue
 * @pkt: with a good chain; gets an skb and operations that fill it
 *
 * Return: false if there is no memory; then nothing remains allocated.
 */
bool netback_packet_prepare(struct netback_queue *q, struct netback_pkt *pkt)
{
	struct netback_tx_batch *b = &q->tb;

	pkt->skb = NULL;
	pkt->op = b->nr_copy;
	pkt->nr_ops = 0;
	pkt->nr_static = 0;
	pkt->static_bytes = 0;
	pkt->map = b->nr_map;
	pkt->nr_maps = 0;
	pkt->zc = 0;
	pkt->zc_head = NETBACK_NO_SLOT;
	if (likely(netback_packet_build(q, pkt)))
		return true;
	b->nr_copy = pkt->op;
	kfree_skb(pkt->skb);
	return false;
}

/*
 * Pull all headers into the linear part, whatever slots they came in (XSA-423).
 * They are private then, even if the rest of the packet is mapped.
 */
static int netback_packet_pull(struct sk_buff *skb)
{
	unsigned int want = min_t(unsigned int, skb->len, NETBACK_HEADERS);
	unsigned int have = skb_headlen(skb);

	if (have >= want || netback_parse_headers(skb->data, have))
		return 0;
	return __pskb_pull_tail(skb, want - have) ? 0 : -EINVAL;
}

static void netback_packet_hash(struct sk_buff *skb,
				const struct xpv_netif_extra *e)
{
	bool ports = e->u.hash.type == XPV_NETIF_HASH_IPV4_TCP ||
		     e->u.hash.type == XPV_NETIF_HASH_IPV6_TCP;

	skb_set_hash(skb, xpv_netif_hash_value(e),
		     ports ? PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);
}

/* Refuse segments of one protocol with the headers of another. */
static bool netback_packet_gso_fits(const struct sk_buff *skb,
				    const struct xpv_netif_extra *e)
{
	return skb->protocol == (e->u.gso.type == XPV_NETIF_GSO_TCPV4 ?
				 htons(ETH_P_IP) : htons(ETH_P_IPV6));
}

static int netback_packet_offload(struct netback_queue *q,
				  struct netback_pkt *pkt)
{
	const struct xpv_netif_extras *x = &pkt->chain.extras;
	enum xpv_netif_csum csum = xpv_netif_tx_csum(pkt->chain.flags);
	const struct xpv_netif_extra *e;
	struct sk_buff *skb = pkt->skb;
	bool fixed;
	int err;

	e = xpv_netif_extra_of(x, XPV_NETIF_EXTRA_GSO);
	if (e) {
		if (!netback_packet_gso_fits(skb, e))
			return -EPROTO;
		xpv_netif_skb_set_gso(skb, e);
		netback_count_tx(q, NETBACK_TX_GSO, 1);
	}
	e = xpv_netif_extra_of(x, XPV_NETIF_EXTRA_HASH);
	if (e)
		netback_packet_hash(skb, e);
	err = xpv_netif_skb_set_csum(skb, csum, &fixed);
	if (fixed)
		netback_count_tx(q, NETBACK_TX_CSUM_FIXUP, 1);
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		netback_count_tx(q, NETBACK_TX_CSUM_BLANK, 1);
	return err;
}

/**
 * netback_packet_finish() - complete a packet for the stack
 * @q:   queue
 * @pkt: with all of its data
 *
 * Return: 0, or a negative error: drop the packet.
 */
int netback_packet_finish(struct netback_queue *q, struct netback_pkt *pkt)
{
	struct sk_buff *skb = pkt->skb;
	unsigned int len = skb->len;
	int err;

	err = netback_packet_pull(skb);
	if (unlikely(err))
		goto bad;
	skb->dev = q->be->net;
	skb->protocol = eth_type_trans(skb, skb->dev);
	skb_reset_network_header(skb);
	err = netback_packet_offload(q, pkt);
	if (unlikely(err))
		goto bad;
	skb_record_rx_queue(skb, q->index);
	netback_count_tx(q, NETBACK_TX_PACKETS, 1);
	netback_count_tx(q, NETBACK_TX_BYTES, len);
	return 0;
bad:
	xpv_violation(&q->be->violations, NETBACK_SITE_TX_HEADERS,
		      ntohs(skb->protocol), len, "packet dropped");
	return err;
}

static u8 netback_packet_proto(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP) &&
	    skb_headlen(skb) >= sizeof(struct iphdr))
		return ip_hdr(skb)->protocol;
	if (skb->protocol == htons(ETH_P_IPV6) &&
	    skb_headlen(skb) >= sizeof(struct ipv6hdr))
		return ipv6_hdr(skb)->nexthdr;
	return IPPROTO_RAW;
}

/* True if GRO may be able to merge the packet with others. */
static bool netback_packet_merges(const struct sk_buff *skb)
{
	switch (netback_packet_proto(skb)) {
	case IPPROTO_TCP:
		return true;
	case IPPROTO_UDP:
		return skb->dev->features & (NETIF_F_GRO_FRAGLIST |
					     NETIF_F_GRO_UDP_FWD);
	}
	return false;
}

/**
 * netback_packet_deliver() - pass a packet to the stack
 * @q:    queue
 * @skb:  ready; this function takes ownership
 * @list: list for packets to pass in a batch
 *
 * Only TCP is worth merging, and UDP if the administrator has enabled it
 * (rx-gro-list, rx-udp-gro-forwarding). All packets of a protocol go the same
 * way, segmented or not, so that packets of a connection do not overtake each
 * other.
 */
void netback_packet_deliver(struct netback_queue *q, struct sk_buff *skb,
			    struct list_head *list)
{
	if (netback_packet_merges(skb))
		napi_gro_receive(&q->tx_napi, skb);
	else
		list_add_tail(&skb->list, list);
}
