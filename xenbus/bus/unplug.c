// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unplug emulated devices, so that a guest does not have them twice.
 *
 * A kernel with a Xen core does this before it looks for devices. A module is
 * loaded when the system may already use them, so by default only what has no
 * driver yet is unplugged, and a device in use never is.
 */
#include <linux/io.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/platform_pci.h>
#include "bus.h"

static char *unplug = "auto";
module_param(unplug, charp, 0444);
MODULE_PARM_DESC(unplug,
		 "Emulated devices to unplug if they are not in use: never, nics, aux-ide-disks (all but the first), ide-disks, nvme-disks, all, or several with commas; auto: disks, network cards, if none of them has a driver yet; if some have one, the others get none (default auto)");

/*
 * What was unplugged; it is unplugged again in a new domain, where it is back.
 */
static unsigned int xenbus_unplugged;

/*
 * The protocol of the platform device's ports, see Xen's hvm-emulated-unplug.
 */
static int xenbus_unplug_greet(void)
{
	unsigned int version;

	if (inw(XEN_IOPORT_MAGIC) != XEN_IOPORT_MAGIC_VAL) {
		pr_notice("xenbus: the platform device does not unplug\n");
		return -ENODEV;
	}
	version = inb(XEN_IOPORT_PROTOVER);
	if (version > 1) {
		pr_err("xenbus: unplug protocol %u is unknown\n", version);
		return -EPROTONOSUPPORT;
	}
	if (!version)
		return 0;
	outw(XEN_IOPORT_LINUX_PRODNUM, XEN_IOPORT_PRODNUM);
	outl(XEN_IOPORT_LINUX_DRVVER, XEN_IOPORT_DRVVER);
	if (inw(XEN_IOPORT_MAGIC) != XEN_IOPORT_MAGIC_VAL) {
		pr_err("xenbus: the host does not let these drivers unplug\n");
		return -EPERM;
	}
	return 0;
}

static void xenbus_unplug_write(unsigned int mask, const char *what)
{
	outw(mask, XEN_IOPORT_UNPLUG);
	xenbus_unplugged |= mask;
	pr_info("xenbus: unplugged %s\n", what);
}

static void xenbus_unplug_idle_disks(void)
{
	xenbus_unplug_write(XENBUS_UNPLUG_DISKS,
			    "emulated disks, which had no driver");
}

static void xenbus_unplug_idle_nics(void)
{
	xenbus_unplug_write(XENBUS_UNPLUG_NICS,
			    "emulated network cards, which had no driver");
}

/* Are there PV devices to use instead? */
static bool xenbus_unplug_has_pv(const char *type)
{
	unsigned int nr;
	char **names = xenbus_directory(XBT_NIL, "device", type, &nr);

	if (IS_ERR(names))
		return false;
	kfree(names);
	return nr;
}

/* It is the default, so it says nothing when there is nothing to do. */
static void xenbus_unplug_auto(void)
{
	bool disks = xenbus_unplug_has_pv("vbd");
	bool nics = xenbus_unplug_has_pv("vif");

	bool can;

	if (!disks && !nics)
		return;
	can = !xenbus_unplug_greet();
	if (disks) {
		if (can && xenbus_emulated_unplug_idle(false, xenbus_unplug_idle_disks))
			xenbus_hold_nvme();
		else
			xenbus_hold_idle(false);
	}
	if (nics && !(can && xenbus_emulated_unplug_idle(true, xenbus_unplug_idle_nics)))
		xenbus_hold_idle(true);
}

/* Unplug disks unless one is in use; true if that was done. */
static bool xenbus_unplug_disks(unsigned int mask, const char *what)
{
	if (xenbus_emulated_free_disks(mask)) {
		pr_err("xenbus: %s stay\n", what);
		return false;
	}
	xenbus_unplug_write(mask, what);
	return true;
}

/* Returns 0 always: PV devices are used even if nothing can be unplugged. */
int xenbus_unplug_start(void)
{
	unsigned int mask;

	if (xenbus_parse_unplug(unplug, &mask)) {
		pr_err("xenbus: unplug=%s is not understood, unplugging nothing\n",
		       unplug);
		return 0;
	}
	if (mask == XENBUS_UNPLUG_AUTO) {
		xenbus_unplug_auto();
		return 0;
	}
	if (!mask || xenbus_unplug_greet())
		return 0;
	if (mask & XENBUS_UNPLUG_NICS) {
		if (xenbus_emulated_remove_nics())
			pr_err("xenbus: emulated network cards stay\n");
		else
			xenbus_unplug_write(XENBUS_UNPLUG_NICS,
					    "emulated network cards");
	}
	if (mask & XENBUS_UNPLUG_NVME) {
		if (xenbus_emulated_free_disks(XENBUS_UNPLUG_NVME))
			pr_err("xenbus: emulated NVMe disks stay\n");
		else
			xenbus_hold_nvme();
	}
	if (mask & XENBUS_UNPLUG_DISKS &&
	    xenbus_unplug_disks(XENBUS_UNPLUG_DISKS, "emulated disks"))
		return 0;
	if (mask & XENBUS_UNPLUG_AUX_DISKS)
		xenbus_unplug_disks(XENBUS_UNPLUG_AUX_DISKS,
				    "emulated disks but the first");
	return 0;
}

/*
 * After a resume in a new domain, whose device model emulates everything again.
 */
void xenbus_unplug_again(void)
{
	if (xenbus_unplugged && !xenbus_unplug_greet())
		xenbus_unplug_write(xenbus_unplugged, "what was before");
}

/**
 * xen_has_pv_devices() - test whether PV drivers can be used
 *
 * A driver need not check for emulated devices: the bus does not give it the
 * twin of one that is in use.
 *
 * Return: true if so.
 */
bool xen_has_pv_devices(void)
{
	return xen_domain();
}
EXPORT_SYMBOL_GPL(xen_has_pv_devices);

/**
 * xen_has_pv_disk_devices() - xen_has_pv_devices() for disks
 *
 * Return: true if PV drivers can be used.
 */
bool xen_has_pv_disk_devices(void)
{
	return xen_domain();
}
EXPORT_SYMBOL_GPL(xen_has_pv_disk_devices);

/**
 * xen_has_pv_nic_devices() - xen_has_pv_devices() for network interfaces
 *
 * Return: true if PV drivers can be used.
 */
bool xen_has_pv_nic_devices(void)
{
	return xen_domain();
}
EXPORT_SYMBOL_GPL(xen_has_pv_nic_devices);

/**
 * xen_has_pv_and_legacy_disk_devices() - test for emulated disks besides PV
 * disks
 *
 * If so, a driver must skip disks with numbers of emulated ones.
 *
 * Return: false; the bus knows which of them exist.
 */
bool xen_has_pv_and_legacy_disk_devices(void)
{
	return false;
}
EXPORT_SYMBOL_GPL(xen_has_pv_and_legacy_disk_devices);
