// SPDX-License-Identifier: GPL-2.0-only
/* The gendisk. */
#include <linux/cdrom.h>
#include <linux/hdreg.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "blkfront.h"

static XPV_DISK_RELEASE(blkfront_disk_release)
{
	struct blkfront_dev *bf = disk->private_data;

	/* A close that waits for the last user can continue. */
	if (READ_ONCE(bf->phase) == BLKFRONT_PHASE_CLOSING &&
	    !disk_openers(disk))
		xpv_fsm_kick(&bf->fsm);
}

static XPV_DISK_IOCTL(blkfront_disk_ioctl)
{
	struct blkfront_dev *bf = bdev->bd_disk->private_data;

	switch (cmd) {
	case CDROMMULTISESSION:
		if (clear_user((void __user *)arg,
			       sizeof(struct cdrom_multisession)))
			return -EFAULT;
		return 0;
	case CDROM_GET_CAPABILITY:
		return bf->link.features.info & VDISK_CDROM ? 0 : -EINVAL;
	default:
		return -ENOTTY;
	}
}

static XPV_DISK_GETGEO(blkfront_disk_getgeo)
{
	sector_t cyls = XPV_GETGEO_SECTORS;

	/* The largest heads and sectors of the CHS interface. */
	geo->heads = 255;
	geo->sectors = 63;
	sector_div(cyls, 255 * 63);
	geo->cylinders = min_t(sector_t, cyls, U16_MAX);
	return 0;
}

/* The last reference was dropped, perhaps long after remove(). */
static void blkfront_disk_destroy(struct gendisk *disk)
{
	kfree(disk->private_data);
}

static const struct block_device_operations blkfront_disk_ops = {
	.owner = THIS_MODULE,
	.release = blkfront_disk_release,
	.ioctl = blkfront_disk_ioctl,
	.compat_ioctl = blkdev_compat_ptr_ioctl,
	.getgeo = blkfront_disk_getgeo,
	.free_disk = blkfront_disk_destroy,
};

static void blkfront_queues_free(struct blkfront_dev *bf)
{
	unsigned int i;

	for (i = 0; i < bf->nr_queues; i++) {
		kvfree(bf->queues[i].segs);
		kvfree(bf->queues[i].shadow);
	}
	kfree(bf->queues);
	bf->queues = NULL;
	bf->nr_queues = 0;
	bf->max_segs = 0;
}

/**
 * blkfront_queue_add() - allocate shadows for one more hardware queue
 * @bf: has room in @queues, and @max_segs is set
 *
 * Return: 0 or -ENOMEM.
 * Context: process, under fsm.act.
 */
int blkfront_queue_add(struct blkfront_dev *bf)
{
	unsigned int segs = bf->max_segs, all, tag;
	struct blkfront_queue *queue = &bf->queues[bf->nr_queues];

	lockdep_assert_held(&bf->fsm.act);
	all = segs + blkfront_parse_indirect_pages(segs);
	queue->shadow = kvcalloc(bf->depth, sizeof(*queue->shadow), GFP_KERNEL);
	queue->segs = kvcalloc(array_size(bf->depth, all), sizeof(*queue->segs),
			       GFP_KERNEL);
	if (!queue->shadow || !queue->segs) {
		kvfree(queue->segs);
		kvfree(queue->shadow);
		return -ENOMEM;
	}
	for (tag = 0; tag < bf->depth; tag++)
		queue->shadow[tag].segs = queue->segs + tag * all;
	queue->ring = &bf->rings[bf->nr_queues % bf->link.nr_rings];
	/* The response path reads this without a lock. */
	smp_store_release(&bf->nr_queues, bf->nr_queues + 1);
	return 0;
}

static int blkfront_queues_alloc(struct blkfront_dev *bf)
{
	int err = 0;

	bf->queues = kcalloc(bf->max_rings + bf->nr_polled, sizeof(*bf->queues),
			     GFP_KERNEL);
	if (!bf->queues)
		return -ENOMEM;
	bf->max_segs = bf->link.features.segs;
	while (!err && bf->nr_queues < bf->set.nr_hw_queues)
		err = blkfront_queue_add(bf);
	return err;
}

/**
 * blkfront_disk_create() - create tag set, queues and gendisk
 * @bf: first connection; its @features are set
 *
 * Return: 0 or a negative error, after which nothing remains allocated.
 * Context: process.
 */
int blkfront_disk_create(struct blkfront_dev *bf)
{
	struct blk_mq_tag_set *set = &bf->set;
	struct gendisk *disk;
	struct xpv_limits l;
	int err;

	blkfront_read_serial(bf);
	bf->nr_polled = min(blkfront_poll_queues, num_online_cpus());
	memset(set, 0, sizeof(*set));
	set->ops = &blkfront_mq_ops;
	set->nr_hw_queues = bf->link.nr_rings + bf->nr_polled;
	set->nr_maps = bf->nr_polled ? HCTX_MAX_TYPES : 1;
	/*
	 * Of the largest ring: the block layer cannot change the depth later,
	 * but the next backend may take a larger ring than this one. A full
	 * ring makes requests wait.
	 */
	set->queue_depth = xpv_ring_entries(PAGE_SIZE << blkfront_max_order,
					    sizeof(struct blkif_request));
	set->numa_node = NUMA_NO_NODE;
	/*
	 * The backend's disk has a scheduler. A second one here would hand each
	 * single request to a worker thread.
	 */
	set->flags = XPV_MQ_FLAGS | BLK_MQ_F_NO_SCHED_BY_DEFAULT;
	set->timeout = blkfront_request_timeout * HZ;
	set->driver_data = bf;
	err = blk_mq_alloc_tag_set(set);
	if (err)
		return err;
	/* may be less than wanted if memory is short */
	bf->depth = set->queue_depth;

	err = blkfront_queues_alloc(bf);
	if (err)
		goto no_queues;
	blkfront_limits(bf, &l);
	disk = xpv_alloc_disk(set, &l, bf);
	if (IS_ERR(disk)) {
		err = PTR_ERR(disk);
		goto no_queues;
	}

	disk->major = BLKFRONT_MAJOR;
	disk->first_minor = bf->name.first;
	disk->minors = bf->name.nr;
	strscpy(disk->disk_name, bf->name.disk, sizeof(disk->disk_name));
	disk->fops = &blkfront_disk_ops;
	disk->private_data = bf;
	if (bf->link.features.info & VDISK_REMOVABLE)
		disk->flags |= GENHD_FL_REMOVABLE;
	set_disk_ro(disk, bf->link.features.info & VDISK_READONLY);
	set_capacity(disk, bf->link.features.sectors);
	bf->cached = l.write_cache;
	bf->disk = disk;
	return 0;

no_queues:
	blkfront_queues_free(bf);
	blk_mq_free_tag_set(set);
	return err;
}

/**
 * blkfront_disk_update() - apply a new backend's features to the disk
 * @bf: has a disk, whose queue is quiesced
 *
 * Return: 0 or a negative error.
 * Context: process, under fsm.act.
 */
int blkfront_disk_update(struct blkfront_dev *bf)
{
	int err;

	lockdep_assert_held(&bf->fsm.act);
	err = blkfront_shadows_fit(bf, bf->link.features.segs);
	if (err)
		return err;
	if (blkfront_flush_op(bf) != BLKFRONT_OP_NONE && !bf->cached)
		WRITE_ONCE(bf->flush_gen, bf->flush_gen + 1);
	blkfront_limits_renew(bf);
	set_disk_ro(bf->disk, bf->link.features.info & VDISK_READONLY);
	if (bf->added)
		set_capacity_and_notify(bf->disk, bf->link.features.sectors);
	else
		set_capacity(bf->disk, bf->link.features.sectors);
	return 0;
}

/**
 * blkfront_disk_add() - add the disk to the system
 * @work: add_work of a device
 *
 * This reads the partition table, which takes as long as the backend likes. The
 * state machine must continue meanwhile, so this is not one of its actions.
 *
 * Context: process, from a workqueue.
 */
void blkfront_disk_add(struct work_struct *work)
{
	struct blkfront_dev *bf = container_of(work, struct blkfront_dev,
					       add_work);
	int err;

	err = device_add_disk(&bf->dev->dev, bf->disk, blkfront_groups);

	mutex_lock(&bf->fsm.act);
	if (err)
		xpv_fsm_fatal(&bf->fsm, err, "adding disk %s",
			      bf->name.disk);
	else
		WRITE_ONCE(bf->added, true);
	if (bf->added && blkfront_is_dead(bf))
		blk_mark_disk_dead(bf->disk);
	mutex_unlock(&bf->fsm.act);
	if (err)
		return;
	dev_info(&bf->dev->dev,
		 "%s: %llu sectors, block %u/%u, %u rings of %u slots, %u segments%s%s%s%s\n",
		 bf->name.disk, (u64)get_capacity(bf->disk),
		 bf->link.features.block_size, bf->link.features.physical, bf->link.nr_rings,
		 bf->rings[0].half.size, bf->link.features.segs,
		 bf->link.persistent ? ", persistent" : "",
		 bf->link.bounce ? ", bounced" : "",
		 blkfront_flush_op(bf) != BLKFRONT_OP_NONE ? ", flush" : "",
		 blkfront_can_discard(bf) ? ", discard" : "");
}

/**
 * blkfront_disk_free() - drop the disk, and free @bf when nobody has it open
 * @bf: disconnected, requests fail; if @bf->added, del_gendisk() was called
 *
 * Context: process.
 */
void blkfront_disk_free(struct blkfront_dev *bf)
{
	struct gendisk *disk = bf->disk;
	bool added = bf->added;

	if (!disk) {
		kfree(bf);
		return;
	}
	blkfront_queues_free(bf);
	if (added) {	/* del_gendisk() has released the tags */
		blk_mq_free_tag_set(&bf->set);
		put_disk(disk);
		return;
	}
	put_disk(disk);
	blk_mq_free_tag_set(&bf->set);
	kfree(bf);
}
