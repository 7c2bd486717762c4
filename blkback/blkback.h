/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private header of xen-blkback: a device, its rings, a request.
 *
 * One thread serves each ring. It alone uses the ring's indices, grants and
 * requests. Completed block I/O is put on a lock-free list, in whatever context
 * it completes, and the thread empties the list. While the thread sleeps in
 * submit_bio(), responses are written where the I/O completes, so responses
 * have a lock.
 */
#ifndef BLKBACK_H
#define BLKBACK_H

#include <linux/blkdev.h>
#include <linux/llist.h>
#include <linux/mempool.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/xarray.h>
#include <compat/bdev.h>
#include <xenpv/backend.h>
#include <xenpv/channel.h>
#include <xenpv/debug.h>
#include <xenpv/grant.h>
#include <xenpv/machine.h>
#include <xenpv/ring.h>
#include <xenpv/shortage.h>
#include <xenpv/violation.h>
#include "parse.h"

struct blkback_dev;
struct blkback_ring;

/*
 * Entries of the table that finds persistent grants with nearby references
 * without a search.
 */
#define BLKBACK_NEAR		2048
/* Precision of a persistent grant's age. */
#define BLKBACK_TOUCH_PERIOD	(HZ / 4)
/* Long segment arrays that a ring caches. */
#define BLKBACK_KEPT_SEGS	32

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

/*
 * Counters of one ring; the names are in stats.c. Only its thread writes them,
 * except for those of responses and notifications, which are under the ring's
 * rsp_lock.
 */
struct blkback_counters {
	u64 requests;
	u64 responses;
	u64 responses_early;
	u64 refused;
	u64 failed;
	u64 notify_sent;
	u64 notify_suppressed;
	u64 events_without_work;
	u64 wakeups;
	u64 batches;
	u64 grant_map_calls;
	u64 grant_map_ops;
	u64 grant_map_failed;
	u64 grant_map_no_space;
	u64 grant_unmap_calls;
	u64 grant_unmap_ops;
	u64 grant_unmap_failed;
	u64 grant_copy_calls;
	u64 grant_copy_ops;
	u64 bytes_copied;
	u64 bytes_read;
	u64 bytes_written;
	u64 persistent_hits;
	u64 persistent_misses;
	u64 persistent_purged;
	u64 bios;
	u64 bounced;
	u64 barriers;
	u64 lingered;
	u64 moves;
	u64 polls;
	u64 polls_in_vain;
	u64 oo_req;
	u64 rd_req;
	u64 wr_req;
	u64 f_req;
	u64 ds_req;
	u64 rd_sect;
	u64 wr_sect;
};

/**
 * struct blkback_counter - a counter's name, for debugfs
 * @name:   name as printed
 * @offset: offset in struct blkback_counters
 */
struct blkback_counter {
	const char *name;
	size_t offset;
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

/**
 * struct blkback_ring - one queue
 * @be:              device
 * @index:           queue number
 * @name:            name of the thread
 * @ring:            private half of the ring
 * @shared:          the frontend's shared pages
 * @event:           its event channel
 * @task:            the thread
 * @wq:              wait queue of the thread
 * @fired:           an event came for which no EOI was sent yet
 * @kicked:          the thread has to check for work, for example for another
 *                   ring
 * @squeeze:         the thread has to release what is idle
 * @stopping:        take no more requests
 * @done:            requests whose I/O has completed
 * @submitting:      the thread submits a round, and may sleep in it
 * @rsp_lock:        protects the responses: @ring.prod, @ring.pub and their
 *                   counters; a request whose response is written under it is
 *                   on @done before it is unlocked
 * @events:          events received, counted in the interrupt handler
 * @event_cpu:       processor that the last event woke from idle, or -1
 * @owe_eoi:         the thread has seen an event and must send the EOI
 * @worked:          requests were taken since the last EOI
 * @halted:          the frontend's index is impossible: take no more requests
 * @inflight:        requests taken and not answered; barriers of other rings
 *                   read it
 * @held:            request that waits for memory or for a barrier
 * @starved:         requests in flight that Xen had no room to map
 * @starving:        there have been such requests since @starved_at
 * @starved_at:      when the first of them had to wait, jiffies
 * @room:            pages to map at a time while Xen has little room, else
 *                   UINT_MAX
 * @next_room:       when to increase @room, jiffies
 * @barrier:         barrier request of this ring, once the ring owns the drain
 * @idle:            free requests
 * @lingering:       completed requests whose pages still have other references
 * @reqs:            memory of the requests, one for each ring entry
 * @segs:            pool of segment arrays for long requests
 * @cache:           pages to map to
 * @spare:           stack of pages taken from @cache
 * @nr_spare:        pages in @spare
 * @mapped:          pages mapped by requests, not persistently
 * @kept:            stack of cached long segment arrays
 * @nr_kept:         arrays in @kept
 * @persistent:      persistent grants, by reference
 * @near:            lookup table of persistent grants, by the low bits of the
 *                   reference
 * @lru:             persistent grants, least recently used first
 * @nr_persistent:   number of persistent grants
 * @peak_persistent: maximum of @nr_persistent
 * @overflow:        there was no room for another persistent grant
 * @no_tables:       the frontend's indirect pages cannot be mapped persistently
 * @next_purge:      when to look for old persistent grants, jiffies
 * @discards:        discards for @discard_work
 * @discard_work:    runs them one after the other, outside of the thread
 * @strays:          successive events that arrived on another idle processor
 * @next_move:       when the thread may move to another processor again,
 *                   jiffies
 * @poll_pause:      polls to skip after the last unsuccessful one
 * @poll_rest:       polls still to be skipped
 * @poll_hit:        the last poll found something to do
 * @count:           counters
 * @batch:           work space
 * @next_log:        when to log statistics, jiffies
 */
struct blkback_ring {
	struct blkback_dev *be;
	unsigned int index;
	char name[TASK_COMM_LEN + 8];
	struct xpv_ring ring;
	struct xpv_shared shared;
	struct xpv_event event;
	struct task_struct *task;

	/* Written from outside the thread. */
	wait_queue_head_t wq ____cacheline_aligned_in_smp;
	bool fired;
	bool kicked;
	bool squeeze;
	bool stopping;
	struct llist_head done;
	bool submitting;
	spinlock_t rsp_lock;
	u64 events;
	int event_cpu;

	/* Written by the thread. */
	bool owe_eoi ____cacheline_aligned_in_smp;
	bool worked;
	bool halted;
	unsigned int inflight;
	struct blkback_req *held;
	struct list_head starved;
	bool starving;
	unsigned long starved_at;
	unsigned int room;
	unsigned long next_room;
	struct blkback_req *barrier;
	struct list_head idle;
	struct list_head lingering;
	struct blkback_req *reqs;
	mempool_t *segs;
	struct gnttab_page_cache cache;
	struct page *spare[BLKBACK_BATCH_OPS];
	unsigned int nr_spare;
	unsigned int mapped;
	struct blkback_seg *kept[BLKBACK_KEPT_SEGS];
	unsigned int nr_kept;
	struct xarray persistent;
	struct blkback_pgrant *near[BLKBACK_NEAR];
	struct list_head lru;
	unsigned int nr_persistent;
	unsigned int peak_persistent;
	bool overflow;
	bool no_tables;
	unsigned long next_purge;
	struct llist_head discards;
	struct work_struct discard_work;
	unsigned int strays;
	unsigned long next_move;
	unsigned int poll_pause;
	unsigned int poll_rest;
	bool poll_hit;
	struct blkback_counters count;
	unsigned long next_log;
	struct blkback_batch batch;
};

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
 * @machine:      state machine
 * @shortage:     waits for room to map the rings
 * @backend:      life cycle
 * @violations:   violation counts
 * @debug:        directory in debugfs
 * @kept:         the frontend still uses the rings of an earlier backend
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
	struct xpv_machine machine;
	struct xpv_shortage shortage;
	struct xpv_backend backend;
	struct xpv_violations violations;
	struct dentry *debug;
	bool kept;
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

/* ring.c */
struct blkback_ring *blkback_ring_open(struct blkback_dev *be,
				       unsigned int index,
				       const struct xpv_refs *refs,
				       evtchn_port_t port);
void blkback_ring_close(struct blkback_ring *ring);

/**
 * blkback_ring_kick() - make a ring's thread check for work
 * @ring: any ring of the device
 *
 * Context: any ring's thread of the same device, or under
 * @ring->be->rings_lock.
 */
static inline void blkback_ring_kick(struct blkback_ring *ring)
{
	WRITE_ONCE(ring->kicked, true);
	wake_up(&ring->wq);
}

/* thread.c */
int blkback_thread_start(struct blkback_ring *ring);
void blkback_thread_stop(struct blkback_ring *ring);

/* request.c */
bool blkback_request_stage(struct blkback_ring *ring, struct blkback_req *req);
bool blkback_request_run_batch(struct blkback_ring *ring);

/* complete.c */
void blkback_complete_io(struct blkback_req *req);
bool blkback_complete_reap(struct blkback_ring *ring);
void blkback_complete_respond(struct blkback_ring *ring,
			      struct blkback_req *req, int status);
void blkback_complete_publish(struct blkback_ring *ring);

/* map.c */
void blkback_map_batch(struct blkback_ring *ring);
void blkback_map_starve(struct blkback_ring *ring, struct list_head *reqs);
void blkback_map_recover(struct blkback_ring *ring);

/* grant.c */
bool blkback_grant_reserve(struct blkback_ring *ring, unsigned int nr);
void blkback_grant_trim(struct blkback_ring *ring, unsigned int keep);
void blkback_grant_put_page(struct blkback_ring *ring, struct page *page);
void blkback_grant_copy_wire(struct blkback_ring *ring);
void blkback_grant_add_unmap(struct blkback_ring *ring, unsigned int nr,
			     struct page *page, grant_handle_t handle);
void blkback_grant_unmap(struct blkback_ring *ring, unsigned int nr);
unsigned int blkback_grant_drop(struct blkback_ring *ring,
				struct blkback_req *req, unsigned int nr);

/* persistent.c */
struct blkback_pgrant *blkback_persistent_get(struct blkback_ring *ring,
					      grant_ref_t gref, bool *fresh);
struct blkback_pgrant *blkback_persistent_find(struct blkback_ring *ring,
					       grant_ref_t gref);
void blkback_persistent_failed(struct blkback_ring *ring,
			       struct blkback_pgrant *pgrant);
void blkback_persistent_purge(struct blkback_ring *ring);
void blkback_persistent_shed(struct blkback_ring *ring, unsigned long age);
void blkback_persistent_end(struct blkback_ring *ring);
bool blkback_persistent_aged(const struct blkback_ring *ring);

/**
 * blkback_persistent_warm() - fast path of blkback_persistent_get()
 * @ring: the ring
 * @gref: the frontend's reference
 * @now:  jiffies
 *
 * Return: the grant with one more user; NULL if it is not in the lookup table,
 * is not mapped, or its age has to be updated.
 */
static inline struct blkback_pgrant *
blkback_persistent_warm(struct blkback_ring *ring, grant_ref_t gref,
			unsigned long now)
{
	struct blkback_pgrant *p = ring->near[gref % BLKBACK_NEAR];

	if (unlikely(!p || p->gref != gref || !p->page ||
		     time_after_eq(now, p->used + BLKBACK_TOUCH_PERIOD)))
		return NULL;
	p->users++;
	return p;
}

/**
 * blkback_persistent_put() - a segment does not use a grant any more
 * @pgrant: the grant
 */
static inline void blkback_persistent_put(struct blkback_pgrant *pgrant)
{
	if (!--pgrant->users && !pgrant->page)
		kfree(pgrant);
}

/* drain.c */
bool blkback_drain_enter(struct blkback_ring *ring);
void blkback_drain_leave(struct blkback_ring *ring);
bool blkback_drain_barrier(struct blkback_ring *ring, struct blkback_req *req);
void blkback_drain_release(struct blkback_ring *ring);

/* discard.c */
void blkback_discard_start(struct blkback_req *req);
void blkback_discard_work(struct work_struct *work);

/* bounce.c */
void blkback_bounce_setup(struct blkback_dev *be);
void blkback_bounce_free(struct blkback_dev *be);
void blkback_bounce_begin(struct blkback_req *req, struct bio *bio);
void blkback_bounce_end(struct blkback_req *req, struct bio *bio);

/* stats.c */
extern const struct attribute_group *blkback_stats_groups[];
extern const struct blkback_counter blkback_counter_table[];
extern const unsigned int blkback_nr_counters;
u64 blkback_stats_get(const struct blkback_counters *c, unsigned int i);
void blkback_stats_add(struct blkback_counters *sum,
		       const struct blkback_counters *c);
void blkback_stats_sum(struct blkback_dev *be, struct blkback_counters *sum,
		       u64 *events);
void blkback_stats_log(struct blkback_ring *ring);

/* debugfs.c */
void blkback_debugfs_add(struct blkback_dev *be);

#endif
