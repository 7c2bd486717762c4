// SPDX-License-Identifier: GPL-2.0-only
/*
 * A long packet in pages that stay with the backend: it is copied into few large
 * pages of our own, so that the stack has few fragments to look after.
 */
#include <linux/etherdevice.h>
#include "netfront.h"

#define NETFRONT_LARGE_ORDER	3
#define NETFRONT_LARGE		(PAGE_SIZE << NETFRONT_LARGE_ORDER)
/* Large pages in use at most before they are allocated anew. */
#define NETFRONT_LARGE_POOL	32
/* Packets that do without after there was no large page. */
#define NETFRONT_LARGE_REST	64

/**
 * struct netfront_gather - a packet that is being copied
 * @q:    polled
 * @skb:  to copy to
 * @page: its last fragment
 * @size: of it
 * @used: bytes of it
 * @left: bytes of the packet
 */
struct netfront_gather {
	struct netfront_queue *q;
	struct sk_buff *skb;
	struct page *page;
	unsigned int size;
	unsigned int used;
	unsigned int left;
};

/**
 * netfront_gather_open() - a pool of large pages
 * @q:      not polled
 * @params: of its other pool
 *
 * It goes without if there is no memory. Context: process.
 */
void netfront_gather_open(struct netfront_queue *q,
			  const struct page_pool_params *params)
{
	struct page_pool_params large = *params;

	large.order = NETFRONT_LARGE_ORDER;
	large.pool_size = NETFRONT_LARGE_POOL;
	q->rx.large = page_pool_create(&large);
	if (IS_ERR(q->rx.large))
		q->rx.large = NULL;
}

/**
 * netfront_gather_close() - end the pool
 * @q: not polled
 */
void netfront_gather_close(struct netfront_queue *q)
{
	if (q->rx.large)
		page_pool_destroy(q->rx.large);
	q->rx.large = NULL;
}

static struct page *netfront_gather_large(struct netfront_rx *rx)
{
	struct page *page;

	if (!rx->large)
		return NULL;
	if (rx->large_rest) {
		rx->large_rest--;
		return NULL;
	}
	page = page_pool_dev_alloc_pages(rx->large);
	if (unlikely(!page))
		rx->large_rest = NETFRONT_LARGE_REST;
	return page;
}

static bool netfront_gather_page(struct netfront_gather *g)
{
	struct netfront_rx *rx = &g->q->rx;
	unsigned int nr = skb_shinfo(g->skb)->nr_frags;

	if (unlikely(nr == MAX_SKB_FRAGS))
		return false;
	g->page = NULL;
	g->size = NETFRONT_LARGE;
	if (g->left > NETFRONT_LARGE / 2)
		g->page = netfront_gather_large(rx);
	if (!g->page) {
		g->size = PAGE_SIZE;
		g->page = page_pool_dev_alloc_pages(rx->pool);
	}
	if (unlikely(!g->page))
		return false;
	g->used = 0;
	skb_add_rx_frag(g->skb, nr, g->page, 0, 0, g->size);
	return true;
}

static bool netfront_gather_put(struct netfront_gather *g, const void *from,
				unsigned int len)
{
	struct skb_shared_info *info = skb_shinfo(g->skb);
	unsigned int part;

	for (; len; len -= part, from += part) {
		if (g->used == g->size && !netfront_gather_page(g))
			return false;
		part = min(len, g->size - g->used);
		memcpy(page_address(g->page) + g->used, from, part);
		skb_frag_size_add(&info->frags[info->nr_frags - 1], part);
		g->skb->len += part;
		g->skb->data_len += part;
		g->used += part;
		g->left -= part;
	}
	return true;
}

/* The headers, as far as they are in the first piece; how much of it that is. */
static unsigned int netfront_gather_head(struct netfront_gather *g,
					 const void *from, unsigned int len)
{
	unsigned int head = min_t(unsigned int, len, NETFRONT_COPY_BREAK);

	skb_put_data(g->skb, from, head);
	/* Private by now: it may be looked at. */
	head = eth_get_headlen(g->q->nf->netdev, g->skb->data, head);
	skb_trim(g->skb, head);
	g->left -= head;
	return head;
}

/**
 * netfront_gather_wanted() - whether a packet is copied this way
 * @q: polled; its chain is complete
 */
bool netfront_gather_wanted(struct netfront_queue *q)
{
	return q->rx.fixed && q->rx.chain.len > NETFRONT_LARGE / 2;
}

/**
 * netfront_gather_skb() - copy the packet of the chain that is complete
 * @q: polled
 *
 * Return: an skb, or NULL if there is no memory. Context: NAPI.
 */
struct sk_buff *netfront_gather_skb(struct netfront_queue *q)
{
	const struct netfront_chain *c = &q->rx.chain;
	struct netfront_gather g = { .q = q, .left = c->len };
	unsigned int i, skip;

	g.skb = netfront_packet_alloc(q, NETFRONT_COPY_BREAK);
	if (unlikely(!g.skb))
		return NULL;
	skb_mark_for_recycle(g.skb);
	for (i = 0; i < c->nr; i++) {
		const struct netfront_piece *p = &c->piece[i];
		const void *from = netfront_packet_piece(q, p);

		skip = i ? 0 : netfront_gather_head(&g, from, p->len);
		if (!netfront_gather_put(&g, from + skip, p->len - skip))
			goto no_memory;
	}
	/* A first piece of a few bytes. */
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
