// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a frontend's connection. The device has to be attached by the toolstack and must
 * have no driver in this guest; its contents are overwritten.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "blk_front.h"

enum verdict bf_open(struct bf *f, const struct options *opt)
{
	char path[64];
	int err;

	memset(f, 0, sizeof(*f));
	f->opt = opt;
	f->evtchn.fd = -1;
	err = store_open(&f->store);
	if (err)
		return broken("no xenstore device file: %s", strerror(-err));
	err = evtchn_open(&f->evtchn);
	if (err)
		return broken("/dev/xen/evtchn: %s", strerror(-err));
	/* A relative path is one below this domain's own directory. */
	snprintf(f->dir, sizeof(f->dir), "device/vbd/%u", opt->dev);
	snprintf(path, sizeof(path), "/sys/bus/xen/devices/vbd-%u/driver", opt->dev);
	if (!access(path, F_OK))
		return broken("vbd-%u has a driver in this guest: unbind it first", opt->dev);
	err = store_read(&f->store, 0, f->dir, "backend", f->back, sizeof(f->back));
	if (err)
		return broken("no vbd %u: %s: %s", opt->dev, f->dir, strerror(-err));
	f->back_id = (unsigned int)store_number(&f->store, f->dir, "backend-id", 0);
	err = grant_alloc(&f->data, f->back_id, BF_PAGES, true);
	if (err)
		return broken("/dev/xen/gntalloc: %s", strerror(-err));
	return V_PASS;
}

static enum verdict wait_back(struct bf *f, unsigned int mask, unsigned int ms,
			      const char *want)
{
	int state = state_wait(&f->store, f->back, mask, ms);

	if (state >= 0)
		return V_PASS;
	return fail("backend is %s after %u ms, wanted %s",
		    state_name(state_get(&f->store, f->back)), ms, want);
}

/* A backend without a driver never gets to InitWait: tell that apart from one that hangs. */
static enum verdict wait_init(struct bf *f)
{
	enum verdict v = wait_back(f, STATE(INIT_WAIT), f->opt->wait_ms, "InitWait");

	if (v && !store_exists(&f->store, f->back, "feature-max-indirect-segments") &&
	    !store_exists(&f->store, f->back, "max-ring-page-order"))
		return broken("%s: nobody serves it", f->back);
	return v;
}

/* Down from whatever state; a backend that is closed already needs no more than to see us so. */
static enum verdict go_down(struct bf *f)
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

enum verdict bf_reset(struct bf *f)
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

static const char * const written_keys[] = {
	"ring-ref", "event-channel", "ring-page-order", "num-ring-pages", "protocol",
	"feature-persistent", "multi-queue-num-queues", "feature-large-sector-size",
};

/* What an earlier connection has left would be read as if we had said it. */
static int remove_old_keys(struct bf *f, uint32_t tx)
{
	char key[32];
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(written_keys) && !err; i++)
		err = store_remove(&f->store, tx, f->dir, written_keys[i]);
	for (unsigned int i = 0; i < 16 && !err; i++) {
		snprintf(key, sizeof(key), "ring-ref%u", i);
		err = store_remove(&f->store, tx, f->dir, key);
		if (err || i >= BF_QUEUES)
			continue;
		snprintf(key, sizeof(key), "queue-%u", i);
		err = store_remove(&f->store, tx, f->dir, key);
	}
	return err;
}

enum verdict bf_prepare(struct bf *f, const struct bf_config *config)
{
	unsigned int pages = 1u << config->order;

	f->config = *config;
	for (unsigned int i = 0; i < config->queues; i++) {
		struct bf_queue *q = &f->queue[i];
		int err = grant_alloc(&q->area, f->back_id, pages, true);

		if (err)
			return broken("ring of %u pages: %s", pages, strerror(-err));
		f->nr_queues = i + 1;
		ring_attach(&q->ring, q->area.mem, pages * PAGE_BYTES, config->abi->entry);
		ring_format(&q->ring);
		q->port = evtchn_alloc(&f->evtchn, f->back_id);
		if (q->port < 0)
			return broken("event channel: %s", strerror(-q->port));
	}
	return V_PASS;
}

void bf_release(struct bf *f)
{
	for (unsigned int i = 0; i < f->nr_queues; i++) {
		if (f->queue[i].port > 0)
			evtchn_unbind(&f->evtchn, (uint32_t)f->queue[i].port);
		grant_free(&f->queue[i].area);
	}
	memset(f->queue, 0, sizeof(f->queue));
	f->nr_queues = 0;
}

static int publish_queue(struct bf *f, uint32_t tx, unsigned int n)
{
	struct bf_queue *q = &f->queue[n];
	char dir[STORE_DIR + 16], key[24];
	int err = 0;

	if (f->config.queues > 1)
		snprintf(dir, sizeof(dir), "%s/queue-%u", f->dir, n);
	else
		snprintf(dir, sizeof(dir), "%s", f->dir);
	if (!f->config.order)
		err = store_writef(&f->store, tx, dir, "ring-ref", "%u", q->area.ref[0]);
	for (uint32_t i = 0; f->config.order && i < q->area.count && !err; i++) {
		snprintf(key, sizeof(key), "ring-ref%u", i);
		err = store_writef(&f->store, tx, dir, key, "%u", q->area.ref[i]);
	}
	if (!err)
		err = store_writef(&f->store, tx, dir, "event-channel", "%d", q->port);
	return err;
}

static int publish_plain(struct bf *f, uint32_t tx)
{
	const struct bf_config *c = &f->config;
	struct store *s = &f->store;
	int err = 0;

	if (c->order && c->spelling != SPELL_PAGES)
		err = store_writef(s, tx, f->dir, "ring-page-order", "%u", c->order);
	if (!err && c->order && c->spelling != SPELL_ORDER)
		err = store_writef(s, tx, f->dir, "num-ring-pages", "%u", 1u << c->order);
	if (!err && c->queues > 1)
		err = store_writef(s, tx, f->dir, "multi-queue-num-queues", "%u", c->queues);
	if (!err)
		err = store_writef(s, tx, f->dir, "protocol", "%s", c->abi->protocol);
	if (!err)
		err = store_writef(s, tx, f->dir, "feature-persistent", "%u", c->persistent);
	for (unsigned int i = 0; i < f->nr_queues && !err; i++)
		err = publish_queue(f, tx, i);
	return err;
}

static int publish_once(struct bf *f, const struct bf_key *keys, unsigned int nr)
{
	uint32_t tx;
	int err = store_begin(&f->store, &tx);

	if (err)
		return err;
	err = remove_old_keys(f, tx);
	if (!err)
		err = publish_plain(f, tx);
	for (unsigned int i = 0; i < nr && !err; i++) {
		if (!keys[i].value) {
			err = store_remove(&f->store, tx, f->dir, keys[i].key);
			continue;
		}
		err = store_write(&f->store, tx, f->dir, keys[i].key, keys[i].value);
	}
	if (err) {
		store_end(&f->store, tx, false);
		return err;
	}
	return store_end(&f->store, tx, true);
}

enum verdict bf_publish(struct bf *f, const struct bf_key *keys, unsigned int nr)
{
	int err = -EAGAIN;

	for (int i = 0; i < 20 && err == -EAGAIN; i++)
		err = publish_once(f, keys, nr);
	return err ? broken("writing our keys: %s", strerror(-err)) : V_PASS;
}

static void read_device(struct bf *f)
{
	struct store *s = &f->store;
	char mode[8] = "";

	f->sectors = store_number(s, f->back, "sectors", 0);
	f->sector_size = (unsigned int)store_number(s, f->back, "sector-size", 512);
	f->flush = store_number(s, f->back, "feature-flush-cache", 0);
	f->barrier = store_number(s, f->back, "feature-barrier", 0);
	f->discard = store_number(s, f->back, "feature-discard", 0);
	f->persistent = store_number(s, f->back, "feature-persistent", 0) &&
			f->config.persistent;
	store_read(s, 0, f->back, "mode", mode, sizeof(mode));
	f->readonly = (store_number(s, f->back, "info", 0) & 4) || mode[0] == 'r';
}

static void read_limits(struct bf *f)
{
	struct store *s = &f->store;

	f->max_indirect = (unsigned int)store_number(s, f->back,
						     "feature-max-indirect-segments", 0);
	f->max_queues = (unsigned int)store_number(s, f->back, "multi-queue-max-queues", 1);
	f->max_order = (unsigned int)store_number(s, f->back, "max-ring-page-order", 0);
	f->max_pages = (unsigned int)store_number(s, f->back, "max-ring-pages", 0);
}

enum verdict bf_finish(struct bf *f)
{
	enum verdict v;
	int state;

	state_set(&f->store, f->dir, XB_INITIALISED);
	state = state_wait(&f->store, f->back,
			   STATE(CONNECTED) | STATE(CLOSING) | STATE(CLOSED), f->opt->wait_ms);
	if (state != XB_CONNECTED)
		return fail("backend is %s, wanted Connected",
			    state_name(state_get(&f->store, f->back)));
	read_device(f);
	state_set(&f->store, f->dir, XB_CONNECTED);
	v = f->sectors >= BF_SCRATCH * 4 ? V_PASS :
		broken("the device has %llu sectors only", (unsigned long long)f->sectors);
	return v;
}

enum verdict bf_connect(struct bf *f, const struct bf_config *config)
{
	enum verdict v = bf_reset(f);

	if (v)
		return v;
	read_limits(f);
	v = bf_prepare(f, config);
	if (v == V_PASS)
		v = bf_publish(f, NULL, 0);
	if (v == V_PASS)
		v = bf_finish(f);
	return v;
}

const struct bf_config bf_plain = { .abi = &blk_abi_64, .queues = 1 };

enum verdict bf_start(struct bf *f, const struct options *opt)
{
	enum verdict v = bf_open(f, opt);

	return v ? v : bf_connect(f, &bf_plain);
}

void bf_linger(struct bf *f, const char *phase)
{
	if (!f->opt->linger_ms)
		return;
	store_write(&f->store, 0, f->dir, "xpeer-phase", phase);
	sleep_ms(f->opt->linger_ms);
	store_remove(&f->store, 0, f->dir, "xpeer-phase");
}

enum verdict bf_close(struct bf *f)
{
	enum verdict v = go_down(f);

	bf_release(f);
	return v;
}

enum verdict bf_recover(struct bf *f)
{
	enum verdict v;

	bf_release(f);
	v = bf_connect(f, &bf_plain);
	if (v == V_PASS)
		v = bf_verify(f);
	if (v == V_PASS)
		v = bf_close(f);
	return v;
}

static const struct case_table * const front_tables[] = {
	&blk_front_good, &blk_front_ring, &blk_front_request, &blk_front_grant, &blk_front_key,
	&blk_front_state,
};

const struct role role_blk_front = {
	.name = "blk-front", .tables = front_tables, .nr_tables = ARRAY_SIZE(front_tables),
};
