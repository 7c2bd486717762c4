/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to xenstored. */
#ifndef XENBUS_REQUEST_H
#define XENBUS_REQUEST_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/wait.h>
#include "wire.h"

/**
 * struct xsreq_data - a piece of a request's body
 * @base: bytes
 * @len:  number of bytes
 */
struct xsreq_data {
	const void *base;
	u32 len;
};

/* A string including its NUL. */
static inline struct xsreq_data xsreq_string(const char *s)
{
	return (struct xsreq_data){ s, strlen(s) + 1 };
}

/**
 * struct xsreq - a request in flight
 * @link:       entry in the queue, or in the list of those sent
 * @refs:       references of its creator and of the connection
 * @done:       called once, in the context of the comms thread or of a reset;
 *              must not make requests; NULL: @finished is completed instead
 * @finished:   for a caller that waits
 * @data:       for @done
 * @secs:       time limit; 0: that of the module's parameter
 * @end:        with @done: when it fails; 0: never
 * @urgent:     passes the closed gate of a suspend
 * @tx:         transaction, our number (tx.c), or 0
 * @linked:     it is in one of the lists
 * @orphan:     nobody waits any more
 * @err:        0: there is a reply
 * @reply_head: its header, with @tx in place of the store's number
 * @reply:      its body, kmalloc()ed with an additional NUL
 * @len:        bytes of @head and @body
 * @head:       header of the request, with the store's number of the
 *              transaction
 * @body:       body of the request
 */
struct xsreq {
	struct list_head link;
	refcount_t refs;
	void (*done)(struct xsreq *req);
	struct completion finished;
	void *data;
	unsigned int secs;
	unsigned long end;
	bool urgent;
	bool linked;
	bool orphan;
	u32 tx;
	int err;
	struct xsd_sockmsg reply_head;
	char *reply;
	u32 len;
	struct xsd_sockmsg head;
	char body[];
};

/* request.c */
struct xsreq *xsreq_alloc(u32 type, u32 tx, const struct xsreq_data *data,
			  unsigned int nr);
void xsreq_put(struct xsreq *req);
bool xsreq_begins(const struct xsreq *req, const struct xsd_sockmsg *head,
		  const char *body, u32 *id);
int xsreq_take(struct xsreq *req, const struct xsd_sockmsg *head,
	       const char *body);
int xsreq_take_begun(struct xsreq *req, u32 tx);
void xsreq_finish(struct xsreq *req, int err);
void xsreq_fail(struct list_head *reqs);

/* queue.c */
extern wait_queue_head_t xsreq_gate_wait;
extern bool xsreq_mute;

void xsreq_cancel(void (*done)(struct xsreq *req));
bool xsreq_try(struct xsreq *req, int *err);
bool xsreq_abandon(struct xsreq *req);
void xsreq_timed_out(void);
void xsreq_number(struct xsreq *req);
void xsreq_up(void);
bool xsreq_is_ignored(void);
bool xsreq_is_timed(void);
void xsreq_expire(void);
struct xsreq *xsreq_next(void);
bool xsreq_is_queued(void);
void xsreq_answer(const struct xsd_sockmsg *head, const char *body);
void xsreq_reset(int down);
void xsreq_open(void);
bool xsreq_close(void);
void xsreq_load(unsigned int *queued, unsigned int *sent,
		unsigned int *orphans, unsigned int *transactions);

/* call.c */
int xsreq_submit(struct xsreq *req);
void *xsreq_call(struct xsreq *req, u32 *len);
void *xsreq_talk(u32 type, u32 tx, const struct xsreq_data *data,
		 unsigned int nr, u32 *len);

#endif
