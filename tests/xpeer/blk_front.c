// SPDX-License-Identifier: GPL-2.0-only
/* What a block device is, as a kind of frontend. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "blk_front.h"

/* One queue, one page. */
static void plain(struct front *dev)
{
	to_bf(dev)->config = (struct bf_config){ .abi = &blk_abi_64, .queues = 1 };
}

static enum verdict look(struct front *dev)
{
	to_bf(dev)->max_indirect = (unsigned int)store_number(&dev->store, dev->back,
							      "feature-max-indirect-segments", 0);
	return V_PASS;
}

static enum verdict prepare(struct front *dev)
{
	struct bf *f = to_bf(dev);
	const struct bf_config *config = &f->config;
	unsigned int pages = 1u << config->order;

	for (unsigned int i = 0; i < config->queues; i++) {
		struct bf_queue *q = &f->queue[i];
		int err = grant_alloc(&q->area, dev->back_id, pages, true);

		if (err)
			return broken("ring of %u pages: %s", pages, strerror(-err));
		f->nr_queues = i + 1;
		ring_attach(&q->ring, q->area.mem, pages * PAGE_BYTES, config->abi->entry);
		ring_format(&q->ring);
		q->port = evtchn_alloc(&dev->evtchn, dev->back_id);
		if (q->port < 0)
			return broken("event channel: %s", strerror(-q->port));
	}
	return V_PASS;
}

static void release(struct front *dev)
{
	struct bf *f = to_bf(dev);

	for (unsigned int i = 0; i < f->nr_queues; i++) {
		if (f->queue[i].port > 0)
			evtchn_unbind(&dev->evtchn, (uint32_t)f->queue[i].port);
		grant_free(&f->queue[i].area);
	}
	memset(f->queue, 0, sizeof(f->queue));
	f->nr_queues = 0;
}

static const char * const written_keys[] = {
	"ring-ref", "event-channel", "ring-page-order", "num-ring-pages", "protocol",
	"feature-persistent", "multi-queue-num-queues", "feature-large-sector-size",
	"ring-ref0", "ring-ref1", "ring-ref2", "ring-ref3", "ring-ref4", "ring-ref5", "ring-ref6",
	"ring-ref7", "ring-ref8", "ring-ref9", "ring-ref10", "ring-ref11", "ring-ref12",
	"ring-ref13", "ring-ref14", "ring-ref15", NULL
};

static int publish_queue(struct bf *f, uint32_t tx, unsigned int n)
{
	struct bf_queue *q = &f->queue[n];
	char dir[STORE_DIR + 16], key[24];
	int err = 0;

	if (f->config.queues > 1)
		snprintf(dir, sizeof(dir), "%s/queue-%u", f->dev.dir, n);
	else
		snprintf(dir, sizeof(dir), "%s", f->dev.dir);
	if (!f->config.order)
		err = store_writef(&f->dev.store, tx, dir, "ring-ref", "%u", q->area.ref[0]);
	for (uint32_t i = 0; f->config.order && i < q->area.count && !err; i++) {
		snprintf(key, sizeof(key), "ring-ref%u", i);
		err = store_writef(&f->dev.store, tx, dir, key, "%u", q->area.ref[i]);
	}
	if (!err)
		err = store_writef(&f->dev.store, tx, dir, "event-channel", "%d", q->port);
	return err;
}

static int publish(struct front *dev, uint32_t tx)
{
	struct bf *f = to_bf(dev);
	const struct bf_config *c = &f->config;
	struct store *s = &dev->store;
	int err = 0;

	if (c->order && c->spelling != SPELL_PAGES)
		err = store_writef(s, tx, dev->dir, "ring-page-order", "%u", c->order);
	if (!err && c->order && c->spelling != SPELL_ORDER)
		err = store_writef(s, tx, dev->dir, "num-ring-pages", "%u", 1u << c->order);
	if (!err && c->queues > 1)
		err = store_writef(s, tx, dev->dir, "multi-queue-num-queues", "%u", c->queues);
	if (!err)
		err = store_writef(s, tx, dev->dir, "protocol", "%s", c->abi->protocol);
	if (!err)
		err = store_writef(s, tx, dev->dir, "feature-persistent", "%u", c->persistent);
	for (unsigned int i = 0; i < f->nr_queues && !err; i++)
		err = publish_queue(f, tx, i);
	return err;
}

static enum verdict connected(struct front *dev)
{
	struct bf *f = to_bf(dev);
	struct store *s = &dev->store;
	char mode[8] = "";

	f->sectors = store_number(s, dev->back, "sectors", 0);
	f->sector_size = (unsigned int)store_number(s, dev->back, "sector-size", 512);
	f->flush = store_number(s, dev->back, "feature-flush-cache", 0);
	f->barrier = store_number(s, dev->back, "feature-barrier", 0);
	f->discard = store_number(s, dev->back, "feature-discard", 0);
	f->persistent = store_number(s, dev->back, "feature-persistent", 0) &&
			f->config.persistent;
	store_read(s, 0, dev->back, "mode", mode, sizeof(mode));
	f->readonly = (store_number(s, dev->back, "info", 0) & 4) || mode[0] == 'r';
	state_set(s, dev->dir, XB_CONNECTED);
	if (f->sectors < BF_SCRATCH * 4)
		return broken("the device has %llu sectors only", (unsigned long long)f->sectors);
	return V_PASS;
}

/* A ring of large reads. */
static void fill(struct front *dev)
{
	struct bf *f = to_bf(dev);
	struct bf_queue *q = &f->queue[0];
	struct blk_request req;

	for (unsigned int i = 0; i < q->ring.nr; i++) {
		bf_request(f, &req, BLK_READ, BF_SCRATCH + i * 8, i % BF_BIG, 11);
		bf_post(q, f, &req);
	}
	bf_push(f, q);
}

static void first(struct front *dev, uint32_t *ref, int *port)
{
	*ref = to_bf(dev)->queue[0].area.ref[0];
	*port = to_bf(dev)->queue[0].port;
}

static struct bf device;

static const struct front_kind bf_kind = {
	.type = "vbd", .size = sizeof(device), .device = &device.dev,
	.pages = BF_PAGES, .writable = true,
	.answer = XB_INITIALISED, .keys = written_keys, .ring_key = "ring-ref",
	.offers = { "feature-max-indirect-segments", "max-ring-page-order" },
	.plain = plain, .look = look, .prepare = prepare, .publish = publish,
	.connected = connected, .verify = bf_verify, .fill = fill, .release = release,
	.first = first,
};

static const struct case_table * const front_tables[] = {
	&blk_front_good, &blk_front_ring, &blk_front_request, &blk_front_grant, &blk_front_key,
	&blk_front_state,
};

const struct role role_blk_front = {
	.name = "blk-front", .tables = front_tables, .nr_tables = ARRAY_SIZE(front_tables),
	.front = &bf_kind,
};
