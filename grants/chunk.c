// SPDX-License-Identifier: GPL-2.0-only
/* Split pages of the kernel into pieces of Xen's page size. */
#include <linux/export.h>
#include "grants.h"

/**
 * gnttab_foreach_grant_in_range() - call a function for each piece of a range
 * @page:   page
 * @offset: start of the range in the page
 * @len:    bytes; the part beyond the page is ignored
 * @fn:     called with frame number, offset in the frame, bytes, @data
 * @data:   for @fn
 */
void gnttab_foreach_grant_in_range(struct page *page, unsigned int offset,
				   unsigned int len, xen_grant_fn_t fn,
				   void *data)
{
	unsigned int end;

	if (offset >= PAGE_SIZE)
		return;
	end = offset + min_t(unsigned int, len, PAGE_SIZE - offset);
	while (offset < end) {
		unsigned int at = xen_offset_in_page(offset);
		unsigned int part = min_t(unsigned int, end - offset,
					  XEN_PAGE_SIZE - at);

		fn(pfn_to_gfn(page_to_xen_pfn(page) + XEN_PFN_DOWN(offset)),
		   at, part, data);
		offset += part;
	}
}
EXPORT_SYMBOL_GPL(gnttab_foreach_grant_in_range);

/**
 * gnttab_foreach_grant() - call a function for each piece of some pages
 * @pages:    pages
 * @nr_grefs: number of pieces of XEN_PAGE_SIZE
 * @fn:       called with frame number, offset in its page, bytes, @data
 * @data:     for @fn
 */
void gnttab_foreach_grant(struct page **pages, unsigned int nr_grefs,
			  xen_grant_fn_t fn, void *data)
{
	unsigned int i;

	for (i = 0; i < nr_grefs; i++) {
		unsigned int part = i % XEN_PFN_PER_PAGE;
		struct page *page = pages[i / XEN_PFN_PER_PAGE];

		fn(pfn_to_gfn(page_to_xen_pfn(page) + part),
		   part << XEN_PAGE_SHIFT, XEN_PAGE_SIZE, data);
	}
}
EXPORT_SYMBOL_GPL(gnttab_foreach_grant);
