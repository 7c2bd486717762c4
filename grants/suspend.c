// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suspend and resume. Both run while all other CPUs are stopped, so nobody
 * accesses the table in between. The new domain's table is empty: earlier
 * entries grant no access any more, and ending their access succeeds. Drivers
 * grant their pages again.
 */
#define pr_fmt(fmt) "xen-grants: " fmt

#include <linux/export.h>
#include "grants.h"

/**
 * gnttab_suspend() - before the domain is suspended
 *
 * The table stays in place until the domain is destroyed, so a cancelled
 * suspend loses nothing.
 *
 * Return: 0.
 */
int gnttab_suspend(void)
{
	return 0;
}
EXPORT_SYMBOL_GPL(gnttab_suspend);

/**
 * gnttab_resume() - the domain runs again, as a new one or as the old one
 *
 * Return: 0, or a negative error: then peers cannot use grants of all frames,
 * or of those that the new host does not allow.
 * Context: interrupts off, all other CPUs stopped.
 */
int gnttab_resume(void)
{
	unsigned int nr, max;
	int err = 0;

	/* A new domain has version 1; in the old one nothing changes. */
	if (grant_table.version != 1)
		err = grant_table_set_version(grant_table.version);
	if (!err)
		err = grant_table_query(&nr, &max);
	if (!err) {
		grant_table.limit = max;
		err = grant_table_map(0, min(grant_table.nr, max));
		if (!err && max < grant_table.nr)
			err = -ENOSPC;
	}
	if (err)
		pr_err("cannot have all of the grant table again: error %d\n",
		       err);
	return err;
}
EXPORT_SYMBOL_GPL(gnttab_resume);
