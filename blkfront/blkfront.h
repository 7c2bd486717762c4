/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private header of xen-blkfront.
 *
 * A request's id on the ring consists of its hardware queue and its tag. This
 * pair selects its shadow: private memory that records the request and the
 * grants it holds. So a request is completed without reading anything from the
 * ring but the response.
 *
 * A header per noun: device.h the device, phase.h what it does with requests, link.h
 * its connection, ring.h a ring, grant.h pages and grants, request.h requests.
 * Sources include this one.
 *
 * Locks: fsm.act serialises connecting, disconnecting and everything else
 * that follows a change of state. ring->lock protects a ring, its pool and the
 * on_ring flags of its shadows; it is the only lock of the data path.
 */
#ifndef BLKFRONT_H
#define BLKFRONT_H

#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/workqueue.h>
#include <compat/blkdev.h>
#include <xenpv/channel.h>
#include <xenpv/debug.h>
#include <xenpv/fsm.h>
#include <xenpv/detach.h>
#include <xenpv/ring.h>
#include <xenpv/shortage.h>
#include <xenpv/violation.h>
#include "device.h"
#include "grant.h"
#include "link.h"
#include "parse.h"
#include "phase.h"
#include "request.h"
#include "ring.h"

/* Kernels with larger pages would need several grants per page. */
static_assert(PAGE_SIZE == BLKFRONT_PAGE);
/* The code uses page_address() on every page. */
static_assert(!IS_ENABLED(CONFIG_HIGHMEM));
static_assert(sizeof(struct blkif_request_segment) * BLKFRONT_SEGS_PER_PAGE ==
	      BLKFRONT_PAGE);
#ifdef CONFIG_X86_64
static_assert(sizeof(struct blkif_request) == 112);
static_assert(offsetof(struct blkif_request, u.rw.id) == 8);
#endif
static_assert(offsetof(struct blkif_response, status) == 10);

/* Sites where a backend's value is refused. */
enum blkfront_site {
	BLKFRONT_RSP_PROD,
	BLKFRONT_RSP_ID,
	BLKFRONT_RSP_IDLE,
	BLKFRONT_RSP_OP,
	BLKFRONT_RSP_STATUS,
	BLKFRONT_GRANT_HELD,
	BLKFRONT_BAD_KEY,
	BLKFRONT_BAD_FEATURE,
};

/* main.c */
extern struct workqueue_struct *blkfront_wq;
extern struct dentry *blkfront_debug;
extern struct xpv_sites blkfront_sites;
extern unsigned int blkfront_max_segs;
extern unsigned int blkfront_max_queues;
extern unsigned int blkfront_poll_queues;
extern unsigned int blkfront_max_order;
extern bool blkfront_trusted;
extern bool blkfront_persistent;
extern unsigned int blkfront_request_timeout;
extern unsigned int blkfront_reconnect_timeout;

/* device.c */
extern struct xenbus_driver blkfront_driver;
extern struct xpv_dirs blkfront_dirs;

/* detach.c */
extern struct xpv_lot blkfront_lot;
bool blkfront_detach(struct blkfront_dev *bf, const struct xpv_instance_fate *fate);
bool blkfront_reattach(struct xenbus_device *dev, u32 vdev);
void blkfront_detach_end(struct blkfront_dev *bf);

/* fence.c */
void blkfront_fence_add(struct blkfront_shadow *sh);
void blkfront_fence_work(struct work_struct *work);
void blkfront_fence_end(struct blkfront_dev *bf);

/* name.c */
int blkfront_name_take(struct blkfront_dev *bf);
void blkfront_name_put(struct blkfront_dev *bf);

/* disk.c */
int blkfront_queue_add(struct blkfront_dev *bf);
int blkfront_disk_create(struct blkfront_dev *bf);
int blkfront_disk_update(struct blkfront_dev *bf);
void blkfront_disk_free(struct blkfront_dev *bf);
void blkfront_disk_add(struct work_struct *work);

/* sysfs.c */
extern const struct attribute_group *blkfront_groups[];

/* debugfs.c */
void blkfront_debug_create(struct blkfront_dev *bf);
void blkfront_show_rq(struct seq_file *s, struct request *rq);

#endif
