// SPDX-License-Identifier: GPL-2.0-only
/* Statistics in sysfs, with the in-tree names. They never decrease. */
#include <linux/device.h>
#include <linux/sysfs.h>
#include "blkback.h"

#define BLKBACK_COUNTER(counter)					\
	{ .name = #counter,						\
	  .offset = offsetof(struct blkback_counters, counter) }

const struct blkback_counter blkback_counter_table[] = {
	BLKBACK_COUNTER(requests),
	BLKBACK_COUNTER(responses),
	BLKBACK_COUNTER(responses_early),
	BLKBACK_COUNTER(refused),
	BLKBACK_COUNTER(failed),
	BLKBACK_COUNTER(notify_sent),
	BLKBACK_COUNTER(notify_suppressed),
	BLKBACK_COUNTER(events_without_work),
	BLKBACK_COUNTER(wakeups),
	BLKBACK_COUNTER(batches),
	BLKBACK_COUNTER(grant_map_calls),
	BLKBACK_COUNTER(grant_map_ops),
	BLKBACK_COUNTER(grant_map_failed),
	BLKBACK_COUNTER(grant_map_no_space),
	BLKBACK_COUNTER(grant_unmap_calls),
	BLKBACK_COUNTER(grant_unmap_ops),
	BLKBACK_COUNTER(grant_unmap_failed),
	BLKBACK_COUNTER(grant_copy_calls),
	BLKBACK_COUNTER(grant_copy_ops),
	BLKBACK_COUNTER(bytes_copied),
	BLKBACK_COUNTER(bytes_read),
	BLKBACK_COUNTER(bytes_written),
	BLKBACK_COUNTER(persistent_hits),
	BLKBACK_COUNTER(persistent_misses),
	BLKBACK_COUNTER(persistent_purged),
	BLKBACK_COUNTER(bios),
	BLKBACK_COUNTER(bounced),
	BLKBACK_COUNTER(barriers),
	BLKBACK_COUNTER(lingered),
	BLKBACK_COUNTER(moves),
	BLKBACK_COUNTER(polls),
	BLKBACK_COUNTER(polls_in_vain),
	BLKBACK_COUNTER(oo_req),
	BLKBACK_COUNTER(rd_req),
	BLKBACK_COUNTER(wr_req),
	BLKBACK_COUNTER(f_req),
	BLKBACK_COUNTER(ds_req),
	BLKBACK_COUNTER(rd_sect),
	BLKBACK_COUNTER(wr_sect),
};

static_assert(ARRAY_SIZE(blkback_counter_table) * sizeof(u64) ==
	      sizeof(struct blkback_counters));
const unsigned int blkback_nr_counters = ARRAY_SIZE(blkback_counter_table);

static u64 *blkback_stats_of(struct blkback_counters *c, unsigned int i)
{
	return (void *)c + blkback_counter_table[i].offset;
}

/**
 * blkback_stats_get() - read one counter
 * @c: counters, perhaps of a running ring
 * @i: index into blkback_counter_table
 *
 * Return: its value.
 */
u64 blkback_stats_get(const struct blkback_counters *c, unsigned int i)
{
	return READ_ONCE(*blkback_stats_of((struct blkback_counters *)c, i));
}

/**
 * blkback_stats_add() - add counters to a sum
 * @sum: the sum
 * @c:   counters of a ring, perhaps running
 */
void blkback_stats_add(struct blkback_counters *sum,
		       const struct blkback_counters *c)
{
	unsigned int i;

	for (i = 0; i < blkback_nr_counters; i++)
		*blkback_stats_of(sum, i) += blkback_stats_get(c, i);
}

/**
 * blkback_stats_sum() - sum of a device's counters over all connections
 * @be:     device
 * @sum:    result
 * @events: result: events received
 *
 * Context: process.
 */
void blkback_stats_sum(struct blkback_dev *be, struct blkback_counters *sum,
		       u64 *events)
{
	unsigned int i;

	mutex_lock(&be->rings_lock);
	*sum = be->total;
	*events = be->total_events;
	for (i = 0; i < be->nr_rings; i++) {
		blkback_stats_add(sum, &be->rings[i]->count);
		*events += READ_ONCE(be->rings[i]->events);
	}
	mutex_unlock(&be->rings_lock);
}

/**
 * blkback_stats_log() - write one line to the log, for parameter log_stats
 * @ring: the ring; called by its thread
 */
void blkback_stats_log(struct blkback_ring *ring)
{
	struct blkback_counters *c = &ring->count;

	ring->next_log = jiffies + 10 * HZ;
	pr_info("xen-blkback: %s: oo %llu rd %llu wr %llu f %llu ds %llu rd_sect %llu wr_sect %llu persistent %u/%u\n",
		ring->name, c->oo_req, c->rd_req, c->wr_req, c->f_req,
		c->ds_req, c->rd_sect, c->wr_sect, ring->nr_persistent,
		READ_ONCE(blkback_max_persistent_grants));
}

#define BLKBACK_STAT(name)						\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *attr, char *buf)	\
{									\
	struct blkback_dev *be = dev_get_drvdata(dev);			\
	struct blkback_counters sum;					\
	u64 events;							\
									\
	blkback_stats_sum(be, &sum, &events);				\
	return sysfs_emit(buf, "%llu\n", sum.name);			\
}									\
static DEVICE_ATTR_RO(name)

BLKBACK_STAT(oo_req);
BLKBACK_STAT(rd_req);
BLKBACK_STAT(wr_req);
BLKBACK_STAT(f_req);
BLKBACK_STAT(ds_req);
BLKBACK_STAT(rd_sect);
BLKBACK_STAT(wr_sect);

static struct attribute *blkback_stats_attrs[] = {
	&dev_attr_oo_req.attr,
	&dev_attr_rd_req.attr,
	&dev_attr_wr_req.attr,
	&dev_attr_f_req.attr,
	&dev_attr_ds_req.attr,
	&dev_attr_rd_sect.attr,
	&dev_attr_wr_sect.attr,
	NULL
};

static const struct attribute_group blkback_stats_group = {
	.name = "statistics",
	.attrs = blkback_stats_attrs,
};

static ssize_t physical_device_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	struct blkback_dev *be = dev_get_drvdata(dev);
	dev_t nr = READ_ONCE(be->vbd.dev);

	return sysfs_emit(buf, "%x:%x\n", MAJOR(nr), MINOR(nr));
}
static DEVICE_ATTR_RO(physical_device);

static ssize_t mode_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct blkback_dev *be = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%s\n", be->mode);
}
static DEVICE_ATTR_RO(mode);

static struct attribute *blkback_vbd_attrs[] = {
	&dev_attr_physical_device.attr,
	&dev_attr_mode.attr,
	NULL
};

static const struct attribute_group blkback_vbd_group = {
	.attrs = blkback_vbd_attrs,
};

/* The driver core adds them after probe() and removes them before remove(). */
const struct attribute_group *blkback_stats_groups[] = {
	&blkback_vbd_group,
	&blkback_stats_group,
	NULL
};
