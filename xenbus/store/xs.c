// SPDX-License-Identifier: GPL-2.0-only
/* Read and write the store, as <xen/xenbus.h> declares it. */
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "store.h"

#define XS_LISTING_MAX		(256 << 10)	/* bytes of names */
/* for a listing that keeps changing */
#define XS_LISTING_TRIES	16
/* all but the last are nearly full */
#define XS_LISTING_PARTS	256
#define XS_LISTING_SECS		60		/* time limit for all of that */

static char *xs_join(const char *dir, const char *node)
{
	char *path;

	if (*node)
		path = kasprintf(XS_GFP, "%s/%s", dir, node);
	else
		path = kstrdup(dir, XS_GFP);
	return path ?: ERR_PTR(-ENOMEM);
}

/* Send a request about one path, followed by @extra if there is any. */
static void *xs_talk(struct xenbus_transaction t, u32 type, const char *dir,
		     const char *node, const struct xsreq_data *extra, u32 *len)
{
	char *path = xs_join(dir, node);
	struct xsreq_data data[2];
	void *reply;

	if (IS_ERR(path))
		return path;
	data[0] = xsreq_string(path);
	if (extra)
		data[1] = *extra;
	reply = xsreq_talk(type, t.id, data, extra ? 2 : 1, len);
	kfree(path);
	return reply;
}

static int xs_do(struct xenbus_transaction t, u32 type, const char *dir,
		 const char *node, const struct xsreq_data *extra)
{
	void *reply = xs_talk(t, type, dir, node, extra, NULL);

	if (IS_ERR(reply))
		return PTR_ERR(reply);
	kfree(reply);
	return 0;
}

/**
 * struct xs_listing - names collected so far
 * @gen:  generation of the first piece
 * @list: names
 * @len:  bytes of @list
 * @nr:   number of pieces
 * @end:  time limit
 */
struct xs_listing {
	char *gen;
	char *list;
	u32 len;
	unsigned int nr;
	unsigned long end;
};

static void xs_listing_free(struct xs_listing *l)
{
	kfree(l->gen);
	kfree(l->list);
	l->gen = NULL;
	l->list = NULL;
	l->len = 0;
	l->nr = 0;
}

/*
 * True if the listing takes too long: a server could send one name at a time,
 * or answer very slowly.
 */
static bool xs_listing_is_endless(struct xs_listing *l)
{
	return ++l->nr > XS_LISTING_PARTS || time_after(jiffies, l->end);
}

/*
 * Add a piece. Returns 1 if it was the last one, 0 if not, -EAGAIN if the
 * directory has changed, or another error.
 */
static int xs_listing_add(struct xs_listing *l, const char *body, u32 len)
{
	struct xswire_part part;
	char *list;

	if (xswire_part(body, len, &part)) {
		xsstats_count(XSSTAT_BAD_REPLY);
		return -EIO;
	}
	if (!l->gen) {
		l->gen = kstrdup(part.gen, XS_GFP);
		if (!l->gen)
			return -ENOMEM;
	} else if (strcmp(l->gen, part.gen)) {
		return -EAGAIN;
	}
	if (part.len > XS_LISTING_MAX - l->len)
		return -E2BIG;
	/* One more byte, so that the result always ends in a NUL. */
	list = krealloc(l->list, l->len + part.len + 1, XS_GFP | __GFP_NOWARN);
	if (!list)
		return -ENOMEM;
	memcpy(list + l->len, part.list, part.len);
	l->list = list;
	l->len += part.len;
	list[l->len] = '\0';
	return part.last;
}

static int xs_listing_once(struct xs_listing *l, struct xenbus_transaction t,
			   const char *dir, const char *node)
{
	int err;

	do {
		char offset[12];
		struct xsreq_data extra;
		char *body;
		u32 len;

		snprintf(offset, sizeof(offset), "%u", l->len);
		extra = xsreq_string(offset);
		body = xs_talk(t, XS_DIRECTORY_PART, dir, node, &extra, &len);
		if (IS_ERR(body))
			return PTR_ERR(body);
		err = xs_listing_add(l, body, len);
		kfree(body);
		if (!err && xs_listing_is_endless(l)) {
			xsstats_count(XSSTAT_BAD_REPLY);
			err = -EIO;
		}
	} while (!err);
	return err < 0 ? err : 0;
}

/* List a directory that does not fit into one message. */
static int xs_listing_parts(struct xs_listing *l, struct xenbus_transaction t,
			    const char *dir, const char *node)
{
	unsigned int tries;
	int err = -EAGAIN;

	l->end = jiffies + XS_LISTING_SECS * HZ;
	for (tries = 0; tries < XS_LISTING_TRIES && err == -EAGAIN; tries++) {
		xs_listing_free(l);
		err = xs_listing_once(l, t, dir, node);
		if (err == -EAGAIN && time_after(jiffies, l->end))
			break;
	}
	return err;
}

/**
 * xenbus_directory() - list the names in a directory
 * @t:    transaction or XBT_NIL
 * @dir:  path
 * @node: node below it, or ""
 * @num:  result: number of names
 *
 * Return: an array of strings, to be freed by one kfree(); or an ERR_PTR():
 * -ENOENT, -EACCES and the like from the store, -EIO, -ETIMEDOUT, -ENOMEM.
 * Context: process, as with all functions of this file.
 */
char **xenbus_directory(struct xenbus_transaction t, const char *dir,
			const char *node, unsigned int *num)
{
	struct xs_listing l = {};
	char **names, *list;
	int err = 0;
	u32 nr;

	l.list = xs_talk(t, XS_DIRECTORY, dir, node, NULL, &l.len);
	if (IS_ERR(l.list)) {
		err = PTR_ERR(l.list);
		l.list = NULL;
		if (err == -E2BIG)
			err = xs_listing_parts(&l, t, dir, node);
	}
	if (err) {
		names = ERR_PTR(err);
		goto out;
	}
	nr = xswire_names(l.list, l.len);
	names = kmalloc(nr * sizeof(*names) + l.len + 1,
			XS_GFP | __GFP_NOWARN);
	if (!names) {
		names = ERR_PTR(-ENOMEM);
		goto out;
	}
	list = memcpy((char *)(names + nr), l.list, l.len + 1);
	xswire_split(list, l.len, names);
	*num = nr;
out:
	xs_listing_free(&l);
	return names;
}
EXPORT_SYMBOL_GPL(xenbus_directory);

/**
 * xenbus_exists() - test whether a node exists
 * @t:    transaction or XBT_NIL
 * @dir:  path
 * @node: node below it, or ""
 *
 * Return: 1; 0 if it does not exist, or on any error.
 */
int xenbus_exists(struct xenbus_transaction t, const char *dir,
		  const char *node)
{
	void *reply = xs_talk(t, XS_READ, dir, node, NULL, NULL);

	if (IS_ERR(reply))
		return 0;
	kfree(reply);
	return 1;
}
EXPORT_SYMBOL_GPL(xenbus_exists);

/**
 * xenbus_read() - read the value of a node
 * @t:    transaction or XBT_NIL
 * @dir:  path
 * @node: node below it, or ""
 * @len:  result, if not NULL: bytes without the additional NUL
 *
 * Return: the value for kfree(), or an ERR_PTR() as xenbus_directory().
 */
void *xenbus_read(struct xenbus_transaction t, const char *dir,
		  const char *node, unsigned int *len)
{
	return xs_talk(t, XS_READ, dir, node, NULL, len);
}
EXPORT_SYMBOL_GPL(xenbus_read);

/**
 * xenbus_write() - set the value of a node, and create it if necessary
 * @t:      transaction or XBT_NIL
 * @dir:    path
 * @node:   node below it, or ""
 * @string: the value; its NUL is not written
 *
 * Return: 0 or a negative errno; -E2BIG if it does not fit into a message.
 */
int xenbus_write(struct xenbus_transaction t, const char *dir,
		 const char *node, const char *string)
{
	struct xsreq_data value = { string, strlen(string) };

	return xs_do(t, XS_WRITE, dir, node, &value);
}
EXPORT_SYMBOL_GPL(xenbus_write);

/**
 * xenbus_mkdir() - create an empty node, if it does not exist
 * @t:    transaction or XBT_NIL
 * @dir:  path
 * @node: node below it, or ""
 *
 * Return: 0 or a negative errno.
 */
int xenbus_mkdir(struct xenbus_transaction t, const char *dir,
		 const char *node)
{
	return xs_do(t, XS_MKDIR, dir, node, NULL);
}
EXPORT_SYMBOL_GPL(xenbus_mkdir);

/**
 * xenbus_rm() - remove a node and everything below it
 * @t:    transaction or XBT_NIL
 * @dir:  path
 * @node: node below it, or ""
 *
 * Return: 0 or a negative errno.
 */
int xenbus_rm(struct xenbus_transaction t, const char *dir, const char *node)
{
	return xs_do(t, XS_RM, dir, node, NULL);
}
EXPORT_SYMBOL_GPL(xenbus_rm);

/**
 * xenbus_transaction_start() - start a transaction
 * @t: result
 *
 * The caller must end it by xenbus_transaction_end(); a suspend waits for that
 * for some time.
 *
 * Return: 0 or a negative errno.
 */
int xenbus_transaction_start(struct xenbus_transaction *t)
{
	struct xsreq_data nothing = xsreq_string("");
	char *reply;
	u32 len, id;
	int err;

	reply = xsreq_talk(XS_TRANSACTION_START, 0, &nothing, 1, &len);
	if (IS_ERR(reply))
		return PTR_ERR(reply);
	err = xswire_id(reply, len, &id);
	kfree(reply);
	if (err) {
		xsstats_count(XSSTAT_BAD_REPLY);
		return -EIO;
	}
	t->id = id;
	return 0;
}
EXPORT_SYMBOL_GPL(xenbus_transaction_start);

/**
 * xenbus_transaction_end() - commit or abort a transaction
 * @t:     from xenbus_transaction_start(), invalid afterwards
 * @abort: drop its changes
 *
 * Return: 0; -EAGAIN if somebody else changed what it used, or if the
 * connection was lost meanwhile: the caller may repeat the transaction; or a
 * negative errno.
 */
int xenbus_transaction_end(struct xenbus_transaction t, int abort)
{
	struct xsreq_data commit = xsreq_string(abort ? "F" : "T");
	char *reply;

	reply = xsreq_talk(XS_TRANSACTION_END, t.id, &commit, 1, NULL);
	if (IS_ERR(reply))
		return PTR_ERR(reply);
	kfree(reply);
	return 0;
}
EXPORT_SYMBOL_GPL(xenbus_transaction_end);

/**
 * xenbus_scanf() - read a node's value by a format
 * @t:    transaction or XBT_NIL
 * @dir:  path
 * @node: node below it, or ""
 * @fmt:  as for sscanf()
 *
 * Return: number of conversions; -ERANGE if there is none; or a negative errno.
 */
int xenbus_scanf(struct xenbus_transaction t, const char *dir,
		 const char *node, const char *fmt, ...)
{
	char *text = xenbus_read(t, dir, node, NULL);
	va_list args;
	int ret;

	if (IS_ERR(text))
		return PTR_ERR(text);
	va_start(args, fmt);
	ret = vsscanf(text, fmt, args);
	va_end(args);
	kfree(text);
	return ret ?: -ERANGE;
}
EXPORT_SYMBOL_GPL(xenbus_scanf);

/**
 * xenbus_read_unsigned() - read a number that may be missing
 * @dir:         path
 * @node:        node below it, or ""
 * @default_val: result if there is no node, or no number in it
 *
 * Return: the number.
 */
unsigned int xenbus_read_unsigned(const char *dir, const char *node,
				  unsigned int default_val)
{
	unsigned int val;

	return xenbus_scanf(XBT_NIL, dir, node, "%u", &val) == 1 ? val :
								  default_val;
}
EXPORT_SYMBOL_GPL(xenbus_read_unsigned);

/**
 * xenbus_printf() - write a node's value by a format
 * @t:    transaction or XBT_NIL
 * @dir:  path
 * @node: node below it, or ""
 * @fmt:  as for printf()
 *
 * Return: 0 or a negative errno.
 */
int xenbus_printf(struct xenbus_transaction t, const char *dir,
		  const char *node, const char *fmt, ...)
{
	va_list args;
	char *text;
	int err;

	va_start(args, fmt);
	text = kvasprintf(XS_GFP, fmt, args);
	va_end(args);
	if (!text)
		return -ENOMEM;
	err = xenbus_write(t, dir, node, text);
	kfree(text);
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_printf);

/**
 * xenbus_gather() - read several nodes of a directory
 * @t:   transaction or XBT_NIL
 * @dir: path
 *
 * The further arguments are name, sscanf() format, pointer, and so on, with a
 * final NULL. If a format is NULL, the pointer is a char ** for the value as
 * xenbus_read() returns it. After an error the caller has to kfree() the values
 * that were set before.
 *
 * Return: 0; -EINVAL if a value does not match its format; or a negative errno.
 */
int xenbus_gather(struct xenbus_transaction t, const char *dir, ...)
{
	const char *name, *fmt;
	va_list args;
	int err = 0;

	va_start(args, dir);
	while (!err && (name = va_arg(args, const char *))) {
		void *result;
		char *text;

		fmt = va_arg(args, const char *);
		result = va_arg(args, void *);
		text = xenbus_read(t, dir, name, NULL);
		if (IS_ERR(text)) {
			err = PTR_ERR(text);
		} else if (!fmt) {
			*(char **)result = text;
		} else {
			if (sscanf(text, fmt, result) <= 0)
				err = -EINVAL;
			kfree(text);
		}
	}
	va_end(args);
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_gather);
