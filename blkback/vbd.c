// SPDX-License-Identifier: GPL-2.0-only
/* The underlying block device: opening it, its features, its size. */
#include <linux/slab.h>
#include <xen/interface/io/blkif.h>
#include "blkback.h"

#define BLKBACK_POLL_PERIOD	(2 * HZ)

/**
 * blkback_vbd_is_open() - test whether there is a device
 * @vbd: the device
 *
 * Return: true if it is open.
 */
bool blkback_vbd_is_open(const struct blkback_vbd *vbd)
{
	return vbd->bdev.bdev;
}

/**
 * blkback_vbd_close() - close the device
 * @vbd: may be closed already; no ring uses it
 */
void blkback_vbd_close(struct blkback_vbd *vbd)
{
	xpv_bdev_close(&vbd->bdev);
	vbd->dev = 0;
}

static int blkback_vbd_broken(struct blkback_dev *be)
{
	be->vbd_broken = true;
	blkback_vbd_close(&be->vbd);
	return -EINVAL;
}

static unsigned int blkback_vbd_info(struct blkback_dev *be)
{
	struct block_device *bdev = be->vbd.bdev.bdev;
	unsigned int info = 0;
	char *type;

	type = xenbus_read(XBT_NIL, be->otherend, "device-type", NULL);
	if (!IS_ERR(type)) {
		if (!strcmp(type, "cdrom"))
			info |= VDISK_CDROM;
		kfree(type);
	}
	if (disk_to_cdi(bdev->bd_disk))
		info |= VDISK_CDROM;
	if (bdev->bd_disk->flags & GENHD_FL_REMOVABLE)
		info |= VDISK_REMOVABLE;
	if (be->vbd.read_only)
		info |= VDISK_READONLY;
	return info;
}

/*
 * Not exclusively, like in-tree: mode r and w! share a device among guests, and
 * a migration within the host has it open twice. The hotplug script decides who
 * may share what.
 */
static void blkback_vbd_open(struct blkback_dev *be, dev_t dev,
			     const char *mode)
{
	struct blkback_vbd *vbd = &be->vbd;
	bool read_only = !strchr(mode, 'w');
	int err = xpv_bdev_open(&vbd->bdev, dev, read_only);

	if (err) {
		blkback_vbd_broken(be);
		xpv_fsm_fatal(&be->fsm, err,
			      "opening physical-device %x:%x, mode %s",
			      MAJOR(dev), MINOR(dev), mode);
		return;
	}
	vbd->dev = dev;
	vbd->read_only = read_only || bdev_read_only(vbd->bdev.bdev);
	vbd->info = blkback_vbd_info(be);
	strscpy(be->mode, mode, sizeof(be->mode));
	be->vbd_broken = false;
	dev_dbg(&be->xdev->dev, "device %x:%x, mode %s\n", MAJOR(dev),
		MINOR(dev), mode);
}

/*
 * Read the number that the hotplug script has written; false if there is none
 * (yet).
 */
static bool blkback_vbd_number(struct blkback_dev *be, dev_t *dev)
{
	const char *dir = be->xdev->nodename;
	u32 major, minor;
	unsigned int len;
	char *text = xenbus_read(XBT_NIL, dir, "physical-device", &len);
	int err;

	if (IS_ERR(text))
		return false;
	err = blkback_parse_device(text, len, &major, &minor);
	if (!err)
		*dev = MKDEV(major, minor);
	else if (!blkback_vbd_is_open(&be->vbd))
		xpv_fsm_fatal(&be->fsm, err,
			      "%s/physical-device is '%*pE', want major:minor in hexadecimal",
			      dir, (int)min(len, 32U), text);
	kfree(text);
	if (err && !blkback_vbd_is_open(&be->vbd))
		blkback_vbd_broken(be);
	return !err;
}

/**
 * blkback_vbd_refresh() - open the device that physical-device names
 * @be: device
 *
 * Does nothing unless the key was written. The device does not change while
 * there is a connection.
 *
 * Context: an action of the machine.
 */
void blkback_vbd_refresh(struct blkback_dev *be)
{
	struct blkback_vbd *vbd = &be->vbd;
	char *mode;
	dev_t dev;

	if (!xchg(&be->vbd_changed, false) || !blkback_vbd_number(be, &dev))
		return;
	if (blkback_vbd_is_open(vbd) && vbd->dev == dev)
		return;
	if (be->rings) {
		dev_warn(&be->xdev->dev,
			 "physical-device is now %x:%x, but %x:%x is in use and stays until the frontend closes\n",
			 MAJOR(dev), MINOR(dev), MAJOR(vbd->dev),
			 MINOR(vbd->dev));
		return;
	}
	blkback_vbd_close(vbd);
	mode = xenbus_read(XBT_NIL, be->xdev->nodename, "mode", NULL);
	if (IS_ERR(mode)) {
		blkback_vbd_broken(be);
		xpv_fsm_fatal(&be->fsm, PTR_ERR(mode), "reading %s/mode",
			      be->xdev->nodename);
		return;
	}
	blkback_vbd_open(be, dev, mode);
	kfree(mode);
}

/**
 * blkback_vbd_align() - the required alignment of segments
 * @vbd: open
 *
 * This is what the device's DMA needs, and whole blocks: some drivers copy a
 * block at a time (null_blk of 6.1 does) and would write beyond the end of a
 * shorter piece.
 *
 * Return: bytes, a power of two, at least a sector.
 * Context: any; cheap.
 */
unsigned int blkback_vbd_align(const struct blkback_vbd *vbd)
{
	struct block_device *bdev = vbd->bdev.bdev;

	return max(bdev_logical_block_size(bdev), bdev_dma_alignment(bdev) + 1);
}

/**
 * blkback_vbd_rules() - get the current rules for requests
 * @vbd:   open, published
 * @rules: filled here
 *
 * Context: any; cheap.
 */
void blkback_vbd_rules(const struct blkback_vbd *vbd,
		       struct blkback_rules *rules)
{
	struct block_device *bdev = vbd->bdev.bdev;

	rules->capacity = bdev_nr_sectors(bdev);
	rules->block = bdev_logical_block_size(bdev) >> SECTOR_SHIFT;
	rules->align = blkback_vbd_align(vbd) >> SECTOR_SHIFT;
	rules->granularity = vbd->granularity;
	rules->alignment = vbd->alignment;
	rules->read_only = vbd->read_only;
	rules->secure = vbd->secure;
}

/* Decide which discard we offer; @vbd then has the limits for requests. */
static void blkback_vbd_discard(struct blkback_dev *be)
{
	struct blkback_vbd *vbd = &be->vbd;
	struct block_device *bdev = vbd->bdev.bdev;
	bool enable;

	vbd->granularity = 0;
	vbd->alignment = 0;
	vbd->secure = false;
	if (xpv_store_flag(be->xdev->nodename, "discard-enable", true, &enable))
		dev_warn(&be->xdev->dev, "discard-enable is no number\n");
	if (!enable || vbd->read_only || !bdev_max_discard_sectors(bdev))
		return;
	vbd->granularity = max(bdev_discard_granularity(bdev),
			       bdev_logical_block_size(bdev)) >> SECTOR_SHIFT;
	vbd->alignment = (bdev_discard_alignment(bdev) >> SECTOR_SHIFT) %
			 vbd->granularity;
	vbd->secure = bdev_max_secure_erase_sectors(bdev);
}

static int blkback_vbd_write_keys(void *data, struct xenbus_transaction xbt)
{
	struct blkback_dev *be = data;
	struct blkback_vbd *vbd = &be->vbd;
	struct block_device *bdev = vbd->bdev.bdev;
	bool cache = bdev_write_cache(bdev);
	const struct xpv_number keys[] = {
		{ "feature-flush-cache", cache },
		{ "feature-barrier", cache },
		{ "feature-discard", !!vbd->granularity },
		{ "discard-granularity", (u64)vbd->granularity << SECTOR_SHIFT,
		  !vbd->granularity },
		{ "discard-alignment", (u64)vbd->alignment << SECTOR_SHIFT,
		  !vbd->granularity },
		{ "discard-secure", vbd->secure, !vbd->granularity },
		{ "feature-persistent", READ_ONCE(blkback_feature_persistent) },
		{ "sectors", vbd->announced },
		{ "info", vbd->info },
		{ "sector-size", bdev_logical_block_size(bdev) },
		{ "physical-sector-size", bdev_physical_block_size(bdev) },
	};

	return xpv_store_write_numbers(xbt, be->xdev->nodename, keys,
				       ARRAY_SIZE(keys));
}

/**
 * blkback_vbd_publish() - tell the frontend about the disk
 * @be: device; the underlying device is open
 *
 * Return: 0, or a negative error, which has been reported; -ENOENT if the
 * device is gone.
 * Context: process.
 */
int blkback_vbd_publish(struct blkback_dev *be)
{
	int err;

	blkback_vbd_discard(be);
	WRITE_ONCE(be->vbd.announced, bdev_nr_sectors(be->vbd.bdev.bdev));
	err = xpv_store_update(blkback_vbd_write_keys, be);
	/* If the directory is gone, the bus will notice. */
	if (err && err != -ENOENT)
		xpv_fsm_fatal(&be->fsm, err, "writing to %s",
			      be->xdev->nodename);
	return err;
}

/**
 * blkback_vbd_resized() - test whether the size differs from the announced one
 * @be: device
 *
 * Return: true if so.
 * Context: any; cheap.
 */
bool blkback_vbd_resized(const struct blkback_dev *be)
{
	return bdev_nr_sectors(be->vbd.bdev.bdev) !=
		       READ_ONCE(be->vbd.announced) &&
	       READ_ONCE(be->xdev->state) == XenbusStateConnected;
}

static int blkback_vbd_write_size(void *data, struct xenbus_transaction xbt)
{
	struct blkback_dev *be = data;
	const struct xpv_number keys[] = {
		{ "sectors", be->vbd.announced },
		/* The same state again: the frontend notices this write. */
		{ "state", be->xdev->state },
	};

	return xpv_store_write_numbers(xbt, be->xdev->nodename, keys,
				       ARRAY_SIZE(keys));
}

/**
 * blkback_vbd_announce() - announce a new size to the frontend, if there is one
 * @be: device, connected
 *
 * Context: an action of the machine.
 */
void blkback_vbd_announce(struct blkback_dev *be)
{
	u64 size = bdev_nr_sectors(be->vbd.bdev.bdev);
	u64 old = be->vbd.announced;
	int err;

	if (size == old)
		return;
	/* Do this even if it fails: otherwise each request would try again. */
	WRITE_ONCE(be->vbd.announced, size);
	err = xpv_store_update(blkback_vbd_write_size, be);
	if (err == -ENOENT)
		return;
	if (err)
		dev_warn(&be->xdev->dev, "new size could not be announced: %d\n",
			 err);
	else
		dev_info(&be->xdev->dev, "resized from %llu to %llu sectors\n",
			 old, size);
}

/**
 * blkback_vbd_poll_start() - start to check for a new size and old grants
 * @be: device, connected
 *
 * A ring with requests checks by itself; an idle one does not. This also wakes
 * idle rings when their persistent grants may have become old.
 */
void blkback_vbd_poll_start(struct blkback_dev *be)
{
	queue_delayed_work(system_power_efficient_wq, &be->poll,
			   BLKBACK_POLL_PERIOD);
}

/**
 * blkback_vbd_poll() - the work item of blkback_vbd_poll_start()
 * @work: in struct blkback_dev
 */
void blkback_vbd_poll(struct work_struct *work)
{
	struct blkback_dev *be = container_of(to_delayed_work(work),
					      struct blkback_dev, poll);

	unsigned int i;

	if (blkback_vbd_resized(be))
		xpv_fsm_kick(&be->fsm);
	/*
	 * The rings exist while this runs: it is cancelled before they are
	 * closed.
	 */
	for (i = 0; i < be->nr_rings; i++)
		if (blkback_persistent_aged(be->rings[i]))
			blkback_ring_kick(be->rings[i]);
	blkback_vbd_poll_start(be);
}
