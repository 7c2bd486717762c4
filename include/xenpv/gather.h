/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The data of a long packet, copied to few large pages, so that the stack has
 * few fragments to look after; the same at both ends.
 */
#ifndef XENPV_GATHER_H
#define XENPV_GATHER_H

#include <linux/skbuff.h>
#include <xen/page.h>
#include <compat/page_pool.h>

#define XPV_GATHER_ORDER	3
#define XPV_GATHER_LARGE	(PAGE_SIZE << XPV_GATHER_ORDER)
/* Shorter packets are better off with other pages. */
#define XPV_GATHER_MIN		(XPV_GATHER_LARGE / 2)
/* Large pages that a queue keeps for the next packets, 2 MiB. */
#define XPV_GATHER_POOL		64
/* Small pages to take after there was no large one, some 64 packets of them. */
#define XPV_GATHER_REST		1024

/**
 * struct xpv_gather_pool - where pages come from
 * @small: for rests, and if there are no large ones; the owner's
 * @large: may be NULL
 * @rest:  small ones to take before a large one is tried again
 * @whole: no large page that is in pieces in the machine's memory
 */
struct xpv_gather_pool {
	struct page_pool *small;
	struct page_pool *large;
	unsigned int rest;
	bool whole;
};

/**
 * struct xpv_gather - a packet that is being copied
 * @pool: of its pages
 * @skb:  to copy to; marked for recycling
 * @to:   where the next byte goes
 * @room: bytes from there to the end of the page, the last fragment
 * @size: the same, when xpv_gather_end() was called last
 * @left: bytes of the packet
 */
struct xpv_gather {
	struct xpv_gather_pool *pool;
	struct sk_buff *skb;
	void *to;
	unsigned int room;
	unsigned int size;
	unsigned int left;
};

/**
 * xpv_gather_open() - make the pool of large pages
 * @pool:   @small and @whole are set
 * @params: of @small
 *
 * It goes without if there is no memory. Context: process.
 */
static inline void xpv_gather_open(struct xpv_gather_pool *pool,
				   const struct page_pool_params *params)
{
	struct page_pool_params large = *params;

	large.order = XPV_GATHER_ORDER;
	large.pool_size = XPV_GATHER_POOL;
	pool->rest = 0;
	pool->large = page_pool_create(&large);
	if (IS_ERR(pool->large))
		pool->large = NULL;
}

/**
 * xpv_gather_close() - end the pool of large pages
 * @pool: not used any more; those of its pages that are in packets stay
 */
static inline void xpv_gather_close(struct xpv_gather_pool *pool)
{
	if (pool->large)
		page_pool_destroy(pool->large);
	pool->large = NULL;
}

/*
 * A device that reads a page in pieces takes it by way of a bounce buffer: in a
 * PV domain what is one page to the kernel may be several to the machine.
 */
static inline bool xpv_gather_is_whole(struct page *page)
{
	unsigned long first = xen_page_to_gfn(page);
	unsigned int i;

	for (i = 1; i < 1 << XPV_GATHER_ORDER; i++) {
		if (xen_page_to_gfn(page + i) != first + i)
			return false;
	}
	return true;
}

static inline struct page *xpv_gather_large(struct xpv_gather_pool *pool)
{
	struct page *page;

	if (!pool->large)
		return NULL;
	if (pool->rest) {
		pool->rest--;
		return NULL;
	}
	page = page_pool_dev_alloc_pages(pool->large);
	if (likely(page && (!pool->whole || xpv_gather_is_whole(page))))
		return page;
	pool->rest = XPV_GATHER_REST;
	if (!page)
		return NULL;
	/* With a second reference the pool parts with it. */
	get_page(page);
	page_pool_put_full_page(pool->large, page, true);
	put_page(page);
	return NULL;
}

/**
 * xpv_gather_end() - what was copied belongs to the packet
 * @g: packet; more can be copied to it
 */
static inline void xpv_gather_end(struct xpv_gather *g)
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

/* The next page. */
static inline bool xpv_gather_page(struct xpv_gather *g)
{
	unsigned int nr = skb_shinfo(g->skb)->nr_frags;
	struct page *page = NULL;

	if (unlikely(nr == MAX_SKB_FRAGS))
		return false;
	xpv_gather_end(g);
	g->size = XPV_GATHER_LARGE;
	if (g->left > XPV_GATHER_MIN)
		page = xpv_gather_large(g->pool);
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
 * xpv_gather_room() - a place for the next bytes of a packet
 * @g:    packet
 * @len:  how many, not 0; result: how many there is room for at once
 *
 * Return: where to copy them to, or NULL if there is no memory. Context: NAPI
 * of the pool.
 */
static inline void *xpv_gather_room(struct xpv_gather *g, unsigned int *len)
{
	void *to;

	if (!g->room && unlikely(!xpv_gather_page(g)))
		return NULL;
	*len = min(*len, g->room);
	to = g->to;
	g->to += *len;
	g->room -= *len;
	g->left -= *len;
	return to;
}

#endif
