/* SPDX-License-Identifier: GPL-2.0-only */
/* The device, and what is asked of it everywhere. */
#ifndef BLKFRONT_DEVICE_H
#define BLKFRONT_DEVICE_H

#include <xenpv/detach.h>
#include <xenpv/shortage.h>
#include <xenpv/violation.h>
#include "link.h"
#include "phase.h"
#include "request.h"

/**
 * struct blkfront_dev - a disk, and its device on the bus while attached
 * @dev:               device on the bus, or the last one; with a reference
 * @earlier:           the previous device, with a reference, because it may
 *                     still be in use
 * @fsm:               state machine
 * @shortage:          waits for grant references to connect with
 * @instance:          watches the device's directory
 * @detached:          used while detached from the bus
 * @violations:        violations of its backend
 * @debug:             directory in debugfs
 * @vdev:              virtual-device
 * @named:             entry in the list of minors in use
 * @shrink:            entry in the list of shrink.c
 * @name:              name and minors
 * @serial:            serial number, checked; empty if the backend has none
 * @handle:            copied into requests
 * @link:              the connection, or the last one
 * @nr_polled:         number of polled queues, which are the last queues of
 *                     @disk
 * @max_rings:         capacity of @rings
 * @rings:             @max_rings rings
 * @disk:              NULL before the first connection
 * @set:               tag set of @disk
 * @depth:             tags of a queue
 * @max_segs:          capacity of a shadow: data segments
 * @queues:            room for @max_rings + @nr_polled queues
 * @nr_queues:         queues with shadows; at least @set.nr_hw_queues, never
 *                     shrinks
 * @phase:             see enum blkfront_phase
 * @quiesced:          the queue is quiesced
 * @added:             the disk was added to the system
 * @deserted:          the backend's process has died; its state in the store is
 *                     ignored until it is something other than Connected
 * @add_work:          adds the disk, which reads from it
 * @limits_work:       tells the block layer the current limits
 * @limits_set:        @limits_work has done that
 * @cached:            write-cache state last told to the block layer
 * @flush_gen:         not 0: the backend has a cache, but writes were submitted
 *                     while the block layer knew of none, and each of them is
 *                     followed by a flush; counts such backends until the block
 *                     layer sends the flushes itself
 * @settle_work:       work after a connection that waits for requests
 * @revive:            polls for the backend after a resume, until the watch
 *                     works
 * @reviving:          @revive is active
 * @resubmit_work:     resubmits the bios of @resubmit
 * @kick_work:         takes responses, runs the queues
 * @purge:             frees bufs that were not used for long
 * @remove_work:       fails requests when remove() has waited long enough
 * @resubmit_lock:     protects @resubmit
 * @resubmit:          bios to split and submit again
 * @grant_cb:          called when there are grant references
 * @unrevoked:         unrevoked bufs: an earlier backend may still have mapped
 *                     them
 * @nr_latest:         number of unrevoked bufs of the last connection
 * @fence:             completes fenced requests, whose pages a backend still
 *                     maps
 * @nr_fenced:         number of fenced requests
 * @fenced_total:      number of requests ever fenced
 * @place:             "DEVPATH_OLD=" and the disk's path before it was detached
 * @lost_at:           boottime of the loss of the backend
 * @outages:           number of outages
 * @outages_failed:    outages that ended without a backend
 * @longest_outage_ms: duration of the longest outage, until the reconnect or
 *                     until I/O failed
 * @repeated:          requests taken back in this outage
 * @attempts:          failed connections in this outage
 * @dropped:           requests that failed because a page could not be revoked
 */
struct blkfront_dev {
	struct xenbus_device *dev;
	struct xenbus_device *earlier;
	struct xpv_fsm fsm;
	struct xpv_shortage shortage;
	struct xpv_instance instance;
	struct xpv_detached detached;
	struct xpv_violations violations;
	struct dentry *debug;
	u32 vdev;
	struct list_head named;
	struct list_head shrink;
	struct blkfront_name name;
	char serial[BLKFRONT_SERIAL + 1];
	u16 handle;

	struct blkfront_link link;
	unsigned int nr_polled;
	unsigned int max_rings;
	struct blkfront_ring *rings;

	struct gendisk *disk;
	struct blk_mq_tag_set set;
	unsigned int depth;
	unsigned int max_segs;
	struct blkfront_queue *queues;
	unsigned int nr_queues;

	enum blkfront_phase phase;
	bool quiesced;
	bool added;
	bool deserted;

	struct work_struct add_work;
	struct work_struct limits_work;
	struct completion limits_set;
	bool cached;
	unsigned int flush_gen;
	struct work_struct settle_work;
	struct delayed_work revive;
	bool reviving;
	struct work_struct resubmit_work;
	struct work_struct kick_work;
	struct delayed_work purge;
	struct delayed_work remove_work;
	spinlock_t resubmit_lock;
	struct bio_list resubmit;
	struct gnttab_free_callback grant_cb;
	struct list_head unrevoked;
	unsigned int nr_latest;

	struct delayed_work fence;
	unsigned int nr_fenced;
	u64 fenced_total;

	char *place;
	ktime_t lost_at;
	u64 outages;
	u64 outages_failed;
	u64 longest_outage_ms;
	unsigned int repeated;
	unsigned int attempts;
	u64 dropped;
};

static inline struct blkfront_shadow *blkfront_shadow_of(struct request *rq)
{
	struct blkfront_dev *bf = rq->q->queuedata;

	return &bf->queues[rq->mq_hctx->queue_num].shadow[rq->tag];
}

/**
 * blkfront_halt() - stop the device soon, because of the backend's violation
 * @bf: device
 *
 * Context: any.
 */
static inline void blkfront_halt(struct blkfront_dev *bf)
{
	WRITE_ONCE(bf->link.halted, true);
	xpv_fsm_kick(&bf->fsm);
}

/* These tests are stable under fsm.act, and hints without it. */
static inline bool blkfront_is_linked(const struct blkfront_dev *bf)
{
	enum blkfront_phase phase = READ_ONCE(bf->phase);

	return phase == BLKFRONT_PHASE_LINKED ||
	       phase == BLKFRONT_PHASE_CLOSING;
}

static inline bool blkfront_is_failing(const struct blkfront_dev *bf)
{
	return READ_ONCE(bf->phase) >= BLKFRONT_PHASE_FAILING;
}

static inline bool blkfront_is_dead(const struct blkfront_dev *bf)
{
	return READ_ONCE(bf->phase) >= BLKFRONT_PHASE_DEAD;
}

static inline bool blkfront_is_gone(const struct blkfront_dev *bf)
{
	return READ_ONCE(bf->phase) == BLKFRONT_PHASE_GONE;
}

#endif
