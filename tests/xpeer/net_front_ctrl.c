// SPDX-License-Identifier: GPL-2.0-only
/* The control ring: what is right, what is wrong, and what is wrong while packets flow. */
#include <errno.h>
#include <string.h>

#include "net_front.h"
#include "worker.h"

#define TOEPLITZ	1
#define ALL_TYPES	15
#define KEY_BYTES	40

/* A page for keys and tables: the last of the scratch pages but one. */
static uint8_t *table(struct nf *f, uint32_t *ref)
{
	*ref = f->dev.pages.ref[NF_TX_PAGES - 2];
	return f->dev.pages.mem + (NF_TX_PAGES - 2) * PAGE_BYTES;
}

static enum verdict set_up(struct nf *f, unsigned int queues)
{
	uint32_t ref, size, types;
	uint8_t *mem = table(f, &ref);
	enum verdict v = nf_ask(f, CTRL_SET_HASH_ALGORITHM, TOEPLITZ, 0, 0, CTRL_SUCCESS, NULL) ?:
			 nf_ask(f, CTRL_GET_HASH_FLAGS, 0, 0, 0, CTRL_SUCCESS, &types) ?:
			 nf_ask(f, CTRL_SET_HASH_FLAGS, types & ALL_TYPES, 0, 0, CTRL_SUCCESS,
				NULL);

	if (v)
		return v;
	frame_fill(mem, KEY_BYTES, 7);
	v = nf_ask(f, CTRL_SET_HASH_KEY, ref, KEY_BYTES, 0, CTRL_SUCCESS, NULL);
	if (v == V_PASS)
		v = nf_ask(f, CTRL_GET_MAPPING_SIZE, 0, 0, 0, CTRL_SUCCESS, &size);
	if (v == V_PASS && (size < 2 || size > 65536))
		v = fail("a mapping of %u entries", size);
	if (v == V_PASS)
		v = nf_ask(f, CTRL_SET_MAPPING_SIZE, 64, 0, 0, CTRL_SUCCESS, NULL);
	for (uint32_t i = 0; i < 64; i++)
		((uint32_t *)mem)[i] = i % queues;
	if (v == V_PASS)
		v = nf_ask(f, CTRL_SET_MAPPING, ref, 64, 0, CTRL_SUCCESS, NULL);
	return v;
}

static enum verdict run_good(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	uint32_t ref;
	enum verdict v = nf_start_ctrl(&f, opt, (unsigned int)c->arg) ?:
			 set_up(&f, (unsigned int)c->arg) ?: nf_verify(&f.dev);

	/* Parts of a table, no key, no hash. */
	table(&f, &ref);
	return v ?: nf_ask(&f, CTRL_SET_MAPPING, ref, 8, 56, CTRL_SUCCESS, NULL) ?:
	       nf_ask(&f, CTRL_SET_HASH_KEY, ref, 0, 0, CTRL_SUCCESS, NULL) ?:
	       nf_ask(&f, CTRL_SET_MAPPING_SIZE, 0, 0, 0, CTRL_SUCCESS, NULL) ?:
	       nf_ask(&f, CTRL_SET_HASH_FLAGS, 0, 0, 0, CTRL_SUCCESS, NULL) ?:
	       nf_ask(&f, CTRL_SET_HASH_ALGORITHM, 0, 0, 0, CTRL_SUCCESS, NULL) ?:
	       nf_verify(&f.dev) ?: front_close(&f.dev);
}

/* A table that sends all to the second queue does not outlive the connection. */
static enum verdict run_reset(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	uint32_t ref, types = 1;
	uint8_t *mem;
	enum verdict v = nf_start_ctrl(&f, opt, 2);

	(void)c;
	v = v ?: set_up(&f, 2);
	if (v)
		return v;
	mem = table(&f, &ref);
	for (uint32_t i = 0; i < 64; i++)
		((uint32_t *)mem)[i] = 1;
	v = nf_ask(&f, CTRL_SET_MAPPING, ref, 64, 0, CTRL_SUCCESS, NULL) ?: front_close(&f.dev);
	/* One queue and no control ring: the old table would name a queue that is gone. */
	f.dev.kind->plain(&f.dev);
	v = v ?: front_connect(&f.dev) ?: nf_verify(&f.dev) ?: front_close(&f.dev);
	/* No algorithm is chosen on a new connection. */
	return v ?: nf_start_ctrl(&f, opt, 1) ?:
	       nf_ask(&f, CTRL_GET_HASH_FLAGS, 0, 0, 0, NF_ANY_ERROR, &types) ?:
	       front_close(&f.dev);
}

struct message {
	unsigned int type;
	uint32_t a, b, c;
	bool ref;	/* the first word is a reference of ours */
	unsigned int status;
};

/* Refused, and everything works as before. */
static enum verdict run_bad(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	const struct message *m = c->data;
	uint32_t ref;
	uint8_t *mem;
	enum verdict v = nf_start_ctrl(&f, opt, 1) ?: set_up(&f, 1);

	if (v)
		return v;
	mem = table(&f, &ref);
	if (c->arg)
		((uint32_t *)mem)[3] = (uint32_t)c->arg;
	for (int i = 0; i < 50 && v == V_PASS; i++)
		v = nf_ask(&f, m->type, m->ref ? ref : m->a, m->b, m->c, m->status, NULL);
	((uint32_t *)mem)[3] = 0;
	return v ?: set_up(&f, 1) ?: nf_verify(&f.dev) ?: front_close(&f.dev);
}

struct hammer {
	struct nf	*f;
	uint64_t	seed;
};

/* Content of the table and of requests on the ring, random all the time. */
static void spoil(void *arg)
{
	struct hammer *h = arg;
	uint32_t ref;
	uint8_t *mem = table(h->f, &ref);

	for (unsigned int i = 0; i < 64; i++) {
		uint64_t n = rnd(&h->seed);
		uint8_t *slot = ring_slot(&h->f->ctrl.ring, (uint32_t)n);

		((uint32_t *)mem)[i] = n & 1 ? (uint32_t)(n >> 8) : 0;
		/* type and words, but not the id */
		slot[2 + (n >> 40) % 14] = (uint8_t)(n >> 48);
	}
}

/* New hashes all the time while packets flow; with c->arg by random messages. */
static enum verdict run_storm(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	struct hammer h = { .f = &f, .seed = opt->seed };
	uint64_t end, seed = opt->seed;
	unsigned long long nr = 0;
	struct worker w;
	enum verdict v = nf_start_ctrl(&f, opt, 2);
	uint32_t ref;

	if (v == V_PASS && c->arg)
		v = worker_start(&w, spoil, &h);
	if (v)
		return v;
	table(&f, &ref);
	for (end = now_ms() + opt->storm_ms; now_ms() < end && v == V_PASS; nr++) {
		struct net_ctrl_rsp rsp;
		int err;

		if (!c->arg) {
			v = set_up(&f, 1 + (nr & 1));
		} else {
			err = nf_ctrl(&f, 1 + (unsigned int)(rnd(&seed) % 12), ref,
				      (uint32_t)(rnd(&seed) % 1100), (uint32_t)(rnd(&seed) % 140),
				      &rsp);
			if (err && err != -EBADMSG)
				v = fail("message %llu: %s", nr, strerror(-err));
		}
		if (v == V_PASS && !(nr % 8))
			v = nf_echo(&f, &f.queue[nr / 8 % 2], 100, NULL, 0);
	}
	diag("%llu messages", nr);
	if (c->arg)
		worker_stop(&w);
	return v ?: front_recover(&f.dev);
}

#define BAD(_name, _site, _value, _status, _type, _a, _b, _c, _ref, _what) \
	{ .name = (_name), .site = (_site), .run = run_bad, .arg = (_value), \
	  .data = &(const struct message){ (_type), (_a), (_b), (_c), (_ref), (_status) }, \
	  .what = (_what) }
#define VALUE(_name, _type, _a, _b, _c, _ref, _what) \
	BAD(_name, "ctrl-value", 0, CTRL_INVALID, _type, _a, _b, _c, _ref, _what)
#define OVER(_name, _type, _a, _b, _c, _ref, _what) \
	BAD(_name, "ctrl-value", 0, CTRL_OVERFLOW, _type, _a, _b, _c, _ref, _what)
#define GRANT(_name, _type, _a, _b, _what) \
	BAD(_name, "ctrl-grant", 0, CTRL_INVALID, _type, _a, _b, 0, false, _what)

#define NOBODY	60000u	/* a reference that was never granted */

static const struct xcase cases[] = {
	{
		.name = "ctrl-good", .flags = CASE_GOOD, .run = run_good, .arg = 1,
		.what = "key, types, mapping; one queue",
	}, {
		.name = "ctrl-good-queues", .flags = CASE_GOOD, .run = run_good, .arg = 2,
		.what = "key, types, mapping; two queues",
	}, {
		.name = "ctrl-reset", .flags = CASE_GOOD, .run = run_reset,
		.what = "nothing of the hash outlives the connection",
	},
	BAD("ctrl-type-0", "ctrl-type", 0, CTRL_NOT_SUPPORTED, 0, 0, 0, 0, false, "type 0"),
	BAD("ctrl-type-11", "ctrl-type", 0, CTRL_NOT_SUPPORTED, 11, 0, 0, 0, false, "type 11"),
	BAD("ctrl-type-max", "ctrl-type", 0, CTRL_NOT_SUPPORTED, 65535, 0, 0, 0, false,
	    "type 65535"),
	VALUE("ctrl-algorithm-2", CTRL_SET_HASH_ALGORITHM, 2, 0, 0, false, "algorithm 2"),
	VALUE("ctrl-algorithm-max", CTRL_SET_HASH_ALGORITHM, ~0u, 0, 0, false, "algorithm max"),
	VALUE("ctrl-flags-16", CTRL_SET_HASH_FLAGS, 16, 0, 0, false, "unknown type of hash"),
	VALUE("ctrl-flags-max", CTRL_SET_HASH_FLAGS, ~0u, 0, 0, false, "all types of hash"),
	OVER("ctrl-key-41", CTRL_SET_HASH_KEY, 0, 41, 0, true, "key of 41 bytes"),
	OVER("ctrl-key-page", CTRL_SET_HASH_KEY, 0, 4096, 0, true, "key of a page"),
	BAD("ctrl-key-4097", "ctrl-value", 0, NF_ANY_ERROR, CTRL_SET_HASH_KEY, 0, 4097, 0, true,
	    "key that leaves its page"),
	BAD("ctrl-key-max", "ctrl-value", 0, NF_ANY_ERROR, CTRL_SET_HASH_KEY, 0, ~0u, 0, true,
	    "key of 2^32 - 1 bytes"),
	GRANT("ctrl-key-gref", CTRL_SET_HASH_KEY, NOBODY, 40, "key in a page never granted"),
	BAD("ctrl-size-over", "ctrl-value", 0, NF_ANY_ERROR, CTRL_SET_MAPPING_SIZE, 65537, 0, 0,
	    false, "mapping of 65537 entries"),
	BAD("ctrl-size-max", "ctrl-value", 0, NF_ANY_ERROR, CTRL_SET_MAPPING_SIZE, ~0u, 0, 0, false,
	    "mapping of 2^32 - 1 entries"),
	BAD("ctrl-map-65", "ctrl-value", 0, NF_ANY_ERROR, CTRL_SET_MAPPING, 0, 65, 0, true,
	    "65 entries of 64"),
	BAD("ctrl-map-1025", "ctrl-value", 0, NF_ANY_ERROR, CTRL_SET_MAPPING, 0, 1025, 0, true,
	    "more entries than a page has"),
	BAD("ctrl-map-offset", "ctrl-value", 0, NF_ANY_ERROR, CTRL_SET_MAPPING, 0, 1, 64, true,
	    "an entry behind the last"),
	BAD("ctrl-map-overflow", "ctrl-value", 0, NF_ANY_ERROR, CTRL_SET_MAPPING, 0, 8, 0xfffffffc,
	    true, "offset + entries overflow 32 bits"),
	BAD("ctrl-map-overflow-bytes", "ctrl-value", 0, NF_ANY_ERROR, CTRL_SET_MAPPING, 0,
	    0x40000001, 0, true, "entries * 4 overflow 32 bits"),
	BAD("ctrl-map-queue", "ctrl-value", 1, CTRL_INVALID, CTRL_SET_MAPPING, 0, 64, 0, true,
	    "a queue that is not there"),
	BAD("ctrl-map-queue-max", "ctrl-value", ~0u, CTRL_INVALID, CTRL_SET_MAPPING, 0, 64, 0,
	    true, "queue 2^32 - 1"),
	GRANT("ctrl-map-gref", CTRL_SET_MAPPING, NOBODY, 64, "table in a page never granted"),
	{
		.name = "ctrl-storm", .run = run_storm,
		.what = "new hashes all the time while packets flow: echoes",
	}, {
		.name = "ctrl-toggle", .flags = CASE_EITHER, .run = run_storm, .arg = 1,
		.what = "messages and tables rewritten while they are read: alive",
	},
};

const struct case_table net_front_ctrl = { cases, ARRAY_SIZE(cases) };
