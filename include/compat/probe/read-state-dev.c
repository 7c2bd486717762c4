// SPDX-License-Identifier: GPL-2.0-only
/* 7.0: xenbus_read_driver_state() takes the device, too. */
#include <xen/xenbus.h>

enum xenbus_state probe_state(const struct xenbus_device *dev);
enum xenbus_state probe_state(const struct xenbus_device *dev)
{
	return xenbus_read_driver_state(dev, "");
}
