// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/class/net/<dev>/rxbuf_*: obsolete and constant, kept for compatibility.
 */
#include <linux/capability.h>
#include <linux/device.h>
#include <linux/sysfs.h>
#include "netfront.h"

#define NETFRONT_RXBUF_SHOW(name)					\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *attr, char *buf)	\
{									\
	return sysfs_emit(buf, "%u\n", NETFRONT_SLOTS);			\
}

/* Accept a number, and ignore it. */
static ssize_t netfront_rxbuf_store(const char *buf, size_t len)
{
	unsigned long ignored;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (kstrtoul(skip_spaces(buf), 0, &ignored))
		return -EBADMSG;
	return len;
}

static ssize_t rxbuf_min_store(struct device *dev,
			       struct device_attribute *attr, const char *buf,
			       size_t len)
{
	return netfront_rxbuf_store(buf, len);
}

static ssize_t rxbuf_max_store(struct device *dev,
			       struct device_attribute *attr, const char *buf,
			       size_t len)
{
	return netfront_rxbuf_store(buf, len);
}

NETFRONT_RXBUF_SHOW(rxbuf_min)
NETFRONT_RXBUF_SHOW(rxbuf_max)
NETFRONT_RXBUF_SHOW(rxbuf_cur)
static DEVICE_ATTR_RW(rxbuf_min);
static DEVICE_ATTR_RW(rxbuf_max);
static DEVICE_ATTR_RO(rxbuf_cur);

static struct attribute *netfront_attrs[] = {
	&dev_attr_rxbuf_min.attr,
	&dev_attr_rxbuf_max.attr,
	&dev_attr_rxbuf_cur.attr,
	NULL
};

const struct attribute_group netfront_group = {
	.attrs = netfront_attrs,
};
