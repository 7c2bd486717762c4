// SPDX-License-Identifier: GPL-2.0-only
/* A backend device on the xenbus: its states, probe and remove. */
#include <linux/module.h>
#include <linux/slab.h>
#include "netback.h"

/* Another device may have an interface of that name for a short time. */
#define NETBACK_NAME_WAIT	200	/* milliseconds */
#define NETBACK_NAME_TRIES	50

static struct netback_dev *netback_device_of(struct xpv_fsm *m)
{
	return container_of(m, struct netback_dev, fsm);
}

static struct netback_dev *netback_device_from(struct xpv_backend *b)
{
	return container_of(b, struct netback_dev, backend);
}

static int netback_device_publish(struct netback_dev *be)
{
	const struct xpv_number keys[] = {
		{ "feature-sg", 1 },
		{ "feature-gso-tcpv4", 1 },
		{ "feature-gso-tcpv6", 1 },
		{ "feature-ipv6-csum-offload", 1 },
		{ "feature-rx-copy", 1 },
		{ "feature-rx-flip", 0 },
		{ "feature-xdp-headroom", READ_ONCE(netback_provides_xdp) },
		{ "feature-multicast-control", 1 },
		{ "feature-dynamic-multicast-control", 1 },
		{ "feature-split-event-channels",
		  READ_ONCE(netback_separate_irq) },
		{ "multi-queue-max-queues", be->max_queues },
		{ "feature-ctrl-ring", 1 },
	};
	int err = xpv_store_publish(be->xdev->nodename, keys,
				    ARRAY_SIZE(keys));

	/* If the directory is gone, the bus will notice. */
	if (err && err != -ENOENT)
		xpv_fsm_fatal(&be->fsm, err, "writing features");
	return err;
}

/* Number and address, which the toolstack wrote. */
static int netback_device_identity(struct netback_dev *be)
{
	const char *dir = be->xdev->nodename;
	unsigned int len;
	char *text;
	u64 handle;
	int err;

	err = xpv_store_uint(dir, "handle", 0, U32_MAX, &handle);
	if (err) {
		xenbus_dev_fatal(be->xdev, err, "reading %s/handle", dir);
		return err;
	}
	be->handle = handle;
	text = xenbus_read(XBT_NIL, dir, "mac", &len);
	if (IS_ERR(text)) {
		err = PTR_ERR(text);
		xenbus_dev_fatal(be->xdev, err, "reading %s/mac", dir);
		return err;
	}
	err = xpv_parse_mac(text, len, be->mac);
	kfree(text);
	if (err)
		xenbus_dev_fatal(be->xdev, err, "%s/mac is no address", dir);
	return err;
}

/*
 * The first action does everything that probe() must not do in the xenwatch
 * thread.
 */
static void netback_device_begin(struct xpv_fsm *m)
{
	struct netback_dev *be = netback_device_of(m);
	int err;

	if (netback_device_publish(be))
		return;
	err = netback_hotplug_create(be);
	if (err == -EEXIST && ++be->tries < NETBACK_NAME_TRIES) {
		xpv_fsm_deadline(m, NETBACK_NAME_WAIT);
		return;
	}
	if (err) {
		xpv_fsm_fatal(&be->fsm, err, "creating interface vif%u.%u",
			      be->domid, be->handle);
		return;
	}
	netback_credit_read(be);
	xpv_fsm_switch(m, XenbusStateInitWait);
	xpv_fsm_kick(m);
}

/* Try again to create the interface by its name. */
static void netback_device_expired(struct xpv_fsm *m)
{
	xpv_fsm_kick(m);
}

static void netback_device_idle(struct xpv_fsm *m)
{
	struct netback_dev *be = netback_device_of(m);

	if (xchg(&be->rate_changed, false))
		netback_credit_read(be);
}

static void netback_device_connect(struct xpv_fsm *m)
{
	struct netback_dev *be = netback_device_of(m);

	netback_device_idle(m);
	if (!be->net || !netback_hotplug_is_done(be))
		return;		/* its watch will call again */
	if (!xpv_backend_connect(&be->backend, be->net->name))
		return;
	WRITE_ONCE(be->tell_carrier, true);
	netback_vif_announce(be);
	xpv_fsm_switch(m, XenbusStateConnected);
}

/* The frontend starts again: after a close, a reboot, a kexec. */
static void netback_device_reopen(struct xpv_fsm *m)
{
	struct netback_dev *be = netback_device_of(m);

	netback_disconnect(be);
	if (be->net)
		xpv_fsm_switch(m, XenbusStateInitWait);
	else
		netback_device_begin(m);	/* an earlier attempt failed */
}

/*
 * The frontend started again before we noticed the end of the old connection.
 */
static void netback_device_reconnect(struct xpv_fsm *m)
{
	netback_device_reopen(m);
	if (xpv_fsm_state(m) == XenbusStateInitWait)
		netback_device_connect(m);
}

static void netback_device_running(struct xpv_fsm *m)
{
	struct netback_dev *be = netback_device_of(m);

	if (netback_connect_is_stale(be)) {
		netback_device_reconnect(m);
		return;
	}
	netback_device_idle(m);
	netback_connect_filter(be);
	netback_vif_announce(be);
}

/* The frontend attaches or detaches an XDP program. */
static void netback_device_reconfigure(struct xpv_fsm *m)
{
	struct netback_dev *be = netback_device_of(m);

	netback_connect_headroom(be);
	if (xpv_fsm_state(m) != XenbusStateReconfigured)
		xpv_fsm_switch(m, XenbusStateReconfigured);
}

static void netback_device_reconfigured(struct xpv_fsm *m)
{
	netback_connect_headroom(netback_device_of(m));
	xpv_fsm_switch(m, XenbusStateConnected);
	netback_device_running(m);
}

static void netback_device_closing(struct xpv_fsm *m)
{
	netback_disconnect(netback_device_of(m));
	xpv_fsm_switch(m, XenbusStateClosing);
}

static void netback_device_closed(struct xpv_fsm *m)
{
	netback_disconnect(netback_device_of(m));
	xpv_fsm_switch(m, XenbusStateClosed);
}

#define NETBACK_OPEN (XPV_IN(InitWait) | XPV_IN(Connected) |		\
		      XPV_IN(Reconfigured) | XPV_IN(Closing))
#define NETBACK_GONE (XPV_IN(Closed) | XPV_IN(Unknown))

static const struct xpv_rule netback_rules[] = {
	{ XPV_IN(Unknown) | XPV_IN(Initialising), XPV_IN_ANY,
	  netback_device_begin },

	/* The frontend is gone, or its state node is. */
	{ NETBACK_OPEN, NETBACK_GONE, netback_device_closed },
	{ XPV_IN(Closed), NETBACK_GONE, netback_device_idle },

	{ XPV_IN(InitWait),
	  XPV_IN(Initialising) | XPV_IN(InitWait) | XPV_IN(Initialised),
	  netback_device_idle },
	{ XPV_IN(InitWait), XPV_IN(Connected), netback_device_connect },

	{ XPV_IN(Connected), XPV_IN(Connected), netback_device_running },
	{ XPV_IN(Connected) | XPV_IN(Reconfigured), XPV_IN(Reconfiguring),
	  netback_device_reconfigure },
	{ XPV_IN(Reconfigured), XPV_IN(Connected),
	  netback_device_reconfigured },

	{ XPV_IN(Connected) | XPV_IN(Reconfigured) | XPV_IN(Closing) |
	  XPV_IN(Closed), XPV_IN(Initialising) | XPV_IN(InitWait),
	  netback_device_reopen },
	{ XPV_IN(Closed), XPV_IN(Connected), netback_device_reconnect },

	{ XPV_IN(InitWait) | XPV_IN(Connected) | XPV_IN(Reconfigured),
	  XPV_IN(Closing), netback_device_closing },
	{ }
};

static void netback_device_peer(struct xenbus_device *dev,
				enum xenbus_state state)
{
	struct netback_dev *be = dev_get_drvdata(&dev->dev);

	if (be)
		xpv_fsm_peer(&be->fsm, state);
}

/* At most one event of a watch is queued (XSA-349). */
static bool netback_device_will_handle(struct xenbus_watch *watch,
				       const char *path, const char *token)
{
	return !watch->nr_pending;
}

static const char *const netback_device_keys[] = {
	"state", "hotplug-status", "rate", NULL
};

/*
 * The hotplug script has set up the interface, or the toolstack changed its
 * rate; or the device is closed, perhaps finally.
 */
static bool netback_device_told(struct xpv_dir *d, const char *key)
{
	struct netback_dev *be = container_of(d, struct netback_dev,
					      backend.dir);

	if (strcmp(key, "state")) {
		if (strcmp(key, "hotplug-status"))
			WRITE_ONCE(be->rate_changed, true);
		xpv_fsm_kick(&be->fsm);
		if (*key)
			return false;
	}
	return xpv_backend_is_over(d->dev);
}

static void netback_device_mcast_written(struct xenbus_watch *watch,
					 const char *path, const char *token)
{
	struct netback_dev *be = container_of(watch, struct netback_dev,
					      mcast_watch);

	xpv_fsm_kick(&be->fsm);
}

/*
 * The watch in the frontend's directory exists from probe() to remove().
 * Unregistering it in an action of the machine could wait for the xenwatch
 * thread, which may be waiting for that action in remove(). Without the watch
 * we use the value that is there when we connect, and do not see later changes.
 */
static void netback_device_watch(struct netback_dev *be)
{
	struct xpv_backend *b = &be->backend;
	struct xenbus_device *dev = be->xdev;
	int err;

	err = xpv_dir_start(&b->driver->dirs, &b->dir, dev);
	if (err)
		dev_warn_once(&dev->dev, "no watch on %s (%d): hotplug scripts are not heard\n",
			      b->driver->dirs.watch.node, err);
	err = xpv_store_watch(&be->mcast_watch, netback_device_will_handle,
			      netback_device_mcast_written,
			      "%s/request-multicast-control", be->otherend);
	if (err)
		dev_info_once(&dev->dev, "no watch on request-multicast-control (%d)\n",
			      err);
	WRITE_ONCE(be->rate_changed, true);
	xpv_fsm_kick(&be->fsm);
}

static void netback_device_free(struct netback_dev *be)
{
	xpv_violations_free(&be->violations);
	kvfree(be->stats);
	kfree(be->rings);
	kfree(be->otherend);
	kfree(be);
}

static int netback_device_link(struct xpv_backend *b)
{
	return netback_connect(netback_device_from(b));
}

static void netback_device_disconnect(struct xpv_backend *b)
{
	netback_disconnect(netback_device_from(b));
}

/*
 * If only the module goes, nobody takes packets any more, but the next backend
 * will. The frontend has no carrier meanwhile, and negotiates again.
 */
static void netback_device_unplug(struct xpv_backend *b)
{
	struct netback_dev *be = netback_device_from(b);

	xpv_backend_unhalt(b);
	xpv_dir_stop(&b->driver->dirs, &b->dir);
	xpv_store_unwatch(&be->mcast_watch);
	netback_hotplug_forget(be);
	debugfs_remove(be->debug);
	xpv_backend_stop(b);
	be->buried = netback_connect_detach(be);
	/* Remove it now, because it is below the device in sysfs. */
	if (be->net)
		unregister_netdev(be->net);
	if (b->stays)
		xpv_backend_await(b);
}

/* The last part of destroying a device, which may wait for packets. */
static void netback_device_end(struct xpv_backend *b)
{
	struct netback_dev *be = netback_device_from(b);

	netback_connect_free(be, be->buried);
	if (be->net)
		free_netdev(be->net);
	put_device(&be->xdev->dev);
	netback_device_free(be);
}

static struct xpv_backend_driver netback_backend = {
	XPV_BACKEND_INIT(netback_backend, "backend/vif", netback_device_keys,
			 netback_device_told, netback_wq),
	.serving = XPV_IN(Connected) | XPV_IN(Reconfigured),
	.connect = netback_device_link,
	.disconnect = netback_device_disconnect,
	.unplug = netback_device_unplug,
	.end = netback_device_end,
};

static struct netback_dev *netback_device_alloc(struct xenbus_device *dev)
{
	struct netback_dev *be = kzalloc(sizeof(*be), GFP_KERNEL);
	unsigned int i;

	if (!be)
		return NULL;
	be->max_queues = READ_ONCE(netback_max_queues);
	be->otherend = kstrdup(dev->otherend, GFP_KERNEL);
	be->stats = kvcalloc(be->max_queues, sizeof(*be->stats), GFP_KERNEL);
	be->rings = kcalloc(be->max_queues, sizeof(*be->rings), GFP_KERNEL);
	if (!be->otherend || !be->stats || !be->rings ||
	    xpv_violations_init(&be->violations, &netback_sites, &dev->dev)) {
		netback_device_free(be);
		return NULL;
	}
	for (i = 0; i < be->max_queues; i++) {
		u64_stats_init(&be->stats[i].tx_sync);
		u64_stats_init(&be->stats[i].rx_sync);
		u64_stats_init(&be->stats[i].xmit_sync);
		be->rings[i].be = be;
		be->rings[i].index = i;
	}
	get_device(&dev->dev);
	be->xdev = dev;
	be->domid = dev->otherend_id;
	be->carrier = -1;
	INIT_LIST_HEAD(&be->mcast);
	spin_lock_init(&be->mcast_lock);
	spin_lock_init(&be->limit.lock);
	xpv_backend_init(&be->backend, &netback_backend, &be->fsm, be->otherend);
	netback_ctrl_init(be);
	xpv_fsm_init(&be->fsm, dev, netback_rules,
		     netback_device_expired);
	xpv_fsm_queue_alloc(&be->fsm);
	return be;
}

static int netback_device_probe(struct xenbus_device *dev,
				const struct xenbus_device_id *id)
{
	struct netback_dev *be = netback_device_alloc(dev);
	int err = -ENOMEM;

	if (!be) {
		xenbus_dev_fatal(dev, err, "allocating the device");
		return err;
	}
	err = netback_device_identity(be);
	if (err) {
		xpv_fsm_queue_free(&be->fsm);
		put_device(&dev->dev);
		netback_device_free(be);
		return err;
	}
	dev_set_drvdata(&dev->dev, be);
	netback_debugfs_add(be);
	/* The previous backend's module may have left any state. */
	if (dev->state != XenbusStateInitialising)
		xpv_fsm_switch(&be->fsm, XenbusStateInitialising);
	/* The machine must know the peer's state before a watch kicks it. */
	xpv_backend_meet(&be->backend);
	netback_device_watch(be);
	return 0;
}

static void netback_device_remove(struct xenbus_device *dev)
{
	struct netback_dev *be = dev_get_drvdata(&dev->dev);

	xpv_backend_remove(&be->backend);
}

static void netback_device_shutdown(struct device *dev)
{
	struct netback_dev *be = dev_get_drvdata(dev);

	if (be)
		xpv_backend_shutdown(&be->backend);
}

static const struct xenbus_device_id netback_ids[] = {
	{ "vif" },
	{ "" }
};

static struct xenbus_driver netback_driver = {
	.ids = netback_ids,
	.allow_rebind = true,
	.probe = netback_device_probe,
	.remove = netback_device_remove,
	.uevent = netback_hotplug_uevent,
	.otherend_changed = netback_device_peer,
	.driver.shutdown = netback_device_shutdown,
};

/**
 * netback_device_register() - register the driver
 *
 * Return: 0 or a negative error.
 */
int netback_device_register(void)
{
	return xpv_backend_register(&netback_driver, KBUILD_MODNAME);
}

/**
 * netback_device_unregister() - unregister the driver
 *
 * Packets that are still in use elsewhere end in netback_wq.
 */
void netback_device_unregister(void)
{
	xpv_backend_unregister(&netback_backend, &netback_driver);
}
