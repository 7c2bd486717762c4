// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices between two places on the bus: their driver has left one, and waits
 * for the toolstack to show it the next.
 */
#include <linux/export.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xenpv/park.h>
#include <xenpv/store.h>
#include "common.h"

/* How often a lot looks for what the bus had no driver for. */
#define XPV_PARK_LOOK	HZ
/* Longer than a driver needs to destroy a device. */
#define XPV_PARK_GOING	(30 * HZ)

/* A device whose end is under way. */
struct xpv_going {
	struct list_head list;
	const char *key;
};

static void xpv_park_key(char *key, const struct xenbus_device *dev)
{
	snprintf(key, XPV_KEY_MAX, "%s/%s", dev->devicetype,
		 kbasename(dev->nodename));
}

/* Takes it out of the lot; false if somebody else did. */
static bool xpv_park_leave(struct xpv_parked *p)
{
	if (list_empty(&p->list))
		return false;
	list_del_init(&p->list);
	return true;
}

/* @p is out of its lot, and gone when this returns. */
static void xpv_park_end(struct xpv_lot *lot, struct xpv_parked *p)
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

/* A device for the bus to look at once more. */
struct xpv_park_offer {
	struct work_struct work;
	struct xenbus_device *dev;
};

static void xpv_park_offer_work(struct work_struct *work)
{
	struct xpv_park_offer *o = container_of(work, struct xpv_park_offer,
						work);
	/* A disk that is parked may be what memory is written to. */
	unsigned int noio = memalloc_noio_save();

	if (device_attach(&o->dev->dev) < 0)
		dev_dbg(&o->dev->dev, "no driver yet\n");
	memalloc_noio_restore(noio);
	put_device(&o->dev->dev);
	kfree(o);
}

/*
 * Whether a device that is not bound can be: its backend can be read, and the
 * toolstack does not take it away. The states say nothing: when the bus failed to
 * bind the device it wrote Closing, and the backend followed. A driver that is
 * bound begins again, and so does the backend.
 */
static bool xpv_park_is_ready(struct xenbus_device *dev)
{
	enum xenbus_state mine = xenbus_read_driver_state(dev->nodename);
	enum xenbus_state peer;
	bool online;
	char *path;

	path = xenbus_read(XBT_NIL, dev->nodename, "backend", NULL);
	if (IS_ERR(path))
		return false;
	peer = xenbus_read_driver_state(path);
	if (xpv_store_flag(path, "online", false, &online))
		online = false;
	kfree(path);
	if (mine == XenbusStateUnknown || peer == XenbusStateUnknown)
		return false;
	return online || mine == XenbusStateInitialising;
}

/*
 * The bus asks for a driver once, and fails if the backend cannot be read at that
 * moment: its domain may have died again, or the toolstack may not have given us
 * the right yet. When the toolstack has made the folder anew, some kernels' xenbus
 * does not see that.
 */
static void xpv_park_look(struct xpv_parked *p)
{
	const char *name = dev_name(&p->dev->dev);
	struct xpv_park_offer *o;
	struct xenbus_device *dev;
	struct device *d;

	d = bus_find_device_by_name(p->dev->dev.bus, NULL, name);
	if (!d)
		return;
	dev = to_xenbus_device(d);
	if (READ_ONCE(d->driver) || !xpv_park_is_ready(dev))
		goto out;
	o = kmalloc(sizeof(*o), GFP_NOIO);
	if (!o)
		goto out;
	INIT_WORK(&o->work, xpv_park_offer_work);
	o->dev = dev;
	queue_work(xpv_wq, &o->work);
	return;
out:
	put_device(d);
}

static void xpv_park_timer(struct work_struct *work)
{
	struct xpv_parked *p = container_of(to_delayed_work(work),
					    struct xpv_parked, timer);
	struct xpv_lot *lot = p->lot;
	bool parked, over;
	long left;

	/* Who adopts it takes it out and then waits for us. */
	mutex_lock(&lot->lock);
	left = p->until - jiffies;
	over = left <= 0;
	parked = over ? xpv_park_leave(p) : !list_empty(&p->list);
	mutex_unlock(&lot->lock);
	if (!parked)
		return;
	if (over) {
		xpv_park_end(lot, p);
		return;
	}
	xpv_park_look(p);
	queue_delayed_work(xpv_wq, &p->timer, min_t(long, left, XPV_PARK_LOOK));
}

/**
 * xpv_park() - keep a device that the bus takes away; for remove()
 * @lot:   the driver's
 * @p:     part of the driver's device
 * @dev:   the device on the bus; there is a reference to it until @p is adopted
 *         or destroyed, but it has no other end any more
 * @msecs: how long; @lot->expire() is called then, in process context
 *
 * The caller has stopped whatever looks at the other end. The bus will write no
 * state for @dev. Context: process.
 */
void xpv_park(struct xpv_lot *lot, struct xpv_parked *p,
	      struct xenbus_device *dev, unsigned int msecs)
{
	/* xenbus_switch_state() has nothing to do then, after remove(). */
	dev->state = XenbusStateClosed;
	get_device(&dev->dev);
	p->dev = dev;
	p->lot = lot;
	xpv_park_key(p->key, dev);
	p->until = jiffies + msecs_to_jiffies(msecs);
	INIT_DELAYED_WORK(&p->timer, xpv_park_timer);
	mutex_lock(&lot->lock);
	list_add(&p->list, &lot->parked);
	mutex_unlock(&lot->lock);
	queue_delayed_work(xpv_wq, &p->timer,
			   min_t(unsigned long, msecs_to_jiffies(msecs),
				 XPV_PARK_LOOK));
}
EXPORT_SYMBOL_GPL(xpv_park);

static struct xpv_parked *xpv_park_find(struct xpv_lot *lot, const char *key)
{
	struct xpv_parked *p;

	list_for_each_entry(p, &lot->parked, list)
		if (!strcmp(p->key, key) && xpv_park_leave(p))
			return p;
	return NULL;
}

static bool xpv_park_is_going(struct xpv_lot *lot, const char *key)
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
 * xpv_adopt() - whether the device was here before; for probe()
 * @lot: the driver's
 * @dev: the device on the bus, new or the same
 *
 * If its predecessor is just being destroyed this waits for the end of that, not
 * for ever, because names may be taken until then.
 *
 * Return: what was parked, for the caller to connect with @dev, or NULL.
 * Context: process.
 */
struct xpv_parked *xpv_adopt(struct xpv_lot *lot, struct xenbus_device *dev)
{
	char key[XPV_KEY_MAX];
	struct xpv_parked *p;

	xpv_park_key(key, dev);
	mutex_lock(&lot->lock);
	p = xpv_park_find(lot, key);
	mutex_unlock(&lot->lock);
	if (!p) {
		wait_event_timeout(lot->wait, !xpv_park_is_going(lot, key),
				   XPV_PARK_GOING);
		return NULL;
	}
	cancel_delayed_work_sync(&p->timer);
	put_device(&p->dev->dev);
	p->dev = NULL;
	return p;
}
EXPORT_SYMBOL_GPL(xpv_adopt);

/**
 * xpv_lot_clear() - destroy all that is parked; for the end of the module
 * @lot: the driver is unregistered, so nothing comes any more
 *
 * Context: process.
 */
void xpv_lot_clear(struct xpv_lot *lot)
{
	struct xpv_parked *p;

	mutex_lock(&lot->lock);
	while ((p = list_first_entry_or_null(&lot->parked, struct xpv_parked,
					     list))) {
		list_del_init(&p->list);
		mutex_unlock(&lot->lock);
		cancel_delayed_work_sync(&p->timer);
		xpv_park_end(lot, p);
		mutex_lock(&lot->lock);
	}
	mutex_unlock(&lot->lock);
	/* Their timer's code is not the module's, but expire() is. */
	wait_event(lot->wait, list_empty_careful(&lot->going));
}
EXPORT_SYMBOL_GPL(xpv_lot_clear);

/**
 * xpv_park_child() - move a disk or netdev from or to its place on the bus
 * @child:  a device of a class, registered
 * @parent: on the bus; NULL while parked: the bus takes all that is below its
 *          device out of sysfs
 *
 * User space is told nothing: the next instance has the old one's name, and then
 * the child has its old path again.
 *
 * Return: 0 or a negative error. Context: process.
 */
int xpv_park_child(struct device *child, struct device *parent)
{
	struct kobject *folder = kobject_get(child->kobj.parent);
	bool quiet = dev_get_uevent_suppress(child);
	int err;

	dev_set_uevent_suppress(child, true);
	err = device_move(child, parent, DPM_ORDER_NONE);
	dev_set_uevent_suppress(child, quiet);
	/* The class's folder below the parent; nobody else lets go of it. */
	if (!err)
		kobject_put(folder);
	kobject_put(folder);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_park_child);
