// SPDX-License-Identifier: GPL-2.0-only
/* Statistics of the xenstore client. */
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

void xsstats_count(enum xsstat stat)
{
	atomic_long_inc(&xsstats[stat]);
}

void xsstats_print(struct seq_file *s)
{
	unsigned int i;

	for (i = 0; i < XSSTAT_NR; i++)
		seq_printf(s, "%s %lu\n", xsstats_names[i],
			   atomic_long_read(&xsstats[i]));
}
