/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The seam: the kernel's Xen driver API.
 *
 * Drivers include <xenpv/...> only. Where the kernel has a Xen core these
 * headers are the kernel's own.
 */
#ifndef XENPV_XENBUS_H
#define XENPV_XENBUS_H

#include <linux/kconfig.h>
#include <linux/types.h>

#if !IS_ENABLED(CONFIG_XEN)
#error "this kernel was built without CONFIG_XEN, and the drivers need its Xen core"
#endif

#include <xen/xen.h>
#include <xen/xenbus.h>
#include <xen/interface/io/protocols.h>

#endif
