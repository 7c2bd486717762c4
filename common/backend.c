// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life cycle of a backend's devices, the same for all backends.
 *
 * A device ends when its directory has gone; when both ends have closed it and
 * the toolstack has set it offline, even if nobody removes its directory; when
 * the module is unloaded. Its connection also ends when the system goes down:
 * what a guest has granted must be unmapped before a kexec, because the memory
 * where it is mapped belongs to the next kernel then. But a disk that hangs, or
 * a packet that somebody keeps, must not keep the machine from going down.
 */
#include <linux/export.h>
#include <linux/jiffies.h>
#include <xen/xen.h>
#include <xenpv/backend.h>
#include <xenpv/store.h>

/* How long shutdown() waits, for all devices together from the first one on. */
#define XPV_BACKEND_HALT_SECS	10

/**
 * xpv_backend_await() - tell the frontend to wait for the next backend
 * @b: no longer connected
 *
 * The module is unloaded, or the system goes down. All requests that were taken
 * have been answered, and nothing is mapped. The frontend takes the other
 * requests back, and waits for a backend that may offer less.
 *
 * Context: process; the state machine is stopped.
 */
void xpv_backend_await(struct xpv_backend *b)
{
	if (b->driver->serving & BIT(xpv_fsm_state(b->fsm)))
		xpv_fsm_switch(b->fsm, XenbusStateInitialising);
}
EXPORT_SYMBOL_GPL(xpv_backend_await);

/**
 * xpv_backend_unhalt() - wait for the end that a shutdown may have begun
 * @b: initialised
 *
 * Called before end() of the driver anyway.
 *
 * Context: process.
 */
void xpv_backend_unhalt(struct xpv_backend *b)
{
	cancel_work_sync(&b->halt);
}
EXPORT_SYMBOL_GPL(xpv_backend_unhalt);

/* Destroy a device, after the end that a shutdown may have begun. */
static void xpv_backend_end(struct xpv_backend *b)
{
	xpv_backend_unhalt(b);
	b->driver->end(b);
}

static void xpv_backend_end_work(struct work_struct *work)
{
	struct xpv_backend *b = container_of(work, struct xpv_backend, end_work);

	xpv_backend_end(b);
}

/* The system goes down. The frontend waits for whoever serves it next. */
static void xpv_backend_halt(struct work_struct *work)
{
	struct xpv_backend *b = container_of(work, struct xpv_backend, halt);

	xpv_fsm_stop(b->fsm);
	b->driver->disconnect(b);
	xpv_backend_await(b);
	complete(&b->halted);
}

/**
 * xpv_backend_init() - initialise the life cycle of a device; for probe()
 * @b:      part of the device
 * @driver: the driver
 * @m:      state machine of the device
 * @otherend: the frontend's directory; stays valid as long as @b
 */
void xpv_backend_init(struct xpv_backend *b, struct xpv_backend_driver *driver,
		      struct xpv_fsm *m, const char *otherend)
{
	b->driver = driver;
	b->fsm = m;
	b->otherend = otherend;
	xpv_shortage_init(&b->shortage, m);
	INIT_WORK(&b->end_work, xpv_backend_end_work);
	INIT_WORK(&b->halt, xpv_backend_halt);
	init_completion(&b->halted);
}
EXPORT_SYMBOL_GPL(xpv_backend_init);

/**
 * xpv_backend_meet() - read the frontend's state; for probe()
 * @b: initialised, also its state machine, which was not kicked yet
 *
 * A frontend that is connected uses the rings of an earlier backend.
 *
 * Context: process.
 */
void xpv_backend_meet(struct xpv_backend *b)
{
	enum xenbus_state peer = xpv_driver_state(b->otherend);

	b->old_rings = peer == XenbusStateConnected;
	xpv_fsm_peer(b->fsm, peer);
}
EXPORT_SYMBOL_GPL(xpv_backend_meet);

/*
 * True if the frontend is still connected, even if the event has not come yet.
 */
static bool xpv_backend_keeps(struct xpv_backend *b)
{
	return xpv_driver_state(b->otherend) == XenbusStateConnected;
}

/**
 * xpv_backend_connect() - connect, if the frontend's rings can be used
 * @b:    not connected
 * @name: of the disk or interface, for the log
 *
 * A frontend with rings of an earlier backend may reconnect to us. They are
 * used only while it is connected; if it left them and connecting failed, our
 * state is InitWait again. If there is no room to map the rings, the state
 * machine runs again later.
 *
 * Return: true if connected.
 * Context: process, in an action of the machine.
 */
bool xpv_backend_connect(struct xpv_backend *b, const char *name)
{
	struct xpv_backend_driver *driver = b->driver;
	bool old_rings = b->old_rings;
	int err;

	b->old_rings = false;
	if (old_rings && !xpv_backend_keeps(b))
		return false;
	err = driver->connect(b);
	if (!err) {
		xpv_shortage_over(&b->shortage);
		return true;
	}
	if (err == -ENOSPC && xpv_fsm_state(b->fsm) == XenbusStateInitWait) {
		b->old_rings = old_rings;
		if (driver->relax)
			driver->relax();
		xpv_shortage_wait(&b->shortage, name, err, 0);
	} else if (old_rings && !xpv_backend_keeps(b)) {
		xpv_fsm_switch(b->fsm, XenbusStateInitWait);
	}
	return false;
}
EXPORT_SYMBOL_GPL(xpv_backend_connect);

/**
 * xpv_backend_stop() - stop the state machine and what kicks it
 * @b: no callback of the bus or a watch uses it any more
 *
 * Context: process.
 */
void xpv_backend_stop(struct xpv_backend *b)
{
	xpv_fsm_stop(b->fsm);
	xpv_shortage_stop(&b->shortage);
	xpv_fsm_queue_free(b->fsm);
}
EXPORT_SYMBOL_GPL(xpv_backend_stop);

/**
 * xpv_backend_remove() - end a device; for remove()
 * @b: probed; may be freed when this returns
 *
 * If the directory was removed or the module is unloaded, then this is the
 * xenwatch thread, which all devices need: it must not wait for the I/O of one
 * device. Otherwise the same device may be probed again at once, and the old
 * rings must be idle by then.
 *
 * Context: process, device locked.
 */
void xpv_backend_remove(struct xpv_backend *b)
{
	struct xpv_backend_driver *driver = b->driver;

	b->stays = xenbus_exists(XBT_NIL, b->fsm->dev->nodename, "");
	driver->unplug(b);
	if (driver->leaving || !b->stays)
		queue_work(*driver->wq, &b->end_work);
	else
		xpv_backend_end(b);
}
EXPORT_SYMBOL_GPL(xpv_backend_remove);

/**
 * xpv_backend_shutdown() - end a connection in a limited time; for shutdown()
 * @b: probed
 *
 * The connection may still be ending when this returns; see
 * xpv_backend_unhalt(). In the control domain this does nothing: there is no
 * kexec there that guests survive.
 *
 * Context: process, with the device locked; for one device at a time, because
 * the system shuts its devices down one by one.
 */
void xpv_backend_shutdown(struct xpv_backend *b)
{
	static unsigned long end;
	unsigned long now = jiffies;

	if (xen_initial_domain())
		return;
	if (!end)
		end = (now + XPV_BACKEND_HALT_SECS * HZ) | 1;
	queue_work(*b->driver->wq, &b->halt);
	if (!wait_for_completion_timeout(&b->halted, time_before(now, end) ?
						     end - now : 1))
		dev_warn(&b->fsm->dev->dev,
			 "did not end in time; what is mapped stays mapped\n");
}
EXPORT_SYMBOL_GPL(xpv_backend_shutdown);

/*
 * A toolstack that detaches an idle device overwrites our Closed with Closing
 * and then waits for Closed. Write it only if the directory still exists: a
 * write would recreate a removed one.
 */
static int xpv_backend_write_closed(void *data, struct xenbus_transaction xbt)
{
	const char *dir = data;
	int state;

	if (xenbus_scanf(xbt, dir, "state", "%d", &state) != 1 ||
	    state == XenbusStateClosed)
		return -ENOENT;		/* nothing to write */
	return xenbus_printf(xbt, dir, "state", "%d", XenbusStateClosed);
}

/**
 * xpv_backend_is_over() - test whether a device has to be removed
 * @dev: device whose state was written
 *
 * Return: true if it is closed and offline.
 * Context: process.
 */
bool xpv_backend_is_over(struct xenbus_device *dev)
{
	return dev->state == XenbusStateClosed && !xenbus_dev_is_online(dev);
}
EXPORT_SYMBOL_GPL(xpv_backend_is_over);

/**
 * xpv_backend_reap() - unregister a device that is closed and offline
 * @dirs: of a struct xpv_backend_driver
 * @d:    unused, may have been freed
 * @dev:  device, with a reference
 *
 * This must be serialised with the bus's own removal of vanished devices, which
 * runs in the xenwatch thread. A bus with several threads tells by
 * kill_device() which of them removes the device.
 *
 * Context: process, in the thread of a watch.
 */
void xpv_backend_reap(struct xpv_dirs *dirs, struct xpv_dir *d,
		      struct xenbus_device *dev)
{
	struct mutex *gate = &container_of(dirs, struct xpv_backend_driver,
					   dirs)->gate;
	bool mine;

	/*
	 * A driver that is being unregistered removes the device in its own
	 * thread, under locks that device_unregister() needs, and waits for
	 * this callback.
	 */
	if (!mutex_trylock(gate))
		return;
	device_lock(&dev->dev);
	mine = kill_device(&dev->dev);
	device_unlock(&dev->dev);
	if (mine)
		device_unregister(&dev->dev);
	/*
	 * Write this last: a toolstack that reads it reuses the device's
	 * resources.
	 */
	xpv_store_update(xpv_backend_write_closed, (void *)dev->nodename);
	mutex_unlock(gate);
}
EXPORT_SYMBOL_GPL(xpv_backend_reap);

/**
 * xpv_backend_register() - register a backend driver
 * @drv:    the driver
 * @module: name of the module
 *
 * Existing devices are probed before this returns.
 *
 * Return: 0 or a negative error.
 */
int xpv_backend_register(struct xenbus_driver *drv, const char *module)
{
	/*
	 * No owner: the bus would take a module reference for each device, but
	 * the module can be unloaded and loaded again while guests use it.
	 */
	return __xenbus_register_backend(drv, NULL, module);
}
EXPORT_SYMBOL_GPL(xpv_backend_register);

/**
 * struct xpv_farewell - a driver to unregister in the xenwatch thread
 * @watch: its first event runs the callback
 * @drv:   the driver
 * @gate:  held meanwhile
 * @over:  the driver is unregistered; later events are ignored
 * @done:  completed when the driver is unregistered
 */
struct xpv_farewell {
	struct xenbus_watch watch;
	struct xenbus_driver *drv;
	struct mutex *gate;
	bool over;
	struct completion done;
};

static void xpv_backend_drop(struct xenbus_driver *drv, struct mutex *gate)
{
	mutex_lock(gate);
	xenbus_unregister_driver(drv);
	mutex_unlock(gate);
}

static void xpv_backend_farewell(struct xenbus_watch *watch, const char *path,
				 const char *token)
{
	struct xpv_farewell *f = container_of(watch, struct xpv_farewell, watch);

	if (f->over)
		return;
	f->over = true;
	xpv_backend_drop(f->drv, f->gate);
	complete(&f->done);
}

/**
 * xpv_backend_unregister() - unregister a backend driver that has devices
 * @driver: what its devices have in common
 * @drv:    the driver
 *
 * In any other thread remove() would wait, with the device locked, for the
 * xenwatch thread to finish its callbacks. The xenwatch thread may need the
 * same lock, to remove a device whose directory has just gone. So the driver is
 * unregistered in the xenwatch thread. The devices may still end in the
 * driver's workqueue when this returns. The frontends' states remain: the next
 * backend continues with their rings.
 *
 * Context: module exit.
 */
void xpv_backend_unregister(struct xpv_backend_driver *driver,
			    struct xenbus_driver *drv)
{
	/* The store fires each new watch once at registration. */
	struct xpv_farewell f = {
		.watch = {
			.node = "domid",
			.callback = xpv_backend_farewell,
		},
		.drv = drv,
		.gate = &driver->gate,
		.done = COMPLETION_INITIALIZER_ONSTACK(f.done),
	};

	driver->leaving = true;
	if (register_xenbus_watch(&f.watch)) {
		xpv_backend_drop(drv, &driver->gate);
	} else {
		wait_for_completion(&f.done);
		unregister_xenbus_watch(&f.watch);
	}
	xpv_dirs_exit(&driver->dirs);
}
EXPORT_SYMBOL_GPL(xpv_backend_unregister);
