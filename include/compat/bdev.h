/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences: open a block device by its number. */
#ifndef XENPV_COMPAT_BDEV_H
#define XENPV_COMPAT_BDEV_H

#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/file.h>
#include <compat/generated.h>

/**
 * struct xpv_bdev - an open block device
 * @bdev:      the device, NULL if closed
 * @file:      the opened file, on kernels where a device is a file
 * @read_only: opened read-only
 */
struct xpv_bdev {
	struct block_device *bdev;
	struct file *file;
	bool read_only;
};

/**
 * xpv_bdev_open() - open a block device, not exclusively
 * @b:         filled here
 * @dev:       device number
 * @read_only: open it for reading only
 *
 * Return: 0 or a negative error.
 * Context: process, may take long.
 */
static inline int xpv_bdev_open(struct xpv_bdev *b, dev_t dev, bool read_only)
{
#ifdef XPV_HAVE_BDEV_FILE
	blk_mode_t mode = BLK_OPEN_READ | (read_only ? 0 : BLK_OPEN_WRITE);
	struct file *file = bdev_file_open_by_dev(dev, mode, NULL, NULL);

	if (IS_ERR(file))
		return PTR_ERR(file);
	b->file = file;
	b->bdev = file_bdev(file);
#else
	struct block_device *bdev;
#ifdef XPV_HAVE_BLK_MODE
	blk_mode_t mode = BLK_OPEN_READ | (read_only ? 0 : BLK_OPEN_WRITE);

	bdev = blkdev_get_by_dev(dev, mode, NULL, NULL);
#else
	fmode_t mode = FMODE_READ | (read_only ? 0 : FMODE_WRITE);

	bdev = blkdev_get_by_dev(dev, mode, NULL);
#endif
	if (IS_ERR(bdev))
		return PTR_ERR(bdev);
	b->bdev = bdev;
#endif
	b->read_only = read_only;
	return 0;
}

/**
 * xpv_bdev_close() - close a device; it can be removed when this returns
 * @b: may be closed already
 *
 * Context: process, may take long.
 */
static inline void xpv_bdev_close(struct xpv_bdev *b)
{
	if (!b->bdev)
		return;
#if defined(XPV_HAVE_BDEV_FILE)
	/* Like bdev_fput() for a device without a holder, but synchronous. */
	__fput_sync(b->file);
#elif defined(XPV_HAVE_BLK_MODE)
	blkdev_put(b->bdev, NULL);
#else
	blkdev_put(b->bdev, FMODE_READ | (b->read_only ? 0 : FMODE_WRITE));
#endif
	b->bdev = NULL;
}

#endif
