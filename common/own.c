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

/* Another instance is seen by these. */
const char *const xpv_own_keys[] = { "state", "backend", "backend-id", NULL };
EXPORT_SYMBOL_GPL(xpv_own_keys);

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

/**
 * xpv_own_told() - something was written into a folder
 * @d:   of a struct xpv_own
 * @key: what
 *
 * From the moment that the device is to be bound anew nothing is written into the
 * folder, or the new backend would connect to rings that remove() gives up.
 *
 * Return: whether it is to be bound anew.
 */
bool xpv_own_told(struct xpv_dir *d, const char *key)
{
	struct xpv_own *own = container_of(d, struct xpv_own, dir);
	bool is_new;

	if (system_state > SYSTEM_RUNNING)
		return false;
	mutex_lock(&own->lock);
	is_new = xpv_own_is_new(XBT_NIL, d->dev);
	WRITE_ONCE(own->renewing, is_new);
	mutex_unlock(&own->lock);
	return is_new;
}
EXPORT_SYMBOL_GPL(xpv_own_told);

/**
 * xpv_own_renew() - have the bus bind a device anew
 * @dirs: the driver's
 * @d:    of a struct xpv_own that may be gone, or be the next instance's
 * @dev:  device, with a reference
 *
 * Here and in no work item: remove() waits for other callbacks of the xenwatch
 * thread with the device locked, and the bus, whose callback may be one of them,
 * locks the device to unregister it. In the thread itself neither waits. It is
 * also where the bus calls remove() and probe(); with a device that is parked
 * both are short.
 */
void xpv_own_renew(struct xpv_dirs *dirs, struct xpv_dir *d,
		   struct xenbus_device *dev)
{
	unsigned int noio;

	if (!xpv_own_is_idle(&dev->dev)) {
		mutex_lock(&dirs->lock);
		if (xpv_dir_is_listed(dirs, d))
			WRITE_ONCE(container_of(d, struct xpv_own, dir)->renewing,
				   false);
		mutex_unlock(&dirs->lock);
		return;
	}
	/* Memory may have to be freed by writing to this very disk. */
	noio = memalloc_noio_save();
	if (device_reprobe(&dev->dev))
		dev_warn(&dev->dev, "cannot be bound anew\n");
	memalloc_noio_restore(noio);
}
EXPORT_SYMBOL_GPL(xpv_own_renew);

/* Only if there is a state: a folder must not come back with just this in it. */
static int xpv_own_write_again(void *data, struct xenbus_transaction xbt)
{
	const char *dir = data;
	int state;

	if (xenbus_scanf(xbt, dir, "state", "%d", &state) != 1)
		return -ENOENT;
	return xenbus_printf(xbt, dir, "state", "%d", state);
}

/**
 * xpv_own_start() - look after the folder; for probe()
 * @own:  to fill
 * @m:    the device's machine; it does not write into another instance's folder
 *        from now on
 * @dirs: the driver's
 *
 * Another instance makes the bus call remove() and probe(), in the xenwatch
 * thread, as newer kernels do by themselves. A new folder is Initialising
 * whatever the bus remembers of the one before: the device's state is that then.
 * Without a watch, which the store may refuse, only such kernels notice.
 *
 * Context: process.
 */
void xpv_own_start(struct xpv_own *own, struct xpv_machine *m,
		   struct xpv_dirs *dirs)
{
	struct xenbus_device *dev = m->dev;
	int err;

	if (xenbus_read_driver_state(dev->nodename) == XenbusStateInitialising)
		dev->state = XenbusStateInitialising;
	memset(own, 0, sizeof(*own));
	mutex_init(&own->lock);
	own->m = m;
	own->dirs = dirs;
	m->own = own;
	err = xpv_dir_start(dirs, &own->dir, dev);
	if (err)
		dev_warn_once(&dev->dev, "no watch on %s (%d): cannot see when a device is replaced\n",
			      dirs->watch.node, err);
	/*
	 * The bus read of an instance that was replaced before it was listed.
	 * remove() cannot be called from here; this write calls it soon.
	 */
	if (xpv_own_is_moved(XBT_NIL, dev))
		xpv_store_update(xpv_own_write_again, (void *)dev->nodename);
}
EXPORT_SYMBOL_GPL(xpv_own_start);

static bool xpv_own_is_replaced(struct xpv_own *own)
{
	bool is_new;

	if (READ_ONCE(own->renewing))
		return true;
	mutex_lock(&own->lock);
	is_new = xpv_own_is_new(XBT_NIL, own->m->dev);
	mutex_unlock(&own->lock);
	return is_new;
}

/*
 * Whether both folders are gone: a toolstack that detaches a device whose backend
 * has died removes the frontend's folder without a word, perhaps to attach it
 * again. But so it looks long after an orderly end, which the driver has to know of.
 */
static bool xpv_own_is_orphaned(struct xpv_own *own)
{
	struct xenbus_device *dev = own->m->dev;

	return xenbus_read_driver_state(dev->nodename) == XenbusStateUnknown &&
	       dev->otherend &&
	       xenbus_read_driver_state(dev->otherend) == XenbusStateUnknown;
}

/**
 * xpv_own_end() - the first thing in remove(): no action runs any more
 * @own: started, or zeroed memory
 *
 * One order for all: the machine stops, then it is found out why the device goes,
 * then the folder is looked after no more. An action that runs meanwhile may
 * still write a state, and does not write it into another instance's folder. That
 * holds for the states that the driver writes after this, too.
 *
 * Return: why the device goes. Context: process, without machine.act.
 */
struct xpv_own_fate xpv_own_end(struct xpv_own *own)
{
	struct xpv_own_fate fate = {};

	if (!own->m)
		return fate;
	xpv_machine_stop(own->m);
	fate.replaced = xpv_own_is_replaced(own);
	fate.orphaned = xpv_own_is_orphaned(own);
	xpv_dir_stop(own->dirs, &own->dir);
	return fate;
}
EXPORT_SYMBOL_GPL(xpv_own_end);

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
