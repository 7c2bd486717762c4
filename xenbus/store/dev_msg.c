// SPDX-License-Identifier: GPL-2.0-only
/* Messages of an open file of /dev/xen/xenbus that are to be read. */
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "dev.h"

void xsdev_msg_free(struct xsdev_msg *msg)
{
	if (msg->req)
		xsreq_put(msg->req);
	kfree(msg);
}

/* Under @file->lock. */
void xsdev_append(struct xsdev_file *file, struct xsdev_msg *msg)
{
	lockdep_assert_held(&file->lock);
	list_add_tail(&msg->link, &file->msgs);
	file->next++;
	if (msg->head.type == XS_WATCH_EVENT)
		file->nr_events++;
	wake_up_interruptible(&file->wait);
}

/* The result of a request that was handled without the store. */
void xsdev_set_result(struct xsdev_msg *msg, const struct xsd_sockmsg *head,
		      int err)
{
	msg->head = *head;
	if (err)
		msg->head.type = XS_ERROR;
	msg->body = err ? xswire_error(err) : "OK";
	msg->head.len = strlen(msg->body) + 1;
}

struct xsdev_msg *xsdev_event_alloc(const char *path, const char *token)
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

/* The first message was read completely. */
void xsdev_pop(struct xsdev_file *file, struct xsdev_msg *msg)
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

struct xsdev_msg *xsdev_peek(struct xsdev_file *file)
{
	struct xsdev_msg *msg;

	spin_lock(&file->lock);
	msg = list_first_entry_or_null(&file->msgs, struct xsdev_msg, link);
	spin_unlock(&file->lock);
	return msg;
}

/* Copy as much of a message as fits. Returns bytes, or -EFAULT. */
ssize_t xsdev_copy(struct xsdev_msg *msg, char __user *buf, size_t len)
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
