// SPDX-License-Identifier: GPL-2.0-only
/* 6.14: blk_mq_freeze_queue() returns the previous allocation flags. */
#include <linux/blk-mq.h>

unsigned int probe(struct request_queue *q);
unsigned int probe(struct request_queue *q)
{
	return blk_mq_freeze_queue(q);
}
