// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data that the device behind cannot take where it lies in the frontend's pages.
 *
 * Frontends send segments that are aligned to 512 bytes, whatever sector-size is:
 * nothing in the protocol tells them of more. Devices with blocks of 4 KiB may
 * need more: dm-crypt refuses pieces of blocks, null_blk writes beyond them. Such
 * a request is copied through pages of our own, packed from the start of the
 * first one.
 */
#include <linux/bio.h>
#include <linux/mempool.h>
#include "blkback.h"

/* Pages kept for a request of the largest size. */
#define BLKBACK_BOUNCE_PAGES	BLKBACK_INDIRECT_SEGS

/**
 * blkback_bounce_setup() - be ready for segments that have to be copied
 * @be: device; what is behind is open, no ring is in use
 *
 * Pages are kept only if the device may need them. Without them requests have to
 * wait for memory a little longer, no more.
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
 * blkback_bounce_free() - the end of blkback_bounce_setup()
 * @be: device, without requests
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

/* Between the frontend's pages and ours, which are all full but the last. */
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
 * blkback_bounce_begin() - give a bio pages of ours instead of the frontend's
 * @req: its segments are mapped
 * @bio: empty, with room for as many pages as @req has segments
 *
 * May wait for memory. What it waits for is given back when the I/O of other
 * requests ends, without help of any ring's thread; and of those that want many
 * pages one waits at a time, or each could hold what the other lacks.
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
 * blkback_bounce_end() - the I/O has ended: data to its place, pages back
 * @req: its segments are still mapped; @req->error is set
 * @bio: of blkback_bounce_begin()
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
