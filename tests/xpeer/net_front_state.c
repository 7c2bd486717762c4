// SPDX-License-Identifier: GPL-2.0-only
/* A frontend whose state makes no sense, that disappears, or that rings for nothing. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net_front.h"

/* Wait until the backend has read all that was written: its state stays for a while. */
static void settle(struct nf *f)
{
	enum xb_state last = state_get(&f->store, f->back);
	uint64_t end = now_ms() + f->opt->wait_ms, since = now_ms();

	while (now_ms() < end && now_ms() - since < 500) {
		enum xb_state state = state_get(&f->store, f->back);

		if (state != last)
			since = now_ms();
		last = state;
		sleep_ms(20);
	}
	diag("backend settled: %s", state_name(last));
}

static enum verdict recover_if_there(struct nf *f, const struct xcase *c)
{
	settle(f);
	if (!store_exists(&f->store, f->back, "state") && (c->flags & CASE_LOST)) {
		diag("the device is gone, as it may");
		return V_PASS;
	}
	return nf_recover(f);
}

/* c->arg: 0 random states; 1 Closed and Connected; 2 Reconfiguring from wherever. */
static enum verdict run_storm(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	uint64_t seed = opt->seed, end, nr = 0;
	enum verdict v = nf_start(&f, opt);

	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; nr++) {
		int state = 1 + (int)(rnd(&seed) % XB_RECONFIGURED);

		if (c->arg == 1)
			state = nr & 1 ? XB_CONNECTED : XB_CLOSED;
		else if (c->arg == 2)
			state = nr % 3 ? XB_RECONFIGURING : XB_CLOSED;
		state_set(&f.store, f.dir, (enum xb_state)state);
	}
	diag("%llu states", (unsigned long long)nr);
	return recover_if_there(&f, c);
}

/* Reconfiguring, as for XDP, when connected: answered; when not: harmless. */
static enum verdict run_reconfigure(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	enum verdict v = c->arg ? nf_start(&f, opt) : nf_open(&f, opt);

	if (v == V_PASS && !c->arg)
		v = nf_reset(&f);
	if (v)
		return v;
	store_write(&f.store, 0, f.dir, "xdp-headroom", "256");
	state_set(&f.store, f.dir, XB_RECONFIGURING);
	if (state_wait(&f.store, f.back, STATE(RECONFIGURED), c->arg ? opt->wait_ms : 1000) < 0) {
		if (c->arg)
			return fail("backend does not get to Reconfigured");
	}
	state_set(&f.store, f.dir, c->arg ? XB_CONNECTED : XB_INITIALISING);
	if (c->arg)
		v = nf_verify(&f);
	return v ? v : nf_recover(&f);
}

static enum verdict run_value(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	enum verdict v = nf_start(&f, opt);

	if (v)
		return v;
	store_write(&f.store, 0, f.dir, "state", c->value);
	return recover_if_there(&f, c);
}

/* A node that the backend watches, rewritten in a loop while packets flow. */
static enum verdict run_watched(const struct options *opt, const struct xcase *c)
{
	static const char * const values[] = { "1", "0", "x", "", "4294967295", "-1" };
	static struct nf f;
	struct nf_config config = nf_plain;
	unsigned long long nr = 0;
	enum verdict v = nf_open(&f, opt);
	uint64_t end;

	config.mcast = true;
	if (v == V_PASS)
		v = nf_connect(&f, &config);
	if (v == V_PASS)
		v = nf_verify(&f);
	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; nr++)
		store_write(&f.store, 0, f.dir, c->key, values[nr % ARRAY_SIZE(values)]);
	diag("%llu times", nr);
	store_write(&f.store, 0, f.dir, c->key, "0");
	settle(&f);
	v = nf_verify(&f);
	return v ? v : nf_close(&f);
}

enum delete_what { DELETE_STATE, DELETE_DIR, DELETE_DIR_EARLY, DELETE_RING };

static void fill_ring(struct nf *f)
{
	static uint8_t frame[2048];
	struct nf_packet p;
	size_t len = frame_udp(frame, &f->self, &f->peer, 9, 1400);

	for (unsigned int i = 0; i < NET_RING_ENTRIES; i++) {
		nf_cut(f, &p, frame, len, NULL, 0);
		nf_post(f, &f->queue[0], &p);
	}
	nf_push(f, &f->queue[0]);
}

static enum verdict run_delete(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	enum verdict v;
	int err;

	if (c->arg == DELETE_DIR_EARLY) {
		v = nf_open(&f, opt);
		if (v == V_PASS)
			v = nf_reset(&f);
	} else {
		v = nf_start(&f, opt);
	}
	if (v)
		return v;
	if (c->arg != DELETE_DIR_EARLY)
		fill_ring(&f);
	err = store_remove(&f.store, 0, f.dir, c->arg == DELETE_STATE ? "state" :
					       c->arg == DELETE_RING ? "tx-ring-ref" : NULL);
	if (err)
		return broken("removing a node: %s", strerror(-err));
	settle(&f);
	return c->arg == DELETE_RING ? nf_recover(&f) : V_PASS;
}

/* What the process to be killed does before. */
static enum verdict climb(struct nf *f, const struct options *opt, long long state)
{
	enum verdict v = nf_open(f, opt);

	if (v == V_PASS)
		v = nf_reset(f);
	if (v || state == XB_INITIALISING)
		return v;
	v = nf_prepare(f, &nf_plain);
	if (v == V_PASS)
		v = nf_publish(f, NULL, 0);
	if (v)
		return v;
	if (state == XB_INITIALISED) {
		/* Connected, and gone before the backend can have seen it. */
		state_set(&f->store, f->dir, XB_CONNECTED);
		return V_PASS;
	}
	v = nf_finish(f);
	if (v == V_PASS)
		v = nf_verify(f);
	if (v)
		return v;
	if (state == XB_CLOSING)
		state_set(&f->store, f->dir, XB_CLOSING);
	else
		fill_ring(f);
	return V_PASS;
}

static enum verdict run_kill(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	enum verdict v = V_PASS;
	int status;
	pid_t pid;

	for (int round = 0; round < 3 && v == V_PASS; round++) {
		pid = fork();
		if (pid < 0)
			return broken("fork: %s", strerror(errno));
		if (!pid) {
			v = climb(&f, opt, c->arg);
			if (v == V_PASS)
				raise(SIGKILL);
			_exit(v);
		}
		if (waitpid(pid, &status, 0) != pid)
			return broken("waitpid: %s", strerror(errno));
		if (!WIFSIGNALED(status))
			return (enum verdict)WEXITSTATUS(status);
		v = nf_open(&f, opt);
		if (v == V_PASS)
			v = nf_recover(&f);
		grant_free(&f.tx_pages);
		evtchn_close(&f.evtchn);
		store_close(&f.store);
	}
	return v;
}

/* Closing with a full ring in flight, again and again; c->arg times. */
static enum verdict run_close_in_flight(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	enum verdict v = nf_open(&f, opt);

	for (long long i = 0; i < c->arg && v == V_PASS; i++) {
		v = nf_connect(&f, &nf_plain);
		if (v == V_PASS && !i)
			v = nf_verify(&f);
		if (v == V_PASS) {
			fill_ring(&f);
			v = nf_close(&f);
		}
	}
	return v ? v : nf_recover(&f);
}

struct storm {
	struct nf	*f;
	int		port;
	atomic_bool	stop;
	atomic_ullong	nr;
};

static void *storm_thread(void *arg)
{
	struct storm *s = arg;

	while (!atomic_load(&s->stop)) {
		evtchn_notify(&s->f->evtchn, (uint32_t)s->port);
		atomic_fetch_add(&s->nr, 1);
	}
	return NULL;
}

enum storm_what { STORM_TX, STORM_RX, STORM_ONE, STORM_CTRL, STORM_ECHO };

/* Events and no work; CPU is bounded and the next packet served. */
static enum verdict run_events(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	struct nf_config config = nf_plain;
	struct storm s = { .f = &f };
	pthread_t thread[2];
	enum verdict v = nf_open(&f, opt);
	uint64_t end;

	config.split = c->arg != STORM_ONE;
	config.ctrl = c->arg == STORM_CTRL;
	if (v == V_PASS)
		v = nf_connect(&f, &config);
	if (v == V_PASS)
		v = nf_verify(&f);
	if (v)
		return v;
	s.port = c->arg == STORM_RX ? f.queue[0].rx.port :
		 c->arg == STORM_CTRL ? f.ctrl.port : f.queue[0].tx.port;
	for (size_t i = 0; i < ARRAY_SIZE(thread); i++)
		if (pthread_create(&thread[i], NULL, storm_thread, &s))
			return broken("no thread");
	if (c->arg != STORM_ECHO)
		nf_linger(&f, "storm");
	for (end = now_ms() + opt->storm_ms; now_ms() < end && v == V_PASS; sleep_ms(100))
		if (c->arg == STORM_ECHO)
			v = nf_echo(&f, &f.queue[0], 300, NULL, 0);
	atomic_store(&s.stop, true);
	for (size_t i = 0; i < ARRAY_SIZE(thread); i++)
		pthread_join(thread[i], NULL);
	diag("%llu events in %u ms", (unsigned long long)atomic_load(&s.nr), opt->storm_ms);
	if (v == V_PASS)
		v = nf_verify(&f);
	return v ? v : nf_close(&f);
}

#define VALUE(_name, _value, _what) \
	{ .name = (_name), .flags = CASE_EITHER | CASE_LOST, .run = run_value, \
	  .value = (_value), .what = (_what) }
#define DELETE(_name, _flags, _arg, _what) \
	{ .name = (_name), .flags = (_flags), .run = run_delete, .arg = (_arg), .what = (_what) }
#define KILL(_name, _state, _what) \
	{ .name = (_name), .run = run_kill, .arg = (_state), .what = (_what) }
#define STORM(_name, _arg, _what) \
	{ .name = (_name), .flags = CASE_EITHER, .run = run_storm, .arg = (_arg), .what = (_what) }
#define EVENTS(_name, _arg, _what) \
	{ .name = (_name), .run = run_events, .arg = (_arg), .what = (_what) }

static const struct xcase cases[] = {
	STORM("state-storm", 0, "random states as fast as the store takes them: reconnects"),
	STORM("state-pingpong", 1, "Closed and Connected in turn: reconnects"),
	STORM("state-reconfiguring", 2, "Reconfiguring when Closed: reconnects"),
	{
		.name = "reconfigure", .run = run_reconfigure, .arg = 1, .flags = CASE_GOOD,
		.what = "Reconfiguring when connected: answered, echoes",
	}, {
		.name = "reconfigure-early", .run = run_reconfigure, .flags = CASE_EITHER,
		.what = "Reconfiguring at InitWait: reconnects",
	},
	VALUE("state-garbage", "banana", "state 'banana'"),
	VALUE("state-empty", "", "state ''"),
	VALUE("state-9", "9", "state 9"),
	VALUE("state-negative", "-1", "state -1"),
	VALUE("state-4g", "4294967295", "state 2^32 - 1"),
	{
		.name = "watch-mcast", .flags = CASE_EITHER, .run = run_watched,
		.key = "request-multicast-control",
		.what = "request-multicast-control rewritten in a loop: echoes",
	}, {
		.name = "watch-headroom", .flags = CASE_EITHER, .run = run_watched,
		.key = "xdp-headroom", .what = "xdp-headroom rewritten in a loop: echoes",
	},
	DELETE("state-deleted", CASE_LOST, DELETE_STATE, "state node removed while connected"),
	DELETE("dir-deleted", CASE_LOST, DELETE_DIR, "directory removed while connected"),
	DELETE("dir-deleted-early", CASE_LOST, DELETE_DIR_EARLY, "directory removed at InitWait"),
	DELETE("ring-ref-deleted", 0, DELETE_RING, "tx-ring-ref removed: reconnects"),
	KILL("kill-initialising", XB_INITIALISING, "killed at Initialising: reconnects"),
	KILL("kill-initialised", XB_INITIALISED, "killed right after Connected: reconnects"),
	KILL("kill-connected", XB_CONNECTED, "killed with a full ring: reconnects"),
	KILL("kill-closing", XB_CLOSING, "killed at Closing: reconnects"),
	{
		.name = "close-in-flight", .run = run_close_in_flight, .arg = 20,
		.what = "closed with a full ring, 20 times: reconnects",
	},
	EVENTS("event-storm-tx", STORM_TX, "events without work: CPU bounded, then echoes"),
	EVENTS("event-storm-rx", STORM_RX, "events on the receive channel"),
	EVENTS("event-storm-one", STORM_ONE, "events on the only channel"),
	EVENTS("event-storm-ctrl", STORM_CTRL, "events on the control channel"),
	EVENTS("event-storm-echo", STORM_ECHO, "events and echoes meanwhile: served in time"),
};

const struct case_table net_front_state = { cases, ARRAY_SIZE(cases) };
