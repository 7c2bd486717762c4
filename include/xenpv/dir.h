/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The own directories of a driver's devices, all under one watch.
 *
 * The store allows a domain a certain number of watches, 128 by default, and the
 * bus takes one of them for each device. A watch of our own for each device, or
 * several, would halve the number of devices that a domain can have.
 */
#ifndef XENPV_DIR_H
#define XENPV_DIR_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <xenpv/xenbus.h>

/**
 * struct xpv_dir - a device's own directory
 * @list: in the list of its driver
 * @dev:  whose
 */
struct xpv_dir {
	struct list_head list;
	struct xenbus_device *dev;
	bool asked;	/* is to be told; under the lock of struct xpv_dirs */
};

/**
 * struct xpv_dirs - the directories of all devices of a driver
 * @keys:     names of the keys that matter, then NULL
 * @told:     such a key was written, or any may have been if it is "". Under
 *            @lock, in the thread of the watch; must be short. Return: whether
 *            @then is to be called
 * @then:     what may take its time, or end the device: without a lock, in the
 *            same thread. The struct xpv_dir may be gone; there is a reference to
 *            the device
 * @lock:     protects @list and @watching; held over @told
 * @list:     of struct xpv_dir
 * @watching: @watch is registered
 * @watch:    on the directory above them, "device/vbd"
 * @bus:      that tells @unbound; set by the first device
 * @unbound:  removes a device that the bus could not bind after its probe()
 */
struct xpv_dirs {
	const char *const *keys;
	bool (*told)(struct xpv_dir *d, const char *key);
	void (*then)(struct xpv_dirs *dirs, struct xpv_dir *d,
		     struct xenbus_device *dev);
	struct mutex lock;
	struct list_head list;
	bool watching;
	struct xenbus_watch watch;
	struct bus_type *bus;
	struct notifier_block unbound;
};

#define XPV_DEFINE_DIRS(name, path, names, told_fn, then_fn)		\
	struct xpv_dirs name = {					\
		.keys = names,						\
		.told = told_fn,					\
		.then = then_fn,					\
		.lock = __MUTEX_INITIALIZER(name.lock),			\
		.list = LIST_HEAD_INIT(name.list),			\
		.watch = {						\
			.node = path,					\
			.will_handle = xpv_dirs_will_handle,		\
			.callback = xpv_dirs_written,			\
		},							\
		.unbound = { .notifier_call = xpv_dirs_unbound },	\
	}

bool xpv_dirs_will_handle(struct xenbus_watch *watch, const char *path,
			  const char *token);
void xpv_dirs_written(struct xenbus_watch *watch, const char *path,
		      const char *token);
int xpv_dirs_unbound(struct notifier_block *nb, unsigned long action,
		     void *data);
int xpv_dir_start(struct xpv_dirs *dirs, struct xpv_dir *d,
		  struct xenbus_device *dev);
void xpv_dir_stop(struct xpv_dirs *dirs, struct xpv_dir *d);
bool xpv_dir_is_listed(struct xpv_dirs *dirs, const struct xpv_dir *d);
void xpv_dirs_exit(struct xpv_dirs *dirs);

#endif
