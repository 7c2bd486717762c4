/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences of xenbus drivers. */
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

#endif
