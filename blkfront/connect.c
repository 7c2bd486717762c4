// SPDX-License-Identifier: GPL-2.0-only
/* Set up the rings, publish them to the backend, and start to use them. */
#include "blkfront.h"

/* Limit of unrevoked pages of earlier connections, 16 MiB. */
#define BLKFRONT_MAX_UNREVOKED	4096

static int blkfront_ring_open(struct blkfront_ring *ring)
{
	struct blkfront_dev *bf = ring->bf;
	int err;

	err = xpv_shared_offer(&ring->shared, bf->dev, 1U << bf->link.order);
	if (err)
		return err;
	xpv_sring_init(ring->shared.vaddr);

	spin_lock_irq(&ring->lock);
	xpv_ring_attach(&ring->half, ring->shared.vaddr,
			xpv_shared_size(&ring->shared),
			sizeof(struct blkif_request));
	ring->halted = false;
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

/* Our keys that describe rings. Those that are not rewritten are stale. */
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

	for (i = 0; i < bf->link.nr_rings && !err; i++) {
		struct blkfront_ring *ring = &bf->rings[i];

		err = xpv_store_queue_path(path, bf->dev->nodename, i,
					   bf->link.nr_rings);
		if (!err)
			err = xpv_store_write_refs(xbt, path, "ring-ref",
						   !bf->link.order,
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
		{ "multi-queue-num-queues", bf->link.nr_rings, bf->link.nr_rings == 1 },
		{ "ring-page-order", bf->link.order, !bf->link.order },
		/* older name of the key */
		{ "num-ring-pages", 1U << bf->link.order, !bf->link.order },
		{ "feature-persistent", bf->link.persistent },
	};
	int err;

	err = xpv_instance_check(xbt, bf->dev);
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

static void blkfront_ring_close(struct blkfront_ring *ring)
{
	xpv_event_close(&ring->event);
	xpv_shared_close(&ring->shared);
	ring->half.sring = NULL;
}

/* An additional ring must leave references for requests and other devices. */
static int blkfront_open_ring(struct blkfront_ring *ring)
{
	int err = blkfront_ring_open(ring);

	if (!err && ring->index && !xpv_shortage_spare())
		err = -ENOSPC;
	if (err)
		blkfront_ring_close(ring);
	return err;
}

/*
 * Open as many rings as references, event channels and memory allow. One ring with
 * one page is enough. If not even that is possible, try again after caches were
 * relaxed.
 */
static int blkfront_open_rings(struct blkfront_dev *bf)
{
	bool relaxed = false;
	unsigned int i = 0;
	int err;

	while (i < bf->link.nr_rings) {
		err = blkfront_open_ring(&bf->rings[i]);
		if (!err) {
			i++;
			continue;
		}
		if (!xpv_shortage_is(&bf->shortage, err))
			return err;
		if (i) {
			bf->link.nr_rings = i;
		} else if (bf->link.order) {
			bf->link.order = 0;
		} else if (!relaxed) {
			relaxed = true;
			xpv_caches_relax();
		} else {
			return err;
		}
	}
	return 0;
}

/**
 * blkfront_publish() - set up rings and publish them to the backend
 * @bf: disconnected
 *
 * Rings set up before an error remain; blkfront_disconnect() closes them.
 *
 * Return: 0; -ENODEV if our directory is gone or has another backend; an error
 * of xpv_shortage_is() if there is not enough for one ring; or another
 * negative error, which is reported to xenbus.
 * Context: process, under fsm.act.
 */
int blkfront_publish(struct blkfront_dev *bf)
{
	int err;

	lockdep_assert_held(&bf->fsm.act);
	/*
	 * A backend that comes and goes must not use up our memory. But a
	 * domain that has died and is preserved may keep all pages of the last
	 * connection.
	 */
	if (blkfront_grant_free_unrevoked(bf, false) >
	    BLKFRONT_MAX_UNREVOKED + bf->nr_latest) {
		xpv_fsm_fatal(&bf->fsm, -EBUSY,
			      "backend keeps too many pages mapped");
		return -EBUSY;
	}
	blkfront_read_offer(bf);
	err = blkfront_open_rings(bf);
	if (xpv_shortage_is(&bf->shortage, err))
		return err;
	if (err) {
		xpv_fsm_fatal(&bf->fsm, err, "setting up rings");
		return err;
	}

	err = xpv_store_update(blkfront_write_keys, bf);
	if (err == -ENOENT || err == -ESTALE)
		return -ENODEV;
	if (err)
		xpv_fsm_fatal(&bf->fsm, err, "writing keys");
	return err;
}

static int blkfront_setup_rings(struct blkfront_dev *bf)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < bf->link.nr_rings && !err; i++)
		err = blkfront_grant_setup(&bf->rings[i]);
	for (; err && i--; )
		blkfront_grant_teardown(&bf->rings[i]);
	return err;
}

/*
 * Prepare each ring for a request: of the largest size, or else of the
 * smallest.
 */
static int blkfront_fit_rings(struct blkfront_dev *bf)
{
	int err = blkfront_setup_rings(bf);

	if (!xpv_is_shortage(err))
		return err;
	xpv_caches_relax();
	err = blkfront_setup_rings(bf);
	if (!xpv_is_shortage(err) ||
	    bf->link.features.segs <= BLKIF_MAX_SEGMENTS_PER_REQUEST)
		return err;
	bf->link.features.segs = BLKIF_MAX_SEGMENTS_PER_REQUEST;
	return blkfront_setup_rings(bf);
}

static int blkfront_link_rings(struct blkfront_dev *bf)
{
	unsigned int i;
	int err;

	err = blkfront_fit_rings(bf);
	if (err)
		return err;
	err = bf->disk ? blkfront_disk_update(bf) : blkfront_disk_create(bf);
	if (err) {
		for (i = 0; i < bf->link.nr_rings; i++)
			blkfront_grant_teardown(&bf->rings[i]);
		return err;
	}

	/*
	 * Polled queues share the rings; the other queues get one each if there
	 * are enough.
	 */
	for (i = 0; i < bf->nr_queues; i++)
		WRITE_ONCE(bf->queues[i].ring, &bf->rings[i % bf->link.nr_rings]);
	for (i = 0; i < bf->link.nr_rings; i++) {
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
 * Creates the disk, or gives an existing disk the limits of this backend. The
 * queue stays quiesced until blkfront_release(). The caller sets the phase.
 *
 * Return: 0; -ENODEV if the backend is gone; an error of xpv_shortage_is() if
 * there is not enough for a request, and the rings remain published; or another
 * negative error, which is reported to xenbus.
 * Context: process, under fsm.act.
 */
int blkfront_link(struct blkfront_dev *bf)
{
	int err;

	lockdep_assert_held(&bf->fsm.act);
	err = blkfront_read_features(bf);
	if (err)
		return err;

	blkfront_hold(bf);
	err = blkfront_link_rings(bf);
	if (xpv_shortage_is(&bf->shortage, err))
		return err;
	if (err) {
		xpv_fsm_fatal(&bf->fsm, err, "setting up the disk");
		return err;
	}
	trace_xpv_connect(dev_name(&bf->dev->dev), bf->link.nr_rings,
			  1 << bf->link.order,
			  bf->link.persistent | bf->link.bounce << 1 |
			  (blkfront_flush_op(bf) != BLKFRONT_OP_NONE) << 2 |
			  blkfront_can_discard(bf) << 3);
	queue_delayed_work(blkfront_wq, &bf->purge, 10 * HZ);
	return 0;
}
