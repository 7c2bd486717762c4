// SPDX-License-Identifier: GPL-2.0-only
/* The bus "xen-backend": devices that this domain serves to others. */
#include <linux/module.h>
#include <compat/shrinker.h>
#include "bus.h"

static struct shrinker *xenbus_backend_shrinker;

static int xenbus_backend_reclaim(struct device *d, void *data)
{
	struct xenbus_device *dev = to_xenbus_device(d);
	struct xenbus_driver *drv;

	if (down_trylock(&dev->reclaim_sem))
		return 0;	/* it is being added or removed */
	if (d->driver) {
		drv = to_xenbus_driver(d->driver);
		if (drv->reclaim_memory)
			drv->reclaim_memory(dev);
	}
	up(&dev->reclaim_sem);
	return 0;
}

/* Drivers free what they can at once, so there is nothing to count. */
static unsigned long xenbus_backend_count(struct shrinker *s,
					  struct shrink_control *sc)
{
	bus_for_each_dev(&xenbus_backend.type, NULL, NULL,
			 xenbus_backend_reclaim);
	return 0;
}

static unsigned long xenbus_backend_scan(struct shrinker *s,
					 struct shrink_control *sc)
{
	return SHRINK_STOP;
}

/*
 * A device that existed when the module was loaded may have been ours before,
 * and its frontend may still be connected: a driver that allows rebinding
 * continues with it. If the toolstack has set it offline, only its directory is
 * left.
 */
static bool xenbus_backend_accept(const struct xenbus_name *name, bool settled,
				  enum xenbus_state *state)
{
	if (*state == XenbusStateInitialising)
		return true;
	if (settled)
		return false;
	return *state != XenbusStateClosed ||
	       xenbus_read_unsigned(name->node, "online", 0);
}

struct xenbus_bus xenbus_backend = {
	.type = {
		.name = "xen-backend",
		.match = xenbus_bus_match,
		.uevent = xenbus_bus_uevent,
		.probe = xenbus_device_probe,
		.remove = xenbus_device_remove,
		.dev_groups = xenbus_bus_groups,
	},
	.root = "backend",
	.levels = 3,
	.path_key = "frontend",
	.id_key = "frontend-id",
	.accept = xenbus_backend_accept,
};

/**
 * __xenbus_register_backend() - register a driver for backend devices
 * @drv:      must remain valid until xenbus_unregister_driver()
 * @owner:    its module
 * @mod_name: the module's name
 *
 * Existing devices are probed before this returns.
 *
 * Return: 0 or a negative error.
 * Context: process.
 */
int __xenbus_register_backend(struct xenbus_driver *drv, struct module *owner,
			      const char *mod_name)
{
	return xenbus_bus_register(&xenbus_backend, drv, owner, mod_name);
}
EXPORT_SYMBOL_GPL(__xenbus_register_backend);

/**
 * xenbus_dev_is_online() - test whether the toolstack keeps a backend device
 * @dev: backend device
 *
 * Return: 0 if the device has to be removed, or its directory is gone.
 * Context: process.
 */
int xenbus_dev_is_online(struct xenbus_device *dev)
{
	return !!xenbus_read_unsigned(dev->nodename, "online", 0);
}
EXPORT_SYMBOL_GPL(xenbus_dev_is_online);

int xenbus_backend_start(void)
{
	int err = xenbus_bus_start(&xenbus_backend);

	if (err)
		return err;
	xenbus_backend_shrinker = xpv_shrinker_register(xenbus_backend_count,
							xenbus_backend_scan,
							"xen-backend");
	if (!xenbus_backend_shrinker) {
		xenbus_bus_stop(&xenbus_backend);
		return -ENOMEM;
	}
	return 0;
}

void xenbus_backend_stop(void)
{
	xpv_shrinker_unregister(xenbus_backend_shrinker);
	xenbus_bus_stop(&xenbus_backend);
}
