// SPDX-License-Identifier: GPL-2.0-only
/*
 * The protocol with the hotplug scripts. Our state announces that an interface
 * exists, and so does a uevent, for systems where udev runs the scripts. The
 * script reports its end in the key hotplug-status.
 *
 * A toolstack runs the script once in the life of a device. When the module is
 * loaded again, there is another interface, and only udev can run the script:
 * then the uevents ask for it.
 */
#include <linux/kobject.h>
#include <linux/slab.h>
#include "netback.h"

/* Value of hotplug-status: the script has run for an interface that is gone. */
#define NETBACK_AGAIN	"again"

/*
 * Serialises uevents, which anybody may trigger in sysfs, with a device's end.
 */
static DEFINE_MUTEX(netback_hotplug_lock);

/**
 * netback_hotplug_uevent() - add to the environment of the script
 * @dev: xenbus device
 * @env: environment; the bus adds XENBUS_*
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
		if (!err && be->again)
			err = add_uevent_var(env, "again=1");
	}
	mutex_unlock(&netback_hotplug_lock);
	return err;
}

static bool netback_hotplug_status_is(struct netback_dev *be, const char *what)
{
	char *status = xenbus_read(XBT_NIL, be->xdev->nodename,
				   "hotplug-status", NULL);
	bool same;

	if (IS_ERR(status))
		return false;
	same = !strcmp(status, what);
	kfree(status);
	return same;
}

/**
 * netback_hotplug_create() - create the interface
 * @be: device
 *
 * Return: 0, or the error of netback_vif_create().
 * Context: process.
 */
int netback_hotplug_create(struct netback_dev *be)
{
	struct net_device *net = netback_vif_create(be);
	bool again;

	if (IS_ERR(net))
		return PTR_ERR(net);
	again = netback_hotplug_status_is(be, NETBACK_AGAIN);
	if (again)
		netback_keep_restore(be, net);
	mutex_lock(&netback_hotplug_lock);
	be->net = net;
	be->again = again;
	mutex_unlock(&netback_hotplug_lock);
	kobject_uevent(&be->xdev->dev.kobj, KOBJ_ONLINE);
	return 0;
}

/* Do not write to a removed directory: that would recreate it. */
static int netback_hotplug_write_again(void *data, struct xenbus_transaction xbt)
{
	const char *dir = data;

	if (!xenbus_exists(xbt, dir, "state"))
		return 0;
	return xenbus_printf(xbt, dir, "hotplug-status", "%s", NETBACK_AGAIN);
}

/**
 * netback_hotplug_forget() - the interface will be removed
 * @be: device, from remove()
 *
 * After this the device's uevents do not mention it any more. The next backend
 * has to run the script again.
 */
void netback_hotplug_forget(struct netback_dev *be)
{
	struct xenbus_device *dev = be->xdev;
	bool again = be->net && xenbus_dev_is_online(dev);

	if (again)
		netback_keep_save(be);
	mutex_lock(&netback_hotplug_lock);
	be->again = again;
	mutex_unlock(&netback_hotplug_lock);
	if (be->net)
		kobject_uevent(&dev->dev.kobj, KOBJ_OFFLINE);
	mutex_lock(&netback_hotplug_lock);
	dev_set_drvdata(&dev->dev, NULL);
	mutex_unlock(&netback_hotplug_lock);
	/* Removing a key that is missing does no harm. */
	if (!again || xpv_store_update(netback_hotplug_write_again,
				       (void *)dev->nodename))
		xenbus_rm(XBT_NIL, dev->nodename, "hotplug-status");
}

/**
 * netback_hotplug_is_done() - test whether the script has set up the interface
 * @be: device
 *
 * Return: true if so.
 * Context: process.
 */
bool netback_hotplug_is_done(struct netback_dev *be)
{
	return netback_hotplug_status_is(be, "connected");
}
