/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replaces the kernel's <xen/xen.h> on a kernel without CONFIG_XEN. There the
 * domain type is a constant; here xen-events detects it.
 */
#ifndef XENPV_CORE_XEN_H
#define XENPV_CORE_XEN_H

#include_next <xen/xen.h>

#undef xen_domain_type

/* XEN_HVM_DOMAIN as long as xen-events is loaded. */
extern enum xen_domain_type xen_domain_type;

#endif
