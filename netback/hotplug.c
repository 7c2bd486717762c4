// SPDX-License-Identifier: GPL-2.0-only
/*
 * The protocol with the hotplug scripts. We say that an interface is there by
 * our state, and by a uevent for those who let udev run scripts; the script
 * says that it has done its work by the key hotplug-status.
 */
#include <linux/kobject.h>
#include <linux/slab.h>
#include "netback.h"

/* Between uevents, which anybody may ask for in sysfs, and a device's end. */
static DEFINE_MUTEX(netback_hotplug_lock);

/**
 * netback_hotplug_uevent() - environment of the script
 * @dev: xenbus device
 * @env: to add to; the bus adds XENBUS_*
 *
 * Return: 0 or a negative error.
 */
int netback_hotplug_uevent(xpv_uevent_dev *dev, struct kobj_uevent_env *env)
{
	struct netback_dev *be;
	char *script;
	int err = 0;

	mutex_lock(&netback_hotplug_lock);
	be = dev_get_drvdata(&dev->dev);
	if (be && be->net) {
		script = xenbus_read(XBT_NIL, dev->nodename, "script", NULL);
		if (!IS_ERR(script)) {
			err = add_uevent_var(env, "script=%s", script);
			kfree(script);
		}
		if (!err)
			err = add_uevent_var(env, "vif=%s", be->net->name);
	}
	mutex_unlock(&netback_hotplug_lock);
	return err;
}

/**
 * netback_hotplug_create() - create the interface
 * @be: device
 *
 * Return: 0, or the error of netback_vif_create(). Context: process.
 */
int netback_hotplug_create(struct netback_dev *be)
{
	struct net_device *net = netback_vif_create(be);

	if (IS_ERR(net))
		return PTR_ERR(net);
	mutex_lock(&netback_hotplug_lock);
	be->net = net;
	mutex_unlock(&netback_hotplug_lock);
	kobject_uevent(&be->xdev->dev.kobj, KOBJ_ONLINE);
	return 0;
}

/**
 * netback_hotplug_forget() - the interface will go
 * @be: device, from remove()
 *
 * After this the device's uevents do not know it any more. The script of the
 * next backend for it has to run again.
 */
void netback_hotplug_forget(struct netback_dev *be)
{
	struct xenbus_device *dev = be->xdev;

	if (be->net)
		kobject_uevent(&dev->dev.kobj, KOBJ_OFFLINE);
	mutex_lock(&netback_hotplug_lock);
	dev_set_drvdata(&dev->dev, NULL);
	mutex_unlock(&netback_hotplug_lock);
	/* Removing what is not there does no harm. */
	xenbus_rm(XBT_NIL, dev->nodename, "hotplug-status");
}

/**
 * netback_hotplug_is_done() - has the script set up the interface?
 * @be: device
 *
 * Context: process.
 */
bool netback_hotplug_is_done(struct netback_dev *be)
{
	char *status = xenbus_read(XBT_NIL, be->xdev->nodename,
				   "hotplug-status", NULL);
	bool done;

	if (IS_ERR(status))
		return false;
	done = !strcmp(status, "connected");
	kfree(status);
	return done;
}
