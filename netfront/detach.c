// SPDX-License-Identifier: GPL-2.0-only
/*
 * Detach and reattach a netdev. When its backend has died, the toolstack gives
 * the device to another one: it writes the frontend's directory anew, at once
 * or later. The bus sees one device that is removed and another one that is
 * added. The netdev stays, with its addresses, routes and sockets.
 */
#include <linux/etherdevice.h>
#include <linux/kobject.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include "netfront.h"

/* One day, in seconds. */
#define NETFRONT_MAX_RECONNECT	86400U

static unsigned int netfront_park_secs(void)
{
	return min(READ_ONCE(netfront_reconnect_timeout),
		   NETFRONT_MAX_RECONNECT);
}

static void netfront_detach_expired(struct xpv_detached *detached);

static XPV_DEFINE_LOT(netfront_lot, netfront_detach_expired);

static struct netfront_dev *netfront_detached(struct xpv_detached *detached)
{
	return container_of(detached, struct netfront_dev, detach_entry);
}

/*
 * It will not return to its place. User space got no event when it was
 * detached, so it has to learn the new path to understand the removal.
 */
static void netfront_detach_tell(struct netfront_dev *nf)
{
	char *env[2] = { nf->place };

	if (nf->place)
		kobject_uevent_env(&nf->netdev->dev.kobj, KOBJ_MOVE, env);
}

static void netfront_detach_unplace(struct netfront_dev *nf)
{
	kfree(nf->place);
	nf->place = NULL;
}

/* The time limit is over, or the module is unloaded. */
static void netfront_detach_expired(struct xpv_detached *detached)
{
	struct netfront_dev *nf = netfront_detached(detached);
	struct xenbus_device *dev = nf->dev;

	netfront_outage_fail(nf);
	netfront_detach_tell(nf);
	netfront_detach_unplace(nf);
	netfront_destroy(nf);
	put_device(&dev->dev);
}

/**
 * netfront_detach_wanted() - test whether the device will come back
 * @nf:   leaves the bus, its machine is stopped
 * @fate: why it leaves
 *
 * It will if another instance is in the directory, or if it leaves after its
 * backend died.
 *
 * Return: true if so.
 * Context: process, from remove().
 */
bool netfront_detach_wanted(struct netfront_dev *nf,
			    const struct xpv_instance_fate *fate)
{
	if (!nf->registered || netfront_is_dead(nf) || !netfront_park_secs())
		return false;
	return fate->replaced || (nf->phase == NETFRONT_PHASE_LOST && fate->orphaned);
}

/**
 * netfront_detach() - detach the netdev until a device of that name comes
 * @nf: leaves the bus, its watches are stopped
 *
 * Return: false if that is not possible.
 * Context: process, from remove().
 */
bool netfront_detach(struct netfront_dev *nf)
{
	struct xenbus_device *dev = nf->dev;
	char *path;
	int err;

	mutex_lock(&nf->fsm.act);
	netfront_outage_begin(nf, "is replaced");
	netfront_phase_set(nf, NETFRONT_PHASE_DETACHED);
	netfront_disconnect(nf);
	mutex_unlock(&nf->fsm.act);
	wake_up_all(&nf->wait);		/* the waiter holds RTNL */

	rtnl_lock();			/* keeps its name */
	path = kobject_get_path(&nf->netdev->dev.kobj, GFP_KERNEL);
	nf->place = path ? kasprintf(GFP_KERNEL, "DEVPATH_OLD=%s", path) : NULL;
	kfree(path);
	err = xpv_detach_child(&nf->netdev->dev, NULL);
	rtnl_unlock();
	if (err) {
		netfront_detach_unplace(nf);
		return false;
	}
	/* Our messages name it until there is another one. */
	get_device(&dev->dev);
	xpv_detach(&netfront_lot, &nf->detach_entry, dev,
		   netfront_park_secs() * MSEC_PER_SEC);
	return true;
}

/* Move the netdev to its new place. */
static void netfront_unpark(struct netfront_dev *nf, struct xenbus_device *dev)
{
	struct xenbus_device *old = nf->dev;

	rtnl_lock();
	mutex_lock(&nf->fsm.act);
	nf->dev = dev;
	nf->violations.dev = &dev->dev;
	xpv_fsm_reattach(&nf->fsm, dev);
	netfront_phase_set(nf, NETFRONT_PHASE_DOWN);
	mutex_unlock(&nf->fsm.act);
	if (xpv_detach_child(&nf->netdev->dev, &dev->dev))
		dev_warn(&dev->dev, "%s stays outside of the bus\n",
			 netdev_name(nf->netdev));
	rtnl_unlock();
	netfront_detach_unplace(nf);
	put_device(&old->dev);
}

/**
 * netfront_reattach() - reattach the netdev that waits for this device
 * @dev: probed
 *
 * Return: the device, not watched yet; NULL if there is none, or if it had
 * another address, in which case it was destroyed.
 * Context: process.
 */
struct netfront_dev *netfront_reattach(struct xenbus_device *dev)
{
	struct xpv_detached *detached = xpv_reattach(&netfront_lot, dev);
	struct netfront_dev *nf;
	u8 mac[ETH_ALEN];

	if (!detached)
		return NULL;
	nf = netfront_detached(detached);
	if (netfront_read_mac(dev, mac) ||
	    !ether_addr_equal(mac, nf->netdev->perm_addr)) {
		netfront_detach_expired(detached);
		return NULL;
	}
	netfront_unpark(nf, dev);
	return nf;
}

/**
 * netfront_detach_exit() - the module is unloaded
 *
 * No device is bound any more.
 */
void netfront_detach_exit(void)
{
	xpv_lot_clear(&netfront_lot);
}
