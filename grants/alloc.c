// SPDX-License-Identifier: GPL-2.0-only
/* Take references, growing the table if necessary; private lists of them. */
#include <linux/export.h>
#include "grants.h"

/**
 * gnttab_alloc_grant_references() - reserve references; grows the table if
 * necessary
 * @count: number of references
 * @head:  result: a private list of them
 *
 * Return: 0; or -ENOSPC and an empty list, if there are not enough on all CPUs
 * and the table is full.
 * Context: any.
 */
int gnttab_alloc_grant_references(u16 count, grant_ref_t *head)
{
	unsigned int got;
	int err = 0;

	*head = GRANT_LIST_END;
	got = grant_free_take(head, count);
	if (likely(got == count))
		return 0;

	/*
	 * Terminates: each round but the last adds a frame, and their number is
	 * limited.
	 */
	grant_free_scarce();
	while (got < count && !err) {
		err = grant_table_grow(count - got);
		if (err)
			grant_free_drain();
		got += grant_free_take(head, count - got);
	}
	grant_free_plenty();
	if (got == count)
		return 0;
	gnttab_free_grant_references(*head);
	*head = GRANT_LIST_END;
	return -ENOSPC;
}
EXPORT_SYMBOL_GPL(gnttab_alloc_grant_references);

/**
 * gnttab_alloc_grant_reference_seq() - reserve consecutive references
 * @count: number of references
 * @first: result: the lowest one
 *
 * Return: 0, -EINVAL if @count is 0, or -ENOSPC.
 * Context: any.
 */
int gnttab_alloc_grant_reference_seq(unsigned int count, grant_ref_t *first)
{
	bool found;

	if (!count)
		return -EINVAL;
	if (grant_free_take_run(count, first))
		return 0;
	grant_free_scarce();
	grant_free_drain();
	do {
		found = grant_free_take_run(count, first);
	} while (!found && !grant_table_grow(count));
	grant_free_plenty();
	return found ? 0 : -ENOSPC;
}
EXPORT_SYMBOL_GPL(gnttab_alloc_grant_reference_seq);

/**
 * gnttab_empty_grant_references() - test whether a private list is empty
 * @head: the list
 *
 * Return: 1 if it is empty.
 */
int gnttab_empty_grant_references(const grant_ref_t *head)
{
	return *head == GRANT_LIST_END;
}
EXPORT_SYMBOL_GPL(gnttab_empty_grant_references);

/**
 * gnttab_claim_grant_reference() - take a reference from a private list
 * @head: the list; the caller serialises its use
 *
 * Return: a reference, or -ENOSPC if the list is empty.
 */
int gnttab_claim_grant_reference(grant_ref_t *head)
{
	grant_ref_t ref = *head;

	if (unlikely(ref == GRANT_LIST_END))
		return -ENOSPC;
	*head = *grant_next(ref);
	return ref;
}
EXPORT_SYMBOL_GPL(gnttab_claim_grant_reference);

/**
 * gnttab_release_grant_reference() - return a reference to a private list
 * @head:    the list
 * @release: a reference whose access has been ended
 */
void gnttab_release_grant_reference(grant_ref_t *head, grant_ref_t release)
{
	*grant_next(release) = *head;
	*head = release;
}
EXPORT_SYMBOL_GPL(gnttab_release_grant_reference);

/**
 * gnttab_grant_foreign_access() - allocate a reference and grant access
 * @domid:    the domain
 * @frame:    guest frame number of the page
 * @readonly: not 0: for reading only
 *
 * Return: the reference, or -ENOSPC.
 * Context: any.
 */
int gnttab_grant_foreign_access(domid_t domid, unsigned long frame,
				int readonly)
{
	grant_ref_t ref;
	int err = gnttab_alloc_grant_references(1, &ref);

	if (err)
		return err;
	gnttab_grant_foreign_access_ref(ref, domid, frame, readonly);
	return ref;
}
EXPORT_SYMBOL_GPL(gnttab_grant_foreign_access);
