// SPDX-License-Identifier: GPL-2.0-only
/* Code shared by both buses: matching, uevents, sysfs, registration. */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "bus.h"

/* How long the registration of a driver waits for devices to be found. */
#define XENBUS_BUS_SETTLE	(20 * HZ)

int xenbus_bus_match(struct device *d, xpv_bus_driver *drv)
{
	return !!xenbus_device_match(to_xenbus_device(d), to_xenbus_driver(drv));
}

int xenbus_bus_uevent(xpv_bus_dev *d, struct kobj_uevent_env *env)
{
	xpv_uevent_dev *dev = to_xenbus_device(d);
	struct xenbus_driver *drv;

	if (add_uevent_var(env, "XENBUS_TYPE=%s", dev->devicetype) ||
	    add_uevent_var(env, "XENBUS_PATH=%s", dev->nodename) ||
	    add_uevent_var(env, "MODALIAS=%s:%s", d->bus->name,
			   dev->devicetype))
		return -ENOMEM;
	if (d->bus != &xenbus_backend.type)
		return 0;
	/* For the scripts that set up the resources of a backend. */
	if (add_uevent_var(env, "XENBUS_BASE_PATH=%s", xenbus_backend.root))
		return -ENOMEM;
	if (!d->driver)
		return 0;
	drv = to_xenbus_driver(d->driver);
	return drv->uevent ? drv->uevent(dev, env) : 0;
}

static ssize_t nodename_show(struct device *d, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%s\n", to_xenbus_device(d)->nodename);
}
static DEVICE_ATTR_RO(nodename);

static ssize_t devtype_show(struct device *d, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%s\n", to_xenbus_device(d)->devicetype);
}
static DEVICE_ATTR_RO(devtype);

static ssize_t modalias_show(struct device *d, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%s:%s\n", d->bus->name,
			  to_xenbus_device(d)->devicetype);
}
static DEVICE_ATTR_RO(modalias);

static ssize_t state_show(struct device *d, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  xenbus_strstate(to_xenbus_device(d)->state));
}
static DEVICE_ATTR_RO(state);

static struct attribute *xenbus_bus_attrs[] = {
	&dev_attr_nodename.attr,
	&dev_attr_devtype.attr,
	&dev_attr_modalias.attr,
	&dev_attr_state.attr,
	NULL
};

static const struct attribute_group xenbus_bus_group = {
	.attrs = xenbus_bus_attrs,
};

/* Statistics of event channels, counted by xen-events. */
#define XENBUS_BUS_COUNT(name)						\
static ssize_t name##_show(struct device *d,				\
			   struct device_attribute *attr, char *buf)	\
{									\
	return sysfs_emit(buf, "%d\n",					\
			  atomic_read(&to_xenbus_device(d)->name));	\
}									\
static DEVICE_ATTR_RO(name)

XENBUS_BUS_COUNT(event_channels);
XENBUS_BUS_COUNT(events);
XENBUS_BUS_COUNT(spurious_events);
XENBUS_BUS_COUNT(jiffies_eoi_delayed);

static ssize_t spurious_threshold_show(struct device *d,
				       struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  READ_ONCE(to_xenbus_device(d)->spurious_threshold));
}

static ssize_t spurious_threshold_store(struct device *d,
					struct device_attribute *attr,
					const char *buf, size_t count)
{
	unsigned int val;
	int err = kstrtouint(buf, 0, &val);

	if (err)
		return err;
	WRITE_ONCE(to_xenbus_device(d)->spurious_threshold, val);
	return count;
}
static DEVICE_ATTR_RW(spurious_threshold);

static struct attribute *xenbus_bus_event_attrs[] = {
	&dev_attr_event_channels.attr,
	&dev_attr_events.attr,
	&dev_attr_spurious_events.attr,
	&dev_attr_jiffies_eoi_delayed.attr,
	&dev_attr_spurious_threshold.attr,
	NULL
};

static const struct attribute_group xenbus_bus_event_group = {
	.name = "xenbus",
	.attrs = xenbus_bus_event_attrs,
};

const struct attribute_group *xenbus_bus_groups[] = {
	&xenbus_bus_group,
	&xenbus_bus_event_group,
	NULL
};

int xenbus_bus_register(struct xenbus_bus *bus, struct xenbus_driver *drv,
			struct module *owner, const char *mod_name)
{
	drv->driver.name = drv->name ?: drv->ids[0].devicetype;
	drv->driver.bus = &bus->type;
	drv->driver.owner = owner;
	drv->driver.mod_name = mod_name;
	/* Existing devices have to be probed when this returns. */
	if (!xenbus_scan_settle(bus, XENBUS_BUS_SETTLE))
		pr_warn("xenbus: devices below %s/ are slow to settle\n",
			bus->root);
	return driver_register(&drv->driver);
}

/**
 * xenbus_unregister_driver() - unbind and unregister a driver
 * @drv: registered
 *
 * Context: process; waits for the driver's remove() of each device.
 */
void xenbus_unregister_driver(struct xenbus_driver *drv)
{
	driver_unregister(&drv->driver);
}
EXPORT_SYMBOL_GPL(xenbus_unregister_driver);

/* Register a bus and the devices that are in the store now. */
int xenbus_bus_start(struct xenbus_bus *bus)
{
	int err;

	mutex_init(&bus->lock);
	INIT_LIST_HEAD(&bus->places);
	init_waitqueue_head(&bus->idle);
	err = bus_register(&bus->type);
	if (err)
		return err;
	err = xenbus_scan_start(bus);
	if (err)
		bus_unregister(&bus->type);
	return err;
}

/* No driver is registered any more: each holds a reference to this module. */
void xenbus_bus_stop(struct xenbus_bus *bus)
{
	xenbus_scan_stop(bus);
	bus_unregister(&bus->type);
}
