// SPDX-License-Identifier: GPL-2.0-only
/* Read the frontend's keys and connect to its rings. */
#include <linux/slab.h>
#include <xen/interface/io/blkif.h>
#include "blkback.h"

/* parse.h defines the ABI itself, so that user space can compile it. */
static_assert((int)BLKBACK_OP_READ == BLKIF_OP_READ);
static_assert((int)BLKBACK_OP_WRITE == BLKIF_OP_WRITE);
static_assert((int)BLKBACK_OP_BARRIER == BLKIF_OP_WRITE_BARRIER);
static_assert((int)BLKBACK_OP_FLUSH == BLKIF_OP_FLUSH_DISKCACHE);
static_assert((int)BLKBACK_OP_DISCARD == BLKIF_OP_DISCARD);
static_assert((int)BLKBACK_OP_INDIRECT == BLKIF_OP_INDIRECT);
static_assert((int)BLKBACK_ERROR == BLKIF_RSP_ERROR);
static_assert((int)BLKBACK_EOPNOTSUPP == BLKIF_RSP_EOPNOTSUPP);
static_assert(BLKBACK_FLAG_SECURE == BLKIF_DISCARD_SECURE);
static_assert(BLKBACK_DIRECT_SEGS == BLKIF_MAX_SEGMENTS_PER_REQUEST);
static_assert(sizeof(struct blkback_wire_seg) ==
	      sizeof(struct blkif_request_segment));

/* Compare the offsets of the body with the kernel's native layout. */
#ifdef CONFIG_X86_32
#define BLKBACK_BODY_NATIVE	BLKBACK_BODY_32
#define BLKBACK_ABI_NATIVE	BLKBACK_ABI_32
#else
#define BLKBACK_BODY_NATIVE	BLKBACK_BODY_64
#define BLKBACK_ABI_NATIVE	BLKBACK_ABI_64
static_assert(sizeof(union blkif_sring_entry) == BLKBACK_ENTRY_64);
#endif
static_assert(offsetof(struct blkif_request, u.rw.id) == BLKBACK_BODY_NATIVE);
static_assert(offsetof(struct blkif_request, u.rw.seg) ==
	      BLKBACK_BODY_NATIVE + offsetof(struct blkback_wire_rw, seg));
static_assert(offsetof(struct blkif_request, u.discard.nr_sectors) ==
	      BLKBACK_BODY_NATIVE +
	      offsetof(struct blkback_wire_discard, nr_sectors));
static_assert(offsetof(struct blkif_request, u.indirect.indirect_grefs) ==
	      BLKBACK_BODY_NATIVE + offsetof(struct blkback_wire_indirect, gref));
static_assert(offsetof(struct blkif_request, u.indirect.nr_segments) ==
	      offsetof(struct blkback_raw, w));
static_assert(offsetof(struct blkif_request, u.rw.nr_segments) ==
	      offsetof(struct blkback_raw, b));
/* The 32-bit layout, computed by hand: four bytes, id, sector, segments. */
static_assert(BLKBACK_BODY_32 + sizeof(struct blkback_wire_rw) ==
	      BLKBACK_ENTRY_32);

/**
 * struct blkback_plan - the connection described by a frontend's keys
 * @nr_queues: 1..@be->max_queues
 * @order:     ring size, log2 of pages
 * @single:    old spelling: one page, in "ring-ref"
 */
struct blkback_plan {
	unsigned int nr_queues;
	unsigned int order;
	bool single;
};

/* Report an invalid key: its name, its value and the valid values. */
static int blkback_connect_refuse(struct blkback_dev *be, int err,
				  const char *dir, const char *key, u64 max,
				  const char *want)
{
	u64 val = 0;

	if (xpv_store_is_wrong(err)) {
		xpv_store_find(dir, key, &val);
		xpv_violation(&be->violations, BLKBACK_SITE_KEY, val, max,
			      "connection refused");
	}
	xpv_fsm_refuse(&be->fsm, err, dir, key, want);
	return err;
}

static int blkback_connect_abi(struct blkback_dev *be)
{
	unsigned int len;
	char *text = xenbus_read(XBT_NIL, be->otherend, "protocol", &len);
	int err;

	be->abi = BLKBACK_ABI_NATIVE;
	if (PTR_ERR_OR_ZERO(text) == -ENOENT)
		return 0;
	if (IS_ERR(text))
		return blkback_connect_refuse(be, PTR_ERR(text), be->otherend,
					      "protocol", 0, "a ring layout");
	err = blkback_parse_abi(text, len, XEN_IO_PROTO_ABI_NATIVE,
				BLKBACK_ABI_NATIVE, &be->abi);
	kfree(text);
	if (err)
		blkback_connect_refuse(be, err, be->otherend, "protocol", 0,
				       "x86_64-abi, x86_32-abi or the native one");
	return err;
}

static int blkback_connect_order(struct blkback_dev *be,
				 struct blkback_plan *plan)
{
	unsigned int max = blkback_max_ring_page_order;
	const char *key = "ring-page-order";
	char want[40];
	int err = xpv_store_order(be->otherend, max, &plan->order,
				  &plan->single);

	if (!err)
		return 0;
	snprintf(want, sizeof(want), "0..%u", max);
	if (!xenbus_exists(XBT_NIL, be->otherend, key)) {
		key = "num-ring-pages";
		max = 1 << max;
		snprintf(want, sizeof(want), "a power of two in 1..%u", max);
	}
	return blkback_connect_refuse(be, err, be->otherend, key, max, want);
}

static int blkback_connect_plan(struct blkback_dev *be,
				struct blkback_plan *plan)
{
	bool persistent;
	char want[40];
	int err;

	err = blkback_connect_abi(be);
	if (err)
		return err;
	err = xpv_store_queues(be->otherend, be->max_queues, &plan->nr_queues);
	if (err) {
		snprintf(want, sizeof(want), "1..%u", be->max_queues);
		return blkback_connect_refuse(be, err, be->otherend,
					      "multi-queue-num-queues",
					      be->max_queues, want);
	}
	err = blkback_connect_order(be, plan);
	if (err)
		return err;
	err = xpv_store_flag(be->otherend, "feature-persistent", false,
			     &persistent);
	if (err)
		return blkback_connect_refuse(be, err, be->otherend,
					      "feature-persistent", 1, "0 or 1");
	be->persistent = persistent && READ_ONCE(blkback_feature_persistent);
	return 0;
}

/*
 * Read the keys of a queue and open its ring. A ring of one page may be in
 * "ring-ref" even if its size was written: frontends differ.
 */
static int blkback_connect_queue(struct blkback_dev *be,
				 const struct blkback_plan *plan,
				 const char *dir, struct xpv_refs *refs,
				 u64 *port)
{
	int err;

	refs->nr = 1 << plan->order;
	err = xpv_store_refs(dir, "ring-ref", plan->single, refs);
	if (err == -ENOENT && refs->nr == 1)
		err = xpv_store_refs(dir, "ring-ref", !plan->single, refs);
	if (err)
		return blkback_connect_refuse(be, err, dir, plan->single ?
					      "ring-ref" : "ring-ref0", U32_MAX,
					      "a grant for each ring page");
	err = xpv_store_uint(dir, "event-channel", 1, U32_MAX, port);
	if (err)
		return blkback_connect_refuse(be, err, dir, "event-channel",
					      U32_MAX, "an event channel");
	return 0;
}

static int blkback_connect_ring(struct blkback_dev *be,
				const struct blkback_plan *plan,
				unsigned int index)
{
	struct blkback_ring *ring;
	struct xpv_refs refs;
	char dir[XPV_PATH_MAX];
	u64 port;
	int err;

	err = xpv_store_queue_path(dir, be->otherend, index, plan->nr_queues);
	if (err) {
		xpv_fsm_fatal(&be->fsm, err, "%s is too long",
			      be->otherend);
		return err;
	}
	err = blkback_connect_queue(be, plan, dir, &refs, &port);
	if (err)
		return err;

	ring = blkback_ring_open(be, index, &refs, port);
	if (IS_ERR(ring)) {
		err = PTR_ERR(ring);
		if (err == -ENOSPC)	/* it was not reported yet */
			return err;
		xpv_fsm_fatal(&be->fsm, err,
			      "connecting to %u ring pages (first %u) and event channel %llu of %s",
			      refs.nr, refs.ref[0], port, dir);
		return err;
	}
	mutex_lock(&be->rings_lock);
	be->rings[index] = ring;
	be->nr_rings = index + 1;
	mutex_unlock(&be->rings_lock);
	return 0;
}

/**
 * blkback_connect() - connect to a frontend that has written its keys
 * @be: device; the underlying device is open
 *
 * After an error blkback_disconnect() undoes what was done.
 *
 * Return: 0; -ENOSPC if there is no room to map the rings now, and the state is
 * still InitWait; or a negative error, which has been reported.
 * Context: process.
 */
int blkback_connect(struct blkback_dev *be)
{
	struct blkback_plan plan;
	unsigned int i;
	int err;

	err = blkback_connect_plan(be, &plan);
	if (err)
		return err;
	be->rings = kcalloc(plan.nr_queues, sizeof(*be->rings), GFP_KERNEL);
	if (!be->rings) {
		xpv_fsm_fatal(&be->fsm, -ENOMEM, "allocating %u rings",
			      plan.nr_queues);
		return -ENOMEM;
	}
	for (i = 0; i < plan.nr_queues; i++) {
		err = blkback_connect_ring(be, &plan, i);
		if (err)
			return err;
	}
	err = blkback_vbd_publish(be);
	if (err)
		return err;
	blkback_bounce_setup(be);
	for (i = 0; i < be->nr_rings; i++) {
		err = blkback_thread_start(be->rings[i]);
		if (err) {
			xpv_fsm_fatal(&be->fsm, err, "starting thread %s",
				      be->rings[i]->name);
			return err;
		}
	}
	trace_xpv_connect(dev_name(&be->xdev->dev), plan.nr_queues,
			  1 << plan.order, be->persistent);
	dev_info_ratelimited(&be->xdev->dev,
			     "%s: %u queues of %u ring pages, %s-bit layout%s\n",
			     be->name, plan.nr_queues, 1 << plan.order,
			     be->abi == BLKBACK_ABI_32 ? "32" : "64",
			     be->persistent ? ", persistent grants" : "");
	return 0;
}

/**
 * blkback_connect_is_stale() - test whether the frontend has offered another
 * ring
 * @be: device, connected
 *
 * A frontend that closes and reconnects without waiting for us may finish
 * before we look. Then its state is what we expect, but its keys are not.
 *
 * Return: true if so.
 * Context: process.
 */
bool blkback_connect_is_stale(const struct blkback_dev *be)
{
	const struct blkback_ring *ring = be->rings[0];
	bool single = ring->shared.refs.nr == 1;
	struct xpv_refs refs = { .nr = 1 };
	char dir[XPV_PATH_MAX];
	u64 port;

	if (xpv_store_queue_path(dir, be->otherend, 0, be->nr_rings) ||
	    xpv_store_uint(dir, "event-channel", 1, U32_MAX, &port))
		return false;
	if (port != ring->event.port)
		return true;
	if (xpv_store_refs(dir, "ring-ref", single, &refs))
		return false;
	return refs.ref[0] != ring->shared.refs.ref[0];
}

/**
 * blkback_disconnect() - close a connection, complete or not
 * @be: device
 *
 * Waits for block I/O in flight, which the frontend cannot delay. Must not be
 * called in the xenwatch thread.
 *
 * Context: process.
 */
void blkback_disconnect(struct blkback_dev *be)
{
	struct blkback_ring **rings = be->rings;
	unsigned int i, nr = be->nr_rings;

	cancel_delayed_work_sync(&be->poll);
	if (!rings)
		return;
	/*
	 * Set all flags before waiting for the first thread: see
	 * blkback_thread_stop().
	 */
	for (i = 0; i < nr; i++) {
		WRITE_ONCE(rings[i]->stopping, true);
		blkback_ring_kick(rings[i]);
	}
	for (i = 0; i < nr; i++)
		blkback_thread_stop(rings[i]);

	mutex_lock(&be->rings_lock);
	for (i = 0; i < nr; i++) {
		blkback_stats_add(&be->total, &rings[i]->count);
		be->total_events += rings[i]->events;
	}
	be->rings = NULL;
	be->nr_rings = 0;
	mutex_unlock(&be->rings_lock);

	synchronize_rcu();	/* for blkback_complete_io() */
	for (i = 0; i < nr; i++)
		blkback_ring_close(rings[i]);
	kfree(rings);
	blkback_bounce_free(be);
	/* The new device may have been refused while we were connected. */
	WRITE_ONCE(be->vbd_changed, true);
}
