// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of our own that are granted to the backend, read-only, from their first
 * use to the end of the connection. They hold nothing but packets for it.
 */
#include <xenpv/grant.h>
#include "netfront.h"

/* @ref: a free reference to use, or INVALID_GRANT_REF; result: the one used */
static struct page *netfront_buffer_page(struct netfront_queue *q, gfp_t gfp,
					 grant_ref_t *ref)
{
	/* Zeroed, or the backend would see what it held before (XSA-403). */
	struct page *page = alloc_page(gfp | __GFP_ZERO);
	domid_t domid = q->nf->dev->otherend_id;
	int err;

	if (!page)
		return NULL;
	if (*ref != INVALID_GRANT_REF) {
		gnttab_grant_foreign_access_ref(*ref, domid,
						xen_page_to_gfn(page), 1);
		return page;
	}
	err = gnttab_grant_foreign_access(domid, xen_page_to_gfn(page), 1);
	if (err < 0) {
		__free_page(page);
		return NULL;
	}
	*ref = err;
	return page;
}

/*
 * A page for an id. If nothing of others is granted any more, the reference that
 * was meant for that is used.
 */
static bool netfront_buffer_take(struct netfront_queue *q, u16 id, gfp_t gfp,
				 bool own)
{
	grant_ref_t ref = own ? q->ref[id] : INVALID_GRANT_REF;
	struct page *page = netfront_buffer_page(q, gfp, &ref);

	if (!page)
		return false;
	if (own)
		q->ref[id] = INVALID_GRANT_REF;
	q->copy_ref[id] = ref;
	q->copy[id] = page;
	return true;
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
		q->cell_ref[i] = INVALID_GRANT_REF;
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
	if (!q->copy[id] &&
	    !netfront_buffer_take(q, id, GFP_ATOMIC | __GFP_NOWARN, q->bounce))
		return NULL;
	*ref = q->copy_ref[id];
	return page_address(q->copy[id]);
}

/**
 * netfront_buffer_fill() - have a page for each id, and lend no others any more
 * @q: not up
 *
 * Return: 0 or -ENOMEM; netfront_buffer_unfill() also undoes half of it.
 * Context: process.
 */
int netfront_buffer_fill(struct netfront_queue *q)
{
	unsigned int id;

	for (id = 0; id < NETFRONT_SLOTS; id++)
		if (!q->copy[id] &&
		    !netfront_buffer_take(q, id, GFP_KERNEL, true))
			return -ENOMEM;
	return 0;
}

/**
 * netfront_buffer_unfill() - undo netfront_buffer_fill(), to lend pages after all
 * @q: not up
 *
 * If somebody else has taken the references meanwhile everything is copied.
 */
void netfront_buffer_unfill(struct netfront_queue *q)
{
	unsigned int id, nr = 0;
	grant_ref_t head;

	for (id = 0; id < NETFRONT_SLOTS; id++) {
		if (q->copy[id])
			netfront_hold_page(q->nf, q->copy_ref[id], q->copy[id]);
		q->copy[id] = NULL;
		nr += q->ref[id] == INVALID_GRANT_REF;
	}
	if (!nr)
		return;
	if (gnttab_alloc_grant_references(nr, &head)) {
		q->bounce = true;
		return;
	}
	for (id = 0; id < NETFRONT_SLOTS; id++)
		if (q->ref[id] == INVALID_GRANT_REF)
			q->ref[id] = gnttab_claim_grant_reference(&head);
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
