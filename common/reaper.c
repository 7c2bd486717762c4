// SPDX-License-Identifier: GPL-2.0-only
/*
 * Remove a backend device that both ends have closed and that the toolstack has
 * set offline, even if nobody removes its directory.
 */
#include <linux/completion.h>
#include <linux/export.h>
#include <xenpv/machine.h>
#include <xenpv/store.h>

/*
 * A toolstack that detaches an idle device overwrites our Closed with Closing
 * and then waits for Closed. Write it only if the directory still exists: a
 * write would recreate a removed one.
 */
static int xpv_reaper_write_closed(void *data, struct xenbus_transaction xbt)
{
	const char *dir = data;
	int state;

	if (xenbus_scanf(xbt, dir, "state", "%d", &state) != 1 ||
	    state == XenbusStateClosed)
		return -ENOENT;		/* nothing to write */
	return xenbus_printf(xbt, dir, "state", "%d", XenbusStateClosed);
}

/**
 * xpv_reaper_wanted() - test whether a backend device has to be removed
 * @dev: device whose state was written
 *
 * Return: true if it is closed and offline.
 * Context: process.
 */
bool xpv_reaper_wanted(struct xenbus_device *dev)
{
	return dev->state == XenbusStateClosed && !xenbus_dev_is_online(dev);
}
EXPORT_SYMBOL_GPL(xpv_reaper_wanted);

/**
 * xpv_reaper_reap() - unregister a backend device that is closed and offline
 * @dev:  device, with a reference
 * @gate: mutex that the driver holds around xenbus_unregister_driver()
 *
 * This must be serialised with the bus's own removal of vanished devices, which
 * runs in the xenwatch thread. A bus with several threads tells by
 * kill_device() which of them removes the device.
 *
 * Context: process, in the thread of a watch.
 */
void xpv_reaper_reap(struct xenbus_device *dev, struct mutex *gate)
{
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
	xpv_store_update(xpv_reaper_write_closed, (void *)dev->nodename);
	mutex_unlock(gate);
}
EXPORT_SYMBOL_GPL(xpv_reaper_reap);

/**
 * struct xpv_farewell - a driver to unregister in the xenwatch thread
 * @watch: its first event runs the callback
 * @drv:   the driver
 * @gate:  the driver's gate
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

static void xpv_reaper_drop(struct xenbus_driver *drv, struct mutex *gate)
{
	mutex_lock(gate);
	xenbus_unregister_driver(drv);
	mutex_unlock(gate);
}

static void xpv_reaper_farewell(struct xenbus_watch *watch, const char *path,
				const char *token)
{
	struct xpv_farewell *f = container_of(watch, struct xpv_farewell, watch);

	if (f->over)
		return;
	f->over = true;
	xpv_reaper_drop(f->drv, f->gate);
	complete(&f->done);
}

/**
 * xpv_reaper_unregister() - unregister a backend driver that has devices
 * @drv:  the driver; its remove() must not wait for a peer's I/O
 * @gate: as for xpv_reaper_reap()
 *
 * In any other thread remove() would wait, with the device locked, for the
 * xenwatch thread to finish its callbacks. The xenwatch thread may need the
 * same lock, to remove a device whose directory has just gone. So the driver is
 * unregistered in the xenwatch thread.
 *
 * Context: module exit.
 */
void xpv_reaper_unregister(struct xenbus_driver *drv, struct mutex *gate)
{
	/* The store fires each new watch once at registration. */
	struct xpv_farewell f = {
		.watch = {
			.node = "domid",
			.callback = xpv_reaper_farewell,
		},
		.drv = drv,
		.gate = gate,
		.done = COMPLETION_INITIALIZER_ONSTACK(f.done),
	};

	if (register_xenbus_watch(&f.watch)) {
		xpv_reaper_drop(drv, gate);
		return;
	}
	wait_for_completion(&f.done);
	unregister_xenbus_watch(&f.watch);
}
EXPORT_SYMBOL_GPL(xpv_reaper_unregister);
