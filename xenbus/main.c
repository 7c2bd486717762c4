// SPDX-License-Identifier: GPL-2.0-only
/*
 * xenbus: xenstore client, buses of PV devices, suspend and shutdown of the
 * domain, for kernels without CONFIG_XEN. Module init and exit.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <xenpv/platform.h>
#include "bus/bus.h"

static struct dentry *xenbus_debug;

/*
 * The driver of the platform device is in xen-events. This table has udev load the
 * whole core when it finds the device: without this module no PV device is found.
 */
MODULE_DEVICE_TABLE(pci, xenpv_platform_ids);

/*
 * In the order of initialisation; the exit is in reverse order. Emulated
 * devices are unplugged when the store is known to exist, and before there are
 * PV devices.
 */
static const struct {
	int (*start)(void);
	void (*stop)(void);
} xenbus_parts[] = {
	{ xs_init, xs_exit },
	{ xsdev_init, xsdev_exit },
	{ xsproc_init, xsproc_exit },
	{ xenbus_unplug_start, xenbus_hold_release },
	{ xenbus_notify_start, xenbus_notify_stop },
	{ xenbus_frontend_start, xenbus_frontend_stop },
	{ xenbus_backend_start, xenbus_backend_stop },
	{ xenbus_control_start, xenbus_control_stop },
};

static void xenbus_stop(unsigned int nr)
{
	while (nr--)
		if (xenbus_parts[nr].stop)
			xenbus_parts[nr].stop();
}

static int __init xenbus_init(void)
{
	unsigned int i;
	int err;

	if (!xen_domain())
		return -ENODEV;
	for (i = 0; i < ARRAY_SIZE(xenbus_parts); i++) {
		err = xenbus_parts[i].start();
		if (err) {
			xenbus_stop(i);
			return err;
		}
	}
	xenbus_debug = debugfs_create_dir("xenbus", NULL);
	xsdebug_init(xenbus_debug);
	return 0;
}

static void __exit xenbus_exit(void)
{
	debugfs_remove(xenbus_debug);
	xenbus_stop(ARRAY_SIZE(xenbus_parts));
}

module_init(xenbus_init);
module_exit(xenbus_exit);
MODULE_DESCRIPTION("Xenstore and the buses of Xen PV devices");
MODULE_LICENSE("GPL");
MODULE_VERSION(XENPV_VERSION);
