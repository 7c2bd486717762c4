// SPDX-License-Identifier: GPL-2.0-only
/* A frontend whose state makes no sense, that disappears, or that rings for nothing. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blk_front.h"

/* Wait until the backend has read all that was written: its state stays for a while. */
static void settle(struct bf *f)
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

/* After a storm the backend may be gone: legal, if the state said so at some time. */
static enum verdict recover_if_there(struct bf *f, const struct xcase *c)
{
	settle(f);
	if (!store_exists(&f->store, f->back, "state") && (c->flags & CASE_LOST)) {
		diag("the device is gone, as it may");
		return V_PASS;
	}
	return bf_recover(f);
}

static enum verdict run_storm(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	uint64_t seed = opt->seed, end, nr = 0;
	enum verdict v = bf_start(&f, opt);

	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; nr++)
		state_set(&f.store, f.dir, 1 + (int)(rnd(&seed) % XB_RECONFIGURED));
	diag("%llu states", (unsigned long long)nr);
	return recover_if_there(&f, c);
}

static enum verdict run_pingpong(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	uint64_t end, nr = 0;
	enum verdict v = bf_start(&f, opt);

	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; nr++)
		state_set(&f.store, f.dir, nr & 1 ? XB_CONNECTED : XB_CLOSED);
	diag("%llu states", (unsigned long long)nr);
	return recover_if_there(&f, c);
}

static enum verdict run_value(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	enum verdict v = bf_start(&f, opt);

	if (v)
		return v;
	store_write(&f.store, 0, f.dir, "state", c->value);
	return recover_if_there(&f, c);
}

enum delete_what { DELETE_STATE, DELETE_DIR, DELETE_DIR_EARLY, DELETE_RING };

static enum verdict run_delete(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	struct blk_request req;
	enum verdict v;
	int err;

	v = bf_open(&f, opt);
	if (v == V_PASS)
		v = c->arg == DELETE_DIR_EARLY ? bf_reset(&f) :
						 bf_connect(&f, &bf_plain);
	if (v)
		return v;
	if (c->arg != DELETE_DIR_EARLY) {
		/* Something on the way at the moment it happens. */
		bf_request(&f, &req, BLK_READ, BF_SCRATCH, 0, 11);
		bf_post(&f.queue[0], &f, &req);
		bf_push(&f, &f.queue[0]);
	}
	err = store_remove(&f.store, 0, f.dir, c->arg == DELETE_STATE ? "state" :
					       c->arg == DELETE_RING ? "ring-ref" : NULL);
	if (err)
		return broken("removing a node: %s", strerror(-err));
	settle(&f);
	if (c->arg == DELETE_RING)
		return bf_recover(&f);
	return V_PASS;
}

/* What the process to be killed does before. */
static enum verdict climb(struct bf *f, const struct options *opt, long long state)
{
	struct blk_request req;
	enum verdict v = bf_open(f, opt);

	if (v == V_PASS)
		v = bf_reset(f);
	if (v || state == XB_INITIALISING)
		return v;
	v = bf_prepare(f, &bf_plain);
	if (v == V_PASS)
		v = bf_publish(f, NULL, 0);
	if (v)
		return v;
	if (state == XB_INITIALISED) {
		state_set(&f->store, f->dir, XB_INITIALISED);
		return V_PASS;
	}
	v = bf_finish(f);
	if (v)
		return v;
	if (state == XB_CLOSING) {
		state_set(&f->store, f->dir, XB_CLOSING);
		return V_PASS;
	}
	for (unsigned int i = 0; i < f->queue[0].ring.nr; i++) {
		bf_request(f, &req, BLK_READ, BF_SCRATCH, i % BF_BIG, 11);
		bf_post(&f->queue[0], f, &req);
	}
	bf_push(f, &f->queue[0]);
	return V_PASS;
}

static enum verdict run_kill(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
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
		v = bf_open(&f, opt);
		if (v == V_PASS)
			v = bf_recover(&f);
		grant_free(&f.data);
		evtchn_close(&f.evtchn);
		store_close(&f.store);
	}
	return v;
}

/* Closing with a full ring in flight, again and again. */
static enum verdict run_close_in_flight(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	enum verdict v = bf_open(&f, opt);
	struct blk_request req;

	for (long long i = 0; i < c->arg && v == V_PASS; i++) {
		v = bf_connect(&f, &bf_plain);
		for (unsigned int n = 0; v == V_PASS && n < f.queue[0].ring.nr; n++) {
			bf_request(&f, &req, BLK_READ, BF_SCRATCH + n * 8, n % BF_BIG, 11);
			bf_post(&f.queue[0], &f, &req);
		}
		if (v == V_PASS) {
			bf_push(&f, &f.queue[0]);
			v = bf_close(&f);
		}
	}
	return v ? v : bf_recover(&f);
}

struct storm {
	struct bf	*f;
	atomic_bool	stop;
	atomic_ullong	nr;
};

static void *storm_thread(void *arg)
{
	struct storm *s = arg;

	while (!atomic_load(&s->stop)) {
		evtchn_notify(&s->f->evtchn, (uint32_t)s->f->queue[0].port);
		atomic_fetch_add(&s->nr, 1);
	}
	return NULL;
}

/* Events and no work; with c->arg also a request now and then, which has to be served. */
static enum verdict run_events(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	struct storm s = { .f = &f };
	pthread_t thread[2];
	enum verdict v = bf_start(&f, opt);
	uint64_t end = now_ms() + opt->storm_ms;

	if (v)
		return v;
	for (size_t i = 0; i < ARRAY_SIZE(thread); i++)
		if (pthread_create(&thread[i], NULL, storm_thread, &s))
			return broken("no thread");
	if (!c->arg)
		bf_linger(&f, "storm");
	while (now_ms() < end && v == V_PASS) {
		sleep_ms(100);
		if (c->arg)
			v = bf_verify(&f);
	}
	atomic_store(&s.stop, true);
	for (size_t i = 0; i < ARRAY_SIZE(thread); i++)
		pthread_join(thread[i], NULL);
	diag("%llu events in %u ms", (unsigned long long)atomic_load(&s.nr), opt->storm_ms);
	if (v == V_PASS)
		v = bf_verify(&f);
	return v ? v : bf_close(&f);
}

#define VALUE(_name, _value, _what) \
	{ .name = (_name), .flags = CASE_EITHER | CASE_LOST, .run = run_value, \
	  .value = (_value), .what = (_what) }
#define DELETE(_name, _arg, _what) \
	{ .name = (_name), .flags = CASE_LOST, .run = run_delete, .arg = (_arg), \
	  .what = (_what) }
#define KILL(_name, _state, _what) \
	{ .name = (_name), .run = run_kill, .arg = (_state), .what = (_what) }

static const struct xcase cases[] = {
	{
		.name = "state-storm", .flags = CASE_EITHER, .run = run_storm,
		.what = "random states as fast as the store takes them: reconnects",
	}, {
		.name = "state-pingpong", .flags = CASE_EITHER, .run = run_pingpong,
		.what = "Closed and Connected in turn: reconnects",
	},
	VALUE("state-garbage", "banana", "state 'banana'"),
	VALUE("state-empty", "", "state ''"),
	VALUE("state-9", "9", "state 9"),
	VALUE("state-negative", "-1", "state -1"),
	VALUE("state-4g", "4294967295", "state 2^32 - 1"),
	DELETE("state-deleted", DELETE_STATE, "state node removed while connected"),
	DELETE("dir-deleted", DELETE_DIR, "directory removed while connected"),
	DELETE("dir-deleted-early", DELETE_DIR_EARLY, "directory removed at InitWait"),
	{
		.name = "ring-ref-deleted", .run = run_delete, .arg = DELETE_RING,
		.what = "ring-ref removed while connected: reconnects",
	},
	KILL("kill-initialising", XB_INITIALISING, "killed at Initialising: reconnects"),
	KILL("kill-initialised", XB_INITIALISED, "killed at Initialised: reconnects"),
	KILL("kill-connected", XB_CONNECTED, "killed with a full ring: reconnects"),
	KILL("kill-closing", XB_CLOSING, "killed at Closing: reconnects"),
	{
		.name = "close-in-flight", .run = run_close_in_flight, .arg = 20,
		.what = "closed with a full ring, 20 times: reconnects",
	}, {
		.name = "event-storm", .run = run_events,
		.what = "events without work: CPU bounded, then serves",
	}, {
		.name = "event-storm-io", .run = run_events, .arg = 1,
		.what = "events and now and then a request: served in time",
	},
};

const struct case_table blk_front_state = { cases, ARRAY_SIZE(cases) };
