// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/xen/xenbus: the store for user space, in the store's own messages.
 *
 * Each open file has its own watches and transactions. It cannot use those of
 * others, or the kernel's. A work item frees it: closing does not wait for
 * xenstored, and requests in flight keep it until they are answered.
 */
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include "store.h"

/* in flight, or answered and not read */
#define XSDEV_MAX_REQUESTS	64
#define XSDEV_MAX_EVENTS	1024	/* not read */
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

static struct workqueue_struct *xsdev_wq;
static atomic_t xsdev_files = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(xsdev_idle);

static void xsdev_msg_free(struct xsdev_msg *msg)
{
	if (msg->req)
		xsreq_put(msg->req);
	kfree(msg);
}

static void xsdev_put(struct xsdev_file *file)
{
	if (refcount_dec_and_test(&file->refs))
		queue_work(xsdev_wq, &file->end);
}

/* Under the lock. */
static void xsdev_append(struct xsdev_file *file, struct xsdev_msg *msg)
{
	lockdep_assert_held(&file->lock);
	list_add_tail(&msg->link, &file->msgs);
	file->next++;
	if (msg->head.type == XS_WATCH_EVENT)
		file->nr_events++;
	wake_up_interruptible(&file->wait);
}

/* The result of a request that was handled without the store. */
static void xsdev_set_result(struct xsdev_msg *msg,
			     const struct xsd_sockmsg *head, int err)
{
	msg->head = *head;
	if (err)
		msg->head.type = XS_ERROR;
	msg->body = err ? xswire_error(err) : "OK";
	msg->head.len = strlen(msg->body) + 1;
}

/* A reply has come, or will never come. */
static void xsdev_answered(struct xsreq *req)
{
	struct xsdev_call *call = req->data;
	struct xsdev_file *file = call->file;
	struct xsdev_msg *msg = call->msg;
	bool started = false;
	u32 id;

	if (req->err) {
		xsdev_set_result(msg, &call->head, req->err);
	} else {
		refcount_inc(&req->refs);
		msg->req = req;
		msg->body = req->reply;
		msg->head = req->reply_head;
		msg->head.req_id = call->head.req_id;
		started = msg->head.type == XS_TRANSACTION_START &&
			  !xswire_id(msg->body, msg->head.len, &id);
	}
	spin_lock(&file->lock);
	if (started)
		file->tx[file->nr_tx++] = id;
	xsdev_append(file, msg);
	spin_unlock(&file->lock);
	kfree(call);
	xsdev_put(file);
}

static int xsdev_forward(struct xsdev_file *file, struct xsdev_msg *msg)
{
	struct xsreq_data data = { file->in.body, file->in.head.len };
	struct xsdev_call *call;
	struct xsreq *req;
	int err;

	call = kmalloc(sizeof(*call), GFP_KERNEL);
	if (!call)
		return -ENOMEM;
	req = xsreq_alloc(file->in.head.type, file->in.head.tx_id, &data, 1);
	if (IS_ERR(req)) {
		kfree(call);
		return PTR_ERR(req);
	}
	call->file = file;
	call->head = file->in.head;
	call->msg = msg;
	req->data = call;
	req->done = xsdev_answered;
	refcount_inc(&file->refs);
	err = xsreq_submit(req);
	if (err) {
		/* the open file still holds one */
		refcount_dec(&file->refs);
		kfree(call);
	}
	xsreq_put(req);
	return err;
}

/* True if a transaction belongs to this file. @end: remove it. */
static bool xsdev_has_tx(struct xsdev_file *file, u32 id, bool end)
{
	bool found = false;
	unsigned int i;

	spin_lock(&file->lock);
	for (i = 0; i < file->nr_tx && !found; i++) {
		found = file->tx[i] == id;
		if (found && end)
			file->tx[i] = file->tx[--file->nr_tx];
	}
	spin_unlock(&file->lock);
	return found;
}

static struct xsdev_msg *xsdev_event_alloc(const char *path, const char *token)
{
	size_t path_len = strlen(path) + 1, token_len = strlen(token) + 1;
	struct xsdev_msg *msg;
	char *text;

	msg = kmalloc(sizeof(*msg) + path_len + token_len, GFP_KERNEL);
	if (!msg)
		return NULL;
	memset(msg, 0, sizeof(*msg));
	text = (char *)(msg + 1);
	memcpy(text, path, path_len);
	memcpy(text + path_len, token, token_len);
	msg->body = text;
	msg->head.type = XS_WATCH_EVENT;
	msg->head.len = path_len + token_len;
	return msg;
}

static void xsdev_event(struct xenbus_watch *watch, const char *path,
			const char *token)
{
	struct xsdev_watch *w = container_of(watch, struct xsdev_watch, watch);
	bool full = READ_ONCE(w->file->nr_events) >= XSDEV_MAX_EVENTS;
	struct xsdev_file *file = w->file;
	struct xsdev_msg *msg;

	/* If a reader is too slow, one event represents all that it misses. */
	msg = xsdev_event_alloc(full ? watch->node : path, w->token);
	if (!msg)
		return;
	spin_lock(&file->lock);
	if (full && w->all >= file->first) {
		spin_unlock(&file->lock);
		xsdev_msg_free(msg);
		return;
	}
	if (full)
		w->all = file->next;
	xsdev_append(file, msg);
	spin_unlock(&file->lock);
}

static struct xsdev_watch *xsdev_find_watch(struct xsdev_file *file,
					    const char *node, const char *token)
{
	struct xsdev_watch *w;

	list_for_each_entry(w, &file->watches, link)
		if (!strcmp(w->watch.node, node) && !strcmp(w->token, token))
			return w;
	return NULL;
}

static void xsdev_free_watch(struct xsdev_watch *w)
{
	kfree(w->watch.node);
	kfree(w->token);
	kfree(w);
}

static int xsdev_add_watch(struct xsdev_file *file, const char *node,
			   const char *token)
{
	struct xsdev_watch *w;
	int err = -ENOMEM;

	if (xsdev_find_watch(file, node, token))
		return -EEXIST;
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	w->file = file;
	w->watch.callback = xsdev_event;
	w->watch.node = kstrdup(node, GFP_KERNEL);
	w->token = kstrdup(token, GFP_KERNEL);
	if (w->watch.node && w->token)
		err = register_xenbus_watch(&w->watch);
	if (err)
		xsdev_free_watch(w);
	else
		list_add(&w->link, &file->watches);
	return err;
}

static void xsdev_end_watch(struct xsdev_watch *w)
{
	list_del(&w->link);
	unregister_xenbus_watch(&w->watch);
	xsdev_free_watch(w);
}

static int xsdev_remove_watch(struct xsdev_file *file, const char *node,
			      const char *token)
{
	struct xsdev_watch *w = xsdev_find_watch(file, node, token);

	if (!w)
		return -ENOENT;
	xsdev_end_watch(w);
	return 0;
}

/* Returns 1 if the reply comes later; 0 or an error if this is the result. */
static int xsdev_handle(struct xsdev_file *file, struct xsdev_msg *msg)
{
	const struct xsd_sockmsg *head = &file->in.head;
	const char *node, *token;
	int err;

	if (head->tx_id && !xsdev_has_tx(file, head->tx_id, false))
		return -ENOENT;
	switch (head->type) {
	case XS_WATCH:
	case XS_UNWATCH:
		err = xswire_pair(file->in.body, head->len, &node, &token);
		if (err)
			return err;
		return head->type == XS_WATCH ?
		       xsdev_add_watch(file, node, token) :
		       xsdev_remove_watch(file, node, token);
	case XS_RESET_WATCHES:
		/* it would also drop the kernel's watches */
		return -EACCES;
	case XS_TRANSACTION_START:
		if (READ_ONCE(file->nr_tx) >= XSDEV_MAX_TX)
			return -ENOSPC;
		break;
	}
	err = xsdev_forward(file, msg);
	/* -EAGAIN: the connection was lost, and the transaction with it. */
	if ((!err || err == -EAGAIN) && head->type == XS_TRANSACTION_END)
		xsdev_has_tx(file, head->tx_id, true);
	return err ?: 1;
}

static bool xsdev_reserve(struct xsdev_file *file)
{
	bool room;

	spin_lock(&file->lock);
	room = file->nr_calls < XSDEV_MAX_REQUESTS;
	file->nr_calls += room;
	spin_unlock(&file->lock);
	return room;
}

/* A whole message was written. */
static int xsdev_message(struct xsdev_file *file, bool block)
{
	struct xsdev_msg *msg;
	int ret;

	if (!xsdev_reserve(file)) {
		if (!block)
			return -EAGAIN;
		ret = wait_event_interruptible(file->wait, xsdev_reserve(file));
		if (ret)
			return ret;
	}
	msg = kzalloc(sizeof(*msg), GFP_KERNEL);
	if (!msg) {
		spin_lock(&file->lock);
		file->nr_calls--;
		spin_unlock(&file->lock);
		return -ENOMEM;
	}
	ret = xsdev_handle(file, msg);
	if (ret > 0)
		return 0;
	xsdev_set_result(msg, &file->in.head, ret);
	spin_lock(&file->lock);
	xsdev_append(file, msg);
	spin_unlock(&file->lock);
	return 0;
}

/* Bytes still missing of the message that is being written. */
static u32 xsdev_missing(const struct xsdev_file *file)
{
	u32 want = sizeof(file->in.head);

	if (file->got >= want)
		want += file->in.head.len;
	return want - file->got;
}

/**
 * xsdev_write() - write to an open file, at most one message
 * @f:   file
 * @buf: user memory
 * @len: length of @buf
 * @pos: unused
 *
 * A message may be written in parts. Of several messages the first one is used.
 *
 * Return: bytes written, or a negative error.
 */
ssize_t xsdev_write(struct file *f, const char __user *buf, size_t len,
		    loff_t *pos)
{
	struct xsdev_file *file = f->private_data;
	u32 missing, start, n;
	size_t done = 0;
	int err;

	err = mutex_lock_interruptible(&file->writer);
	if (err)
		return err;
	start = file->got;
	while (done < len && (missing = xsdev_missing(file))) {
		n = min_t(size_t, len - done, missing);
		if (copy_from_user((char *)&file->in + file->got, buf + done,
				   n)) {
			err = -EFAULT;
			goto drop;
		}
		file->got += n;
		done += n;
		if (file->got >= sizeof(file->in.head) &&
		    !xswire_head_ok(&file->in.head)) {
			err = -EINVAL;
			goto drop;
		}
	}
	if (file->got < sizeof(file->in.head) || xsdev_missing(file))
		goto out;
	err = xsdev_message(file, !(f->f_flags & O_NONBLOCK));
	if (err == -EAGAIN || err == -ERESTARTSYS)
		file->got = start;	/* as if nothing had been written */
	else
		file->got = 0;
	goto out;
drop:
	file->got = 0;
out:
	mutex_unlock(&file->writer);
	return err ?: done;
}

/* The first message was read completely. */
static void xsdev_pop(struct xsdev_file *file, struct xsdev_msg *msg)
{
	spin_lock(&file->lock);
	list_del(&msg->link);
	file->first++;
	if (msg->head.type == XS_WATCH_EVENT)
		file->nr_events--;
	else
		file->nr_calls--;
	spin_unlock(&file->lock);
	wake_up_interruptible(&file->wait);
	xsdev_msg_free(msg);
}

static struct xsdev_msg *xsdev_peek(struct xsdev_file *file)
{
	struct xsdev_msg *msg;

	spin_lock(&file->lock);
	msg = list_first_entry_or_null(&file->msgs, struct xsdev_msg, link);
	spin_unlock(&file->lock);
	return msg;
}

/* Copy as much of a message as fits. Returns bytes, or -EFAULT. */
static ssize_t xsdev_copy(struct xsdev_msg *msg, char __user *buf, size_t len)
{
	const u32 hlen = sizeof(msg->head);
	const char *from;
	size_t n;

	if (msg->done < hlen) {
		from = (const char *)&msg->head + msg->done;
		n = min_t(size_t, len, hlen - msg->done);
	} else {
		from = msg->body + (msg->done - hlen);
		n = min_t(size_t, len, hlen + msg->head.len - msg->done);
	}
	if (copy_to_user(buf, from, n))
		return -EFAULT;
	msg->done += n;
	return n;
}

/**
 * xsdev_read() - read replies and events
 * @f:   file
 * @buf: user memory
 * @len: length of @buf
 * @pos: unused
 *
 * Return: bytes read, or a negative error.
 */
ssize_t xsdev_read(struct file *f, char __user *buf, size_t len, loff_t *pos)
{
	struct xsdev_file *file = f->private_data;
	struct xsdev_msg *msg;
	size_t done = 0;
	ssize_t n = 0;
	int err;

	err = mutex_lock_interruptible(&file->reader);
	if (err)
		return err;
	while (len && !(msg = xsdev_peek(file))) {
		mutex_unlock(&file->reader);
		if (f->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(file->wait, xsdev_peek(file)) ?:
		      mutex_lock_interruptible(&file->reader);
		if (err)
			return err;
	}
	while (done < len && (msg = xsdev_peek(file))) {
		n = xsdev_copy(msg, buf + done, len - done);
		if (n < 0)
			break;
		done += n;
		if (msg->done == sizeof(msg->head) + msg->head.len)
			xsdev_pop(file, msg);
	}
	mutex_unlock(&file->reader);
	return done ?: n;
}

__poll_t xsdev_poll(struct file *f, struct poll_table_struct *wait)
{
	struct xsdev_file *file = f->private_data;
	__poll_t mask = 0;

	poll_wait(f, &file->wait, wait);
	if (xsdev_peek(file))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(file->nr_calls) < XSDEV_MAX_REQUESTS)
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

/* The file is closed and has no request in flight. */
static void xsdev_end(struct work_struct *work)
{
	struct xsdev_file *file = container_of(work, struct xsdev_file, end);
	struct xsdev_watch *w, *next_w;
	struct xsdev_msg *msg, *next;
	unsigned int i;

	list_for_each_entry_safe(w, next_w, &file->watches, link)
		xsdev_end_watch(w);
	for (i = 0; i < file->nr_tx; i++)
		xenbus_transaction_end((struct xenbus_transaction){
					file->tx[i] }, 1);
	list_for_each_entry_safe(msg, next, &file->msgs, link)
		xsdev_msg_free(msg);
	kfree(file);
	if (atomic_dec_and_test(&xsdev_files))
		wake_up_all(&xsdev_idle);
}

int xsdev_open(struct inode *inode, struct file *f)
{
	struct xsdev_file *file = kzalloc(sizeof(*file), GFP_KERNEL);

	if (!file)
		return -ENOMEM;
	refcount_set(&file->refs, 1);
	INIT_WORK(&file->end, xsdev_end);
	mutex_init(&file->writer);
	mutex_init(&file->reader);
	spin_lock_init(&file->lock);
	init_waitqueue_head(&file->wait);
	INIT_LIST_HEAD(&file->watches);
	INIT_LIST_HEAD(&file->msgs);
	file->first = 1;	/* 0 means no message */
	file->next = 1;
	atomic_inc(&xsdev_files);
	f->private_data = file;
	return stream_open(inode, f);
}

int xsdev_release(struct inode *inode, struct file *f)
{
	xsdev_put(f->private_data);
	return 0;
}

const struct file_operations xen_xenbus_fops = {
	.owner = THIS_MODULE,
	.open = xsdev_open,
	.release = xsdev_release,
	.read = xsdev_read,
	.write = xsdev_write,
	.poll = xsdev_poll,
};
EXPORT_SYMBOL_GPL(xen_xenbus_fops);

static struct miscdevice xsdev_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/xenbus",
	.fops = &xen_xenbus_fops,
	.mode = 0600,
};

int xsdev_init(void)
{
	int err;

	xsdev_wq = alloc_workqueue("xenbus_dev", WQ_UNBOUND, 0);
	if (!xsdev_wq)
		return -ENOMEM;
	err = misc_register(&xsdev_misc);
	if (err)
		destroy_workqueue(xsdev_wq);
	return err;
}

/* All files are closed, but their requests may be in flight. */
void xsdev_exit(void)
{
	misc_deregister(&xsdev_misc);
	xsreq_cancel(xsdev_answered);
	wait_event(xsdev_idle, !atomic_read(&xsdev_files));
	destroy_workqueue(xsdev_wq);
}
