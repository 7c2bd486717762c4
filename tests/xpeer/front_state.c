// SPDX-License-Identifier: GPL-2.0-only
/* A frontend whose state makes no sense, that disappears, or that rings for nothing. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "front.h"
#include "worker.h"

void front_settle(struct front *f)
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
static enum verdict recover_if_there(struct front *f, const struct xcase *c)
{
	front_settle(f);
	if (!store_exists(&f->store, f->back, "state") && (c->flags & CASE_LOST)) {
		diag("the device is gone, as it may");
		return V_PASS;
	}
	return front_recover(f);
}

enum verdict front_run_storm(const struct options *opt, const struct xcase *c)
{
	struct front *f = opt->role->front->device;
	uint64_t seed = opt->seed, end;
	unsigned long long nr = 0;
	enum verdict v = front_start(f, opt);

	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; nr++) {
		int state = 1 + (int)(rnd(&seed) % XB_RECONFIGURED);

		if (c->arg == STATES_PINGPONG)
			state = nr & 1 ? XB_CONNECTED : XB_CLOSED;
		else if (c->arg == STATES_RECONFIGURING)
			state = nr % 3 ? XB_RECONFIGURING : XB_CLOSED;
		state_set(&f->store, f->dir, (enum xb_state)state);
	}
	diag("%llu states", nr);
	return recover_if_there(f, c);
}

enum verdict front_run_value(const struct options *opt, const struct xcase *c)
{
	struct front *f = opt->role->front->device;
	enum verdict v = front_start(f, opt);

	if (v)
		return v;
	store_write(&f->store, 0, f->dir, "state", c->value);
	return recover_if_there(f, c);
}

enum verdict front_run_delete(const struct options *opt, const struct xcase *c)
{
	struct front *f = opt->role->front->device;
	bool early = c->arg == DELETE_DIR_EARLY;
	enum verdict v = early ? front_open(f, opt) ?: front_reset(f) : front_start(f, opt);
	int err;

	if (v)
		return v;
	/* Something on the way at the moment it happens. */
	if (!early)
		f->kind->fill(f);
	err = store_remove(&f->store, 0, f->dir, c->arg == DELETE_STATE ? "state" :
						 c->arg == DELETE_RING ? f->kind->ring_key : NULL);
	if (err)
		return broken("removing a node: %s", strerror(-err));
	front_settle(f);
	return c->arg == DELETE_RING ? front_recover(f) : V_PASS;
}

/* What the process to be killed does before. */
static enum verdict climb(struct front *f, const struct options *opt, long long state)
{
	enum verdict v = front_open(f, opt) ?: front_reset(f);

	if (v || state == XB_INITIALISING)
		return v;
	v = f->kind->prepare(f) ?: front_publish(f, NULL, 0);
	if (v)
		return v;
	if (state == XB_INITIALISED) {
		/* Gone before the backend can have seen it. */
		state_set(&f->store, f->dir, f->kind->answer);
		return V_PASS;
	}
	v = front_finish(f) ?: front_meet(f);
	if (v)
		return v;
	if (state == XB_CLOSING)
		state_set(&f->store, f->dir, XB_CLOSING);
	else
		f->kind->fill(f);
	return V_PASS;
}

enum verdict front_run_kill(const struct options *opt, const struct xcase *c)
{
	struct front *f = opt->role->front->device;
	enum verdict v = V_PASS;
	int status;
	pid_t pid;

	for (int round = 0; round < 3 && v == V_PASS; round++) {
		pid = fork();
		if (pid < 0)
			return broken("fork: %s", strerror(errno));
		if (!pid) {
			v = climb(f, opt, c->arg);
			if (v == V_PASS)
				raise(SIGKILL);
			_exit(v);
		}
		if (waitpid(pid, &status, 0) != pid)
			return broken("waitpid: %s", strerror(errno));
		if (!WIFSIGNALED(status))
			return (enum verdict)WEXITSTATUS(status);
		v = front_open(f, opt) ?: front_recover(f);
		grant_free(&f->pages);
		evtchn_close(&f->evtchn);
		store_close(&f->store);
	}
	return v;
}

enum verdict front_run_close_in_flight(const struct options *opt, const struct xcase *c)
{
	struct front *f = opt->role->front->device;
	enum verdict v = front_open(f, opt);

	for (long long i = 0; i < c->arg && v == V_PASS; i++) {
		v = front_connect(f);
		if (!i)
			v = v ?: front_meet(f);
		if (v == V_PASS) {
			f->kind->fill(f);
			v = front_close(f);
		}
	}
	return v ?: front_recover(f);
}

enum verdict front_run_cycles(const struct options *opt, const struct xcase *c)
{
	struct front *f = opt->role->front->device;
	enum verdict v = front_open(f, opt);

	for (long long i = 0; i < c->arg && v == V_PASS; i++)
		v = front_recover(f);
	return v;
}

struct storm {
	struct evtchn	*evtchn;
	uint32_t	port;
	atomic_ullong	nr;
};

static void notify(void *arg)
{
	struct storm *s = arg;

	evtchn_notify(s->evtchn, s->port);
	atomic_fetch_add(&s->nr, 1);
}

enum verdict front_storm(struct front *f, int port, enum verdict (*work)(struct front *f))
{
	struct storm s = { .evtchn = &f->evtchn, .port = (uint32_t)port };
	struct worker w[2];
	enum verdict v = worker_start(&w[0], notify, &s) ?: worker_start(&w[1], notify, &s);
	uint64_t end;

	if (v)
		return v;
	if (!work)
		front_linger(f, "storm");
	for (end = now_ms() + f->opt->storm_ms; now_ms() < end && v == V_PASS; sleep_ms(100))
		if (work)
			v = work(f);
	worker_stop(&w[0]);
	worker_stop(&w[1]);
	diag("%llu events in %u ms", (unsigned long long)atomic_load(&s.nr), f->opt->storm_ms);
	return v ?: f->kind->verify(f) ?: front_close(f);
}
