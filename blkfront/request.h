/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests: their private records, by hardware queue and tag. */
#ifndef BLKFRONT_REQUEST_H
#define BLKFRONT_REQUEST_H

#include <linux/blk-mq.h>

struct blkfront_ring;
struct blkfront_seg;

/**
 * struct blkfront_shadow - private record of a request, by queue and tag
 * @rq:      the request, from its way to the ring until it is completed
 * @ring:    its ring
 * @next:    next in a list of answered requests
 * @segs:    @nr_segs data segments, then @nr_ind pages of descriptors
 * @bufs:    bounce pages of these segments, in the same order
 * @nr_bufs: number of @bufs
 * @nr_segs: data pages
 * @nr_ind:  pages of descriptors; 0: a direct request
 * @op:      BLKIF_OP_*; for an indirect request the operation inside
 * @answer:  enum blkfront_status, once answered
 * @on_ring: a response is expected; without this flag a response with its id is
 *           invalid
 * @polled:  its submitter polls for the response
 * @ending:  answered, but its pages are not released yet
 * @bounced: data is copied through @bufs
 * @fenced:  waits until an earlier backend has unmapped pages of the bio
 * @since:   jiffies at which @fenced was set
 */
struct blkfront_shadow {
	struct request *rq;
	struct blkfront_ring *ring;
	struct blkfront_shadow *next;
	struct blkfront_seg *segs;
	struct list_head bufs;
	u16 nr_bufs;
	u16 nr_segs;
	u8 nr_ind;
	u8 op;
	u8 answer;
	bool on_ring;
	bool polled;
	bool ending;
	bool bounced;
	bool fenced;
	unsigned long since;
};

/**
 * struct blkfront_queue - a hardware queue; it outlives rings
 * @ring:   ring that its requests currently use
 * @shadow: shadows, by tag
 * @segs:   memory of all @shadow[].segs
 */
struct blkfront_queue {
	struct blkfront_ring *ring;
	struct blkfront_shadow *shadow;
	struct blkfront_seg *segs;
};

/* request.c */
extern const struct blk_mq_ops blkfront_mq_ops;

/* complete.c */
blk_status_t blkfront_complete_request(struct request *rq, bool *requeued);

/* timeout.c */
enum blk_eh_timer_return blkfront_timeout(struct request *rq);

#endif
