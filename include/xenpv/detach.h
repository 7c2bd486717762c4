/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keep a frontend's disk or netdev from one instance of its device to the next.
 *
 * The toolstack replaces a device by writing its directory anew, with another
 * backend, or by removing it and attaching it again. The bus sees two devices,
 * but the guest must see one disk or netdev. The driver notices the new
 * instance (struct xpv_instance), detaches from the old one when the bus removes it
 * (struct xpv_lot), and reattaches when the bus adds the new one.
 */
#ifndef XENPV_PARK_H
#define XENPV_PARK_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <xenpv/dir.h>
#include <xenpv/fsm.h>
#include <xenpv/xenbus.h>

#define XPV_KEY_MAX	64

struct xpv_detached;

/**
 * struct xpv_lot - the detached devices of a driver
 * @lock:   protects the lists
 * @detached: the detached devices
 * @going:  names of devices whose @expire is running
 * @wait:   woken when @expire has returned
 * @expire: destroys a device that was not reattached in time, in process
 *          context
 */
struct xpv_lot {
	struct mutex lock;
	struct list_head detached;
	struct list_head going;
	wait_queue_head_t wait;
	void (*expire)(struct xpv_detached *p);
};

#define XPV_DEFINE_LOT(name, fn)					\
	struct xpv_lot name = {						\
		.lock = __MUTEX_INITIALIZER(name.lock),			\
		.detached = LIST_HEAD_INIT(name.detached),		\
		.going = LIST_HEAD_INIT(name.going),			\
		.wait = __WAIT_QUEUE_HEAD_INITIALIZER(name.wait),	\
		.expire = fn,						\
	}

/**
 * struct xpv_detached - part of a driver's device; zeroed at first
 * @list:  in the list of its lot while detached
 * @lot:   the lot
 * @dev:   the previous device on the bus, with a reference while detached
 * @key:   kind and number, "vbd/51728"
 * @until: end of the time limit, in jiffies
 * @timer: runs at the end of the time limit
 */
struct xpv_detached {
	struct list_head list;
	struct xpv_lot *lot;
	struct xenbus_device *dev;
	char key[XPV_KEY_MAX];
	unsigned long until;
	struct delayed_work timer;
};

void xpv_detach(struct xpv_lot *lot, struct xpv_detached *p,
		struct xenbus_device *dev, unsigned int msecs);
struct xpv_detached *xpv_reattach(struct xpv_lot *lot, struct xenbus_device *dev);
void xpv_lot_clear(struct xpv_lot *lot);
int xpv_detach_child(struct device *child, struct device *parent);

/**
 * struct xpv_instance - watches the device's own directory
 * @dir:      entry among the directories of the driver
 * @dirs:     the driver's directories
 * @m:        the device's machine, which writes its states through this
 * @lock:     held while the state in the store and the device's state are
 *            written or compared
 * @renewing: there is another instance, and the bus was made to bind it, or
 *            will be
 * @watched:  xpv_instance_told() is called
 */
struct xpv_instance {
	struct xpv_dir dir;
	struct xpv_dirs *dirs;
	struct xpv_fsm *m;
	struct mutex lock;
	bool renewing;
	bool watched;
};

/**
 * struct xpv_instance_fate - why a device leaves the bus
 * @replaced: its directory belongs to another instance: nothing may be written
 *            there
 * @orphaned: its directory and the backend's are gone
 */
struct xpv_instance_fate {
	bool replaced;
	bool orphaned;
};

extern const char *const xpv_instance_keys[];
bool xpv_instance_told(struct xpv_dir *d, const char *key);
void xpv_instance_renew(struct xpv_dirs *dirs, struct xpv_dir *d,
			struct xenbus_device *dev);

/* The directories of a frontend driver's devices, "device/vbd". */
#define XPV_DEFINE_OWN_DIRS(name, path)					\
	XPV_DEFINE_DIRS(name, path, xpv_instance_keys, xpv_instance_told, xpv_instance_renew)

void xpv_instance_start(struct xpv_instance *instance, struct xpv_fsm *m,
			struct xpv_dirs *dirs);
void xpv_instance_resume(struct xpv_instance *instance);
struct xpv_instance_fate xpv_instance_end(struct xpv_instance *instance);
int xpv_instance_check(struct xenbus_transaction xbt, struct xenbus_device *dev);

#endif
