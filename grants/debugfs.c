// SPDX-License-Identifier: GPL-2.0-only
/* Limits and counters: /sys/kernel/debug/xen-grants/state. */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "grants.h"

static struct dentry *root;

static int state_show(struct seq_file *s, void *unused)
{
	unsigned int pooled = grant_free_pooled();
	unsigned int cached = grant_free_cached();

	seq_printf(s, "version %u in %s\n", grant_table.version,
		   grant_backing_name());
	seq_printf(s, "frames %u max %u limit %u lost %u\n", grant_table.nr,
		   grant_table.max, grant_table.limit, grant_backing_lost());
	seq_printf(s, "references %u free %u cached %u reserved %u freed_twice %u\n",
		   grant_table.nr << grant_table.shift, pooled + cached, cached,
		   GNTTAB_NR_RESERVED_ENTRIES, grant_free_twice());
	seq_printf(s, "from_before reclaimed %u in_use %u\n",
		   grant_table.reclaimed, grant_table.leftover);
	grant_deferred_show(s);
	grant_map_show(s);
	grant_unmap_show(s);
	grant_pages_show(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

/** grant_debugfs_init() - create the files */
void grant_debugfs_init(void)
{
	root = debugfs_create_dir("xen-grants", NULL);
	debugfs_create_file("state", 0400, root, NULL, &state_fops);
}

/**
 * grant_debugfs_exit() - remove them
 */
void grant_debugfs_exit(void)
{
	debugfs_remove(root);
}
