// SPDX-License-Identifier: GPL-2.0-only
/* Unmap other domains' pages: at once, or when nobody uses them any more. */
#include <linux/completion.h>
#include <linux/export.h>
#include <linux/seq_file.h>
#include <linux/workqueue.h>
#include "grants.h"

/* Initial and maximum wait for the users of a page, in ms. */
#define UNMAP_WAIT	5
#define UNMAP_WAIT_MAX	200

static atomic_t unmap_failed;	/* number of operations */
static atomic_t unmap_waited;	/* number of times that a page was in use */

/**
 * gnttab_unmap_refs() - unmap pages, in one hypercall
 * @unmap_ops:  operations, set up by gnttab_set_unmap_op()
 * @kunmap_ops: of PV guests only; ignored
 * @pages:      mapped pages, one for each operation
 * @count:      number of operations
 *
 * A page that could not be unmapped stays marked as foreign, and must not be
 * used for anything else.
 *
 * Return: 0, or the hypercall's error. In both cases each operation has its own
 * status.
 * Context: any.
 */
int gnttab_unmap_refs(struct gnttab_unmap_grant_ref *unmap_ops,
		      struct gnttab_unmap_grant_ref *kunmap_ops,
		      struct page **pages, unsigned int count)
{
	unsigned int i, failed = 0;
	int err;

	for (i = 0; i < count; i++)
		unmap_ops[i].status = GNTST_general_error;
	err = HYPERVISOR_grant_table_op(GNTTABOP_unmap_grant_ref, unmap_ops,
					count);
	for (i = 0; i < count; i++) {
		if (unlikely(unmap_ops[i].status != GNTST_okay)) {
			failed++;
			continue;
		}
		ClearPageForeign(pages[i]);
		set_page_private(pages[i], 0);
	}
	if (unlikely(failed))
		atomic_add(failed, &unmap_failed);
	return err;
}
EXPORT_SYMBOL_GPL(gnttab_unmap_refs);

static bool unmap_in_use(const struct gntab_unmap_queue_data *item)
{
	unsigned int i;

	for (i = 0; i < item->count; i++)
		if (page_count(item->pages[i]) > 1)
			return true;
	return false;
}

/*
 * This waits without a limit. For example, the network stack reads a page until
 * its last user drops it, and none of them expects it to vanish.
 */
static void unmap_or_wait(struct gntab_unmap_queue_data *item)
{
	unsigned int msecs;

	if (!unmap_in_use(item)) {
		item->done(gnttab_unmap_refs(item->unmap_ops, item->kunmap_ops,
					     item->pages, item->count), item);
		return;
	}
	atomic_inc(&unmap_waited);
	msecs = min_t(unsigned int, UNMAP_WAIT * (item->age + 1),
		      UNMAP_WAIT_MAX);
	if (msecs < UNMAP_WAIT_MAX)
		item->age++;
	queue_delayed_work(grant_wq, &item->gnttab_work,
			   msecs_to_jiffies(msecs));
}

static void unmap_work(struct work_struct *work)
{
	unmap_or_wait(container_of(to_delayed_work(work),
				   struct gntab_unmap_queue_data,
				   gnttab_work));
}

/**
 * gnttab_unmap_refs_async() - unmap pages when none of them is in use
 * @item: operations, pages, their number and a callback; must remain valid
 *        until the callback runs, which may be before this returns
 *
 * A page is in use if there are references besides its owner's.
 */
void gnttab_unmap_refs_async(struct gntab_unmap_queue_data *item)
{
	INIT_DELAYED_WORK(&item->gnttab_work, unmap_work);
	item->age = 0;
	unmap_or_wait(item);
}
EXPORT_SYMBOL_GPL(gnttab_unmap_refs_async);

struct unmap_sync {
	struct completion done;
	int result;
};

static void unmap_sync_done(int result, struct gntab_unmap_queue_data *item)
{
	struct unmap_sync *sync = item->data;

	sync->result = result;
	complete(&sync->done);
}

/**
 * gnttab_unmap_refs_sync() - gnttab_unmap_refs_async(), and wait for it
 * @item: operations, pages and their number
 *
 * Return: the result of gnttab_unmap_refs().
 * Context: process.
 */
int gnttab_unmap_refs_sync(struct gntab_unmap_queue_data *item)
{
	struct unmap_sync sync = {
		.done = COMPLETION_INITIALIZER_ONSTACK(sync.done),
	};

	item->data = &sync;
	item->done = unmap_sync_done;
	gnttab_unmap_refs_async(item);
	wait_for_completion(&sync.done);
	return sync.result;
}
EXPORT_SYMBOL_GPL(gnttab_unmap_refs_sync);

/**
 * grant_unmap_show() - print counters
 * @s: seq_file to print to
 */
void grant_unmap_show(struct seq_file *s)
{
	seq_printf(s, "unmap_failed %d unmap_waited %d\n",
		   atomic_read(&unmap_failed), atomic_read(&unmap_waited));
}
