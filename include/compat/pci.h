/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences: PCI devices. */
#ifndef XENPV_COMPAT_PCI_H
#define XENPV_COMPAT_PCI_H

#include <linux/pci.h>
#include <compat/generated.h>

/**
 * xpv_pci_override() - let only one driver bind to a device
 * @pdev: the device
 * @name: name of the driver; "": any driver again
 *
 * A driver that is bound stays.
 *
 * Return: 0 or a negative error. Context: process, without the device's lock.
 */
static inline int xpv_pci_override(struct pci_dev *pdev, const char *name)
{
#ifdef XPV_HAVE_DEVICE_OVERRIDE
	return device_set_driver_override(&pdev->dev, name);
#else
	return driver_set_override(&pdev->dev, &pdev->driver_override, name,
				   strlen(name));
#endif
}

/**
 * xpv_pci_is_override() - test whether only that driver may bind
 * @pdev: the device
 * @name: name of the driver
 *
 * Return: true if so. Context: process, without the device's lock.
 */
static inline bool xpv_pci_is_override(struct pci_dev *pdev, const char *name)
{
	bool is;

#ifdef XPV_HAVE_DEVICE_OVERRIDE
	const struct device_driver driver = { .name = name };

	is = device_match_driver_override(&pdev->dev, &driver) > 0;
#else
	device_lock(&pdev->dev);
	is = pdev->driver_override && !strcmp(pdev->driver_override, name);
	device_unlock(&pdev->dev);
#endif
	return is;
}

#endif
