// SPDX-License-Identifier: GPL-2.0-only
/* 6.5: blk_mode_t instead of fmode_t, and open() takes the disk. */
#include <linux/blkdev.h>

static int probe_open(struct gendisk *disk, blk_mode_t mode)
{
	return 0;
}

extern const struct block_device_operations probe;
const struct block_device_operations probe = { .open = probe_open };
