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

/**
 * xpv_driver_state() - the state in a directory of the store
 * @path: directory of a device
 *
 * What the bus thinks of a device does not count, only what the store says.
 *
 * Return: the state, XenbusStateUnknown if there is none. Context: process.
 */
static inline enum xenbus_state xpv_driver_state(const char *path)
{
#ifdef XPV_HAVE_READ_STATE_DEV
	return xenbus_read_unsigned(path, "state", XenbusStateUnknown);
#else
	return xenbus_read_driver_state(path);
#endif
}

/**
 * xpv_is_vanished() - test whether the bus unregisters a device that was replaced
 * @dev: device
 *
 * Return: true if so; false also for a bus that does not detect that.
 */
static inline bool xpv_is_vanished(const struct xenbus_device *dev)
{
#ifdef XPV_HAVE_VANISHED
	return dev->vanished;
#else
	return false;
#endif
}

#endif
