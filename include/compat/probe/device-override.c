// SPDX-License-Identifier: GPL-2.0-only
/* 7.1: each device can be reserved for one driver, not only those of some buses. */
#include <linux/device.h>

int probe_override(struct device *dev);
int probe_override(struct device *dev)
{
	return device_set_driver_override(dev, "");
}
