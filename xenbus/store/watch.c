// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watches. Each has a number as its token, which is never that of an earlier
 * watch whose last events may still be in flight.
 *
 * Events are delivered in order, and none is lost: if there are too many, or no
 * memory, one event with the path of the watch itself represents the rest.
 */
#include <linux/export.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include "store.h"

#define XSWATCH_MAX_EVENTS	256
#define XSWATCH_TOKEN_LEN	12
#define XSWATCH_AGAIN		(10 * HZ)

struct xswatch;

/**
 * struct xswatch_job - an event on its way to a callback
 * @job:   job in the watch's lane
 * @link:  entry in the watch's list
 * @xw:    its watch; holds a reference
 * @path:  the path that changed; stored behind this structure, like @token
 * @token: token as received
 */
struct xswatch_job {
	struct xs_job job;
	struct list_head link;
	struct xswatch *xw;
	const char *path;
	const char *token;
};

/**
 * struct xswatch - our side of a watch
 * @refs:    references of the registration, of each event, and of unlocked
 *           readers
 * @watch:   the user's structure; must not be used when @dead
 * @lane:    lane of its callbacks
 * @token:   its number as text
 * @dead:    unregistered
 * @running: the callback is running
 * @lost:    the store does not know it; only used by the work item that
 *           registers it again
 * @events:  queued events
 * @all:     represents lost events
 * @node:    the path
 */
struct xswatch {
	struct kref refs;
	struct xenbus_watch *watch;
	struct xs_lane *lane;
	char token[XSWATCH_TOKEN_LEN];
	bool dead;
	bool running;
	bool lost;
	struct list_head events;
	struct xswatch_job all;
	char node[];
};

/* All watches, by number. Its lock also protects the members of the watches. */
static DEFINE_XARRAY_ALLOC1(xswatches);
static u32 xswatch_next;
static DECLARE_WAIT_QUEUE_HEAD(xswatch_idle);

static void xswatch_free(struct kref *refs)
{
	struct xswatch *xw = container_of(refs, struct xswatch, refs);

	xs_lane_put(xw->lane);
	kfree(xw);
}

static void xswatch_put(struct xswatch *xw)
{
	kref_put(&xw->refs, xswatch_free);
}

static void xswatch_job_free(struct xswatch_job *xj)
{
	if (xj != &xj->xw->all)
		kfree(xj);
}

static void xswatch_deliver(struct xs_job *job)
{
	struct xswatch_job *xj = container_of(job, struct xswatch_job, job);
	struct xswatch *xw = xj->xw;
	struct xenbus_watch *watch;
	bool dead;

	xa_lock(&xswatches);
	dead = xw->dead;
	if (!dead) {
		list_del_init(&xj->link);
		xw->watch->nr_pending--;
		xw->running = true;
	}
	xa_unlock(&xswatches);

	if (!dead) {
		/* The callback may unregister and free its watch. */
		watch = xw->watch;
		watch->callback(watch, xj->path, xj->token);
		xa_lock(&xswatches);
		xw->running = false;
		xa_unlock(&xswatches);
		wake_up_all(&xswatch_idle);
	}
	xswatch_job_free(xj);
	xswatch_put(xw);
}

/* Under the lock. */
static void xswatch_queue(struct xswatch *xw, struct xswatch_job *xj)
{
	lockdep_assert_held(&xswatches.xa_lock);
	xj->xw = xw;
	xj->job.fn = xswatch_deliver;
	list_add_tail(&xj->link, &xw->events);
	xw->watch->nr_pending++;
	kref_get(&xw->refs);
	xs_lane_queue(xw->lane, &xj->job);
}

static struct xswatch_job *xswatch_job_alloc(const struct xswire_event *ev)
{
	size_t path = strlen(ev->path) + 1, token = strlen(ev->token) + 1;
	struct xswatch_job *xj;
	char *text;

	xj = kmalloc(sizeof(*xj) + path + token, XS_GFP);
	if (!xj)
		return NULL;
	memset(xj, 0, sizeof(*xj));
	text = (char *)(xj + 1);
	xj->path = memcpy(text, ev->path, path);
	xj->token = memcpy(text + path, ev->token, token);
	return xj;
}

/* Under the lock. True if @xj was queued. */
static bool xswatch_take(struct xswatch *xw, struct xswatch_job *xj,
			 const struct xswire_event *ev)
{
	struct xenbus_watch *watch = xw->watch;

	lockdep_assert_held(&xswatches.xa_lock);
	if (watch->will_handle &&
	    !watch->will_handle(watch, ev->path, ev->token)) {
		xsstats_count(XSSTAT_EVENTS_UNWANTED);
		return false;
	}
	if (xj && watch->nr_pending < XSWATCH_MAX_EVENTS) {
		xswatch_queue(xw, xj);
		return true;
	}
	xsstats_count(XSSTAT_EVENTS_MERGED);
	if (list_empty(&xw->all.link))
		xswatch_queue(xw, &xw->all);
	return false;
}

/**
 * xswatch_event() - an event has come
 * @body: message
 * @len:  bytes of @body
 *
 * Context: the comms thread.
 */
void xswatch_event(const char *body, u32 len)
{
	struct xswatch_job *xj;
	struct xswire_event ev;
	struct xswatch *xw;
	u32 id;

	if (xswire_event(body, len, &ev)) {
		xsstats_count(XSSTAT_BAD_EVENT);
		return;
	}
	xsstats_count(XSSTAT_EVENTS);
	if (xswire_token(ev.token, &id)) {
		xsstats_count(XSSTAT_BAD_TOKEN);
		return;
	}
	xj = xswatch_job_alloc(&ev);
	xa_lock(&xswatches);
	xw = xa_load(&xswatches, id);
	if (!xw)
		xsstats_count(XSSTAT_BAD_TOKEN);
	else if (xswatch_take(xw, xj, &ev))
		xj = NULL;
	xa_unlock(&xswatches);
	kfree(xj);
}

static int xswatch_tell(struct xswatch *xw, u32 type, bool urgent)
{
	struct xsreq_data data[] = {
		xsreq_string(xw->node), xsreq_string(xw->token),
	};
	struct xsreq *req = xsreq_alloc(type, 0, data, ARRAY_SIZE(data));
	void *reply;

	if (IS_ERR(req))
		return PTR_ERR(req);
	req->urgent = urgent;
	reply = xsreq_call(req, NULL);
	if (IS_ERR(reply))
		return PTR_ERR(reply);
	kfree(reply);
	return 0;
}

/*
 * No callback starts for this watch any more, and the store's watch is dropped.
 */
static void xswatch_kill(struct xswatch *xw, unsigned long id)
{
	struct xswatch_job *xj, *next;
	LIST_HEAD(events);

	xa_lock(&xswatches);
	__xa_erase(&xswatches, id);
	xw->dead = true;
	xw->watch->nr_pending = 0;
	list_for_each_entry_safe(xj, next, &xw->events, link) {
		list_del_init(&xj->link);
		/*
		 * A job that has started ends by itself, without the callback.
		 */
		if (xslane_cancel(xw->lane, &xj->job))
			list_add_tail(&xj->link, &events);
	}
	xa_unlock(&xswatches);

	list_for_each_entry_safe(xj, next, &events, link) {
		xswatch_job_free(xj);
		xswatch_put(xw);
	}
}

static bool xswatch_is_running(struct xswatch *xw)
{
	bool running;

	xa_lock(&xswatches);
	running = xw->running;
	xa_unlock(&xswatches);
	return running;
}

/* End the registration, and with it the last use of the user's structure. */
static void xswatch_end(struct xswatch *xw)
{
	if (!xslane_is_current(xw->lane))
		wait_event_idle(xswatch_idle, !xswatch_is_running(xw));
	xswatch_put(xw);
}

static struct xswatch *xswatch_alloc(struct xs_lane *lane,
				     struct xenbus_watch *watch)
{
	size_t len = strlen(watch->node) + 1;
	struct xswatch *xw = kzalloc(struct_size(xw, node, len), XS_GFP);

	if (!xw)
		return NULL;
	kref_init(&xw->refs);
	xslane_get(lane);
	xw->lane = lane;
	xw->watch = watch;
	INIT_LIST_HEAD(&xw->events);
	INIT_LIST_HEAD(&xw->all.link);
	xw->all.xw = xw;
	xw->all.path = memcpy(xw->node, watch->node, len);
	xw->all.token = xw->token;
	return xw;
}

/**
 * xs_lane_watch() - register a watch whose callbacks run in a lane
 * @lane:  the lane
 * @watch: with node and callback set; must remain valid until
 *         unregister_xenbus_watch()
 *
 * The store fires the watch once at registration. The callback may run before
 * this returns.
 *
 * Return: 0 or a negative errno.
 * Context: process.
 */
int xs_lane_watch(struct xs_lane *lane, struct xenbus_watch *watch)
{
	struct xswatch *xw = xswatch_alloc(lane, watch);
	int err;
	u32 id;

	if (!xw)
		return -ENOMEM;
	watch->nr_pending = 0;
	xa_lock(&xswatches);
	err = __xa_alloc_cyclic(&xswatches, &id, xw, xa_limit_32b,
				&xswatch_next, XS_GFP);
	if (err >= 0)
		snprintf(xw->token, sizeof(xw->token), "%x", id);
	xa_unlock(&xswatches);
	if (err < 0) {
		xswatch_put(xw);
		return err;
	}
	err = xswatch_tell(xw, XS_WATCH, false);
	/* After a resume or reset the replay may have registered it already. */
	if (!err || err == -EEXIST)
		return 0;
	xswatch_kill(xw, id);
	xswatch_end(xw);
	return err;
}

/**
 * register_xenbus_watch() - register a watch
 * @watch: as for xs_lane_watch(), in a lane of its own
 *
 * Return: 0 or a negative errno.
 * Context: process.
 */
int register_xenbus_watch(struct xenbus_watch *watch)
{
	struct xs_lane *lane = xs_lane_create();
	int err;

	if (!lane)
		return -ENOMEM;
	err = xs_lane_watch(lane, watch);
	xs_lane_put(lane);
	return err;
}
EXPORT_SYMBOL_GPL(register_xenbus_watch);

/**
 * unregister_xenbus_watch() - unregister a watch
 * @watch: registered
 *
 * Pending events are dropped. Waits for a running callback, unless the caller
 * runs in the same lane, as the callback itself does. Afterwards the caller may
 * free @watch.
 *
 * Context: process.
 */
void unregister_xenbus_watch(struct xenbus_watch *watch)
{
	struct xswatch *xw;
	unsigned long id;
	int err;

	/* Only this call removes it, so it stays valid once it was found. */
	xa_lock(&xswatches);
	xa_for_each(&xswatches, id, xw)
		if (xw->watch == watch)
			break;
	xa_unlock(&xswatches);
	if (WARN_ON_ONCE(!xw))
		return;
	xswatch_kill(xw, id);
	err = xswatch_tell(xw, XS_UNWATCH, false);
	if (err && err != -ENOENT)
		pr_warn("xenbus: store: watch of %s not ended: %d\n", xw->node,
			err);
	xswatch_end(xw);
}
EXPORT_SYMBOL_GPL(unregister_xenbus_watch);

/* The next watch from number @id on, with a reference. */
static struct xswatch *xswatch_next_from(unsigned long *id)
{
	struct xswatch *xw;

	xa_lock(&xswatches);
	xw = xa_find(&xswatches, id, ULONG_MAX, XA_PRESENT);
	if (xw)
		kref_get(&xw->refs);
	xa_unlock(&xswatches);
	return xw;
}

/* Returns true if the store knows it now. */
static bool xswatch_again(struct xswatch *xw)
{
	int err = xswatch_tell(xw, XS_WATCH, true);
	bool known = !err || err == -EEXIST;

	if (!known && !xw->lost)
		pr_warn("xenbus: store: watch of %s is not made again yet: %d\n",
			xw->node, err);
	xw->lost = !known;
	/*
	 * If it was unregistered meanwhile, that may have been before this
	 * call.
	 */
	if (READ_ONCE(xw->dead))
		xswatch_tell(xw, XS_UNWATCH, true);
	return known;
}

static DEFINE_MUTEX(xswatch_replaying);
static atomic_t xswatch_replays = ATOMIC_INIT(0);
static void xswatch_replay_work(struct work_struct *unused);
static DECLARE_DELAYED_WORK(xswatch_replayer, xswatch_replay_work);

/* A device without its watch would never notice changes of its other end. */
static void xswatch_replay_some(bool all)
{
	bool known = true;
	struct xswatch *xw;
	unsigned long id;

	mutex_lock(&xswatch_replaying);
	for (id = 0; (xw = xswatch_next_from(&id)); id++) {
		if (all || xw->lost)
			known &= xswatch_again(xw);
		xswatch_put(xw);
	}
	mutex_unlock(&xswatch_replaying);
	if (!known && xsring_state() != XSRING_DOWN)
		queue_delayed_work(system_unbound_wq, &xswatch_replayer,
				   XSWATCH_AGAIN);
}

/**
 * xswatch_replay() - register all watches again in a store that knows none
 *
 * Those that fail are tried again later.
 *
 * Context: process; also while the gate for requests is closed.
 */
void xswatch_replay(void)
{
	xswatch_replay_some(true);
}

static void xswatch_replay_work(struct work_struct *unused)
{
	xswatch_replay_some(atomic_xchg(&xswatch_replays, 0));
}

/** xswatch_replay_later() - schedule xswatch_replay() in the comms thread */
void xswatch_replay_later(void)
{
	atomic_set(&xswatch_replays, 1);
	mod_delayed_work(system_unbound_wq, &xswatch_replayer, 0);
}

unsigned int xswatch_count(void)
{
	unsigned int nr = 0;
	struct xswatch *xw;
	unsigned long id;

	xa_for_each(&xswatches, id, xw)
		nr++;
	return nr;
}

/* All watches were unregistered. */
void xswatch_exit(void)
{
	cancel_delayed_work_sync(&xswatch_replayer);
	xa_destroy(&xswatches);
}
