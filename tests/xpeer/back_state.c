// SPDX-License-Identifier: GPL-2.0-only
/*
 * A backend that disappears, or never gets on. The guest must be able to use a new device under
 * the same number afterwards, which it cannot if anything in it still waits for the old one.
 */
#include "back.h"

/* How far the connection gets. */
enum stage { AT_INITIALISING, AT_INIT_WAIT, AT_INITIALISED, AT_CONNECTED };
/* And what happens then. */
enum end { END_CLOSED, END_STATE_GONE, END_DIR_GONE, END_ALL_GONE, END_NOTHING };

#define STAGE_END(stage, end)	((stage) * 16 + (end))

static enum verdict climb(struct back *b, enum stage stage)
{
	enum verdict v;

	if (stage == AT_CONNECTED)
		return back_connect(b);
	v = back_create(b);
	if (v || stage == AT_INITIALISING)
		return v;
	v = back_offer(b);
	if (v || stage == AT_INIT_WAIT)
		return v;
	if (back_wait_front(b, STATE(INITIALISED) | 1u << b->kind->answer, b->opt->wait_ms) < 0)
		return fail("frontend does not get to %s", state_name(b->kind->answer));
	return V_PASS;
}

static void finish(struct back *b, enum end end)
{
	switch (end) {
	case END_CLOSED:
		state_set(&b->store, b->dir, XB_CLOSED);
		break;
	case END_STATE_GONE:
		store_remove(&b->store, 0, b->dir, "state");
		break;
	case END_DIR_GONE:
		store_remove(&b->store, 0, b->dir, NULL);
		break;
	case END_ALL_GONE:
		back_remove(b);
		break;
	default:
		break;
	}
}

/*
 * The toolstack's last word about a backend that is not there. A frontend may wait for another
 * one until it is said; now its I/O has to end, and it has to close if it can be told so.
 */
static enum verdict give_up(struct back *b, enum end end)
{
	enum verdict v = V_PASS;
	int state;

	if (end == END_CLOSED || end == END_NOTHING || end == END_STATE_GONE) {
		store_write(&b->store, 0, b->dir, "online", "0");
		state_set(&b->store, b->dir, XB_CLOSED);
		state = back_wait_front(b, STATE(CLOSED) | STATE(UNKNOWN), b->opt->close_ms);
		diag("frontend: %s", state_name(state));
		if (state < 0)
			return fail("frontend does not close");
	}
	if (b->io.pid)
		v = back_io_end(b);
	if (v == V_PASS)
		back_remove(b);
	return v;
}

static enum verdict run_end(const struct options *opt, const struct xcase *c)
{
	struct back *b = opt->role->back->device;
	enum end end = c->arg % 16;
	enum verdict v = back_open(b, opt, c) ?: climb(b, c->arg / 16);

	if (v)
		return v;
	/* Requests may be on their way when the backend goes. */
	if (c->arg / 16 == AT_CONNECTED && opt->io) {
		v = back_io_start(b, b->kind->busy);
		if (v)
			return v;
		back_serve(b, b->kind->busy_ms, NULL);
	}
	finish(b, end);
	b->kind->release(b);
	sleep_ms(end == END_NOTHING ? 5000 : 2000);
	diag("frontend: %s", state_name(state_get(&b->store, b->front)));
	v = give_up(b, end);
	if (v)
		return v;
	/* The guest's kernel sees the frontend's directory go. */
	sleep_ms(1000);
	return back_recover(b);
}

enum verdict back_run_storm(const struct options *opt, const struct xcase *c)
{
	struct back *b = opt->role->back->device;
	uint64_t seed = opt->seed, end;
	unsigned long long nr = 0;
	enum verdict v = back_open(b, opt, c) ?: back_connect(b);

	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; nr++) {
		state_set(&b->store, b->dir, 1 + (int)(rnd(&seed) % XB_RECONFIGURED));
		if (!(nr % 64))
			back_serve(b, 0, NULL);
	}
	diag("%llu states", nr);
	back_serve(b, 1000, NULL);
	diag("frontend: %s", state_name(state_get(&b->store, b->front)));
	back_vanish(b);
	sleep_ms(2000);
	return back_recover(b);
}

enum verdict back_storm(struct back *b, const int *port, unsigned int nr)
{
	uint64_t end = now_ms() + b->opt->storm_ms;
	unsigned long long rounds;

	for (rounds = 0; now_ms() < end; rounds++)
		for (unsigned int i = 0; i < nr; i++)
			if (port[i] > 0)
				evtchn_notify(&b->evtchn, (uint32_t)port[i]);
	diag("%llu events on %u queues in %u ms", rounds, nr, b->opt->storm_ms);
	return back_use(b) ?: back_stop(b);
}

#define END(_name, _stage, _end, _what) \
	{ .name = (_name), .flags = CASE_EITHER | ((_stage) == AT_CONNECTED ? CASE_IO : 0), \
	  .run = run_end, .arg = STAGE_END(_stage, _end), .what = (_what) }

static const struct xcase cases[] = {
	END("closed-initialising", AT_INITIALISING, END_CLOSED, "Closed before InitWait"),
	END("closed-initwait", AT_INIT_WAIT, END_CLOSED, "Closed right after InitWait"),
	END("closed-initialised", AT_INITIALISED, END_CLOSED, "Closed instead of Connected"),
	END("closed-connected", AT_CONNECTED, END_CLOSED, "Closed without Closing"),
	END("unknown-initialising", AT_INITIALISING, END_STATE_GONE, "state node removed"),
	END("unknown-initwait", AT_INIT_WAIT, END_STATE_GONE, "state node removed"),
	END("unknown-initialised", AT_INITIALISED, END_STATE_GONE, "state node removed"),
	END("unknown-connected", AT_CONNECTED, END_STATE_GONE, "state node removed"),
	END("dir-gone-initwait", AT_INIT_WAIT, END_DIR_GONE, "backend directory removed"),
	END("dir-gone-initialised", AT_INITIALISED, END_DIR_GONE, "backend directory removed"),
	END("dir-gone-connected", AT_CONNECTED, END_DIR_GONE, "backend directory removed"),
	END("all-gone-initwait", AT_INIT_WAIT, END_ALL_GONE, "both directories removed"),
	END("all-gone-initialised", AT_INITIALISED, END_ALL_GONE, "both directories removed"),
	END("all-gone-connected", AT_CONNECTED, END_ALL_GONE, "both directories removed"),
	END("never-initwait", AT_INITIALISING, END_NOTHING, "InitWait never reached"),
	END("never-connected", AT_INITIALISED, END_NOTHING, "Connected never reached"),
};

const struct case_table back_state = { cases, ARRAY_SIZE(cases) };
