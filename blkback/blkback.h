/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private header of xen-blkback: a device. Its rings are in ring.h, their
 * requests in request.h, the mappings of those in grant.h, counters in stats.h.
 */
#ifndef BLKBACK_H
#define BLKBACK_H

#include <linux/blkdev.h>
#include <linux/mempool.h>
#include <linux/mutex.h>
#include <compat/bdev.h>
#include <xenpv/backend.h>
#include <xenpv/channel.h>
#include <xenpv/debug.h>
#include <xenpv/fsm.h>
#include <xenpv/store.h>
#include <xenpv/violation.h>
#include "grant.h"
#include "parse.h"
#include "ring.h"
#include "stats.h"

/**
 * struct blkback_drain - a barrier over all rings of a device
 * @lock:  protects changes of @owner
 * @owner: ring that has a barrier; while set, no ring takes new requests
 */
struct blkback_drain {
	spinlock_t lock;
	struct blkback_ring *owner;
};

/**
 * struct blkback_vbd - the underlying block device
 * @bdev:        open if @bdev.bdev is set
 * @dev:         its device number
 * @read_only:   opened read-only
 * @info:        VDISK_* flags
 * @announced:   size last told to the frontend, sectors
 * @secure:      secure discard was offered
 * @granularity: of discard, sectors, 0 if not offered
 * @alignment:   of discard, sectors
 */
struct blkback_vbd {
	struct xpv_bdev bdev;
	dev_t dev;
	bool read_only;
	unsigned int info;
	u64 announced;
	bool secure;
	u32 granularity;
	u32 alignment;
};

/**
 * struct blkback_dev - a backend device
 * @list:         entry in the list of all devices in squeeze.c
 * @xdev:         device on the xenbus; we hold a reference
 * @otherend:     the frontend's directory; a copy that outlives the one in
 *                @xdev
 * @domid:        the frontend's domain
 * @name:         "<domid>.<disk name>"
 * @fsm:          state machine
 * @backend:      life cycle
 * @violations:   violation counts
 * @debug:        directory in debugfs
 * @vbd_changed:  physical-device was written
 * @vbd_broken:   physical-device is invalid, or could not be opened
 * @vbd:          the underlying block device
 * @mode:         key "mode"
 * @max_queues:   number of queues offered
 * @abi:          ring layout
 * @persistent:   both ends agreed on persistent grants
 * @rings_lock:   protects @rings and @nr_rings against readers outside the
 *                machine
 * @rings:        queues, NULL while not connected
 * @nr_rings:     number of queues
 * @total:        sum of the counters of earlier connections
 * @total_events: events of earlier connections
 * @bounce:       pages for blkback_bounce_begin(), NULL if none are kept
 * @bounce_lock:  held while several of them are taken
 * @drain:        barriers
 * @poll:         checks for a new size
 * @squeezed:     keep no spare pages until then, jiffies
 */
struct blkback_dev {
	struct list_head list;
	struct xenbus_device *xdev;
	char *otherend;
	domid_t domid;
	char name[TASK_COMM_LEN];
	struct xpv_fsm fsm;
	struct xpv_backend backend;
	struct xpv_violations violations;
	struct dentry *debug;
	bool vbd_changed;
	bool vbd_broken;
	struct blkback_vbd vbd;
	char mode[8];
	unsigned int max_queues;
	enum blkback_abi abi;
	bool persistent;

	struct mutex rings_lock;
	struct blkback_ring **rings;
	unsigned int nr_rings;
	struct blkback_counters total;
	u64 total_events;

	mempool_t *bounce;
	struct mutex bounce_lock;

	struct blkback_drain drain;
	struct delayed_work poll;
	unsigned long squeezed;
};

/* main.c */
extern unsigned int blkback_poll_usecs;
extern unsigned int blkback_max_buffer_pages;
extern unsigned int blkback_max_mapped_pages;
extern unsigned int blkback_max_persistent_grants;
extern unsigned int blkback_persistent_unused;
extern unsigned int blkback_max_queues;
extern unsigned int blkback_max_ring_page_order;
extern unsigned int blkback_log_stats;
extern unsigned int blkback_squeeze_ms;
extern bool blkback_feature_persistent;
extern struct dentry *blkback_debug_root;
extern struct workqueue_struct *blkback_wq;
extern struct workqueue_struct *blkback_discard_wq;
extern struct xpv_sites blkback_sites;

/* device.c */
int blkback_device_register(void);
void blkback_device_unregister(void);

/* squeeze.c */
void blkback_squeeze_add(struct blkback_dev *be);
void blkback_squeeze_del(struct blkback_dev *be);
void blkback_squeeze(struct blkback_dev *be);
void blkback_squeeze_all(void);

/* connect.c */
int blkback_connect(struct blkback_dev *be);
void blkback_disconnect(struct blkback_dev *be);
bool blkback_connect_is_stale(const struct blkback_dev *be);

/* vbd.c */
void blkback_vbd_refresh(struct blkback_dev *be);
void blkback_vbd_close(struct blkback_vbd *vbd);
bool blkback_vbd_is_open(const struct blkback_vbd *vbd);
unsigned int blkback_vbd_align(const struct blkback_vbd *vbd);
void blkback_vbd_rules(const struct blkback_vbd *vbd,
		       struct blkback_rules *rules);
int blkback_vbd_publish(struct blkback_dev *be);
void blkback_vbd_announce(struct blkback_dev *be);
bool blkback_vbd_resized(const struct blkback_dev *be);
void blkback_vbd_poll(struct work_struct *work);
void blkback_vbd_poll_start(struct blkback_dev *be);

/* bounce.c */
void blkback_bounce_setup(struct blkback_dev *be);
void blkback_bounce_free(struct blkback_dev *be);
void blkback_bounce_begin(struct blkback_req *req, struct bio *bio);
void blkback_bounce_end(struct blkback_req *req, struct bio *bio);

/* debugfs.c */
void blkback_debugfs_add(struct blkback_dev *be);

#endif
