/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private header of xen-grants: the guest's grant table, and mappings of other
 * domains' pages.
 *
 * Locks, outer first: grant_table.lock -> the deferred list's, the pool's; a
 * CPU cache's -> the pool's; the waiters' -> locks that a waiter's function
 * takes. All are taken with interrupts off, and callers may be in any context
 * unless a function says otherwise.
 */
#ifndef GRANTS_H
#define GRANTS_H

#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <xenpv/core.h>
#include <xen/xen.h>
#include <xen/grant_table.h>
#include <asm/xen/hypercall.h>

struct seq_file;

/* A status frame's index in XENMAPSPACE_grant_table. */
#define GRANT_IDX_STATUS	0x80000000U

/* Ends a list of references; gnttab_empty_grant_references() tests for it. */
#define GRANT_LIST_END	INVALID_GRANT_REF

/**
 * struct grant_frame - a frame of the table or of version 2's status
 * @vaddr: our mapping; NULL: not prepared
 * @gfn:   its location in the guest's physical memory
 * @ram:   the page that it replaces; NULL: it is in the platform window
 * @state: what is at @gfn
 * @next:  for each reference: the next one in its list
 * @deferred: for each reference on the deferred list: its page, with a reference
 *         of ours; NULL: none
 */
struct grant_frame {
	void *vaddr;
	unsigned long gfn;
	struct page *ram;
	enum {
		GRANT_FRAME_RAM,	/* @ram, or nothing in the window */
		GRANT_FRAME_MAPPED,	/* the frame */
		/* after a failed mapping: RAM or a hole */
		GRANT_FRAME_DOUBT,
		GRANT_FRAME_HOLE,	/* nothing */
	} state;
	grant_ref_t *next;
	struct page **deferred;
};

/**
 * struct grant_table - the table
 * @lock:      protects its growth
 * @version:   1 or 2
 * @shift:     entries of a frame, log2
 * @nr:        frames in use; grows, never shrinks
 * @max:       maximum number of frames
 * @limit:     number that Xen allows; more than @max if the window is too small
 * @frame:     @max frames; those below @nr do not change
 * @status:    status frames, version 2 only
 * @reclaimed: entries of an earlier user that were granted but not in use
 * @leftover:  entries of an earlier user that were in use
 */
struct grant_table {
	spinlock_t lock;
	unsigned int version;
	unsigned int shift;
	unsigned int nr;
	unsigned int max;
	unsigned int limit;
	struct grant_frame *frame;
	struct grant_frame *status;
	unsigned int reclaimed;
	unsigned int leftover;
};

extern struct grant_table grant_table;

/* For work that a disk may wait for to get memory freed. */
extern struct workqueue_struct *grant_wq;

/* Entries of version 2's status per frame, log2. */
#define GRANT_STATUS_SHIFT	(PAGE_SHIFT - 1)

static inline struct grant_frame *grant_frame(grant_ref_t ref)
{
	return &grant_table.frame[ref >> grant_table.shift];
}

/* Index of a reference within its frame. */
static inline unsigned int grant_place(grant_ref_t ref)
{
	return ref & ((1U << grant_table.shift) - 1);
}

static inline grant_ref_t *grant_next(grant_ref_t ref)
{
	return &grant_frame(ref)->next[grant_place(ref)];
}

static inline struct page **grant_deferred_page(grant_ref_t ref)
{
	return &grant_frame(ref)->deferred[grant_place(ref)];
}

/* Location of frames: backing.c */
int grant_backing_init(unsigned int *max, unsigned int status);
void grant_backing_exit(void);
const char *grant_backing_name(void);
int grant_backing_prepare(struct grant_frame *f, unsigned int slot, gfp_t gfp);
int grant_backing_map(struct grant_frame *f, unsigned long idx);
void grant_backing_unmap(struct grant_frame *f);
void grant_backing_put(struct grant_frame *f);
unsigned int grant_backing_lost(void);

/* The table: table.c */
int grant_table_init(void);
void grant_table_exit(void);
void grant_table_shutdown(void);
int grant_table_grow(unsigned int refs);
int grant_table_query(unsigned int *nr, unsigned int *max);
int grant_table_set_version(unsigned int version);
int grant_table_map(unsigned int first, unsigned int end);
unsigned int grant_table_nr_status(unsigned int frames);

/* Free references: free.c */
int grant_free_init(unsigned int max_refs);
void grant_free_exit(void);
void grant_free_extend(unsigned int refs);
unsigned int grant_free_take(grant_ref_t *head, unsigned int want);
bool grant_free_take_run(unsigned int count, grant_ref_t *first);
bool grant_free_return(grant_ref_t ref);
bool grant_free_return_list(grant_ref_t head);
void grant_free_add(grant_ref_t ref);
void grant_free_drain(void);
unsigned int grant_free_pooled(void);
unsigned int grant_free_cached(void);
unsigned int grant_free_twice(void);
void grant_free_scarce(void);
void grant_free_plenty(void);

/* Waiters for free references: waiter.c */
void grant_waiters_run(void);

/* Entries: entry.c */
bool grant_entry_end(grant_ref_t ref);
bool grant_entry_busy(grant_ref_t ref);
unsigned long grant_entry_frame(grant_ref_t ref);

/* Pages that are still granted: deferred.c */
void grant_deferred_add(grant_ref_t ref, struct page *page);
void grant_deferred_wait(unsigned int msecs);
unsigned int grant_deferred_exit(void);
void grant_deferred_show(struct seq_file *s);

/* Retry of operations: map.c */
void grant_map_retry(unsigned int cmd, void *ops, size_t size, size_t status,
		     unsigned int count);
void grant_map_show(struct seq_file *s);
void grant_unmap_show(struct seq_file *s);

/* Pages without memory: pages.c */
void grant_pages_exit(void);
void grant_pages_shutdown(void);
void grant_pages_show(struct seq_file *s);

void grant_debugfs_init(void);
void grant_debugfs_exit(void);

#endif
