// SPDX-License-Identifier: GPL-2.0-only
/* A device on the bus: probe, remove, suspend and resume. */
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <xen/platform_pci.h>
#include "blkfront.h"

/* Time that remove() allows for writing dirty data. */
#define BLKFRONT_REMOVE_WAIT	(30 * HZ)
/* Minimum time, in ms, for the backend of a domain that was migrated. */
#define BLKFRONT_RESUME_WAIT	10000U
#define BLKFRONT_REVIVE_LOOK	max(HZ / 50, 1)

XPV_DEFINE_OWN_DIRS(blkfront_dirs, "device/vbd");

static void blkfront_changed(struct xenbus_device *dev,
			     enum xenbus_state backend)
{
	struct blkfront_dev *bf = dev_get_drvdata(&dev->dev);

	/* The watch works again, so polling is not needed any more. */
	WRITE_ONCE(bf->reviving, false);
	xpv_fsm_peer(&bf->fsm, backend);
}

/*
 * After a resume. The resume of another device may wait for this disk. Until
 * all devices are resumed, watches do not work and the machines' workqueue is
 * frozen.
 */
static void blkfront_revive(struct work_struct *work)
{
	struct blkfront_dev *bf = container_of(to_delayed_work(work),
					       struct blkfront_dev, revive);

	if (!READ_ONCE(bf->reviving) || blkfront_is_linked(bf))
		return;
	xpv_fsm_look(&bf->fsm);
	queue_delayed_work(blkfront_wq, &bf->revive, BLKFRONT_REVIVE_LOOK);
}

static void blkfront_revive_stop(struct blkfront_dev *bf)
{
	WRITE_ONCE(bf->reviving, false);
	cancel_delayed_work_sync(&bf->revive);
}

/* Read the number by which the toolstack identifies the device. */
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
 * True for devices that the emulation keeps: disks that were not unplugged, and
 * all CD-ROMs.
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

	/* More processors may be added later. */
	bf->max_rings = min(blkfront_max_queues, num_possible_cpus());
	bf->rings = kcalloc(bf->max_rings, sizeof(*bf->rings), GFP_KERNEL);
	if (!bf->rings)
		return -ENOMEM;
	for (i = 0; i < bf->max_rings; i++) {
		bf->rings[i].bf = bf;
		bf->rings[i].index = i;
		spin_lock_init(&bf->rings[i].lock);
		INIT_LIST_HEAD(&bf->rings[i].pool);
		INIT_LIST_HEAD(&bf->rings[i].unrevoked);
	}
	return 0;
}

/* remove() has waited long enough for a backend that does not answer. */
static void blkfront_remove_late(struct work_struct *work)
{
	struct blkfront_dev *bf = container_of(to_delayed_work(work),
					       struct blkfront_dev, remove_work);
	unsigned int noio;

	mutex_lock(&bf->fsm.act);
	noio = memalloc_noio_save();
	blkfront_fail(bf);
	memalloc_noio_restore(noio);
	mutex_unlock(&bf->fsm.act);
}

static void blkfront_kick(struct work_struct *work)
{
	struct blkfront_dev *bf = container_of(work, struct blkfront_dev,
					       kick_work);
	unsigned int i;

	for (i = 0; i < bf->max_rings; i++)
		blkfront_ring_complete(&bf->rings[i]);
	blk_mq_run_hw_queues(bf->disk->queue, true);
}

static struct blkfront_dev *blkfront_alloc(struct xenbus_device *dev)
{
	struct blkfront_dev *bf = kzalloc(sizeof(*bf), GFP_KERNEL);

	if (!bf)
		return NULL;
	get_device(&dev->dev);
	bf->dev = dev;
	INIT_LIST_HEAD(&bf->named);
	INIT_LIST_HEAD(&bf->unrevoked);
	INIT_LIST_HEAD(&bf->shrink);
	INIT_WORK(&bf->add_work, blkfront_disk_add);
	INIT_WORK(&bf->limits_work, blkfront_limits_work);
	INIT_WORK(&bf->resubmit_work, blkfront_resubmit_work);
	INIT_WORK(&bf->settle_work, blkfront_settle_work);
	init_completion(&bf->limits_set);
	INIT_WORK(&bf->kick_work, blkfront_kick);
	INIT_DELAYED_WORK(&bf->purge, blkfront_grant_purge);
	INIT_DELAYED_WORK(&bf->remove_work, blkfront_remove_late);
	INIT_DELAYED_WORK(&bf->fence, blkfront_fence_work);
	INIT_DELAYED_WORK(&bf->revive, blkfront_revive);
	spin_lock_init(&bf->resubmit_lock);
	bio_list_init(&bf->resubmit);
	xpv_fsm_init(&bf->fsm, dev, blkfront_rules, blkfront_expired);
	xpv_shortage_init(&bf->shortage, &bf->fsm);
	return bf;
}

/*
 * Determine name and minors of the disk. If the toolstack's keys are invalid,
 * the reason is in the store when this returns.
 */
static int blkfront_identify(struct blkfront_dev *bf, u32 vdev)
{
	unsigned int handle;
	int err;

	bf->vdev = vdev;
	if (!kstrtouint(strrchr(bf->dev->nodename, '/') + 1, 10, &handle))
		/* 16 bits only, for historical reasons */
		bf->handle = handle;
	err = blkfront_parse_vdev(vdev, &bf->name);
	if (err) {
		xpv_fsm_fatal(&bf->fsm, err,
			      "virtual-device %#x is no disk", vdev);
		return err;
	}
	err = blkfront_name_take(bf);
	if (err)
		xpv_fsm_fatal(&bf->fsm, err, "minors of %s are in use",
			      bf->name.disk);
	return err;
}

static void blkfront_start(struct blkfront_dev *bf, bool unknown, u32 vdev)
{
	xpv_instance_start(&bf->instance, &bf->fsm, &blkfront_dirs);
	if (unknown || blkfront_identify(bf, vdev)) {
		/*
		 * Do not fail the probe: xenbus would overwrite the reason in
		 * the store.
		 */
		mutex_lock(&bf->fsm.act);
		blkfront_phase_set(bf, BLKFRONT_PHASE_DEAD);
		blkfront_closed(bf);
		mutex_unlock(&bf->fsm.act);
		return;
	}
	/* After another driver the state is Closed, and so is the backend's. */
	if (xpv_fsm_state(&bf->fsm) != XenbusStateInitialising)
		xpv_fsm_switch(&bf->fsm, XenbusStateInitialising);
	/* The watch reports the backend's state, now or later. */
}

static int blkfront_probe(struct xenbus_device *dev,
			  const struct xenbus_device_id *id)
{
	int err, unknown;
	struct blkfront_dev *bf;
	u32 vdev = 0;

	unknown = blkfront_read_vdev(dev, &vdev);
	if (!unknown) {
		if (blkfront_is_emulated(dev, vdev))
			return -ENODEV;
		if (blkfront_reattach(dev, vdev))
			return 0;
	}

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
		put_device(&dev->dev);
		return err;
	}
	dev_set_drvdata(&dev->dev, bf);
	blkfront_debug_create(bf);
	blkfront_shrink_add(bf);
	blkfront_start(bf, unknown, vdev);
	return 0;
}

/*
 * The device is removed by the toolstack or by a local user, or another
 * instance replaces it or may do so soon; in the latter case the disk is kept.
 * If the backend works, dirty data of open files may still be written, within a
 * time limit.
 */
static void blkfront_remove(struct xenbus_device *dev)
{
	struct blkfront_dev *bf = dev_get_drvdata(&dev->dev);
	struct xpv_instance_fate fate;

	blkfront_revive_stop(bf);
	fate = xpv_instance_end(&bf->instance);
	xpv_shortage_stop(&bf->shortage);
	if (blkfront_detach(bf, &fate))
		return;
	/* Then xenbus does not write into another instance's directory. */
	if (fate.replaced)
		dev->state = XenbusStateClosed;

	mutex_lock(&bf->fsm.act);
	if (blkfront_is_linked(bf) && !bf->link.halted && bf->added &&
	    disk_openers(bf->disk) &&
	    xpv_driver_state(dev->otherend) == XenbusStateConnected)
		queue_delayed_work(system_wq, &bf->remove_work, BLKFRONT_REMOVE_WAIT);
	else
		blkfront_fail(bf);
	mutex_unlock(&bf->fsm.act);

	dev_set_drvdata(&dev->dev, NULL);
	blkfront_detach_end(bf);
}

/*
 * After a migration, or after a resume on the same host, there is a new
 * backend, which knows nothing of us. Nothing had to be done at the suspend:
 * the memory of the old rings tells which requests were answered.
 */
static int blkfront_resume(struct xenbus_device *dev)
{
	struct blkfront_dev *bf = dev_get_drvdata(&dev->dev);
	struct xpv_fsm *m = &bf->fsm;
	unsigned int noio;

	mutex_lock(&m->act);
	noio = memalloc_noio_save();
	/* until the watch reports it */
	xpv_fsm_peer(m, XenbusStateUnknown);
	xpv_instance_resume(&bf->instance);
	bf->deserted = false;
	blkfront_disconnect(bf);
	blkfront_grant_free_unrevoked(bf, false);
	if (blkfront_is_failing(bf))
		blkfront_release(bf);
	else if (bf->disk)	/* not the backend's fault: a minimum time */
		xpv_fsm_deadline(m, max(blkfront_outage_limit(),
					BLKFRONT_RESUME_WAIT));
	memalloc_noio_restore(noio);
	mutex_unlock(&m->act);
	if (bf->disk && !blkfront_is_failing(bf)) {
		WRITE_ONCE(bf->reviving, true);
		queue_delayed_work(blkfront_wq, &bf->revive,
				   BLKFRONT_REVIVE_LOOK);
	}
	return 0;
}

/* The bus is about to change what it knows about the backend. */
static int blkfront_suspend(struct xenbus_device *dev)
{
	blkfront_revive_stop(dev_get_drvdata(&dev->dev));
	return 0;
}

/* Return whether the boot need not wait for the device. */
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
	.suspend = blkfront_suspend,
	.resume = blkfront_resume,
	.otherend_changed = blkfront_changed,
	.is_ready = blkfront_is_ready,
};
