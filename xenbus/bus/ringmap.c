// SPDX-License-Identifier: GPL-2.0-only
/* Ring pages: granted by a frontend, mapped by a backend. */
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include "bus.h"

/**
 * struct xenbus_ringmap - another domain's pages in one contiguous mapping
 * @list:   entry in the list of all mappings
 * @vaddr:  address
 * @nr:     number of pages
 * @pages:  our pages that the foreign ones are mapped to
 * @handle: handle of each mapping
 */
struct xenbus_ringmap {
	struct list_head list;
	void *vaddr;
	unsigned int nr;
	struct page *pages[XENBUS_MAX_RING_GRANTS];
	grant_handle_t handle[XENBUS_MAX_RING_GRANTS];
};

static DEFINE_SPINLOCK(xenbus_ringmap_lock);
static LIST_HEAD(xenbus_ringmaps);

/**
 * xenbus_setup_ring() - allocate zeroed pages and grant them to the other end
 * @dev:      frontend device
 * @gfp:      GFP flags for the pages
 * @vaddr:    result: the pages, contiguous; NULL on error
 * @nr_pages: number of pages of 4 KiB, 1..XENBUS_MAX_RING_GRANTS
 * @grefs:    result: a reference for each page
 *
 * Return: 0 or a negative error, which is reported to the store.
 * Context: process.
 */
int xenbus_setup_ring(struct xenbus_device *dev, gfp_t gfp, void **vaddr,
		      unsigned int nr_pages, grant_ref_t *grefs)
{
	grant_ref_t head;
	unsigned int i;
	int err;

	for (i = 0; i < nr_pages; i++)
		grefs[i] = INVALID_GRANT_REF;
	*vaddr = NULL;
	if (!nr_pages || nr_pages > XENBUS_MAX_RING_GRANTS) {
		xenbus_dev_fatal(dev, -EINVAL, "a ring of %u pages", nr_pages);
		return -EINVAL;
	}
	err = gnttab_alloc_grant_references(nr_pages, &head);
	if (err) {
		xenbus_dev_fatal(dev, err, "granting access to %u ring pages",
				 nr_pages);
		return err;
	}
	/* Each page can be freed separately, when the other end unmaps it. */
	*vaddr = alloc_pages_exact(nr_pages * XEN_PAGE_SIZE, gfp | __GFP_ZERO);
	if (!*vaddr) {
		gnttab_free_grant_references(head);
		xenbus_dev_fatal(dev, -ENOMEM, "allocating %u ring pages",
				 nr_pages);
		return -ENOMEM;
	}
	for (i = 0; i < nr_pages; i++) {
		struct page *page = virt_to_page(*vaddr + i * XEN_PAGE_SIZE);

		grefs[i] = gnttab_claim_grant_reference(&head);
		gnttab_grant_foreign_access_ref(grefs[i], dev->otherend_id,
						xen_page_to_gfn(page), 0);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(xenbus_setup_ring);

/**
 * xenbus_teardown_ring() - revoke and free the pages of xenbus_setup_ring()
 * @vaddr:    the pages; NULL afterwards
 * @nr_pages: number of pages
 * @grefs:    references; INVALID_GRANT_REF afterwards
 *
 * A page that the other end still maps is freed when it no longer does.
 * Context: any but hard interrupt.
 */
void xenbus_teardown_ring(void **vaddr, unsigned int nr_pages,
			  grant_ref_t *grefs)
{
	unsigned int i;

	for (i = 0; i < nr_pages; i++) {
		struct page *page = *vaddr ?
			virt_to_page(*vaddr + i * XEN_PAGE_SIZE) : NULL;

		if (grefs[i] != INVALID_GRANT_REF)
			gnttab_end_foreign_access(grefs[i], page);
		else if (page)
			__free_page(page);
		grefs[i] = INVALID_GRANT_REF;
	}
	*vaddr = NULL;
}
EXPORT_SYMBOL_GPL(xenbus_teardown_ring);

/*
 * Unmap foreign pages. A page that Xen does not unmap can never be used again:
 * the owner of the foreign page could read and write what we store there.
 */
static void xenbus_ringmap_unmap(struct xenbus_device *dev,
				 struct xenbus_ringmap *map)
{
	struct gnttab_unmap_grant_ref op[XENBUS_MAX_RING_GRANTS];
	struct page *mapped[XENBUS_MAX_RING_GRANTS], *free[XENBUS_MAX_RING_GRANTS];
	unsigned int i, nr = 0, lost = 0, nr_free = 0;
	int err = 0;

	for (i = 0; i < map->nr; i++) {
		if (map->handle[i] == INVALID_GRANT_HANDLE) {
			free[nr_free++] = map->pages[i];
			continue;
		}
		gnttab_set_unmap_op(&op[nr],
				    (unsigned long)page_address(map->pages[i]),
				    GNTMAP_host_map, map->handle[i]);
		op[nr].status = GNTST_general_error;
		mapped[nr++] = map->pages[i];
	}
	if (nr)
		err = gnttab_unmap_refs(op, NULL, mapped, nr);
	for (i = 0; i < nr; i++) {
		if (op[i].status == GNTST_okay)
			free[nr_free++] = mapped[i];
		else
			lost++;
	}
	if (nr_free)
		gnttab_free_pages(nr_free, free);
	if (lost)
		xenbus_dev_error(dev, err ?: -EIO,
				 "unmapping ring pages: %u of them are lost",
				 lost);
}

/* Returns 0, or an error; pages mapped before the error are in @map. */
static int xenbus_ringmap_map(struct xenbus_device *dev, const grant_ref_t *refs,
			      struct xenbus_ringmap *map)
{
	struct gnttab_map_grant_ref op[XENBUS_MAX_RING_GRANTS];
	unsigned int i;
	int err;

	for (i = 0; i < map->nr; i++)
		gnttab_set_map_op(&op[i],
				  (unsigned long)page_address(map->pages[i]),
				  GNTMAP_host_map, refs[i], dev->otherend_id);
	err = gnttab_map_refs(op, NULL, map->pages, map->nr);
	for (i = 0; i < map->nr; i++) {
		if (op[i].status == GNTST_okay) {
			map->handle[i] = op[i].handle;
			continue;
		}
		/* There may be further errors; the first one is reported. */
		if (!err)
			xenbus_dev_fatal(dev, -EIO,
					 "mapping in shared page %u from domain %d: %d",
					 refs[i], dev->otherend_id,
					 op[i].status);
		err = -EIO;
	}
	return err;
}

/**
 * xenbus_map_ring_valloc() - map the pages of a ring
 * @dev:      backend device
 * @gnt_refs: references from the frontend
 * @nr_grefs: number of references, 1..XENBUS_MAX_RING_GRANTS
 * @vaddr:    result: all pages in one piece; NULL on error
 *
 * Maps all pages or none.
 * Return: 0 or a negative error; if a page cannot be mapped, that is reported
 * to the store.
 * Context: process.
 */
int xenbus_map_ring_valloc(struct xenbus_device *dev, grant_ref_t *gnt_refs,
			   unsigned int nr_grefs, void **vaddr)
{
	struct xenbus_ringmap *map;
	unsigned int i;
	int err;

	*vaddr = NULL;
	if (!nr_grefs || nr_grefs > XENBUS_MAX_RING_GRANTS)
		return -EINVAL;
	map = kzalloc(sizeof(*map), GFP_KERNEL);
	if (!map)
		return -ENOMEM;
	map->nr = nr_grefs;
	for (i = 0; i < nr_grefs; i++)
		map->handle[i] = INVALID_GRANT_HANDLE;
	err = gnttab_alloc_pages(map->nr, map->pages);
	if (err) {
		kfree(map);
		return err;
	}
	err = xenbus_ringmap_map(dev, gnt_refs, map);
	if (!err) {
		map->vaddr = vmap(map->pages, map->nr, VM_MAP, PAGE_KERNEL);
		if (!map->vaddr)
			err = -ENOMEM;
	}
	if (err) {
		xenbus_ringmap_unmap(dev, map);
		kfree(map);
		return err;
	}
	spin_lock(&xenbus_ringmap_lock);
	list_add(&map->list, &xenbus_ringmaps);
	spin_unlock(&xenbus_ringmap_lock);
	*vaddr = map->vaddr;
	return 0;
}
EXPORT_SYMBOL_GPL(xenbus_map_ring_valloc);

static struct xenbus_ringmap *xenbus_ringmap_take(const void *vaddr)
{
	struct xenbus_ringmap *map, *found = NULL;

	spin_lock(&xenbus_ringmap_lock);
	list_for_each_entry(map, &xenbus_ringmaps, list) {
		if (map->vaddr != vaddr)
			continue;
		list_del(&map->list);
		found = map;
		break;
	}
	spin_unlock(&xenbus_ringmap_lock);
	return found;
}

/**
 * xenbus_unmap_ring_vfree() - undo xenbus_map_ring_valloc()
 * @dev:   backend device
 * @vaddr: the mapping
 *
 * Return: 0, or -ENOENT if there is no such mapping.
 * Context: process.
 */
int xenbus_unmap_ring_vfree(struct xenbus_device *dev, void *vaddr)
{
	struct xenbus_ringmap *map = xenbus_ringmap_take(vaddr);

	if (!map) {
		xenbus_dev_error(dev, -ENOENT,
				 "can't find mapped virtual address %p", vaddr);
		return -ENOENT;
	}
	vunmap(map->vaddr);
	xenbus_ringmap_unmap(dev, map);
	kfree(map);
	return 0;
}
EXPORT_SYMBOL_GPL(xenbus_unmap_ring_vfree);
