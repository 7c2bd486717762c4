// SPDX-License-Identifier: GPL-2.0-only
/*
 * The requests in flight: any number of them, each with an id that its reply
 * carries; and the gate that holds new ones back over a suspend.
 *
 * A request that was sent and then abandoned stays as an orphan until its reply
 * comes, so that its id is not used again. With too many orphans new requests
 * fail, and the connection is reset.
 */
#include <linux/random.h>
#include <linux/spinlock.h>
#include "store.h"

#define XSREQ_MAX_ORPHANS	256
#define XSREQ_DRAIN_SECS	10

enum xsreq_gate {
	XSREQ_OPEN,
	XSREQ_CLOSING,	/* requests of open transactions may still pass */
	XSREQ_CLOSED,
};

static DEFINE_SPINLOCK(xsreq_lock);	/* protects all of these */
static LIST_HEAD(xsreq_queue);
static LIST_HEAD(xsreq_sent);
static enum xsreq_gate xsreq_gate;
static int xsreq_down = -EIO;		/* error of all requests, or 0 */
/* requests in either list, without orphans */
static unsigned int xsreq_waiting;
static unsigned int xsreq_timed;	/* those of them that have @end */
static unsigned int xsreq_orphans;
static u32 xsreq_last_id;
bool xsreq_mute;			/* no reply since the last timeout */

/* Requests that wait at the gate, and the one who closed it. */
DECLARE_WAIT_QUEUE_HEAD(xsreq_gate_wait);

static struct xsreq *xsreq_find(u32 id)
{
	struct xsreq *req;

	lockdep_assert_held(&xsreq_lock);
	list_for_each_entry(req, &xsreq_sent, link)
		if (req->head.req_id == id)
			return req;
	return NULL;
}

/* Under the lock: add to a list, which holds a reference of its own. */
static void xsreq_link(struct xsreq *req, struct list_head *list)
{
	lockdep_assert_held(&xsreq_lock);
	refcount_inc(&req->refs);
	req->linked = true;
	list_add_tail(&req->link, list);
	xsreq_waiting++;
	xsreq_timed += !!req->end;
}

/* Under the lock: nobody waits for the request any more. */
static void xsreq_unwait(struct xsreq *req)
{
	lockdep_assert_held(&xsreq_lock);
	xsreq_waiting--;
	xsreq_timed -= !!req->end;
	if (!xsreq_waiting)
		wake_up_all(&xsreq_gate_wait);
}

/* Under the lock; the list's reference is passed to the caller. */
static void xsreq_unlink(struct xsreq *req)
{
	lockdep_assert_held(&xsreq_lock);
	list_del_init(&req->link);
	req->linked = false;
	if (req->orphan)
		xsreq_orphans--;
	else
		xsreq_unwait(req);
}

/* Under the lock: assign the next id that is not in use, never 0. */
static void xsreq_set_id(struct xsreq *req)
{
	lockdep_assert_held(&xsreq_lock);
	do {
		xsreq_last_id++;
	} while (!xsreq_last_id || xsreq_find(xsreq_last_id));
	req->head.req_id = xsreq_last_id;
}

/**
 * xsreq_number() - prepare the first request of a connection
 * @req: sent by the comms thread itself
 *
 * Ids continue from a random one, so that replies to an earlier user of the
 * ring are not taken for ours.
 */
void xsreq_number(struct xsreq *req)
{
	spin_lock(&xsreq_lock);
	xsreq_last_id = get_random_u32();
	xsreq_set_id(req);
	xsreq_link(req, &xsreq_sent);
	spin_unlock(&xsreq_lock);
}

/** xsreq_up() - there is a connection: allow requests */
void xsreq_up(void)
{
	spin_lock(&xsreq_lock);
	xsreq_down = 0;
	spin_unlock(&xsreq_lock);
}

/**
 * xsreq_is_ignored() - test for too many unanswered requests
 *
 * Return: true if so.
 */
bool xsreq_is_ignored(void)
{
	return READ_ONCE(xsreq_orphans) >= XSREQ_MAX_ORPHANS;
}

static bool xsreq_may_pass(const struct xsreq *req)
{
	if (req->urgent || xsreq_gate == XSREQ_OPEN)
		return true;
	return xsreq_gate == XSREQ_CLOSING && req->tx;
}

/* Under the lock. The error of a request that passed the gate, or 0. */
static int xsreq_refusal(struct xsreq *req)
{
	lockdep_assert_held(&xsreq_lock);
	if (req->tx && !xstx_find(req->tx, &req->head.tx_id))
		/* its transaction is of an earlier connection */
		return -EAGAIN;
	if (xsreq_down)
		return xsreq_down;
	return xsreq_is_ignored() ? -EIO : 0;
}

/*
 * False if the gate is closed. When it opens, there may be a new connection, so
 * the lack of one meanwhile is no error.
 */
bool xsreq_try(struct xsreq *req, int *err)
{
	bool pass;

	spin_lock(&xsreq_lock);
	pass = xsreq_may_pass(req) || xsreq_down == -ESHUTDOWN;
	if (pass) {
		*err = xsreq_refusal(req);
		if (!*err)
			xsreq_link(req, &xsreq_queue);
	}
	spin_unlock(&xsreq_lock);
	return pass;
}

/* Under the lock. */
static void xsreq_ended(u32 tx)
{
	lockdep_assert_held(&xsreq_lock);
	xstx_end(tx);
	if (!xstx_count())
		wake_up_all(&xsreq_gate_wait);
}

/*
 * A transaction was started for a caller that has given up: end it. Nobody
 * waits for that either, so these requests count as unanswered ones.
 */
static void xsreq_abort_lost(u32 id)
{
	struct xsreq_data no = xsreq_string("F");
	struct xsreq *req;

	req = xsreq_alloc(XS_TRANSACTION_END, 0, &no, 1);
	if (IS_ERR(req))
		return;
	/* the store's number, which nobody else knows */
	req->head.tx_id = id;
	spin_lock(&xsreq_lock);
	xsreq_link(req, &xsreq_queue);
	req->orphan = true;
	xsreq_orphans++;
	xsreq_unwait(req);
	spin_unlock(&xsreq_lock);
	xsreq_put(req);		/* the list holds the other reference */
}

/**
 * xsreq_answer() - a reply has come
 * @head: its header, with a checked length
 * @body: its body, with an additional NUL
 *
 * Context: the comms thread.
 */
void xsreq_answer(const struct xsd_sockmsg *head, const char *body)
{
	struct xsreq *req;
	bool orphan = false, begins = false;
	u32 id, tx = 0;
	int err = 0;

	spin_lock(&xsreq_lock);
	req = xsreq_find(head->req_id);
	if (req) {
		orphan = req->orphan;
		xsreq_unlink(req);
		req->reply_head = *head;
		begins = xsreq_begins(req, head, body, &id);
		if (begins && !orphan)
			tx = xstx_begin(id);
		else if (req->head.type == XS_TRANSACTION_END)
			xsreq_ended(req->tx);
		xsreq_mute = false;
	}
	spin_unlock(&xsreq_lock);

	if (!req) {
		xsstats_count(XSSTAT_BAD_ID);
		return;
	}
	xsstats_count(orphan ? XSSTAT_LATE : XSSTAT_REPLIES);
	if (!orphan)
		err = begins && !head->tx_id ? xsreq_take_begun(req, tx) :
					       xsreq_take(req, head, body);
	if (begins && (orphan || err)) {
		spin_lock(&xsreq_lock);
		xsreq_ended(tx);
		spin_unlock(&xsreq_lock);
		xsreq_abort_lost(id);
	}
	if (!orphan)
		xsreq_finish(req, err);
	xsreq_put(req);
}

/*
 * Under the lock: nobody waits for the request any more. An unsent one leaves
 * the queue. True: the list's reference is passed to the caller.
 */
static bool xsreq_orphan(struct xsreq *req)
{
	lockdep_assert_held(&xsreq_lock);
	if (!req->head.req_id) {
		xsreq_unlink(req);
		return true;
	}
	req->orphan = true;
	xsreq_orphans++;
	xsreq_unwait(req);
	return false;
}

void xsreq_timed_out(void)
{
	WRITE_ONCE(xsreq_mute, true);
	xsstats_count(XSSTAT_TIMEOUTS);
	if (xsreq_is_ignored())
		xsring_wake();
}

/* False if it was answered meanwhile. */
bool xsreq_abandon(struct xsreq *req)
{
	bool linked, put = false;

	spin_lock(&xsreq_lock);
	linked = req->linked;
	if (linked)
		put = xsreq_orphan(req);
	spin_unlock(&xsreq_lock);
	if (put)
		xsreq_put(req);
	return linked;
}

/**
 * xsreq_next() - take the next request to send
 *
 * It counts as sent from now on, because a reply may come at any time.
 *
 * Return: NULL if there is none; otherwise the caller releases it by
 * xsreq_put() when it is written.
 */
struct xsreq *xsreq_next(void)
{
	struct xsreq *req;

	spin_lock(&xsreq_lock);
	req = list_first_entry_or_null(&xsreq_queue, struct xsreq, link);
	if (req) {
		xsreq_set_id(req);
		list_move_tail(&req->link, &xsreq_sent);
		refcount_inc(&req->refs);
	}
	spin_unlock(&xsreq_lock);
	return req;
}

bool xsreq_is_queued(void)
{
	return !list_empty_careful(&xsreq_queue);
}

/**
 * xsreq_reset() - the connection is lost, and all transactions with it
 * @down: error of all requests from now on; 0: there will be a new connection,
 *        and unsent requests wait for it
 */
void xsreq_reset(int down)
{
	struct xsreq *req, *next;
	LIST_HEAD(lost);

	spin_lock(&xsreq_lock);
	xsreq_down = down;
	list_splice_tail_init(&xsreq_queue, &xsreq_sent);
	list_for_each_entry_safe(req, next, &xsreq_sent, link) {
		bool keep = !down && !req->head.req_id && !req->head.tx_id;

		if (!keep)
			xsreq_unlink(req);
		list_move_tail(&req->link, keep ? &xsreq_queue : &lost);
	}
	xstx_forget();
	wake_up_all(&xsreq_gate_wait);
	spin_unlock(&xsreq_lock);
	xsreq_fail(&lost);
}

/**
 * xsreq_is_timed() - test whether xsreq_expire() has anything to do
 *
 * Return: true if so.
 */
bool xsreq_is_timed(void)
{
	return READ_ONCE(xsreq_timed);
}

/* Under the lock. */
static struct xsreq *xsreq_find_old(struct list_head *list)
{
	struct xsreq *req;

	lockdep_assert_held(&xsreq_lock);
	list_for_each_entry(req, list, link)
		if (req->end && !req->orphan && time_after(jiffies, req->end))
			return req;
	return NULL;
}

/*
 * Abandon a request, if there is one, whose reply may still come. Called under
 * the lock, which is released. Returns true if there was one.
 */
static bool xsreq_drop(struct xsreq *req, int err)
	__releases(&xsreq_lock)
{
	bool put = false;

	lockdep_assert_held(&xsreq_lock);
	if (req) {
		refcount_inc(&req->refs);
		put = xsreq_orphan(req);
	}
	spin_unlock(&xsreq_lock);
	if (!req)
		return false;
	if (err == -ETIMEDOUT)
		xsreq_timed_out();
	xsreq_finish(req, err);
	if (put)
		xsreq_put(req);
	xsreq_put(req);
	return true;
}

/**
 * xsreq_expire() - fail requests whose time limit has passed
 *
 * For requests that have no waiting caller.
 *
 * Context: the comms thread or whoever starts it, every second if
 * xsreq_is_timed().
 */
void xsreq_expire(void)
{
	do
		spin_lock(&xsreq_lock);
	while (xsreq_drop(xsreq_find_old(&xsreq_queue) ?:
			  xsreq_find_old(&xsreq_sent), -ETIMEDOUT));
}

/* Under the lock. */
static struct xsreq *xsreq_find_done(void (*done)(struct xsreq *req))
{
	struct xsreq *req;

	lockdep_assert_held(&xsreq_lock);
	list_for_each_entry(req, &xsreq_queue, link)
		if (req->done == done)
			return req;
	list_for_each_entry(req, &xsreq_sent, link)
		if (req->done == done && !req->orphan)
			return req;
	return NULL;
}

/**
 * xsreq_cancel() - fail all requests with a certain callback
 * @done: the callback; called for each of them, with -EIO
 *
 * A request that is being answered may end shortly after this returns.
 */
void xsreq_cancel(void (*done)(struct xsreq *req))
{
	do
		spin_lock(&xsreq_lock);
	while (xsreq_drop(xsreq_find_done(done), -EIO));
}

/** xsreq_open() - open the gate: let requests pass */
void xsreq_open(void)
{
	spin_lock(&xsreq_lock);
	xsreq_gate = XSREQ_OPEN;
	wake_up_all(&xsreq_gate_wait);
	spin_unlock(&xsreq_lock);
}

static bool xsreq_idle(void)
{
	return !READ_ONCE(xsreq_waiting) && !xstx_count();
}

/**
 * xsreq_close() - close the gate, and wait for requests in flight
 *
 * Open transactions may continue to their end, with a time limit: user space
 * may have started one and gone to sleep.
 *
 * Return: true if all have ended.
 */
bool xsreq_close(void)
{
	bool idle;

	spin_lock(&xsreq_lock);
	xsreq_gate = XSREQ_CLOSING;
	spin_unlock(&xsreq_lock);
	idle = wait_event_idle_timeout(xsreq_gate_wait, xsreq_idle(),
				       XSREQ_DRAIN_SECS * HZ);
	spin_lock(&xsreq_lock);
	xsreq_gate = XSREQ_CLOSED;
	spin_unlock(&xsreq_lock);
	return idle;
}

/**
 * xsreq_load() - get statistics
 * @queued:       not sent yet
 * @sent:         sent, without a reply yet; includes orphans
 * @orphans:      those that nobody waits for
 * @transactions: open transactions
 */
void xsreq_load(unsigned int *queued, unsigned int *sent,
		unsigned int *orphans, unsigned int *transactions)
{
	struct xsreq *req;

	*queued = 0;
	*sent = 0;
	spin_lock(&xsreq_lock);
	list_for_each_entry(req, &xsreq_queue, link)
		(*queued)++;
	list_for_each_entry(req, &xsreq_sent, link)
		(*sent)++;
	*orphans = xsreq_orphans;
	*transactions = xstx_count();
	spin_unlock(&xsreq_lock);
}
