// SPDX-License-Identifier: GPL-2.0-only
/* What a block device is, as a kind of backend. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blk_back.h"

static enum verdict open_disk(struct back *dev)
{
	struct bb *b = to_bb(dev);

	dev->sectors = (uint64_t)dev->opt->disk_mb * 2048;
	b->capacity = dev->sectors * 2;
	b->disk = calloc(b->capacity, SECTOR_BYTES);
	return b->disk ? V_PASS : broken("no memory for the disk");
}

static void behave(struct back *dev)
{
	to_bb(dev)->reply = bb_reply;
}

static int create(struct back *dev, uint32_t tx)
{
	struct store *s = &dev->store;

	return store_write(s, tx, dev->dir, "mode", "w") ?:
	       store_writef(s, tx, dev->front, "virtual-device", "%u", dev->opt->dev) ?:
	       store_write(s, tx, dev->front, "device-type", "disk");
}

static enum verdict offer(struct back *dev)
{
	static const struct store_key keys[] = {
		{ "max-ring-page-order", "2" }, { "max-ring-pages", "4" },
		{ "multi-queue-max-queues", "2" }, { "feature-max-indirect-segments", "256" },
		{ "feature-persistent", "0" },
	};

	return back_put_all(dev, keys, ARRAY_SIZE(keys)) ? broken("writing our limits") : V_PASS;
}

static enum verdict attach_queue(struct bb *b, const char *dir, unsigned int order)
{
	struct bb_queue *q = &b->queue[b->nr_queues];
	uint32_t ref[16], port;
	char key[24];
	int err;

	for (unsigned int i = 0; i < 1u << order; i++) {
		snprintf(key, sizeof(key), "ring-ref%u", i);
		ref[i] = (uint32_t)store_number(&b->dev.store, dir, order ? key : "ring-ref", 0);
	}
	/* A frontend of several pages may also number a single one. */
	if (!order && !store_exists(&b->dev.store, dir, "ring-ref"))
		ref[0] = (uint32_t)store_number(&b->dev.store, dir, "ring-ref0", 0);
	port = (uint32_t)store_number(&b->dev.store, dir, "event-channel", 0);
	err = grant_map(&q->map, b->dev.opt->domid, ref, 1u << order, true);
	if (err)
		return fail("mapping the ring %u of %s: %s", ref[0], dir, strerror(-err));
	ring_attach(&q->ring, q->map.mem, PAGE_BYTES << order, b->abi->entry);
	b->nr_queues++;
	q->port = evtchn_bind(&b->dev.evtchn, b->dev.opt->domid, port);
	if (q->port < 0)
		return fail("binding port %u of %s: %s", port, dir, strerror(-q->port));
	return V_PASS;
}

static enum verdict attach(struct back *dev)
{
	struct bb *b = to_bb(dev);
	uint64_t queues = store_number(&dev->store, dev->front, "multi-queue-num-queues", 1);
	uint64_t order = store_number(&dev->store, dev->front, "ring-page-order", 0);
	uint64_t pages = store_number(&dev->store, dev->front, "num-ring-pages", 1ULL << order);
	char dir[STORE_DIR + 16], protocol[32] = "x86_64-abi";
	enum verdict v = V_PASS;

	store_read(&dev->store, 0, dev->front, "protocol", protocol, sizeof(protocol));
	b->abi = strcmp(protocol, blk_abi_32.protocol) ? &blk_abi_64 : &blk_abi_32;
	b->persistent = store_number(&dev->store, dev->front, "feature-persistent", 0) &&
			store_number(&dev->store, dev->dir, "feature-persistent", 0);
	diag("frontend: %s, %llu queues of 2^%llu pages, persistent %d", protocol,
	     (unsigned long long)queues, (unsigned long long)order, b->persistent);
	if (!queues || queues > BB_QUEUES || order > 4 || pages != 1ULL << order)
		return fail("absurd: %llu queues, order %llu, %llu pages",
			    (unsigned long long)queues, (unsigned long long)order,
			    (unsigned long long)pages);
	for (unsigned int i = 0; i < queues && v == V_PASS; i++) {
		snprintf(dir, sizeof(dir), queues > 1 ? "%s/queue-%u" : "%s", dev->front, i);
		v = attach_queue(b, dir, (unsigned int)order);
	}
	return v;
}

static enum verdict announce(struct back *dev)
{
	char sectors[24];
	const struct store_key keys[] = {
		{ "sectors", sectors }, { "sector-size", "512" }, { "physical-sector-size", "512" },
		{ "info", "0" }, { "feature-flush-cache", "1" }, { "feature-barrier", "0" },
		{ "feature-discard", "1" }, { "discard-granularity", "4096" },
		{ "discard-alignment", "0" }, { "discard-secure", "0" },
	};

	snprintf(sectors, sizeof(sectors), "%llu", (unsigned long long)dev->sectors);
	return back_put_all(dev, keys, ARRAY_SIZE(keys)) ?
	       broken("writing the disk's properties") : V_PASS;
}

static void release(struct back *dev)
{
	struct bb *b = to_bb(dev);

	for (unsigned int i = 0; i < b->nr_queues; i++) {
		if (b->queue[i].port > 0)
			evtchn_unbind(&dev->evtchn, (uint32_t)b->queue[i].port);
		grant_unmap(&b->queue[i].map);
	}
	memset(b->queue, 0, sizeof(b->queue));
	b->nr_queues = 0;
	b->nr_held = 0;
	bb_forget_grants(b);
}

static void accepted(struct back *dev)
{
	back_serve(dev, 500, NULL);
	diag("the guest takes it: %llu reads", to_bb(dev)->served[BLK_READ]);
}

static struct bb device;

static const struct back_kind bb_kind = {
	.type = "vbd", .size = sizeof(device), .device = &device.dev, .answer = XB_INITIALISED,
	/* The guest looks for partitions; let it finish. */
	.settle_ms = 500,
	.use = "io", .busy = "io", .busy_ms = 300,
	.command = "I/O", .fails = "the guest's I/O fails",
	.fails_anew = "I/O on a new device fails",
	.open = open_disk, .behave = behave, .create = create, .offer = offer, .attach = attach,
	.announce = announce, .serve = bb_serve, .release = release, .accepted = accepted,
};

static const struct case_table * const back_tables[] = {
	&blk_back_good, &blk_back_response, &blk_back_key, &back_state, &blk_back_state,
};

const struct role role_blk_back = {
	.name = "blk-back", .tables = back_tables, .nr_tables = ARRAY_SIZE(back_tables),
	.back = &bb_kind,
};
