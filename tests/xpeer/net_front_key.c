// SPDX-License-Identifier: GPL-2.0-only
/* Keys of a network's frontend that are missing, garbage or absurd. */
#include "net_front.h"

static enum verdict run_key(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	enum verdict v = front_open(&f.dev, opt) ?: front_reset(&f.dev);

	f.config.queues = (unsigned int)c->arg & 15;
	f.config.split = !(c->arg & 16);
	f.config.ctrl = c->arg & 32;
	return v ?: f.dev.kind->look(&f.dev) ?: front_try_key(&f.dev, c);
}

#define CASE(_name, _site, _flags, _arg, _key, _value, _what) \
	{ .name = (_name), .site = (_site), .flags = (_flags), .run = run_key, .arg = (_arg), \
	  .key = (_key), .value = (_value), .what = (_what) }
#define KEY(_name, _arg, _key, _value, _what) \
	CASE(_name, "key", CASE_FATAL, _arg, _key, _value, _what)
/* A number that is right as a number: no key is counted, the connection fails over it. */
#define KEY_OK(_name, _arg, _key, _value, _what) \
	CASE(_name, NULL, CASE_FATAL, _arg, _key, _value, _what)
#define KEY_EITHER(_name, _arg, _key, _value, _what) \
	CASE(_name, "key", CASE_EITHER, _arg, _key, _value, _what)

#define ONE_CHANNEL	16
#define WITH_CTRL		32
#define QUEUES		"multi-queue-num-queues"

static const struct xcase cases[] = {
	KEY("queues-0", 1, QUEUES, "0", "0 queues: refused"),
	KEY("queues-max", 1, QUEUES, "@max+1", "one queue too many: refused"),
	KEY("queues-4g", 1, QUEUES, "4294967295", "2^32 - 1 queues: refused"),
	KEY("queues-4g1", 1, QUEUES, "4294967297", "2^32 + 1 queues: refused"),
	KEY("queues-negative", 1, QUEUES, "-1", "-1 queues: refused"),
	KEY("queues-garbage", 1, QUEUES, "two", "'two' queues: refused"),
	KEY("queues-empty", 1, QUEUES, "", "'' queues: refused"),
	KEY("queue-missing", 2, "queue-1", NULL, "no queue-1: refused"),
	KEY("queue-ref-missing", 2, "queue-1/rx-ring-ref", NULL, "no queue-1/rx-ring-ref: refused"),
	KEY("queue-port-missing", 2, "queue-1/event-channel-rx", NULL, "half a channel: refused"),
	KEY("tx-ring-missing", 1, "tx-ring-ref", NULL, "no tx-ring-ref: refused"),
	KEY("rx-ring-missing", 1, "rx-ring-ref", NULL, "no rx-ring-ref: refused"),
	KEY("tx-ring-garbage", 1, "tx-ring-ref", "ring", "tx-ring-ref 'ring': refused"),
	KEY("rx-ring-garbage", 1, "rx-ring-ref", "ring", "rx-ring-ref 'ring': refused"),
	KEY("tx-ring-huge", 1, "tx-ring-ref", "@huge", "tx-ring-ref of 2000 digits: refused"),
	KEY_OK("tx-ring-unused", 1, "tx-ring-ref", "9999", "tx-ring-ref never granted: refused"),
	KEY_OK("rx-ring-unused", 1, "rx-ring-ref", "9999", "rx-ring-ref never granted: refused"),
	KEY_OK("rx-ring-4g", 1, "rx-ring-ref", "4294967295", "rx-ring-ref 2^32 - 1: refused"),
	KEY_OK("tx-ring-readonly", 1, "tx-ring-ref", "@ro-ring", "read-only ring: refused"),
	KEY_OK("rx-ring-other", 1, "rx-ring-ref", "@other-ring", "another domain's ring: refused"),
	KEY_EITHER("ring-same", 1, "rx-ring-ref", "@same-ring", "one ring for both directions"),
	KEY_EITHER("ring-twice", 2, "queue-1/tx-ring-ref", "@same-ring", "one ring, two queues"),
	KEY("port-missing", 1 | ONE_CHANNEL, "event-channel", NULL, "no event-channel: refused"),
	KEY("port-rx-missing", 1, "event-channel-rx", NULL, "no event-channel-rx: refused"),
	KEY("port-garbage", 1 | ONE_CHANNEL, "event-channel", "port", "'port': refused"),
	KEY("port-0", 1 | ONE_CHANNEL, "event-channel", "0", "event-channel 0: refused"),
	KEY("port-huge", 1, "event-channel-tx", "@huge", "event channel of 2000 digits: refused"),
	KEY_OK("port-bound", 1, "event-channel-tx", "1", "the store's own port: refused"),
	KEY_OK("port-4g", 1, "event-channel-rx", "4294967295", "port 2^32 - 1: refused"),
	KEY_OK("port-other", 1, "event-channel-tx", "@other-port", "another domain's: refused"),
	KEY_OK("port-same", 1, "event-channel-rx", "@same-port", "one port, both ways: refused"),
	KEY_OK("port-twice", 2, "queue-1/event-channel-tx", "@same-port",
	       "one port, two queues: refused"),
	KEY("rx-copy-0", 1, "request-rx-copy", "0", "no copying: refused"),
	KEY("rx-copy-missing", 1, "request-rx-copy", NULL, "copying not asked for: refused"),
	KEY_EITHER("rx-copy-garbage", 1, "request-rx-copy", "please", "no number"),
	KEY_EITHER("sg-garbage", 1, "feature-sg", "x", "no number"),
	KEY_EITHER("sg-huge", 1, "feature-sg", "@huge", "2000 digits"),
	KEY_EITHER("gso-garbage", 1, "feature-gso-tcpv4", "x", "no number"),
	KEY_EITHER("notify-garbage", 1, "feature-rx-notify", "x", "no number"),
	KEY_EITHER("headroom-max", 1, "xdp-headroom", "4294967295", "headroom 2^32 - 1"),
	KEY_EITHER("headroom-page", 1, "xdp-headroom", "4096", "headroom of a page"),
	KEY_EITHER("headroom-over", 1, "xdp-headroom", "32768", "headroom 32768"),
	KEY_EITHER("headroom-negative", 1, "xdp-headroom", "-1", "headroom -1"),
	KEY_EITHER("headroom-garbage", 1, "xdp-headroom", "x", "no number"),
	KEY_EITHER("mcast-garbage", 1, "request-multicast-control", "x", "no number"),
	KEY_OK("ctrl-ring-unused", 1 | WITH_CTRL, "ctrl-ring-ref", "9999", "not granted: refused"),
	KEY("ctrl-ring-garbage", 1 | WITH_CTRL, "ctrl-ring-ref", "ring", "no number: refused"),
	KEY("ctrl-port-missing", 1 | WITH_CTRL, "event-channel-ctrl", NULL, "no channel: refused"),
	KEY_OK("ctrl-port-bound", 1 | WITH_CTRL, "event-channel-ctrl", "1", "store's: refused"),
	KEY_EITHER("ctrl-ring-same", 1 | WITH_CTRL, "ctrl-ring-ref", "@same-ring", "transmit ring"),
};

const struct case_table net_front_key = { cases, ARRAY_SIZE(cases) };
