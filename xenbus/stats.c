// SPDX-License-Identifier: GPL-2.0-only
/* Statistics of the xenstore client, in debugfs. */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "store.h"

static atomic_long_t xsstats[XSSTAT_NR];

static const char *const xsstats_names[] = {
	[XSSTAT_REQUESTS] = "requests",
	[XSSTAT_REPLIES] = "replies",
	[XSSTAT_ERRORS] = "errors",
	[XSSTAT_TIMEOUTS] = "timeouts",
	[XSSTAT_LATE] = "late-replies",
	[XSSTAT_EVENTS] = "events",
	[XSSTAT_EVENTS_UNWANTED] = "events-unwanted",
	[XSSTAT_EVENTS_MERGED] = "events-merged",
	[XSSTAT_EVENTS_IDLE] = "idle-interrupts",
	[XSSTAT_KICKS] = "kicks",
	[XSSTAT_RESETS] = "resets",
	[XSSTAT_DOWNS] = "downs",
	[XSSTAT_BAD_INDEX] = "bad-index",
	[XSSTAT_BAD_LENGTH] = "bad-length",
	[XSSTAT_HALF] = "half-message",
	[XSSTAT_BAD_ID] = "bad-id",
	[XSSTAT_BAD_TYPE] = "bad-type",
	[XSSTAT_BAD_TX] = "bad-transaction",
	[XSSTAT_BAD_REPLY] = "bad-reply",
	[XSSTAT_BAD_ERROR] = "unknown-error",
	[XSSTAT_BAD_EVENT] = "bad-event",
	[XSSTAT_BAD_TOKEN] = "unknown-token",
};

static_assert(ARRAY_SIZE(xsstats_names) == XSSTAT_NR);

static const char *const xsstats_states[] = {
	[XSCOMMS_DOWN] = "down",
	[XSCOMMS_SYNC] = "connecting",
	[XSCOMMS_UP] = "up",
};

void xsstats_count(enum xsstat stat)
{
	atomic_long_inc(&xsstats[stat]);
}

static int xsstats_show(struct seq_file *s, void *unused)
{
	unsigned int queued, sent, orphans, transactions, i;

	xsreq_load(&queued, &sent, &orphans, &transactions);
	seq_printf(s, "state %s\n", xsstats_states[xscomms_state()]);
	seq_printf(s, "queued %u\nsent %u\norphans %u\ntransactions %u\n",
		   queued, sent, orphans, transactions);
	seq_printf(s, "watches %u\n", xswatch_count());
	for (i = 0; i < XSSTAT_NR; i++)
		seq_printf(s, "%s %lu\n", xsstats_names[i],
			   atomic_long_read(&xsstats[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(xsstats);

void xsstats_init(struct dentry *dir)
{
	debugfs_create_file("store", 0400, dir, NULL, &xsstats_fops);
}
