// SPDX-License-Identifier: GPL-2.0-only
/* Entries of the table: grant access to a page, and end it. */
#define pr_fmt(fmt) "xen-grants: " fmt

#include <linux/export.h>
#include "grants.h"
#include "word.h"

static struct grant_entry_v1 *entry_v1(grant_ref_t ref)
{
	struct grant_entry_v1 *e = grant_frame(ref)->vaddr;

	return e + grant_place(ref);
}

static union grant_entry_v2 *entry_v2(grant_ref_t ref)
{
	union grant_entry_v2 *e = grant_frame(ref)->vaddr;

	return e + grant_place(ref);
}

static grant_status_t *entry_status(grant_ref_t ref)
{
	grant_status_t *s =
		grant_table.status[ref >> GRANT_STATUS_SHIFT].vaddr;

	return s + (ref & ((1U << GRANT_STATUS_SHIFT) - 1));
}

/**
 * grant_entry_busy() - test whether an entry grants access or is in use
 * @ref: the reference
 *
 * Return: true if so.
 */
bool grant_entry_busy(grant_ref_t ref)
{
	if (grant_table.version == 1)
		return READ_ONCE(entry_v1(ref)->flags);
	return READ_ONCE(entry_v2(ref)->hdr.flags) ||
	       READ_ONCE(*entry_status(ref)) & GRANT_IN_USE;
}

/**
 * grant_entry_end() - end access
 * @ref: the reference
 *
 * Return: true if nobody has access any more.
 */
bool grant_entry_end(grant_ref_t ref)
{
	if (likely(grant_table.version == 1))
		return grant_v1_end(entry_v1(ref));
	return grant_v2_end(entry_v2(ref), entry_status(ref));
}

/**
 * grant_entry_frame() - the frame of an entry, current or last
 * @ref: the reference
 *
 * Return: frame number.
 */
unsigned long grant_entry_frame(grant_ref_t ref)
{
	if (grant_table.version == 1)
		return READ_ONCE(entry_v1(ref)->frame);
	return READ_ONCE(entry_v2(ref)->full_page.frame);
}

/**
 * gnttab_grant_foreign_access_ref() - grant a domain access to a page
 * @ref:      from gnttab_claim_grant_reference() or the like; grants no access
 *            yet
 * @domid:    the domain
 * @frame:    guest frame number of the page, which must stay allocated until
 *            access has ended
 * @readonly: not 0: for reading only
 *
 * Context: any.
 */
void gnttab_grant_foreign_access_ref(grant_ref_t ref, domid_t domid,
				     unsigned long frame, int readonly)
{
	u16 flags = GTF_permit_access | (readonly ? GTF_readonly : 0);

	if (unlikely(grant_table.version != 1)) {
		preempt_disable();
		grant_v2_set(entry_v2(ref), domid, frame, flags);
		preempt_enable();
		return;
	}
	/*
	 * The entry would name a wrong page: let the peer's access fail
	 * instead.
	 */
	if (unlikely(frame > U32_MAX)) {
		pr_err_once("page beyond 16 TiB: load with version=2\n");
		return;
	}
	grant_v1_set(entry_v1(ref), domid, frame, flags);
}
EXPORT_SYMBOL_GPL(gnttab_grant_foreign_access_ref);

/**
 * gnttab_end_foreign_access_ref() - end access, but keep the reference
 * @ref: the reference
 *
 * Return: 1 if nobody has access any more, 0 if it is in use: then the page
 * must not be used for anything else.
 * Context: any.
 */
int gnttab_end_foreign_access_ref(grant_ref_t ref)
{
	return grant_entry_end(ref);
}
EXPORT_SYMBOL_GPL(gnttab_end_foreign_access_ref);
