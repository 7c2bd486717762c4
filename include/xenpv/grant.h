/* SPDX-License-Identifier: GPL-2.0-only */
/* The seam: grant tables. */
#ifndef XENPV_GRANT_H
#define XENPV_GRANT_H

#include <xenpv/xenbus.h>
#include <xen/grant_table.h>
#include <xen/page.h>

/**
 * xpv_grant_addr() - where a page is mapped, as grant operations want it
 * @page: from gnttab_alloc_pages()
 */
static inline unsigned long xpv_grant_addr(struct page *page)
{
	return (unsigned long)pfn_to_kaddr(page_to_pfn(page));
}

/**
 * xpv_grant_is_space() - does a status say that this domain may map no more?
 * @status: of a map operation
 *
 * That is a want of entries of the maptrack table or of the IOMMU, and nothing
 * that whoever granted the page could help.
 */
static inline bool xpv_grant_is_space(int status)
{
	return status == GNTST_no_space || status == GNTST_no_device_space;
}

#endif
