// SPDX-License-Identifier: GPL-2.0-only
/* A network's backend that does not answer what it is asked for, or that rings for nothing. */
#include "net_back.h"

/* What the guest is asked for while nobody answers: "unplug", "xdp", "queues". Bounded. */
static enum verdict run_unanswered(const struct options *opt, const struct xcase *c)
{
	static struct nb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);
	uint64_t start;

	if (v == V_PASS && opt->io)
		v = back_io(&b.dev, "up");
	v = v ?: back_io_start(&b.dev, c->value);
	if (v)
		return v;
	start = now_ms();
	if (!back_serve(&b.dev, opt->close_ms, back_io_done))
		return fail("the guest's %s does not end within %u ms", c->value, opt->close_ms);
	diag("%s ended after %llu ms with status %d", c->value,
	     (unsigned long long)(now_ms() - start), b.dev.io.status);
	if (c->arg && b.dev.io.status)
		return fail("%s fails", c->value);
	store_write(&b.dev.store, 0, b.dev.dir, "online", "0");
	state_set(&b.dev.store, b.dev.dir, XB_CLOSED);
	back_serve(&b.dev, 1000, NULL);
	back_vanish(&b.dev);
	sleep_ms(1000);
	return back_recover(&b.dev);
}

static enum verdict run_events(const struct options *opt, const struct xcase *c)
{
	static const struct store_key key = { "feature-ctrl-ring", "1" };
	static struct nb b;
	int port[NB_QUEUES];
	enum verdict v = back_open(&b.dev, opt, c);

	b.dev.keys = &key;
	b.dev.nr_keys = 1;
	v = v ?: back_connect(&b.dev);
	for (unsigned int i = 0; i < b.nr_queues; i++)
		port[i] = c->arg == 0 ? b.queue[i].tx.port :
			  c->arg == 1 ? b.queue[i].rx.port : b.ctrl.port;
	return v ?: back_storm(&b.dev, port, b.nr_queues);
}

#define UNANSWERED(_name, _want, _flags, _must, _what) \
	{ .name = (_name), .flags = CASE_IO | (_flags), .run = run_unanswered, .arg = (_must), \
	  .value = (_want), .what = (_what) }
#define EVENTS(_name, _arg, _what) \
	{ .name = (_name), .flags = CASE_IO, .run = run_events, .arg = (_arg), .what = (_what) }

static const struct xcase cases[] = {
	UNANSWERED("never-closing", "unplug", CASE_UNPLUG, 1,
		   "driver taken off, Closing never answered: bounded"),
	UNANSWERED("never-reconfigured", "xdp", CASE_EITHER, 0,
		   "XDP attached, Reconfigured never answered: bounded"),
	UNANSWERED("never-reconnected", "queues", CASE_EITHER, 0,
		   "queues changed, the new connection never answered: bounded"),
	EVENTS("event-storm-tx", 0, "events without responses: CPU bounded, then works"),
	EVENTS("event-storm-rx", 1, "events on the receive channel"),
	EVENTS("event-storm-ctrl", 2, "events on the control channel"),
	{
		.name = "state-storm", .flags = CASE_EITHER, .run = back_run_storm,
		.what = "random states as fast as the store takes them",
	},
};

const struct case_table net_back_state = { cases, ARRAY_SIZE(cases) };
