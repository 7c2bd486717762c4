// SPDX-License-Identifier: GPL-2.0-only
/*
 * The xenstore keys that every split driver has: bounded numbers, queues, ring
 * pages in both spellings. Any value may come from a hostile peer.
 */
#include <linux/export.h>
#include <linux/slab.h>
#include <xenpv/parse.h>
#include <xenpv/store.h>

/**
 * xpv_store_uint() - read a bounded unsigned number
 * @dir: directory
 * @key: key in the directory
 * @min: least value allowed
 * @max: greatest value allowed
 * @val: result, untouched on error
 *
 * Return: 0; -ENOENT if the key is missing; -EINVAL if it is no number; -ERANGE
 * if it is out of bounds; or the store's error.
 * Context: process.
 */
int xpv_store_uint(const char *dir, const char *key, u64 min, u64 max,
		   u64 *val)
{
	unsigned int len;
	char *text;
	u64 v;
	int err;

	text = xenbus_read(XBT_NIL, dir, key, &len);
	if (IS_ERR(text))
		return PTR_ERR(text);
	err = xpv_parse_uint(text, len, &v);
	kfree(text);
	if (err)
		return err;
	if (v < min || v > max)
		return -ERANGE;
	*val = v;
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_store_uint);

/**
 * xpv_store_flag() - read a boolean
 * @dir:     directory
 * @key:     key in the directory
 * @missing: value if the key is missing
 * @val:     result; @missing also on error
 *
 * Any number but 0 is true.
 * Return: 0, also if missing; or as xpv_store_uint().
 * Context: process.
 */
int xpv_store_flag(const char *dir, const char *key, bool missing, bool *val)
{
	u64 v = missing;
	int err = xpv_store_uint(dir, key, 0, U64_MAX, &v);

	*val = v;
	return err == -ENOENT ? 0 : err;
}
EXPORT_SYMBOL_GPL(xpv_store_flag);

/**
 * xpv_store_find() - read a number that may be missing or invalid
 * @dir: directory
 * @key: key in the directory
 * @val: result, untouched if there is no number
 *
 * Return: how the key was found; a parser judges that.
 * Context: process.
 */
enum xpv_found xpv_store_find(const char *dir, const char *key, u64 *val)
{
	switch (xpv_store_uint(dir, key, 0, U64_MAX, val)) {
	case 0:
		return XPV_FOUND_NUMBER;
	case -EINVAL:
	case -ERANGE:
		return XPV_FOUND_GARBAGE;
	default:
		return XPV_FOUND_NOTHING;
	}
}
EXPORT_SYMBOL_GPL(xpv_store_find);

/**
 * xpv_store_queues() - read the number of queues that a frontend wants
 * @dir: the frontend's directory
 * @max: number that the backend offered
 * @nr:  result; 1 if the key is missing
 *
 * Return: 0, or as xpv_store_uint() if the frontend asks for none or for more
 * than @max.
 * Context: process.
 */
int xpv_store_queues(const char *dir, unsigned int max, unsigned int *nr)
{
	u64 v = 1;
	int err = xpv_store_uint(dir, "multi-queue-num-queues", 1, max, &v);

	if (err && err != -ENOENT)
		return err;
	*nr = v;
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_store_queues);

/**
 * xpv_store_max_order() - read the largest ring that a backend offers
 * @dir:   the backend's directory
 * @order: result: log2 of pages, at most XENBUS_MAX_RING_GRANT_ORDER; 0 if the
 *         backend offers nothing or something invalid
 *
 * Reads max-ring-page-order, or else the older max-ring-pages.
 *
 * Return: 0, or as xpv_store_uint() for an invalid value.
 * Context: process.
 */
int xpv_store_max_order(const char *dir, unsigned int *order)
{
	unsigned int o;
	u64 v = 0;
	int err;

	*order = 0;
	err = xpv_store_uint(dir, "max-ring-page-order", 0, U64_MAX, &v);
	if (err == -ENOENT) {
		err = xpv_store_uint(dir, "max-ring-pages", 1, U64_MAX, &v);
		if (!err && !xpv_parse_order(v, &o))
			v = o;
	}
	if (!err)
		*order = min_t(u64, v, XENBUS_MAX_RING_GRANT_ORDER);
	return err == -ENOENT ? 0 : err;
}
EXPORT_SYMBOL_GPL(xpv_store_max_order);

/**
 * xpv_store_order() - read the ring size that a frontend chose
 * @dir:       the frontend's directory
 * @max_order: the largest order that the backend offered
 * @order:     result: log2 of pages
 * @single:    result: neither key exists, so the ring has one page and its key
 *             has no number
 *
 * Reads ring-page-order, or else the older num-ring-pages.
 *
 * Return: 0, -EINVAL if the number of pages is no power of two, or as
 * xpv_store_uint().
 * Context: process.
 */
int xpv_store_order(const char *dir, unsigned int max_order,
		    unsigned int *order, bool *single)
{
	unsigned int o = 0;
	u64 v = 0;
	int err;

	*single = false;
	err = xpv_store_uint(dir, "ring-page-order", 0, max_order, &v);
	if (!err) {
		*order = v;
		return 0;
	}
	if (err != -ENOENT)
		return err;
	err = xpv_store_uint(dir, "num-ring-pages", 1, 1ULL << max_order, &v);
	if (err && err != -ENOENT)
		return err;
	*single = err == -ENOENT;
	if (!err && (xpv_parse_order(v, &o) || 1ULL << o != v))
		return -EINVAL;
	*order = o;
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_store_order);

/**
 * xpv_store_queue_path() - build the path of a queue's directory
 * @path:      XPV_PATH_MAX bytes for the result
 * @dir:       the device's directory
 * @queue:     index
 * @nr_queues: number of queues; a single queue has its keys in @dir itself
 *
 * Return: 0 or -ENAMETOOLONG.
 */
int xpv_store_queue_path(char *path, const char *dir, unsigned int queue,
			 unsigned int nr_queues)
{
	int len;

	if (nr_queues > 1)
		len = snprintf(path, XPV_PATH_MAX, "%s/queue-%u", dir, queue);
	else
		len = snprintf(path, XPV_PATH_MAX, "%s", dir);
	return len < XPV_PATH_MAX ? 0 : -ENAMETOOLONG;
}
EXPORT_SYMBOL_GPL(xpv_store_queue_path);

#define XPV_REF_NAME	32

static void xpv_store_ref_name(char *name, const char *key, bool single,
			       unsigned int i)
{
	if (single)
		snprintf(name, XPV_REF_NAME, "%s", key);
	else
		snprintf(name, XPV_REF_NAME, "%s%u", key, i);
}

/**
 * xpv_store_refs() - read a ring's grant references
 * @dir:    the queue's directory
 * @key:    "ring-ref", "tx-ring-ref" or the like
 * @single: there is one reference, and @key has no number
 * @refs:   @refs->nr is set by the caller, the rest is the result
 *
 * Return: 0 or as xpv_store_uint().
 * Context: process.
 */
int xpv_store_refs(const char *dir, const char *key, bool single,
		   struct xpv_refs *refs)
{
	char name[XPV_REF_NAME];
	unsigned int i;
	u64 v;
	int err;

	for (i = 0; i < refs->nr; i++) {
		xpv_store_ref_name(name, key, single, i);
		err = xpv_store_uint(dir, name, 0, U32_MAX, &v);
		if (err)
			return err;
		refs->ref[i] = v;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_store_refs);

/**
 * xpv_store_write_refs() - publish a ring's grant references
 * @xbt:    transaction
 * @dir:    the queue's directory
 * @key:    "ring-ref", "tx-ring-ref" or the like
 * @single: write @key without a number; @refs->nr is then 1
 * @refs:   the references
 *
 * Return: 0 or the store's error.
 * Context: process.
 */
int xpv_store_write_refs(struct xenbus_transaction xbt, const char *dir,
			 const char *key, bool single,
			 const struct xpv_refs *refs)
{
	char name[XPV_REF_NAME];
	unsigned int i;
	int err;

	for (i = 0; i < refs->nr; i++) {
		xpv_store_ref_name(name, key, single, i);
		err = xenbus_printf(xbt, dir, name, "%u", refs->ref[i]);
		if (err)
			return err;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_store_write_refs);

/**
 * xpv_store_write_numbers() - write feature keys
 * @xbt: transaction
 * @dir: directory of a device
 * @n:   keys and values
 * @nr:  number of keys
 *
 * A write into a removed directory would recreate it, and the bus would not
 * notice that the device is gone. So this checks that the directory exists.
 *
 * Return: 0; -ENOENT if the directory is gone; or the store's error.
 * Context: process.
 */
int xpv_store_write_numbers(struct xenbus_transaction xbt, const char *dir,
			    const struct xpv_number *n, unsigned int nr)
{
	unsigned int i;
	int err = 0;

	if (!xenbus_exists(xbt, dir, "state"))
		return -ENOENT;
	for (i = 0; i < nr && !err; i++)
		if (!n[i].omit)
			err = xenbus_printf(xbt, dir, n[i].key, "%llu",
					    n[i].val);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_store_write_numbers);

/**
 * xpv_store_clean() - remove the keys of an earlier connection
 * @xbt:      transaction
 * @dir:      directory
 * @is_stale: returns true for a key to remove
 *
 * Return: 0 or the store's error.
 * Context: process.
 */
int xpv_store_clean(struct xenbus_transaction xbt, const char *dir,
		    bool (*is_stale)(const char *key))
{
	unsigned int nr, i;
	char **names;
	int err = 0;

	names = xenbus_directory(xbt, dir, "", &nr);
	if (IS_ERR(names))
		return PTR_ERR(names);
	for (i = 0; i < nr && !err; i++)
		if (is_stale(names[i]))
			err = xenbus_rm(xbt, dir, names[i]);
	kfree(names);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_store_clean);

/**
 * xpv_store_watch() - register a watch that a device can do without
 * @watch:       filled here
 * @will_handle: as for xenbus_watch_pathfmt()
 * @callback:    as for xenbus_watch_pathfmt()
 * @fmt:         format of the path
 *
 * Unlike xenbus_watch_pathfmt() this does not close the device on failure.
 *
 * Return: 0; -E2BIG if the store allows no more watches; or another negative
 * error.
 * Context: process.
 */
int xpv_store_watch(struct xenbus_watch *watch,
		    bool (*will_handle)(struct xenbus_watch *watch,
					const char *path, const char *token),
		    void (*callback)(struct xenbus_watch *watch,
				     const char *path, const char *token),
		    const char *fmt, ...)
{
	va_list args;
	int err;

	va_start(args, fmt);
	watch->node = kvasprintf(GFP_NOIO | __GFP_HIGH, fmt, args);
	va_end(args);
	if (!watch->node)
		return -ENOMEM;
	watch->will_handle = will_handle;
	watch->callback = callback;
	err = register_xenbus_watch(watch);
	if (err) {
		kfree(watch->node);
		watch->node = NULL;
	}
	return err;
}
EXPORT_SYMBOL_GPL(xpv_store_watch);

/**
 * xpv_store_unwatch() - unregister a watch of xpv_store_watch()
 * @watch: may be one that was never registered
 *
 * Must not be called in an action that remove() waits for: this may wait for
 * the xenwatch thread.
 *
 * Context: process.
 */
void xpv_store_unwatch(struct xenbus_watch *watch)
{
	if (!watch->node)
		return;
	unregister_xenbus_watch(watch);
	kfree(watch->node);
	watch->node = NULL;
}
EXPORT_SYMBOL_GPL(xpv_store_unwatch);
