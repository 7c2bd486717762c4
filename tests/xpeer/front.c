// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a frontend's connection. The device has to be attached by the toolstack and must
 * have no driver in this guest.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "front.h"

enum verdict front_open(struct front *f, const struct options *opt)
{
	const struct front_kind *kind = opt->role->front;
	char path[64];
	int err;

	memset(f, 0, kind->size);
	f->kind = kind;
	f->opt = opt;
	f->evtchn.fd = -1;
	kind->plain(f);
	err = store_open(&f->store);
	if (err)
		return broken("no xenstore device file: %s", strerror(-err));
	err = evtchn_open(&f->evtchn);
	if (err)
		return broken("/dev/xen/evtchn: %s", strerror(-err));
	/* A relative path is one below this domain's own directory. */
	snprintf(f->dir, sizeof(f->dir), "device/%s/%u", kind->type, opt->dev);
	snprintf(path, sizeof(path), "/sys/bus/xen/devices/%s-%u/driver", kind->type, opt->dev);
	if (!access(path, F_OK))
		return broken("%s-%u has a driver in this guest: unbind it first", kind->type,
			      opt->dev);
	err = store_read(&f->store, 0, f->dir, "backend", f->back, sizeof(f->back));
	if (err)
		return broken("no %s %u: %s: %s", kind->type, opt->dev, f->dir, strerror(-err));
	f->back_id = (unsigned int)store_number(&f->store, f->dir, "backend-id", 0);
	err = grant_alloc(&f->pages, f->back_id, kind->pages, kind->writable);
	if (err)
		return broken("/dev/xen/gntalloc: %s", strerror(-err));
	return kind->open ? kind->open(f) : V_PASS;
}

static enum verdict wait_back(struct front *f, unsigned int mask, unsigned int ms,
			      const char *want)
{
	if (state_wait(&f->store, f->back, mask, ms) >= 0)
		return V_PASS;
	return fail("backend is %s after %u ms, wanted %s",
		    state_name(state_get(&f->store, f->back)), ms, want);
}

/* A backend without a driver never gets to InitWait: tell that apart from one that hangs. */
static enum verdict wait_init(struct front *f)
{
	enum verdict v = wait_back(f, STATE(INIT_WAIT), f->opt->wait_ms, "InitWait");

	if (v == V_PASS)
		return v;
	for (size_t i = 0; i < ARRAY_SIZE(f->kind->offers); i++)
		if (f->kind->offers[i] && store_exists(&f->store, f->back, f->kind->offers[i]))
			return v;
	return broken("%s: nobody serves it", f->back);
}

/* Down from whatever state; a backend that is closed already needs no more than to see us so. */
static enum verdict go_down(struct front *f)
{
	enum verdict v;

	if (state_get(&f->store, f->back) != XB_CLOSED) {
		state_set(&f->store, f->dir, XB_CLOSING);
		v = wait_back(f, STATE(CLOSING) | STATE(CLOSED), f->opt->close_ms, "Closing");
		if (v)
			return v;
	}
	state_set(&f->store, f->dir, XB_CLOSED);
	return wait_back(f, STATE(CLOSED), f->opt->close_ms, "Closed");
}

enum verdict front_reset(struct front *f)
{
	enum xb_state back = state_get(&f->store, f->back);
	enum xb_state front = state_get(&f->store, f->dir);
	enum verdict v;

	/* Garbage in a state node is no obstacle, for we write ours anew. */
	if (!store_exists(&f->store, f->back, "state") ||
	    !store_exists(&f->store, f->dir, "state"))
		return broken("%s is gone: attach the device again", f->back);
	if (front != XB_INITIALISING || (back != XB_INIT_WAIT && back != XB_INITIALISING)) {
		v = go_down(f);
		if (v)
			return v;
	}
	state_set(&f->store, f->dir, XB_INITIALISING);
	return wait_init(f);
}

/* What an earlier connection has left would be read as if we had said it. */
static int remove_old_keys(struct front *f, uint32_t tx)
{
	char queue[16];
	int err = 0;

	for (const char * const *key = f->kind->keys; *key && !err; key++)
		err = store_remove(&f->store, tx, f->dir, *key);
	for (unsigned int i = 0; i < FRONT_QUEUES && !err; i++) {
		snprintf(queue, sizeof(queue), "queue-%u", i);
		err = store_remove(&f->store, tx, f->dir, queue);
	}
	return err;
}

static int publish_once(struct front *f, const struct store_key *keys, unsigned int nr)
{
	uint32_t tx;
	int err = store_begin(&f->store, &tx);

	if (err)
		return err;
	err = remove_old_keys(f, tx) ?: f->kind->publish(f, tx);
	for (unsigned int i = 0; i < nr && !err; i++)
		err = keys[i].value ?
			store_write(&f->store, tx, f->dir, keys[i].key, keys[i].value) :
			store_remove(&f->store, tx, f->dir, keys[i].key);
	if (err) {
		store_end(&f->store, tx, false);
		return err;
	}
	return store_end(&f->store, tx, true);
}

enum verdict front_publish(struct front *f, const struct store_key *keys, unsigned int nr)
{
	int err = -EAGAIN;

	for (int i = 0; i < 20 && err == -EAGAIN; i++)
		err = publish_once(f, keys, nr);
	return err ? broken("writing our keys: %s", strerror(-err)) : V_PASS;
}

int front_answer(struct front *f)
{
	state_set(&f->store, f->dir, f->kind->answer);
	return state_wait(&f->store, f->back,
			  STATE(CONNECTED) | STATE(CLOSING) | STATE(CLOSED), f->opt->wait_ms);
}

enum verdict front_finish(struct front *f)
{
	if (f->kind->post)
		f->kind->post(f);
	if (front_answer(f) != XB_CONNECTED)
		return fail("backend is %s, wanted Connected",
			    state_name(state_get(&f->store, f->back)));
	return f->kind->connected(f);
}

enum verdict front_connect(struct front *f)
{
	return front_reset(f) ?: f->kind->look(f) ?: f->kind->prepare(f) ?:
	       front_publish(f, NULL, 0) ?: front_finish(f);
}

enum verdict front_meet(struct front *f)
{
	return f->kind->meet ? f->kind->meet(f) : V_PASS;
}

enum verdict front_start(struct front *f, const struct options *opt)
{
	return front_open(f, opt) ?: front_connect(f) ?: front_meet(f);
}

void front_linger(struct front *f, const char *phase)
{
	if (!f->opt->linger_ms)
		return;
	store_write(&f->store, 0, f->dir, "xpeer-phase", phase);
	sleep_ms(f->opt->linger_ms);
	store_remove(&f->store, 0, f->dir, "xpeer-phase");
}

enum verdict front_close(struct front *f)
{
	enum verdict v = go_down(f);

	f->kind->release(f);
	return v;
}

enum verdict front_recover(struct front *f)
{
	enum verdict v = f->kind->down_first ? go_down(f) : V_PASS;

	f->kind->release(f);
	f->kind->plain(f);
	return v ?: front_connect(f) ?: f->kind->verify(f) ?: front_close(f);
}
