// SPDX-License-Identifier: GPL-2.0-only
/*
 * Emulated controllers that get no driver.
 *
 * The unplug protocol takes all disks or all network cards. Where some of them
 * are in use already, those that are not get no driver either: otherwise a
 * driver that is loaded later would find disks that the guest uses as PV disks.
 *
 * NVMe controllers are treated so in each case. The protocol has a bit for them
 * that not all device models know, and QEMU 7.2 crashed when it was used.
 */
#include <linux/pci.h>
#include <compat/pci.h>
#include "bus.h"

/* No driver has this name. */
#define XENBUS_HOLD_NAME	"xenbus-twin"

static void xenbus_hold_one(struct pci_dev *pdev)
{
	if (xpv_pci_override(pdev, XENBUS_HOLD_NAME))
		pci_warn(pdev, "xenbus: a driver that is loaded later will find PV devices twice here\n");
	else
		pci_info(pdev, "xenbus: gets no driver, because the PV devices are used in its place\n");
}

/**
 * xenbus_hold_idle() - keep emulated devices that have no driver without one
 * @nics: network cards, or else disk controllers
 *
 * Context: process.
 */
void xenbus_hold_idle(bool nics)
{
	unsigned int base = nics ? PCI_BASE_CLASS_NETWORK :
				   PCI_BASE_CLASS_STORAGE;
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev)
		if (pdev->class >> 16 == base && xenbus_emulated_is(pdev) &&
		    !pdev->dev.driver)
			xenbus_hold_one(pdev);
}

/**
 * xenbus_hold_nvme() - take the driver away from emulated NVMe controllers
 *
 * The caller has checked that no disk of them is in use.
 *
 * Context: process.
 */
void xenbus_hold_nvme(void)
{
	struct pci_dev *pdev = NULL;

	while ((pdev = pci_get_class(PCI_CLASS_STORAGE_EXPRESS, pdev))) {
		if (!xenbus_emulated_is(pdev))
			continue;
		xenbus_hold_one(pdev);
		device_release_driver(&pdev->dev);
	}
}

/**
 * xenbus_hold_release() - let drivers have the devices again
 *
 * Context: process, when no PV device is in use.
 */
void xenbus_hold_release(void)
{
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev) {
		if (!xpv_pci_is_override(pdev, XENBUS_HOLD_NAME))
			continue;
		if (xpv_pci_override(pdev, "") || device_attach(&pdev->dev) < 0)
			pci_warn(pdev, "xenbus: stays without a driver\n");
	}
}
