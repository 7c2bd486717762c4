// SPDX-License-Identifier: GPL-2.0-only
/* The table: version, size, growth, entries of an earlier user. */
#define pr_fmt(fmt) "xen-grants: " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include "grants.h"
#include "pool.h"

/*
 * Sixteen times Xen's default; limits the allocation in case of a wrong answer.
 */
#define TABLE_MAX_FRAMES	1024

static unsigned int version;
module_param(version, uint, 0444);
MODULE_PARM_DESC(version, "of the grant table: 1, 2, or 0: 1 unless memory beyond 16 TiB needs 2 (default: 0)");

struct grant_table grant_table = {
	.lock = __SPIN_LOCK_UNLOCKED(grant_table.lock),
};

/**
 * grant_table_query() - ask Xen for the size
 * @nr:  result: current number of frames
 * @max: result: maximum number of frames
 *
 * Return: 0 or a negative error.
 */
int grant_table_query(unsigned int *nr, unsigned int *max)
{
	struct gnttab_query_size query = {
		.dom = DOMID_SELF,
		.status = GNTST_general_error,
	};
	int err = HYPERVISOR_grant_table_op(GNTTABOP_query_size, &query, 1);

	if (err)
		return err;
	if (query.status != GNTST_okay)
		return -EIO;
	*nr = query.nr_frames;
	*max = query.max_nr_frames;
	return 0;
}

/**
 * grant_table_set_version() - set the version of the table
 * @want: 1 or 2
 *
 * Xen refuses while an entry beyond the reserved ones is in use.
 *
 * Return: 0 or a negative error.
 */
int grant_table_set_version(unsigned int want)
{
	struct gnttab_set_version set = { .version = want };

	return HYPERVISOR_grant_table_op(GNTTABOP_set_version, &set, 1);
}

static unsigned int table_get_version(void)
{
	struct gnttab_get_version get = { .dom = DOMID_SELF };

	/* A hypervisor that does not know this operation only has version 1. */
	if (HYPERVISOR_grant_table_op(GNTTABOP_get_version, &get, 1))
		return 1;
	return get.version;
}

/* Version 1 has 32 bits for a frame number. */
static unsigned int table_want_version(void)
{
	if (version)
		return version;
	return (__pa(high_memory - 1) >> PAGE_SHIFT) > U32_MAX ? 2 : 1;
}

static int table_choose_version(void)
{
	unsigned int want = table_want_version(), now = table_get_version();
	int err;

	if (want > 2) {
		pr_err("version=%u: must be 0, 1 or 2\n", want);
		return -EINVAL;
	}
	if (want != now) {
		err = grant_table_set_version(want);
		if (err && (now < 1 || now > 2))
			return err;
		if (err)
			pr_warn("version %u refused (%d), staying at %u\n",
				want, err, now);
		else
			now = want;
	}
	grant_table.version = now;
	grant_table.shift = now == 2 ?
		ilog2(PAGE_SIZE / sizeof(union grant_entry_v2)) :
		ilog2(PAGE_SIZE / sizeof(struct grant_entry_v1));
	return 0;
}

/**
 * grant_table_nr_status() - number of status frames
 * @frames: number of frames of the table
 *
 * Return: the number.
 */
unsigned int grant_table_nr_status(unsigned int frames)
{
	if (grant_table.version == 1)
		return 0;
	return DIV_ROUND_UP(frames << grant_table.shift,
			    1U << GRANT_STATUS_SHIFT);
}

static int table_prepare_frame(unsigned int i, gfp_t gfp)
{
	struct grant_frame *f = &grant_table.frame[i];
	unsigned int entries = 1U << grant_table.shift;
	int err;

	if (f->vaddr)	/* of an earlier attempt that failed later */
		return 0;
	f->next = kcalloc(entries, sizeof(*f->next), gfp);
	f->deferred = kcalloc(entries, sizeof(*f->deferred), gfp);
	err = f->next && f->deferred ? grant_backing_prepare(f, i, gfp) : -ENOMEM;
	if (err) {
		kfree(f->next);
		kfree(f->deferred);
		f->next = NULL;
		f->deferred = NULL;
	}
	return err;
}

/* Prepare everything that @end frames need and that does not involve Xen. */
static int table_prepare(unsigned int end, gfp_t gfp)
{
	unsigned int i;
	int err;

	for (i = grant_table.nr; i < end; i++) {
		err = table_prepare_frame(i, gfp);
		if (err)
			return err;
	}
	for (i = 0; i < grant_table_nr_status(end); i++) {
		struct grant_frame *f = &grant_table.status[i];

		if (f->vaddr)
			continue;
		err = grant_backing_prepare(f, grant_table.max + i, gfp);
		if (err)
			return err;
	}
	return 0;
}

/**
 * grant_table_map() - map frames from @first up to before @end, and their
 * status
 * @first: frame
 * @end:   frame
 *
 * The highest frame is mapped first, so that Xen grows the table once. Frames
 * that are mapped already are mapped to the same location again, which changes
 * nothing.
 *
 * Return: 0 or a negative error.
 */
int grant_table_map(unsigned int first, unsigned int end)
{
	unsigned int nr_status = grant_table_nr_status(end), i;
	int err;

	for (i = end; i > first; i--) {
		err = grant_backing_map(&grant_table.frame[i - 1], i - 1);
		if (err)
			return err;
	}
	for (i = nr_status; i > grant_table_nr_status(first); i--) {
		err = grant_backing_map(&grant_table.status[i - 1],
					(i - 1) | GRANT_IDX_STATUS);
		if (err)
			return err;
	}
	return 0;
}

/*
 * Free the references of a frame for use. Xen keeps entries when a module is
 * unloaded or a kernel is replaced by kexec. Entries that still grant access
 * but are not in use are revoked, because their pages have other users now.
 * Entries in use count as busy until they are not.
 */
static void table_adopt(unsigned int i)
{
	grant_ref_t ref = i << grant_table.shift;
	grant_ref_t end = (i + 1) << grant_table.shift;

	for (; ref < end; ref++) {
		if (ref < GNTTAB_NR_RESERVED_ENTRIES)
			continue;
		if (!grant_entry_busy(ref)) {
			grant_free_add(ref);
		} else if (grant_entry_end(ref)) {
			grant_table.reclaimed++;
			grant_free_add(ref);
		} else {
			grant_table.leftover++;
			grant_deferred_add(ref, NULL);
		}
	}
}

static int table_extend(unsigned int nr, gfp_t gfp)
{
	unsigned int first = grant_table.nr, i;
	int err = table_prepare(first + nr, gfp);

	if (!err)
		err = grant_table_map(first, first + nr);
	if (err)
		return err;
	grant_table.nr += nr;
	grant_free_extend(grant_table.nr << grant_table.shift);
	for (i = first; i < grant_table.nr; i++)
		table_adopt(i);
	return 0;
}

/**
 * grant_table_grow() - add frames
 * @refs: number of missing references
 *
 * Adds as many frames as they need, up to the maximum.
 *
 * Return: 0 or a negative error: -ENOSPC if the table is as large as Xen
 * allows.
 * Context: any.
 */
int grant_table_grow(unsigned int refs)
{
	unsigned int nr = ((refs - 1) >> grant_table.shift) + 1;
	unsigned long flags;
	int err;

	spin_lock_irqsave(&grant_table.lock, flags);
	nr = min(nr, grant_table.max - grant_table.nr);
	err = nr ? table_extend(nr, GFP_ATOMIC | __GFP_NOWARN) : -ENOSPC;
	spin_unlock_irqrestore(&grant_table.lock, flags);
	if (!err)
		grant_waiters_run();
	return err;
}

static void table_free(void)
{
	unsigned int i;

	for (i = 0; i < grant_table.max; i++) {
		grant_backing_put(&grant_table.frame[i]);
		kfree(grant_table.frame[i].next);
		kfree(grant_table.frame[i].deferred);
	}
	for (i = 0; i < grant_table_nr_status(grant_table.max); i++)
		grant_backing_put(&grant_table.status[i]);
	kvfree(grant_table.frame);
	kvfree(grant_table.status);
	grant_backing_exit();
}

static int table_alloc(void)
{
	unsigned int nr_status = grant_table_nr_status(grant_table.max);

	grant_table.frame = kvcalloc(grant_table.max,
				     sizeof(*grant_table.frame), GFP_KERNEL);
	grant_table.status = kvcalloc(nr_status + 1,
				      sizeof(*grant_table.status), GFP_KERNEL);
	if (!grant_table.frame || !grant_table.status)
		return -ENOMEM;
	return grant_free_init(grant_table.max << grant_table.shift);
}

/**
 * grant_table_init() - map the existing table
 *
 * Return: 0 or a negative error.
 * Context: process.
 */
int grant_table_init(void)
{
	unsigned int nr, max;
	int err;

	err = table_choose_version();
	if (!err)
		err = grant_table_query(&nr, &max);
	if (err)
		return err;
	grant_table.limit = max;
	max = min_t(unsigned int, max, TABLE_MAX_FRAMES);
	if (!max)
		return -ENODEV;
	err = grant_backing_init(&max, grant_table_nr_status(max));
	if (err)
		return err;
	grant_table.max = max;

	err = table_alloc();
	if (err)
		goto free;
	/*
	 * Map all of it, because an old entry could grant access to one of our
	 * pages.
	 */
	nr = clamp(nr, 1U, max);
	err = table_prepare(nr, GFP_KERNEL);
	if (!err) {
		spin_lock_irq(&grant_table.lock);
		err = table_extend(nr, GFP_ATOMIC);
		spin_unlock_irq(&grant_table.lock);
	}
	if (!err)
		return 0;
	grant_free_exit();
free:
	grant_deferred_exit();
	if (!grant_table.frame || !grant_table.status)
		grant_table.max = 0;
	table_free();
	return err;
}

/**
 * grant_table_exit() - unmap the table and free its memory
 *
 * Entries that still grant access remain in Xen's table; the next user of it
 * finds them busy.
 *
 * Context: process.
 */
void grant_table_exit(void)
{
	grant_free_exit();
	table_free();
}

/**
 * grant_table_shutdown() - restore the memory for the next kernel
 *
 * The pages remain allocated: a late grant writes to plain memory.
 */
void grant_table_shutdown(void)
{
	unsigned int max, i;

	spin_lock_irq(&grant_table.lock);
	max = grant_table.max;
	grant_table.max = grant_table.nr;
	spin_unlock_irq(&grant_table.lock);

	for (i = 0; i < max; i++)
		if (grant_table.frame[i].vaddr)
			grant_backing_unmap(&grant_table.frame[i]);
	for (i = 0; i < grant_table_nr_status(max); i++)
		if (grant_table.status[i].vaddr)
			grant_backing_unmap(&grant_table.status[i]);
}
