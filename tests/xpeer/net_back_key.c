// SPDX-License-Identifier: GPL-2.0-only
/* Keys of the backend and of the toolstack that are missing, garbage or absurd. */
#include <string.h>

#include "net_back.h"

static enum verdict refused(struct nb *b, const struct xcase *c)
{
	char text[STORE_DIR * 2];
	bool told = !store_read(&b->store, 0, b->error, "error", text, sizeof(text));

	if (!(c->flags & (CASE_FATAL | CASE_EITHER)))
		return fail("frontend closes%s%s", told ? ": " : "", told ? text : "");
	if (told)
		diag("error node: %s", text);
	else if (c->flags & CASE_FATAL)
		return fail("no text in %s/error", b->error);
	store_write(&b->store, 0, b->dir, "online", "0");
	state_set(&b->store, b->dir, XB_CLOSING);
	if (nb_wait_front(b, STATE(CLOSED) | STATE(UNKNOWN), b->opt->close_ms) < 0)
		return fail("frontend stays at %s", state_name(state_get(&b->store, b->front)));
	state_set(&b->store, b->dir, XB_CLOSED);
	nb_release(b);
	nb_remove(b);
	return nb_recover(b);
}

static enum verdict accepted(struct nb *b, const struct xcase *c)
{
	enum verdict v;

	if (c->flags & CASE_FATAL)
		return fail("frontend connects");
	/* What was accepted has to work, if it is a network at all. */
	if (b->opt->io && !(c->flags & CASE_EITHER)) {
		v = nb_io(b, "net");
		if (v == V_PASS && b->io.status)
			v = fail("the guest's packets fail: status %d", b->io.status);
		if (v)
			return v;
	} else {
		nb_serve(b, 500, NULL);
	}
	return nb_stop(b);
}

static enum verdict run_key(const struct options *opt, const struct xcase *c)
{
	static struct nb b;
	const unsigned int closed = STATE(CLOSING) | STATE(CLOSED);
	struct nb_key key = { c->key, c->value };
	enum verdict v = nb_open(&b, opt, c);
	int state;

	b.keys = &key;
	b.nr_keys = 1;
	if (v == V_PASS)
		v = nb_create(&b);
	if (v == V_PASS)
		v = nb_offer(&b);
	if (v)
		return v;
	state = nb_wait_front(&b, STATE(INITIALISED) | STATE(CONNECTED) | closed, opt->wait_ms);
	if (state == XB_CLOSING || state == XB_CLOSED)
		return refused(&b, c);
	if (state < 0)
		return fail("frontend neither answers nor closes within %u ms", opt->wait_ms);
	v = nb_attach(&b);
	if (v)
		return v;
	state_set(&b.store, b.dir, XB_CONNECTED);
	return accepted(&b, c);
}

/* A node that the frontend watches, rewritten in a loop. */
static enum verdict run_watched(const struct options *opt, const struct xcase *c)
{
	static const char * const values[] = { "1", "0", "x", "", "4294967295", "-1" };
	static struct nb b;
	unsigned long long nr = 0;
	enum verdict v = nb_open(&b, opt, c);
	uint64_t end;

	if (v == V_PASS)
		v = nb_connect(&b);
	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; nr++) {
		store_write(&b.store, 0, c->arg ? b.front : b.dir, c->key,
			    values[nr % ARRAY_SIZE(values)]);
		if (!(nr % 64))
			nb_serve(&b, 0, NULL);
	}
	diag("%llu times", nr);
	store_write(&b.store, 0, c->arg ? b.front : b.dir, c->key, c->value);
	if (opt->io) {
		v = nb_io(&b, "net");
		if (v == V_PASS && b.io.status)
			v = fail("the guest's packets fail: status %d", b.io.status);
	}
	return v ? v : nb_stop(&b);
}

/* Control messages answered with a status, or not at all, while the guest sets up a hash. */
static enum verdict run_ctrl(const struct options *opt, const struct xcase *c)
{
	static const struct nb_key key = { "feature-ctrl-ring", "1" };
	static struct nb b;
	enum verdict v = nb_open(&b, opt, c);

	b.keys = &key;
	b.nr_keys = 1;
	b.ctrl_status = (unsigned int)c->arg;
	b.ctrl_silent = c->arg < 0;
	if (v == V_PASS)
		v = nb_connect(&b);
	if (v == V_PASS && !b.ctrl.map.mem) {
		nb_stop(&b);
		return skip("the frontend has no control ring");
	}
	if (v == V_PASS && opt->io)
		v = nb_io(&b, "hash");
	diag("%llu control messages", b.control);
	/* No hash, but a network. */
	if (v == V_PASS && opt->io) {
		v = nb_io(&b, "net");
		if (v == V_PASS && b.io.status)
			v = fail("the guest's packets fail: status %d", b.io.status);
	}
	return v ? v : nb_stop(&b);
}

#define CASE(_name, _site, _flags, _key, _value, _what) \
	{ .name = (_name), .site = (_site), .flags = (_flags), .run = run_key, \
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
