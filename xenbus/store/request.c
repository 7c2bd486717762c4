// SPDX-License-Identifier: GPL-2.0-only
/* A request to xenstored: its memory, its reply, its end. */
#include <linux/slab.h>
#include "store.h"

/**
 * xsreq_alloc() - allocate a request with its body
 * @type: XS_READ and the like
 * @tx:   transaction, our number, or 0
 * @data: pieces of the body
 * @nr:   number of pieces
 *
 * Return: the request, to be released by xsreq_put(), or an ERR_PTR(): -E2BIG
 * or -ENOMEM.
 */
struct xsreq *xsreq_alloc(u32 type, u32 tx, const struct xsreq_data *data,
			  unsigned int nr)
{
	struct xsreq *req;
	unsigned int i;
	u32 len = 0;

	for (i = 0; i < nr; i++) {
		if (data[i].len > XENSTORE_PAYLOAD_MAX - len)
			return ERR_PTR(-E2BIG);
		len += data[i].len;
	}
	req = kmalloc(struct_size(req, body, len), XS_GFP);
	if (!req)
		return ERR_PTR(-ENOMEM);
	memset(req, 0, sizeof(*req));
	refcount_set(&req->refs, 1);
	init_completion(&req->finished);
	req->len = sizeof(req->head) + len;
	req->head.type = type;
	req->tx = tx;
	req->head.len = len;
	for (i = 0, len = 0; i < nr; len += data[i++].len)
		memcpy(req->body + len, data[i].base, data[i].len);
	return req;
}

void xsreq_put(struct xsreq *req)
{
	if (!refcount_dec_and_test(&req->refs))
		return;
	kfree(req->reply);
	kfree(req);
}

/* True if a reply has started a transaction. */
bool xsreq_begins(const struct xsreq *req, const struct xsd_sockmsg *head,
		  const char *body, u32 *id)
{
	return req->head.type == XS_TRANSACTION_START &&
	       head->type == XS_TRANSACTION_START &&
	       !xswire_id(body, head->len, id);
}

/* Pass the result to the waiter; outside of the lock. */
void xsreq_finish(struct xsreq *req, int err)
{
	req->err = err;
	if (req->done)
		req->done(req);
	else
		complete(&req->finished);
}

/* Take the reply. Returns 0 or a negative error. */
int xsreq_take(struct xsreq *req, const struct xsd_sockmsg *head,
	       const char *body)
{
	if (head->type != req->head.type && head->type != XS_ERROR) {
		xsstats_count(XSSTAT_BAD_TYPE);
		return -EIO;
	}
	if (head->tx_id != req->head.tx_id) {
		xsstats_count(XSSTAT_BAD_TX);
		return -EIO;
	}
	if (head->type == XS_ERROR)
		xsstats_count(XSSTAT_ERRORS);
	req->reply_head.tx_id = req->tx;
	/* Includes the NUL that the comms thread has appended. */
	req->reply = kmemdup(body, head->len + 1, XS_GFP);
	return req->reply ? 0 : -ENOMEM;
}

/* xsreq_finish() for a new transaction, which gets a number of ours. */
int xsreq_take_begun(struct xsreq *req, u32 tx)
{
	req->reply = tx ? kasprintf(XS_GFP, "%u", tx) : NULL;
	if (!req->reply)
		return -ENOMEM;
	req->reply_head.tx_id = 0;
	req->reply_head.len = strlen(req->reply) + 1;
	return 0;
}

/* The connection is lost, and with it these requests. */
void xsreq_fail(struct list_head *reqs)
{
	struct xsreq *req, *next;

	list_for_each_entry_safe(req, next, reqs, link) {
		list_del(&req->link);
		/*
		 * Nobody knows whether it was committed; the caller can repeat
		 * it.
		 */
		if (!req->orphan)
			xsreq_finish(req, req->tx ? -EAGAIN : -EIO);
		xsreq_put(req);
	}
}
