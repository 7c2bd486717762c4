// SPDX-License-Identifier: GPL-2.0-only
/* A disk's frontend whose state makes no sense, that disappears, or that rings for nothing. */
#include "blk_front.h"

/* Events and no work; with c->arg also a request now and then, which has to be served. */
static enum verdict run_events(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	enum verdict v = front_start(&f.dev, opt);

	return v ?: front_storm(&f.dev, f.queue[0].port, c->arg ? bf_verify : NULL);
}

/*
 * A driver ends without a word and its successor is through with connecting before the backend
 * has looked once: all that it sees is a frontend that is Connected again, with other rings.
 */
static enum verdict run_renew(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	enum verdict v = front_start(&f.dev, opt);

	for (long long i = 0; i < c->arg && v == V_PASS; i++) {
		f.dev.kind->release(&f.dev);
		f.dev.kind->plain(&f.dev);
		v = f.dev.kind->prepare(&f.dev) ?: front_publish(&f.dev, NULL, 0) ?:
		    f.dev.kind->connected(&f.dev) ?: bf_verify(&f.dev);
	}
	return v ?: front_close(&f.dev);
}

static const struct xcase cases[] = {
	FRONT_STORM("state-storm", STATES_RANDOM,
		    "random states as fast as the store takes them: reconnects"),
	FRONT_STORM("state-pingpong", STATES_PINGPONG,
		    "Closed and Connected in turn: reconnects"),
	FRONT_VALUE("state-garbage", "banana", "state 'banana'"),
	FRONT_VALUE("state-empty", "", "state ''"),
	FRONT_VALUE("state-9", "9", "state 9"),
	FRONT_VALUE("state-negative", "-1", "state -1"),
	FRONT_VALUE("state-4g", "4294967295", "state 2^32 - 1"),
	FRONT_DELETE("state-deleted", CASE_LOST, DELETE_STATE,
		     "state node removed while connected"),
	FRONT_DELETE("dir-deleted", CASE_LOST, DELETE_DIR, "directory removed while connected"),
	FRONT_DELETE("dir-deleted-early", CASE_LOST, DELETE_DIR_EARLY,
		     "directory removed at InitWait"),
	FRONT_DELETE("ring-ref-deleted", 0, DELETE_RING,
		     "ring-ref removed while connected: reconnects"),
	FRONT_KILL("kill-initialising", XB_INITIALISING, "killed at Initialising: reconnects"),
	FRONT_KILL("kill-initialised", XB_INITIALISED, "killed at Initialised: reconnects"),
	FRONT_KILL("kill-connected", XB_CONNECTED, "killed with a full ring: reconnects"),
	FRONT_KILL("kill-closing", XB_CLOSING, "killed at Closing: reconnects"),
	{
		.name = "close-in-flight", .run = front_run_close_in_flight, .arg = 20,
		.what = "closed with a full ring, 20 times: reconnects",
	}, {
		.name = "renew-connected", .run = run_renew, .arg = 3,
		.what = "other rings, Connected all the time: they are served",
	}, {
		.name = "event-storm", .run = run_events,
		.what = "events without work: CPU bounded, then serves",
	}, {
		.name = "event-storm-io", .run = run_events, .arg = 1,
		.what = "events and now and then a request: served in time",
	},
};

const struct case_table blk_front_state = { cases, ARRAY_SIZE(cases) };
