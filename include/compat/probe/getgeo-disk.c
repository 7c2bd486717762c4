// SPDX-License-Identifier: GPL-2.0-only
/* 6.18: getgeo() takes a disk. */
#include <linux/blkdev.h>

static int probe_getgeo(struct gendisk *disk, struct hd_geometry *geo)
{
	return 0;
}

extern const struct block_device_operations probe;
const struct block_device_operations probe = { .getgeo = probe_getgeo };
