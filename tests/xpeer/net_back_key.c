// SPDX-License-Identifier: GPL-2.0-only
/* Keys of the backend and of the toolstack that are missing, garbage or absurd. */
#include "net_back.h"

/* A node that the frontend watches, rewritten in a loop. */
static enum verdict run_watched(const struct options *opt, const struct xcase *c)
{
	static const char * const values[] = { "1", "0", "x", "", "4294967295", "-1" };
	static struct nb b;
	unsigned long long nr = 0;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);
	uint64_t end;

	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; nr++) {
		store_write(&b.dev.store, 0, c->arg ? b.dev.front : b.dev.dir, c->key,
			    values[nr % ARRAY_SIZE(values)]);
		if (!(nr % 64))
			back_serve(&b.dev, 0, NULL);
	}
	diag("%llu times", nr);
	store_write(&b.dev.store, 0, c->arg ? b.dev.front : b.dev.dir, c->key, c->value);
	return back_use(&b.dev) ?: back_stop(&b.dev);
}

/* Control messages answered with a status, or not at all, while the guest sets up a hash. */
static enum verdict run_ctrl(const struct options *opt, const struct xcase *c)
{
	static const struct store_key key = { "feature-ctrl-ring", "1" };
	static struct nb b;
	enum verdict v = back_open(&b.dev, opt, c);

	b.dev.keys = &key;
	b.dev.nr_keys = 1;
	b.ctrl_status = (unsigned int)c->arg;
	b.ctrl_silent = c->arg < 0;
	v = v ?: back_connect(&b.dev);
	if (v == V_PASS && !b.ctrl.map.mem) {
		back_stop(&b.dev);
		return skip("the frontend has no control ring");
	}
	if (v == V_PASS && opt->io)
		v = back_io(&b.dev, "hash");
	diag("%llu control messages", b.control);
	/* No hash, but a network. */
	return v ?: back_use(&b.dev) ?: back_stop(&b.dev);
}

#define CASE(_name, _site, _flags, _key, _value, _what) \
	{ .name = (_name), .site = (_site), .flags = (_flags), .run = back_run_key, \
	  .key = (_key), .value = (_value), .what = (_what) }
#define REFUSED(_name, _key, _value, _what) \
	CASE(_name, "key", CASE_FATAL, _key, _value, _what)
#define TAKEN(_name, _key, _value, _what) \
	CASE(_name, NULL, CASE_IO, _key, _value, _what)
/* No offer at all: counted, and the network works. */
#define IGNORED(_name, _key, _value, _what) \
	CASE(_name, "key", CASE_IO, _key, _value, _what)
#define EITHER(_name, _key, _value, _what) \
	CASE(_name, "key", CASE_EITHER, _key, _value, _what)
#define CTRL_CASE(_name, _status, _what) \
	{ .name = (_name), .flags = CASE_IO | CASE_EITHER, .run = run_ctrl, .arg = (_status), \
	  .what = (_what) }

#define MAX_2_32	"4294967295"

static const struct xcase cases[] = {
	REFUSED("rx-copy-missing", "feature-rx-copy", NULL, "no copying: refused"),
	REFUSED("rx-copy-0", "feature-rx-copy", "0", "no copying: refused"),
	EITHER("rx-copy-garbage", "feature-rx-copy", "yes", "no number"),
	IGNORED("queues-0", "multi-queue-max-queues", "0", "one queue"),
	TAKEN("queues-max", "multi-queue-max-queues", MAX_2_32, "cut to our own limit"),
	IGNORED("queues-negative", "multi-queue-max-queues", "-1", "one queue"),
	IGNORED("queues-garbage", "multi-queue-max-queues", "x", "one queue"),
	IGNORED("sg-garbage", "feature-sg", "x", "no scatter-gather"),
	IGNORED("gso-garbage", "feature-gso-tcpv4", "x", "no GSO"),
	IGNORED("split-garbage", "feature-split-event-channels", "x", "one channel"),
	IGNORED("csum-garbage", "feature-no-csum-offload", "x", "default"),
	IGNORED("mcast-garbage", "feature-multicast-control", "x", "no multicast control"),
	IGNORED("xdp-garbage", "feature-xdp-headroom", "x", "no headroom"),
	IGNORED("ctrl-garbage", "feature-ctrl-ring", "x", "no control ring"),
	EITHER("sg-2", "feature-sg", "2", "neither yes nor no"),
	TAKEN("carrier-0-1", "carrier", "1", "link up"),
	EITHER("carrier-garbage", "carrier", "x", "link as before"),
	EITHER("mtu-0", "mtu", "0", "MTU 0"),
	EITHER("mtu-67", "mtu", "67", "MTU 67"),
	EITHER("mtu-max", "mtu", MAX_2_32, "MTU 2^32 - 1"),
	EITHER("mtu-garbage", "mtu", "x", "MTU 'x'"),
	EITHER("mac-missing", "mac", NULL, "no MAC address"),
	EITHER("mac-garbage", "mac", "somewhere", "no MAC address"),
	EITHER("mac-multicast", "mac", "01:00:5e:00:00:01", "a multicast address"),
	EITHER("mac-zero", "mac", "00:00:00:00:00:00", "no address"),
	EITHER("mac-long", "mac", "00:16:3e:79:00:02:03", "seven bytes"),
	TAKEN("trusted-0", "trusted", "0", "untrusted: copies"),
	EITHER("trusted-garbage", "trusted", "x", "copies"),
	{
		.name = "watch-carrier", .flags = CASE_IO | CASE_EITHER, .run = run_watched,
		.key = "carrier", .value = "1", .what = "carrier rewritten in a loop: then works",
	}, {
		.name = "watch-mtu", .flags = CASE_IO | CASE_EITHER, .run = run_watched, .arg = 1,
		.key = "mtu", .value = "1500", .what = "mtu rewritten in a loop: then works",
	},
	CTRL_CASE("ctrl-refused", CTRL_INVALID, "control messages refused: no hash, but packets"),
	CTRL_CASE("ctrl-unsupported", CTRL_NOT_SUPPORTED, "control messages not supported"),
	CTRL_CASE("ctrl-status", 77, "control messages answered with status 77"),
	CTRL_CASE("ctrl-silent", -1, "control messages not answered: bounded, packets flow"),
};

const struct case_table net_back_key = { cases, ARRAY_SIZE(cases) };
