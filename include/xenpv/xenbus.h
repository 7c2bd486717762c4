/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The seam: the kernel's Xen driver API.
 *
 * Drivers include <xenpv/...> only. Where the kernel has a Xen core these
 * headers are the kernel's own. Where it has none, include/core/ precedes them
 * with what they lack, and events/, grants/ and xenbus/ are the core.
 */
#ifndef XENPV_XENBUS_H
#define XENPV_XENBUS_H

#include <linux/kconfig.h>
#include <linux/types.h>

#include <xen/xen.h>

#if !IS_ENABLED(CONFIG_XEN) && !defined(XENPV_CORE_XEN_H)
#error "this kernel was built without CONFIG_XEN: include/core/ must precede its headers"
#endif

#include <xen/xenbus.h>
#include <xen/interface/io/protocols.h>

#endif
