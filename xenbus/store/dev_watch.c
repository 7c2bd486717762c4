// SPDX-License-Identifier: GPL-2.0-only
/* Watches of an open file of /dev/xen/xenbus. */
#include <linux/slab.h>
#include "dev.h"

#define XSDEV_MAX_EVENTS	1024	/* not read */

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

int xsdev_add_watch(struct xsdev_file *file, const char *node,
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

void xsdev_end_watch(struct xsdev_watch *w)
{
	list_del(&w->link);
	unregister_xenbus_watch(&w->watch);
	xsdev_free_watch(w);
}

int xsdev_remove_watch(struct xsdev_file *file, const char *node,
		       const char *token)
{
	struct xsdev_watch *w = xsdev_find_watch(file, node, token);

	if (!w)
		return -ENOENT;
	xsdev_end_watch(w);
	return 0;
}
