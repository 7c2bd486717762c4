// SPDX-License-Identifier: GPL-2.0-only
/* A backend's cache of pages for mappings. */
#include <linux/export.h>
#include "grants.h"

/* Pages freed at a time, in an array on the stack. */
#define CACHE_SHRINK	16

/**
 * gnttab_page_cache_init() - initialise an empty cache
 * @cache: filled here
 */
void gnttab_page_cache_init(struct gnttab_page_cache *cache)
{
	spin_lock_init(&cache->lock);
	INIT_LIST_HEAD(&cache->pages);
	cache->num_pages = 0;
}
EXPORT_SYMBOL_GPL(gnttab_page_cache_init);

/* Under the lock. */
static struct page *cache_pop(struct gnttab_page_cache *cache)
{
	struct page *page;

	lockdep_assert_held(&cache->lock);
	page = list_first_entry_or_null(&cache->pages, struct page, lru);
	if (page) {
		list_del(&page->lru);
		cache->num_pages--;
	}
	return page;
}

/**
 * gnttab_page_cache_get() - take a page, or allocate one if there is none
 * @cache: cache
 * @page:  result
 *
 * Return: 0 or -ENOMEM.
 * Context: process.
 */
int gnttab_page_cache_get(struct gnttab_page_cache *cache, struct page **page)
{
	unsigned long flags;

	spin_lock_irqsave(&cache->lock, flags);
	*page = cache_pop(cache);
	spin_unlock_irqrestore(&cache->lock, flags);
	return *page ? 0 : gnttab_alloc_pages(1, page);
}
EXPORT_SYMBOL_GPL(gnttab_page_cache_get);

/**
 * gnttab_page_cache_put() - put pages into the cache
 * @cache: cache
 * @page:  pages; nothing is mapped there
 * @num:   number of pages
 *
 * Context: any.
 */
void gnttab_page_cache_put(struct gnttab_page_cache *cache, struct page **page,
			   unsigned int num)
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&cache->lock, flags);
	for (i = 0; i < num; i++)
		list_add(&page[i]->lru, &cache->pages);
	cache->num_pages += num;
	spin_unlock_irqrestore(&cache->lock, flags);
}
EXPORT_SYMBOL_GPL(gnttab_page_cache_put);

/**
 * gnttab_page_cache_shrink() - free pages until a number is left
 * @cache: cache
 * @num:   number of pages to keep
 *
 * Context: process.
 */
void gnttab_page_cache_shrink(struct gnttab_page_cache *cache, unsigned int num)
{
	struct page *page[CACHE_SHRINK];
	unsigned long flags;
	unsigned int nr;

	do {
		nr = 0;
		spin_lock_irqsave(&cache->lock, flags);
		while (nr < CACHE_SHRINK && cache->num_pages > num)
			page[nr++] = cache_pop(cache);
		spin_unlock_irqrestore(&cache->lock, flags);
		gnttab_free_pages(nr, page);
	} while (nr == CACHE_SHRINK);
}
EXPORT_SYMBOL_GPL(gnttab_page_cache_shrink);
