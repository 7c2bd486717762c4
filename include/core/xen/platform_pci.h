/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Before the kernel's own <xen/platform_pci.h> on a kernel without CONFIG_XEN:
 * its answers are constants for a kernel without PV devices, ours are the
 * xenbus module's.
 */
#ifndef XENPV_CORE_PLATFORM_PCI_H
#define XENPV_CORE_PLATFORM_PCI_H

#define xen_has_pv_devices			xenpv_hidden_pv_devices
#define xen_has_pv_disk_devices			xenpv_hidden_pv_disk_devices
#define xen_has_pv_nic_devices			xenpv_hidden_pv_nic_devices
#define xen_has_pv_and_legacy_disk_devices	xenpv_hidden_pv_and_legacy

#include <linux/kconfig.h>
#include_next <xen/platform_pci.h>

#undef xen_has_pv_devices
#undef xen_has_pv_disk_devices
#undef xen_has_pv_nic_devices
#undef xen_has_pv_and_legacy_disk_devices

bool xen_has_pv_devices(void);
bool xen_has_pv_disk_devices(void);
bool xen_has_pv_nic_devices(void);
bool xen_has_pv_and_legacy_disk_devices(void);

#endif
