/* SPDX-License-Identifier: GPL-2.0-only */
/* Interface to the grant tables of the kernel or of grants/. */
#ifndef XENPV_GRANT_H
#define XENPV_GRANT_H

#include <xenpv/xenbus.h>
#include <xen/grant_table.h>
#include <xen/page.h>

/**
 * xpv_grant_addr() - the address of a page as grant operations need it
 * @page: from gnttab_alloc_pages()
 *
 * Return: the address.
 */
static inline unsigned long xpv_grant_addr(struct page *page)
{
	return (unsigned long)pfn_to_kaddr(page_to_pfn(page));
}

/**
 * xpv_grant_is_space() - test whether Xen had no room for another mapping
 * @status: of a map operation
 *
 * Xen ran out of entries of the maptrack table or of the IOMMU. The domain that
 * granted the page is not at fault.
 *
 * Return: true if so.
 */
static inline bool xpv_grant_is_space(int status)
{
	return status == GNTST_no_space || status == GNTST_no_device_space;
}

#endif
