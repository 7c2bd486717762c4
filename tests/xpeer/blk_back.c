// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a backend's connection. We make the device ourselves: the frontend's directory is
 * the usual one, the backend's is of a type that no driver of this kernel knows.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blk_back.h"

enum verdict bb_open(struct bb *b, const struct options *opt, const struct xcase *c)
{
	int err;

	memset(b, 0, sizeof(*b));
	b->opt = opt;
	b->xcase = c;
	b->evtchn.fd = -1;
	b->reply = bb_reply;
	err = store_open(&b->store);
	if (err)
		return broken("no xenstore device file: %s", strerror(-err));
	err = evtchn_open(&b->evtchn);
	if (err)
		return broken("/dev/xen/evtchn: %s", strerror(-err));
	b->self = (unsigned int)store_number(&b->store, "domid", NULL, 0);
	snprintf(b->dir, sizeof(b->dir), "/local/domain/%u/backend/xpeer/%u/%u", b->self,
		 opt->domid, opt->dev);
	snprintf(b->front, sizeof(b->front), "/local/domain/%u/device/vbd/%u", opt->domid,
		 opt->dev);
	snprintf(b->error, sizeof(b->error), "/local/domain/%u/error/device/vbd/%u",
		 opt->domid, opt->dev);
	b->sectors = (uint64_t)opt->disk_mb * 2048;
	b->capacity = b->sectors * 2;
	b->disk = calloc(b->capacity, SECTOR_BYTES);
	return b->disk ? V_PASS : broken("no memory for the disk");
}

/* All bits of a key: the case's own value, else @value. */
static int put(struct bb *b, uint32_t tx, const char *key, const char *value)
{
	for (unsigned int i = 0; i < b->nr_keys; i++)
		if (!strcmp(b->keys[i].key, key))
			value = b->keys[i].value;
	return value ? store_write(&b->store, tx, b->dir, key, value) : 0;
}

static int create_once(struct bb *b)
{
	struct store *s = &b->store;
	unsigned int guest = b->opt->domid;
	uint32_t tx;
	int err = store_begin(s, &tx);

	if (err)
		return err;
	err = store_mkdir(s, tx, b->front);
	if (!err)
		err = store_perms(s, tx, b->front, guest, b->self);
	if (!err)
		err = store_mkdir(s, tx, b->dir);
	if (!err)
		err = store_perms(s, tx, b->dir, b->self, guest);
	if (!err)
		err = store_writef(s, tx, b->dir, "frontend", "%s", b->front);
	if (!err)
		err = store_writef(s, tx, b->dir, "frontend-id", "%u", guest);
	if (!err)
		err = store_writef(s, tx, b->dir, "online", "1");
	if (!err)
		err = store_writef(s, tx, b->dir, "mode", "w");
	if (!err)
		err = store_writef(s, tx, b->dir, "state", "%d", XB_INITIALISING);
	if (!err)
		err = store_writef(s, tx, b->front, "backend", "%s", b->dir);
	if (!err)
		err = store_writef(s, tx, b->front, "backend-id", "%u", b->self);
	if (!err)
		err = store_writef(s, tx, b->front, "virtual-device", "%u", b->opt->dev);
	if (!err)
		err = store_writef(s, tx, b->front, "device-type", "disk");
	if (!err)
		err = store_writef(s, tx, b->front, "state", "%d", XB_INITIALISING);
	if (err) {
		store_end(s, tx, false);
		return err;
	}
	return store_end(s, tx, true);
}

enum verdict bb_create(struct bb *b)
{
	char dir[STORE_DIR];
	int err = -EAGAIN;

	snprintf(dir, sizeof(dir), "/local/domain/%u", b->opt->domid);
	if (!store_exists(&b->store, dir, "name"))
		return broken("no domain %u", b->opt->domid);
	if (store_exists(&b->store, b->front, "backend") &&
	    !store_exists(&b->store, b->dir, "frontend"))
		return broken("domain %u has a vbd %u already", b->opt->domid, b->opt->dev);
	/* What a killed run has left, and an error text of the past. */
	bb_remove(b);
	for (int i = 0; i < 20 && err == -EAGAIN; i++)
		err = create_once(b);
	if (err)
		return broken("creating the device: %s", strerror(-err));
	b->created = true;
	return V_PASS;
}

int bb_wait_front(struct bb *b, unsigned int mask, unsigned int ms)
{
	uint64_t end = now_ms() + ms;

	for (;;) {
		enum xb_state state = state_get(&b->store, b->front);

		if (mask & (1u << state))
			return (int)state;
		if (now_ms() >= end)
			return -ETIMEDOUT;
		bb_serve(b, 10, NULL);
	}
}

enum verdict bb_offer(struct bb *b)
{
	int err = 0;

	err |= put(b, 0, "max-ring-page-order", "2");
	err |= put(b, 0, "max-ring-pages", "4");
	err |= put(b, 0, "multi-queue-max-queues", "2");
	err |= put(b, 0, "feature-max-indirect-segments", "256");
	err |= put(b, 0, "feature-persistent", "0");
	if (err)
		return broken("writing our limits");
	state_set(&b->store, b->dir, XB_INIT_WAIT);
	return V_PASS;
}

static enum verdict attach_queue(struct bb *b, const char *dir, unsigned int order)
{
	struct bb_queue *q = &b->queue[b->nr_queues];
	uint32_t ref[16], port;
	char key[24];
	int err;

	for (unsigned int i = 0; i < 1u << order; i++) {
		snprintf(key, sizeof(key), "ring-ref%u", i);
		ref[i] = (uint32_t)store_number(&b->store, dir, order ? key : "ring-ref", 0);
	}
	/* A frontend of several pages may also number a single one. */
	if (!order && !store_exists(&b->store, dir, "ring-ref"))
		ref[0] = (uint32_t)store_number(&b->store, dir, "ring-ref0", 0);
	port = (uint32_t)store_number(&b->store, dir, "event-channel", 0);
	err = grant_map(&q->map, b->opt->domid, ref, 1u << order, true);
	if (err)
		return fail("mapping the ring %u of %s: %s", ref[0], dir, strerror(-err));
	ring_attach(&q->ring, q->map.mem, PAGE_BYTES << order, b->abi->entry);
	b->nr_queues++;
	q->port = evtchn_bind(&b->evtchn, b->opt->domid, port);
	if (q->port < 0)
		return fail("binding port %u of %s: %s", port, dir, strerror(-q->port));
	return V_PASS;
}

enum verdict bb_attach(struct bb *b)
{
	uint64_t queues = store_number(&b->store, b->front, "multi-queue-num-queues", 1);
	uint64_t order = store_number(&b->store, b->front, "ring-page-order", 0);
	uint64_t pages = store_number(&b->store, b->front, "num-ring-pages", 1ULL << order);
	char dir[STORE_DIR + 16], protocol[32] = "x86_64-abi";
	enum verdict v = V_PASS;

	store_read(&b->store, 0, b->front, "protocol", protocol, sizeof(protocol));
	b->abi = strcmp(protocol, blk_abi_32.protocol) ? &blk_abi_64 : &blk_abi_32;
	b->persistent = store_number(&b->store, b->front, "feature-persistent", 0) &&
			store_number(&b->store, b->dir, "feature-persistent", 0);
	diag("frontend: %s, %llu queues of 2^%llu pages, persistent %d", protocol,
	     (unsigned long long)queues, (unsigned long long)order, b->persistent);
	if (!queues || queues > BB_QUEUES || order > 4 || pages != 1ULL << order)
		return fail("absurd: %llu queues, order %llu, %llu pages",
			    (unsigned long long)queues, (unsigned long long)order,
			    (unsigned long long)pages);
	for (unsigned int i = 0; i < queues && v == V_PASS; i++) {
		snprintf(dir, sizeof(dir), queues > 1 ? "%s/queue-%u" : "%s", b->front, i);
		v = attach_queue(b, dir, (unsigned int)order);
	}
	return v;
}

enum verdict bb_announce(struct bb *b)
{
	char sectors[24];
	int err = 0;

	snprintf(sectors, sizeof(sectors), "%llu", (unsigned long long)b->sectors);
	err |= put(b, 0, "sectors", sectors);
	err |= put(b, 0, "sector-size", "512");
	err |= put(b, 0, "physical-sector-size", "512");
	err |= put(b, 0, "info", "0");
	err |= put(b, 0, "feature-flush-cache", "1");
	err |= put(b, 0, "feature-barrier", "0");
	err |= put(b, 0, "feature-discard", "1");
	err |= put(b, 0, "discard-granularity", "4096");
	err |= put(b, 0, "discard-alignment", "0");
	err |= put(b, 0, "discard-secure", "0");
	if (err)
		return broken("writing the disk's properties");
	state_set(&b->store, b->dir, XB_CONNECTED);
	return V_PASS;
}

enum verdict bb_connect(struct bb *b)
{
	unsigned int closed = STATE(CLOSING) | STATE(CLOSED);
	enum verdict v = bb_create(b);
	int state;

	if (v == V_PASS)
		v = bb_offer(b);
	if (v)
		return v;
	state = bb_wait_front(b, STATE(INITIALISED) | STATE(CONNECTED) | closed,
			      b->opt->wait_ms);
	if (state != XB_INITIALISED && state != XB_CONNECTED)
		return fail("frontend is %s, wanted Initialised",
			    state_name(state_get(&b->store, b->front)));
	v = bb_attach(b);
	if (v == V_PASS)
		v = bb_announce(b);
	if (v)
		return v;
	state = bb_wait_front(b, STATE(CONNECTED) | closed, b->opt->wait_ms);
	if (state != XB_CONNECTED)
		return fail("frontend is %s, wanted Connected",
			    state_name(state_get(&b->store, b->front)));
	/* The guest looks for partitions now; let it finish. */
	bb_serve(b, 500, NULL);
	return V_PASS;
}

void bb_release(struct bb *b)
{
	for (unsigned int i = 0; i < b->nr_queues; i++) {
		if (b->queue[i].port > 0)
			evtchn_unbind(&b->evtchn, (uint32_t)b->queue[i].port);
		grant_unmap(&b->queue[i].map);
	}
	memset(b->queue, 0, sizeof(b->queue));
	b->nr_queues = 0;
	b->nr_held = 0;
	bb_forget_grants(b);
}

void bb_remove(struct bb *b)
{
	store_remove(&b->store, 0, b->front, NULL);
	store_remove(&b->store, 0, b->dir, NULL);
	store_remove(&b->store, 0, b->error, NULL);
	b->created = false;
}

enum verdict bb_stop(struct bb *b)
{
	uint64_t start = now_ms();
	int state;

	store_writef(&b->store, 0, b->dir, "online", "0");
	state_set(&b->store, b->dir, XB_CLOSING);
	/* A frontend that has gone away altogether is closed as well. */
	state = bb_wait_front(b, STATE(CLOSED) | STATE(UNKNOWN), b->opt->close_ms);
	if (state < 0)
		return fail("frontend is %s after %u ms, wanted Closed",
			    state_name(state_get(&b->store, b->front)), b->opt->close_ms);
	diag("frontend closed in %llu ms", (unsigned long long)(now_ms() - start));
	state_set(&b->store, b->dir, XB_CLOSED);
	bb_release(b);
	bb_remove(b);
	return V_PASS;
}

enum verdict bb_recover(struct bb *b)
{
	enum verdict v;

	bb_release(b);
	b->keys = NULL;
	b->nr_keys = 0;
	b->reply = bb_reply;
	/* A guest that has not seen the old device go would take the new one for it. */
	if (b->opt->io) {
		v = bb_io(b, "gone");
		if (v)
			return v;
		if (b->io.status)
			return fail("the guest does not give the old device up");
	} else {
		sleep_ms(1000);
	}
	v = bb_connect(b);
	if (v == V_PASS && b->opt->io) {
		v = bb_io(b, "io");
		if (v == V_PASS && b->io.status)
			v = fail("I/O on a new device fails: status %d", b->io.status);
	}
	return v ? v : bb_stop(b);
}

static const struct case_table * const back_tables[] = {
	&blk_back_good, &blk_back_response, &blk_back_key, &blk_back_state,
};

const struct role role_blk_back = {
	.name = "blk-back", .tables = back_tables, .nr_tables = ARRAY_SIZE(back_tables),
	.wants_domid = true,
};
