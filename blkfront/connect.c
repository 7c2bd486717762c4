// SPDX-License-Identifier: GPL-2.0-only
/* Setting up rings, telling the backend, and starting to use them. */
#include <linux/sched/mm.h>
#include "blkfront.h"

/* Pages of earlier connections that the backend may still have, 16 MiB. */
#define BLKFRONT_MAX_GRAVE	4096

static int blkfront_ring_open(struct blkfront_ring *ring)
{
	struct blkfront_dev *bf = ring->bf;
	int err;

	err = xpv_shared_offer(&ring->shared, bf->dev, 1U << bf->order);
	if (err)
		return err;
	xpv_sring_init(ring->shared.vaddr);

	spin_lock_irq(&ring->lock);
	xpv_ring_attach(&ring->half, ring->shared.vaddr,
			xpv_shared_size(&ring->shared),
			sizeof(struct blkif_request));
	ring->broken = false;
	ring->starved = false;
	ring->quiet = false;
	ring->taken = false;
	ring->claimed = 0;
	ring->polled = 0;
	spin_unlock_irq(&ring->lock);

	snprintf(ring->name, sizeof(ring->name), "blkif-%s-%u", bf->name.disk,
		 ring->index);
	return xpv_event_offer(&ring->event, bf->dev, blkfront_ring_event,
			       ring->name, ring);
}

/* Keys of ours that describe rings; what of them is not rewritten is wrong. */
static bool blkfront_key_is_stale(const char *key)
{
	return !strncmp(key, "ring-ref", 8) || !strncmp(key, "queue-", 6) ||
	       !strcmp(key, "event-channel") ||
	       !strcmp(key, "ring-page-order") ||
	       !strcmp(key, "num-ring-pages") ||
	       !strcmp(key, "multi-queue-num-queues");
}

static int blkfront_write_rings(struct blkfront_dev *bf,
				struct xenbus_transaction xbt)
{
	char path[XPV_PATH_MAX];
	unsigned int i;
	int err = 0;

	for (i = 0; i < bf->nr_rings && !err; i++) {
		struct blkfront_ring *ring = &bf->rings[i];

		err = xpv_store_queue_path(path, bf->dev->nodename, i,
					   bf->nr_rings);
		if (!err)
			err = xpv_store_write_refs(xbt, path, "ring-ref",
						   !bf->order,
						   &ring->shared.refs);
		if (!err)
			err = xenbus_printf(xbt, path, "event-channel", "%u",
					    ring->event.port);
	}
	return err;
}

static int blkfront_write_keys(void *data, struct xenbus_transaction xbt)
{
	struct blkfront_dev *bf = data;
	const char *dir = bf->dev->nodename;
	const struct xpv_number keys[] = {
		{ "multi-queue-num-queues", bf->nr_rings, bf->nr_rings == 1 },
		{ "ring-page-order", bf->order, !bf->order },
		/* how older backends call it */
		{ "num-ring-pages", 1U << bf->order, !bf->order },
		{ "feature-persistent", bf->persistent },
	};
	int err;

	err = xpv_own_check(xbt, bf->dev);
	if (!err)
		err = xpv_store_clean(xbt, dir, blkfront_key_is_stale);
	if (!err)
		err = xpv_store_write_numbers(xbt, dir, keys, ARRAY_SIZE(keys));
	if (!err)
		err = blkfront_write_rings(bf, xbt);
	if (!err)
		err = xenbus_printf(xbt, dir, "protocol", "%s",
				    XEN_IO_PROTO_ABI_NATIVE);
	return err;
}

/**
 * blkfront_publish() - set up rings and tell the backend of them
 * @bf: disconnected
 *
 * Return: 0; -ENODEV if our folder is gone or has another backend; or another
 * negative error, then told to xenbus. The rings set up by then are left for
 * blkfront_disconnect(). Context: process, under machine.act.
 */
int blkfront_publish(struct blkfront_dev *bf)
{
	unsigned int i;
	int err;

	/*
	 * A backend that comes and goes must not eat up our memory. But one that
	 * has died, and is kept, may have all of the last connection.
	 */
	if (blkfront_grant_bury(bf, false) >
	    BLKFRONT_MAX_GRAVE + bf->nr_latest) {
		xpv_machine_fatal(&bf->machine, -EBUSY,
				  "backend keeps too many pages mapped");
		return -EBUSY;
	}
	blkfront_gather_offer(bf);
	for (i = 0; i < bf->nr_rings; i++) {
		err = blkfront_ring_open(&bf->rings[i]);
		if (err) {
			xpv_machine_fatal(&bf->machine, err,
					  "setting up ring %u", i);
			return err;
		}
	}

	err = xpv_store_update(blkfront_write_keys, bf);
	if (err == -ENOENT || err == -ESTALE)
		return -ENODEV;
	if (err)
		xpv_machine_fatal(&bf->machine, err, "writing keys");
	return err;
}

static int blkfront_link_rings(struct blkfront_dev *bf)
{
	unsigned int i;
	int err;

	for (i = 0; i < bf->nr_rings; i++) {
		err = blkfront_grant_setup(&bf->rings[i]);
		if (err)
			return err;
	}
	err = bf->disk ? blkfront_disk_update(bf) : blkfront_disk_create(bf);
	if (err)
		return err;

	/* Polled queues have no rings of their own, others if there are enough. */
	for (i = 0; i < bf->set.nr_hw_queues; i++)
		WRITE_ONCE(bf->queues[i].ring, &bf->rings[i % bf->nr_rings]);
	for (i = 0; i < bf->nr_rings; i++) {
		spin_lock_irq(&bf->rings[i].lock);
		bf->rings[i].up = true;
		spin_unlock_irq(&bf->rings[i].lock);
	}
	return 0;
}

/**
 * blkfront_link() - use the rings that the backend has connected to
 * @bf: published
 *
 * The disk is created or, if there is one, gets the limits of this backend.
 * Its queue is left as it is: blkfront_release() starts it.
 *
 * Return: 0; -ENODEV if the backend is gone; or another negative error, then
 * told to xenbus. Context: process, under machine.act.
 */
int blkfront_link(struct blkfront_dev *bf)
{
	unsigned int noio;
	int err;

	err = blkfront_gather_facts(bf);
	if (err)
		return err;

	blkfront_hold(bf);
	/* Memory may have to be freed by writing to this very disk. */
	noio = memalloc_noio_save();
	err = blkfront_link_rings(bf);
	memalloc_noio_restore(noio);
	if (err) {
		xpv_machine_fatal(&bf->machine, err, "setting up the disk");
		return err;
	}
	bf->linked = true;
	trace_xpv_connect(dev_name(&bf->dev->dev), bf->nr_rings, 1 << bf->order,
			  bf->persistent | bf->bounce << 1 |
			  (blkfront_flush_op(bf) != BLKFRONT_OP_NONE) << 2 |
			  blkfront_can_discard(bf) << 3);
	queue_delayed_work(blkfront_wq, &bf->purge, 10 * HZ);
	return 0;
}
