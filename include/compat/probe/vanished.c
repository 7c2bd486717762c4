// SPDX-License-Identifier: GPL-2.0-only
/* 7.0: the bus marks a device that it unregisters because it was replaced. */
#include <xen/xenbus.h>

bool probe_vanished(const struct xenbus_device *dev);
bool probe_vanished(const struct xenbus_device *dev)
{
	return dev->vanished;
}
