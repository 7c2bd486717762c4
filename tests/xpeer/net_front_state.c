// SPDX-License-Identifier: GPL-2.0-only
/* A network's frontend whose state makes no sense, that disappears, or that rings for nothing. */
#include "net_front.h"

/* Reconfiguring, as for XDP, when connected: answered; when not: harmless. */
static enum verdict run_reconfigure(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	enum verdict v = c->arg ? front_start(&f.dev, opt) :
				  front_open(&f.dev, opt) ?: front_reset(&f.dev);

	if (v)
		return v;
	store_write(&f.dev.store, 0, f.dev.dir, "xdp-headroom", "256");
	state_set(&f.dev.store, f.dev.dir, XB_RECONFIGURING);
	if (state_wait(&f.dev.store, f.dev.back, STATE(RECONFIGURED),
		       c->arg ? opt->wait_ms : 1000) < 0 && c->arg)
		return fail("backend does not get to Reconfigured");
	state_set(&f.dev.store, f.dev.dir, c->arg ? XB_CONNECTED : XB_INITIALISING);
	if (c->arg)
		v = nf_verify(&f.dev);
	return v ?: front_recover(&f.dev);
}

/* A node that the backend watches, rewritten in a loop while packets flow. */
static enum verdict run_watched(const struct options *opt, const struct xcase *c)
{
	static const char * const values[] = { "1", "0", "x", "", "4294967295", "-1" };
	static struct nf f;
	unsigned long long nr = 0;
	enum verdict v = front_open(&f.dev, opt);
	uint64_t end;

	f.config.mcast = true;
	v = v ?: front_connect(&f.dev) ?: nf_verify(&f.dev);
	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; nr++)
		store_write(&f.dev.store, 0, f.dev.dir, c->key, values[nr % ARRAY_SIZE(values)]);
	diag("%llu times", nr);
	store_write(&f.dev.store, 0, f.dev.dir, c->key, "0");
	front_settle(&f.dev);
	return nf_verify(&f.dev) ?: front_close(&f.dev);
}

enum storm_what { STORM_TX, STORM_RX, STORM_ONE, STORM_CTRL, STORM_ECHO };

static enum verdict echo(struct front *dev)
{
	struct nf *f = to_nf(dev);

	return nf_echo(f, &f->queue[0], 300, NULL, 0);
}

/* Events and no work; CPU is bounded and the next packet served. */
static enum verdict run_events(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	enum verdict v = front_open(&f.dev, opt);
	int port;

	f.config.split = c->arg != STORM_ONE;
	f.config.ctrl = c->arg == STORM_CTRL;
	v = v ?: front_connect(&f.dev) ?: nf_verify(&f.dev);
	port = c->arg == STORM_RX ? f.queue[0].rx.port :
	       c->arg == STORM_CTRL ? f.ctrl.port : f.queue[0].tx.port;
	return v ?: front_storm(&f.dev, port, c->arg == STORM_ECHO ? echo : NULL);
}

#define EVENTS(_name, _arg, _what) \
	{ .name = (_name), .run = run_events, .arg = (_arg), .what = (_what) }

static const struct xcase cases[] = {
	FRONT_STORM("state-storm", STATES_RANDOM,
		    "random states as fast as the store takes them: reconnects"),
	FRONT_STORM("state-pingpong", STATES_PINGPONG,
		    "Closed and Connected in turn: reconnects"),
	FRONT_STORM("state-reconfiguring", STATES_RECONFIGURING,
		    "Reconfiguring when Closed: reconnects"),
	{
		.name = "reconfigure", .run = run_reconfigure, .arg = 1, .flags = CASE_GOOD,
		.what = "Reconfiguring when connected: answered, echoes",
	}, {
		.name = "reconfigure-early", .run = run_reconfigure, .flags = CASE_EITHER,
		.what = "Reconfiguring at InitWait: reconnects",
	},
	FRONT_VALUE("state-garbage", "banana", "state 'banana'"),
	FRONT_VALUE("state-empty", "", "state ''"),
	FRONT_VALUE("state-9", "9", "state 9"),
	FRONT_VALUE("state-negative", "-1", "state -1"),
	FRONT_VALUE("state-4g", "4294967295", "state 2^32 - 1"),
	{
		.name = "watch-mcast", .flags = CASE_EITHER, .run = run_watched,
		.key = "request-multicast-control",
		.what = "request-multicast-control rewritten in a loop: echoes",
	}, {
		.name = "watch-headroom", .flags = CASE_EITHER, .run = run_watched,
		.key = "xdp-headroom", .what = "xdp-headroom rewritten in a loop: echoes",
	},
	FRONT_DELETE("state-deleted", CASE_LOST, DELETE_STATE,
		     "state node removed while connected"),
	FRONT_DELETE("dir-deleted", CASE_LOST, DELETE_DIR, "directory removed while connected"),
	FRONT_DELETE("dir-deleted-early", CASE_LOST, DELETE_DIR_EARLY,
		     "directory removed at InitWait"),
	FRONT_DELETE("ring-ref-deleted", 0, DELETE_RING, "tx-ring-ref removed: reconnects"),
	FRONT_KILL("kill-initialising", XB_INITIALISING, "killed at Initialising: reconnects"),
	FRONT_KILL("kill-initialised", XB_INITIALISED, "killed right after Connected: reconnects"),
	FRONT_KILL("kill-connected", XB_CONNECTED, "killed with a full ring: reconnects"),
	FRONT_KILL("kill-closing", XB_CLOSING, "killed at Closing: reconnects"),
	{
		.name = "close-in-flight", .run = front_run_close_in_flight, .arg = 20,
		.what = "closed with a full ring, 20 times: reconnects",
	},
	EVENTS("event-storm-tx", STORM_TX, "events without work: CPU bounded, then echoes"),
	EVENTS("event-storm-rx", STORM_RX, "events on the receive channel"),
	EVENTS("event-storm-one", STORM_ONE, "events on the only channel"),
	EVENTS("event-storm-ctrl", STORM_CTRL, "events on the control channel"),
	EVENTS("event-storm-echo", STORM_ECHO, "events and echoes meanwhile: served in time"),
};

const struct case_table net_front_state = { cases, ARRAY_SIZE(cases) };
