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

#endif
