// SPDX-License-Identifier: GPL-2.0-only
/*
 * Static grants: pages that a frontend announces once, over the control ring,
 * and that stay mapped until it withdraws them or closes. Data in them is
 * copied by the processor, without a hypercall ("Static Grants" in Xen's
 * io/netif.h).
 *
 * The control ring's work item changes the table; both NAPIs read it.
 */
#include <linux/slab.h>
#include "netback.h"

/* Operations of one hypercall. */
#define NETBACK_STATIC_BATCH	16

static_assert(sizeof(struct xpv_netif_gref) == 8);

/* Pages of all queues that are mapped, or about to be mapped. */
static atomic_t netback_static_total = ATOMIC_INIT(0);

/**
 * netback_static_look() - slow path of netback_static_find()
 * @q:    queue
 * @gref: reference of the grant
 *
 * Return: the static grant, or NULL.
 */
struct netback_static *netback_static_look(struct netback_queue *q, u32 gref)
{
	return xa_empty(&q->statics) ? NULL : xa_load(&q->statics, gref);
}

static void netback_static_remember(struct netback_queue *q,
				    struct netback_static *s)
{
	struct netback_static **slot = &q->gref_cache[s->gref % NETBACK_GREF_CACHE];

	if (*slot)
		return;
	/*
	 * initialise it before it is visible; pairs with netback_static_find()
	 */
	smp_store_release(slot, s);
}

/* Others with the same place in the lookup table are only in the xarray. */
static struct netback_static *netback_static_erase(struct netback_queue *q,
						   u32 gref)
{
	struct netback_static *s = xa_erase(&q->statics, gref);

	if (s && q->gref_cache[gref % NETBACK_GREF_CACHE] == s)
		WRITE_ONCE(q->gref_cache[gref % NETBACK_GREF_CACHE], NULL);
	return s;
}

/* Unmap some that nobody can find any more; returns the rest of the list. */
static struct netback_static *netback_static_unmap_some(struct netback_static *s)
{
	struct gnttab_unmap_grant_ref op[NETBACK_STATIC_BATCH];
	struct page *page[NETBACK_STATIC_BATCH];
	struct netback_static *next;
	unsigned int nr = 0, i;

	for (; s && nr < NETBACK_STATIC_BATCH; s = next, nr++) {
		gnttab_set_unmap_op(&op[nr], xpv_grant_addr(s->page), s->flags,
				    s->handle);
		op[nr].status = GNTST_general_error;
		page[nr] = s->page;
		next = s->next;
		kfree(s);
	}
	gnttab_unmap_refs(op, NULL, page, nr);
	for (i = 0; i < nr; i++) {
		/* Otherwise the page would still show the guest's memory. */
		if (likely(op[i].status == GNTST_okay))
			gnttab_free_pages(1, &page[i]);
		else
			pr_warn_ratelimited("xen-netback: a page could not be unmapped and is lost\n");
	}
	return s;
}

static void netback_static_unmap(struct netback_static *s)
{
	while (s) {
		s = netback_static_unmap_some(s);
		cond_resched();
	}
}

/*
 * Remove entries from the table, and unmap them when the NAPIs do not use them
 * any more. An entry that is missing, or listed twice, gets that status.
 */
static u32 netback_static_drop(struct netback_queue *q,
			       struct xpv_netif_gref *list, u32 nr)
{
	struct netback_static *s, *gone = NULL;
	u32 i, found = 0;

	for (i = 0; i < nr; i++) {
		s = netback_static_erase(q, list[i].ref);
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
	netback_static_unmap(gone);
	return found;
}

/**
 * struct netback_adding - a part of a list that is to be added
 * @nr:   number of entries
 * @list: the entries
 * @s:    new objects; NULL if an entry is in the table already or could not be
 *        mapped
 * @page: pages to map to
 * @op:   map operations
 */
struct netback_adding {
	unsigned int nr;
	const struct xpv_netif_gref *list;
	struct netback_static *s[NETBACK_STATIC_BATCH];
	struct page *page[NETBACK_STATIC_BATCH];
	struct gnttab_map_grant_ref op[NETBACK_STATIC_BATCH];
};

static bool netback_static_is_new(struct netback_queue *q,
				  const struct xpv_netif_gref *g)
{
	u16 odd = g->flags & ~XPV_NETIF_GREF_READONLY;

	if (!odd && !xa_load(&q->statics, g->ref))
		return true;
	xpv_violation(&q->be->violations, NETBACK_SITE_CTRL_VALUE,
		      odd ? g->flags : g->ref, XPV_NETIF_GREF_READONLY,
		      "message refused");
	return false;
}

static int netback_static_alloc(struct netback_adding *a)
{
	unsigned int i;

	for (i = 0; i < a->nr; i++) {
		a->s[i] = kzalloc(sizeof(*a->s[i]), GFP_KERNEL);
		if (!a->s[i])
			break;
	}
	if (i == a->nr && !gnttab_alloc_pages(a->nr, a->page))
		return 0;
	while (i--)
		kfree(a->s[i]);
	return -ENOMEM;
}

static int netback_static_map(struct netback_queue *q, struct netback_adding *a)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < a->nr; i++) {
		a->s[i]->gref = a->list[i].ref;
		a->s[i]->flags = GNTMAP_host_map;
		if (a->list[i].flags & XPV_NETIF_GREF_READONLY)
			a->s[i]->flags |= GNTMAP_readonly;
		gnttab_set_map_op(&a->op[i], xpv_grant_addr(a->page[i]),
				  a->s[i]->flags, a->list[i].ref, q->be->domid);
		a->op[i].status = GNTST_general_error;
	}
	gnttab_map_refs(a->op, NULL, a->page, a->nr);
	for (i = 0; i < a->nr; i++) {
		if (likely(a->op[i].status == GNTST_okay)) {
			a->s[i]->page = a->page[i];
			a->s[i]->handle = a->op[i].handle;
			continue;
		}
		gnttab_free_pages(1, &a->page[i]);
		kfree(a->s[i]);
		a->s[i] = NULL;
		err = -EFAULT;
		if (xpv_grant_is_space(a->op[i].status))
			continue;
		xpv_violation(&q->be->violations, NETBACK_SITE_CTRL_GRANT,
			      a->list[i].ref, 0, "message refused");
	}
	return err;
}

/*
 * Insert objects into the table; returns their number. A list may have
 * duplicates.
 */
static unsigned int netback_static_enter(struct netback_queue *q,
					 struct netback_adding *a)
{
	unsigned int i;

	for (i = 0; i < a->nr; i++) {
		if (!netback_static_is_new(q, &a->list[i]) ||
		    xa_insert(&q->statics, a->list[i].ref, a->s[i], GFP_KERNEL))
			break;
		netback_static_remember(q, a->s[i]);
		a->s[i] = NULL;
	}
	WRITE_ONCE(q->nr_statics, q->nr_statics + i);
	return i;
}

/* Map some entries and add them to the table; returns their number. */
static unsigned int netback_static_add_some(struct netback_queue *q,
					    struct netback_adding *a)
{
	struct netback_static *rest = NULL;
	unsigned int i, entered = 0;

	for (i = 0; i < a->nr; i++) {
		if (!netback_static_is_new(q, &a->list[i]))
			return 0;
	}
	if (netback_static_alloc(a))
		return 0;
	if (!netback_static_map(q, a))
		entered = netback_static_enter(q, a);
	for (i = entered; i < a->nr; i++) {
		if (!a->s[i])
			continue;
		a->s[i]->next = rest;
		rest = a->s[i];
	}
	netback_static_unmap(rest);
	return entered;
}

/* Add all entries of a list, or none. */
static u32 netback_static_add(struct netback_queue *q,
			      struct xpv_netif_gref *list, u32 nr)
{
	struct netback_adding *a = kzalloc(sizeof(*a), GFP_KERNEL);
	u32 done = 0, added = 0;

	if (!a)
		return XPV_NETIF_CTRL_INVALID;
	while (done < nr && added == done) {
		a->nr = min_t(u32, nr - done, NETBACK_STATIC_BATCH);
		a->list = list + done;
		done += a->nr;
		added += netback_static_add_some(q, a);
		cond_resched();
	}
	kfree(a);
	if (added == nr)
		return XPV_NETIF_CTRL_SUCCESS;
	netback_static_drop(q, list, added);
	return XPV_NETIF_CTRL_INVALID;
}

/**
 * netback_static_limit() - maximum number of static grants of a queue
 *
 * Return: 0 if static grants are off.
 */
u32 netback_static_limit(void)
{
	return READ_ONCE(netback_max_static_grants);
}

/**
 * netback_static_room() - number of static grants that a queue could add now
 * @q: the queue
 *
 * Return: netback_static_limit(), or less if other queues use most of this
 * domain's limit.
 * Context: the control ring's work item.
 */
u32 netback_static_room(const struct netback_queue *q)
{
	int left = READ_ONCE(netback_max_static_total) -
		   atomic_read(&netback_static_total);

	return min_t(u32, netback_static_limit(),
		     q->nr_statics + max(left, 0));
}

/**
 * netback_static_message() - handle a message about static grants
 * @q:    the queue of the grants
 * @type: XPV_NETIF_CTRL_ADD_GREFS or _DEL_GREFS
 * @list: private copy of the list; gets the results of _DEL_GREFS
 * @nr:   entries
 * @data: data of the response
 *
 * Return: XPV_NETIF_CTRL_*.
 * Context: the control ring's work item.
 */
u32 netback_static_message(struct netback_queue *q, u16 type,
			   struct xpv_netif_gref *list, u32 nr, u32 *data)
{
	u32 limit = netback_static_limit(), status = XPV_NETIF_CTRL_INVALID;
	int total;

	if (type == XPV_NETIF_CTRL_DEL_GREFS) {
		*data = netback_static_drop(q, list, nr);
		atomic_sub(*data, &netback_static_total);
		return XPV_NETIF_CTRL_SUCCESS;
	}
	if (q->nr_statics + nr > limit) {
		xpv_violation(&q->be->violations, NETBACK_SITE_CTRL_VALUE,
			      q->nr_statics + nr, limit, "message refused");
		return status;
	}
	total = atomic_add_return(nr, &netback_static_total);
	if (total <= READ_ONCE(netback_max_static_total))
		status = netback_static_add(q, list, nr);
	if (status != XPV_NETIF_CTRL_SUCCESS)
		atomic_sub(nr, &netback_static_total);
	return status;
}

/**
 * netback_static_close() - unmap all static grants of a queue
 * @q: down, its control ring closed
 */
void netback_static_close(struct netback_queue *q)
{
	struct netback_static *s, *gone = NULL;
	unsigned long gref;

	xa_for_each(&q->statics, gref, s) {
		s->next = gone;
		gone = s;
	}
	xa_destroy(&q->statics);
	memset(q->gref_cache, 0, sizeof(q->gref_cache));
	atomic_sub(q->nr_statics, &netback_static_total);
	q->nr_statics = 0;
	netback_static_unmap(gone);
}
