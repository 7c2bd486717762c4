// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/block/<disk>/xen/: what was negotiated, one value per file; and serial,
 * where udev and lsblk look for it.
 */
#include <linux/device.h>
#include <linux/sysfs.h>
#include "blkfront.h"

static struct blkfront_dev *blkfront_of(struct device *dev)
{
	return dev_to_disk(dev)->private_data;
}

#define BLKFRONT_ATTR(name, fmt, value)					\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *attr, char *buf)	\
{									\
	struct blkfront_dev *bf = blkfront_of(dev);			\
									\
	return sysfs_emit(buf, fmt "\n", value);			\
}									\
static DEVICE_ATTR_RO(name)

BLKFRONT_ATTR(state, "%s", xenbus_strstate(bf->dev->state));
BLKFRONT_ATTR(nr_rings, "%u", bf->link.nr_rings);
BLKFRONT_ATTR(ring_pages, "%u", 1U << bf->link.order);
BLKFRONT_ATTR(max_indirect_segments, "%u",
	      blkfront_parse_indirect_pages(bf->link.features.segs) ?
	      bf->link.features.segs : 0);
BLKFRONT_ATTR(persistent, "%d", bf->link.persistent);
BLKFRONT_ATTR(trusted, "%d", !bf->link.bounce);
BLKFRONT_ATTR(flush, "%s",
	      blkfront_flush_op(bf) == BLKIF_OP_FLUSH_DISKCACHE ? "flush" :
	      blkfront_flush_op(bf) == BLKIF_OP_WRITE_BARRIER ? "barrier" :
	      "none");
BLKFRONT_ATTR(discard, "%d", blkfront_can_discard(bf));
BLKFRONT_ATTR(secure_erase, "%d", blkfront_can_erase(bf));
BLKFRONT_ATTR(failing, "%d", blkfront_is_failing(bf));

BLKFRONT_ATTR(serial, "%s", bf->serial);

static struct attribute *blkfront_disk_attrs[] = {
	&dev_attr_serial.attr,
	NULL
};

static const struct attribute_group blkfront_disk_group = {
	.attrs = blkfront_disk_attrs,
};

static struct attribute *blkfront_attrs[] = {
	&dev_attr_state.attr,
	&dev_attr_nr_rings.attr,
	&dev_attr_ring_pages.attr,
	&dev_attr_max_indirect_segments.attr,
	&dev_attr_persistent.attr,
	&dev_attr_trusted.attr,
	&dev_attr_flush.attr,
	&dev_attr_discard.attr,
	&dev_attr_secure_erase.attr,
	&dev_attr_failing.attr,
	NULL
};

static const struct attribute_group blkfront_group = {
	.name = "xen",
	.attrs = blkfront_attrs,
};

const struct attribute_group *blkfront_groups[] = {
	&blkfront_group,
	&blkfront_disk_group,
	NULL
};
