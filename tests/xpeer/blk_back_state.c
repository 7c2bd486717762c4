// SPDX-License-Identifier: GPL-2.0-only
/* A disk's backend that does not answer the end, or that rings for nothing. */
#include "blk_back.h"

/* The guest takes its driver off, and nobody answers that it is closing. */
static enum verdict run_never_closing(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev) ?:
			 back_io_start(&b.dev, "unplug");

	if (v)
		return v;
	if (!back_serve(&b.dev, opt->close_ms, back_io_done))
		return fail("the driver does not come off within %u ms", opt->close_ms);
	diag("unplug ended with status %d", b.dev.io.status);
	if (b.dev.io.status)
		return fail("unplug fails");
	back_vanish(&b.dev);
	sleep_ms(1000);
	return back_recover(&b.dev);
}

static enum verdict run_events(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	int port[BB_QUEUES];
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);

	for (unsigned int i = 0; i < b.nr_queues; i++)
		port[i] = b.queue[i].port;
	return v ?: back_storm(&b.dev, port, b.nr_queues);
}

static const struct xcase cases[] = {
	{
		.name = "never-closing", .flags = CASE_UNPLUG, .run = run_never_closing,
		.what = "driver taken off, Closing never answered: bounded",
	}, {
		.name = "event-storm", .flags = CASE_IO, .run = run_events,
		.what = "events without responses: CPU bounded, then serves",
	}, {
		.name = "state-storm", .flags = CASE_EITHER, .run = back_run_storm,
		.what = "random states as fast as the store takes them",
	},
};

const struct case_table blk_back_state = { cases, ARRAY_SIZE(cases) };
