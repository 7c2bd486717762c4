/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PCI ids of the platform device that every HVM guest has: xen-events is
 * its driver, and xenbus is loaded with it.
 */
#ifndef XENPV_PLATFORM_H
#define XENPV_PLATFORM_H

#include <linux/pci.h>

static const struct pci_device_id xenpv_platform_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_XEN, PCI_DEVICE_ID_XEN_PLATFORM) },
	{ PCI_DEVICE(PCI_VENDOR_ID_XEN, 0x0002) },
	{ }
};

#endif
