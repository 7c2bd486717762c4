// SPDX-License-Identifier: GPL-2.0-only
/* One watch for the store directories of all devices of a driver. */
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
 * xpv_dirs_will_handle() - filter the events of the watch
 * @watch: of a struct xpv_dirs
 * @path:  the path that was written
 * @token: unused
 *
 * Most writes below the watch are rings and features, many of them by the
 * drivers themselves.
 *
 * Return: true if the event has to be handled.
 * Context: atomic.
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

/* The key that @path names in this directory; NULL if @path is elsewhere. */
static const char *xpv_dir_key(const struct xpv_dir *d, const char *path)
{
	size_t len = strlen(d->dev->nodename);

	if (strncmp(path, d->dev->nodename, len) || path[len] != '/')
		return NULL;
	return path + len + 1;
}

/* Find a device with a pending event whose then() has to be called. */
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

/*
 * The watch is new or events were lost: any key of any device may have changed.
 */
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
 * xpv_dirs_written() - callback of the watch
 * @watch: of a struct xpv_dirs
 * @path:  the path that was written
 * @token: unused
 *
 * Context: process, in the thread of the watch.
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
 * xpv_dirs_unbound() - notifier: the bus failed to bind a device
 * @nb:     of a struct xpv_dirs
 * @action: BUS_NOTIFY_*
 * @data:   struct device
 *
 * The bus registers a watch on the other end's state after the driver's
 * probe(). If the store allows no more watches, the kernel's bus does not bind
 * the device and does not call remove().
 *
 * Return: NOTIFY_*.
 * Context: process, device locked.
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

/* Called without @dirs->lock, because the notifier takes it. */
static void xpv_dirs_guard(struct xpv_dirs *dirs, struct xenbus_device *dev)
{
	struct bus_type *bus = (struct bus_type *)dev->dev.bus;

	if (!cmpxchg(&dirs->bus, NULL, bus))
		bus_register_notifier(bus, &dirs->unbound);
}

/**
 * xpv_dir_start() - watch a device's directory; for probe()
 * @dirs: the driver's directories
 * @d:    filled here
 * @dev:  device
 *
 * Earlier writes are not reported: the caller reads the keys itself after this
 * call. The first device registers the watch. If that fails, the next device
 * tries again, for all devices.
 *
 * Return: 0, or the store's error if there is no watch; the device is listed in
 * both cases.
 * Context: process.
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
 * xpv_dir_stop() - stop watching a device's directory; for remove()
 * @dirs: the driver's directories
 * @d:    started, or zeroed memory
 *
 * This waits for a running told(). It does not wait for the thread of the
 * watch, because remove() itself may run in that thread.
 *
 * Context: process.
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
 * xpv_dir_is_listed() - test whether a device is still watched
 * @dirs: the driver's directories, locked
 * @d:    may have been freed; only its address is compared
 *
 * Return: true if then() may still use @d.
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
 * xpv_dirs_exit() - remove the watch and the notifier
 * @dirs: no device is listed; the driver is unregistered
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
