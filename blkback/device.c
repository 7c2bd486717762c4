// SPDX-License-Identifier: GPL-2.0-only
/* A backend device on the xenbus: its states, probe and remove. */
#include <linux/module.h>
#include <linux/slab.h>
#include "blkback.h"

static struct blkback_dev *blkback_device_of(struct xpv_fsm *m)
{
	return container_of(m, struct blkback_dev, fsm);
}

static struct blkback_dev *blkback_device_from(struct xpv_backend *b)
{
	return container_of(b, struct blkback_dev, backend);
}

static void blkback_device_idle(struct xpv_fsm *m)
{
	blkback_vbd_refresh(blkback_device_of(m));
}

static void blkback_device_connect(struct xpv_fsm *m)
{
	struct blkback_dev *be = blkback_device_of(m);

	blkback_vbd_refresh(be);
	if (!blkback_vbd_is_open(&be->vbd) || be->vbd_broken)
		return;		/* the hotplug script has not finished yet */
	if (!xpv_backend_connect(&be->backend, be->name))
		return;
	xpv_fsm_switch(m, XenbusStateConnected);
	blkback_vbd_poll_start(be);
}

/* The frontend starts again: after a close, a reboot, a kexec. */
static void blkback_device_reopen(struct xpv_fsm *m)
{
	struct blkback_dev *be = blkback_device_of(m);

	blkback_disconnect(be);
	blkback_vbd_refresh(be);
	if (be->vbd_broken)
		return;
	xpv_fsm_switch(m, XenbusStateInitWait);
}

/*
 * The frontend started again before we noticed the end of the old connection.
 */
static void blkback_device_reconnect(struct xpv_fsm *m)
{
	blkback_device_reopen(m);
	if (xpv_fsm_state(m) == XenbusStateInitWait)
		blkback_device_connect(m);
}

static void blkback_device_running(struct xpv_fsm *m)
{
	struct blkback_dev *be = blkback_device_of(m);

	/*
	 * It may even be connected already, because our state was what it waits
	 * for.
	 */
	if (blkback_connect_is_stale(be)) {
		blkback_device_reconnect(m);
		return;
	}
	blkback_vbd_refresh(be);
	blkback_vbd_announce(be);
}

static void blkback_device_closing(struct xpv_fsm *m)
{
	/* Serve requests until the frontend is closed. */
	xpv_fsm_switch(m, XenbusStateClosing);
}

static void blkback_device_closed(struct xpv_fsm *m)
{
	struct blkback_dev *be = blkback_device_of(m);

	blkback_disconnect(be);
	/*
	 * When a toolstack reads Closed, it removes the underlying device at
	 * once.
	 */
	blkback_vbd_close(&be->vbd);
	/* open it when a frontend returns */
	WRITE_ONCE(be->vbd_changed, true);
	xpv_fsm_switch(m, XenbusStateClosed);
}

#define BLKBACK_OPEN (XPV_IN(Unknown) | XPV_IN(Initialising) |		\
		      XPV_IN(InitWait) | XPV_IN(Initialised) |		\
		      XPV_IN(Connected) | XPV_IN(Closing))

static const struct xpv_rule blkback_rules[] = {
	/* The frontend is gone, or its state node is. */
	{ BLKBACK_OPEN, XPV_IN(Closed) | XPV_IN(Unknown),
	  blkback_device_closed },
	{ XPV_IN(Closed), XPV_IN(Closed) | XPV_IN(Unknown), NULL },

	{ XPV_IN(InitWait), XPV_IN(Initialising) | XPV_IN(InitWait),
	  blkback_device_idle },
	{ XPV_IN(InitWait), XPV_IN(Initialised) | XPV_IN(Connected),
	  blkback_device_connect },
	{ XPV_IN(Connected), XPV_IN(Initialised) | XPV_IN(Connected),
	  blkback_device_running },

	{ XPV_IN(Connected) | XPV_IN(Closing) | XPV_IN(Closed),
	  XPV_IN(Initialising) | XPV_IN(InitWait), blkback_device_reopen },
	{ XPV_IN(Closed), XPV_IN(Initialised), blkback_device_reconnect },

	{ XPV_IN(InitWait) | XPV_IN(Connected), XPV_IN(Closing),
	  blkback_device_closing },
	{ }
};

static void blkback_device_peer(struct xenbus_device *dev,
				enum xenbus_state state)
{
	struct blkback_dev *be = dev_get_drvdata(&dev->dev);

	if (be)
		xpv_fsm_peer(&be->fsm, state);
}

static const char *const blkback_device_keys[] = {
	"state", "physical-device", NULL
};

/*
 * The hotplug script has set up the underlying device, or the toolstack changed
 * it; or the device is closed, perhaps finally.
 */
static bool blkback_device_told(struct xpv_dir *d, const char *key)
{
	struct blkback_dev *be = container_of(d, struct blkback_dev,
					      backend.dir);

	if (strcmp(key, "state")) {
		WRITE_ONCE(be->vbd_changed, true);
		xpv_fsm_kick(&be->fsm);
		if (*key)
			return false;
	}
	return xpv_backend_is_over(d->dev);
}

/* "<domid>.<disk>", for thread names, which users may search for. */
static void blkback_device_name(struct blkback_dev *be)
{
	char *disk = xenbus_read(XBT_NIL, be->xdev->nodename, "dev", NULL);
	const char *name = "vbd";

	if (!IS_ERR(disk)) {
		strreplace(disk, '/', '!');
		name = !strncmp(disk, "!dev!", 5) ? disk + 5 : disk;
	}
	snprintf(be->name, sizeof(be->name), "%u.%s", be->domid, name);
	if (!IS_ERR(disk))
		kfree(disk);
}

static int blkback_device_publish(struct blkback_dev *be)
{
	unsigned int order = blkback_max_ring_page_order;
	const struct xpv_number keys[] = {
		{ "feature-max-indirect-segments", BLKBACK_INDIRECT_SEGS },
		{ "multi-queue-max-queues", be->max_queues },
		{ "max-ring-page-order", order },
		{ "max-ring-pages", 1 << order },
	};
	int err = xpv_store_publish(be->xdev->nodename, keys,
				    ARRAY_SIZE(keys));

	if (err == -ENOENT)
		/* the bus will notice that the device is gone */
		return -ENODEV;
	if (err)
		xpv_fsm_fatal(&be->fsm, err, "writing features");
	return err;
}

static int blkback_device_link(struct xpv_backend *b)
{
	struct blkback_dev *be = blkback_device_from(b);
	int err = blkback_connect(be);

	if (err)
		blkback_disconnect(be);
	return err;
}

static void blkback_device_disconnect(struct xpv_backend *b)
{
	blkback_disconnect(blkback_device_from(b));
}

static void blkback_device_unplug(struct xpv_backend *b)
{
	struct blkback_dev *be = blkback_device_from(b);

	xpv_dir_stop(&b->driver->dirs, &b->dir);
	debugfs_remove(be->debug);
	dev_set_drvdata(&be->xdev->dev, NULL);
}

/* Destroy a device. No callback can use it any more. */
static void blkback_device_end(struct xpv_backend *b)
{
	struct blkback_dev *be = blkback_device_from(b);

	blkback_squeeze_del(be);
	xpv_backend_stop(b);
	blkback_disconnect(be);
	if (b->stays)
		xpv_backend_await(b);
	blkback_vbd_close(&be->vbd);
	xpv_violations_free(&be->violations);
	put_device(&be->xdev->dev);
	kfree(be->otherend);
	kfree(be);
}

static struct xpv_backend_driver blkback_backend = {
	XPV_BACKEND_INIT(blkback_backend, "backend/vbd", blkback_device_keys,
			 blkback_device_told, blkback_wq),
	.serving = XPV_IN(Connected),
	.connect = blkback_device_link,
	.relax = blkback_squeeze_all,
	.disconnect = blkback_device_disconnect,
	.unplug = blkback_device_unplug,
	.end = blkback_device_end,
};

static struct blkback_dev *blkback_device_alloc(struct xenbus_device *dev)
{
	struct blkback_dev *be = kzalloc(sizeof(*be), GFP_KERNEL);

	if (!be)
		return NULL;
	be->otherend = kstrdup(dev->otherend, GFP_KERNEL);
	if (!be->otherend ||
	    xpv_violations_init(&be->violations, &blkback_sites, &dev->dev)) {
		kfree(be->otherend);
		kfree(be);
		return NULL;
	}
	get_device(&dev->dev);
	be->xdev = dev;
	be->domid = dev->otherend_id;
	be->max_queues = READ_ONCE(blkback_max_queues);
	be->squeezed = jiffies;
	mutex_init(&be->rings_lock);
	mutex_init(&be->bounce_lock);
	spin_lock_init(&be->drain.lock);
	INIT_DEFERRABLE_WORK(&be->poll, blkback_vbd_poll);
	xpv_backend_init(&be->backend, &blkback_backend, &be->fsm, be->otherend);
	xpv_fsm_init(&be->fsm, dev, blkback_rules, NULL);
	xpv_fsm_queue_alloc(&be->fsm);
	blkback_device_name(be);
	blkback_squeeze_add(be);
	return be;
}

static int blkback_device_probe(struct xenbus_device *dev,
				const struct xenbus_device_id *id)
{
	struct blkback_dev *be = blkback_device_alloc(dev);
	int err = -ENOMEM;

	if (!be) {
		xenbus_dev_fatal(dev, err, "allocating the device");
		return err;
	}
	dev_set_drvdata(&dev->dev, be);
	err = blkback_device_publish(be);
	if (err)
		goto fail;
	blkback_debugfs_add(be);
	err = xpv_fsm_switch(&be->fsm, XenbusStateInitWait);
	if (err)
		goto fail;
	/* The machine must know the peer's state before it is kicked. */
	xpv_backend_meet(&be->backend);
	err = xpv_dir_start(&blkback_backend.dirs, &be->backend.dir, dev);
	if (err)
		dev_warn_once(&dev->dev, "no watch on %s (%d): changes of physical-device are not seen\n",
			      blkback_backend.dirs.watch.node, err);
	WRITE_ONCE(be->vbd_changed, true);
	xpv_fsm_kick(&be->fsm);
	return 0;
fail:
	blkback_device_unplug(&be->backend);
	blkback_device_end(&be->backend);
	return err;
}

static void blkback_device_remove(struct xenbus_device *dev)
{
	struct blkback_dev *be = dev_get_drvdata(&dev->dev);

	xpv_backend_remove(&be->backend);
}

static void blkback_device_shutdown(struct device *dev)
{
	struct blkback_dev *be = dev_get_drvdata(dev);

	if (be)
		xpv_backend_shutdown(&be->backend);
}

/* The system is short of memory. */
static void blkback_device_reclaim(struct xenbus_device *dev)
{
	struct blkback_dev *be = dev_get_drvdata(&dev->dev);

	if (be)
		blkback_squeeze(be);
}

static const struct xenbus_device_id blkback_ids[] = {
	{ "vbd" },
	{ "" }
};

static struct xenbus_driver blkback_driver = {
	.ids = blkback_ids,
	.allow_rebind = true,
	.probe = blkback_device_probe,
	.remove = blkback_device_remove,
	.otherend_changed = blkback_device_peer,
	.reclaim_memory = blkback_device_reclaim,
	.driver.dev_groups = blkback_stats_groups,
	.driver.shutdown = blkback_device_shutdown,
};

/**
 * blkback_device_register() - register the driver
 *
 * Return: 0 or a negative error.
 */
int blkback_device_register(void)
{
	return xpv_backend_register(&blkback_driver, KBUILD_MODNAME);
}

/**
 * blkback_device_unregister() - unregister the driver
 *
 * The devices' I/O completes in blkback_wq.
 */
void blkback_device_unregister(void)
{
	xpv_backend_unregister(&blkback_backend, &blkback_driver);
}
