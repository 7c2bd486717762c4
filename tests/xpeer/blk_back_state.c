// SPDX-License-Identifier: GPL-2.0-only
/*
 * A backend that disappears, or never gets on. The guest must be able to use a new device under
 * the same number afterwards, which it cannot if anything in it still waits for the old one.
 */
#include <errno.h>
#include <string.h>

#include "blk_back.h"

/* How far the connection gets. */
enum stage { AT_INITIALISING, AT_INIT_WAIT, AT_INITIALISED, AT_CONNECTED };
/* And what happens then. */
enum end { END_CLOSED, END_STATE_GONE, END_DIR_GONE, END_ALL_GONE, END_NOTHING };

#define STAGE_END(stage, end)	((stage) * 16 + (end))

static enum verdict climb(struct bb *b, enum stage stage)
{
	enum verdict v = bb_create(b);
	int state;

	if (v || stage == AT_INITIALISING)
		return v;
	if (stage == AT_CONNECTED)
		return bb_connect(b);
	v = bb_offer(b);
	if (v || stage == AT_INIT_WAIT)
		return v;
	state = bb_wait_front(b, STATE(INITIALISED), b->opt->wait_ms);
	return state < 0 ? fail("frontend does not get to Initialised") : V_PASS;
}

static void finish(struct bb *b, enum end end)
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
		bb_remove(b);
		break;
	default:
		break;
	}
}

/*
 * The toolstack's last word about a backend that is not there. A frontend may wait for another
 * one until it is said; now its I/O has to end, and it has to close if it can be told so.
 */
static enum verdict give_up(struct bb *b, enum end end)
{
	int state;

	if (end == END_CLOSED || end == END_NOTHING || end == END_STATE_GONE) {
		store_writef(&b->store, 0, b->dir, "online", "0");
		state_set(&b->store, b->dir, XB_CLOSED);
		state = bb_wait_front(b, STATE(CLOSED) | STATE(UNKNOWN), b->opt->close_ms);
		diag("frontend: %s", state_name(state));
		if (state < 0)
			return fail("frontend does not close");
	}
	if (b->io.pid && !bb_serve(b, b->opt->wait_ms, bb_io_done))
		return fail("the guest's I/O does not end within %u ms", b->opt->wait_ms);
	bb_remove(b);
	return V_PASS;
}

static enum verdict run_end(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	enum end end = c->arg % 16;
	enum verdict v = bb_open(&b, opt, c);

	if (v == V_PASS)
		v = climb(&b, c->arg / 16);
	if (v)
		return v;
	/* I/O may be on its way when the backend goes. */
	if (c->arg / 16 == AT_CONNECTED && opt->io) {
		v = bb_io_start(&b, "io");
		if (v)
			return v;
		bb_serve(&b, 300, NULL);
	}
	finish(&b, end);
	bb_release(&b);
	sleep_ms(end == END_NOTHING ? 5000 : 2000);
	diag("frontend: %s", state_name(state_get(&b.store, b.front)));
	v = give_up(&b, end);
	if (v)
		return v;
	/* The guest's kernel sees the frontend's directory go. */
	sleep_ms(1000);
	return bb_recover(&b);
}

/* The guest takes its driver off, and nobody answers that it is closing. */
static enum verdict run_never_closing(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	enum verdict v = bb_open(&b, opt, c);

	if (v == V_PASS)
		v = bb_connect(&b);
	if (v == V_PASS)
		v = bb_io_start(&b, "unplug");
	if (v)
		return v;
	if (!bb_serve(&b, opt->close_ms, bb_io_done))
		return fail("the driver does not come off within %u ms", opt->close_ms);
	diag("unplug ended with status %d", b.io.status);
	if (b.io.status)
		return fail("unplug fails");
	bb_release(&b);
	bb_remove(&b);
	sleep_ms(1000);
	return bb_recover(&b);
}

static enum verdict run_events(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	unsigned long long nr = 0;
	enum verdict v = bb_open(&b, opt, c);
	uint64_t end;

	if (v == V_PASS)
		v = bb_connect(&b);
	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; nr++)
		for (unsigned int i = 0; i < b.nr_queues; i++)
			evtchn_notify(&b.evtchn, (uint32_t)b.queue[i].port);
	diag("%llu events on %u queues in %u ms", nr, b.nr_queues, opt->storm_ms);
	if (opt->io) {
		v = bb_io(&b, "io");
		if (v == V_PASS && b.io.status)
			v = fail("the guest's I/O fails: status %d", b.io.status);
	}
	return v ? v : bb_stop(&b);
}

static enum verdict run_storm(const struct options *opt, const struct xcase *c)
{
	static struct bb b;
	uint64_t seed = opt->seed, end;
	unsigned long long nr = 0;
	enum verdict v = bb_open(&b, opt, c);

	if (v == V_PASS)
		v = bb_connect(&b);
	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; nr++) {
		state_set(&b.store, b.dir, 1 + (int)(rnd(&seed) % XB_RECONFIGURED));
		if (!(nr % 64))
			bb_serve(&b, 0, NULL);
	}
	diag("%llu states", nr);
	bb_serve(&b, 1000, NULL);
	diag("frontend: %s", state_name(state_get(&b.store, b.front)));
	bb_release(&b);
	bb_remove(&b);
	sleep_ms(2000);
	return bb_recover(&b);
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
	{
		.name = "never-closing", .flags = CASE_UNPLUG, .run = run_never_closing,
		.what = "driver taken off, Closing never answered: bounded",
	}, {
		.name = "event-storm", .flags = CASE_IO, .run = run_events,
		.what = "events without responses: CPU bounded, then serves",
	}, {
		.name = "state-storm", .flags = CASE_EITHER, .run = run_storm,
		.what = "random states as fast as the store takes them",
	},
};

const struct case_table blk_back_state = { cases, ARRAY_SIZE(cases) };
