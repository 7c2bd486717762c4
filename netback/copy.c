// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies by the hypervisor from NAPI, which must not sleep, and what their results
 * mean.
 */
#include <linux/highmem.h>
#include <asm/xen/hypercall.h>
#include "netback.h"

/* Xen may need the other domain's page from its pager or from sharing first. */
#define NETBACK_COPY_TRIES	16

/* Without the core's patience: it sleeps where Xen says "again". */
static void netback_copy_once(struct gnttab_copy *op, unsigned int nr)
{
	unsigned int i;

	/* What a call that fails as a whole has done is not known. */
	if (!HYPERVISOR_grant_table_op(GNTTABOP_copy, op, nr))
		return;
	for (i = 0; i < nr; i++)
		op[i].status = GNTST_general_error;
}

/**
 * netback_copy() - have Xen copy
 * @op: operations
 * @nr: how many
 *
 * Each operation's status tells what became of it; it stays GNTST_eagain if
 * Xen could not have the page in that time: nobody's fault. Context: any.
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
 * netback_copy_bounced() - copy what could not be copied from a foreign page
 * @op:   failed copy from a page of another guest to one of ours
 * @page: where the former is mapped
 *
 * Either of two grants may have been bad, and only that of the receiver is what
 * he answers for. So the data goes by a page of our own: the mapping is good
 * whatever has become of its grant.
 *
 * Return: false without memory; else @op->status is about the receiver's page.
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
