/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A frontend's way from one instance of its device to the next.
 *
 * The toolstack replaces a device by making its folder anew, with another
 * backend, or by removing it and attaching it again. For the bus these are two
 * devices. What the guest sees of it, a disk or a netdev, is to be one: the
 * driver notices the new instance (struct xpv_own), parks what it has when the
 * bus takes the old one away (struct xpv_lot), and takes it up again when the
 * bus brings the new one.
 */
#ifndef XENPV_PARK_H
#define XENPV_PARK_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <xenpv/dir.h>
#include <xenpv/machine.h>
#include <xenpv/xenbus.h>

#define XPV_KEY_MAX	64

struct xpv_parked;

/**
 * struct xpv_lot - where a driver parks its devices
 * @lock:   protects the lists
 * @parked: devices
 * @going:  names of devices whose @expire is running
 * @wait:   for the end of one of these
 * @expire: destroys a device that nobody came for, in process context
 */
struct xpv_lot {
	struct mutex lock;
	struct list_head parked;
	struct list_head going;
	wait_queue_head_t wait;
	void (*expire)(struct xpv_parked *p);
};

#define XPV_DEFINE_LOT(name, fn)					\
	struct xpv_lot name = {						\
		.lock = __MUTEX_INITIALIZER(name.lock),			\
		.parked = LIST_HEAD_INIT(name.parked),			\
		.going = LIST_HEAD_INIT(name.going),			\
		.wait = __WAIT_QUEUE_HEAD_INITIALIZER(name.wait),	\
		.expire = fn,						\
	}

/**
 * struct xpv_parked - part of a driver's device; zeroed at first
 * @list:  in its lot while parked
 * @lot:   which
 * @dev:   the device on the bus that was, with a reference while parked
 * @key:   kind and number, "vbd/51728"
 * @until: jiffies
 * @timer: ends the stay
 */
struct xpv_parked {
	struct list_head list;
	struct xpv_lot *lot;
	struct xenbus_device *dev;
	char key[XPV_KEY_MAX];
	unsigned long until;
	struct delayed_work timer;
};

void xpv_park(struct xpv_lot *lot, struct xpv_parked *p,
	      struct xenbus_device *dev, unsigned int msecs);
struct xpv_parked *xpv_adopt(struct xpv_lot *lot, struct xenbus_device *dev);
void xpv_lot_clear(struct xpv_lot *lot);
int xpv_park_child(struct device *child, struct device *parent);

/**
 * struct xpv_own - looks after the device's own folder
 * @dir:      among those of the driver
 * @dirs:     the driver's
 * @m:        the device's machine, whose states are written by way of this
 * @lock:     over the state in the store and the device's, to compare them
 * @renewing: another instance is there, and the bus was told
 */
struct xpv_own {
	struct xpv_dir dir;
	struct xpv_dirs *dirs;
	struct xpv_machine *m;
	struct mutex lock;
	bool renewing;
};

/**
 * struct xpv_own_fate - why a device leaves the bus
 * @replaced: another instance is in its folder: nothing may be written there
 * @orphaned: its folder and the backend's are gone
 */
struct xpv_own_fate {
	bool replaced;
	bool orphaned;
};

extern const char *const xpv_own_keys[];
bool xpv_own_told(struct xpv_dir *d, const char *key);
void xpv_own_renew(struct xpv_dirs *dirs, struct xpv_dir *d,
		   struct xenbus_device *dev);

/* The folders of a frontend driver's devices, "device/vbd". */
#define XPV_DEFINE_OWN_DIRS(name, path)					\
	XPV_DEFINE_DIRS(name, path, xpv_own_keys, xpv_own_told, xpv_own_renew)

void xpv_own_start(struct xpv_own *own, struct xpv_machine *m,
		   struct xpv_dirs *dirs);
struct xpv_own_fate xpv_own_end(struct xpv_own *own);
int xpv_own_check(struct xenbus_transaction xbt, struct xenbus_device *dev);
int xpv_own_switch(struct xpv_own *own, enum xenbus_state state);

#endif
