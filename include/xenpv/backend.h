/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life cycle of a backend's devices: how one connects, to rings of an
 * earlier backend as well; how one ends when its directory goes, when both ends
 * have closed it, when the module is unloaded and when the system goes down.
 */
#ifndef XENPV_BACKEND_H
#define XENPV_BACKEND_H

#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <xenpv/dir.h>
#include <xenpv/fsm.h>
#include <xenpv/shortage.h>

struct xpv_backend;

/**
 * struct xpv_backend_driver - what the devices of a driver have in common
 * @dirs:       their directories
 * @gate:       held while the driver is unregistered
 * @leaving:    the driver is being unregistered, and remove() is called for it
 * @wq:         runs what may wait for a device's I/O
 * @serving:    set of own states in which a frontend is told to wait for the
 *              next backend
 * @connect:    connects to the frontend's rings; undoes everything on an error.
 *              -ENOSPC: there is no room to map the rings now
 * @relax:      releases mappings that are idle, of all devices; may be NULL
 * @disconnect: ends the connection; the state machine is stopped
 * @unplug:     part of remove(): no callback uses the device any more. Must not
 *              wait for I/O. Calls xpv_backend_unhalt() if it ends the
 *              connection
 * @end:        destroys the device after @unplug; may wait for I/O
 */
struct xpv_backend_driver {
	struct xpv_dirs dirs;
	struct mutex gate;
	bool leaving;
	struct workqueue_struct **wq;
	u16 serving;
	int (*connect)(struct xpv_backend *b);
	void (*relax)(void);
	void (*disconnect)(struct xpv_backend *b);
	void (*unplug)(struct xpv_backend *b);
	void (*end)(struct xpv_backend *b);
};

/**
 * XPV_BACKEND_INIT() - the first members of a struct xpv_backend_driver
 * @name:    variable that is initialised
 * @path:    directory above those of the devices, such as "backend/vbd"
 * @keys:    names of the keys that matter, ending with NULL
 * @told_fn: told() of struct xpv_dirs; returns xpv_backend_is_over() when the
 *           device's state may have been written
 * @queue:   workqueue, a variable
 */
#define XPV_BACKEND_INIT(name, path, keys, told_fn, queue)		\
	.dirs = XPV_DIRS_INIT(name.dirs, path, keys, told_fn,		\
			      xpv_backend_reap),			\
	.gate = __MUTEX_INITIALIZER(name.gate),				\
	.wq = &(queue)

/**
 * struct xpv_backend - part of a backend device
 * @driver:  the driver
 * @fsm:     state machine of the device
 * @otherend: the frontend's directory; the device's own copy
 * @shortage: waits for room to map the rings
 * @dir:     watch of its directory
 * @old_rings: the frontend still uses the rings of an earlier backend
 * @stays:   the driver leaves the device, but its directory stays
 * @end_work: destroys the device outside of remove()
 * @halt:    ends its connection when the system goes down
 * @halted:  completed when @halt has done so
 */
struct xpv_backend {
	struct xpv_backend_driver *driver;
	struct xpv_fsm *fsm;
	const char *otherend;
	struct xpv_shortage shortage;
	struct xpv_dir dir;
	bool old_rings;
	bool stays;
	struct work_struct end_work;
	struct work_struct halt;
	struct completion halted;
};

void xpv_backend_init(struct xpv_backend *b, struct xpv_backend_driver *driver,
		      struct xpv_fsm *m, const char *otherend);
void xpv_backend_meet(struct xpv_backend *b);
bool xpv_backend_connect(struct xpv_backend *b, const char *name);
void xpv_backend_stop(struct xpv_backend *b);
void xpv_backend_await(struct xpv_backend *b);
void xpv_backend_remove(struct xpv_backend *b);
void xpv_backend_shutdown(struct xpv_backend *b);
void xpv_backend_unhalt(struct xpv_backend *b);
bool xpv_backend_is_over(struct xenbus_device *dev);
void xpv_backend_reap(struct xpv_dirs *dirs, struct xpv_dir *d,
		      struct xenbus_device *dev);
int xpv_backend_register(struct xenbus_driver *drv, const char *module);
void xpv_backend_unregister(struct xpv_backend_driver *driver,
			    struct xenbus_driver *drv);

#endif
