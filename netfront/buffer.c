// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of our own that are granted to the backend, read-only, from their first
 * use to the end of the connection. They hold nothing but packets for it.
 */
#include <xenpv/grant.h>
#include "netfront.h"

static struct page *netfront_buffer_page(struct netfront_queue *q, gfp_t gfp,
					 grant_ref_t *ref)
{
	/* Zeroed, or the backend would see what it held before (XSA-403). */
	struct page *page = alloc_page(gfp | __GFP_ZERO);
	int err;

	if (!page)
		return NULL;
	err = gnttab_grant_foreign_access(q->nf->dev->otherend_id,
					  xen_page_to_gfn(page), 1);
	if (err < 0) {
		__free_page(page);
		return NULL;
	}
	*ref = err;
	return page;
}

/**
 * netfront_buffer_open() - pages for cells
 * @q: not up
 *
 * Return: 0 or -ENOMEM; netfront_buffer_close() also undoes half of it.
 * Context: process.
 */
int netfront_buffer_open(struct netfront_queue *q)
{
	unsigned int i;

	for (i = 0; i < NETFRONT_CELL_PAGES; i++) {
		q->cells[i] = netfront_buffer_page(q, GFP_KERNEL,
						   &q->cell_ref[i]);
		if (!q->cells[i])
			return -ENOMEM;
	}
	return 0;
}

/**
 * netfront_buffer_cell() - the cell of an id, NETFRONT_CELL bytes
 * @q:      up
 * @id:     taken
 * @ref:    result: its page's grant
 * @offset: result: in that page
 */
void *netfront_buffer_cell(struct netfront_queue *q, u16 id, grant_ref_t *ref,
			   u16 *offset)
{
	unsigned int page = id / NETFRONT_CELLS;

	*ref = q->cell_ref[page];
	*offset = id % NETFRONT_CELLS * NETFRONT_CELL;
	return page_address(q->cells[page]) + *offset;
}

/**
 * netfront_buffer_copy() - the page of an id
 * @q:   up
 * @id:  taken
 * @ref: result: its grant
 *
 * Return: the page, or NULL if it was never needed before and there is no
 * memory. Context: any.
 */
void *netfront_buffer_copy(struct netfront_queue *q, u16 id, grant_ref_t *ref)
{
	if (!q->copy[id])
		q->copy[id] = netfront_buffer_page(q, GFP_ATOMIC | __GFP_NOWARN,
						   &q->copy_ref[id]);
	if (!q->copy[id])
		return NULL;
	*ref = q->copy_ref[id];
	return page_address(q->copy[id]);
}

/**
 * netfront_buffer_fill() - have a page for each id
 * @q: not up
 *
 * Return: 0 or -ENOMEM; what there is then stays for netfront_buffer_copy().
 * Context: process.
 */
int netfront_buffer_fill(struct netfront_queue *q)
{
	unsigned int id;

	for (id = 0; id < NETFRONT_SLOTS; id++) {
		if (!q->copy[id])
			q->copy[id] = netfront_buffer_page(q, GFP_KERNEL,
							   &q->copy_ref[id]);
		if (!q->copy[id])
			return -ENOMEM;
	}
	return 0;
}

/**
 * netfront_buffer_close() - free all pages, now or when the backend lets go
 * @q: not up
 */
void netfront_buffer_close(struct netfront_queue *q)
{
	unsigned int i;

	for (i = 0; i < NETFRONT_CELL_PAGES; i++) {
		if (!q->cells[i])
			continue;
		netfront_hold_page(q->nf, q->cell_ref[i], q->cells[i]);
		q->cells[i] = NULL;
	}
	for (i = 0; i < NETFRONT_SLOTS; i++) {
		if (!q->copy[i])
			continue;
		netfront_hold_page(q->nf, q->copy_ref[i], q->copy[i]);
		q->copy[i] = NULL;
	}
}
