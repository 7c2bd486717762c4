/* SPDX-License-Identifier: GPL-2.0-only */
/* A request, its segments and their grants; a round of requests. */
#ifndef BLKBACK_REQUEST_H
#define BLKBACK_REQUEST_H

#include <linux/blkdev.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <xenpv/grant.h>
#include "parse.h"

struct blkback_ring;

/*
 * Requests taken from a ring in one round, and grants mapped by one hypercall.
 */
#define BLKBACK_BATCH_REQS	32
#define BLKBACK_BATCH_OPS	512
static_assert(BLKBACK_BATCH_OPS >= 2 * BLKBACK_INDIRECT_SEGS);
/* All indirect segments of a round fit into one page. */
static_assert(BLKBACK_BATCH_OPS * sizeof(struct blkback_wire_seg) <=
	      XEN_PAGE_SIZE);

/* Stored in place of a handle: Xen had no room for another mapping. */
#define BLKBACK_NO_SPACE	INVALID_GRANT_HANDLE

/**
 * struct blkback_pgrant - a persistent grant, which stays mapped
 * @gref:   the frontend's reference
 * @handle: handle of the mapping, valid if @page is set; else BLKBACK_NO_SPACE
 *          or 0
 * @page:   page that it is mapped to; NULL before it is mapped, and if that
 *          failed
 * @users:  segments of requests that use it now
 * @used:   jiffies of the last use
 * @lru:    entry in the ring's list, least recently used first
 */
struct blkback_pgrant {
	grant_ref_t gref;
	grant_handle_t handle;
	struct page *page;
	unsigned int users;
	unsigned long used;
	struct list_head lru;
};

/**
 * struct blkback_seg - a segment of a request in progress
 * @page:   the frontend's page, NULL if it could not be mapped
 * @pgrant: the persistent grant it belongs to, or NULL
 * @handle: handle of the mapping, if @pgrant is NULL; without @page
 *          BLKBACK_NO_SPACE or 0
 * @offset: offset in the page, bytes
 * @len:    bytes
 */
struct blkback_seg {
	struct page *page;
	struct blkback_pgrant *pgrant;
	grant_handle_t handle;
	u16 offset;
	u16 len;
};

/**
 * struct blkback_req - a request from when it is taken until it is answered
 * @ring:       its ring
 * @link:       entry in a list of the ring's thread: free, batch, unmapping,
 *              lingering
 * @done:       entry in @ring->done or @ring->discards
 * @raw:        private copy of the request on the ring
 * @cmd:        the checked request
 * @wire:       private copy of the segments, valid until the request is mapped
 * @table:      persistent grant of the page of an indirect request, or NULL
 * @copied:     @wire is filled by a copy operation of the round
 * @fresh:      some of its persistent grants still have to be mapped
 * @starved:    Xen had no room to map all of it
 * @answered:   its response was written where its I/O completed
 * @mapped:     segments that are mapped for this request only
 * @seg:        segments: @inline_seg, or an array from @ring->segs
 * @inline_seg: segments of a short request
 * @error:      error of the bio, or why it could not be mapped
 * @entered:    counted as in flight
 * @bounced:    its data is copied through our own pages
 * @bio:        bio of a direct request
 * @vec:        bio vectors of @bio
 */
struct blkback_req {
	struct blkback_ring *ring;
	struct list_head link;
	struct llist_node done;
	struct blkback_cmd cmd;
	const struct blkback_wire_seg *wire;
	struct blkback_pgrant *table;
	struct blkback_seg *seg;
	int error;
	bool entered;
	bool bounced;
	bool copied;
	bool fresh;
	bool starved;
	bool answered;
	unsigned int mapped;
	struct blkback_raw raw;
	struct blkback_seg inline_seg[BLKBACK_DIRECT_SEGS];
	struct bio bio;
	struct bio_vec vec[BLKBACK_DIRECT_SEGS];
};

/**
 * struct blkback_slot - the purpose of a map operation of the batch
 * @seg:    a segment, or NULL
 * @pgrant: a persistent grant, if @seg is NULL
 * @table:  @pgrant maps the descriptor page of an indirect request, not data
 */
struct blkback_slot {
	struct blkback_seg *seg;
	struct blkback_pgrant *pgrant;
	bool table;
};

/**
 * struct blkback_batch - work space for one round of requests
 * @reqs:    requests in ring order
 * @nr_reqs: number of requests
 * @nr_segs: segments of all requests, at most BLKBACK_BATCH_OPS
 * @nr_copy: indirect requests whose segments are copied
 * @nr_map:  map operations
 * @wire:    a page for the segments of indirect requests
 * @nr_wire: segments in @wire
 * @rules:   rules that requests of this round are checked against
 * @copy:    operations that fill @wire
 * @map:     map operations
 * @pages:   pages to map or unmap
 * @slot:    purposes of the map operations
 * @unmap:   unmap operations
 */
struct blkback_batch {
	struct list_head reqs;
	unsigned int nr_reqs;
	unsigned int nr_segs;
	unsigned int nr_copy;
	unsigned int nr_map;
	unsigned int nr_wire;
	struct blkback_wire_seg *wire;
	struct blkback_rules rules;
	struct gnttab_copy copy[BLKBACK_BATCH_REQS];
	struct gnttab_map_grant_ref map[BLKBACK_BATCH_OPS];
	struct page *pages[BLKBACK_BATCH_OPS];
	struct blkback_slot slot[BLKBACK_BATCH_OPS];
	struct gnttab_unmap_grant_ref unmap[BLKBACK_BATCH_OPS];
};

/* request.c */
bool blkback_request_stage(struct blkback_ring *ring, struct blkback_req *req);
bool blkback_request_run_batch(struct blkback_ring *ring);

/* complete.c */
void blkback_complete_io(struct blkback_req *req);
bool blkback_complete_reap(struct blkback_ring *ring);
void blkback_complete_respond(struct blkback_ring *ring,
			      struct blkback_req *req, int status);
void blkback_complete_publish(struct blkback_ring *ring);

/* discard.c */
void blkback_discard_start(struct blkback_req *req);
void blkback_discard_work(struct work_struct *work);

#endif
