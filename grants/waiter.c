// SPDX-License-Identifier: GPL-2.0-only
/* Freeing references, and callbacks for users that wait for free ones. */
#include <linux/export.h>
#include "grants.h"

static DEFINE_SPINLOCK(waiters_lock);
static struct gnttab_free_callback *waiters;

static struct gnttab_free_callback **waiter_find(struct gnttab_free_callback *cb)
{
	struct gnttab_free_callback **link = &waiters;

	while (*link && *link != cb)
		link = &(*link)->next;
	return link;
}

/**
 * grant_waiters_run() - call the waiters that need no more than is free
 *
 * As long as somebody waits, nothing is cached, so the pool has all free
 * references.
 *
 * Context: any.
 */
void grant_waiters_run(void)
{
	struct gnttab_free_callback **link = &waiters, *cb;
	unsigned long flags;

	spin_lock_irqsave(&waiters_lock, flags);
	while ((cb = *link)) {
		if (grant_free_pooled() < cb->count) {
			link = &cb->next;
			continue;
		}
		*link = cb->next;
		cb->next = NULL;
		grant_free_plenty();
		cb->fn(cb->arg);
	}
	spin_unlock_irqrestore(&waiters_lock, flags);
}

/**
 * gnttab_free_grant_reference() - free a reference
 * @ref: its access has been ended
 *
 * Context: any.
 */
void gnttab_free_grant_reference(grant_ref_t ref)
{
	if (unlikely(grant_free_return(ref)))
		grant_waiters_run();
}
EXPORT_SYMBOL_GPL(gnttab_free_grant_reference);

/**
 * gnttab_free_grant_references() - free a private list
 * @head: the list; may be empty
 *
 * Context: any.
 */
void gnttab_free_grant_references(grant_ref_t head)
{
	if (grant_free_return_list(head))
		grant_waiters_run();
}
EXPORT_SYMBOL_GPL(gnttab_free_grant_references);

/**
 * gnttab_free_grant_reference_seq() - free consecutive references
 * @head:  the lowest one
 * @count: number of references
 *
 * Context: any.
 */
void gnttab_free_grant_reference_seq(grant_ref_t head, unsigned int count)
{
	unsigned int i;

	/* The caches would split the consecutive references. */
	for (i = 0; i < count; i++)
		grant_free_add(head + i);
	grant_waiters_run();
}
EXPORT_SYMBOL_GPL(gnttab_free_grant_reference_seq);

/**
 * gnttab_request_free_callback() - get called once when references are free
 * @callback: memory of the caller; must remain valid until called or cancelled
 * @fn:       may be called at once, in any context, under a lock: it may only
 *            queue work or wake somebody, and must not free references
 * @arg:      argument of @fn
 * @count:    number of references needed
 *
 * Does nothing if @callback is waiting already.
 *
 * Context: any.
 */
void gnttab_request_free_callback(struct gnttab_free_callback *callback,
				  void (*fn)(void *), void *arg, u16 count)
{
	struct gnttab_free_callback **link;
	unsigned long flags;

	spin_lock_irqsave(&waiters_lock, flags);
	link = waiter_find(callback);
	if (!*link) {
		callback->next = NULL;
		callback->fn = fn;
		callback->arg = arg;
		callback->count = count;
		*link = callback;
		grant_free_scarce();
	}
	spin_unlock_irqrestore(&waiters_lock, flags);

	/*
	 * References may have been freed after the caller's attempt, or be in a
	 * cache.
	 */
	grant_free_drain();
	grant_waiters_run();
}
EXPORT_SYMBOL_GPL(gnttab_request_free_callback);

/**
 * gnttab_cancel_free_callback() - cancel a callback
 * @callback: may not be waiting
 *
 * @callback's function is not called, and does not run, when this returns.
 *
 * Context: any, but not from the function itself.
 */
void gnttab_cancel_free_callback(struct gnttab_free_callback *callback)
{
	struct gnttab_free_callback **link;
	unsigned long flags;

	spin_lock_irqsave(&waiters_lock, flags);
	link = waiter_find(callback);
	if (*link) {
		*link = callback->next;
		callback->next = NULL;
		grant_free_plenty();
	}
	spin_unlock_irqrestore(&waiters_lock, flags);
}
EXPORT_SYMBOL_GPL(gnttab_cancel_free_callback);
