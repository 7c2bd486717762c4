// SPDX-License-Identifier: GPL-2.0-only
/* Map other domains' pages, and copy from and to them. */
#define pr_fmt(fmt) "xen-grants: " fmt

#include <linux/delay.h>
#include <linux/export.h>
#include <linux/seq_file.h>
#include "grants.h"

/* Waits of 1, 2, ... ms for a peer whose page is paged out: 32 s in total. */
#define MAP_RETRIES	255

static atomic_t map_retries;	/* batches with an operation to try again */
static atomic_t map_gave_up;	/* operations that were given up */

/**
 * grant_map_retry() - repeat operations until none is GNTST_eagain
 * @cmd:    GNTTABOP_*
 * @ops:    array of operations
 * @size:   bytes of an operation
 * @status: offset of the status in an operation, an s16
 * @count:  number of operations
 *
 * The waits are counted for the batch, not for each operation. Operations that
 * have not succeeded at the end get GNTST_bad_page.
 *
 * Context: process.
 */
void grant_map_retry(unsigned int cmd, void *ops, size_t size, size_t status,
		     unsigned int count)
{
	unsigned int msecs, i, left = 0;

	atomic_inc(&map_retries);
	for (msecs = 1; msecs <= MAP_RETRIES; msecs++) {
		left = 0;
		msleep(msecs);
		for (i = 0; i < count; i++) {
			void *op = ops + i * size;
			s16 *st = op + status;

			if (*st != GNTST_eagain)
				continue;
			if (HYPERVISOR_grant_table_op(cmd, op, 1))
				*st = GNTST_general_error;
			left += *st == GNTST_eagain;
		}
		if (!left)
			return;
	}
	for (i = 0; i < count; i++) {
		s16 *st = ops + i * size + status;

		if (*st == GNTST_eagain)
			*st = GNTST_bad_page;
	}
	atomic_add(left, &map_gave_up);
	pr_warn_ratelimited("%u pages of a peer stayed paged out\n", left);
}

static int map_batch(struct gnttab_map_grant_ref *ops, unsigned int count)
{
	bool again = false;
	unsigned int i;
	int err;

	/* If the hypercall fails, some operations have no status. */
	for (i = 0; i < count; i++)
		ops[i].status = GNTST_general_error;
	err = HYPERVISOR_grant_table_op(GNTTABOP_map_grant_ref, ops, count);
	for (i = 0; i < count; i++)
		again |= ops[i].status == GNTST_eagain;
	if (unlikely(again))
		grant_map_retry(GNTTABOP_map_grant_ref, ops, sizeof(*ops),
				offsetof(struct gnttab_map_grant_ref, status),
				count);
	return err;
}

/**
 * gnttab_batch_map() - map pages, in one hypercall
 * @batch: operations
 * @count: number of operations
 *
 * Each operation has its own status, which is never GNTST_eagain.
 *
 * Context: process.
 */
void gnttab_batch_map(struct gnttab_map_grant_ref *batch, unsigned int count)
{
	map_batch(batch, count);
}
EXPORT_SYMBOL_GPL(gnttab_batch_map);

/**
 * gnttab_batch_copy() - copy from and to other domains' pages, in one hypercall
 * @batch: operations
 * @count: number of operations
 *
 * Each operation has its own status, which is never GNTST_eagain.
 *
 * Context: process.
 */
void gnttab_batch_copy(struct gnttab_copy *batch, unsigned int count)
{
	bool again = false;
	unsigned int i;

	for (i = 0; i < count; i++)
		batch[i].status = GNTST_general_error;
	/* An error of the whole call is in the statuses, too. */
	HYPERVISOR_grant_table_op(GNTTABOP_copy, batch, count);
	for (i = 0; i < count; i++)
		again |= batch[i].status == GNTST_eagain;
	if (unlikely(again))
		grant_map_retry(GNTTABOP_copy, batch, sizeof(*batch),
				offsetof(struct gnttab_copy, status), count);
}
EXPORT_SYMBOL_GPL(gnttab_batch_copy);

/**
 * gnttab_map_refs() - map other domains' pages in place of our pages
 * @map_ops:  operations, set up by gnttab_set_map_op()
 * @kmap_ops: of PV guests only; ignored
 * @pages:    from gnttab_alloc_pages(), one for each operation
 * @count:    number of operations
 *
 * A page that was mapped is marked as foreign and records its owner. Other
 * pages do not change.
 *
 * Return: 0, or the hypercall's error. In both cases each operation has its own
 * status, which is never GNTST_eagain.
 * Context: process.
 */
int gnttab_map_refs(struct gnttab_map_grant_ref *map_ops,
		    struct gnttab_map_grant_ref *kmap_ops,
		    struct page **pages, unsigned int count)
{
	int err = map_batch(map_ops, count);
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct xen_page_foreign *foreign;

		if (unlikely(map_ops[i].status != GNTST_okay))
			continue;
		SetPageForeign(pages[i]);
		foreign = xen_page_foreign(pages[i]);
		foreign->domid = map_ops[i].dom;
		foreign->gref = map_ops[i].ref;
	}
	return err;
}
EXPORT_SYMBOL_GPL(gnttab_map_refs);

/**
 * grant_map_show() - print counters
 * @s: seq_file to print to
 */
void grant_map_show(struct seq_file *s)
{
	seq_printf(s, "retried_batches %d never_done %d\n",
		   atomic_read(&map_retries), atomic_read(&map_gave_up));
}
