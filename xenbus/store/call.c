// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of xenstored: submit a request and wait for the reply.
 *
 * A caller waits a limited time, which is short while no server seems to exist.
 */
#include <linux/moduleparam.h>
#include "store.h"

#define XSREQ_SLICE_SECS	10
#define XSREQ_MUTE_SECS		5

static unsigned int xsreq_timeout = 60;
module_param_named(request_timeout, xsreq_timeout, uint, 0644);
MODULE_PARM_DESC(request_timeout,
		 "Seconds to wait for a reply of xenstored (default 60)");

/*
 * A driver that is being removed makes many requests: limit their total wait.
 */
static unsigned int xsreq_limit(const struct xsreq *req)
{
	unsigned int limit = req->secs ?: max(READ_ONCE(xsreq_timeout), 1U);

	return READ_ONCE(xsreq_mute) ? min_t(unsigned int, limit, XSREQ_MUTE_SECS) :
				       limit;
}

/**
 * xsreq_submit() - send a request
 * @req: with @req->done, or the caller waits for @req->finished
 *
 * Waits while a suspend keeps the gate closed; with @req->done no longer than
 * for a reply. @req->done is called within a limited time.
 *
 * Return: 0; -EIO if there is no connection, -ESHUTDOWN if there will be none,
 * -EAGAIN if the transaction is of an earlier connection, -ETIMEDOUT.
 * Context: process.
 */
int xsreq_submit(struct xsreq *req)
{
	unsigned long limit = (unsigned long)xsreq_limit(req) * HZ;
	int err;

	if (req->done) {
		req->end = (jiffies + limit) | 1;
		if (!wait_event_idle_timeout(xsreq_gate_wait,
					     xsreq_try(req, &err), limit))
			return -ETIMEDOUT;
	} else {
		wait_event_idle(xsreq_gate_wait, xsreq_try(req, &err));
	}
	if (err)
		return err;
	xsstats_count(XSSTAT_REQUESTS);
	xsring_wake();
	return 0;
}

static int xsreq_wait(struct xsreq *req)
{
	unsigned int limit = xsreq_limit(req), secs = 0, slice;

	/*
	 * Wait in slices: a guest that was paused sees a whole slice pass at
	 * once, and the server may have missed an event.
	 */
	do {
		slice = min_t(unsigned int, XSREQ_SLICE_SECS, limit - secs);
		if (wait_for_completion_timeout(&req->finished, slice * HZ))
			return req->err;
		secs += slice;
		xsring_notify();
		xsring_wake();
	} while (secs < limit);

	if (xsreq_abandon(req)) {
		xsreq_timed_out();
		return -ETIMEDOUT;
	}
	wait_for_completion(&req->finished);	/* the completion is imminent */
	return req->err;
}

/* The error that the server returned; an unknown name is an error, too. */
static int xsreq_error(const struct xsreq *req)
{
	int err = xswire_errno(req->reply, req->reply_head.len);

	if (err)
		return err;
	xsstats_count(XSSTAT_BAD_ERROR);
	return -EINVAL;
}

/**
 * xsreq_call() - send a request and wait for the reply
 * @req: from xsreq_alloc(); this function releases it
 * @len: result, if not NULL: bytes of the reply
 *
 * Return: the reply with an additional NUL, for kfree(); or an ERR_PTR(): the
 * server's error, or -EIO, -ETIMEDOUT, -ENOMEM.
 * Context: process.
 */
void *xsreq_call(struct xsreq *req, u32 *len)
{
	void *ret;
	int err;

	err = xsreq_submit(req);
	if (!err)
		err = xsreq_wait(req);
	if (!err && req->reply_head.type == XS_ERROR)
		err = xsreq_error(req);
	if (!err) {
		ret = req->reply;
		req->reply = NULL;
		if (len)
			*len = req->reply_head.len;
	} else {
		ret = ERR_PTR(err);
	}
	xsreq_put(req);
	return ret;
}

/**
 * xsreq_talk() - xsreq_alloc() and xsreq_call() in one
 * @type: XS_READ and the like
 * @tx:   transaction, or 0
 * @data: pieces of the body
 * @nr:   number of pieces
 * @len:  result, if not NULL: bytes of the reply
 *
 * Return: as xsreq_call(), also -E2BIG.
 */
void *xsreq_talk(u32 type, u32 tx, const struct xsreq_data *data,
		 unsigned int nr, u32 *len)
{
	struct xsreq *req = xsreq_alloc(type, tx, data, nr);

	return IS_ERR(req) ? ERR_CAST(req) : xsreq_call(req, len);
}
