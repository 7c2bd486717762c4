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
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "dev.h"

static struct workqueue_struct *xsdev_wq;
static atomic_t xsdev_files = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(xsdev_idle);

static void xsdev_put(struct xsdev_file *file)
{
	if (refcount_dec_and_test(&file->refs))
		queue_work(xsdev_wq, &file->end);
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
