// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transactions: keys that are written together, by one device of the domain at a
 * time, also if the store has no room for another transaction just now.
 */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <xenpv/store.h>

#define XPV_STORE_TRIES	100

/* How long to try to begin a transaction while the store's quota is used up. */
#define XPV_STORE_WAIT	(10 * HZ)
/* The limit after a failed try: other devices may be waiting for the lock. */
#define XPV_STORE_LESS	(HZ / 2)
/* The longest pause between two tries, in ms. */
#define XPV_STORE_PAUSE	200U

/*
 * Held over a transaction, so that all devices of the domain use one at a time.
 * The store allows a domain a limited number of transactions, 10 by default,
 * and other programs need some of them.
 */
static DEFINE_MUTEX(xpv_store_lock);
/* The last try failed; under the lock. */
static bool xpv_store_was_full;

/*
 * True if the store's quota of transactions is used up. Beginning one has no
 * argument that could be wrong; the kernel returns -EINVAL for error names that
 * it does not know, such as "EQUOTA".
 */
static bool xpv_store_is_full(int err)
{
	return err == -ENOSPC || err == -E2BIG || err == -EBUSY ||
	       err == -EAGAIN || err == -ENOMEM || err == -EINVAL;
}

/* Other programs of this domain may have used up the quota: wait for them. */
static int xpv_store_begin(struct xenbus_transaction *xbt)
{
	unsigned int pause = 5;
	unsigned long end;
	int err;

	lockdep_assert_held(&xpv_store_lock);
	end = jiffies + (xpv_store_was_full ? XPV_STORE_LESS : XPV_STORE_WAIT);
	while ((err = xenbus_transaction_start(xbt)) &&
	       xpv_store_is_full(err) && time_before(jiffies, end)) {
		msleep(pause);
		pause = min(2 * pause, XPV_STORE_PAUSE);
	}
	xpv_store_was_full = err;
	return err;
}

/**
 * xpv_store_update() - write all keys of a connection in one transaction
 * @write: writes the keys; its writes are undone if it fails
 * @data:  argument of @write
 *
 * If the transaction collides with another one, or if a new connection to the
 * store has ended it, it is tried again, at most XPV_STORE_TRIES times. In
 * these cases the end of the transaction, or any request before it, fails with
 * -EAGAIN. It is also tried again if the store's quota is used up: see
 * XPV_STORE_WAIT. @write must not call this function.
 *
 * Return: 0, the error of @write, or the store's error.
 * Context: process.
 */
int xpv_store_update(int (*write)(void *data, struct xenbus_transaction xbt),
		     void *data)
{
	struct xenbus_transaction xbt;
	unsigned int tries, noio;
	int err = -EAGAIN;

	mutex_lock(&xpv_store_lock);
	/* A disk that reclaim writes to may wait for the lock. */
	noio = memalloc_noio_save();
	for (tries = 0; tries < XPV_STORE_TRIES && err == -EAGAIN; tries++) {
		err = xpv_store_begin(&xbt);
		if (err)
			break;
		err = write(data, xbt);
		if (!err)
			err = xenbus_transaction_end(xbt, 0);
		/*
		 * @write may have misread a lost transaction as a missing key.
		 */
		else if (xenbus_transaction_end(xbt, 1) == -EAGAIN)
			err = -EAGAIN;
	}
	memalloc_noio_restore(noio);
	mutex_unlock(&xpv_store_lock);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_store_update);

struct xpv_numbers {
	const char *dir;
	const struct xpv_number *n;
	unsigned int nr;
};

static int xpv_store_write_all(void *data, struct xenbus_transaction xbt)
{
	const struct xpv_numbers *all = data;

	return xpv_store_write_numbers(xbt, all->dir, all->n, all->nr);
}

/**
 * xpv_store_publish() - write feature keys in a transaction of their own
 * @dir: directory of a device
 * @n:   keys and values
 * @nr:  number of keys
 *
 * Return: as xpv_store_write_numbers().
 * Context: process.
 */
int xpv_store_publish(const char *dir, const struct xpv_number *n,
		      unsigned int nr)
{
	struct xpv_numbers all = { .dir = dir, .n = n, .nr = nr };

	return xpv_store_update(xpv_store_write_all, &all);
}
EXPORT_SYMBOL_GPL(xpv_store_publish);

struct xpv_store_state {
	const char *dir;
	enum xenbus_state state;
};

static int xpv_store_write_state(void *data, struct xenbus_transaction xbt)
{
	const struct xpv_store_state *s = data;
	int is;

	if (xenbus_scanf(xbt, s->dir, "state", "%d", &is) != 1)
		return -ENOENT;
	return xenbus_printf(xbt, s->dir, "state", "%d", s->state);
}

/**
 * xpv_store_switch() - xenbus_switch_state() that waits for the store's quota
 * @dev:   device
 * @state: new state
 *
 * If the directory is gone, only the device's state changes.
 *
 * Return: 0, or the store's error, which is reported to xenbus; the old state
 * is kept on an error.
 * Context: process.
 */
int xpv_store_switch(struct xenbus_device *dev, enum xenbus_state state)
{
	struct xpv_store_state s = { dev->nodename, state };
	enum xenbus_state old = dev->state;
	int err;

	if (state == old)
		return 0;
	/*
	 * Set it before the write's event, whose callback may read it. But a
	 * bus that detects new instances must not see Initialising in the store
	 * alone.
	 */
	if (old != XenbusStateInitialising)
		dev->state = state;
	err = xpv_store_update(xpv_store_write_state, &s);
	if (err == -ENOENT)
		err = 0;
	dev->state = err ? old : state;
	if (err)
		xenbus_dev_error(dev, err, "writing new state");
	return err;
}
EXPORT_SYMBOL_GPL(xpv_store_switch);
