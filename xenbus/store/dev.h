/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/xen/xenbus: an open file, its messages and its watches. */
#ifndef XENBUS_DEV_H
#define XENBUS_DEV_H

#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "store.h"

/* in flight, or answered and not read */
#define XSDEV_MAX_REQUESTS	64
#define XSDEV_MAX_TX		32

struct xsdev_file;

/**
 * struct xsdev_msg - a message to be read
 * @link: entry in the file's list
 * @head: header; its type distinguishes events from replies
 * @body: @head.len bytes
 * @req:  request whose reply @body is, or NULL
 * @done: bytes already read
 */
struct xsdev_msg {
	struct list_head link;
	struct xsd_sockmsg head;
	const char *body;
	struct xsreq *req;
	u32 done;
};

/**
 * struct xsdev_call - a request in flight
 * @file: its file; holds a reference
 * @head: header as user space wrote it
 * @msg:  message for the reply
 */
struct xsdev_call {
	struct xsdev_file *file;
	struct xsd_sockmsg head;
	struct xsdev_msg *msg;
};

/**
 * struct xsdev_watch - a watch of user space
 * @link:  entry in the file's list
 * @watch: the kernel's watch
 * @file:  its file
 * @token: user space's token
 * @all:   number of the message that represents lost events
 */
struct xsdev_watch {
	struct list_head link;
	struct xenbus_watch watch;
	struct xsdev_file *file;
	const char *token;
	u64 all;
};

/**
 * struct xsdev_file - one open file
 * @refs:      one for the open file, and one for each request in flight
 * @end:       frees the file when there is no reference any more
 * @writer:    protects @got, @in, @watches
 * @got:       bytes of the message that is being written
 * @in:        that message
 * @watches:   watches of this file
 * @reader:    protects the read position in the first message
 * @lock:      protects the members below
 * @wait:      woken by messages, or by room for requests
 * @msgs:      messages to be read
 * @first:     number of the first of them
 * @next:      number of the next message
 * @nr_events: events in @msgs
 * @nr_calls:  requests in flight, and replies in @msgs
 * @nr_tx:     number of transactions
 * @tx:        their ids; each request in flight may add one more
 */
struct xsdev_file {
	refcount_t refs;
	struct work_struct end;
	struct mutex writer;
	u32 got;
	struct {
		struct xsd_sockmsg head;
		char body[XENSTORE_PAYLOAD_MAX];
	} in;
	struct list_head watches;
	struct mutex reader;
	spinlock_t lock;
	wait_queue_head_t wait;
	struct list_head msgs;
	u64 first;
	u64 next;
	unsigned int nr_events;
	unsigned int nr_calls;
	unsigned int nr_tx;
	u32 tx[XSDEV_MAX_TX + XSDEV_MAX_REQUESTS];
};

/* dev_msg.c */
void xsdev_msg_free(struct xsdev_msg *msg);
void xsdev_append(struct xsdev_file *file, struct xsdev_msg *msg);
void xsdev_set_result(struct xsdev_msg *msg, const struct xsd_sockmsg *head,
		      int err);
struct xsdev_msg *xsdev_event_alloc(const char *path, const char *token);
struct xsdev_msg *xsdev_peek(struct xsdev_file *file);
void xsdev_pop(struct xsdev_file *file, struct xsdev_msg *msg);
ssize_t xsdev_copy(struct xsdev_msg *msg, char __user *buf, size_t len);

/* dev_watch.c */
int xsdev_add_watch(struct xsdev_file *file, const char *node,
		    const char *token);
void xsdev_end_watch(struct xsdev_watch *w);
int xsdev_remove_watch(struct xsdev_file *file, const char *node,
		       const char *token);

#endif
