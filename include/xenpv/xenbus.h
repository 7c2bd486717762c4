/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interface to the kernel's Xen driver API.
 *
 * Drivers only include <xenpv/...>. On a kernel with a Xen core these headers
 * include the kernel's own. On a kernel without one, include/core/ comes first
 * in the include path and provides what is missing, and events/, grants/ and
 * xenbus/ are the core.
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
