/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What xen-events provides to xen-grants and xenbus beyond the kernel's Xen
 * API. Only on a kernel without CONFIG_XEN.
 *
 * Frames are guest frames of 4 KiB, the size of the kernel's pages here. Errors
 * have Linux's names; Xen's have the same numbers.
 */
#ifndef XENPV_CORE_H
#define XENPV_CORE_H

#include <linux/types.h>

/**
 * struct xenpv_window - an address range without RAM where Xen's frames can be
 * mapped
 * @start: physical address, page-aligned
 * @nr:    number of pages
 */
struct xenpv_window {
	phys_addr_t start;
	unsigned long nr;
};

int xenpv_platform_window(struct xenpv_window *w);

int xenpv_add_to_physmap(unsigned int space, unsigned long idx,
			 unsigned long gfn);
int xenpv_remove_from_physmap(unsigned long gfn);
int xenpv_populate(unsigned long gfn);
int xenpv_unpopulate(unsigned long gfn);

int xenpv_hvm_param_get(u32 index, u64 *value);
int xenpv_hvm_param_set(u32 index, u64 value);

#endif
