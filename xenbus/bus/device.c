// SPDX-License-Identifier: GPL-2.0-only
/* The life of a device: creation, probe, events of its other end, removal. */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "bus.h"

/* A store that is silent for longer is reconnected, and all watches with it. */
#define XENBUS_DEVICE_SECS	120

static struct xenbus_bus *xenbus_device_bus(const struct xenbus_device *dev)
{
	return container_of(dev->dev.bus, struct xenbus_bus, type);
}

/* The entry of a driver's id table for a device; NULL if there is none. */
const struct xenbus_device_id *
xenbus_device_match(const struct xenbus_device *dev,
		    const struct xenbus_driver *drv)
{
	const struct xenbus_device_id *id;

	if (!drv->ids)
		return NULL;
	for (id = drv->ids; id->devicetype[0]; id++)
		if (!strcmp(id->devicetype, dev->devicetype))
			return id;
	return NULL;
}

static void xenbus_device_release(struct device *d)
{
	struct xenbus_entry *e = to_xenbus_entry(to_xenbus_device(d));
	struct xenbus_place *place = e->place;

	kfree(e->dev.otherend);
	kfree(e->earlier);
	kfree(e);
	xenbus_place_released(place);
}

/*
 * Register a device. It takes the caller's reference to @place, also on
 * failure. Returns the device, with a reference for the caller, or an
 * ERR_PTR().
 */
struct xenbus_device *xenbus_device_create(struct xenbus_bus *bus,
					   struct xenbus_place *place,
					   const struct xenbus_name *name,
					   enum xenbus_state state)
{
	struct xenbus_entry *e = kzalloc(sizeof(*e), GFP_KERNEL);
	struct xenbus_device *dev;
	int err;

	if (!e) {
		xenbus_place_released(place);
		return ERR_PTR(-ENOMEM);
	}
	e->place = place;
	strscpy(e->type, name->type, sizeof(e->type));
	strscpy(e->node, name->node, sizeof(e->node));
	dev = &e->dev;
	dev->devicetype = e->type;
	dev->nodename = e->node;
	dev->otherend_id = -1;
	dev->state = state;
	dev->spurious_threshold = 1;
	init_completion(&dev->down);
	sema_init(&dev->reclaim_sem, 1);
	dev->dev.bus = &bus->type;
	dev->dev.release = xenbus_device_release;
	device_initialize(&dev->dev);
	err = dev_set_name(&dev->dev, "%s-%s", name->type, name->id);
	if (!err)
		err = device_add(&dev->dev);
	if (err) {
		put_device(&dev->dev);
		return ERR_PTR(err);
	}
	get_device(&dev->dev);
	return dev;
}

/* The strings stay valid for a while: see struct xenbus_entry. */
static void xenbus_device_set_otherend(struct xenbus_device *dev,
				       const char *path)
{
	struct xenbus_entry *e = to_xenbus_entry(dev);

	kfree(e->earlier);
	e->earlier = dev->otherend;
	WRITE_ONCE(dev->otherend, path);
}

/* Read who the other end is. An error is reported to the store. */
static int xenbus_device_read_otherend(struct xenbus_device *dev)
{
	struct xenbus_bus *bus = xenbus_device_bus(dev);
	char *path = NULL;
	int id = -1, err;

	err = xenbus_gather(XBT_NIL, dev->nodename, bus->id_key, "%i", &id,
			    bus->path_key, NULL, &path, NULL);
	if (err) {
		kfree(path);
		xenbus_dev_fatal(dev, err, "reading other end details from %s",
				 dev->nodename);
		return err;
	}
	if (id < 0 || id >= DOMID_FIRST_RESERVED || !path || !*path ||
	    !xenbus_exists(XBT_NIL, path, "")) {
		kfree(path);
		xenbus_dev_fatal(dev, -ENOENT,
				 "unable to read other end from %s.  missing or inaccessible.",
				 dev->nodename);
		return -ENOENT;
	}
	dev->otherend_id = id;
	xenbus_device_set_otherend(dev, path);
	return 0;
}

/* Drivers may have their own function for this. */
static int xenbus_device_otherend(struct xenbus_device *dev,
				  struct xenbus_driver *drv)
{
	if (drv->read_otherend_details)
		return drv->read_otherend_details(dev);
	return xenbus_device_read_otherend(dev);
}

/*
 * The directory belongs to another device if it names another other end. A
 * device that is set up again with the same other end is noticed by the driver,
 * which sees the other end start from the beginning.
 */
bool xenbus_device_is_replaced(struct xenbus_device *dev)
{
	struct xenbus_bus *bus = xenbus_device_bus(dev);
	bool replaced = false;
	char *path = NULL;
	int id = -1;

	device_lock(&dev->dev);
	if (dev->dev.driver && dev->otherend &&
	    !to_xenbus_driver(dev->dev.driver)->read_otherend_details &&
	    !xenbus_gather(XBT_NIL, dev->nodename, bus->id_key, "%i", &id,
			   bus->path_key, NULL, &path, NULL))
		replaced = id != dev->otherend_id ||
			   strcmp(path, dev->otherend);
	device_unlock(&dev->dev);
	kfree(path);
	return replaced;
}

/*
 * Read the state of the other end. A failing store does not mean that there is
 * no state: a driver that is told so would give up a working connection. So the
 * read is tried again here, because only the device's own lane waits. Returns
 * true if @state is known.
 */
static bool xenbus_device_otherend_state(struct xenbus_device *dev, int *state)
{
	unsigned long end = jiffies + XENBUS_DEVICE_SECS * HZ;
	int err;

	while (!READ_ONCE(to_xenbus_entry(dev)->leaving)) {
		err = xenbus_scanf(XBT_NIL, dev->otherend, "state", "%d", state);
		if (err == 1)
			return true;
		if ((err != -EIO && err != -ETIMEDOUT) ||
		    system_state > SYSTEM_RUNNING) {
			*state = XenbusStateUnknown;
			return true;
		}
		if (time_after(jiffies, end))
			break;
		msleep(1000);
	}
	return false;
}

static void xenbus_device_otherend_changed(struct xenbus_watch *watch,
					   const char *path, const char *token)
{
	struct xenbus_device *dev = container_of(watch, struct xenbus_device,
						 otherend_watch);
	struct xenbus_driver *drv = to_xenbus_driver(dev->dev.driver);
	int state;

	if (!xenbus_device_otherend_state(dev, &state))
		return;
	/*
	 * The system shuts down: drivers only have to let a frontend close,
	 * which xenbus_notify waits for.
	 */
	if (system_state > SYSTEM_RUNNING) {
		if (dev->dev.bus == &xenbus_frontend.type &&
		    (state == XenbusStateClosing ||
		     state == XenbusStateClosed ||
		     state == XenbusStateUnknown))
			xenbus_frontend_closed(dev);
		return;
	}
	if (drv->otherend_changed)
		drv->otherend_changed(dev, state);
}

/*
 * The state is read when the event is handled, so one pending event is enough.
 */
static bool xenbus_device_will_handle(struct xenbus_watch *watch,
				      const char *path, const char *token)
{
	return !watch->nr_pending;
}

static int xenbus_device_watch(struct xenbus_device *dev)
{
	return xenbus_watch_pathfmt(dev, &dev->otherend_watch,
				    xenbus_device_will_handle,
				    xenbus_device_otherend_changed, "%s/state",
				    dev->otherend);
}

static void xenbus_device_unwatch(struct xenbus_device *dev)
{
	struct xenbus_entry *e = to_xenbus_entry(dev);

	if (!dev->otherend_watch.node)
		return;
	WRITE_ONCE(e->leaving, true);
	unregister_xenbus_watch(&dev->otherend_watch);
	WRITE_ONCE(e->leaving, false);
	kfree(dev->otherend_watch.node);
	dev->otherend_watch.node = NULL;
}

static void xenbus_device_leave(struct xenbus_device *dev,
				struct xenbus_driver *drv)
{
	if (!drv->remove)
		return;
	down(&dev->reclaim_sem);
	drv->remove(dev);
	up(&dev->reclaim_sem);
}

int xenbus_device_probe(struct device *d)
{
	struct xenbus_device *dev = to_xenbus_device(d);
	struct xenbus_driver *drv = to_xenbus_driver(d->driver);
	const struct xenbus_device_id *id = xenbus_device_match(dev, drv);
	int err;

	if (!drv->probe || !id || xenbus_twin_in_use(dev))
		return -ENODEV;
	err = xenbus_device_otherend(dev, drv);
	if (err)
		return err;

	down(&dev->reclaim_sem);
	err = drv->probe(dev, id);
	up(&dev->reclaim_sem);
	if (!err) {
		err = xenbus_device_watch(dev);
		if (err)
			xenbus_device_leave(dev, drv);
	}
	/* -ENODEV: the driver does not want the device, which is no error. */
	if (err && err != -ENODEV)
		xenbus_dev_error(dev, err, "xenbus_dev_probe on %s",
				 dev->nodename);
	return err;
}

void xenbus_device_remove(struct device *d)
{
	struct xenbus_device *dev = to_xenbus_device(d);
	struct xenbus_driver *drv = to_xenbus_driver(d->driver);

	xenbus_device_unwatch(dev);
	xenbus_device_leave(dev, drv);
	/*
	 * If the driver may bind the device again, leave the other end
	 * connected.
	 */
	if (!drv->allow_rebind ||
	    xenbus_read_driver_state(dev->nodename) == XenbusStateClosing)
		xenbus_switch_state(dev, XenbusStateClosed);
}

/* Suspend and resume are called once for each device, with all lanes paused. */
int xenbus_device_suspend(struct device *d, void *data)
{
	struct xenbus_device *dev = to_xenbus_device(d);
	int err = 0;

	device_lock(d);
	if (d->driver && to_xenbus_driver(d->driver)->suspend)
		err = to_xenbus_driver(d->driver)->suspend(dev);
	device_unlock(d);
	if (err)
		dev_warn(d, "driver did not suspend: %d\n", err);
	return 0;
}

/* We are in a new domain, with a new backend that waits for us to start. */
int xenbus_device_resume(struct device *d, void *data)
{
	struct xenbus_device *dev = to_xenbus_device(d);
	struct xenbus_driver *drv;
	int err = 0;

	device_lock(d);
	dev->state = XenbusStateInitialising;
	if (d->driver) {
		drv = to_xenbus_driver(d->driver);
		xenbus_device_unwatch(dev);
		err = xenbus_device_otherend(dev, drv);
		if (!err && drv->resume)
			err = drv->resume(dev);
		if (!err)
			err = xenbus_device_watch(dev);
	}
	device_unlock(d);
	if (err)
		dev_warn(d, "driver did not resume: %d\n", err);
	return 0;
}
