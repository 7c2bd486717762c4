// SPDX-License-Identifier: GPL-2.0-only
/* One watch for the own directories of all devices of a driver. */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/string.h>
#include <xenpv/dir.h>

static bool xpv_dirs_has_key(const struct xpv_dirs *dirs, const char *key)
{
	const char *const *k;

	for (k = dirs->keys; *k; k++)
		if (!strcmp(*k, key))
			return true;
	return false;
}

/**
 * xpv_dirs_will_handle() - whether an event of the watch is of interest
 * @watch: of a struct xpv_dirs
 * @path:  what was written
 * @token: unused
 *
 * Most of what is written below are rings and features, also by the drivers
 * themselves. Context: atomic.
 */
bool xpv_dirs_will_handle(struct xenbus_watch *watch, const char *path,
			  const char *token)
{
	struct xpv_dirs *dirs = container_of(watch, struct xpv_dirs, watch);
	const char *leaf = strrchr(path, '/');

	return !strcmp(path, watch->node) ||
	       xpv_dirs_has_key(dirs, leaf ? leaf + 1 : path);
}
EXPORT_SYMBOL_GPL(xpv_dirs_will_handle);

/* The key that @path names in the directory; NULL if it is somewhere else. */
static const char *xpv_dir_key(const struct xpv_dir *d, const char *path)
{
	size_t len = strlen(d->dev->nodename);

	if (strncmp(path, d->dev->nodename, len) || path[len] != '/')
		return NULL;
	return path + len + 1;
}

/* A device that was asked for, and for which something is to be done unlocked. */
static struct xpv_dir *xpv_dirs_next(struct xpv_dirs *dirs)
{
	struct xpv_dir *d;

	lockdep_assert_held(&dirs->lock);
	list_for_each_entry(d, &dirs->list, list) {
		if (!d->asked)
			continue;
		d->asked = false;
		if (dirs->told(d, ""))
			return d;
	}
	return NULL;
}

/* The watch is new, or events were lost: any key of any device may be new. */
static void xpv_dirs_ask_all(struct xpv_dirs *dirs)
{
	struct xenbus_device *dev;
	struct xpv_dir *d;

	mutex_lock(&dirs->lock);
	list_for_each_entry(d, &dirs->list, list)
		d->asked = true;
	while ((d = xpv_dirs_next(dirs))) {
		dev = d->dev;
		get_device(&dev->dev);
		mutex_unlock(&dirs->lock);
		dirs->then(dirs, d, dev);
		put_device(&dev->dev);
		mutex_lock(&dirs->lock);
	}
	mutex_unlock(&dirs->lock);
}

/**
 * xpv_dirs_written() - the callback of the watch
 * @watch: of a struct xpv_dirs
 * @path:  what was written
 * @token: unused
 *
 * Context: process, the thread of the watch.
 */
void xpv_dirs_written(struct xenbus_watch *watch, const char *path,
		      const char *token)
{
	struct xpv_dirs *dirs = container_of(watch, struct xpv_dirs, watch);
	struct xenbus_device *dev = NULL;
	struct xpv_dir *d;
	const char *key;

	if (!strcmp(path, watch->node)) {
		xpv_dirs_ask_all(dirs);
		return;
	}
	mutex_lock(&dirs->lock);
	list_for_each_entry(d, &dirs->list, list) {
		key = xpv_dir_key(d, path);
		if (!key)
			continue;
		if (xpv_dirs_has_key(dirs, key) && dirs->told(d, key)) {
			dev = d->dev;
			get_device(&dev->dev);
		}
		break;
	}
	mutex_unlock(&dirs->lock);
	if (!dev)
		return;
	dirs->then(dirs, d, dev);
	put_device(&dev->dev);
}
EXPORT_SYMBOL_GPL(xpv_dirs_written);

/**
 * xpv_dirs_unbound() - the bus gave up on a device
 * @nb:     of a struct xpv_dirs
 * @action: BUS_NOTIFY_*
 * @data:   struct device
 *
 * After the driver's probe() the bus registers a watch on the other end's state.
 * If the store allows no more watches then the kernel's bus does not bind the
 * device, and does not call remove() either. Context: process, device locked.
 */
int xpv_dirs_unbound(struct notifier_block *nb, unsigned long action,
		     void *data)
{
	struct xpv_dirs *dirs = container_of(nb, struct xpv_dirs, unbound);
	struct device *dev = data;
	bool probed = false;
	struct xpv_dir *d;

	if (action != BUS_NOTIFY_DRIVER_NOT_BOUND || !dev->driver)
		return NOTIFY_DONE;
	mutex_lock(&dirs->lock);
	list_for_each_entry(d, &dirs->list, list)
		if (&d->dev->dev == dev)
			probed = true;
	mutex_unlock(&dirs->lock);
	if (!probed)
		return NOTIFY_DONE;
	dev_warn(dev, "not bound, no room for the bus's watch in the store?\n");
	to_xenbus_driver(dev->driver)->remove(to_xenbus_device(dev));
	return NOTIFY_OK;
}
EXPORT_SYMBOL_GPL(xpv_dirs_unbound);

/* Without @dirs->lock, which the notifier takes. */
static void xpv_dirs_guard(struct xpv_dirs *dirs, struct xenbus_device *dev)
{
	struct bus_type *bus = (struct bus_type *)dev->dev.bus;

	if (!cmpxchg(&dirs->bus, NULL, bus))
		bus_register_notifier(bus, &dirs->unbound);
}

/**
 * xpv_dir_start() - look after a device's own directory; for probe()
 * @dirs: the driver's
 * @d:    to fill
 * @dev:  device
 *
 * What was written before is not told: the caller looks for itself after this.
 * The first device brings the watch. When it cannot be had the next one tries
 * again, for all.
 *
 * Return: 0, or the store's error if there is no watch; the device is listed all
 * the same. Context: process.
 */
int xpv_dir_start(struct xpv_dirs *dirs, struct xpv_dir *d,
		  struct xenbus_device *dev)
{
	int err = 0;

	xpv_dirs_guard(dirs, dev);
	d->dev = dev;
	d->asked = false;
	mutex_lock(&dirs->lock);
	list_add_tail(&d->list, &dirs->list);
	if (!dirs->watching) {
		err = register_xenbus_watch(&dirs->watch);
		dirs->watching = !err;
	}
	mutex_unlock(&dirs->lock);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_dir_start);

/**
 * xpv_dir_stop() - nothing is told any more; for remove()
 * @dirs: the driver's
 * @d:    started, or zeroed memory
 *
 * It does not wait for the thread of the watch, in which remove() itself may run,
 * only for a told() that is running. Context: process.
 */
void xpv_dir_stop(struct xpv_dirs *dirs, struct xpv_dir *d)
{
	if (!d->dev)
		return;
	mutex_lock(&dirs->lock);
	list_del(&d->list);
	mutex_unlock(&dirs->lock);
	d->dev = NULL;
}
EXPORT_SYMBOL_GPL(xpv_dir_stop);

/**
 * xpv_dir_is_listed() - whether then() may still use what it was given
 * @dirs: locked
 * @d:    may be gone
 */
bool xpv_dir_is_listed(struct xpv_dirs *dirs, const struct xpv_dir *d)
{
	const struct xpv_dir *i;

	lockdep_assert_held(&dirs->lock);
	list_for_each_entry(i, &dirs->list, list)
		if (i == d)
			return true;
	return false;
}
EXPORT_SYMBOL_GPL(xpv_dir_is_listed);

/**
 * xpv_dirs_exit() - end of the watch and the notifier; the driver is unregistered
 * @dirs: no device is listed
 *
 * Context: process.
 */
void xpv_dirs_exit(struct xpv_dirs *dirs)
{
	if (dirs->watching)
		unregister_xenbus_watch(&dirs->watch);
	dirs->watching = false;
	if (dirs->bus)
		bus_unregister_notifier(dirs->bus, &dirs->unbound);
	dirs->bus = NULL;
}
EXPORT_SYMBOL_GPL(xpv_dirs_exit);
