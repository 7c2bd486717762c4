/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store directories of a driver's devices, all below one watch.
 *
 * The store allows a domain a limited number of watches, 128 by default, and
 * the bus uses one of them for each device. One or more additional watches for
 * each device would at least halve the number of devices of a domain.
 */
#ifndef XENPV_DIR_H
#define XENPV_DIR_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <xenpv/xenbus.h>

/**
 * struct xpv_dir - a device's own directory in the store
 * @list:  entry in the list of the driver
 * @dev:   the device
 * @asked: @then has to be called; under the lock of struct xpv_dirs
 */
struct xpv_dir {
	struct list_head list;
	struct xenbus_device *dev;
	bool asked;
};

/**
 * struct xpv_dirs - the directories of all devices of a driver
 * @keys:     names of the keys that matter, ending with NULL
 * @told:     called after a write to such a key, or with "" if any key may have
 *            been written; under @lock, in the thread of the watch; must be
 *            short. Returns true if @then has to be called
 * @then:     does what may take long or destroy the device; without a lock, in
 *            the same thread. The struct xpv_dir may have been freed; a
 *            reference to the device is held
 * @lock:     protects @list and @watching; held over @told
 * @list:     list of struct xpv_dir
 * @watching: @watch is registered
 * @watch:    watch on the directory above them, such as "device/vbd"
 * @bus:      bus that calls @unbound; set by the first device
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

#define XPV_DIRS_INIT(name, path, names, told_fn, then_fn) {		\
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

#define XPV_DEFINE_DIRS(name, path, names, told_fn, then_fn)		\
	struct xpv_dirs name = XPV_DIRS_INIT(name, path, names,		\
					     told_fn, then_fn)

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
