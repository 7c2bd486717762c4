// SPDX-License-Identifier: GPL-2.0-only
/*
 * The thread that communicates with xenstored: requests out, replies and events
 * in.
 *
 * At the start of a connection the position of messages in the ring is unknown,
 * because somebody else may have left bytes there. So one XS_RESET_WATCHES with
 * a random number is sent, and its reply in the stream shows where messages
 * begin. It also ends the watches and transactions of the ring's previous user.
 * A connection that fails is reset in the same way. After too many resets, or
 * if none succeeds, requests fail at once, and the thread tries again every
 * minute until the server follows the protocol.
 */
#include <linux/kthread.h>
#include <linux/random.h>
#include <linux/sched.h>
#include "store.h"

#define XSCOMMS_SYNC_SECS	60
#define XSCOMMS_MAX_RESETS	5	/* within XSCOMMS_RESET_SECS */
#define XSCOMMS_RESET_SECS	60
#define XSCOMMS_RETRY_SECS	60
/* time limit for a message, once it has begun */
#define XSCOMMS_HALF_SECS	30
#define XSCOMMS_BURST		64	/* reads before the thread yields */
#define XSCOMMS_IDLE		(60 * HZ)

static struct task_struct *xscomms_thread;

/*
 * All of this belongs to the thread, or to whoever starts it or has stopped it.
 */
static struct xsreq *xscomms_out;	/* being written */
static u32 xscomms_out_done;
/* the request that synchronises the connection */
static struct xsreq *xscomms_first;
static unsigned long xscomms_sync_end;
static struct xswire_sync xscomms_sync;
static struct xsd_sockmsg xscomms_head;
static u32 xscomms_got;			/* bytes of header and body received */
static unsigned long xscomms_half_end;
static char xscomms_body[XENSTORE_PAYLOAD_MAX + 1];
static unsigned long xscomms_reset_window;
static unsigned int xscomms_resets;
/* time of the next attempt to find a server */
static unsigned long xscomms_retry;
/* time of the next check for old requests */
static unsigned long xscomms_expiry;
/* it was logged that there is no server */
static bool xscomms_told;
/* watches have to be registered again */
static bool xscomms_replay;

static void xscomms_drop_out(void)
{
	if (xscomms_out)
		xsreq_put(xscomms_out);
	xscomms_out = NULL;
	xscomms_out_done = 0;
}

/* The reply to the first request has come: the connection is synchronised. */
static void xscomms_synced(struct xsreq *req)
{
	if (!req->reply_head.type)
		return;		/* no reply: the connection was given up */
	xsreq_up();
	xsring_set_state(XSRING_UP);
	if (xscomms_told)
		pr_info("xenbus: store: connected again\n");
	xscomms_told = false;
	if (xscomms_replay)
		xswatch_replay_later();
	xscomms_replay = true;
}

static int xscomms_connect(void)
{
	struct xsreq_data nothing = xsreq_string("");
	struct xsreq *req;
	bool fresh;
	int err;

	err = xsring_connect(&fresh, xsreq_expire);
	if (err)
		return err;
	/*
	 * Without a new ring, the rest of a partly sent request must be sent
	 * first.
	 */
	if (fresh)
		xscomms_drop_out();
	req = xsreq_alloc(XS_RESET_WATCHES, 0, &nothing, 1);
	if (IS_ERR(req))
		return PTR_ERR(req);
	req->done = xscomms_synced;
	xsreq_number(req);
	if (xscomms_first)
		xsreq_put(xscomms_first);
	xscomms_first = req;
	xscomms_got = 0;
	xscomms_sync = (struct xswire_sync){
		.req_id = req->head.req_id,
		.type = req->head.type,
	};
	/* A server that breaks this again and again gets no more time. */
	if (xsring_state() != XSRING_SYNC)
		xscomms_sync_end = jiffies + XSCOMMS_SYNC_SECS * HZ;
	xsring_set_state(XSRING_SYNC);
	return 0;
}

static void xscomms_give_up(const char *why)
{
	if (!xscomms_told)
		pr_err("xenbus: store: %s; no requests for now, tried again each %d s\n",
		       why, XSCOMMS_RETRY_SECS);
	xscomms_told = true;
	xsstats_count(XSSTAT_DOWNS);
	xscomms_retry = jiffies + XSCOMMS_RETRY_SECS * HZ;
	xsring_set_state(XSRING_DOWN);
	xsreq_reset(-EIO);
}

static bool xscomms_may_reset(void)
{
	if (xsring_state() == XSRING_SYNC &&
	    time_after(jiffies, xscomms_sync_end))
		return false;
	if (time_after(jiffies, xscomms_reset_window)) {
		xscomms_reset_window = jiffies + XSCOMMS_RESET_SECS * HZ;
		xscomms_resets = 0;
	}
	return ++xscomms_resets <= XSCOMMS_MAX_RESETS;
}

static void xscomms_reset(const char *why)
{
	xsstats_count(XSSTAT_RESETS);
	if (!xscomms_may_reset()) {
		xscomms_give_up(why);
		return;
	}
	if (!xscomms_told)
		pr_warn("xenbus: store: %s; beginning anew\n", why);
	/* Unsent requests wait, unless the last attempt failed. */
	xsreq_reset(xscomms_told ? -EIO : 0);
	if (xscomms_connect())
		xscomms_give_up("xenstored does not answer");
}

/* Time to look for a server again. */
static void xscomms_again(void)
{
	xscomms_resets = 0;
	if (xscomms_connect())
		xscomms_give_up("xenstored does not answer");
}

static struct xsreq *xscomms_next(void)
{
	struct xsreq *req = xscomms_first;

	if (xsring_state() == XSRING_UP)
		return xsreq_next();
	xscomms_first = NULL;
	return req;
}

static bool xscomms_has_output(void)
{
	if (xscomms_out)
		return true;
	return xsring_state() == XSRING_UP ? xsreq_is_queued() :
					     !!xscomms_first;
}

/* Send what fits, with one event for all of it. */
static int xscomms_send(void)
{
	bool sent = false;
	int n = 0;

	for (;;) {
		if (!xscomms_out)
			xscomms_out = xscomms_next();
		if (!xscomms_out)
			break;
		n = xsring_write((char *)&xscomms_out->head + xscomms_out_done,
				 xscomms_out->len - xscomms_out_done);
		if (n <= 0)
			break;
		sent = true;
		xscomms_out_done += n;
		if (xscomms_out_done == xscomms_out->len)
			xscomms_drop_out();
	}
	if (sent)
		xsring_notify();
	return n < 0 ? n : 0;
}

static void xscomms_dispatch(void)
{
	xscomms_body[xscomms_head.len] = '\0';
	if (xscomms_head.type == XS_WATCH_EVENT)
		xswatch_event(xscomms_body, xscomms_head.len);
	else
		xsreq_answer(&xscomms_head, xscomms_body);
	xscomms_got = 0;
}

/* The bytes are not synchronised yet: search for the first reply. */
static int xscomms_search(void)
{
	u8 byte;
	int n;

	n = xsring_read(&byte, 1);
	if (n > 0 && xswire_sync(&xscomms_sync, byte)) {
		xscomms_head = xscomms_sync.head;
		xscomms_got = sizeof(xscomms_head);
	}
	return n;
}

/**
 * xscomms_receive() - one step of reading
 *
 * Return: > 0 if something was read, 0 if there is nothing; -EPROTO for
 * impossible indices, -EMSGSIZE for an impossible length.
 */
static int xscomms_receive(void)
{
	const u32 hlen = sizeof(xscomms_head);
	int n;

	if (xscomms_got < hlen) {
		if (xsring_state() == XSRING_SYNC)
			n = xscomms_search();
		else
			n = xsring_read((char *)&xscomms_head + xscomms_got,
					hlen - xscomms_got);
		if (n > 0 && xsring_state() != XSRING_SYNC) {
			if (!xscomms_got)
				xscomms_half_end = jiffies +
						   XSCOMMS_HALF_SECS * HZ;
			xscomms_got += n;
		}
	} else {
		n = xsring_read(xscomms_body + (xscomms_got - hlen),
				hlen + xscomms_head.len - xscomms_got);
		if (n > 0)
			xscomms_got += n;
	}
	if (n <= 0 || xscomms_got < hlen)
		return n;
	if (!xswire_head_ok(&xscomms_head))
		return -EMSGSIZE;
	if (xscomms_got == hlen + xscomms_head.len)
		xscomms_dispatch();
	return n;
}

static void xscomms_step(void)
{
	unsigned int i = 0;
	int err;

	err = xscomms_send();
	for (; i < XSCOMMS_BURST && !err; i++) {
		int n = xscomms_receive();

		if (n <= 0) {
			err = n;
			break;
		}
	}
	xsring_seen(i);
	if (err == -EMSGSIZE) {
		xsstats_count(XSSTAT_BAD_LENGTH);
		xscomms_reset("xenstored sent a message of impossible length");
	} else if (err) {
		xsstats_count(XSSTAT_BAD_INDEX);
		xscomms_reset("impossible ring indices");
	} else if (xsring_state() == XSRING_SYNC) {
		if (time_after(jiffies, xscomms_sync_end))
			xscomms_give_up("xenstored does not answer");
	} else if (xscomms_got && time_after(jiffies, xscomms_half_end)) {
		xsstats_count(XSSTAT_HALF);
		xscomms_reset("xenstored does not end a message");
	} else if (xsreq_is_ignored()) {
		xscomms_reset("xenstored ignores requests");
	}
}

static bool xscomms_has_work(void)
{
	if (READ_ONCE(xsring_woken) || kthread_should_stop() ||
	    kthread_should_park())
		return true;
	if (xsring_state() == XSRING_DOWN)
		return false;
	return xsring_is_owed() || xsring_readable() ||
	       (xscomms_has_output() && xsring_writable());
}

/* How long to sleep if nothing happens. */
static unsigned long xscomms_patience(void)
{
	switch (xsring_state()) {
	case XSRING_DOWN:
		return time_after(xscomms_retry, jiffies) ?
		       xscomms_retry - jiffies : 1;
	case XSRING_SYNC:
		return HZ;
	default:
		return xscomms_got || xsreq_is_timed() ? HZ : XSCOMMS_IDLE;
	}
}

/*
 * The server reports that it gave up the connection; it may accept a new one.
 */
static void xscomms_closed(u32 error)
{
	if (!xscomms_told)
		pr_warn("xenbus: store: xenstored has given us up, reason %u\n",
			error);
	if (xsring_state() == XSRING_SYNC)
		xscomms_give_up("the connection is closed");
	else
		xscomms_reset("the connection is closed");
}

static int xscomms_run(void *unused)
{
	u32 error;

	while (!kthread_should_stop()) {
		bool sync = xsring_state() == XSRING_SYNC;
		long left;

		left = wait_event_idle_timeout(xsring_wait, xscomms_has_work(),
					       xscomms_patience());
		WRITE_ONCE(xsring_woken, false);
		if (kthread_should_park()) {
			kthread_parkme();
			continue;	/* the search may consume all bytes */
		}
		if (xsring_state() == XSRING_DOWN) {
			if (time_after_eq(jiffies, xscomms_retry))
				xscomms_again();
			continue;
		}
		error = xsring_error();
		if (error) {
			xscomms_closed(error);
			continue;
		}
		/* In the beginning the server may not be ready for an event. */
		if (!left && sync)
			xsring_notify();
		xscomms_step();
		if (time_after_eq(jiffies, xscomms_expiry)) {
			xsreq_expire();
			xscomms_expiry = jiffies + HZ;
		}
		cond_resched();
	}
	return 0;
}

/**
 * xscomms_start() - connect to the server
 *
 * The caller registers watches of an earlier connection again.
 *
 * Return: 0 when requests can be made; or a negative errno.
 */
int xscomms_start(void)
{
	struct task_struct *thread;
	int err;

	xscomms_replay = false;
	xscomms_expiry = jiffies;
	xscomms_resets = 0;
	xscomms_reset_window = jiffies + XSCOMMS_RESET_SECS * HZ;
	err = xscomms_connect();
	if (err)
		return err;
	thread = kthread_run(xscomms_run, NULL, "xenbus");
	if (IS_ERR(thread)) {
		err = PTR_ERR(thread);
		goto out;
	}
	xscomms_thread = thread;
	while (!wait_event_idle_timeout(xsring_wait,
					xsring_state() != XSRING_SYNC, HZ))
		if (xsring_is_ending())
			break;
	if (xsring_state() == XSRING_UP)
		return 0;
	err = -ETIMEDOUT;
out:
	xscomms_stop(-EIO);
	return err;
}

/**
 * xscomms_pause() - stop using the ring
 *
 * From now until xsring_rebind() the page may be another domain's and not set
 * up. xscomms_stop() is allowed meanwhile.
 */
void xscomms_pause(void)
{
	if (xscomms_thread)
		kthread_park(xscomms_thread);
}

/** xscomms_continue() - continue after xscomms_pause() */
void xscomms_continue(void)
{
	if (xscomms_thread)
		kthread_unpark(xscomms_thread);
}

/**
 * xscomms_stop() - disconnect
 * @err: error of all requests from now on; those in flight fail
 */
void xscomms_stop(int err)
{
	if (xscomms_thread)
		kthread_stop(xscomms_thread);
	xscomms_thread = NULL;
	xsring_set_state(XSRING_DOWN);
	xsreq_reset(err);
	xscomms_drop_out();
	if (xscomms_first)
		xsreq_put(xscomms_first);
	xscomms_first = NULL;
}
