// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys of the frontend that are missing, garbage or absurd. The backend has to refuse them with
 * an error text and close; afterwards a right connection has to work.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blk_front.h"

/* Values that are known at run time only are given by a name that starts with '@'. */
struct value_maker {
	const char	*name;
	enum verdict	(*make)(struct bf *f, char *buf, size_t size);
};

static enum verdict make_max_queues(struct bf *f, char *buf, size_t size)
{
	unsigned long long max = store_number(&f->store, f->back, "multi-queue-max-queues", 1);

	snprintf(buf, size, "%llu", max + 1);
	return V_PASS;
}

/* A string as long as the store takes, of digits. */
static enum verdict make_huge(struct bf *f, char *buf, size_t size)
{
	(void)f;
	(void)size;
	memset(buf, '9', 2000);
	buf[2000] = 0;
	return V_PASS;
}

static enum verdict make_other_port(struct bf *f, char *buf, size_t size)
{
	int port = evtchn_alloc(&f->evtchn, f->back_id + 1);

	if (port < 0)
		return broken("event channel for another domain: %s", strerror(-port));
	snprintf(buf, size, "%d", port);
	return V_PASS;
}

static enum verdict make_same_port(struct bf *f, char *buf, size_t size)
{
	snprintf(buf, size, "%d", f->queue[0].port);
	return V_PASS;
}

static enum verdict make_same_ring(struct bf *f, char *buf, size_t size)
{
	snprintf(buf, size, "%u", f->queue[0].area.ref[0]);
	return V_PASS;
}

static enum verdict make_area(struct bf *f, char *buf, size_t size, unsigned int domid,
			      bool writable)
{
	struct grant_area a;	/* lives until this process ends */
	int err = grant_alloc(&a, domid, 1, writable);

	(void)f;
	if (err)
		return broken("a page to grant: %s", strerror(-err));
	snprintf(buf, size, "%u", a.ref[0]);
	return V_PASS;
}

static enum verdict make_ro_ring(struct bf *f, char *buf, size_t size)
{
	return make_area(f, buf, size, f->back_id, false);
}

static enum verdict make_other_ring(struct bf *f, char *buf, size_t size)
{
	return make_area(f, buf, size, f->back_id + 1, true);
}

static const struct value_maker makers[] = {
	{ "@max+1", make_max_queues }, { "@huge", make_huge },
	{ "@other-port", make_other_port }, { "@same-port", make_same_port },
	{ "@same-ring", make_same_ring }, { "@ro-ring", make_ro_ring },
	{ "@other-ring", make_other_ring },
};

static enum verdict make_value(struct bf *f, const char **value, char *buf, size_t size)
{
	if (!*value || **value != '@')
		return V_PASS;
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		if (strcmp(makers[i].name, *value))
			continue;
		*value = buf;
		return makers[i].make(f, buf, size);
	}
	return broken("no maker for %s", *value);
}

static enum verdict judge(struct bf *f, const struct xcase *c)
{
	unsigned int closed = STATE(CLOSING) | STATE(CLOSED);
	int state;

	state_set(&f->store, f->dir, XB_INITIALISED);
	state = state_wait(&f->store, f->back, closed | STATE(CONNECTED), f->opt->wait_ms);
	diag("backend: %s", state_name(state));
	if (state < 0)
		return fail("backend neither connects nor closes within %u ms", f->opt->wait_ms);
	if (c->flags & CASE_EITHER)
		return V_PASS;
	if ((c->flags & CASE_FATAL) && state == XB_CONNECTED)
		return fail("backend is %s", state_name(state));
	return V_PASS;
}

static enum verdict run_key(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	static char buf[XS_PAYLOAD_MAX];
	struct bf_config config = bf_plain;
	struct bf_key key = { c->key, c->value };
	enum verdict v = bf_open(&f, opt);

	config.queues = (unsigned int)c->arg & 0xff;
	config.order = (unsigned int)c->arg >> 8;
	if (v == V_PASS)
		v = bf_reset(&f);
	if (v)
		return v;
	if (store_number(&f.store, f.back, "multi-queue-max-queues", 1) < config.queues)
		return skip("the backend offers one queue");
	if (store_number(&f.store, f.back, "max-ring-page-order", 0) < config.order)
		return skip("the backend offers no larger ring");
	if (!strcmp(c->key, "num-ring-pages") &&
	    !store_exists(&f.store, f.back, "max-ring-pages"))
		return skip("the backend does not know max-ring-pages");
	v = bf_prepare(&f, &config);
	if (v == V_PASS)
		v = make_value(&f, &key.value, buf, sizeof(buf));
	if (v == V_PASS)
		v = bf_publish(&f, &key, 1);
	if (v == V_PASS)
		v = judge(&f, c);
	return v ? v : bf_recover(&f);
}

#define KEY(_name, _queues, _key, _value, _what) \
	{ .name = (_name), .site = "key", .flags = CASE_FATAL, .run = run_key, \
	  .arg = (_queues), .key = (_key), .value = (_value), .what = (_what) }
/* A number that is right as a number: no key is counted, the connection fails over it. */
#define KEY_OK(_name, _queues, _key, _value, _what) \
	{ .name = (_name), .flags = CASE_FATAL, .run = run_key, \
	  .arg = (_queues), .key = (_key), .value = (_value), .what = (_what) }
#define KEY_EITHER(_name, _queues, _key, _value, _what) \
	{ .name = (_name), .site = "key", .flags = CASE_EITHER, .run = run_key, \
	  .arg = (_queues), .key = (_key), .value = (_value), .what = (_what) }

#define TWO_PAGES	0x100	/* the order is in the second byte */

#define NUM_QUEUES	"multi-queue-num-queues"

static const struct xcase cases[] = {
	KEY("queues-0", 1, NUM_QUEUES, "0", "0 queues: refused"),
	KEY("queues-max", 1, NUM_QUEUES, "@max+1", "one queue too many: refused"),
	KEY("queues-4g", 1, NUM_QUEUES, "4294967295", "2^32 - 1 queues: refused"),
	KEY("queues-4g1", 1, NUM_QUEUES, "4294967297", "2^32 + 1 queues: refused"),
	KEY("queues-negative", 1, NUM_QUEUES, "-1", "-1 queues: refused"),
	KEY("queues-garbage", 1, NUM_QUEUES, "two", "'two' queues: refused"),
	KEY("queues-empty", 1, NUM_QUEUES, "", "'' queues: refused"),
	KEY("queue-missing", 2, "queue-1", NULL, "no queue-1: refused"),
	KEY("queue-ref-missing", 2, "queue-1/ring-ref", NULL, "no queue-1/ring-ref: refused"),
	KEY("order-5", 1, "ring-page-order", "5", "order 5: refused"),
	KEY("order-31", 1, "ring-page-order", "31", "order 31: refused"),
	KEY("order-32", 1, "ring-page-order", "32", "order 32: refused"),
	KEY("order-negative", 1, "ring-page-order", "-1", "order -1: refused"),
	KEY("order-4g", 1, "ring-page-order", "4294967295", "order 2^32 - 1: refused"),
	KEY("order-garbage", 1, "ring-page-order", "zwei", "order 'zwei': refused"),
	KEY("order-refs-missing", 1, "ring-page-order", "1", "order 1, no ring-ref0: refused"),
	KEY("order-ref-missing", 1 | TWO_PAGES, "ring-ref1", NULL, "no ring-ref1: refused"),
	KEY("pages-0", 1, "num-ring-pages", "0", "0 ring pages: refused"),
	KEY("pages-3", 1, "num-ring-pages", "3", "3 ring pages: refused"),
	KEY("pages-4g", 1, "num-ring-pages", "4294967295", "2^32 - 1 ring pages: refused"),
	KEY_EITHER("pages-contradict", 1 | TWO_PAGES, "num-ring-pages", "16",
		   "ring-page-order 1 with 16 ring pages"),
	KEY("ring-missing", 1, "ring-ref", NULL, "no ring-ref: refused"),
	KEY("ring-garbage", 1, "ring-ref", "ring", "ring-ref 'ring': refused"),
	KEY_OK("ring-unused", 1, "ring-ref", "9999", "ring-ref never granted: refused"),
	KEY_OK("ring-4g", 1, "ring-ref", "4294967295", "ring-ref 2^32 - 1: refused"),
	KEY("ring-huge", 1, "ring-ref", "@huge", "ring-ref of 2000 digits: refused"),
	KEY_OK("ring-readonly", 1, "ring-ref", "@ro-ring", "read-only ring: refused"),
	KEY_OK("ring-other-domain", 1, "ring-ref", "@other-ring",
	       "ring granted to another domain: refused"),
	KEY_EITHER("ring-twice", 2, "queue-1/ring-ref", "@same-ring", "one ring, two queues"),
	KEY("port-missing", 1, "event-channel", NULL, "no event-channel: refused"),
	KEY("port-garbage", 1, "event-channel", "port", "event-channel 'port': refused"),
	KEY("port-0", 1, "event-channel", "0", "event-channel 0: refused"),
	KEY_OK("port-bound", 1, "event-channel", "1", "the store's own port: refused"),
	KEY_OK("port-4g", 1, "event-channel", "4294967295", "event-channel 2^32 - 1: refused"),
	KEY("port-huge", 1, "event-channel", "@huge", "event-channel of 2000 digits: refused"),
	KEY_OK("port-other-domain", 1, "event-channel", "@other-port",
	       "event channel of another domain: refused"),
	KEY_OK("port-twice", 2, "queue-1/event-channel", "@same-port",
	       "one event channel, two queues: refused"),
	KEY("protocol-garbage", 1, "protocol", "x86_128-abi", "unknown protocol: refused"),
	KEY_EITHER("protocol-empty", 1, "protocol", "", "empty protocol"),
	KEY("protocol-huge", 1, "protocol", "@huge", "protocol of 2000 bytes: refused"),
	KEY_EITHER("persistent-garbage", 1, "feature-persistent", "maybe", "no number"),
	KEY_EITHER("persistent-huge", 1, "feature-persistent", "@huge", "2000 digits"),
};

const struct case_table blk_front_key = { cases, ARRAY_SIZE(cases) };
