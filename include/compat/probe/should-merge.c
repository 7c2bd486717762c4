// SPDX-License-Identifier: GPL-2.0-only
/* Before 6.14: a flag of the tag set enables merging. */
#include <linux/blk-mq.h>

extern const unsigned int probe;
const unsigned int probe = BLK_MQ_F_SHOULD_MERGE;
