// SPDX-License-Identifier: GPL-2.0-only
/*
 * A backend that disappears, or never gets on. The guest must be able to use a new device under the
 * same number afterwards, which it cannot if anything in it still waits for the old one.
 */
#include <errno.h>
#include <string.h>

#include "net_back.h"

enum stage { AT_INITIALISING, AT_INIT_WAIT, AT_INITIALISED, AT_CONNECTED };
enum end { END_CLOSED, END_STATE_GONE, END_DIR_GONE, END_ALL_GONE, END_NOTHING };

#define STAGE_END(stage, end)	((stage) * 16 + (end))

static enum verdict climb(struct nb *b, enum stage stage)
{
	enum verdict v = nb_create(b);
	int state;

	if (v || stage == AT_INITIALISING)
		return v;
	if (stage == AT_CONNECTED)
		return nb_connect(b);
	v = nb_offer(b);
	if (v || stage == AT_INIT_WAIT)
		return v;
	state = nb_wait_front(b, STATE(INITIALISED) | STATE(CONNECTED), b->opt->wait_ms);
	return state < 0 ? fail("frontend does not answer InitWait") : V_PASS;
}

static void finish(struct nb *b, enum end end)
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
		nb_remove(b);
		break;
	default:
		break;
	}
}

/* The toolstack's last word about a backend that is not there. */
static enum verdict give_up(struct nb *b, enum end end)
{
	if (end == END_CLOSED || end == END_NOTHING || end == END_STATE_GONE) {
		store_write(&b->store, 0, b->dir, "online", "0");
		state_set(&b->store, b->dir, XB_CLOSED);
		if (nb_wait_front(b, STATE(CLOSED) | STATE(UNKNOWN), b->opt->close_ms) < 0)
			return fail("frontend does not close");
	}
	if (b->io.pid && !nb_serve(b, b->opt->wait_ms, nb_io_done))
		return fail("the guest's command does not end within %u ms", b->opt->wait_ms);
	nb_remove(b);
	return V_PASS;
}

static enum verdict run_end(const struct options *opt, const struct xcase *c)
{
	static struct nb b;
	enum end end = c->arg % 16;
	enum verdict v = nb_open(&b, opt, c);

	if (v == V_PASS)
		v = climb(&b, c->arg / 16);
	if (v)
		return v;
	/* Packets may be on their way when the backend goes. */
	if (c->arg / 16 == AT_CONNECTED && opt->io) {
		v = nb_io_start(&b, "shout");
		if (v)
			return v;
		nb_serve(&b, 2500, NULL);
	}
	finish(&b, end);
	nb_release(&b);
	sleep_ms(end == END_NOTHING ? 5000 : 2000);
	diag("frontend: %s", state_name(state_get(&b.store, b.front)));
	v = give_up(&b, end);
	if (v)
		return v;
	sleep_ms(1000);
	return nb_recover(&b);
}

/* What the guest is asked for while nobody answers: "unplug", "xdp", "queues". Bounded. */
static enum verdict run_unanswered(const struct options *opt, const struct xcase *c)
{
	static struct nb b;
	enum verdict v = nb_open(&b, opt, c);
	uint64_t start;

	if (v == V_PASS)
		v = nb_connect(&b);
	if (v == V_PASS && opt->io)
		v = nb_io(&b, "up");
	if (v == V_PASS)
		v = nb_io_start(&b, c->value);
	if (v)
		return v;
	start = now_ms();
	if (!nb_serve(&b, opt->close_ms, nb_io_done))
		return fail("the guest's %s does not end within %u ms", c->value, opt->close_ms);
	diag("%s ended after %llu ms with status %d", c->value,
	     (unsigned long long)(now_ms() - start), b.io.status);
	if (c->arg && b.io.status)
		return fail("%s fails", c->value);
	store_write(&b.store, 0, b.dir, "online", "0");
	state_set(&b.store, b.dir, XB_CLOSED);
	nb_serve(&b, 1000, NULL);
	nb_release(&b);
	nb_remove(&b);
	sleep_ms(1000);
	return nb_recover(&b);
}

static enum verdict run_events(const struct options *opt, const struct xcase *c)
{
	static const struct nb_key key = { "feature-ctrl-ring", "1" };
	static struct nb b;
	unsigned long long nr = 0;
	enum verdict v = nb_open(&b, opt, c);
	uint64_t end;

	b.keys = &key;
	b.nr_keys = 1;
	if (v == V_PASS)
		v = nb_connect(&b);
	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; nr++) {
		for (unsigned int i = 0; i < b.nr_queues; i++) {
			struct nb_queue *q = &b.queue[i];
			int port = c->arg == 0 ? q->tx.port :
				   c->arg == 1 ? q->rx.port : b.ctrl.port;

			if (port > 0)
				evtchn_notify(&b.evtchn, (uint32_t)port);
		}
	}
	diag("%llu events on %u queues in %u ms", nr, b.nr_queues, opt->storm_ms);
	if (opt->io) {
		v = nb_io(&b, "net");
		if (v == V_PASS && b.io.status)
			v = fail("the guest's packets fail: status %d", b.io.status);
	}
	return v ? v : nb_stop(&b);
}

static enum verdict run_storm(const struct options *opt, const struct xcase *c)
{
	static struct nb b;
	uint64_t seed = opt->seed, end;
	unsigned long long nr = 0;
	enum verdict v = nb_open(&b, opt, c);

	if (v == V_PASS)
		v = nb_connect(&b);
	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; nr++) {
		state_set(&b.store, b.dir, 1 + (int)(rnd(&seed) % XB_RECONFIGURED));
		if (!(nr % 64))
			nb_serve(&b, 0, NULL);
	}
	diag("%llu states", nr);
	nb_serve(&b, 1000, NULL);
	diag("frontend: %s", state_name(state_get(&b.store, b.front)));
	nb_release(&b);
	nb_remove(&b);
	sleep_ms(2000);
	return nb_recover(&b);
}

#define END(_name, _stage, _end, _what) \
	{ .name = (_name), .flags = CASE_EITHER | ((_stage) == AT_CONNECTED ? CASE_IO : 0), \
	  .run = run_end, .arg = STAGE_END(_stage, _end), .what = (_what) }
#define UNANSWERED(_name, _want, _flags, _must, _what) \
	{ .name = (_name), .flags = CASE_IO | (_flags), .run = run_unanswered, .arg = (_must), \
	  .value = (_want), .what = (_what) }
#define EVENTS(_name, _arg, _what) \
	{ .name = (_name), .flags = CASE_IO, .run = run_events, .arg = (_arg), .what = (_what) }

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
		.name = "state-storm", .flags = CASE_EITHER, .run = run_storm,
		.what = "random states as fast as the store takes them",
	},
};

const struct case_table net_back_state = { cases, ARRAY_SIZE(cases) };
