/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences: the block layer, for a disk's driver. */
#ifndef XENPV_COMPAT_BLKDEV_H
#define XENPV_COMPAT_BLKDEV_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <compat/generated.h>

#ifdef XPV_HAVE_SHOULD_MERGE
#define XPV_MQ_FLAGS	BLK_MQ_F_SHOULD_MERGE
#else
#define XPV_MQ_FLAGS	0
#endif

/* Prototypes of block_device_operations whose arguments changed. */
#ifdef XPV_HAVE_BLK_MODE
#define XPV_DISK_RELEASE(name)						\
	void name(struct gendisk *disk)
#define XPV_DISK_IOCTL(name)						\
	int name(struct block_device *bdev, blk_mode_t mode,		\
		 unsigned int cmd, unsigned long arg)
#else
#define XPV_DISK_RELEASE(name)						\
	void name(struct gendisk *disk, fmode_t mode)
#define XPV_DISK_IOCTL(name)						\
	int name(struct block_device *bdev, fmode_t mode,		\
		 unsigned int cmd, unsigned long arg)
#endif

/* Head of getgeo(), and the sectors it is for: since 6.18 always the whole disk. */
#ifdef XPV_HAVE_GETGEO_DISK
#define XPV_DISK_GETGEO(name)						\
	int name(struct gendisk *disk, struct hd_geometry *geo)
#define XPV_GETGEO_SECTORS	get_capacity(disk)
#else
#define XPV_DISK_GETGEO(name)						\
	int name(struct block_device *bdev, struct hd_geometry *geo)
#define XPV_GETGEO_SECTORS	bdev_nr_sectors(bdev)
#endif

/**
 * struct xpv_limits - limits of a disk, for any kernel
 * @block_size:      logical block, bytes; buffers need only be aligned to
 *                   sectors
 * @physical:        physical block, bytes
 * @segs:            maximum segments of a request, none crosses a page
 * @discard_sectors: maximum of one discard; 0: no discard
 * @granularity:     granularity of a discard, bytes
 * @alignment:       alignment of a discard, bytes
 * @secure_sectors:  maximum of one secure erase; 0: no secure erase
 * @write_cache:     there is a cache to flush
 */
struct xpv_limits {
	unsigned int block_size;
	unsigned int physical;
	unsigned short segs;
	unsigned int discard_sectors;
	unsigned int granularity;
	unsigned int alignment;
	unsigned int secure_sectors;
	bool write_cache;
};

/* Wait until all requests in flight have completed. Context: process. */
static inline void xpv_drain_queue(struct request_queue *q)
{
#ifdef XPV_HAVE_FREEZE_MEMFLAGS
	blk_mq_unfreeze_queue(q, blk_mq_freeze_queue(q));
#else
	blk_mq_freeze_queue(q);
	blk_mq_unfreeze_queue(q);
#endif
}

#ifdef XPV_HAVE_QUEUE_LIMITS

static inline void xpv_limits_fill(struct queue_limits *lim,
				   const struct xpv_limits *l)
{
	lim->logical_block_size = l->block_size;
	lim->physical_block_size = l->physical;
	lim->io_min = l->physical;
	lim->max_segments = l->segs;
	lim->max_segment_size = PAGE_SIZE;
	lim->seg_boundary_mask = PAGE_SIZE - 1;
	lim->max_hw_sectors = l->segs * (PAGE_SIZE / SECTOR_SIZE);
	lim->dma_alignment = SECTOR_SIZE - 1;
	lim->max_hw_discard_sectors = l->discard_sectors;
	lim->discard_granularity = l->granularity;
	lim->discard_alignment = l->alignment;
	lim->max_secure_erase_sectors = l->secure_sectors;
	lim->features &= ~BLK_FEAT_WRITE_CACHE;
	if (l->write_cache)
		lim->features |= BLK_FEAT_WRITE_CACHE;
}

/* Like blk_mq_alloc_disk(). */
static inline struct gendisk *xpv_alloc_disk(struct blk_mq_tag_set *set,
					     const struct xpv_limits *l,
					     void *queuedata)
{
	struct queue_limits lim = {};

	xpv_limits_fill(&lim, l);
	return blk_mq_alloc_disk(set, &lim, queuedata);
}

/* Change the limits while requests are in flight. Context: process. */
static inline int xpv_set_limits(struct gendisk *disk,
				 const struct xpv_limits *l)
{
	struct queue_limits lim = queue_limits_start_update(disk->queue);

	xpv_limits_fill(&lim, l);
	return queue_limits_commit_update(disk->queue, &lim);
}

#else

static inline int xpv_set_limits(struct gendisk *disk,
				 const struct xpv_limits *l)
{
	struct request_queue *q = disk->queue;

	/*
	 * This function only ever increases the physical block size and io_min.
	 */
	blk_queue_logical_block_size(q, l->block_size);
	blk_queue_physical_block_size(q, l->physical);
	blk_queue_io_min(q, l->physical);
	blk_queue_max_segments(q, l->segs);
	blk_queue_segment_boundary(q, PAGE_SIZE - 1);
	blk_queue_max_segment_size(q, PAGE_SIZE);
	blk_queue_max_hw_sectors(q, l->segs * (PAGE_SIZE / SECTOR_SIZE));
	blk_queue_dma_alignment(q, SECTOR_SIZE - 1);
	blk_queue_max_discard_sectors(q, l->discard_sectors);
	q->limits.discard_granularity = l->granularity;
	q->limits.discard_alignment = l->alignment;
	blk_queue_max_secure_erase_sectors(q, l->secure_sectors);
	blk_queue_write_cache(q, l->write_cache, false);
	return 0;
}

static inline struct gendisk *xpv_alloc_disk(struct blk_mq_tag_set *set,
					     const struct xpv_limits *l,
					     void *queuedata)
{
	struct gendisk *disk = blk_mq_alloc_disk(set, queuedata);

	if (!IS_ERR(disk)) {
		xpv_set_limits(disk, l);
		blk_queue_flag_set(QUEUE_FLAG_NONROT, disk->queue);
	}
	return disk;
}

#endif

#endif
