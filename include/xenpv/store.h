/* SPDX-License-Identifier: GPL-2.0-only */
/* Read and write a device's xenstore keys. */
#ifndef XENPV_STORE_H
#define XENPV_STORE_H

#include <xenpv/grant.h>
#include <xenpv/parse.h>
#include <xenpv/xenbus.h>

/* One page of references per ring; the ABI knows no larger ring. */
#define XPV_MAX_RING_PAGES	XENBUS_MAX_RING_GRANTS

/**
 * struct xpv_refs - grant references of one ring's pages
 * @nr:  number of references, 1..XPV_MAX_RING_PAGES
 * @ref: the references
 */
struct xpv_refs {
	unsigned int nr;
	grant_ref_t ref[XPV_MAX_RING_PAGES];
};

/**
 * struct xpv_number - a key to write
 * @key:  name
 * @val:  value
 * @omit: do not write the key, so that the peer uses the default
 */
struct xpv_number {
	const char *key;
	u64 val;
	bool omit;
};

/* "<nodename>/queue-<n>" */
#define XPV_PATH_MAX	128

/*
 * True if the error of one of these functions is the fault of the key's writer.
 */
static inline bool xpv_store_is_wrong(int err)
{
	return err == -EINVAL || err == -ERANGE || err == -ENOENT;
}

int xpv_store_uint(const char *dir, const char *key, u64 min, u64 max,
		   u64 *val);
int xpv_store_flag(const char *dir, const char *key, bool missing, bool *val);
enum xpv_found xpv_store_find(const char *dir, const char *key, u64 *val);
int xpv_store_queues(const char *dir, unsigned int max, unsigned int *nr);
int xpv_store_max_order(const char *dir, unsigned int *order);
int xpv_store_order(const char *dir, unsigned int max_order,
		    unsigned int *order, bool *single);
int xpv_store_queue_path(char *path, const char *dir, unsigned int queue,
			 unsigned int nr_queues);
int xpv_store_refs(const char *dir, const char *key, bool single,
		   struct xpv_refs *refs);
int xpv_store_write_refs(struct xenbus_transaction xbt, const char *dir,
			 const char *key, bool single,
			 const struct xpv_refs *refs);
int xpv_store_write_numbers(struct xenbus_transaction xbt, const char *dir,
			    const struct xpv_number *n, unsigned int nr);
int xpv_store_clean(struct xenbus_transaction xbt, const char *dir,
		    bool (*is_stale)(const char *key));
int xpv_store_update(int (*write)(void *data, struct xenbus_transaction xbt),
		     void *data);
int xpv_store_publish(const char *dir, const struct xpv_number *n,
		      unsigned int nr);
int xpv_store_switch(struct xenbus_device *dev, enum xenbus_state state);
__printf(4, 5)
int xpv_store_watch(struct xenbus_watch *watch,
		    bool (*will_handle)(struct xenbus_watch *watch,
					const char *path, const char *token),
		    void (*callback)(struct xenbus_watch *watch,
				     const char *path, const char *token),
		    const char *fmt, ...);
void xpv_store_unwatch(struct xenbus_watch *watch);

#endif
