// SPDX-License-Identifier: GPL-2.0-only
/*
 * The platform device that every HVM guest has. Its interrupt is used where
 * there are no vectors; its second BAR is an address range without RAM.
 */
#include <linux/export.h>
#include <linux/pci.h>
#include <xen/page.h>
#include <xenpv/platform.h>
#include "../events.h"

#define PLATFORM_BAR	1

/*
 * Set by probe(), with a reference. There is one such device, and it cannot be
 * unbound; but user space can remove it from the PCI bus. We use its addresses and
 * its interrupt after that, too, until this module is unloaded.
 */
static struct pci_dev *platform_device;
static bool platform_leaving;

struct pci_dev *events_platform_device(void)
{
	return platform_device;
}

/**
 * xenpv_platform_window() - address range where Xen's pages can be mapped
 * @w: result, reserved for the core as long as xen-events is loaded
 *
 * Return: 0, or -ENODEV if there is none.
 */
int xenpv_platform_window(struct xenpv_window *w)
{
	if (!platform_device || !pci_resource_len(platform_device, PLATFORM_BAR))
		return -ENODEV;
	w->start = pci_resource_start(platform_device, PLATFORM_BAR);
	w->nr = pci_resource_len(platform_device, PLATFORM_BAR) >>
		XEN_PAGE_SHIFT;
	return 0;
}
EXPORT_SYMBOL_GPL(xenpv_platform_window);

static int platform_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int err;

	if (platform_device)
		return -ENODEV;
	err = pci_enable_device(pdev);
	if (err)
		return err;
	err = pci_request_region(pdev, PLATFORM_BAR, "xen-events");
	if (err) {
		pci_disable_device(pdev);
		return err;
	}
	platform_device = pci_dev_get(pdev);
	return 0;
}

static void platform_remove(struct pci_dev *pdev)
{
	if (!platform_leaving) {
		pci_warn(pdev, "removed, but in use until this module is unloaded\n");
		return;
	}
	pci_release_region(pdev, PLATFORM_BAR);
	pci_disable_device(pdev);
}

MODULE_DEVICE_TABLE(pci, xenpv_platform_ids);

static struct pci_driver platform_driver = {
	.name = "xen-events",
	.id_table = xenpv_platform_ids,
	.probe = platform_probe,
	.remove = platform_remove,
	.driver.suppress_bind_attrs = true,
};

int events_platform_start(void)
{
	return pci_register_driver(&platform_driver);
}

void events_platform_stop(void)
{
	platform_leaving = true;
	pci_unregister_driver(&platform_driver);
	pci_dev_put(platform_device);
	platform_device = NULL;
}
