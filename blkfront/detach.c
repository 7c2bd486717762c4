// SPDX-License-Identifier: GPL-2.0-only
/* Detach a disk from its device, reattach it to the next one, or destroy it. */
#include <linux/debugfs.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "blkfront.h"

static void blkfront_detach_expire(struct xpv_detached *detached);

XPV_DEFINE_LOT(blkfront_lot, blkfront_detach_expire);

/**
 * blkfront_detach_end() - destroy the disk and the device
 * @bf: its machine is stopped
 *
 * Users that have the disk open get errors, and keep @bf until they close it.
 *
 * Context: process.
 */
void blkfront_detach_end(struct blkfront_dev *bf)
{
	flush_work(&bf->add_work);
	flush_work(&bf->settle_work);
	if (bf->added)
		del_gendisk(bf->disk);
	cancel_delayed_work_sync(&bf->remove_work);

	mutex_lock(&bf->fsm.act);
	if (bf->added)
		blkfront_phase_set(bf, BLKFRONT_PHASE_GONE);
	else
		blkfront_phase_set(bf, BLKFRONT_PHASE_DEAD);
	blkfront_disconnect(bf);
	blkfront_fence_end(bf);
	blkfront_release(bf);
	blkfront_grant_free_unrevoked(bf, true);
	mutex_unlock(&bf->fsm.act);
	cancel_delayed_work_sync(&bf->fence);
	flush_work(&bf->resubmit_work);
	flush_work(&bf->limits_work);
	flush_work(&bf->kick_work);

	blkfront_shrink_remove(bf);
	debugfs_remove(bf->debug);
	blkfront_name_put(bf);
	xpv_violations_free(&bf->violations);
	kfree(bf->rings);
	kfree(bf->place);
	put_device(&bf->dev->dev);
	if (bf->earlier)
		put_device(&bf->earlier->dev);
	blkfront_disk_free(bf);
}

/* Move the disk in sysfs. @bf->place then holds the previous path. */
static int blkfront_detach_move(struct blkfront_dev *bf, struct device *parent)
{
	struct device *disk = disk_to_dev(bf->disk);
	char *path = kobject_get_path(&disk->kobj, GFP_NOIO);

	kfree(bf->place);
	bf->place = path ? kasprintf(GFP_NOIO, "DEVPATH_OLD=%s", path) : NULL;
	kfree(path);
	return xpv_detach_child(disk, parent);
}

/* The time limit of a detached disk is over. */
static void blkfront_detach_expire(struct xpv_detached *detached)
{
	struct blkfront_dev *bf = container_of(detached, struct blkfront_dev,
					       detached);
	char *env[2] = { bf->place };

	/* User space got no event when the disk left its place. */
	if (bf->place)
		kobject_uevent_env(&disk_to_dev(bf->disk)->kobj, KOBJ_MOVE, env);
	mutex_lock(&bf->fsm.act);
	blkfront_fail(bf);
	blkfront_phase_set(bf, BLKFRONT_PHASE_DEAD);
	blk_mark_disk_dead(bf->disk);
	mutex_unlock(&bf->fsm.act);
	blkfront_detach_end(bf);
}

/*
 * Time, in ms, for which the disk waits for another device; 0: destroy it.
 * Orphaned: the toolstack has removed the rest of a device whose backend had
 * died before. A disk that was asked to close, or that is dead, does not come
 * back.
 */
static unsigned int blkfront_detach_time(struct blkfront_dev *bf,
					 const struct xpv_instance_fate *fate)
{
	if (!bf->added || blkfront_is_dead(bf))
		return 0;
	if (fate->replaced)
		return blkfront_outage_limit();
	if (!fate->orphaned || xpv_fsm_state(&bf->fsm) >= XenbusStateClosing ||
	    xpv_fsm_peer_state(&bf->fsm) != XenbusStateUnknown)
		return 0;
	return blkfront_outage_left(bf);
}

/**
 * blkfront_detach() - detach the disk from a device that is removed
 * @bf:   its machine is stopped
 * @fate: why the device is removed
 *
 * Return: false if the disk has to be destroyed with its device.
 * Context: process, in remove().
 */
bool blkfront_detach(struct blkfront_dev *bf, const struct xpv_instance_fate *fate)
{
	struct xenbus_device *dev = bf->dev;
	unsigned int msecs, noio;

	mutex_lock(&bf->fsm.act);
	noio = memalloc_noio_save();
	msecs = blkfront_detach_time(bf, fate);
	if (msecs) {
		blkfront_outage_begin(bf, fate->replaced ? "replaced" :
							   "detached");
		blkfront_disconnect(bf);
		if (blkfront_is_failing(bf))
			blkfront_release(bf);
		if (blkfront_detach_move(bf, NULL))
			msecs = 0;
	}
	memalloc_noio_restore(noio);
	mutex_unlock(&bf->fsm.act);
	if (!msecs)
		return false;
	dev_set_drvdata(&dev->dev, NULL);
	xpv_detach(&blkfront_lot, &bf->detached, dev, msecs);
	return true;
}

static void blkfront_detach_leave(struct blkfront_dev *bf,
				  struct xenbus_device *dev)
{
	struct xpv_fsm *m = &bf->fsm;
	unsigned int noio;

	mutex_lock(&m->act);
	noio = memalloc_noio_save();
	bf->deserted = false;	/* the new instance has another backend */
	/* The previous device may still be in use. */
	if (bf->earlier)
		put_device(&bf->earlier->dev);
	bf->earlier = bf->dev;
	get_device(&dev->dev);
	WRITE_ONCE(bf->dev, dev);
	bf->violations.dev = &dev->dev;
	xpv_fsm_reattach(m, dev);
	dev_set_drvdata(&dev->dev, bf);
	if (blkfront_detach_move(bf, &dev->dev))
		dev_warn(&dev->dev, "%s is not below its device in sysfs\n",
			 bf->name.disk);
	xpv_instance_start(&bf->instance, m, &blkfront_dirs);
	if (xpv_fsm_state(m) != XenbusStateInitialising)
		xpv_fsm_switch(m, XenbusStateInitialising);
	if (!blkfront_is_failing(bf))
		xpv_fsm_deadline(m, blkfront_outage_limit());
	memalloc_noio_restore(noio);
	mutex_unlock(&m->act);
}

/**
 * blkfront_reattach() - reattach a detached disk; for probe()
 * @dev:  device on the bus
 * @vdev: virtual device number
 *
 * Return: true if there was one.
 * Context: process.
 */
bool blkfront_reattach(struct xenbus_device *dev, u32 vdev)
{
	struct xpv_detached *detached = xpv_reattach(&blkfront_lot, dev);
	struct blkfront_dev *bf;

	if (!detached)
		return false;
	bf = container_of(detached, struct blkfront_dev, detached);
	if (bf->vdev != vdev) {
		blkfront_detach_expire(detached);
		return false;
	}
	blkfront_detach_leave(bf, dev);
	return true;
}
