// SPDX-License-Identifier: GPL-2.0-only
/* xpv_store_update(): which transactions are tried again, and how often. */
#include "kernel/thread.h"
#include "ktap.h"

/* What <xenpv/store.h> takes from the kernel's headers. */
#define XENPV_STORE_H
#define UNIT_IRQ_H
#include <xenpv/parse.h>

#define XPV_PATH_MAX	128
#define XENBUS_MAX_RING_GRANT_ORDER	4
#define XBT_NIL		((struct xenbus_transaction){ 0 })

typedef u32 grant_ref_t;

enum xenbus_state { XenbusStateInitialising = 1 };

struct xenbus_transaction {
	u32 id;
};

struct xenbus_device {
	const char *nodename;
	enum xenbus_state state;
};

struct xenbus_watch {
	char *node;
	bool (*will_handle)(struct xenbus_watch *w, const char *p, const char *t);
	void (*callback)(struct xenbus_watch *w, const char *p, const char *t);
};

struct xpv_refs {
	unsigned int nr;
	grant_ref_t ref[16];
};

struct xpv_number {
	const char *key;
	u64 val;
	bool omit;
};

#define U64_MAX		UINT64_MAX
#define min(a, b)	((a) < (b) ? (a) : (b))
#define time_before(a, b)	time_after(b, a)
#define DEFINE_MUTEX(name)	spinlock_t name
#define mutex_lock		spin_lock
#define mutex_unlock		spin_unlock
#define lockdep_assert_held(l)	assert((l)->held)
#define memalloc_noio_save()	0
#define memalloc_noio_restore(f)	((void)(f))
#define kvasprintf(gfp, fmt, args)	(vsnprintf(NULL, 0, fmt, args), NULL)
#define xenbus_read(t, d, k, l)	((void)(t), (void)(l), ERR_PTR(-ENOENT))
#define xenbus_directory(t, d, k, n)	((void)(t), *(n) = 0, ERR_PTR(-ENOENT))
#define xenbus_rm(t, d, k)	((void)(t), 0)
#define xenbus_dev_error(d, e, ...)	((void)(d))
#define register_xenbus_watch(w)	((void)(w), 0)
#define unregister_xenbus_watch(w)	((void)(w))

/* ---- a store of one key ---- */

static bool kernel_waits(void) { return false; }

static unsigned int started, ended, aborted;
static unsigned int lost, collided;	/* so many transactions will be */
static bool is_lost, has_key;
static int full;			/* the error of a start, while more than 0 of */
static unsigned int nr_full;

static void store_begins(unsigned int nr_lost, unsigned int nr_collided)
{
	started = ended = aborted = nr_full = 0;
	lost = nr_lost;
	collided = nr_collided;
	has_key = true;
}

static int xenbus_transaction_start(struct xenbus_transaction *xbt)
{
	if (nr_full) {
		nr_full--;
		return full;
	}
	xbt->id = ++started;
	is_lost = lost;
	lost -= is_lost;
	return 0;
}

static int xenbus_transaction_end(struct xenbus_transaction xbt, int abort)
{
	check_eq(xbt.id, started);
	ended++;
	aborted += abort;
	if (is_lost)
		return -EAGAIN;
	if (abort || !collided)
		return 0;
	collided--;
	return -EAGAIN;
}

static bool xenbus_exists(struct xenbus_transaction xbt, const char *dir,
			  const char *key)
{
	(void)xbt;
	return has_key && !is_lost;
}

static int xenbus_scanf(struct xenbus_transaction xbt, const char *dir,
			const char *key, const char *fmt, int *val)
{
	*val = 1;
	return xenbus_exists(xbt, dir, key) ? 1 : -ENOENT;
}

static int xenbus_printf(struct xenbus_transaction xbt, const char *dir,
			 const char *key, const char *fmt, ...)
{
	(void)xbt;
	return is_lost ? -EAGAIN : 0;
}

int xpv_parse_uint(const char *s, size_t len, u64 *val) { return -EINVAL; }

int xpv_parse_order(u64 pages, unsigned int *order) { return -EINVAL; }

#include "../../common/store.c"
#include "../../common/transaction.c"

/* ---- who writes ---- */

static int writes(void *data, struct xenbus_transaction xbt)
{
	return xenbus_printf(xbt, data, "key", "1");
}

/* As most do: a key that cannot be read is not there. */
static int looks(void *data, struct xenbus_transaction xbt)
{
	return xenbus_exists(xbt, data, "key") ? writes(data, xbt) : -ENOENT;
}

static void once(void)
{
	store_begins(0, 0);
	check_eq(xpv_store_update(looks, "dir"), 0);
	check_eq(started, 1);
	check_eq(ended, 1);
	check_eq(aborted, 0);
}

static void collisions(void)
{
	store_begins(0, 3);
	check_eq(xpv_store_update(looks, "dir"), 0);
	check_eq(started, 4);
	store_begins(0, 99);
	check_eq(xpv_store_update(looks, "dir"), 0);
	store_begins(0, 1000);
	check_eq(xpv_store_update(looks, "dir"), -EAGAIN);
	check_eq(started, 100);
	check_eq(ended, 100);
}

/* A request before the end says so. */
static void lost_at_write(void)
{
	store_begins(2, 1);
	check_eq(xpv_store_update(writes, "dir"), 0);
	check_eq(started, 4);
	check_eq(aborted, 2);
	store_begins(1000, 0);
	check_eq(xpv_store_update(writes, "dir"), -EAGAIN);
	check_eq(started, 100);
	check_eq(ended, 100);
}

/* It looked as if the key were missing. */
static void lost_at_read(void)
{
	store_begins(2, 0);
	check_eq(xpv_store_update(looks, "dir"), 0);
	check_eq(started, 3);
	check_eq(aborted, 2);
}

static void missing(void)
{
	store_begins(0, 0);
	has_key = false;
	check_eq(xpv_store_update(looks, "dir"), -ENOENT);
	check_eq(started, 1);
	check_eq(aborted, 1);
}

/* No room for a transaction: for a while, and for ever. */
static void no_room(void)
{
	unsigned long begin = jiffies;

	store_begins(0, 0);
	full = -ENOSPC;
	nr_full = 5;
	check_eq(xpv_store_update(looks, "dir"), 0);
	check_eq(started, 1);
	nr_full = 1U << 30;
	check_eq(xpv_store_update(looks, "dir"), -ENOSPC);
	check(jiffies - begin < 12 * HZ);
	full = -EIO;
	check_eq(xpv_store_update(looks, "dir"), -EIO);
	check_eq(started, 1);
}

static const struct ktap_case cases[] = {
	{ "a transaction", once },
	{ "collisions", collisions },
	{ "a transaction that is lost before a write", lost_at_write },
	{ "a transaction that is lost before a read", lost_at_read },
	{ "a missing key", missing },
	{ "no room for a transaction", no_room },
};

KTAP_MAIN(cases)
