// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies by the hypervisor from NAPI, which must not sleep, and evaluation of
 * their results.
 */
#include <linux/highmem.h>
#include <asm/xen/hypercall.h>
#include "netback.h"

/*
 * Xen may first have to get the other domain's page from its pager or from
 * sharing.
 */
#define NETBACK_COPY_TRIES	16

/* Does not use the core's retry, which sleeps when Xen says "again". */
static void netback_copy_once(struct gnttab_copy *op, unsigned int nr)
{
	unsigned int i;

	/* If the call as a whole fails, it is unknown what was copied. */
	if (!HYPERVISOR_grant_table_op(GNTTABOP_copy, op, nr))
		return;
	for (i = 0; i < nr; i++)
		op[i].status = GNTST_general_error;
}

/**
 * netback_copy() - let Xen copy
 * @op: operations
 * @nr: number of operations
 *
 * Each operation has its own status. It stays GNTST_eagain if Xen could not get
 * the page in time, which is nobody's fault.
 *
 * Context: any.
 */
void netback_copy(struct gnttab_copy *op, unsigned int nr)
{
	unsigned int i, tries;

	netback_copy_once(op, nr);
	for (i = 0; i < nr; i++) {
		for (tries = 0; unlikely(op[i].status == GNTST_eagain) &&
		     tries < NETBACK_COPY_TRIES; tries++) {
			cpu_relax();
			netback_copy_once(&op[i], 1);
		}
	}
}

/**
 * netback_copy_bounced() - copy through our own page after a failure
 * @op:   failed copy from a page of another guest to a page of the receiver
 * @page: our mapping of the former
 *
 * Either of the two grants may be bad, but the receiver is only responsible for
 * its own. So the data is copied through a page of our own: the mapping is good
 * whatever has become of its grant.
 *
 * Return: false without memory; otherwise @op->status is about the receiver's
 * page.
 * Context: any.
 */
bool netback_copy_bounced(struct gnttab_copy *op, struct page *page)
{
	struct page *own = alloc_page(GFP_ATOMIC | __GFP_NOWARN);

	if (!own)
		return false;
	memcpy_from_page(page_address(own), page, op->source.offset, op->len);
	op->flags &= ~GNTCOPY_source_gref;
	op->source.domid = DOMID_SELF;
	op->source.u.gmfn = xen_page_to_gfn(own);
	op->source.offset = 0;
	netback_copy(op, 1);
	__free_page(own);
	return true;
}
