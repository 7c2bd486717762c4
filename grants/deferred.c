// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unrevoked grants: references whose access could not be ended, because another
 * domain has the page mapped. They are tried again until it can be ended, and
 * their pages are not freed before. The list is linked through the references
 * themselves, so deferring needs no memory and cannot fail.
 */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/workqueue.h>
#include "grants.h"

/* Limits the time of an iteration, not the memory that is held. */
static unsigned int free_per_iteration = 256;
module_param(free_per_iteration, uint, 0644);
MODULE_PARM_DESC(free_per_iteration, "references still in use that are tried again per second; 0: all (default: 256)");

static void deferred_run(struct work_struct *work);

static struct {
	spinlock_t lock;	/* protects the fields below */
	grant_ref_t head;
	grant_ref_t tail;
	unsigned int nr;
	unsigned int pages;	/* entries of @nr that hold a page */
	unsigned int peak;
	u64 total;
	u64 ended;
	bool stopped;
	struct delayed_work work;
} deferred = {
	.lock = __SPIN_LOCK_UNLOCKED(deferred.lock),
	.head = GRANT_LIST_END,
	.work = __DELAYED_WORK_INITIALIZER(deferred.work, deferred_run, 0),
};

/* Under the lock. */
static void deferred_push(grant_ref_t ref)
{
	lockdep_assert_held(&deferred.lock);
	*grant_next(ref) = GRANT_LIST_END;
	if (deferred.head == GRANT_LIST_END)
		deferred.head = ref;
	else
		*grant_next(deferred.tail) = ref;
	deferred.tail = ref;
	deferred.nr++;
	deferred.pages += !!*grant_deferred_page(ref);
}

/* Under the lock. */
static grant_ref_t deferred_pop(void)
{
	grant_ref_t ref = deferred.head;

	lockdep_assert_held(&deferred.lock);
	if (ref != GRANT_LIST_END) {
		deferred.head = *grant_next(ref);
		deferred.nr--;
		deferred.pages -= !!*grant_deferred_page(ref);
	}
	return ref;
}

/* Under the lock. */
static void deferred_rearm(void)
{
	lockdep_assert_held(&deferred.lock);
	if (deferred.nr && !deferred.stopped)
		queue_delayed_work(grant_wq, &deferred.work, HZ);
}

/**
 * grant_deferred_add() - end access later
 * @ref:  in use; freed when access has ended
 * @page: page whose reference is dropped then; NULL: none
 *
 * Context: any.
 */
void grant_deferred_add(grant_ref_t ref, struct page *page)
{
	unsigned long flags;

	spin_lock_irqsave(&deferred.lock, flags);
	*grant_deferred_page(ref) = page;
	deferred_push(ref);
	deferred.total++;
	deferred.peak = max(deferred.peak, deferred.nr);
	deferred_rearm();
	spin_unlock_irqrestore(&deferred.lock, flags);
}

/* Try the entry that has waited longest. Returns false if there is none. */
static bool deferred_try(void)
{
	struct page *page;
	grant_ref_t ref;

	spin_lock_irq(&deferred.lock);
	ref = deferred_pop();
	if (ref == GRANT_LIST_END) {
		spin_unlock_irq(&deferred.lock);
		return false;
	}
	if (!grant_entry_end(ref)) {
		deferred_push(ref);
		spin_unlock_irq(&deferred.lock);
		return true;
	}
	page = *grant_deferred_page(ref);
	deferred.ended++;
	spin_unlock_irq(&deferred.lock);

	gnttab_free_grant_reference(ref);
	if (page)
		put_page(page);
	return true;
}

/* Try each entry at most once. */
static void deferred_iterate(unsigned int nr)
{
	nr = min(nr, READ_ONCE(deferred.nr));
	while (nr-- && deferred_try())
		cond_resched();
}

static void deferred_run(struct work_struct *work)
{
	deferred_iterate(READ_ONCE(free_per_iteration) ?: UINT_MAX);
	spin_lock_irq(&deferred.lock);
	deferred_rearm();
	spin_unlock_irq(&deferred.lock);
}

/**
 * grant_deferred_wait() - wait until other domains have unmapped the pages
 * @msecs: time limit
 *
 * Context: process.
 */
void grant_deferred_wait(unsigned int msecs)
{
	unsigned long end = jiffies + msecs_to_jiffies(msecs);

	do {
		deferred_iterate(UINT_MAX);
		if (!READ_ONCE(deferred.nr))
			return;
		msleep(20);
	} while (time_before(jiffies, end));
}

/**
 * grant_deferred_exit() - stop trying
 *
 * References that are still in use stay granted, so their pages stay allocated
 * forever.
 *
 * Return: number of references still in use.
 * Context: process.
 */
unsigned int grant_deferred_exit(void)
{
	spin_lock_irq(&deferred.lock);
	deferred.stopped = true;
	spin_unlock_irq(&deferred.lock);
	cancel_delayed_work_sync(&deferred.work);
	return READ_ONCE(deferred.nr);
}

/**
 * grant_deferred_show() - print counters
 * @s: seq_file to print to
 */
void grant_deferred_show(struct seq_file *s)
{
	spin_lock_irq(&deferred.lock);
	seq_printf(s, "deferred %u pages %u peak %u total %llu ended %llu\n",
		   deferred.nr, deferred.pages, deferred.peak, deferred.total,
		   deferred.ended);
	spin_unlock_irq(&deferred.lock);
}

/**
 * gnttab_try_end_foreign_access() - end access and free the reference
 * @ref: the reference
 *
 * Return: 1, or 0 if it is in use: then the reference is not freed, and the
 * page must not be used for anything else.
 * Context: any.
 */
int gnttab_try_end_foreign_access(grant_ref_t ref)
{
	if (!grant_entry_end(ref))
		return 0;
	gnttab_free_grant_reference(ref);
	return 1;
}
EXPORT_SYMBOL_GPL(gnttab_try_end_foreign_access);

/**
 * gnttab_end_foreign_access() - end access as soon as possible
 * @ref:  the reference; freed when access has ended
 * @page: page whose reference, passed by the caller, is dropped then; NULL: the
 *        caller keeps its reference, and an additional one is held until then
 *
 * Context: any.
 */
void gnttab_end_foreign_access(grant_ref_t ref, struct page *page)
{
	unsigned long frame;

	if (likely(gnttab_try_end_foreign_access(ref))) {
		if (page)
			put_page(page);
		return;
	}
	if (!page) {
		frame = grant_entry_frame(ref);
		if (pfn_valid(frame)) {
			page = pfn_to_page(frame);
			get_page(page);
		}
	}
	grant_deferred_add(ref, page);
}
EXPORT_SYMBOL_GPL(gnttab_end_foreign_access);
