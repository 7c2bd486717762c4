// SPDX-License-Identifier: GPL-2.0-only
/* 6.11: match() of a bus takes a const driver. */
#include <linux/device.h>

static int probe_match(struct device *dev, const struct device_driver *drv)
{
	return 0;
}

extern const struct bus_type probe;
const struct bus_type probe = { .match = probe_match };
