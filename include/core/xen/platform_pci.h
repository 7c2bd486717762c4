/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replaces the kernel's <xen/platform_pci.h> on a kernel without CONFIG_XEN.
 * There the answers are constants for a kernel without PV devices; here the
 * xenbus module gives them.
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
