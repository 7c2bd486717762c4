// SPDX-License-Identifier: GPL-2.0-only
/* The frontend that keeps the protocol: controls, and the legal things that are rare. */
#include <errno.h>
#include <string.h>

#include "net_front.h"

/* c->arg: queues; c->key: "split", "one" channel, "no-sg", "no-notify", "headroom", "close". */
static enum verdict run_plain(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	enum verdict v = front_open(&f.dev, opt);

	f.config.queues = (unsigned int)c->arg;
	if (c->key) {
		f.config.split = strcmp(c->key, "one");
		f.config.no_sg = !strcmp(c->key, "no-sg");
		f.config.no_notify = !strcmp(c->key, "no-notify");
		f.config.headroom = strcmp(c->key, "headroom") ? 0 : 256;
	}
	return v ?: front_connect(&f.dev) ?: nf_verify(&f.dev) ?: front_close(&f.dev);
}

static enum verdict run_close(const struct options *opt, const struct xcase *c)
{
	static struct nf f;

	(void)c;
	return front_open(&f.dev, opt) ?: front_reset(&f.dev) ?: front_close(&f.dev);
}

/* The same frame in many layouts of slots; all of them are within the limits. */
static enum verdict run_slots(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	unsigned int size[NET_SLOTS], total;
	enum verdict v = front_start(&f.dev, opt);

	(void)c;
	/* 2 to 18 slots of equal size. */
	for (unsigned int nr = 2; nr <= NET_SLOTS && v == V_PASS; nr++) {
		total = FRAME_ECHO_HEAD + 1400;
		for (unsigned int i = 0; i < nr; i++)
			size[i] = total / nr;
		size[nr - 1] = total - (nr - 1) * (total / nr);
		v = nf_echo(&f, &f.queue[0], 1400, size, nr);
	}
	return v ?: front_close(&f.dev);
}

/*
 * The headers split over slots at each of their bytes. The in-tree backend refuses a first slot of
 * less than an Ethernet header; nothing in the protocol does.
 */
static enum verdict run_split(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	enum verdict v = front_start(&f.dev, opt);

	for (unsigned int at = 1; at <= 140 && v == V_PASS; at++) {
		unsigned int size[3] = { at, 1, 0 };
		size_t len = FRAME_ECHO_HEAD + 300;

		size[1] = c->arg == 3 ? 1 : (unsigned int)len - at;
		size[2] = (unsigned int)len - at - size[1];
		v = nf_echo(&f, &f.queue[0], 300, size, (unsigned int)c->arg);
	}
	return v ?: front_close(&f.dev);
}

/* A frame of c->arg bytes in 1 to 18 slots: around the length of a header copy. */
static enum verdict run_short(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	unsigned int size[NET_SLOTS];
	enum verdict v = front_start(&f.dev, opt);
	size_t payload = (size_t)c->arg - FRAME_ECHO_HEAD;

	for (unsigned int nr = 1; nr <= NET_SLOTS && v == V_PASS; nr++) {
		/* All short ones first, then all at the end. */
		for (unsigned int i = 0; i < nr; i++)
			size[i] = i < nr - 1 ? 1 : (unsigned int)c->arg - (nr - 1);
		v = nf_echo(&f, &f.queue[0], payload, size, nr);
		if (v || nr == 1)
			continue;
		size[0] = (unsigned int)c->arg - (nr - 1);
		size[nr - 1] = 1;
		v = nf_echo(&f, &f.queue[0], payload, size, nr);
	}
	return v ?: front_close(&f.dev);
}

/* A large segment for TCP, which nobody listens for: taken, and the vif works on. */
static enum verdict run_gso(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	static uint8_t frame[NET_MAX_FRAME];
	struct net_extra e = { .type = EXTRA_GSO };
	struct nf_packet p;
	enum verdict v = front_start(&f.dev, opt);
	int got = 0;

	e.u.gso.size = 1448;
	e.u.gso.type = GSO_TCPV4;
	for (int i = 0; i < 50 && v == V_PASS && !got; i++) {
		size_t len = frame_tcp(frame, &f.self, &f.peer, (size_t)c->arg);

		nf_cut(&f, &p, frame, len, NULL, 0);
		p.slot[0].req.flags |= TX_CSUM_BLANK | TX_VALIDATED;
		nf_add_extra(&p, &e);
		got = nf_send(&f, &f.queue[0], &p);
	}
	if (v == V_PASS && got)
		v = fail("a segment of %lld bytes: status %d", c->arg, got);
	return v ?: nf_verify(&f.dev) ?: front_close(&f.dev);
}

/* Many packets before one event. */
static enum verdict run_batch(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	static uint8_t frame[NET_MAX_FRAME];
	struct nf_packet p;
	enum verdict v = front_start(&f.dev, opt);
	size_t len;

	(void)c;
	len = frame_udp(frame, &f.self, &f.peer, 9, 64);
	for (int round = 0; round < 20 && v == V_PASS; round++) {
		int got;

		for (unsigned int i = 0; i < NET_RING_ENTRIES; i++) {
			nf_cut(&f, &p, frame, len, NULL, 0);
			nf_post(&f, &f.queue[0], &p);
		}
		nf_push(&f, &f.queue[0]);
		got = nf_answers(&f, &f.queue[0], opt->wait_ms);
		if (got)
			v = fail("a full ring: %s", strerror(-got));
	}
	return v ?: nf_verify(&f.dev) ?: front_close(&f.dev);
}

static enum verdict mcast(struct nf *f, bool add, unsigned int n, bool more, int *status)
{
	struct net_extra e = { .type = add ? EXTRA_MCAST_ADD : EXTRA_MCAST_DEL };
	uint8_t frame[64];
	struct nf_packet p;

	memcpy(e.u.mcast, "\x33\x33\x77\x00\x00", 5);
	e.u.mcast[5] = (uint8_t)n;
	/* A dummy request: nothing is sent. */
	memset(frame, 0, sizeof(frame));
	nf_cut(f, &p, frame, sizeof(frame), NULL, 0);
	nf_add_extra(&p, &e);
	if (more)
		p.slot[1].extra.flags = EXTRA_FLAG_MORE;
	*status = nf_send(f, &f->queue[0], &p);
	return *status == -ETIMEDOUT || *status == -EPROTO ? V_FAIL : V_PASS;
}

/* c->arg addresses; those beyond 64 may be refused, the rest has to be taken. */
static enum verdict run_mcast(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	unsigned int refused = 0;
	enum verdict v = front_open(&f.dev, opt);
	int status = 0;

	f.config.mcast = true;
	v = v ?: front_connect(&f.dev) ?: nf_verify(&f.dev);
	for (unsigned int i = 0; i < c->arg && v == V_PASS; i++) {
		v = mcast(&f, true, i, false, &status);
		if (v)
			return fail("address %u: not answered (%d)", i, status);
		refused += status != NET_OKAY;
		if (i < 64 && status)
			return fail("address %u: status %d", i, status);
	}
	if (v == V_PASS && c->arg > 64 && !refused)
		v = fail("%lld addresses taken", c->arg);
	for (unsigned int i = 0; i < c->arg && v == V_PASS; i++)
		v = mcast(&f, false, i, false, &status);
	/* One that is not there. */
	return v ?: mcast(&f, false, 250, false, &status) ?: nf_verify(&f.dev) ?:
	       front_close(&f.dev);
}

#define PLAIN(_name, _queues, _key, _what) \
	{ .name = (_name), .flags = CASE_GOOD, .run = run_plain, .arg = (_queues), \
	  .key = (_key), .what = (_what) }

static const struct xcase cases[] = {
	PLAIN("good", 1, "split", "one queue: echoes"),
	PLAIN("good-one-channel", 1, "one", "one event channel: echoes"),
	PLAIN("good-queues", 2, "split", "two queues: echoes"),
	PLAIN("good-queues-one-channel", 2, "one", "two queues, a channel each: echoes"),
	PLAIN("good-no-sg", 1, "no-sg", "no scatter-gather: echoes"),
	PLAIN("good-no-notify", 1, "no-notify", "no feature-rx-notify: echoes"),
	PLAIN("good-headroom", 1, "headroom", "XDP headroom of 256: echoes"),
	{
		.name = "good-slots", .flags = CASE_GOOD, .run = run_slots,
		.what = "2 to 18 slots: echoes",
	}, {
		.name = "split-two", .run = run_split, .arg = 2,
		.what = "headers split at each byte: echoes",
	}, {
		.name = "split-three", .run = run_split, .arg = 3,
		.what = "headers split at each byte, a slot of one byte between: echoes",
	}, {
		.name = "frame-128", .run = run_short, .arg = 128,
		.what = "128 bytes in 1 to 18 slots: echoes",
	}, {
		.name = "frame-129", .run = run_short, .arg = 129,
		.what = "129 bytes in 1 to 18 slots: echoes",
	}, {
		.name = "frame-60", .run = run_short, .arg = 60,
		.what = "60 bytes in 1 to 18 slots: echoes",
	}, {
		.name = "good-gso", .flags = CASE_GOOD, .run = run_gso, .arg = 30000,
		.what = "large segments: taken",
	}, {
		.name = "good-gso-max", .flags = CASE_GOOD, .run = run_gso, .arg = 65481,
		.what = "the largest segments: taken",
	}, {
		.name = "good-batch", .flags = CASE_GOOD, .run = run_batch,
		.what = "a full ring of packets before one event: taken",
	}, {
		.name = "good-mcast", .flags = CASE_GOOD, .run = run_mcast, .arg = 64,
		.what = "64 multicast addresses come and go",
	}, {
		.name = "mcast-65", .site = "mcast-limit", .run = run_mcast, .arg = 66,
		.what = "more than 64 multicast addresses: the rest is refused",
	}, {
		.name = "good-cycles", .flags = CASE_GOOD, .run = front_run_cycles, .arg = 10,
		.what = "connected and closed 10 times",
	}, {
		.name = "good-close", .flags = CASE_GOOD, .run = run_close,
		.what = "closed without having been connected",
	},
};

const struct case_table net_front_good = { cases, ARRAY_SIZE(cases) };
