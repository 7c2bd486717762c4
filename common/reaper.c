// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a backend device: closed by both ends and taken offline by the
 * toolstack, it goes away even if nobody removes its directory.
 */
#include <linux/completion.h>
#include <linux/export.h>
#include <xenpv/machine.h>
#include <xenpv/store.h>

/*
 * A toolstack that detaches an idle device writes Closing over our Closed and
 * then waits for Closed. Only if the directory is still there: writing to a
 * removed one would create it again.
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
 * xpv_reaper_wanted() - whether a backend device is to go
 * @dev: its state was written
 *
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
 * @gate: the driver holds it around xenbus_unregister_driver()
 *
 * Unregistering must be serial with the bus's own removal of vanished devices,
 * which runs in the xenwatch thread. A bus that has several threads says by
 * kill_device() who does it. Context: process, the thread of a watch.
 */
void xpv_reaper_reap(struct xenbus_device *dev, struct mutex *gate)
{
	bool mine;

	/*
	 * The driver going away removes the device from its own thread, under
	 * locks that device_unregister() wants, and waits for this callback.
	 */
	if (!mutex_trylock(gate))
		return;
	device_lock(&dev->dev);
	mine = kill_device(&dev->dev);
	device_unlock(&dev->dev);
	if (mine)
		device_unregister(&dev->dev);
	/* Last: a toolstack that reads it uses what the device has let go of. */
	xpv_store_update(xpv_reaper_write_closed, (void *)dev->nodename);
	mutex_unlock(gate);
}
EXPORT_SYMBOL_GPL(xpv_reaper_reap);

/**
 * struct xpv_farewell - a driver that is to go
 * @watch: whose first event runs the callback
 * @drv:   the driver
 * @gate:  its gate
 * @over:  there may be more events
 * @done:  it has gone
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
 * @drv:  the driver; remove() must not wait for anybody's I/O
 * @gate: as for xpv_reaper_reap()
 *
 * Elsewhere remove() would wait, with the device locked, for the xenwatch thread
 * to be done with the watches. That thread may want the same lock, to remove a
 * device whose directory has just gone. So this is done there. Context: module
 * exit.
 */
void xpv_reaper_unregister(struct xenbus_driver *drv, struct mutex *gate)
{
	/* The store tells one event of each watch at once. */
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
