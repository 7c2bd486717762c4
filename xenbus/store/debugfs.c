// SPDX-License-Identifier: GPL-2.0-only
/* The state of the xenstore client, in debugfs. */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "store.h"

static const char *const debugfs_states[] = {
	[XSRING_DOWN] = "down",
	[XSRING_SYNC] = "connecting",
	[XSRING_UP] = "up",
};

static int store_show(struct seq_file *s, void *unused)
{
	unsigned int queued, sent, orphans, transactions;

	xsreq_load(&queued, &sent, &orphans, &transactions);
	seq_printf(s, "state %s\n", debugfs_states[xsring_state()]);
	seq_printf(s, "queued %u\nsent %u\norphans %u\ntransactions %u\n",
		   queued, sent, orphans, transactions);
	seq_printf(s, "watches %u\n", xswatch_count());
	xsstats_print(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(store);

void xsdebug_init(struct dentry *dir)
{
	debugfs_create_file("store", 0400, dir, NULL, &store_fops);
}
