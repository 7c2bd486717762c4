/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of a ring, and their sums. */
#ifndef BLKBACK_STATS_H
#define BLKBACK_STATS_H

#include <linux/sysfs.h>
#include <linux/types.h>

struct blkback_dev;
struct blkback_ring;

/*
 * Counters of one ring; the names are in stats.c. Only its thread writes them,
 * except for those of responses and notifications, which are under the ring's
 * rsp_lock.
 */
struct blkback_counters {
	u64 requests;
	u64 responses;
	u64 responses_early;
	u64 refused;
	u64 failed;
	u64 notify_sent;
	u64 notify_suppressed;
	u64 events_without_work;
	u64 wakeups;
	u64 batches;
	u64 grant_map_calls;
	u64 grant_map_ops;
	u64 grant_map_failed;
	u64 grant_map_no_space;
	u64 grant_unmap_calls;
	u64 grant_unmap_ops;
	u64 grant_unmap_failed;
	u64 grant_copy_calls;
	u64 grant_copy_ops;
	u64 bytes_copied;
	u64 bytes_read;
	u64 bytes_written;
	u64 persistent_hits;
	u64 persistent_misses;
	u64 persistent_purged;
	u64 bios;
	u64 bounced;
	u64 barriers;
	u64 lingered;
	u64 moves;
	u64 polls;
	u64 polls_in_vain;
	u64 oo_req;
	u64 rd_req;
	u64 wr_req;
	u64 f_req;
	u64 ds_req;
	u64 rd_sect;
	u64 wr_sect;
};

/**
 * struct blkback_counter - a counter's name, for debugfs
 * @name:   name as printed
 * @offset: offset in struct blkback_counters
 */
struct blkback_counter {
	const char *name;
	size_t offset;
};

/* stats.c */
extern const struct attribute_group *blkback_stats_groups[];
extern const struct blkback_counter blkback_counter_table[];
extern const unsigned int blkback_nr_counters;
u64 blkback_stats_get(const struct blkback_counters *c, unsigned int i);
void blkback_stats_add(struct blkback_counters *sum,
		       const struct blkback_counters *c);
void blkback_stats_sum(struct blkback_dev *be, struct blkback_counters *sum,
		       u64 *events);
void blkback_stats_log(struct blkback_ring *ring);

#endif
