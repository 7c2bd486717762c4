// SPDX-License-Identifier: GPL-2.0-only
/*
 * A disk or network interface that the guest has twice: PV and emulated.
 * Writing to a disk through both would corrupt it, so the one found first is
 * kept.
 */
#include <linux/etherdevice.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include "bus.h"

#define XENBUS_TWIN_NAME	32

static bool xenbus_twin_disk(struct xenbus_device *dev, char *name)
{
	struct xenbus_slot slot;
	u32 vdev;

	if (xenbus_scanf(XBT_NIL, dev->nodename, "virtual-device", "%u",
			 &vdev) != 1 ||
	    xenbus_parse_slot(vdev, &slot))
		return false;
	return xenbus_emulated_disk(&slot, name, XENBUS_TWIN_NAME);
}

static bool xenbus_twin_nic(struct xenbus_device *dev, char *name)
{
	char *text = xenbus_read(XBT_NIL, dev->nodename, "mac", NULL);
	u8 mac[ETH_ALEN];
	bool known;

	if (IS_ERR(text))
		return false;
	known = mac_pton(text, mac);
	kfree(text);
	return known && xenbus_emulated_nic(mac, name, XENBUS_TWIN_NAME);
}

/* Returns true if the emulated twin is in use, and logs it. */
bool xenbus_twin_in_use(struct xenbus_device *dev)
{
	char name[XENBUS_TWIN_NAME];
	bool twin = false;

	if (dev->dev.bus != &xenbus_frontend.type)
		return false;
	if (!strcmp(dev->devicetype, "vbd"))
		twin = xenbus_twin_disk(dev, name);
	else if (!strcmp(dev->devicetype, "vif"))
		twin = xenbus_twin_nic(dev, name);
	if (twin)
		dev_warn(&dev->dev,
			 "not used: this guest has it as the emulated %s already (see xenbus parameter unplug)\n",
			 name);
	return twin;
}
