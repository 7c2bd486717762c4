// SPDX-License-Identifier: GPL-2.0-only
/* Devices that wait for resources to connect, and caches that release some. */
#include <linux/export.h>
#include <linux/mutex.h>
#include <xenpv/fsm.h>
#include <xenpv/shortage.h>
#include "common.h"

/* Interval of the next try if no notification about freed references comes. */
#define XPV_SHORTAGE_RETRY	(2 * HZ)

static LIST_HEAD(xpv_caches);
static DEFINE_MUTEX(xpv_caches_lock);	/* protects the list */

static void xpv_shortage_work(struct work_struct *work)
{
	struct xpv_shortage *s = container_of(to_delayed_work(work),
					      struct xpv_shortage, work);

	xpv_fsm_kick(s->m);
}

/* Called by the grant table code under its lock. */
static void xpv_shortage_passed(void *arg)
{
	struct xpv_shortage *s = arg;

	mod_delayed_work(xpv_wq, &s->work, 0);
}

/**
 * xpv_shortage_init() - initialise a device's shortage
 * @s: zeroed memory
 * @m: the device's machine
 */
void xpv_shortage_init(struct xpv_shortage *s, struct xpv_fsm *m)
{
	s->m = m;
	INIT_DELAYED_WORK(&s->work, xpv_shortage_work);
}
EXPORT_SYMBOL_GPL(xpv_shortage_init);

/**
 * xpv_shortage_is() - test whether a device has to wait for more resources
 * @s:   shortage of the device
 * @err: 0 or negative: result of setting up its connection
 *
 * A device that is Closing does not: the error was reported where it was found.
 *
 * Return: true if xpv_shortage_wait() is to be called.
 * Context: any.
 */
bool xpv_shortage_is(const struct xpv_shortage *s, int err)
{
	return xpv_is_shortage(err) && xpv_fsm_state(s->m) != XenbusStateClosing;
}
EXPORT_SYMBOL_GPL(xpv_shortage_is);

static const char *xpv_shortage_of(int err, u16 refs)
{
	if (err == -ENFILE)
		return "too few event channels";
	if (err != -ENOSPC)
		return "too little memory";
	return refs ? "too few grant references" : "no room to map grants";
}

/**
 * xpv_shortage_wait() - run the machine again when there may be enough
 * @s:    shortage of a device
 * @name: name of the disk or interface, for the log
 * @err:  -ENOSPC: no grant references, or in a backend no room to map grants;
 *        -ENFILE: no event channels; -ENOMEM: no memory
 * @refs: number of references that would suffice; 0 in a backend
 *
 * The device stays in its current state and releases what it took.
 *
 * Context: process, in an action of the machine.
 */
void xpv_shortage_wait(struct xpv_shortage *s, const char *name, int err,
		       u16 refs)
{
	lockdep_assert_held(&s->m->act);
	if (!s->told)
		dev_warn(&s->m->dev->dev,
			 "%s: %s to connect, waiting for more\n", name,
			 xpv_shortage_of(err, refs));
	s->told = true;
	mod_delayed_work(xpv_wq, &s->work, XPV_SHORTAGE_RETRY);
	if (err == -ENOSPC && refs)
		gnttab_request_free_callback(&s->cb, xpv_shortage_passed, s,
					     refs);
}
EXPORT_SYMBOL_GPL(xpv_shortage_wait);

/**
 * xpv_shortage_over() - the device has connected, or will not connect
 * @s: shortage of a device
 *
 * Context: process, in an action of the machine.
 */
void xpv_shortage_over(struct xpv_shortage *s)
{
	gnttab_cancel_free_callback(&s->cb);
	cancel_delayed_work(&s->work);
	s->told = false;
}
EXPORT_SYMBOL_GPL(xpv_shortage_over);

/**
 * xpv_shortage_stop() - stop waiting; for remove()
 * @s: shortage of a device whose machine is stopped
 *
 * Nothing runs any more when this returns.
 */
void xpv_shortage_stop(struct xpv_shortage *s)
{
	gnttab_cancel_free_callback(&s->cb);
	cancel_delayed_work_sync(&s->work);
	s->told = false;
}
EXPORT_SYMBOL_GPL(xpv_shortage_stop);

/**
 * xpv_shortage_spare() - test whether references are left for other devices
 *
 * A device asks this after it has taken more references than it needs.
 *
 * Return: false if the device should give the additional ones back.
 * Context: process.
 */
bool xpv_shortage_spare(void)
{
	grant_ref_t head;

	if (gnttab_alloc_grant_references(XPV_SPARE_REFS, &head))
		return false;
	gnttab_free_grant_references(head);
	return true;
}
EXPORT_SYMBOL_GPL(xpv_shortage_spare);

/**
 * xpv_cache_add() - register a cache
 * @c: cache
 */
void xpv_cache_add(struct xpv_cache *c)
{
	mutex_lock(&xpv_caches_lock);
	list_add(&c->list, &xpv_caches);
	mutex_unlock(&xpv_caches_lock);
}
EXPORT_SYMBOL_GPL(xpv_cache_add);

/**
 * xpv_cache_remove() - unregister a cache
 * @c: cache; its function does not run any more when this returns
 */
void xpv_cache_remove(struct xpv_cache *c)
{
	mutex_lock(&xpv_caches_lock);
	list_del(&c->list);
	mutex_unlock(&xpv_caches_lock);
}
EXPORT_SYMBOL_GPL(xpv_cache_remove);

/**
 * xpv_caches_relax() - make all caches release what is idle
 *
 * Context: process; the caller may hold the lock of a state machine.
 */
void xpv_caches_relax(void)
{
	struct xpv_cache *c;

	mutex_lock(&xpv_caches_lock);
	list_for_each_entry(c, &xpv_caches, list)
		c->relax();
	mutex_unlock(&xpv_caches_lock);
}
EXPORT_SYMBOL_GPL(xpv_caches_relax);
