/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private header of xen-blkfront.
 *
 * A request's id on the ring consists of its hardware queue and its tag. This
 * pair selects its shadow: private memory that records the request and the
 * grants it holds. So a request is completed without reading anything from the
 * ring but the response.
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
#include "parse.h"

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

/*
 * Counters of a ring; the debugfs file "counters" shows the sums. Protected by
 * the ring's lock, except for the events, which only the interrupt handler
 * counts.
 */
#define BLKFRONT_COUNTERS(X)						\
	X(requests) X(responses) X(segments) X(indirect_requests)	\
	X(notify_sent) X(notify_suppressed)				\
	X(events) X(events_without_work)				\
	X(grants_given) X(grants_revoked) X(grants_deferred)		\
	X(bytes_copied) X(ring_full) X(no_memory) X(resplit)		\
	X(requeued) X(timeouts) X(polled) X(polls)

enum blkfront_counter {
#define X(name)	BLKFRONT_##name,
	BLKFRONT_COUNTERS(X)
#undef X
	BLKFRONT_NR_COUNTERS
};

/**
 * struct blkfront_buf - a bounce page that the backend may access
 * @free: entry in the pool of a ring, or in the list of a request
 * @page: zeroed at allocation; only ever holds data of this disk
 * @ref:  persistent grant; INVALID_GRANT_REF if the page is granted per request
 * @used: jiffies of its return to the pool
 */
struct blkfront_buf {
	struct list_head free;
	struct page *page;
	grant_ref_t ref;
	unsigned long used;
};

/**
 * struct blkfront_seg - a granted page of a request
 * @buf: bounce page; NULL if the page belongs to the request's bio
 * @ref: grant reference
 */
struct blkfront_seg {
	struct blkfront_buf *buf;
	grant_ref_t ref;
};

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
 * struct blkfront_ring - a ring and its grants
 * @bf:       device
 * @index:    number of the queue in the store
 * @lock:     protects all members but @shared and @event
 * @half:     private half of the ring
 * @up:       connected; may be used
 * @halted:   the backend violated the protocol; the ring is not read any more,
 *            and its events are not handled
 * @starved:  a request was requeued for lack of slots, pages or grants
 * @quiet:    no event is asked for, because all requests are polled for
 * @taken:    an event may still come for a response that was polled for
 * @claimed:  slots reserved for requests in preparation
 * @polled:   number of requests on the ring that are polled for
 * @shared:   shared pages
 * @event:    event channel
 * @name:     name of the interrupt
 * @refs:     free grant references, a stack
 * @nr_refs:  number of @refs
 * @max_refs: capacity of @refs
 * @need:     references that a request of the largest size needs
 * @reserve:  bufs that a request of the largest size needs; the pool does not
 *            shrink below this, so that one request can always be sent
 * @pool:     free bufs, last used first
 * @unrevoked: bufs whose grant could not be revoked; not used any more
 * @shrink_failed: jiffies | 1 when a shrink last moved a buf to @quiesced; 0: never
 * @nr_bufs:  bufs of this ring, free or in a request
 * @nr_free:  bufs in @pool
 * @peak:     largest @nr_bufs
 * @count:    counters, by enum blkfront_counter
 */
struct blkfront_ring {
	struct blkfront_dev *bf;
	unsigned int index;
	spinlock_t lock;
	struct xpv_ring half;
	bool up;
	bool halted;
	bool starved;
	bool quiet;
	bool taken;
	unsigned int claimed;
	unsigned int polled;
	struct xpv_shared shared;
	struct xpv_event event;
	char name[24];
	grant_ref_t *refs;
	unsigned int nr_refs;
	unsigned int max_refs;
	unsigned int need;
	unsigned int reserve;
	struct list_head pool;
	struct list_head unrevoked;
	unsigned long shrink_failed;
	unsigned int nr_bufs;
	unsigned int nr_free;
	unsigned int peak;
	u64 count[BLKFRONT_NR_COUNTERS];
} ____cacheline_aligned_in_smp;

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

/* Features that a backend refused at run time, bits of blkfront_link.revoked. */
enum {
	BLKFRONT_NO_FLUSH,
	BLKFRONT_NO_BARRIER,
	BLKFRONT_NO_DISCARD,
	BLKFRONT_NO_SECURE,
};

/**
 * struct blkfront_link - facts of one connection
 * @order:      log2 of the pages of a ring
 * @nr_rings:   rings in use
 * @persistent: grants are persistent; our offer until the backend is connected
 * @bounce:     the backend is not trusted with pages of bios
 * @features:   features of the backend
 * @revoked:    BLKFRONT_NO_* bits
 * @halted:     a ring is broken or a grant is held; the state machine must fail
 *              the connection
 * @suspect:    requests take long; the state machine must check that the backend
 *              exists
 *
 * blkfront_read_offer() fills in the first four, blkfront_read_features() the
 * next two. They describe the last connection until there is another one.
 */
struct blkfront_link {
	unsigned int order;
	unsigned int nr_rings;
	bool persistent;
	bool bounce;
	struct blkfront_features features;
	unsigned long revoked;
	bool halted;
	bool suspect;
};

/**
 * enum blkfront_phase - what a disk does with requests
 * @BLKFRONT_PHASE_DOWN:    no connection, because there was none yet or because
 *                          of a resume; requests wait
 * @BLKFRONT_PHASE_LINKED:  connected, in use
 * @BLKFRONT_PHASE_CLOSING: connected, in use; will close after the last user
 * @BLKFRONT_PHASE_LOST:    the backend is lost; requests wait for another one
 * @BLKFRONT_PHASE_FAILING: no connection; requests fail; a backend may still come
 * @BLKFRONT_PHASE_DEAD:    requests fail; the disk will not come back
 * @BLKFRONT_PHASE_GONE:    as before, and del_gendisk() was called
 *
 * Changed by blkfront_phase_set(). The order matters to the tests below.
 */
enum blkfront_phase {
	BLKFRONT_PHASE_DOWN,
	BLKFRONT_PHASE_LINKED,
	BLKFRONT_PHASE_CLOSING,
	BLKFRONT_PHASE_LOST,
	BLKFRONT_PHASE_FAILING,
	BLKFRONT_PHASE_DEAD,
	BLKFRONT_PHASE_GONE,
};

/* What happens to a backend that is closed or gone. */
enum blkfront_fate {
	BLKFRONT_ONLINE,
	BLKFRONT_OFFLINE,
	BLKFRONT_LOST,
};

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

/* phase.c */
void blkfront_phase_set(struct blkfront_dev *bf, enum blkfront_phase next);

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

/* states.c */
extern const struct xpv_rule blkfront_rules[];
void blkfront_fail(struct blkfront_dev *bf);
void blkfront_closed(struct blkfront_dev *bf);
void blkfront_expired(struct xpv_fsm *m);

/* detach.c */
extern struct xpv_lot blkfront_lot;
bool blkfront_detach(struct blkfront_dev *bf, const struct xpv_instance_fate *fate);
bool blkfront_reattach(struct xenbus_device *dev, u32 vdev);
void blkfront_detach_end(struct blkfront_dev *bf);

/* outage.c */
unsigned int blkfront_outage_limit(void);
unsigned int blkfront_outage_left(const struct blkfront_dev *bf);
void blkfront_outage_begin(struct blkfront_dev *bf, const char *why);
void blkfront_outage_end(struct blkfront_dev *bf);
void blkfront_outage_fail(struct blkfront_dev *bf);

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

/* connect.c */
bool blkfront_is_short(const struct blkfront_dev *bf, int err);
int blkfront_publish(struct blkfront_dev *bf);
int blkfront_link(struct blkfront_dev *bf);

/* features.c */
void blkfront_read_offer(struct blkfront_dev *bf);
int blkfront_read_features(struct blkfront_dev *bf);
void blkfront_read_serial(struct blkfront_dev *bf);
int blkfront_read_sectors(struct blkfront_dev *bf, u64 *sectors);
enum blkfront_fate blkfront_backend_fate(struct blkfront_dev *bf);

/* limits.c */
#define BLKFRONT_OP_NONE	0xff	/* the backend has no cache to flush */

void blkfront_limits(const struct blkfront_dev *bf, struct xpv_limits *l);
u8 blkfront_flush_op(const struct blkfront_dev *bf);
bool blkfront_can_discard(const struct blkfront_dev *bf);
bool blkfront_can_erase(const struct blkfront_dev *bf);
void blkfront_revoke(struct blkfront_dev *bf, unsigned int what);
void blkfront_limits_work(struct work_struct *work);
void blkfront_limits_renew(struct blkfront_dev *bf);

/* ring.c */
bool blkfront_ring_push(struct blkfront_ring *ring);
void blkfront_ring_notify(struct blkfront_ring *ring);
void blkfront_ring_waited(struct blkfront_ring *ring, bool polled);
bool blkfront_ring_complete(struct blkfront_ring *ring);
bool blkfront_ring_poll(struct blkfront_ring *ring);
irqreturn_t blkfront_ring_event(int irq, void *cookie);

/* request.c */
extern const struct blk_mq_ops blkfront_mq_ops;

static inline struct blkfront_shadow *blkfront_shadow_of(struct request *rq)
{
	struct blkfront_dev *bf = rq->q->queuedata;

	return &bf->queues[rq->mq_hctx->queue_num].shadow[rq->tag];
}

/* complete.c */
blk_status_t blkfront_complete_request(struct request *rq, bool *requeued);

/* grant.c */
int blkfront_grant_setup(struct blkfront_ring *ring);
int blkfront_grant_take(struct blkfront_ring *ring, struct blkfront_shadow *sh);
unsigned int blkfront_grant_data(struct blkfront_shadow *sh,
				 struct blkif_request *req);
bool blkfront_grant_end(struct blkfront_shadow *sh);
unsigned int blkfront_grant_take_back(struct blkfront_shadow *sh);
void blkfront_grant_abandon(struct blkfront_shadow *sh);

/* reclaim.c */
void blkfront_grant_teardown(struct blkfront_ring *ring);
unsigned int blkfront_grant_free_unrevoked(struct blkfront_dev *bf, bool force);
void blkfront_grant_purge(struct work_struct *work);
unsigned int blkfront_grant_spare(struct blkfront_ring *ring);
unsigned int blkfront_grant_shrink(struct blkfront_ring *ring,
				   unsigned long age, unsigned int most,
				   struct list_head *bufs);
void blkfront_grant_free(struct list_head *bufs);
void blkfront_grant_relax(struct blkfront_ring *ring);

/* shrink.c */
void blkfront_shrink_add(struct blkfront_dev *bf);
void blkfront_shrink_remove(struct blkfront_dev *bf);
int blkfront_shrink_init(void);
void blkfront_shrink_exit(void);

/* recover.c */
int blkfront_shadows_fit(struct blkfront_dev *bf, unsigned int segs);
void blkfront_hold(struct blkfront_dev *bf);
void blkfront_disconnect(struct blkfront_dev *bf);
void blkfront_release(struct blkfront_dev *bf);
void blkfront_resubmit(struct blkfront_dev *bf, struct request *rq);
void blkfront_resubmit_work(struct work_struct *work);

/* settle.c */
void blkfront_settle(struct blkfront_dev *bf);
void blkfront_settle_work(struct work_struct *work);

/* timeout.c */
enum blk_eh_timer_return blkfront_timeout(struct request *rq);

/* sysfs.c */
extern const struct attribute_group *blkfront_groups[];

/* debugfs.c */
void blkfront_debug_create(struct blkfront_dev *bf);
void blkfront_show_rq(struct seq_file *s, struct request *rq);

#endif
