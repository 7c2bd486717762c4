// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coalesce a long packet in pages that stay granted to the backend: copy it to
 * few large pages of our own, so that the stack has few fragments to handle.
 */
#include <linux/etherdevice.h>
#include "netfront.h"

static bool netfront_coalesce_put(struct xpv_coalesce *g, const void *from,
				  unsigned int len)
{
	unsigned int part;
	void *to;

	for (; len; len -= part, from += part) {
		part = len;
		to = xpv_coalesce_room(g, &part);
		if (unlikely(!to))
			return false;
		memcpy(to, from, part);
	}
	return true;
}

/*
 * Copy the headers, as far as they are in the first piece. Returns the bytes
 * copied.
 */
static unsigned int netfront_coalesce_head(struct netfront_queue *q,
					   struct xpv_coalesce *g, const void *from,
					   unsigned int len)
{
	unsigned int head = min_t(unsigned int, len, NETFRONT_COPY_BREAK);

	skb_put_data(g->skb, from, head);
	/* The copy is private: it may be parsed. */
	head = eth_get_headlen(q->nf->netdev, g->skb->data, head);
	skb_trim(g->skb, head);
	g->left -= head;
	return head;
}

/**
 * netfront_coalesce_wanted() - test whether to coalesce a packet
 * @q: polled; its chain is complete
 *
 * Return: true if so.
 */
bool netfront_coalesce_wanted(struct netfront_queue *q)
{
	return q->rx.static_grants && q->rx.chain.len > XPV_COALESCE_MIN;
}

/**
 * netfront_coalesce_skb() - copy the packet of the complete chain
 * @q: polled
 *
 * Return: an skb, or NULL if there is no memory.
 * Context: NAPI.
 */
struct sk_buff *netfront_coalesce_skb(struct netfront_queue *q)
{
	const struct netfront_chain *c = &q->rx.chain;
	struct xpv_coalesce g = { .pool = &q->rx.coalesce, .left = c->len };
	unsigned int i, skip;

	g.skb = netfront_rx_skb(q, NETFRONT_COPY_BREAK);
	if (unlikely(!g.skb))
		return NULL;
	skb_mark_for_recycle(g.skb);
	for (i = 0; i < c->nr; i++) {
		const struct netfront_piece *p = &c->piece[i];
		const void *from = netfront_rx_piece(q, p);

		skip = i ? 0 : netfront_coalesce_head(q, &g, from, p->len);
		if (!netfront_coalesce_put(&g, from + skip, p->len - skip))
			goto no_memory;
	}
	xpv_coalesce_end(&g);
	/* The first piece may have only a few bytes. */
	if (unlikely(!pskb_may_pull(g.skb, ETH_HLEN)))
		goto no_memory;
	u64_stats_update_begin(&q->sync);
	u64_stats_add(&q->rx_count[NETFRONT_RX_static_copies], c->nr);
	u64_stats_add(&q->rx_count[NETFRONT_RX_copied_bytes], c->len);
	u64_stats_update_end(&q->sync);
	return g.skb;

no_memory:
	netfront_count_rx(q, NETFRONT_RX_no_memory, 1);
	kfree_skb(g.skb);
	return NULL;
}
