// SPDX-License-Identifier: GPL-2.0-only
/*
 * Detect that a frontend's directory was replaced by another instance, and
 * write its state with regard to that.
 *
 * The toolstack replaces a device by writing its directory anew in one
 * transaction, with state Initialising and perhaps with another backend. The
 * xenbus of some kernels then unregisters the device and finds it again; that
 * of other kernels does not notice. So the driver checks by itself and makes
 * the bus bind the device again, which reads the path and the domain of the
 * other end.
 */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xenpv/detach.h>
#include <xenpv/store.h>

/* Maximum duration, in ms, of a probe() that saw half of a replacement. */
#define XPV_OWN_WAIT	1000

/* True if the directory names a backend other than the known one. */
static bool xpv_instance_is_moved(struct xenbus_transaction xbt,
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

/* True if the directory belongs to another instance. Under instance->lock. */
static bool xpv_instance_is_new(struct xenbus_transaction xbt,
				const struct xpv_fsm *m)
{
	struct xenbus_device *dev = m->dev;
	int state;

	if (xenbus_scanf(xbt, dev->nodename, "state", "%d", &state) != 1)
		return false;
	return (state == XenbusStateInitialising &&
		xpv_fsm_state(m) > XenbusStateInitialising) ||
	       xpv_instance_is_moved(xbt, dev);
}

/* A write to any of these keys may mean another instance. */
const char *const xpv_instance_keys[] = { "state", "backend", "backend-id", NULL };
EXPORT_SYMBOL_GPL(xpv_instance_keys);

/*
 * Whoever holds the device lock is either binding the device, which is soon
 * done, or unbinding it. Unbinding may wait for our thread, so we must not wait
 * for long, and need not bind it again.
 */
static bool xpv_instance_is_idle(struct device *dev)
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
 * Change the state that the bus sees. Since Linux 7.0 the bus compares it with
 * the state in the store, in the xenwatch thread, whenever something was
 * written into the directory: Initialising in the store and a later state here
 * is a reset to it, and it unregisters the device. It may read the store before
 * our write, and the memory after it. So a device leaves Initialising, as the
 * bus sees it, only in the xenwatch thread: in xpv_instance_told(), which the
 * write of the state triggers.
 */
static void xpv_instance_set(struct xpv_instance *instance,
			     enum xenbus_state state, bool written)
{
	struct xpv_fsm *m = instance->m;

	lockdep_assert_held(&instance->lock);
	if (written && instance->watched &&
	    m->dev->state == XenbusStateInitialising &&
	    state > XenbusStateInitialising) {
		WRITE_ONCE(m->ahead, state);
		return;
	}
	WRITE_ONCE(m->dev->state, state);
	WRITE_ONCE(m->ahead, XenbusStateUnknown);
}

/**
 * xpv_instance_told() - a key in a device's directory was written
 * @d:   of a struct xpv_instance
 * @key: name of the key
 *
 * From the moment that the device has to be bound again, nothing is written
 * into the directory. Otherwise the new backend would connect to rings that
 * remove() frees.
 *
 * Return: true if the device has to be bound again.
 * Context: process, in the xenwatch thread.
 */
bool xpv_instance_told(struct xpv_dir *d, const char *key)
{
	struct xpv_instance *instance = container_of(d, struct xpv_instance, dir);
	struct xpv_fsm *m = instance->m;
	bool is_new;

	if (system_state > SYSTEM_RUNNING)
		return false;
	mutex_lock(&instance->lock);
	is_new = xpv_instance_is_new(XBT_NIL, m);
	WRITE_ONCE(instance->renewing, is_new);
	if (!is_new && m->ahead)
		xpv_instance_set(instance, xpv_fsm_state(m), false);
	mutex_unlock(&instance->lock);
	return is_new;
}
EXPORT_SYMBOL_GPL(xpv_instance_told);

/**
 * xpv_instance_renew() - make the bus bind a device again
 * @dirs: the driver's directories
 * @d:    of a struct xpv_instance that may have been freed, or belong to the next
 *        instance
 * @dev:  device, with a reference
 *
 * This runs in the xenwatch thread and not in a work item. remove() waits for
 * other callbacks of that thread with the device locked, and one of those
 * callbacks may be the bus's, which locks the device to unregister it. In the
 * thread itself neither of the two waits. The bus calls remove() and probe()
 * there as well, and both are short for a device that is detached and
 * reattached.
 */
void xpv_instance_renew(struct xpv_dirs *dirs, struct xpv_dir *d,
			struct xenbus_device *dev)
{
	unsigned int noio;

	if (!xpv_instance_is_idle(&dev->dev)) {
		mutex_lock(&dirs->lock);
		if (xpv_dir_is_listed(dirs, d))
			WRITE_ONCE(container_of(d, struct xpv_instance, dir)->renewing,
				   false);
		mutex_unlock(&dirs->lock);
		return;
	}
	/* Reclaim may have to write to this disk. */
	noio = memalloc_noio_save();
	if (device_reprobe(&dev->dev))
		dev_warn(&dev->dev, "cannot be bound anew\n");
	memalloc_noio_restore(noio);
}
EXPORT_SYMBOL_GPL(xpv_instance_renew);

/*
 * Write only if there is a state: this must not recreate a removed directory.
 */
static int xpv_instance_write_again(void *data, struct xenbus_transaction xbt)
{
	const char *dir = data;
	int state;

	if (xenbus_scanf(xbt, dir, "state", "%d", &state) != 1)
		return -ENOENT;
	return xenbus_printf(xbt, dir, "state", "%d", state);
}

struct xpv_instance_change {
	const struct xpv_fsm *m;
	enum xenbus_state state;
};

static int xpv_instance_write(void *data, struct xenbus_transaction xbt)
{
	struct xpv_instance_change *c = data;
	struct xenbus_device *dev = c->m->dev;
	int is;

	/* This write must not recreate a removed directory. */
	if (xenbus_scanf(xbt, dev->nodename, "state", "%d", &is) != 1)
		return -ENOENT;
	if (xpv_instance_is_new(xbt, c->m))
		return -ESTALE;
	/*
	 * A bus that detects new instances itself compares the states without
	 * our lock, so Initialising must not be in the store alone.
	 */
	if (c->state == XenbusStateInitialising)
		WRITE_ONCE(dev->state, c->state);
	return xenbus_printf(xbt, dev->nodename, "state", "%d", c->state);
}

/*
 * xenbus_switch_state() that spares another instance. If the directory is gone
 * or belongs to another instance, only the device's state changes. Returns 0 or
 * the store's error; the old state is kept on an error.
 */
static int xpv_instance_switch(struct xpv_instance *instance,
			       enum xenbus_state state)
{
	struct xpv_fsm *m = instance->m;
	struct xpv_instance_change c = { m, state };
	enum xenbus_state old;
	bool lost;
	int err = 0;

	mutex_lock(&instance->lock);
	old = m->dev->state;
	if (instance->renewing) {
		xpv_instance_set(instance, state, false);
	} else if (state != xpv_fsm_state(m)) {
		err = xpv_store_update(xpv_instance_write, &c);
		lost = err == -ENOENT || err == -ESTALE;
		/*
		 * Nothing may be written until xpv_instance_told() has seen
		 * the write that made it another instance's directory.
		 */
		if (err == -ESTALE && instance->watched)
			WRITE_ONCE(instance->renewing, true);
		if (lost)
			err = 0;
		if (err)
			WRITE_ONCE(m->dev->state, old);
		else
			xpv_instance_set(instance, state, !lost);
	}
	mutex_unlock(&instance->lock);
	if (err)
		xenbus_dev_error(m->dev, err, "writing new state");
	return err;
}

/**
 * xpv_instance_start() - watch a frontend's directory; for probe()
 * @instance: filled here
 * @m:    the device's machine; from now on it does not write into another
 *        instance's directory
 * @dirs: the driver's directories
 *
 * When another instance appears, this makes the bus call remove() and probe()
 * in the xenwatch thread, as newer kernels do by themselves. A new directory
 * starts as Initialising, so the device's state is set to that, whatever the
 * bus remembers of the previous instance. If the store allows no watch, another
 * instance is noticed only by such newer kernels.
 *
 * Context: process.
 */
void xpv_instance_start(struct xpv_instance *instance, struct xpv_fsm *m,
			struct xpv_dirs *dirs)
{
	struct xenbus_device *dev = m->dev;
	int err;

	if (xpv_driver_state(dev->nodename) == XenbusStateInitialising)
		dev->state = XenbusStateInitialising;
	memset(instance, 0, sizeof(*instance));
	mutex_init(&instance->lock);
	instance->m = m;
	instance->dirs = dirs;
	m->write = xpv_instance_switch;
	m->instance = instance;
	m->ahead = XenbusStateUnknown;
	instance->watched = true;
	err = xpv_dir_start(dirs, &instance->dir, dev);
	WRITE_ONCE(instance->watched, !err);
	if (err)
		dev_warn_once(&dev->dev, "no watch on %s (%d): cannot see when a device is replaced\n",
			      dirs->watch.node, err);
	/*
	 * The bus read the keys of an instance that was replaced before it was
	 * listed. remove() cannot be called from here; this write triggers it.
	 */
	if (xpv_instance_is_moved(XBT_NIL, dev))
		xpv_store_update(xpv_instance_write_again, (void *)dev->nodename);
}
EXPORT_SYMBOL_GPL(xpv_instance_start);

/*
 * The bus may notice another instance while an action of the machine makes our
 * state Initialising, too; the two look the same then. But the bus will probe
 * the directory as it is.
 */
static bool xpv_instance_is_reset(const struct xenbus_device *dev)
{
	return xpv_is_vanished(dev) &&
	       xpv_driver_state(dev->nodename) == XenbusStateInitialising;
}

static bool xpv_instance_is_replaced(struct xpv_instance *instance)
{
	bool is_new;

	if (READ_ONCE(instance->renewing) ||
	    xpv_instance_is_reset(instance->m->dev))
		return true;
	mutex_lock(&instance->lock);
	is_new = xpv_instance_is_new(XBT_NIL, instance->m);
	mutex_unlock(&instance->lock);
	return is_new;
}

/*
 * True if the directories of both ends are gone. A toolstack that detaches a
 * device whose backend has died just removes the frontend's directory, perhaps
 * to attach it again. The directories are also gone long after an orderly
 * close, which the driver has to tell apart itself.
 */
static bool xpv_instance_is_orphaned(struct xpv_instance *instance)
{
	struct xenbus_device *dev = instance->m->dev;

	return xpv_driver_state(dev->nodename) == XenbusStateUnknown &&
	       dev->otherend &&
	       xpv_driver_state(dev->otherend) == XenbusStateUnknown;
}

/**
 * xpv_instance_resume() - the bus has set a device to Initialising
 * @instance: started
 *
 * For resume(): a state of before the suspend does not count any more.
 *
 * Context: process.
 */
void xpv_instance_resume(struct xpv_instance *instance)
{
	if (!instance->m)
		return;
	mutex_lock(&instance->lock);
	xpv_instance_set(instance, XenbusStateInitialising, false);
	mutex_unlock(&instance->lock);
}
EXPORT_SYMBOL_GPL(xpv_instance_resume);

/**
 * xpv_instance_end() - stop the machine and the watch; called first in remove()
 * @instance: started, or zeroed memory
 *
 * The order is the same for all drivers: stop the machine, find out why the
 * device leaves, stop watching the directory. An action that still runs may
 * write a state, but never into another instance's directory. The same holds
 * for states that the driver writes later.
 *
 * Return: why the device leaves the bus.
 * Context: process, without fsm.act.
 */
struct xpv_instance_fate xpv_instance_end(struct xpv_instance *instance)
{
	struct xpv_instance_fate fate = {};

	if (!instance->m)
		return fate;
	xpv_fsm_stop(instance->m);
	fate.replaced = xpv_instance_is_replaced(instance);
	fate.orphaned = xpv_instance_is_orphaned(instance);
	xpv_dir_stop(instance->dirs, &instance->dir);
	return fate;
}
EXPORT_SYMBOL_GPL(xpv_instance_end);

/**
 * xpv_instance_check() - test whether keys for the known backend may be written
 * @xbt: transaction in which they are written
 * @dev: device
 *
 * Return: 0; -ENOENT if the directory is gone, -ESTALE if it has another
 * backend.
 * Context: process.
 */
int xpv_instance_check(struct xenbus_transaction xbt, struct xenbus_device *dev)
{
	if (!xenbus_exists(xbt, dev->nodename, "backend"))
		return -ENOENT;
	return xpv_instance_is_moved(xbt, dev) ? -ESTALE : 0;
}
EXPORT_SYMBOL_GPL(xpv_instance_check);
