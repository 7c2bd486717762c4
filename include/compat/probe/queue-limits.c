// SPDX-License-Identifier: GPL-2.0-only
/* 6.9..6.11: a disk is allocated with its limits, changed by transaction. */
#include <linux/blk-mq.h>

int probe(struct blk_mq_tag_set *set, struct queue_limits *lim);
int probe(struct blk_mq_tag_set *set, struct queue_limits *lim)
{
	struct gendisk *disk = blk_mq_alloc_disk(set, lim, NULL);

	lim->features = BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA;
	return queue_limits_commit_update(disk->queue, lim);
}
