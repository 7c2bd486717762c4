// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a backend's connection. We make the device ourselves: the frontend's directory is
 * the usual one, the backend's is of a type that no driver of this kernel knows.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "back.h"

/* How long an event may be missed. */
#define TICK_MS		5

#define CLOSES		(STATE(CLOSING) | STATE(CLOSED))

enum verdict back_open(struct back *b, const struct options *opt, const struct xcase *c)
{
	const struct back_kind *kind = opt->role->back;
	int err;

	memset(b, 0, kind->size);
	b->kind = kind;
	b->opt = opt;
	b->xcase = c;
	b->evtchn.fd = -1;
	err = store_open(&b->store);
	if (err)
		return broken("no xenstore device file: %s", strerror(-err));
	err = evtchn_open(&b->evtchn);
	if (err)
		return broken("/dev/xen/evtchn: %s", strerror(-err));
	b->self = (unsigned int)store_number(&b->store, "domid", NULL, 0);
	snprintf(b->dir, sizeof(b->dir), "/local/domain/%u/backend/xpeer/%u/%u", b->self,
		 opt->domid, opt->dev);
	snprintf(b->front, sizeof(b->front), "/local/domain/%u/device/%s/%u", opt->domid,
		 kind->type, opt->dev);
	snprintf(b->error, sizeof(b->error), "/local/domain/%u/error/device/%s/%u", opt->domid,
		 kind->type, opt->dev);
	kind->behave(b);
	return kind->open(b);
}

int back_put(struct back *b, uint32_t tx, const char *dir, const char *key, const char *value)
{
	for (unsigned int i = 0; i < b->nr_keys; i++)
		if (!strcmp(b->keys[i].key, key))
			value = b->keys[i].value;
	return value ? store_write(&b->store, tx, dir, key, value) : 0;
}

int back_put_all(struct back *b, const struct store_key *keys, size_t nr)
{
	int err = 0;

	for (size_t i = 0; i < nr && !err; i++)
		err = back_put(b, 0, b->dir, keys[i].key, keys[i].value);
	return err;
}

static int create_once(struct back *b)
{
	struct store *s = &b->store;
	unsigned int guest = b->opt->domid;
	uint32_t tx;
	int err = store_begin(s, &tx);

	if (err)
		return err;
	err = store_mkdir(s, tx, b->front) ?:
	      store_perms(s, tx, b->front, guest, b->self) ?:
	      store_mkdir(s, tx, b->dir) ?:
	      store_perms(s, tx, b->dir, b->self, guest) ?:
	      store_write(s, tx, b->dir, "frontend", b->front) ?:
	      store_writef(s, tx, b->dir, "frontend-id", "%u", guest) ?:
	      store_write(s, tx, b->dir, "online", "1") ?:
	      store_write(s, tx, b->front, "backend", b->dir) ?:
	      store_writef(s, tx, b->front, "backend-id", "%u", b->self) ?:
	      b->kind->create(b, tx) ?:
	      store_writef(s, tx, b->dir, "state", "%d", XB_INITIALISING) ?:
	      store_writef(s, tx, b->front, "state", "%d", XB_INITIALISING);
	if (err) {
		store_end(s, tx, false);
		return err;
	}
	return store_end(s, tx, true);
}

enum verdict back_create(struct back *b)
{
	char dir[STORE_DIR];
	int err = -EAGAIN;

	snprintf(dir, sizeof(dir), "/local/domain/%u", b->opt->domid);
	if (!store_exists(&b->store, dir, "name"))
		return broken("no domain %u", b->opt->domid);
	if (store_exists(&b->store, b->front, "backend") &&
	    !store_exists(&b->store, b->dir, "frontend"))
		return broken("domain %u has a %s %u already", b->opt->domid, b->kind->type,
			      b->opt->dev);
	/* What a killed run has left, and an error text of the past. */
	back_remove(b);
	for (int i = 0; i < 20 && err == -EAGAIN; i++)
		err = create_once(b);
	return err ? broken("creating the device: %s", strerror(-err)) : V_PASS;
}

enum verdict back_offer(struct back *b)
{
	enum verdict v = b->kind->offer(b);

	if (v == V_PASS)
		state_set(&b->store, b->dir, XB_INIT_WAIT);
	return v;
}

enum verdict back_announce(struct back *b)
{
	enum verdict v = b->kind->announce ? b->kind->announce(b) : V_PASS;

	if (v == V_PASS)
		state_set(&b->store, b->dir, XB_CONNECTED);
	return v;
}

bool back_serve(struct back *b, unsigned int ms, back_done_fn *done)
{
	uint64_t end = now_ms() + ms;

	for (;;) {
		b->kind->serve(b);
		if (done && done(b))
			return true;
		if (now_ms() >= end)
			return false;
		evtchn_wait(&b->evtchn, TICK_MS);
	}
}

int back_wait_front(struct back *b, unsigned int mask, unsigned int ms)
{
	uint64_t end = now_ms() + ms;

	for (;;) {
		enum xb_state state = state_get(&b->store, b->front);

		if (mask & (1u << state))
			return (int)state;
		if (now_ms() >= end)
			return -ETIMEDOUT;
		back_serve(b, 10, NULL);
	}
}

int back_wait_answer(struct back *b)
{
	return back_wait_front(b, STATE(INITIALISED) | STATE(CONNECTED) | CLOSES,
			       b->opt->wait_ms);
}

int back_wait_connected(struct back *b)
{
	/* Such a frontend has said all with its answer. */
	if (b->kind->answer == XB_CONNECTED)
		return XB_CONNECTED;
	return back_wait_front(b, STATE(CONNECTED) | CLOSES, b->opt->wait_ms);
}

static enum verdict not_yet(struct back *b, enum xb_state wanted)
{
	return fail("frontend is %s, wanted %s", state_name(state_get(&b->store, b->front)),
		    state_name(wanted));
}

enum verdict back_connect(struct back *b)
{
	enum verdict v = back_create(b) ?: back_offer(b);
	int state;

	if (v)
		return v;
	state = back_wait_answer(b);
	if (state != XB_INITIALISED && state != XB_CONNECTED)
		return not_yet(b, b->kind->answer);
	v = b->kind->attach(b) ?: back_announce(b);
	if (v)
		return v;
	if (back_wait_connected(b) != XB_CONNECTED)
		return not_yet(b, XB_CONNECTED);
	back_serve(b, b->kind->settle_ms, NULL);
	return V_PASS;
}

int back_withdraw(struct back *b)
{
	/* A frontend that has gone away altogether is closed as well. */
	const unsigned int closed = STATE(CLOSED) | STATE(UNKNOWN);
	int state;

	store_write(&b->store, 0, b->dir, "online", "0");
	state_set(&b->store, b->dir, XB_CLOSING);
	state = back_wait_front(b, STATE(CLOSING) | closed, b->opt->close_ms);
	if (state != XB_CLOSING)
		return state;
	/* The first was the toolstack's; this one says that the backend has let go. */
	state_set(&b->store, b->dir, XB_CLOSING);
	return back_wait_front(b, closed, b->opt->close_ms);
}

enum verdict back_stop(struct back *b)
{
	uint64_t start = now_ms();

	if (back_withdraw(b) < 0)
		return fail("frontend is %s after %u ms, wanted Closed",
			    state_name(state_get(&b->store, b->front)), b->opt->close_ms);
	diag("frontend closed in %llu ms", (unsigned long long)(now_ms() - start));
	state_set(&b->store, b->dir, XB_CLOSED);
	back_vanish(b);
	return V_PASS;
}

void back_remove(struct back *b)
{
	store_remove(&b->store, 0, b->front, NULL);
	store_remove(&b->store, 0, b->dir, NULL);
	store_remove(&b->store, 0, b->error, NULL);
}

void back_vanish(struct back *b)
{
	b->kind->release(b);
	back_remove(b);
}

enum verdict back_io_start(struct back *b, const char *want)
{
	return command_start(b->opt, b->xcase, want, b->sectors, &b->io);
}

bool back_io_done(struct back *b)
{
	return command_done(&b->io);
}

enum verdict back_io_end(struct back *b)
{
	if (back_serve(b, b->opt->wait_ms, back_io_done))
		return V_PASS;
	return fail("the guest's %s does not end within %u ms", b->kind->command,
		    b->opt->wait_ms);
}

enum verdict back_io(struct back *b, const char *want)
{
	enum verdict v = back_io_start(b, want);

	if (v)
		return v;
	if (!back_serve(b, b->opt->wait_ms, back_io_done))
		return fail("the guest's %s does not end within %u ms", want, b->opt->wait_ms);
	diag("the guest's %s ended with status %d", want, b->io.status);
	return V_PASS;
}

static enum verdict use(struct back *b, const char *fails)
{
	enum verdict v = b->opt->io ? back_io(b, b->kind->use) : V_PASS;

	if (v == V_PASS && b->io.status)
		v = fail("%s: status %d", fails, b->io.status);
	return v;
}

enum verdict back_use(struct back *b)
{
	return use(b, b->kind->fails);
}

enum verdict back_recover(struct back *b)
{
	enum verdict v;

	b->kind->release(b);
	b->keys = NULL;
	b->nr_keys = 0;
	b->kind->behave(b);
	/* A guest that has not seen the old device go would take the new one for it. */
	if (b->opt->io) {
		v = back_io(b, "gone");
		if (v)
			return v;
		if (b->io.status)
			return fail("the guest does not give the old device up");
	} else {
		sleep_ms(1000);
	}
	return back_connect(b) ?: use(b, b->kind->fails_anew) ?: back_stop(b);
}
