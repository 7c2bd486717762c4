// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages without memory, to map other domains' pages in their place.
 *
 * The memory of a kernel page is given to Xen, and taken back from Xen before
 * the page returns to the kernel. If Xen has no memory then, the page is kept
 * as a spare one, and is the next one to be used.
 */
#define pr_fmt(fmt) "xen-grants: " fmt

#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/xarray.h>
#include <xen/balloon.h>
#include "grants.h"

/* Pages that nobody uses. */
#define PAGES_SPARE	XA_MARK_0

static DEFINE_MUTEX(pages_lock);
static DEFINE_XARRAY(pages_all);	/* by frame number */
static unsigned int pages_nr;		/* number of pages without memory */
static unsigned int pages_spare;
static unsigned int pages_stuck;	/* pages freed while still mapped */

static struct page *pages_get_spare(void)
{
	unsigned long pfn = 0;
	struct page *page = xa_find(&pages_all, &pfn, ULONG_MAX, PAGES_SPARE);

	if (page) {
		xa_clear_mark(&pages_all, pfn, PAGES_SPARE);
		pages_spare--;
	}
	return page;
}

/*
 * A backend may need the pages to serve a disk, so this must not wait for a
 * disk.
 */
static struct page *pages_get(void)
{
	struct page *page = pages_get_spare();
	unsigned long pfn;

	if (page)
		return page;
	/*
	 * Cleared, because Xen may give this memory to another domain as it is.
	 */
	page = alloc_page(GFP_NOIO | __GFP_NOWARN | __GFP_ZERO);
	if (!page)
		return NULL;
	pfn = page_to_pfn(page);
	if (xa_err(xa_store(&pages_all, pfn, page, GFP_NOIO)))
		goto free;
	if (xenpv_unpopulate(pfn)) {
		xa_erase(&pages_all, pfn);
		goto free;
	}
	pages_nr++;
	return page;
free:
	__free_page(page);
	return NULL;
}

/* Give memory to a spare page, and free it. */
static bool pages_refill(struct page *page)
{
	unsigned long pfn = page_to_pfn(page);

	if (xenpv_populate(pfn))
		return false;
	xa_erase(&pages_all, pfn);
	pages_nr--;
	__free_page(page);
	return true;
}

static void pages_put(struct page *page)
{
	unsigned long pfn = page_to_pfn(page);

	if (xa_load(&pages_all, pfn) != page ||
	    xa_get_mark(&pages_all, pfn, PAGES_SPARE)) {
		pr_warn_once("a page was freed that is not in use here\n");
		return;
	}
	/*
	 * It still shows another domain's memory, so it can never be used
	 * again.
	 */
	if (PageForeign(page)) {
		pages_stuck++;
		return;
	}
	if (!pages_refill(page)) {
		xa_set_mark(&pages_all, pfn, PAGES_SPARE);
		pages_spare++;
	}
}

/**
 * xen_free_ballooned_pages() - free pages
 * @nr_pages: number of pages
 * @pages:    pages; nothing is mapped there
 *
 * Context: process.
 */
void xen_free_ballooned_pages(unsigned int nr_pages, struct page **pages)
{
	unsigned int i;

	mutex_lock(&pages_lock);
	for (i = 0; i < nr_pages; i++)
		pages_put(pages[i]);
	mutex_unlock(&pages_lock);
}
EXPORT_SYMBOL_GPL(xen_free_ballooned_pages);

/**
 * xen_alloc_ballooned_pages() - allocate pages without memory
 * @nr_pages: number of pages
 * @pages:    result
 *
 * Return: 0, or -ENOMEM and no page.
 * Context: process.
 */
int xen_alloc_ballooned_pages(unsigned int nr_pages, struct page **pages)
{
	unsigned int i;

	mutex_lock(&pages_lock);
	for (i = 0; i < nr_pages; i++) {
		pages[i] = pages_get();
		if (!pages[i])
			break;
	}
	mutex_unlock(&pages_lock);
	if (i == nr_pages)
		return 0;
	xen_free_ballooned_pages(i, pages);
	return -ENOMEM;
}
EXPORT_SYMBOL_GPL(xen_alloc_ballooned_pages);

/**
 * gnttab_pages_set_private() - prepare pages to record the owner of a mapping
 * @nr_pages: number of pages
 * @pages:    pages
 *
 * Return: 0.
 * Context: any.
 */
int gnttab_pages_set_private(int nr_pages, struct page **pages)
{
	int i;

	/*
	 * On 64-bit kernels struct xen_page_foreign fits into the page
	 * structure.
	 */
	for (i = 0; i < nr_pages; i++)
		SetPagePrivate(pages[i]);
	return 0;
}
EXPORT_SYMBOL_GPL(gnttab_pages_set_private);

/**
 * gnttab_pages_clear_private() - undo gnttab_pages_set_private()
 * @nr_pages: number of pages
 * @pages:    pages
 *
 * Context: any.
 */
void gnttab_pages_clear_private(int nr_pages, struct page **pages)
{
	int i;

	for (i = 0; i < nr_pages; i++) {
		if (!PagePrivate(pages[i]))
			continue;
		ClearPagePrivate(pages[i]);
		set_page_private(pages[i], 0);
	}
}
EXPORT_SYMBOL_GPL(gnttab_pages_clear_private);

/**
 * gnttab_alloc_pages() - allocate pages for gnttab_map_refs()
 * @nr_pages: number of pages
 * @pages:    result
 *
 * Return: 0, or -ENOMEM and no page.
 * Context: process.
 */
int gnttab_alloc_pages(int nr_pages, struct page **pages)
{
	int err = xen_alloc_unpopulated_pages(nr_pages, pages);

	if (!err)
		err = gnttab_pages_set_private(nr_pages, pages);
	return err;
}
EXPORT_SYMBOL_GPL(gnttab_alloc_pages);

/**
 * gnttab_free_pages() - free pages of gnttab_alloc_pages()
 * @nr_pages: number of pages
 * @pages:    pages; nothing is mapped there
 *
 * Context: process.
 */
void gnttab_free_pages(int nr_pages, struct page **pages)
{
	gnttab_pages_clear_private(nr_pages, pages);
	xen_free_unpopulated_pages(nr_pages, pages);
}
EXPORT_SYMBOL_GPL(gnttab_free_pages);

/**
 * grant_pages_exit() - free the spare pages, after all others were freed
 *
 * Context: process.
 */
void grant_pages_exit(void)
{
	struct page *page;
	unsigned long pfn;

	mutex_lock(&pages_lock);
	xa_for_each(&pages_all, pfn, page)
		if (xa_get_mark(&pages_all, pfn, PAGES_SPARE))
			pages_refill(page);
	if (pages_nr)
		pr_warn("%u pages for mappings could not be given memory again and are lost, %u of them still mapped\n",
			pages_nr, pages_stuck);
	xa_destroy(&pages_all);
	mutex_unlock(&pages_lock);
}

/**
 * grant_pages_shutdown() - give pages memory again for the next kernel
 *
 * Except for pages with mappings. The pages remain allocated.
 */
void grant_pages_shutdown(void)
{
	struct page *page;
	unsigned long pfn;

	mutex_lock(&pages_lock);
	xa_for_each(&pages_all, pfn, page)
		if (!PageForeign(page))
			xenpv_populate(pfn);
	mutex_unlock(&pages_lock);
}

/**
 * grant_pages_show() - print counters
 * @s: seq_file to print to
 */
void grant_pages_show(struct seq_file *s)
{
	mutex_lock(&pages_lock);
	seq_printf(s, "without_memory %u spare %u stuck %u\n", pages_nr,
		   pages_spare, pages_stuck);
	mutex_unlock(&pages_lock);
}
