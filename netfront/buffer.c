// SPDX-License-Identifier: GPL-2.0-only
/*
 * Our own pages, granted to the backend read-only from their first use to the
 * end of the connection. They only ever hold packets for the backend.
 */
#include <xenpv/grant.h>
#include "netfront.h"

/*
 * Allocate and grant a page. @ref: a free reference to use, or
 * INVALID_GRANT_REF; result: the reference used.
 */
static struct page *netfront_buffer_page(struct netfront_queue *q, gfp_t gfp,
					 grant_ref_t *ref)
{
	/* Zeroed, so that the backend does not see old contents (XSA-403). */
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
 * Allocate a page for an id. If no pages of skbs are granted any more, the id's
 * own reference is used.
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
 * netfront_buffer_open() - allocate the pages of the cells
 * @q: not up
 *
 * After an error netfront_buffer_close() frees what was allocated.
 *
 * Return: 0 or -ENOMEM.
 * Context: process.
 */
int netfront_buffer_open(struct netfront_queue *q)
{
	unsigned int i;

	for (i = 0; i < NETFRONT_BOUNCE_PAGES; i++) {
		q->bounce_ref[i] = INVALID_GRANT_REF;
		q->bounce_pages[i] = netfront_buffer_page(q, GFP_KERNEL,
							  &q->bounce_ref[i]);
		if (!q->bounce_pages[i])
			return -ENOMEM;
	}
	return 0;
}

/**
 * netfront_buffer_slot() - the cell of an id, NETFRONT_BOUNCE_SLOT bytes
 * @q:      up
 * @id:     in use
 * @ref:    result: grant of its page
 * @offset: result: offset in that page
 *
 * Return: address of the cell.
 */
void *netfront_buffer_slot(struct netfront_queue *q, u16 id, grant_ref_t *ref,
			   u16 *offset)
{
	unsigned int page = id / NETFRONT_BOUNCE_SLOTS;

	*ref = q->bounce_ref[page];
	*offset = id % NETFRONT_BOUNCE_SLOTS * NETFRONT_BOUNCE_SLOT;
	return page_address(q->bounce_pages[page]) + *offset;
}

/**
 * netfront_buffer_copy() - the page of an id
 * @q:   up
 * @id:  in use
 * @ref: result: grant of the page
 *
 * Return: the page, or NULL if it has to be allocated and there is no memory.
 * Context: any.
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
 * netfront_buffer_fill() - allocate a page for each id, and stop granting
 * others
 * @q: not up
 *
 * After an error netfront_buffer_unfill() frees what was allocated.
 *
 * Return: 0 or -ENOMEM.
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
 * netfront_buffer_unfill() - undo netfront_buffer_fill()
 * @q: not up
 *
 * Pages of skbs are granted again. If other devices have used up the references
 * meanwhile, everything is copied.
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
 * netfront_buffer_close() - free all pages, now or when the backend unmaps them
 * @q: not up
 */
void netfront_buffer_close(struct netfront_queue *q)
{
	unsigned int i;

	for (i = 0; i < NETFRONT_BOUNCE_PAGES; i++) {
		if (!q->bounce_pages[i])
			continue;
		netfront_hold_page(q->nf, q->bounce_ref[i], q->bounce_pages[i]);
		q->bounce_pages[i] = NULL;
	}
	for (i = 0; i < NETFRONT_SLOTS; i++) {
		if (!q->copy[i])
			continue;
		netfront_hold_page(q->nf, q->copy_ref[i], q->copy[i]);
		q->copy[i] = NULL;
	}
}
