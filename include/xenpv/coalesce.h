/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Coalesce a long packet: copy its data to few large pages, so that the network
 * stack has few fragments to handle. Both ends use this.
 */
#ifndef XENPV_GATHER_H
#define XENPV_GATHER_H

#include <linux/skbuff.h>
#include <xen/page.h>
#include <compat/page_pool.h>

#define XPV_COALESCE_ORDER	3
#define XPV_COALESCE_LARGE	(PAGE_SIZE << XPV_COALESCE_ORDER)
/* Shorter packets are better served by small pages. */
#define XPV_COALESCE_MIN		(XPV_COALESCE_LARGE / 2)
/* Large pages that a queue keeps for later packets, 2 MiB. */
#define XPV_COALESCE_POOL		64
/*
 * Small pages to use after an allocation of a large one failed: some 64 packets
 * of them.
 */
#define XPV_COALESCE_REST		1024

/**
 * struct xpv_coalesce_pool - the page pools of a queue
 * @small: for remainders, and if there are no large pages; belongs to the owner
 * @large: may be NULL
 * @rest:  number of small pages to use before a large one is tried again
 * @whole: refuse large pages that are not contiguous in machine memory
 */
struct xpv_coalesce_pool {
	struct page_pool *small;
	struct page_pool *large;
	unsigned int rest;
	bool whole;
};

/**
 * struct xpv_coalesce - a packet that is being copied
 * @pool: source of its pages
 * @skb:  packet to copy to; marked for recycling
 * @to:   where the next byte goes
 * @room: bytes left behind @to in the page, which is the last fragment
 * @size: value of @room at the last xpv_coalesce_end()
 * @left: bytes of the packet still to copy
 */
struct xpv_coalesce {
	struct xpv_coalesce_pool *pool;
	struct sk_buff *skb;
	void *to;
	unsigned int room;
	unsigned int size;
	unsigned int left;
};

/**
 * xpv_coalesce_open() - create the pool of large pages
 * @pool:   @small and @whole are set
 * @params: parameters of @small
 *
 * Without memory for it, the queue works without large pages.
 *
 * Context: process.
 */
static inline void xpv_coalesce_open(struct xpv_coalesce_pool *pool,
				     const struct page_pool_params *params)
{
	struct page_pool_params large = *params;

	large.order = XPV_COALESCE_ORDER;
	large.pool_size = XPV_COALESCE_POOL;
	pool->rest = 0;
	pool->large = page_pool_create(&large);
	if (IS_ERR(pool->large))
		pool->large = NULL;
}

/**
 * xpv_coalesce_close() - destroy the pool of large pages
 * @pool: not used any more; its pages that are in packets remain valid
 */
static inline void xpv_coalesce_close(struct xpv_coalesce_pool *pool)
{
	if (pool->large)
		page_pool_destroy(pool->large);
	pool->large = NULL;
}

/*
 * A device reads a page that is not contiguous through a bounce buffer: in a PV
 * domain one page of the kernel may be several frames of the machine.
 */
static inline bool xpv_coalesce_is_whole(struct page *page)
{
	unsigned long first = xen_page_to_gfn(page);
	unsigned int i;

	for (i = 1; i < 1 << XPV_COALESCE_ORDER; i++) {
		if (xen_page_to_gfn(page + i) != first + i)
			return false;
	}
	return true;
}

static inline struct page *xpv_coalesce_large(struct xpv_coalesce_pool *pool)
{
	struct page *page;

	if (!pool->large)
		return NULL;
	if (pool->rest) {
		pool->rest--;
		return NULL;
	}
	page = page_pool_dev_alloc_pages(pool->large);
	if (likely(page && (!pool->whole || xpv_coalesce_is_whole(page))))
		return page;
	pool->rest = XPV_COALESCE_REST;
	if (!page)
		return NULL;
	/* With a second reference the pool does not recycle the page. */
	get_page(page);
	page_pool_put_full_page(pool->large, page, true);
	put_page(page);
	return NULL;
}

/**
 * xpv_coalesce_end() - add the copied bytes to the packet
 * @g: packet; more can be copied to it afterwards
 */
static inline void xpv_coalesce_end(struct xpv_coalesce *g)
{
	struct skb_shared_info *info = skb_shinfo(g->skb);
	unsigned int used = g->size - g->room;

	if (!used)
		return;
	skb_frag_size_add(&info->frags[info->nr_frags - 1], used);
	g->skb->len += used;
	g->skb->data_len += used;
	g->size = g->room;
}

/* Begin the next page. */
static inline bool xpv_coalesce_page(struct xpv_coalesce *g)
{
	unsigned int nr = skb_shinfo(g->skb)->nr_frags;
	struct page *page = NULL;

	if (unlikely(nr == MAX_SKB_FRAGS))
		return false;
	xpv_coalesce_end(g);
	g->size = XPV_COALESCE_LARGE;
	if (g->left > XPV_COALESCE_MIN)
		page = xpv_coalesce_large(g->pool);
	if (!page) {
		g->size = PAGE_SIZE;
		page = page_pool_dev_alloc_pages(g->pool->small);
	}
	if (unlikely(!page))
		return false;
	g->to = page_address(page);
	g->room = g->size;
	skb_add_rx_frag(g->skb, nr, page, 0, 0, g->size);
	return true;
}

/**
 * xpv_coalesce_room() - get memory for the next bytes of a packet
 * @g:   packet
 * @len: bytes wanted, not 0; result: bytes that the returned memory holds
 *
 * Return: where to copy to, or NULL if there is no memory.
 * Context: NAPI of the pool.
 */
static inline void *xpv_coalesce_room(struct xpv_coalesce *g, unsigned int *len)
{
	void *to;

	if (!g->room && unlikely(!xpv_coalesce_page(g)))
		return NULL;
	*len = min(*len, g->room);
	to = g->to;
	g->to += *len;
	g->room -= *len;
	g->left -= *len;
	return to;
}

#endif
