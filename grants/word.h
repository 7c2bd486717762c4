/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One entry of the grant table, versions 1 and 2: pure, also compiled by the
 * unit tests.
 *
 * Xen reads an entry, and in version 1 sets GTF_reading and GTF_writing in it,
 * at any time and on any CPU, so every access is a single one, and atomic
 * operations are those that lock the bus on a kernel for one CPU too.
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
 * How often an entry may change under our hands before it counts as in use: a
 * peer that maps and unmaps without a pause must not hold us here.
 */
#define GRANT_END_TRIES	16

/* A version 1 entry as one number. */
union grant_word {
	struct grant_entry_v1 entry;
	u64 val;
};

/**
 * grant_v1_set() - give access
 * @e:     free entry
 * @domid: to whom
 * @frame: to what
 * @flags: GTF_permit_access and its subflags
 *
 * In one store, so Xen sees all of it or nothing: no order of fields is needed,
 * nor can a suspend of the guest come between them and leave half an entry in
 * the new table.
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
 * grant_v1_end() - take access back
 * @e: entry
 *
 * Return: true if nobody has access any more, false if somebody uses it. Full
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
 * grant_v2_set() - give access
 * @e:     free entry
 * @domid: to whom
 * @frame: to what
 * @flags: GTF_permit_access and its subflags
 *
 * Context: preemption off, or a suspend could come between the two stores.
 */
static inline void grant_v2_set(union grant_entry_v2 *e, domid_t domid,
				u64 frame, u16 flags)
{
	WRITE_ONCE(e->full_page.frame, frame);
	WRITE_ONCE(e->hdr.domid, domid);
	virt_wmb();	/* Xen looks at the flags first */
	WRITE_ONCE(e->hdr.flags, flags);
}

/**
 * grant_v2_end() - take access back
 * @e:      entry
 * @status: where Xen says whether it is used
 *
 * From here on nobody gets access anew, but somebody may have it still.
 *
 * Return: true if nobody has access any more, false if somebody uses it.
 */
static inline bool grant_v2_end(union grant_entry_v2 *e, grant_status_t *status)
{
	WRITE_ONCE(e->hdr.flags, 0);
	virt_mb();	/* Xen sets the status, then looks at the flags again */
	if (READ_ONCE(*status) & GRANT_IN_USE)
		return false;
	virt_mb();	/* what it wrote comes before what we do with the page */
	return true;
}

#endif
