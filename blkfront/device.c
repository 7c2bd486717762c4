// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device on the bus: its coming and going, and the table of its states.
 *
 * Initialising  looking for a backend to negotiate with
 * Initialised   rings published
 * Connected     in use
 * Closing       to go when the last user is gone; still in use
 * Closed        not in use; requests fail
 *
 * The disk outlives connections. Requests wait for a new one while the backend
 * may come back, for blkfront_reconnect_timeout seconds at most.
 */
#include <linux/slab.h>
#include <xen/platform_pci.h>
#include "blkfront.h"

/* remove() lets dirty data be written for that long. */
#define BLKFRONT_REMOVE_WAIT	(30 * HZ)
/* ms that a backend gets to notice the end of an earlier connection. */
#define BLKFRONT_STALE_WAIT	5000

static struct blkfront_dev *to_blkfront(struct xpv_machine *m)
{
	return container_of(m, struct blkfront_dev, machine);
}

/* Everything in flight fails, and all that comes. */
static void blkfront_fail(struct blkfront_dev *bf)
{
	WRITE_ONCE(bf->failing, true);
	blkfront_disconnect(bf);
	blkfront_release(bf);
}

static void blkfront_closed(struct blkfront_dev *bf)
{
	WRITE_ONCE(bf->waiting, false);
	xpv_machine_reach(&bf->machine);
	xenbus_frontend_closed(bf->dev);
	xpv_machine_note(&bf->machine, XPV_BY_US);
}

/* The end of the disk; its users get errors. */
static void blkfront_kill(struct blkfront_dev *bf)
{
	bool was_dead = bf->dead;

	bf->dead = true;
	blkfront_fail(bf);
	/* If it is just being added, blkfront_disk_add() does this. */
	if (!was_dead && bf->added && !bf->gone)
		blk_mark_disk_dead(bf->disk);
	blkfront_closed(bf);
}

/* A reason to close was told to xenbus; another backend may do better. */
static void blkfront_give_up(struct blkfront_dev *bf)
{
	blkfront_fail(bf);
	blkfront_closed(bf);
}

/**
 * blkfront_broken() - stop the device soon: the backend cannot be trusted
 * @bf: device
 *
 * Context: any.
 */
void blkfront_broken(struct blkfront_dev *bf)
{
	WRITE_ONCE(bf->broken, true);
	xpv_machine_kick(&bf->machine);
}

static void blkfront_act_broken(struct blkfront_dev *bf)
{
	xpv_machine_fatal(&bf->machine, -EPROTO,
			  "backend broke the protocol, disk %s stopped; see debugfs violations",
			  bf->name.disk);
	blkfront_give_up(bf);
}

static void blkfront_act_negotiate(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (bf->dead)
		return;
	if (!bf->disk)
		xpv_machine_reach(m);
	blkfront_disconnect(bf);	/* rings of an earlier attempt */
	if (bf->failing)
		blkfront_release(bf);
	if (blkfront_publish(bf)) {
		blkfront_give_up(bf);
		return;
	}
	xpv_machine_switch(m, XenbusStateInitialised);
	if (xpv_machine_peer_state(m) == XenbusStateConnected)
		xpv_machine_kick(m);
}

/*
 * We are new and the backend is connected: most likely it has not noticed yet
 * that the driver before us went, and will. But it may also have to be taken as
 * it is.
 */
static void blkfront_act_stale(struct xpv_machine *m)
{
	if (to_blkfront(m)->disk)
		blkfront_act_negotiate(m);
	else if (!m->waiting)
		xpv_machine_deadline(m, BLKFRONT_STALE_WAIT);
}

static void blkfront_act_link(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);
	bool first = !bf->disk;

	if (blkfront_link(bf)) {
		blkfront_give_up(bf);
		return;
	}
	xpv_machine_reach(m);
	WRITE_ONCE(bf->failing, false);
	xpv_machine_switch(m, XenbusStateConnected);
	blkfront_release(bf);
	if (first)
		queue_work(blkfront_wq, &bf->add_work);
	else
		dev_info_ratelimited(&bf->dev->dev, "%s: connected again\n",
				     bf->name.disk);
}

/* The backend wants to negotiate (again), or will. Requests wait. */
static void blkfront_act_reset(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);
	unsigned int secs = min(READ_ONCE(blkfront_reconnect_timeout), 86400U);

	if (bf->dead)
		return;
	WRITE_ONCE(bf->waiting, false);
	if (bf->disk && !bf->failing) {
		dev_info_ratelimited(&m->dev->dev,
				     "%s: backend %s, waiting for it\n",
				     bf->name.disk,
				     xenbus_strstate(xpv_machine_peer_state(m)));
		xpv_machine_deadline(m, secs * MSEC_PER_SEC);
	}
	blkfront_disconnect(bf);
	if (bf->failing)
		blkfront_release(bf);
	xpv_machine_switch(m, XenbusStateInitialising);
	if (XPV_IN(InitWait) & BIT(xpv_machine_peer_state(m)) ||
	    XPV_IN(Initialised) & BIT(xpv_machine_peer_state(m)))
		blkfront_act_negotiate(m);
}

/* The backend did not come back in time, or not out of an old connection. */
static void blkfront_expired(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (bf->linked)
		return;
	if (!bf->disk) {
		if (m->dev->state == XenbusStateInitialising &&
		    xpv_machine_peer_state(m) == XenbusStateConnected)
			blkfront_act_negotiate(m);
		return;
	}
	dev_warn_ratelimited(&m->dev->dev,
			     "%s: backend did not come back, I/O fails\n",
			     bf->name.disk);
	WRITE_ONCE(bf->failing, true);
	blkfront_release(bf);
}

/* Closed or gone without having asked: final if the toolstack says so. */
static void blkfront_act_gone(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (blkfront_backend_online(bf))
		blkfront_act_reset(m);
	else
		blkfront_kill(bf);
	blkfront_grant_bury(bf, false);
}

/*
 * The backend asks us to close. With users, it has to wait for the last; it can
 * insist by closing. (At the end of the system xenbus closes for us.)
 */
static void blkfront_act_close(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (bf->broken) {
		blkfront_act_broken(bf);
		return;
	}
	if (bf->suspect) {
		bf->suspect = false;
		if (xenbus_read_driver_state(m->dev->otherend) !=
		    XenbusStateClosing) {
			blkfront_act_gone(m);
			return;
		}
	}
	if (bf->linked && bf->added && disk_openers(bf->disk)) {
		if (bf->waiting)
			return;
		WRITE_ONCE(bf->waiting, true);
		xenbus_dev_error(m->dev, -EBUSY,
				 "%s is in use; closing when it is not",
				 bf->name.disk);
		xpv_machine_switch(m, XenbusStateClosing);
		/* the last user may have gone before it could see @waiting */
		if (disk_openers(bf->disk))
			return;
	}
	blkfront_kill(bf);
}

/* Connected at both ends: said again for a new size, or we want to look. */
static void blkfront_act_look(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);
	u64 sectors;

	if (bf->broken) {
		blkfront_act_broken(bf);
		return;
	}
	if (bf->suspect) {
		enum xenbus_state now;

		bf->suspect = false;
		now = xenbus_read_driver_state(m->dev->otherend);
		if (now != XenbusStateConnected) {
			xpv_machine_peer(m, now);
			return;
		}
	}
	if (blkfront_gather_sectors(bf, &sectors) ||
	    sectors == get_capacity(bf->disk))
		return;
	dev_info_ratelimited(&m->dev->dev, "%s: capacity now %llu sectors\n",
			     bf->name.disk, sectors);
	bf->facts.sectors = sectors;
	if (bf->added)
		set_capacity_and_notify(bf->disk, sectors);
	else
		set_capacity(bf->disk, sectors);
}

/* Taken back: the close that was asked for is off. */
static void blkfront_act_stay(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (!bf->linked || bf->broken) {
		blkfront_act_broken(bf);
		return;
	}
	WRITE_ONCE(bf->waiting, false);
	xpv_machine_switch(m, XenbusStateConnected);
}

/* The backend has let go of what we had granted. */
static void blkfront_act_bury(struct xpv_machine *m)
{
	blkfront_grant_bury(to_blkfront(m), false);
}

/* Not connected, and there is nobody to connect to: is anybody to be expected? */
static void blkfront_act_absent(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	blkfront_grant_bury(bf, false);
	if (blkfront_backend_online(bf))
		return;
	if (bf->disk)
		blkfront_kill(bf);
	else
		blkfront_give_up(bf);
}

#define XPV_AWAY	(XPV_IN(Closed) | XPV_IN(Unknown))
#define XPV_READY	(XPV_IN(InitWait) | XPV_IN(Initialised))

static const struct xpv_rule blkfront_rules[] = {
	{ XPV_IN(Initialising), XPV_READY, blkfront_act_negotiate },
	{ XPV_IN(Initialising), XPV_IN(Connected), blkfront_act_stale },
	{ XPV_IN(Initialising), XPV_IN(Closing), blkfront_act_close },
	{ XPV_IN(Initialising), XPV_AWAY, blkfront_act_absent },

	{ XPV_IN(Initialised), XPV_IN(Connected), blkfront_act_link },
	{ XPV_IN(Initialised), XPV_IN(Initialising), blkfront_act_reset },
	{ XPV_IN(Initialised), XPV_IN(Closing), blkfront_act_close },
	{ XPV_IN(Initialised), XPV_AWAY, blkfront_act_gone },

	{ XPV_IN(Connected), XPV_IN(Connected), blkfront_act_look },
	{ XPV_IN(Connected), XPV_READY | XPV_IN(Initialising),
	  blkfront_act_reset },
	{ XPV_IN(Connected), XPV_IN(Closing), blkfront_act_close },
	{ XPV_IN(Connected), XPV_AWAY, blkfront_act_gone },

	{ XPV_IN(Closing), XPV_IN(Closing), blkfront_act_close },
	{ XPV_IN(Closing), XPV_IN(Connected), blkfront_act_stay },
	{ XPV_IN(Closing), XPV_READY | XPV_IN(Initialising),
	  blkfront_act_reset },
	{ XPV_IN(Closing), XPV_AWAY, blkfront_act_gone },

	{ XPV_IN(Closed), XPV_READY, blkfront_act_reset },
	{ XPV_IN(Closed), XPV_AWAY | XPV_IN(Initialising), blkfront_act_bury },
	{}
};

static void blkfront_changed(struct xenbus_device *dev,
			     enum xenbus_state backend)
{
	struct blkfront_dev *bf = dev_get_drvdata(&dev->dev);

	xpv_machine_peer(&bf->machine, backend);
}

/* The number by which the toolstack calls the device. */
static int blkfront_read_vdev(struct xenbus_device *dev, u32 *vdev)
{
	u64 val;
	int err;

	err = xpv_store_uint(dev->nodename, "virtual-device", 0, U32_MAX, &val);
	if (err)
		err = xpv_store_uint(dev->nodename, "virtual-device-ext", 0,
				     U32_MAX, &val);
	if (err) {
		xenbus_dev_fatal(dev, err, "reading virtual-device");
		return err;
	}
	*vdev = val;
	return 0;
}

/*
 * Leave to the emulation what is its: disks if they were not unplugged, and
 * CD-ROMs always.
 */
static bool blkfront_is_emulated(struct xenbus_device *dev, u32 vdev)
{
	unsigned int len;
	bool cdrom;
	char *type;

	if (!xen_hvm_domain())
		return false;
	if (xen_has_pv_and_legacy_disk_devices() &&
	    !blkfront_parse_is_xvd(vdev)) {
		dev_info(&dev->dev, "%#x is an emulated disk, not taken\n",
			 vdev);
		return true;
	}
	type = xenbus_read(XBT_NIL, dev->nodename, "device-type", &len);
	if (IS_ERR(type))
		return true;
	cdrom = !strncmp(type, "cdrom", 5);
	kfree(type);
	return cdrom;
}

static int blkfront_alloc_rings(struct blkfront_dev *bf)
{
	unsigned int i;

	bf->max_rings = min(blkfront_max_queues, num_online_cpus());
	bf->rings = kcalloc(bf->max_rings, sizeof(*bf->rings), GFP_KERNEL);
	if (!bf->rings)
		return -ENOMEM;
	for (i = 0; i < bf->max_rings; i++) {
		bf->rings[i].bf = bf;
		bf->rings[i].index = i;
		spin_lock_init(&bf->rings[i].lock);
		INIT_LIST_HEAD(&bf->rings[i].pool);
	}
	return 0;
}

/* remove() has waited long enough for a backend that is mute. */
static void blkfront_reap(struct work_struct *work)
{
	struct blkfront_dev *bf = container_of(to_delayed_work(work),
					       struct blkfront_dev, reap);

	mutex_lock(&bf->machine.act);
	blkfront_fail(bf);
	mutex_unlock(&bf->machine.act);
}

static void blkfront_kick(struct work_struct *work)
{
	struct blkfront_dev *bf = container_of(work, struct blkfront_dev,
					       kick_work);

	blk_mq_run_hw_queues(bf->disk->queue, true);
}

static struct blkfront_dev *blkfront_alloc(struct xenbus_device *dev)
{
	struct blkfront_dev *bf = kzalloc(sizeof(*bf), GFP_KERNEL);

	if (!bf)
		return NULL;
	bf->dev = dev;
	INIT_LIST_HEAD(&bf->named);
	INIT_LIST_HEAD(&bf->grave);
	INIT_WORK(&bf->add_work, blkfront_disk_add);
	INIT_WORK(&bf->limits_work, blkfront_limits_work);
	INIT_WORK(&bf->again_work, blkfront_again_work);
	init_completion(&bf->limits_set);
	INIT_WORK(&bf->kick_work, blkfront_kick);
	INIT_DELAYED_WORK(&bf->purge, blkfront_grant_purge);
	INIT_DELAYED_WORK(&bf->reap, blkfront_reap);
	spin_lock_init(&bf->again_lock);
	bio_list_init(&bf->again);
	xpv_machine_init(&bf->machine, dev, blkfront_rules, blkfront_expired);
	return bf;
}

/*
 * Find out which disk it is. If the toolstack's keys do not say, the reason is
 * in the store when this returns.
 */
static int blkfront_identify(struct blkfront_dev *bf, u32 vdev)
{
	unsigned int handle;
	int err;

	if (!kstrtouint(strrchr(bf->dev->nodename, '/') + 1, 10, &handle))
		bf->handle = handle;	/* of old use, and 16 bits */
	err = blkfront_parse_vdev(vdev, &bf->name);
	if (err) {
		xpv_machine_fatal(&bf->machine, err,
				  "virtual-device %#x is no disk", vdev);
		return err;
	}
	err = blkfront_name_take(bf);
	if (err)
		xpv_machine_fatal(&bf->machine, err, "minors of %s are in use",
				  bf->name.disk);
	return err;
}

static int blkfront_probe(struct xenbus_device *dev,
			  const struct xenbus_device_id *id)
{
	int err, unknown;
	struct blkfront_dev *bf;
	u32 vdev = 0;

	unknown = blkfront_read_vdev(dev, &vdev);
	if (!unknown && blkfront_is_emulated(dev, vdev))
		return -ENODEV;

	bf = blkfront_alloc(dev);
	if (!bf)
		return -ENOMEM;
	err = blkfront_alloc_rings(bf);
	if (!err)
		err = xpv_violations_init(&bf->violations, &blkfront_sites,
					  &dev->dev);
	if (err) {
		kfree(bf->rings);
		kfree(bf);
		return err;
	}
	dev_set_drvdata(&dev->dev, bf);
	blkfront_debug_create(bf);
	if (unknown || blkfront_identify(bf, vdev)) {
		/*
		 * Not an error of the probe, for then xenbus would put that
		 * into the store in place of the reason.
		 */
		bf->dead = true;
		blkfront_closed(bf);
		return 0;
	}
	/* After another driver it is Closed, and so is the backend. */
	if (dev->state != XenbusStateInitialising)
		xpv_machine_switch(&bf->machine, XenbusStateInitialising);
	/* The backend's state comes through its watch, now or later. */
	return 0;
}

/*
 * End, at the wish of the toolstack or of somebody here. Dirty data of open
 * files may still be written if the backend is well, but not for ever.
 */
static void blkfront_remove(struct xenbus_device *dev)
{
	struct blkfront_dev *bf = dev_get_drvdata(&dev->dev);

	xpv_machine_stop(&bf->machine);
	mutex_lock(&bf->machine.act);
	if (bf->linked && !bf->broken && !bf->failing && bf->added &&
	    disk_openers(bf->disk) &&
	    xenbus_read_driver_state(dev->otherend) == XenbusStateConnected)
		queue_delayed_work(system_wq, &bf->reap, BLKFRONT_REMOVE_WAIT);
	else
		blkfront_fail(bf);
	mutex_unlock(&bf->machine.act);

	flush_work(&bf->add_work);
	if (bf->added)
		del_gendisk(bf->disk);
	cancel_delayed_work_sync(&bf->reap);

	mutex_lock(&bf->machine.act);
	WRITE_ONCE(bf->failing, true);
	bf->dead = true;
	if (bf->added)
		bf->gone = true;
	blkfront_disconnect(bf);
	blkfront_release(bf);
	blkfront_grant_bury(bf, true);
	mutex_unlock(&bf->machine.act);
	flush_work(&bf->again_work);
	flush_work(&bf->limits_work);
	flush_work(&bf->kick_work);

	debugfs_remove(bf->debug);
	blkfront_name_put(bf);
	xpv_violations_free(&bf->violations);
	kfree(bf->rings);
	dev_set_drvdata(&dev->dev, NULL);
	blkfront_disk_free(bf);
}

/*
 * In a new place after a migration, or where we were: there is a new backend,
 * and it knows nothing of us. Nothing had to be done at the suspend: the old
 * rings are complete here, with what was answered and what was not.
 */
static int blkfront_resume(struct xenbus_device *dev)
{
	struct blkfront_dev *bf = dev_get_drvdata(&dev->dev);
	struct xpv_machine *m = &bf->machine;
	unsigned int secs = min(READ_ONCE(blkfront_reconnect_timeout), 86400U);

	mutex_lock(&m->act);
	xpv_machine_peer(m, XenbusStateUnknown);	/* until the watch says */
	WRITE_ONCE(bf->waiting, false);
	blkfront_disconnect(bf);
	blkfront_grant_bury(bf, false);
	if (bf->failing)
		blkfront_release(bf);
	else if (bf->disk)
		xpv_machine_deadline(m, secs * MSEC_PER_SEC);
	mutex_unlock(&m->act);
	return 0;
}

/* Whether the boot has to wait for it. */
static int blkfront_is_ready(struct xenbus_device *dev)
{
	struct blkfront_dev *bf = dev_get_drvdata(&dev->dev);

	return bf && READ_ONCE(bf->added);
}

static const struct xenbus_device_id blkfront_ids[] = {
	{ "vbd" },
	{ "" }
};

struct xenbus_driver blkfront_driver = {
	.ids = blkfront_ids,
	.probe = blkfront_probe,
	.remove = blkfront_remove,
	.resume = blkfront_resume,
	.otherend_changed = blkfront_changed,
	.is_ready = blkfront_is_ready,
};
