// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounce pages, for data that the underlying device cannot access in the
 * frontend's pages.
 *
 * Frontends send segments that are aligned to 512 bytes, whatever sector-size
 * is: the protocol does not tell them to do more. Devices with blocks of 4 KiB
 * may need more: dm-crypt refuses parts of blocks, null_blk writes beyond them.
 * Such a request is copied through our own pages, packed from the start of the
 * first one.
 */
#include <linux/bio.h>
#include <linux/mempool.h>
#include "blkback.h"

/* Pages for a request of the largest size. */
#define BLKBACK_BOUNCE_PAGES	BLKBACK_INDIRECT_SEGS

/**
 * blkback_bounce_setup() - prepare for segments that have to be copied
 * @be: device; the underlying device is open, no ring is in use
 *
 * Pages are reserved only if the underlying device may need them. Without the
 * reserve, requests may wait longer for memory.
 *
 * Context: process.
 */
void blkback_bounce_setup(struct blkback_dev *be)
{
	unsigned int align = blkback_vbd_align(&be->vbd);

	if (be->bounce || align <= SECTOR_SIZE)
		return;
	be->bounce = mempool_create_page_pool(BLKBACK_BOUNCE_PAGES, 0);
	dev_dbg(&be->xdev->dev, "segments that are not aligned to %u are copied\n",
		align);
}

/**
 * blkback_bounce_free() - free the reserved pages
 * @be: device without requests
 */
void blkback_bounce_free(struct blkback_dev *be)
{
	mempool_destroy(be->bounce);
	be->bounce = NULL;
}

static struct page *blkback_bounce_get(struct blkback_dev *be)
{
	if (likely(be->bounce))
		return mempool_alloc(be->bounce, GFP_NOIO);
	return alloc_page(GFP_NOIO | __GFP_NOFAIL);
}

static void blkback_bounce_put(struct blkback_dev *be, struct page *page)
{
	if (likely(be->bounce))
		mempool_free(page, be->bounce);
	else
		__free_page(page);
}

/*
 * Copy between the frontend's pages and ours. All of ours but the last are
 * full.
 */
static void blkback_bounce_copy(struct blkback_req *req, struct bio *bio,
				bool to_bio)
{
	struct bio_vec *bv = bio->bi_io_vec;
	unsigned int used = 0, i, len, left;
	void *theirs, *ours;

	for (i = 0; i < req->cmd.nr_segs; i++) {
		struct blkback_seg *seg = &req->seg[i];

		theirs = page_address(seg->page) + seg->offset;
		for (left = seg->len; left; left -= len, theirs += len) {
			ours = page_address(bv->bv_page) + used;
			len = min_t(unsigned int, left, PAGE_SIZE - used);
			if (to_bio)
				memcpy(ours, theirs, len);
			else
				memcpy(theirs, ours, len);
			used += len;
			if (used == PAGE_SIZE) {
				used = 0;
				bv++;
			}
		}
	}
}

/**
 * blkback_bounce_begin() - give a bio our own pages instead of the frontend's
 * @req: its segments are mapped
 * @bio: empty, with room for as many pages as @req has segments
 *
 * May wait for memory. That memory is freed when the I/O of other requests
 * completes, without help of any ring's thread. Only one of the requests that
 * need many pages waits at a time, because otherwise each could hold what the
 * other one lacks.
 *
 * Context: the ring's thread.
 */
void blkback_bounce_begin(struct blkback_req *req, struct bio *bio)
{
	unsigned int left = req->cmd.nr_sectors << SECTOR_SHIFT, len;
	struct blkback_dev *be = req->ring->be;

	mutex_lock(&be->bounce_lock);
	for (; left; left -= len) {
		len = min_t(unsigned int, left, PAGE_SIZE);
		__bio_add_page(bio, blkback_bounce_get(be), len, 0);
	}
	mutex_unlock(&be->bounce_lock);
	if (req->cmd.op != BLKBACK_OP_READ)
		blkback_bounce_copy(req, bio, true);
	req->bounced = true;
	req->ring->count.bounced++;
	req->ring->count.bytes_copied += req->cmd.nr_sectors << SECTOR_SHIFT;
}

/**
 * blkback_bounce_end() - copy a read's data to the frontend, and free the pages
 * @req: its I/O has completed, its segments are still mapped; @req->error is
 *       set
 * @bio: bio of blkback_bounce_begin()
 *
 * Context: any, also an interrupt.
 */
void blkback_bounce_end(struct blkback_req *req, struct bio *bio)
{
	unsigned int i;

	if (req->cmd.op == BLKBACK_OP_READ && !req->error)
		blkback_bounce_copy(req, bio, false);
	for (i = 0; i < bio->bi_vcnt; i++)
		blkback_bounce_put(req->ring->be, bio->bi_io_vec[i].bv_page);
}
