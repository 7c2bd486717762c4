// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages to map the frontend's pages to, copies from them, and one hypercall to
 * unmap many of them.
 *
 * All functions run in the ring's thread, or after its end.
 */
#include <linux/mm.h>
#include "blkback.h"

/**
 * blkback_grant_reserve() - make sure that there are pages to map a round
 * @ring: the ring
 * @nr:   pages, at most BLKBACK_BATCH_OPS
 *
 * Return: false if there is not enough memory now.
 */
bool blkback_grant_reserve(struct blkback_ring *ring, unsigned int nr)
{
	while (ring->nr_spare < nr) {
		if (gnttab_page_cache_get(&ring->cache,
					  &ring->spare[ring->nr_spare]))
			return false;
		ring->nr_spare++;
	}
	return true;
}

/**
 * blkback_grant_put_page() - return a page that maps nothing any more
 * @ring: the ring
 * @page: the page
 */
void blkback_grant_put_page(struct blkback_ring *ring, struct page *page)
{
	if (ring->nr_spare < ARRAY_SIZE(ring->spare))
		ring->spare[ring->nr_spare++] = page;
	else
		gnttab_page_cache_put(&ring->cache, &page, 1);
}

/**
 * blkback_grant_trim() - return free pages to the system
 * @ring: the ring
 * @keep: number of pages to keep
 */
void blkback_grant_trim(struct blkback_ring *ring, unsigned int keep)
{
	if (ring->nr_spare > keep) {
		gnttab_page_cache_put(&ring->cache, &ring->spare[keep],
				      ring->nr_spare - keep);
		ring->nr_spare = keep;
	}
	keep -= ring->nr_spare;
	if (READ_ONCE(ring->cache.num_pages) > keep)
		gnttab_page_cache_shrink(&ring->cache, keep);
}

/**
 * blkback_grant_copy_wire() - fetch the segments of the round's indirect
 * requests
 * @ring: the ring; @ring->batch.copy holds @ring->batch.nr_copy operations
 *
 * A copy costs less than mapping the page, and the frontend cannot change
 * afterwards what was checked. Each operation has its own status.
 */
void blkback_grant_copy_wire(struct blkback_ring *ring)
{
	struct blkback_batch *b = &ring->batch;
	unsigned int i, failed = 0;

	gnttab_batch_copy(b->copy, b->nr_copy);
	ring->count.grant_copy_calls++;
	ring->count.grant_copy_ops += b->nr_copy;
	for (i = 0; i < b->nr_copy; i++) {
		if (b->copy[i].status == GNTST_okay)
			ring->count.bytes_copied += b->copy[i].len;
		else
			failed++;
	}
	trace_xpv_grant(dev_name(&ring->be->xdev->dev), XPV_GRANT_COPY,
			b->nr_copy, failed);
}

/**
 * blkback_grant_add_unmap() - add a mapping for blkback_grant_unmap()
 * @ring:   the ring
 * @nr:     operations added so far, below BLKBACK_BATCH_OPS
 * @page:   page that it is mapped to
 * @handle: handle of the mapping
 */
void blkback_grant_add_unmap(struct blkback_ring *ring, unsigned int nr,
			     struct page *page, grant_handle_t handle)
{
	struct gnttab_unmap_grant_ref *op = &ring->batch.unmap[nr];

	gnttab_set_unmap_op(op, xpv_grant_addr(page), GNTMAP_host_map,
			    handle);
	op->status = 1;		/* failed, unless the hypervisor changes it */
	ring->batch.pages[nr] = page;
}

/**
 * blkback_grant_unmap() - run the unmap operations
 * @ring: the ring
 * @nr:   number of operations
 *
 * A page that could not be unmapped still shows the frontend's memory. It must
 * never be used for anything else: it is leaked and counted.
 */
void blkback_grant_unmap(struct blkback_ring *ring, unsigned int nr)
{
	struct blkback_batch *b = &ring->batch;
	unsigned int i, failed = 0;

	if (!nr)
		return;
	gnttab_unmap_refs(b->unmap, NULL, b->pages, nr);
	for (i = 0; i < nr; i++) {
		if (b->unmap[i].status == GNTST_okay)
			blkback_grant_put_page(ring, b->pages[i]);
		else
			failed++;
	}
	if (failed)
		pr_warn_ratelimited("%s: %u pages could not be unmapped and are lost\n",
				    ring->name, failed);
	ring->count.grant_unmap_calls++;
	ring->count.grant_unmap_ops += nr;
	ring->count.grant_unmap_failed += failed;
	trace_xpv_grant(dev_name(&ring->be->xdev->dev), XPV_GRANT_UNMAP, nr,
			failed);
}

/**
 * blkback_grant_drop() - prepare to unmap the pages of a request
 * @ring: the ring
 * @req:  uses its pages no more
 * @nr:   operations added so far
 *
 * Return: the new number of operations for blkback_grant_unmap().
 */
unsigned int blkback_grant_drop(struct blkback_ring *ring,
				struct blkback_req *req, unsigned int nr)
{
	unsigned int i;

	if (req->table)
		blkback_persistent_put(req->table);
	for (i = 0; i < req->cmd.nr_segs; i++) {
		struct blkback_seg *seg = &req->seg[i];

		if (seg->pgrant) {
			blkback_persistent_put(seg->pgrant);
		} else if (seg->page) {
			blkback_grant_add_unmap(ring, nr++, seg->page,
						seg->handle);
			ring->mapped--;
		}
	}
	return nr;
}
