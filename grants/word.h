/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One entry of the grant table, versions 1 and 2: pure functions, which the
 * unit tests compile, too.
 *
 * Xen reads an entry at any time and on any CPU, and in version 1 sets
 * GTF_reading and GTF_writing in it. So every access is a single one, and the
 * atomic operations lock the bus even on a kernel for one CPU.
 */
#ifndef GRANTS_WORD_H
#define GRANTS_WORD_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <asm/barrier.h>
#include <xenpv/types.h>
#include <xen/interface/grant_table.h>

#define GRANT_IN_USE	(GTF_reading | GTF_writing)

/*
 * Number of changes of an entry before it counts as in use: a peer that maps
 * and unmaps continuously must not keep us in a loop.
 */
#define GRANT_END_TRIES	16

/* A version 1 entry as one number. */
union grant_word {
	struct grant_entry_v1 entry;
	u64 val;
};

/**
 * grant_v1_set() - grant access
 * @e:     free entry
 * @domid: the domain
 * @frame: the frame
 * @flags: GTF_permit_access and its subflags
 *
 * This is one store, so Xen sees all of it or nothing. No order of fields is
 * needed, and a suspend of the guest cannot leave half an entry in the new
 * table.
 */
static inline void grant_v1_set(struct grant_entry_v1 *e, domid_t domid,
				u32 frame, u16 flags)
{
	union grant_word w = {
		.entry = { .flags = flags, .domid = domid, .frame = frame },
	};

	WRITE_ONCE(*(u64 *)e, w.val);
}

/**
 * grant_v1_end() - end access
 * @e: entry
 *
 * Return: true if nobody has access any more, false if it is in use. Full
 * barrier if true.
 */
static inline bool grant_v1_end(struct grant_entry_v1 *e)
{
	u16 flags = READ_ONCE(e->flags), seen;
	unsigned int i;

	for (i = 0; i < GRANT_END_TRIES; i++) {
		if (flags & GRANT_IN_USE)
			return false;
		seen = sync_cmpxchg(&e->flags, flags, 0);
		if (seen == flags)
			return true;
		flags = seen;
	}
	return false;
}

/**
 * grant_v2_set() - grant access
 * @e:     free entry
 * @domid: the domain
 * @frame: the frame
 * @flags: GTF_permit_access and its subflags
 *
 * Context: preemption off, or a suspend could come between the two stores.
 */
static inline void grant_v2_set(union grant_entry_v2 *e, domid_t domid,
				u64 frame, u16 flags)
{
	WRITE_ONCE(e->full_page.frame, frame);
	WRITE_ONCE(e->hdr.domid, domid);
	virt_wmb();	/* Xen reads the flags first */
	WRITE_ONCE(e->hdr.flags, flags);
}

/**
 * grant_v2_end() - end access
 * @e:      entry
 * @status: Xen's status of the entry: whether it is in use
 *
 * From here on nobody gets new access, but somebody may still have access.
 *
 * Return: true if nobody has access any more, false if it is in use.
 */
static inline bool grant_v2_end(union grant_entry_v2 *e, grant_status_t *status)
{
	WRITE_ONCE(e->hdr.flags, 0);
	virt_mb();	/* Xen sets the status, then reads the flags again */
	if (READ_ONCE(*status) & GRANT_IN_USE)
		return false;
	virt_mb();	/* the peer's writes come before our use of the page */
	return true;
}

#endif
