/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen-blkfront: private to the module.
 *
 * A request's id on the ring is its hardware queue and tag, and that pair
 * picks its shadow: memory of ours that says what was asked and which grants
 * it holds. Nothing of what the ring holds is needed to end a request.
 *
 * Locks: machine.act serialises connecting, disconnecting and everything else
 * that follows a change of state. ring->lock guards a ring, its pool and which
 * shadows are on it, and is all that the data path takes.
 */
#ifndef BLKFRONT_H
#define BLKFRONT_H

#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/workqueue.h>
#include <compat/blkdev.h>
#include <xenpv/channel.h>
#include <xenpv/debug.h>
#include <xenpv/machine.h>
#include <xenpv/park.h>
#include <xenpv/ring.h>
#include <xenpv/shortage.h>
#include <xenpv/violation.h>
#include "parse.h"

/* Kernels with larger pages would need several grants a page. */
static_assert(PAGE_SIZE == BLKFRONT_PAGE);
/* All pages have an address. */
static_assert(!IS_ENABLED(CONFIG_HIGHMEM));
static_assert(sizeof(struct blkif_request_segment) * BLKFRONT_SEGS_PER_PAGE ==
	      BLKFRONT_PAGE);
#ifdef CONFIG_X86_64
static_assert(sizeof(struct blkif_request) == 112);
static_assert(offsetof(struct blkif_request, u.rw.id) == 8);
#endif
static_assert(offsetof(struct blkif_response, status) == 10);

/* Where a backend's value is refused. */
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
 * Counters of a ring, debugfs "counters" sums them. Under the ring's lock, but
 * for the events, which only the interrupt handler counts.
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
 * struct blkfront_buf - a page of ours that the backend may see
 * @free: in the pool of a ring, or of a request
 * @page: zeroed when it was allocated; holds data of this disk only
 * @ref:  lasting grant; INVALID_GRANT_REF if it is granted per request
 * @used: jiffies when it went back to the pool
 */
struct blkfront_buf {
	struct list_head free;
	struct page *page;
	grant_ref_t ref;
	unsigned long used;
};

/**
 * struct blkfront_seg - a granted page of a request
 * @buf: NULL if the page belongs to the request's bio
 * @ref: as the backend knows it
 */
struct blkfront_seg {
	struct blkfront_buf *buf;
	grant_ref_t ref;
};

/**
 * struct blkfront_shadow - a request as we know it, by queue and tag
 * @rq:      the request, from its way to the ring until it is ended
 * @ring:    where it is
 * @next:    in a list of answered ones
 * @segs:    @nr_segs of data, then @nr_ind of descriptors
 * @bufs:    of these segments, in their order
 * @nr_bufs: how many
 * @nr_segs: data pages
 * @nr_ind:  pages of descriptors; 0: a direct request
 * @op:      BLKIF_OP_*, for an indirect request the one inside
 * @answer:  enum blkfront_status, when answered
 * @on_ring: to be answered; if not, a response with its id is a lie
 * @polled:  its submitter looks for the response
 * @ending:  answered, and its pages are not back yet
 * @bounced: data goes through bufs
 * @fenced:  waits for an earlier backend to let go of pages of the bio
 * @since:   jiffies when that began
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
 * struct blkfront_ring - a ring and what lives and dies with it
 * @bf:      device
 * @index:   number in the store
 * @lock:    protects all but @shared and @event
 * @half:    private half
 * @up:      connected; may be used
 * @broken:  the backend lied; not read any more, and no more events
 * @starved: a request was turned away for want of something
 * @quiet:   no event is asked for: all requests are polled for
 * @taken:   an event may come for a response that was polled for
 * @claimed: slots promised to requests being prepared
 * @polled:  requests on the ring that are polled for
 * @shared:  pages
 * @event:   event channel
 * @name:    of the interrupt
 * @refs:    free grant references, a stack
 * @nr_refs: of them
 * @max_refs: room in @refs
 * @need:    references that a request of the largest size needs
 * @reserve: bufs that a request of the largest size needs; the pool does not
 *           shrink below, so that one request always gets through
 * @pool:    free bufs, last used first
 * @held:    bufs whose grant could not be ended, not used any more
 * @nr_bufs: bufs of this ring, free or in a request
 * @nr_free: of them in @pool
 * @peak:    largest @nr_bufs
 * @count:   by enum blkfront_counter
 */
struct blkfront_ring {
	struct blkfront_dev *bf;
	unsigned int index;
	spinlock_t lock;
	struct xpv_ring half;
	bool up;
	bool broken;
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
	struct list_head held;
	unsigned int nr_bufs;
	unsigned int nr_free;
	unsigned int peak;
	u64 count[BLKFRONT_NR_COUNTERS];
} ____cacheline_aligned_in_smp;

/**
 * struct blkfront_queue - a hardware queue; stays when rings come and go
 * @ring:   where its requests go now
 * @shadow: by tag
 * @segs:   memory of all @shadow[].segs
 */
struct blkfront_queue {
	struct blkfront_ring *ring;
	struct blkfront_shadow *shadow;
	struct blkfront_seg *segs;
};

/* What a backend refused at run time, bits of blkfront_dev.revoked. */
enum {
	BLKFRONT_NO_FLUSH,
	BLKFRONT_NO_BARRIER,
	BLKFRONT_NO_DISCARD,
	BLKFRONT_NO_SECURE,
};

/* What becomes of a backend that is closed or gone. */
enum blkfront_fate {
	BLKFRONT_ONLINE,
	BLKFRONT_OFFLINE,
	BLKFRONT_LOST,
};

/**
 * struct blkfront_dev - a disk, and its device on the bus while it has one
 * @dev:        on the bus, or the last that was there; with a reference
 * @earlier:    the one before, with a reference: somebody may be looking at it
 * @machine:    its states
 * @shortage:   waits for grant references to connect with
 * @own:        looks after its folder
 * @parked:     between two devices on the bus
 * @violations: of its backend
 * @debug:      folder in debugfs
 * @vdev:       virtual-device
 * @named:      in the list of minors in use
 * @shrink:     in the list of shrink.c
 * @name:       name and minors
 * @handle:     goes into requests
 * @order:      log2 of pages a ring has
 * @nr_rings:   rings in use
 * @nr_polled:  queues of @disk, the last of them, whose requests are polled for
 * @max_rings:  rings there is memory for
 * @rings:      @max_rings of them
 * @facts:      what this backend offers
 * @persistent: grants stay
 * @bounce:     the backend is not trusted with pages of others
 * @revoked:    BLKFRONT_NO_* bits
 * @disk:       NULL before the first connection
 * @set:        tags of @disk
 * @depth:      tags of a queue
 * @max_segs:   room in shadows: data segments
 * @queues:     room for @max_rings + @nr_polled of them
 * @nr_queues:  of them with shadows; @set.nr_hw_queues or more, only grows
 * @linked:     rings are up
 * @held:       the queue is quiesced
 * @failing:    requests fail
 * @dead:       the disk will not come back
 * @added:      the disk is known to the system
 * @waiting:    closing waits for the last user
 * @broken:     a ring is broken or a grant is held; look and fail
 * @suspect:    requests take long: look whether the backend is there
 * @deserted:   its process has died; what the store says is not believed until
 *              it says something else than Connected
 * @add_work:   makes the disk known, which reads from it
 * @limits_work: tells the block layer what the disk can do now
 * @limits_set: done by it
 * @cached:     what it has told of a cache last
 * @flush_writes: writes were let in by a block layer that knows of no cache, but
 *              the backend has one: a flush follows each of them
 * @flush_gen:  times that began
 * @settle_work: what has to wait for requests after a connection
 * @revive:     looks for the backend after a resume, until a watch can
 * @reviving:   it does
 * @again_work: submits @again
 * @kick_work:  takes responses, runs the queues
 * @purge:      frees bufs that nobody used for long
 * @reap:       fails requests when remove() has waited long enough
 * @again_lock: protects @again
 * @again:      bios to be split anew
 * @grant_cb:   tells us when there are grant references
 * @grave:      bufs that an earlier backend may still have mapped
 * @nr_latest:  how many of them the last connection left
 * @fence:      looks after requests whose pages a backend still maps
 * @nr_fenced:  of these requests
 * @fenced_total: ever
 * @place:      "DEVPATH_OLD=" and where the disk was before it was parked
 * @lost:       there is no backend, and it is waited for
 * @lost_at:    boottime
 * @outages:    times that was so
 * @outages_failed: of them without a return
 * @longest_outage_ms: until the return, or until I/O failed
 * @repeated:   requests taken back in this outage
 * @attempts:   backends that failed to connect in this outage
 * @dropped:    requests that failed because a page could not be had back
 * @gone:       del_gendisk() was called
 */
struct blkfront_dev {
	struct xenbus_device *dev;
	struct xenbus_device *earlier;
	struct xpv_machine machine;
	struct xpv_shortage shortage;
	struct xpv_own own;
	struct xpv_parked parked;
	struct xpv_violations violations;
	struct dentry *debug;
	u32 vdev;
	struct list_head named;
	struct list_head shrink;
	struct blkfront_name name;
	u16 handle;

	unsigned int order;
	unsigned int nr_rings;
	unsigned int nr_polled;
	unsigned int max_rings;
	struct blkfront_ring *rings;
	struct blkfront_facts facts;
	bool persistent;
	bool bounce;
	unsigned long revoked;

	struct gendisk *disk;
	struct blk_mq_tag_set set;
	unsigned int depth;
	unsigned int max_segs;
	struct blkfront_queue *queues;
	unsigned int nr_queues;

	bool linked;
	bool held;
	bool failing;
	bool dead;
	bool added;
	bool waiting;
	bool broken;
	bool suspect;
	bool deserted;
	bool gone;

	struct work_struct add_work;
	struct work_struct limits_work;
	struct completion limits_set;
	bool cached;
	bool flush_writes;
	unsigned int flush_gen;
	struct work_struct settle_work;
	struct delayed_work revive;
	bool reviving;
	struct work_struct again_work;
	struct work_struct kick_work;
	struct delayed_work purge;
	struct delayed_work reap;
	spinlock_t again_lock;
	struct bio_list again;
	struct gnttab_free_callback grant_cb;
	struct list_head grave;
	unsigned int nr_latest;

	struct delayed_work fence;
	unsigned int nr_fenced;
	u64 fenced_total;

	char *place;
	bool lost;
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

/* states.c */
extern const struct xpv_rule blkfront_rules[];
void blkfront_fail(struct blkfront_dev *bf);
void blkfront_closed(struct blkfront_dev *bf);
void blkfront_broken(struct blkfront_dev *bf);
void blkfront_expired(struct xpv_machine *m);

/* park.c */
extern struct xpv_lot blkfront_lot;
bool blkfront_park(struct blkfront_dev *bf, const struct xpv_own_fate *fate);
bool blkfront_adopt(struct xenbus_device *dev, u32 vdev);
void blkfront_park_end(struct blkfront_dev *bf);

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
void blkfront_gather_offer(struct blkfront_dev *bf);
int blkfront_gather_facts(struct blkfront_dev *bf);
int blkfront_gather_sectors(struct blkfront_dev *bf, u64 *sectors);
enum blkfront_fate blkfront_backend_fate(struct blkfront_dev *bf);

/* limits.c */
#define BLKFRONT_OP_NONE	0xff	/* there is no cache to flush */

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
bool blkfront_ring_reap(struct blkfront_ring *ring);
bool blkfront_ring_poll(struct blkfront_ring *ring);
irqreturn_t blkfront_ring_event(int irq, void *cookie);

/* request.c */
extern const struct blk_mq_ops blkfront_mq_ops;
blk_status_t blkfront_request_finish(struct request *rq, bool *requeued);

static inline struct blkfront_shadow *blkfront_shadow_of(struct request *rq)
{
	struct blkfront_dev *bf = rq->q->queuedata;

	return &bf->queues[rq->mq_hctx->queue_num].shadow[rq->tag];
}

/* grant.c */
int blkfront_grant_setup(struct blkfront_ring *ring);
void blkfront_grant_teardown(struct blkfront_ring *ring);
int blkfront_grant_take(struct blkfront_ring *ring, struct blkfront_shadow *sh);
unsigned int blkfront_grant_data(struct blkfront_shadow *sh,
				 struct blkif_request *req);
bool blkfront_grant_end(struct blkfront_shadow *sh);
unsigned int blkfront_grant_take_back(struct blkfront_shadow *sh);
void blkfront_grant_abandon(struct blkfront_shadow *sh);
unsigned int blkfront_grant_bury(struct blkfront_dev *bf, bool force);
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
void blkfront_again(struct blkfront_dev *bf, struct request *rq);
void blkfront_again_work(struct work_struct *work);

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
