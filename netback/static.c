// SPDX-License-Identifier: GPL-2.0-only
/*
 * Static grants: pages that a frontend names once, by the control ring, and that
 * stay mapped until it takes them back or closes. What it sends from them is
 * copied by the processor, without a hypercall ("Static Grants" in Xen's
 * io/netif.h). They are mapped read-only, whatever else the frontend allows.
 *
 * The control ring's work item changes the table, the tx NAPI looks into it.
 */
#include <linux/slab.h>
#include "netback.h"

/**
 * struct netback_static - a page that stays mapped
 * @page:   where
 * @handle: of the mapping
 * @next:   of those that go together
 */
struct netback_static {
	struct page *page;
	grant_handle_t handle;
	struct netback_static *next;
};

static_assert(sizeof(struct xpv_netif_gref) == 8);

static unsigned long netback_static_addr(struct page *page)
{
	return (unsigned long)pfn_to_kaddr(page_to_pfn(page));
}

/**
 * netback_static_find() - where a page of the frontend is mapped
 * @q:    queue
 * @gref: its grant
 *
 * Return: its address, or NULL if it is not one that stays. The frontend may
 * write there at any time. Context: tx NAPI; the address is good until its end.
 */
const void *netback_static_find(struct netback_queue *q, u32 gref)
{
	struct netback_static *s;

	if (likely(xa_empty(&q->statics)))
		return NULL;
	s = xa_load(&q->statics, gref);
	return s ? (const void *)netback_static_addr(s->page) : NULL;
}

/* A page that could not be unmapped still shows the guest's memory. */
static void netback_static_free(struct netback_static *s, bool unmapped)
{
	if (likely(unmapped))
		gnttab_free_pages(1, &s->page);
	else
		pr_warn_ratelimited("xen-netback: a page could not be unmapped and is lost\n");
	kfree(s);
}

/* Nobody can find it any more. */
static void netback_static_unmap(struct netback_static *s)
{
	struct gnttab_unmap_grant_ref op;

	gnttab_set_unmap_op(&op, netback_static_addr(s->page), GNTMAP_host_map,
			    s->handle);
	op.status = 1;	/* failed, unless Xen says else */
	gnttab_unmap_refs(&op, NULL, &s->page, 1);
	netback_static_free(s, op.status == GNTST_okay);
}

static struct netback_static *netback_static_map(struct netback_queue *q,
						 u32 gref)
{
	struct netback_static *s = kzalloc(sizeof(*s), GFP_KERNEL);
	struct gnttab_map_grant_ref op;

	if (!s)
		return ERR_PTR(-ENOMEM);
	if (gnttab_alloc_pages(1, &s->page)) {
		kfree(s);
		return ERR_PTR(-ENOMEM);
	}
	gnttab_set_map_op(&op, netback_static_addr(s->page),
			  GNTMAP_host_map | GNTMAP_readonly, gref,
			  q->be->domid);
	op.status = GNTST_general_error;
	gnttab_map_refs(&op, NULL, &s->page, 1);
	if (op.status != GNTST_okay) {
		gnttab_free_pages(1, &s->page);
		kfree(s);
		xpv_violation(&q->be->violations, NETBACK_SITE_CTRL_GRANT, gref,
			      0, "message refused");
		return ERR_PTR(-EFAULT);
	}
	s->handle = op.handle;
	return s;
}

/*
 * Out of the table, and unmapped when the NAPI has let go of them. What is not
 * there, or named a second time, has that for its status.
 */
static u32 netback_static_drop(struct netback_queue *q,
			       struct xpv_netif_gref *list, u32 nr)
{
	struct netback_static *s, *gone = NULL;
	u32 i, found = 0;

	for (i = 0; i < nr; i++) {
		s = xa_erase(&q->statics, list[i].ref);
		list[i].status = s ? XPV_NETIF_CTRL_SUCCESS :
				     XPV_NETIF_CTRL_INVALID;
		if (!s)
			continue;
		s->next = gone;
		gone = s;
		found++;
	}
	if (!found)
		return 0;
	WRITE_ONCE(q->nr_statics, q->nr_statics - found);
	synchronize_net();
	while (gone) {
		s = gone;
		gone = s->next;
		netback_static_unmap(s);
		cond_resched();
	}
	return found;
}

static int netback_static_add_one(struct netback_queue *q,
				  const struct xpv_netif_gref *g)
{
	struct netback_static *s;
	int err;

	if (g->flags & ~XPV_NETIF_GREF_READONLY ||
	    xa_load(&q->statics, g->ref)) {
		xpv_violation(&q->be->violations, NETBACK_SITE_CTRL_VALUE,
			      g->flags & ~XPV_NETIF_GREF_READONLY ? g->flags :
								    g->ref,
			      XPV_NETIF_GREF_READONLY, "message refused");
		return -EINVAL;
	}
	s = netback_static_map(q, g->ref);
	if (IS_ERR(s))
		return PTR_ERR(s);
	err = xa_insert(&q->statics, g->ref, s, GFP_KERNEL);
	if (err) {
		netback_static_unmap(s);
		return err;
	}
	WRITE_ONCE(q->nr_statics, q->nr_statics + 1);
	return 0;
}

/* All of a list or nothing. */
static u32 netback_static_add(struct netback_queue *q,
			      struct xpv_netif_gref *list, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		if (netback_static_add_one(q, &list[i])) {
			netback_static_drop(q, list, i);
			return XPV_NETIF_CTRL_INVALID;
		}
		cond_resched();
	}
	return XPV_NETIF_CTRL_SUCCESS;
}

/**
 * netback_static_limit() - how many pages of a queue may stay mapped
 *
 * Return: 0 if static grants are off.
 */
u32 netback_static_limit(void)
{
	return READ_ONCE(netback_max_static_grants);
}

/**
 * netback_static_message() - serve a message about static grants
 * @q:    the queue that it is about
 * @type: XPV_NETIF_CTRL_ADD_GREFS or _DEL_GREFS
 * @list: private copy of the list; gets the results of _DEL_GREFS
 * @nr:   entries
 * @data: of the answer
 *
 * Return: XPV_NETIF_CTRL_*. Context: the control ring's work item.
 */
u32 netback_static_message(struct netback_queue *q, u16 type,
			   struct xpv_netif_gref *list, u32 nr, u32 *data)
{
	u32 limit = netback_static_limit();

	if (type == XPV_NETIF_CTRL_DEL_GREFS) {
		*data = netback_static_drop(q, list, nr);
		return XPV_NETIF_CTRL_SUCCESS;
	}
	if (q->nr_statics + nr > limit) {
		xpv_violation(&q->be->violations, NETBACK_SITE_CTRL_VALUE,
			      q->nr_statics + nr, limit, "message refused");
		return XPV_NETIF_CTRL_INVALID;
	}
	return netback_static_add(q, list, nr);
}

/**
 * netback_static_close() - let go of all pages of a queue
 * @q: down, its control ring closed
 */
void netback_static_close(struct netback_queue *q)
{
	struct netback_static *s;
	unsigned long gref;

	xa_for_each(&q->statics, gref, s) {
		xa_erase(&q->statics, gref);
		netback_static_unmap(s);
		cond_resched();
	}
	q->nr_statics = 0;
	xa_destroy(&q->statics);
}
