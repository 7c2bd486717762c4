// SPDX-License-Identifier: GPL-2.0-only
/* Keys of a disk's frontend that are missing, garbage or absurd. */
#include <string.h>

#include "blk_front.h"

static enum verdict run_key(const struct options *opt, const struct xcase *c)
{
	static struct bf f;
	enum verdict v = front_open(&f.dev, opt) ?: front_reset(&f.dev);
	struct store *s = &f.dev.store;

	if (v)
		return v;
	f.config.queues = (unsigned int)c->arg & 0xff;
	f.config.order = (unsigned int)c->arg >> 8;
	if (store_number(s, f.dev.back, "multi-queue-max-queues", 1) < f.config.queues)
		return skip("the backend offers one queue");
	if (store_number(s, f.dev.back, "max-ring-page-order", 0) < f.config.order)
		return skip("the backend offers no larger ring");
	if (!strcmp(c->key, "num-ring-pages") && !store_exists(s, f.dev.back, "max-ring-pages"))
		return skip("the backend does not know max-ring-pages");
	return front_try_key(&f.dev, c);
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
