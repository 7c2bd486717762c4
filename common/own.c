// SPDX-License-Identifier: GPL-2.0-only
/*
 * A frontend's own folder: is it still the one that the driver was probed for?
 *
 * The toolstack replaces a device by making its folder anew in one transaction,
 * with state Initialising and perhaps with another backend. Some kernels'
 * xenbus unregisters the device then and finds it again, others notice nothing.
 * So a driver looks for itself and has the bus bind it anew, which reads the
 * other end's path and number.
 */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xenpv/park.h>
#include <xenpv/store.h>

/* ms that a probe() may take which saw half of a replacement. */
#define XPV_OWN_WAIT	1000

/* Whether the folder has a backend that is not the one we know. */
static bool xpv_own_is_moved(struct xenbus_transaction xbt,
			     struct xenbus_device *dev)
{
	bool moved;
	char *path;
	int id;

	if (!dev->otherend)
		return false;
	path = xenbus_read(xbt, dev->nodename, "backend", NULL);
	if (IS_ERR(path))
		return false;
	moved = strcmp(path, dev->otherend);
	kfree(path);
	return moved ||
	       (xenbus_scanf(xbt, dev->nodename, "backend-id", "%i", &id) == 1 &&
		id != dev->otherend_id);
}

/* Whether the folder is another instance's. Under own->lock. */
static bool xpv_own_is_new(struct xenbus_transaction xbt,
			   struct xenbus_device *dev)
{
	int state;

	if (xenbus_scanf(xbt, dev->nodename, "state", "%d", &state) != 1)
		return false;
	return (state == XenbusStateInitialising &&
		dev->state > XenbusStateInitialising) ||
	       xpv_own_is_moved(xbt, dev);
}

/* Drivers' own writes of rings and features are no news. */
static bool xpv_own_will_handle(struct xenbus_watch *watch, const char *path,
				const char *token)
{
	const char *leaf = strrchr(path, '/');

	if (watch->nr_pending)
		return false;
	leaf = leaf ? leaf + 1 : path;
	return !strcmp(path, watch->node) || !strcmp(leaf, "state") ||
	       !strcmp(leaf, "backend") || !strcmp(leaf, "backend-id");
}

/*
 * Who has the device locked is binding it, and soon done, or unbinding it: that
 * may wait for our thread, so we must not wait for long, and need not tell.
 */
static bool xpv_own_is_idle(struct device *dev)
{
	unsigned int waited;

	for (waited = 0; !device_trylock(dev); waited += 20) {
		if (waited >= XPV_OWN_WAIT)
			return false;
		msleep(20);
	}
	device_unlock(dev);
	return true;
}

/*
 * From the moment that the device is to be bound anew nothing is written into the
 * folder, or the new backend would connect to rings that remove() gives up.
 */
static bool xpv_own_decide(struct xpv_own *own, struct xenbus_device *dev)
{
	bool is_new;

	mutex_lock(&own->lock);
	is_new = xpv_own_is_new(XBT_NIL, dev);
	WRITE_ONCE(own->renewing, is_new);
	mutex_unlock(&own->lock);
	return is_new;
}

/*
 * Here and in no work item: remove() waits for other callbacks of the xenwatch
 * thread with the device locked, and the bus, whose callback may be one of them,
 * locks the device to unregister it. In the thread itself neither waits. It is
 * also where the bus calls remove() and probe(); with a device that is parked
 * both are short.
 */
static void xpv_own_written(struct xenbus_watch *watch, const char *path,
			    const char *token)
{
	struct xpv_own *own = container_of(watch, struct xpv_own, watch);
	struct xenbus_device *dev = own->m->dev;
	unsigned int noio;

	if (system_state > SYSTEM_RUNNING || !xpv_own_decide(own, dev))
		return;
	if (!xpv_own_is_idle(&dev->dev)) {
		WRITE_ONCE(own->renewing, false);
		return;
	}

	get_device(&dev->dev);
	/* Memory may have to be freed by writing to this very disk. */
	noio = memalloc_noio_save();
	/* From here on @own may be gone, or be the next instance's. */
	if (device_reprobe(&dev->dev))
		dev_warn(&dev->dev, "cannot be bound anew\n");
	memalloc_noio_restore(noio);
	put_device(&dev->dev);
}

/**
 * xpv_own_start() - look after the folder; for probe()
 * @own: to fill
 * @m:   the device's machine; it does not write into another instance's folder
 *       from now on
 *
 * Another instance makes the bus call remove() and probe(), in the xenwatch
 * thread, as newer kernels do by themselves. A new folder is Initialising
 * whatever the bus remembers of the one before: the device's state is that then.
 *
 * Return: 0 or a negative error; nothing in probe() should fail after it.
 * Context: process.
 */
int xpv_own_start(struct xpv_own *own, struct xpv_machine *m)
{
	struct xenbus_device *dev = m->dev;
	int err;

	if (xenbus_read_driver_state(dev->nodename) == XenbusStateInitialising)
		dev->state = XenbusStateInitialising;
	memset(own, 0, sizeof(*own));
	mutex_init(&own->lock);
	own->m = m;
	m->own = own;
	err = xenbus_watch_pathfmt(dev, &own->watch, xpv_own_will_handle,
				   xpv_own_written, "%s", dev->nodename);
	if (err)
		m->own = NULL;
	return err;
}
EXPORT_SYMBOL_GPL(xpv_own_start);

/**
 * xpv_own_stop() - for remove(); harmless if never started
 * @own: of the device
 *
 * Context: process, without machine.act.
 */
void xpv_own_stop(struct xpv_own *own)
{
	if (!own->m)
		return;
	xpv_store_unwatch(&own->watch);
	own->m->own = NULL;
	own->m = NULL;
}
EXPORT_SYMBOL_GPL(xpv_own_stop);

/**
 * xpv_own_replaced() - whether the folder is another instance's by now
 * @own: started
 *
 * For remove(): then nothing may be written to the folder, and the device
 * should be parked. Context: process.
 */
bool xpv_own_replaced(struct xpv_own *own)
{
	bool is_new;

	if (!own->m)
		return false;
	if (READ_ONCE(own->renewing))
		return true;
	mutex_lock(&own->lock);
	is_new = xpv_own_is_new(XBT_NIL, own->m->dev);
	mutex_unlock(&own->lock);
	return is_new;
}
EXPORT_SYMBOL_GPL(xpv_own_replaced);

/**
 * xpv_own_orphaned() - whether both folders are gone
 * @own: started
 *
 * For remove(): a toolstack that detaches a device whose backend has died
 * removes the frontend's folder without a word, perhaps to attach it again. But
 * so it looks long after an orderly end, which the driver has to know of.
 * Context: process.
 */
bool xpv_own_orphaned(struct xpv_own *own)
{
	struct xenbus_device *dev;

	if (!own->m)
		return false;
	dev = own->m->dev;
	return xenbus_read_driver_state(dev->nodename) == XenbusStateUnknown &&
	       dev->otherend &&
	       xenbus_read_driver_state(dev->otherend) == XenbusStateUnknown;
}
EXPORT_SYMBOL_GPL(xpv_own_orphaned);

/**
 * xpv_own_check() - whether keys for the backend that we know still belong here
 * @xbt: in which they are written
 * @dev: device
 *
 * Return: 0; -ENOENT if the folder is gone, -ESTALE if it has another backend.
 * Context: process.
 */
int xpv_own_check(struct xenbus_transaction xbt, struct xenbus_device *dev)
{
	if (!xenbus_exists(xbt, dev->nodename, "backend"))
		return -ENOENT;
	return xpv_own_is_moved(xbt, dev) ? -ESTALE : 0;
}
EXPORT_SYMBOL_GPL(xpv_own_check);

struct xpv_own_change {
	struct xenbus_device *dev;
	enum xenbus_state state;
};

static int xpv_own_write(void *data, struct xenbus_transaction xbt)
{
	struct xpv_own_change *c = data;
	int is;

	/* A folder that was removed must not come back with just this in it. */
	if (xenbus_scanf(xbt, c->dev->nodename, "state", "%d", &is) != 1)
		return -ENOENT;
	if (xpv_own_is_new(xbt, c->dev))
		return -ESTALE;
	/*
	 * A bus that looks for new instances itself compares without our lock:
	 * it must not see Initialising in the store alone.
	 */
	if (c->state == XenbusStateInitialising)
		c->dev->state = c->state;
	return xenbus_printf(xbt, c->dev->nodename, "state", "%d", c->state);
}

/**
 * xpv_own_switch() - xenbus_switch_state() but for another instance's folder
 * @own:   started
 * @state: new state
 *
 * If the folder is gone or another instance's only the device's state changes.
 *
 * Return: 0 or the store's error, with the old state kept. Context: process.
 */
int xpv_own_switch(struct xpv_own *own, enum xenbus_state state)
{
	struct xpv_own_change c = { own->m->dev, state };
	enum xenbus_state old;
	int err = 0;

	mutex_lock(&own->lock);
	old = c.dev->state;
	if (own->renewing) {
		c.dev->state = state;
	} else if (state != old) {
		err = xpv_store_update(xpv_own_write, &c);
		if (err == -ENOENT || err == -ESTALE)
			err = 0;
		c.dev->state = err ? old : state;
	}
	mutex_unlock(&own->lock);
	if (err)
		xenbus_dev_error(c.dev, err, "writing new state");
	return err;
}
EXPORT_SYMBOL_GPL(xpv_own_switch);
