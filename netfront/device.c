// SPDX-License-Identifier: GPL-2.0-only
/* A device on the bus: probe, remove, suspend and resume. */
#include <linux/etherdevice.h>
#include <linux/slab.h>
#include "netfront.h"

XPV_DEFINE_OWN_DIRS(netfront_dirs, "device/vif");

/*
 * Maximum number of interfaces that watch the backend's carrier. Our own
 * backend rewrites its state when the carrier changes, and the bus watches
 * that. The watch is for a toolstack that only writes the key. It is not worth
 * using up the watches that other devices need to exist at all.
 */
#define NETFRONT_WATCHES	8

static atomic_t netfront_nr_watches;

static void netfront_watched(struct xenbus_watch *watch, const char *path,
			     const char *token)
{
	struct netfront_dev *nf = container_of(watch, struct netfront_dev,
					       watch);

	xpv_fsm_kick(&nf->fsm);
}

/* One pending event is enough, and a backend could cause very many. */
static bool netfront_will_watch(struct xenbus_watch *watch, const char *path,
				const char *token)
{
	return !watch->nr_pending;
}

static void netfront_watch(struct netfront_dev *nf)
{
	if (!atomic_add_unless(&netfront_nr_watches, 1, NETFRONT_WATCHES))
		return;
	if (xpv_store_watch(&nf->watch, netfront_will_watch, netfront_watched,
			    "%s/carrier", nf->dev->otherend))
		atomic_dec(&netfront_nr_watches);
}

static void netfront_unwatch(struct netfront_dev *nf)
{
	if (!nf->watch.node)
		return;
	xpv_store_unwatch(&nf->watch);
	atomic_dec(&netfront_nr_watches);
}

static int netfront_register(struct netfront_dev *nf)
{
	u8 mac[ETH_ALEN];
	int err;

	err = netfront_features_mac(nf, mac);
	if (err)
		return err;
	eth_hw_addr_set(nf->netdev, mac);
	netfront_netdev_setup(nf);
	err = register_netdev(nf->netdev);
	if (err) {
		xpv_fsm_fatal(&nf->fsm, err, "registering the netdev");
		return err;
	}
	nf->registered = true;
	return 0;
}

/* Start negotiating, for the first time or at a new place. */
static void netfront_start(struct netfront_dev *nf)
{
	netfront_watch(nf);
	/* After another driver the state is Closed, and so is the backend's. */
	if (xpv_fsm_state(&nf->fsm) != XenbusStateInitialising)
		xpv_fsm_switch(&nf->fsm, XenbusStateInitialising);
	/* The watch reports the backend's state, now or later. */
}

static int netfront_probe(struct xenbus_device *dev,
			  const struct xenbus_device_id *id)
{
	struct netfront_dev *nf;
	int err;

	nf = netfront_reattach(dev);
	if (nf) {
		dev_set_drvdata(&dev->dev, nf);
		xpv_instance_start(&nf->instance, &nf->fsm, &netfront_dirs);
		netfront_start(nf);
		return 0;
	}
	nf = netfront_alloc(dev);
	if (!nf)
		return -ENOMEM;
	err = xpv_violations_init(&nf->violations, &netfront_sites, &dev->dev);
	if (err) {
		netfront_free(nf);
		return err;
	}
	dev_set_drvdata(&dev->dev, nf);
	netfront_debug_create(nf);
	xpv_instance_start(&nf->instance, &nf->fsm, &netfront_dirs);
	if (netfront_register(nf)) {
		/*
		 * Do not fail the probe: xenbus would overwrite the reason in
		 * the store.
		 */
		mutex_lock(&nf->fsm.act);
		netfront_phase_set(nf, NETFRONT_PHASE_DEAD);
		netfront_closed(nf);
		mutex_unlock(&nf->fsm.act);
		return 0;
	}
	netfront_start(nf);
	return 0;
}

static void netfront_remove(struct xenbus_device *dev)
{
	struct netfront_dev *nf = dev_get_drvdata(&dev->dev);
	struct xpv_instance_fate fate;

	netfront_unwatch(nf);
	fate = xpv_instance_end(&nf->instance);
	xpv_shortage_stop(&nf->shortage);
	if (!netfront_detach_wanted(nf, &fate) || !netfront_detach(nf))
		netfront_destroy(nf);
	dev_set_drvdata(&dev->dev, NULL);
}

/*
 * After a migration, or after a resume on the same host, there is a new
 * backend, which knows nothing of us. Nothing had to be done at the suspend: an
 * old ring without a backend does no harm.
 */
static int netfront_resume(struct xenbus_device *dev)
{
	struct netfront_dev *nf = dev_get_drvdata(&dev->dev);

	netfront_unwatch(nf);
	mutex_lock(&nf->fsm.act);
	/* until it is known */
	xpv_fsm_peer(&nf->fsm, XenbusStateUnknown);
	xpv_instance_resume(&nf->instance);
	if (!netfront_is_dead(nf))
		netfront_phase_set(nf, NETFRONT_PHASE_DOWN);
	nf->carrier.domid = DOMID_INVALID;	/* it may be another host */
	netfront_disconnect(nf);
	mutex_unlock(&nf->fsm.act);
	if (nf->registered)
		netfront_watch(nf);
	return 0;
}

static void netfront_changed(struct xenbus_device *dev,
			     enum xenbus_state backend)
{
	struct netfront_dev *nf = dev_get_drvdata(&dev->dev);

	xpv_fsm_peer(&nf->fsm, backend);
}

static const struct xenbus_device_id netfront_ids[] = {
	{ "vif" },
	{ "" }
};

struct xenbus_driver netfront_driver = {
	.ids = netfront_ids,
	.probe = netfront_probe,
	.remove = netfront_remove,
	.resume = netfront_resume,
	.otherend_changed = netfront_changed,
};
