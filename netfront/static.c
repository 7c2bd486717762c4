// SPDX-License-Identifier: GPL-2.0-only
/*
 * Static grants: tell the backend of the pages that stay granted for as long as
 * a connection lasts. It keeps them mapped, and copies small packets from there
 * without a hypercall ("Static Grants" in Xen's io/netif.h). It lets go of them
 * when we close.
 */
#include <xenpv/grant.h>
#include "netfront.h"

static int netfront_static_queue(struct netfront_dev *nf,
				 struct netfront_queue *q)
{
	struct xpv_netif_gref list[NETFRONT_CELL_PAGES];
	u32 args[3] = { q->index, 0, 0 }, room = 0;
	unsigned int i;
	int err;

	err = netfront_ctrl_call(nf, XPV_NETIF_CTRL_GET_GREF_SIZE, args, &room);
	if (err)
		return err;
	if (room < ARRAY_SIZE(list))
		return -E2BIG;
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		list[i].ref = q->cell_ref[i];
		list[i].flags = XPV_NETIF_GREF_READONLY;
		list[i].status = 0;
	}
	args[2] = ARRAY_SIZE(list);
	return netfront_ctrl_call_page(nf, XPV_NETIF_CTRL_ADD_GREFS, list,
				       sizeof(list), args, 1);
}

/**
 * netfront_static_link() - name the pages to a new backend
 * @nf: has a control ring, or not
 *
 * One that does not want them copies by hypercall, as others do. Context:
 * process, under machine.act.
 */
void netfront_static_link(struct netfront_dev *nf)
{
	unsigned int i, nr = 0;

	for (i = 0; i < nf->nr_queues; i++) {
		if (netfront_static_queue(nf, &nf->queues[i]))
			break;
		nr += NETFRONT_CELL_PAGES;
	}
	WRITE_ONCE(nf->statics, nr);
}
