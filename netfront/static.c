// SPDX-License-Identifier: GPL-2.0-only
/*
 * Static grants: tell the backend which pages stay granted for the whole
 * connection. It keeps them mapped and copies from and to them without a
 * hypercall ("Static Grants" in Xen's io/netif.h), and unmaps them when we
 * close.
 *
 * A backend with little room for mappings only gets the cells, for small
 * packets that we send. A backend with more room gets pages for all packets
 * that we send and receive, and everything is copied: it never has a page that
 * holds anything else.
 */
#include <xenpv/grant.h>
#include "netfront.h"

#define NETFRONT_STATIC_LIST	(PAGE_SIZE / sizeof(struct xpv_netif_gref))

/**
 * struct netfront_naming - a list of pages to send to the backend
 * @q:    queue of the pages
 * @nr:   entries
 * @list: a page with the list
 */
struct netfront_naming {
	struct netfront_queue *q;
	unsigned int nr;
	struct xpv_netif_gref *list;
};

static_assert(NETFRONT_SLOTS <= NETFRONT_STATIC_LIST);

static void netfront_static_put(struct netfront_naming *n, grant_ref_t ref,
				u16 flags)
{
	n->list[n->nr++] = (struct xpv_netif_gref) {
		.ref = ref,
		.flags = flags,
	};
}

/* Send the whole list, or nothing. */
static int netfront_static_send(struct netfront_naming *n)
{
	struct netfront_dev *nf = n->q->nf;
	u32 args[3] = { n->q->index, 0, n->nr };
	int err;

	err = netfront_ctrl_call_page(nf, XPV_NETIF_CTRL_ADD_GREFS, n->list,
				      n->nr * sizeof(*n->list), args, 1);
	if (!err)
		WRITE_ONCE(nf->link.statics, nf->link.statics + n->nr);
	n->nr = 0;
	return err;
}

static int netfront_static_cells(struct netfront_naming *n)
{
	unsigned int i;

	for (i = 0; i < NETFRONT_BOUNCE_PAGES; i++)
		netfront_static_put(n, n->q->bounce_ref[i],
				    XPV_NETIF_GREF_READONLY);
	return netfront_static_send(n);
}

/* A page for each request that can be in flight. */
static int netfront_static_tx(struct netfront_naming *n)
{
	struct netfront_queue *q = n->q;
	unsigned int i;
	int err;

	err = netfront_buffer_fill(q);
	for (i = 0; i < NETFRONT_SLOTS && !err; i++)
		netfront_static_put(n, q->copy_ref[i], XPV_NETIF_GREF_READONLY);
	if (!err)
		err = netfront_static_send(n);
	if (err)
		netfront_buffer_unfill(q);
	q->static_grants = !err;
	return err;
}

/* The posted pages. If memory was short, some slots have none. */
static int netfront_static_rx(struct netfront_naming *n)
{
	struct netfront_rx *rx = &n->q->rx;
	unsigned int i;
	int err;

	for (i = 0; i < NETFRONT_SLOTS; i++)
		if (rx->page[i])
			netfront_static_put(n, rx->ref[i], 0);
	err = netfront_static_send(n);
	/*
	 * A backend that did not answer in time, or sent an invalid answer, may
	 * have mapped the pages anyway: then they cannot be revoked one by one.
	 */
	rx->static_grants = !err || err == -ETIMEDOUT;
	return err;
}

static int netfront_static_queue(struct netfront_naming *n)
{
	u32 args[3] = { n->q->index, 0, 0 }, room = 0, need;
	int err;

	err = netfront_ctrl_call(n->q->nf, XPV_NETIF_CTRL_GET_GREF_SIZE, args,
				 &room);
	need = NETFRONT_BOUNCE_PAGES;
	if (!err && room < need)
		err = -E2BIG;
	if (!err)
		err = netfront_static_cells(n);
	need += NETFRONT_SLOTS;
	if (!err && room >= need)
		err = netfront_static_tx(n);
	need += NETFRONT_SLOTS;
	if (!err && room >= need)
		err = netfront_static_rx(n);
	return err;
}

/**
 * netfront_static_link() - announce the static grants to a new backend
 * @nf: has a control ring, or not; its queues are not polled
 *
 * A backend that does not use them copies by hypercall, as others do.
 *
 * Context: process, under fsm.act.
 */
void netfront_static_link(struct netfront_dev *nf)
{
	struct netfront_naming n = {};
	unsigned int i;

	lockdep_assert_held(&nf->fsm.act);
	if (!READ_ONCE(netfront_static_grants))
		return;
	n.list = (void *)__get_free_page(GFP_KERNEL);
	if (!n.list)
		return;
	for (i = 0; i < nf->link.nr_queues; i++) {
		n.q = &nf->queues[i];
		if (netfront_static_queue(&n))
			break;
	}
	free_page((unsigned long)n.list);
}
