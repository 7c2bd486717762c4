/* SPDX-License-Identifier: GPL-2.0-only */
/* Static grants: pages of the guest that stay mapped. */
#ifndef NETBACK_STATIC_H
#define NETBACK_STATIC_H

#include <xenpv/grant.h>
#include <xenpv/netif.h>

struct netback_queue;

/*
 * Entries of the table of static grants. A queue has about as many references,
 * which are often consecutive.
 */
#define NETBACK_GREF_CACHE		1024

/**
 * struct netback_static - a static grant: a page of the guest that stays mapped
 * @gref:   its grant
 * @page:   page that it is mapped to
 * @handle: handle of the mapping
 * @flags:  GNTMAP_* flags of the mapping
 * @next:   next one of a list to unmap
 */
struct netback_static {
	u32 gref;
	struct page *page;
	grant_handle_t handle;
	u32 flags;
	struct netback_static *next;
};

/* static.c */
/* Entries of a list, which is one page. */
#define NETBACK_STATIC_LIST	(XEN_PAGE_SIZE / sizeof(struct xpv_netif_gref))
u32 netback_static_limit(void);
u32 netback_static_room(const struct netback_queue *q);
u32 netback_static_message(struct netback_queue *q, u16 type,
			   struct xpv_netif_gref *list, u32 nr, u32 *data);
struct netback_static *netback_static_look(struct netback_queue *q, u32 gref);
void netback_static_close(struct netback_queue *q);

#endif
