// SPDX-License-Identifier: GPL-2.0-only
/*
 * Find devices: there is a "place" for each directory of a device in the store.
 *
 * A watch on the bus's root reports that something happened at a place. A job
 * in the place's lane finds out what it was; the callbacks of the device's
 * watches run in the same lane. So a device is created, gets its events and is
 * removed in order, and no device waits for another one's driver.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include "bus.h"

/* Tasks of a place's job. */
#define XENBUS_ASK_STATE	0x1	/* test for a new device */
/* test whether the device still exists and is the same */
#define XENBUS_ASK_LOOK	0x2
#define XENBUS_ASK_LEAVE	0x4	/* the module is unloaded */

/* More than any host has; a malicious store could name millions. */
#define XENBUS_PLACES_MAX	16384

/* Remove the device, unless its driver has already done so. */
static void xenbus_scan_drop(struct xenbus_place *place)
{
	struct xenbus_device *dev = place->dev;
	bool mine;

	if (!dev)
		return;
	place->dev = NULL;
	/* A driver may be about to remove it, in a callback of another lane. */
	device_lock(&dev->dev);
	mine = kill_device(&dev->dev);
	device_unlock(&dev->dev);
	if (mine)
		device_unregister(&dev->dev);
	put_device(&dev->dev);
}

static void xenbus_scan_appear(struct xenbus_place *place, bool settled)
{
	enum xenbus_state state = xenbus_read_driver_state(place->name.node);
	struct xenbus_bus *bus = place->bus;
	struct xenbus_device *dev;

	if (state == XenbusStateUnknown ||
	    !bus->accept(&place->name, settled, &state))
		return;

	kref_get(&place->refs);
	mutex_lock(&bus->lock);
	bus->devices++;
	mutex_unlock(&bus->lock);
	dev = xenbus_device_create(bus, place, &place->name, state);
	if (IS_ERR(dev))
		pr_err("xenbus: %s: cannot make a device of it: %ld\n",
		       place->name.node, PTR_ERR(dev));
	else
		place->dev = dev;
}

/* Returns true if the directory exists, or may exist. */
static bool xenbus_scan_look(struct xenbus_place *place, unsigned int asked,
			     bool settled)
{
	struct xenbus_device *dev = place->dev;
	void *there;

	if (dev && !device_is_registered(&dev->dev)) {
		xenbus_scan_drop(place);
		dev = NULL;
	}
	if (asked & XENBUS_ASK_LEAVE) {
		xenbus_scan_drop(place);
		return false;
	}
	if (dev && !(asked & XENBUS_ASK_LOOK))
		return true;

	/*
	 * Not xenbus_exists(): an error of the store must not remove devices.
	 */
	there = xenbus_read(XBT_NIL, place->name.node, "", NULL);
	if (IS_ERR(there)) {
		if (there != ERR_PTR(-ENOENT) && there != ERR_PTR(-EACCES))
			return true;
		xenbus_scan_drop(place);
		return false;
	}
	kfree(there);

	if (dev && xenbus_device_is_replaced(dev)) {
		dev_info(&dev->dev, "replaced by another device\n");
		WRITE_ONCE(to_xenbus_entry(dev)->replaced, true);
		xenbus_scan_drop(place);
		dev = NULL;
	}
	if (!dev)
		xenbus_scan_appear(place, settled);
	return true;
}

static void xenbus_scan_job(struct xs_job *job)
{
	struct xenbus_place *place = container_of(job, struct xenbus_place,
						  job);
	struct xenbus_bus *bus = place->bus;
	bool settled, stays;
	unsigned int asked;

	mutex_lock(&bus->lock);
	asked = place->asked;
	place->asked = 0;
	settled = bus->settled;
	mutex_unlock(&bus->lock);

	stays = xenbus_scan_look(place, asked, settled);

	mutex_lock(&bus->lock);
	if (!stays && !place->asked) {
		list_del(&place->list);
		bus->nr_places--;
		xenbus_place_put(place);
	}
	bus->busy--;
	wake_up_all(&bus->idle);
	mutex_unlock(&bus->lock);
}

/* Under the bus's lock. */
static void xenbus_scan_ask(struct xenbus_place *place, unsigned int asked)
{
	lockdep_assert_held(&place->bus->lock);
	place->asked |= asked;
	if (xs_lane_queue(place->lane, &place->job))
		place->bus->busy++;
}

static struct xenbus_place *xenbus_scan_find(struct xenbus_bus *bus,
					     const struct xenbus_name *name)
{
	struct xenbus_place *place;

	list_for_each_entry(place, &bus->places, list)
		if (!strcmp(place->name.node, name->node))
			return place;

	if (bus->nr_places >= XENBUS_PLACES_MAX)
		return NULL;
	place = kzalloc(sizeof(*place), GFP_KERNEL);
	if (!place)
		return NULL;
	place->lane = xs_lane_create();
	if (!place->lane) {
		kfree(place);
		return NULL;
	}
	kref_init(&place->refs);
	place->bus = bus;
	place->job.fn = xenbus_scan_job;
	place->name = *name;
	place->name.leaf = NULL;	/* it pointed into the event */
	list_add_tail(&place->list, &bus->places);
	bus->nr_places++;
	return place;
}

static void xenbus_scan_note(struct xenbus_bus *bus,
			     const struct xenbus_name *name, unsigned int asked)
{
	struct xenbus_place *place;

	mutex_lock(&bus->lock);
	place = xenbus_scan_find(bus, name);
	if (place)
		xenbus_scan_ask(place, asked);
	else
		pr_err_ratelimited("xenbus: no room for %s\n", name->node);
	mutex_unlock(&bus->lock);
}

/* Check all devices below @path, which is @level components below the root. */
static void xenbus_scan_tree(struct xenbus_bus *bus, const char *path,
			     unsigned int level)
{
	struct xenbus_name name;
	unsigned int nr, i;
	char **names, *sub;

	if (level == bus->levels) {
		if (!xenbus_parse_node(path, bus->root, bus->levels, &name))
			xenbus_scan_note(bus, &name, XENBUS_ASK_LOOK);
		return;
	}
	names = xenbus_directory(XBT_NIL, path, "", &nr);
	if (IS_ERR(names))
		return;
	for (i = 0; i < nr; i++) {
		sub = kasprintf(GFP_KERNEL, "%s/%s", path, names[i]);
		if (sub)
			xenbus_scan_tree(bus, sub, level + 1);
		kfree(sub);
	}
	kfree(names);
}

/* Check everything: known devices may be gone, and there may be new ones. */
static void xenbus_scan_all(struct xenbus_bus *bus)
{
	struct xenbus_place *place;

	mutex_lock(&bus->lock);
	list_for_each_entry(place, &bus->places, list)
		xenbus_scan_ask(place, XENBUS_ASK_LOOK);
	mutex_unlock(&bus->lock);
	xenbus_scan_tree(bus, bus->root, 0);
}

static void xenbus_scan_event(struct xenbus_watch *watch, const char *path,
			      const char *token)
{
	struct xenbus_bus *bus = container_of(watch, struct xenbus_bus, watch);
	struct xenbus_name name;
	int level;

	if (system_state > SYSTEM_RUNNING)
		return;
	level = xenbus_parse_node(path, bus->root, bus->levels, &name);
	if (level == XENBUS_NODE_ABOVE)
		xenbus_scan_all(bus);
	else if (!level)
		xenbus_scan_note(bus, &name, !strcmp(name.leaf, "state") ?
				 XENBUS_ASK_STATE : XENBUS_ASK_LOOK);
}

/* Each key that a local driver writes in its directory causes an event, too. */
static bool xenbus_scan_will_handle(struct xenbus_watch *watch,
				    const char *path, const char *token)
{
	struct xenbus_bus *bus = container_of(watch, struct xenbus_bus, watch);
	struct xenbus_name name;
	int level = xenbus_parse_node(path, bus->root, bus->levels, &name);

	return level == XENBUS_NODE_ABOVE ||
	       (!level && xenbus_parse_is_telling(name.leaf));
}

/* Wait until no place has anything to do. Returns false on timeout. */
bool xenbus_scan_settle(struct xenbus_bus *bus, unsigned long timeout)
{
	return wait_event_timeout(bus->idle, !READ_ONCE(bus->busy), timeout);
}

/* Find the devices that exist, then those that come later. */
int xenbus_scan_start(struct xenbus_bus *bus)
{
	int err;

	xenbus_scan_all(bus);
	/*
	 * If other drivers used the devices before us, some must be closed
	 * first.
	 */
	xenbus_scan_settle(bus, 30 * HZ);
	mutex_lock(&bus->lock);
	bus->settled = true;
	mutex_unlock(&bus->lock);

	bus->watch.node = bus->root;
	bus->watch.will_handle = xenbus_scan_will_handle;
	bus->watch.callback = xenbus_scan_event;
	/* The watch fires once at registration, so no device is missed. */
	err = register_xenbus_watch(&bus->watch);
	if (err) {
		bus->watch.node = NULL;
		xenbus_scan_stop(bus);
	}
	return err;
}

/* Remove all devices; also after a failed start. */
void xenbus_scan_stop(struct xenbus_bus *bus)
{
	struct xenbus_place *place;

	if (bus->watch.node) {
		unregister_xenbus_watch(&bus->watch);
		bus->watch.node = NULL;
	}
	mutex_lock(&bus->lock);
	list_for_each_entry(place, &bus->places, list)
		xenbus_scan_ask(place, XENBUS_ASK_LEAVE);
	mutex_unlock(&bus->lock);
	wait_event(bus->idle,
		   !READ_ONCE(bus->busy) && !READ_ONCE(bus->devices));
	/* Whoever woke us may still hold the lock that is about to be freed. */
	mutex_lock(&bus->lock);
	mutex_unlock(&bus->lock);
}
