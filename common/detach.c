// SPDX-License-Identifier: GPL-2.0-only
/*
 * Detached devices: the driver has left one place on the bus and waits until
 * the toolstack attaches the next instance.
 */
#include <linux/export.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xenpv/detach.h>
#include <xenpv/store.h>
#include "common.h"

/*
 * Interval at which devices that the bus did not bind are offered to it again.
 */
#define XPV_DETACH_LOOK	HZ
/* Longer than a driver needs to destroy a device. */
#define XPV_DETACH_GOING	(30 * HZ)

/* A device that is being destroyed. */
struct xpv_going {
	struct list_head list;
	const char *key;
};

static void xpv_detach_key(char *key, const struct xenbus_device *dev)
{
	snprintf(key, XPV_KEY_MAX, "%s/%s", dev->devicetype,
		 kbasename(dev->nodename));
}

/* Remove @p from the lot; false if somebody else did. */
static bool xpv_detach_leave(struct xpv_detached *p)
{
	if (list_empty(&p->list))
		return false;
	list_del_init(&p->list);
	return true;
}

/* Destroy @p, which was removed from its lot. It is freed when this returns. */
static void xpv_detach_end(struct xpv_lot *lot, struct xpv_detached *p)
{
	struct xenbus_device *dev = p->dev;
	char key[XPV_KEY_MAX];
	struct xpv_going going = { .key = key };

	strscpy(key, p->key, sizeof(key));
	mutex_lock(&lot->lock);
	list_add(&going.list, &lot->going);
	mutex_unlock(&lot->lock);

	lot->expire(p);
	put_device(&dev->dev);

	mutex_lock(&lot->lock);
	list_del(&going.list);
	mutex_unlock(&lot->lock);
	wake_up_all(&lot->wait);
}

/* A device that the bus shall try to bind again. */
struct xpv_detach_offer {
	struct work_struct work;
	struct xenbus_device *dev;
};

static void xpv_detach_offer_work(struct work_struct *work)
{
	struct xpv_detach_offer *o = container_of(work, struct xpv_detach_offer,
						  work);
	/* Reclaim may have to write to a detached disk. */
	unsigned int noio = memalloc_noio_save();

	if (device_attach(&o->dev->dev) < 0)
		dev_dbg(&o->dev->dev, "no driver yet\n");
	memalloc_noio_restore(noio);
	put_device(&o->dev->dev);
	kfree(o);
}

/*
 * True if an unbound device can be bound: its backend can be read, and the
 * toolstack is not removing it. The states tell nothing: when the bus failed to
 * bind the device, it wrote Closing, and the backend followed. A driver that is
 * bound starts again, and so does the backend.
 */
static bool xpv_detach_is_ready(struct xenbus_device *dev)
{
	enum xenbus_state mine = xpv_driver_state(dev->nodename);
	enum xenbus_state peer;
	bool online;
	char *path;

	path = xenbus_read(XBT_NIL, dev->nodename, "backend", NULL);
	if (IS_ERR(path))
		return false;
	peer = xpv_driver_state(path);
	if (xpv_store_flag(path, "online", false, &online))
		online = false;
	kfree(path);
	if (mine == XenbusStateUnknown || peer == XenbusStateUnknown)
		return false;
	return online || mine == XenbusStateInitialising;
}

/*
 * The bus tries to bind a device only once, and fails if the backend cannot be
 * read at that moment: the backend's domain may have died again, or the
 * toolstack may not have granted the access yet. The xenbus of some kernels
 * does not notice when the toolstack has written the directory anew.
 */
static void xpv_detach_look(struct xpv_detached *p)
{
	const char *name = dev_name(&p->dev->dev);
	struct xpv_detach_offer *o;
	struct xenbus_device *dev;
	struct device *d;

	d = bus_find_device_by_name(p->dev->dev.bus, NULL, name);
	if (!d)
		return;
	dev = to_xenbus_device(d);
	if (READ_ONCE(d->driver) || !xpv_detach_is_ready(dev))
		goto out;
	o = kmalloc(sizeof(*o), GFP_NOIO);
	if (!o)
		goto out;
	INIT_WORK(&o->work, xpv_detach_offer_work);
	o->dev = dev;
	queue_work(xpv_wq, &o->work);
	return;
out:
	put_device(d);
}

static void xpv_detach_timer(struct work_struct *work)
{
	struct xpv_detached *p = container_of(to_delayed_work(work),
					      struct xpv_detached, timer);
	struct xpv_lot *lot = p->lot;
	bool detached, over;
	long left;

	/*
	 * Whoever reattaches the device removes it from the lot and then waits
	 * for this function.
	 */
	mutex_lock(&lot->lock);
	left = p->until - jiffies;
	over = left <= 0;
	detached = over ? xpv_detach_leave(p) : !list_empty(&p->list);
	mutex_unlock(&lot->lock);
	if (!detached)
		return;
	if (over) {
		xpv_detach_end(lot, p);
		return;
	}
	xpv_detach_look(p);
	queue_delayed_work(xpv_wq, &p->timer, min_t(long, left, XPV_DETACH_LOOK));
}

/**
 * xpv_detach() - detach a device that the bus takes away; for remove()
 * @lot:   the driver's lot
 * @p:     part of the driver's device
 * @dev:   the device on the bus; a reference is held until @p is reattached or
 *         destroyed, but it has no other end any more
 * @msecs: timeout; then @lot->expire() is called in process context
 *
 * The caller has stopped everything that reads the other end. The bus will
 * write no state for @dev.
 *
 * Context: process.
 */
void xpv_detach(struct xpv_lot *lot, struct xpv_detached *p,
		struct xenbus_device *dev, unsigned int msecs)
{
	/* After remove() xenbus_switch_state() then has nothing to write. */
	dev->state = XenbusStateClosed;
	get_device(&dev->dev);
	p->dev = dev;
	p->lot = lot;
	xpv_detach_key(p->key, dev);
	p->until = jiffies + msecs_to_jiffies(msecs);
	INIT_DELAYED_WORK(&p->timer, xpv_detach_timer);
	mutex_lock(&lot->lock);
	list_add(&p->list, &lot->detached);
	mutex_unlock(&lot->lock);
	queue_delayed_work(xpv_wq, &p->timer,
			   min_t(unsigned long, msecs_to_jiffies(msecs),
				 XPV_DETACH_LOOK));
}
EXPORT_SYMBOL_GPL(xpv_detach);

static struct xpv_detached *xpv_detach_find(struct xpv_lot *lot, const char *key)
{
	struct xpv_detached *p;

	list_for_each_entry(p, &lot->detached, list)
		if (!strcmp(p->key, key) && xpv_detach_leave(p))
			return p;
	return NULL;
}

static bool xpv_detach_is_going(struct xpv_lot *lot, const char *key)
{
	struct xpv_going *g;
	bool going = false;

	mutex_lock(&lot->lock);
	list_for_each_entry(g, &lot->going, list)
		if (!strcmp(g->key, key))
			going = true;
	mutex_unlock(&lot->lock);
	return going;
}

/**
 * xpv_reattach() - reattach a device; for probe()
 * @lot: the driver's lot
 * @dev: the device on the bus, new or the same
 *
 * If the previous instance is being destroyed, this waits for the end of that,
 * with a limit, because its names may be in use until then.
 *
 * Return: the detached device, which the caller connects with @dev, or NULL.
 * Context: process.
 */
struct xpv_detached *xpv_reattach(struct xpv_lot *lot, struct xenbus_device *dev)
{
	char key[XPV_KEY_MAX];
	struct xpv_detached *p;

	xpv_detach_key(key, dev);
	mutex_lock(&lot->lock);
	p = xpv_detach_find(lot, key);
	mutex_unlock(&lot->lock);
	if (!p) {
		wait_event_timeout(lot->wait, !xpv_detach_is_going(lot, key),
				   XPV_DETACH_GOING);
		return NULL;
	}
	cancel_delayed_work_sync(&p->timer);
	put_device(&p->dev->dev);
	p->dev = NULL;
	return p;
}
EXPORT_SYMBOL_GPL(xpv_reattach);

/**
 * xpv_lot_clear() - destroy all detached devices; for the module's exit
 * @lot: the lot of a driver that is unregistered, so nothing is added any more
 *
 * Context: process.
 */
void xpv_lot_clear(struct xpv_lot *lot)
{
	struct xpv_detached *p;

	mutex_lock(&lot->lock);
	while ((p = list_first_entry_or_null(&lot->detached, struct xpv_detached,
					     list))) {
		list_del_init(&p->list);
		mutex_unlock(&lot->lock);
		cancel_delayed_work_sync(&p->timer);
		xpv_detach_end(lot, p);
		mutex_lock(&lot->lock);
	}
	mutex_unlock(&lot->lock);
	/* Their timer's code is not in the module, but expire() is. */
	wait_event(lot->wait, list_empty_careful(&lot->going));
}
EXPORT_SYMBOL_GPL(xpv_lot_clear);

/**
 * xpv_detach_child() - move a disk or netdev away from its place on the bus, or
 * back
 * @child:  a registered device of a class
 * @parent: device on the bus; NULL while detached, because the bus removes
 *          everything below its device from sysfs
 *
 * User space gets no event: the next instance has the same name, so the child
 * gets its old path again.
 *
 * Return: 0 or a negative error.
 * Context: process.
 */
int xpv_detach_child(struct device *child, struct device *parent)
{
	struct kobject *folder = kobject_get(child->kobj.parent);
	bool quiet = dev_get_uevent_suppress(child);
	int err;

	dev_set_uevent_suppress(child, true);
	err = device_move(child, parent, DPM_ORDER_NONE);
	dev_set_uevent_suppress(child, quiet);
	/*
	 * The class's directory below the parent; nothing else drops this
	 * reference.
	 */
	if (!err)
		kobject_put(folder);
	kobject_put(folder);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_detach_child);
