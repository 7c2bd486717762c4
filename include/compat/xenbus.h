/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences: xenbus drivers. */
#ifndef XENPV_COMPAT_XENBUS_H
#define XENPV_COMPAT_XENBUS_H

#include <xenpv/xenbus.h>
#include <compat/generated.h>

/* The argument of a xenbus_driver's uevent(). */
#ifdef XPV_HAVE_UEVENT_CONST
#define xpv_uevent_dev const struct xenbus_device
#else
#define xpv_uevent_dev struct xenbus_device
#endif

/* The arguments of a bus's uevent() and match(). */
#ifdef XPV_HAVE_BUS_UEVENT_CONST
#define xpv_bus_dev const struct device
#else
#define xpv_bus_dev struct device
#endif
#ifdef XPV_HAVE_BUS_MATCH_CONST
#define xpv_bus_driver const struct device_driver
#else
#define xpv_bus_driver struct device_driver
#endif

#endif
