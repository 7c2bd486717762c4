/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences of xenbus drivers. */
#ifndef XENPV_COMPAT_XENBUS_H
#define XENPV_COMPAT_XENBUS_H

#include <xenpv/xenbus.h>
#include <compat/generated.h>

/* The argument of a xenbus_driver's uevent(). */
#ifdef XPV_HAVE_UEVENT_CONST
typedef const struct xenbus_device xpv_uevent_dev;
#else
typedef struct xenbus_device xpv_uevent_dev;
#endif

#endif
