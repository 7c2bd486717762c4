// SPDX-License-Identifier: GPL-2.0-only
/* Packets that cannot be right. A backend may refuse the packet, or the frontend for good. */
#include <errno.h>
#include <string.h>

#include "net_front.h"

enum want {
	WANT_OKAY,
	WANT_ERROR,		/* every slot answered, at least one with an error; it works on */
	WANT_HALT,		/* nothing works until a reconnect */
	WANT_REFUSED,		/* an error or a halt */
	WANT_ANY,		/* answered or halted: but alive */
};

enum attack {
	SIZE_0, SIZE_13, SIZE_PAGE, SIZE_MAX_ONE, OFFSET_PAGE, OFFSET_MAX, CROSS,
	SECOND_CROSS, SECOND_SIZE_MAX, SUM_OVER, SUM_EQUAL,
	SLOTS_19, SLOTS_20, SLOTS_21, SLOTS_60, SLOTS_TINY_18, SLOTS_TINY_19,
	ZERO_FIRST, ZERO_LAST, ZERO_MIDDLE, ZERO_ALL_BUT_FIRST,
	MORE_AT_END, EXTRA_AT_END, EXTRA_MORE_AT_END,
	EXTRA_0, EXTRA_MAX, EXTRA_255, EXTRA_CHAIN, EXTRA_TWICE, EXTRA_BAD_HASH,
	EXTRA_XDP_HEADROOM, GSO_SIZE_0, GSO_TYPE_0, GSO_TYPE_3, GSO_TYPE_255, GSO_NO_CSUM,
	GSO_SIZE_1, GSO_SIZE_7, GSO_SIZE_8, GSO_SIZE_MAX, GSO_NOT_TCP, GSO_V6_IN_V4, GSO_SHORT,
	CSUM_NO_IP, CSUM_SHORT_IP, CSUM_ODD_PROTO, IHL_0, IHL_15, IP_LEN_MAX, TCP_OFF_0, VLAN_ONLY,
	FLAGS_ALL, ID_MAX, ID_SAME, MCAST_BAD,
	GREF_UNUSED, GREF_HUGE, GREF_SECOND_UNUSED, GREF_FREED, GREF_OTHER, GREF_RING, GREF_ZERO,
};

/* A good echo of 1000 bytes in two slots, which the attack then spoils. */
static void base(struct nf *f, struct nf_packet *p, size_t payload, const unsigned int *size,
		 unsigned int nr)
{
	static uint8_t frame[NET_MAX_FRAME];
	size_t len = frame_echo(frame, &f->self, &f->peer, 0x6261, 1, payload);

	nf_cut(f, p, frame, len, size, nr);
}

static void many(struct nf *f, struct nf_packet *p, unsigned int nr, unsigned int each)
{
	unsigned int size[NF_SLOTS];

	for (unsigned int i = 0; i < nr; i++)
		size[i] = each;
	base(f, p, (size_t)nr * each - FRAME_ECHO_HEAD, size, nr);
}

static void tcp(struct nf *f, struct nf_packet *p, size_t payload, bool blank)
{
	static uint8_t frame[NET_MAX_FRAME];
	size_t len = frame_tcp(frame, &f->self, &f->peer, payload);

	nf_cut(f, p, frame, len, NULL, 0);
	if (blank)
		p->slot[0].req.flags |= TX_CSUM_BLANK | TX_VALIDATED;
}

static uint8_t *first_page(struct nf *f, struct nf_packet *p)
{
	return f->dev.pages.mem + p->slot[0].req.offset;
}

static void spoil_sizes(struct nf *f, struct nf_packet *p, enum attack how)
{
	static const unsigned int two[] = { 500, 542 };
	struct net_tx_req *req = &p->slot[0].req;

	base(f, p, 1000, NULL, 0);
	switch (how) {
	case SIZE_0:
		req->size = 0;
		break;
	case SIZE_13:
		req->size = 13;
		break;
	case SIZE_PAGE:
		req->offset = 0;
		req->size = PAGE_BYTES + 1;
		break;
	case SIZE_MAX_ONE:
		req->size = 65535;
		break;
	case OFFSET_PAGE:
		req->offset = PAGE_BYTES;
		break;
	case OFFSET_MAX:
		req->offset = 65535;
		break;
	case CROSS:
		req->offset = PAGE_BYTES - 500;
		break;
	default:
		base(f, p, 1000, two, 2);
		req = &p->slot[1].req;
		if (how == SECOND_CROSS)
			req->offset = PAGE_BYTES - 100;
		else if (how == SECOND_SIZE_MAX)
			req->size = 65535;
		else
			req->size = how == SUM_OVER ? 1043 : 1042;
	}
}

static void spoil_slots(struct nf *f, struct nf_packet *p, enum attack how)
{
	static const unsigned int zeroes[][4] = {
		{ 0, 1042, 0, 0 }, { 1042, 0, 0, 0 }, { 500, 0, 542, 0 }, { 1042, 0, 0, 0 },
	};

	switch (how) {
	case SLOTS_19:
		many(f, p, 19, 60);
		break;
	case SLOTS_20:
		many(f, p, 20, 60);
		break;
	case SLOTS_21:
		many(f, p, 21, 60);
		break;
	case SLOTS_60:
		many(f, p, 60, 24);
		break;
	case SLOTS_TINY_18:
		/* 18 bytes are a header and a bit: no IP packet, but a frame */
		many(f, p, 18, 3);
		for (unsigned int i = 0; i < 18; i++)
			p->slot[i].req.size = i ? 1 : 18;
		break;
	case SLOTS_TINY_19:
		many(f, p, 19, 3);
		for (unsigned int i = 0; i < 19; i++)
			p->slot[i].req.size = i ? 1 : 19;
		break;
	case ZERO_FIRST:
		base(f, p, 1000, zeroes[0], 2);
		break;
	case ZERO_LAST:
		base(f, p, 1000, zeroes[1], 2);
		break;
	case ZERO_MIDDLE:
		base(f, p, 1000, zeroes[2], 3);
		break;
	default:
		base(f, p, 1000, zeroes[3], 4);
	}
}

static void spoil_extra(struct nf *f, struct nf_packet *p, enum attack how)
{
	struct net_extra e = { .type = EXTRA_HASH };

	base(f, p, 1000, NULL, 0);
	e.u.hash.algorithm = 1;
	switch (how) {
	case EXTRA_0:
		e.type = EXTRA_NONE;
		break;
	case EXTRA_MAX:
		e.type = EXTRA_TYPES;
		break;
	case EXTRA_255:
		e.type = 255;
		break;
	case EXTRA_BAD_HASH:
		e.u.hash.type = 200;
		break;
	case EXTRA_XDP_HEADROOM:
		e.type = EXTRA_XDP;
		e.u.headroom = 65535;
		break;
	default:
		break;
	}
	nf_add_extra(p, &e);
	if (how == EXTRA_TWICE)
		nf_add_extra(p, &e);
	/* A chain that needs dozens of slots. */
	for (int i = 0; how == EXTRA_CHAIN && i < 50; i++)
		nf_add_extra(p, &e);
}

static void spoil_gso(struct nf *f, struct nf_packet *p, enum attack how)
{
	struct net_extra e = { .type = EXTRA_GSO };

	e.u.gso.size = 1448;
	e.u.gso.type = GSO_TCPV4;
	if (how == GSO_NOT_TCP)
		base(f, p, 20000, NULL, 0);
	else
		tcp(f, p, how == GSO_SHORT ? 100 : 20000, how != GSO_NO_CSUM);
	switch (how) {
	case GSO_SIZE_0:
		e.u.gso.size = 0;
		break;
	case GSO_SIZE_1:
		e.u.gso.size = 1;
		break;
	case GSO_SIZE_7:
		e.u.gso.size = 7;
		break;
	case GSO_SIZE_8:
		e.u.gso.size = 8;
		break;
	case GSO_SIZE_MAX:
		e.u.gso.size = 65535;
		break;
	case GSO_TYPE_0:
		e.u.gso.type = 0;
		break;
	case GSO_TYPE_3:
		e.u.gso.type = 3;
		break;
	case GSO_TYPE_255:
		e.u.gso.type = 255;
		break;
	case GSO_V6_IN_V4:
		e.u.gso.type = GSO_TCPV6;
		break;
	default:
		break;
	}
	nf_add_extra(p, &e);
}

/* Headers that lie, where the backend has to find the place of a checksum. */
static void spoil_headers(struct nf *f, struct nf_packet *p, enum attack how)
{
	uint8_t *eth;

	tcp(f, p, 500, true);
	eth = first_page(f, p);
	switch (how) {
	case CSUM_NO_IP:
		eth[12] = 0x88;
		break;
	case CSUM_SHORT_IP:
		p->slot[0].req.size = FRAME_ETH + 10;
		break;
	case CSUM_ODD_PROTO:
		eth[FRAME_ETH + 9] = 132;
		break;
	case IHL_0:
		eth[FRAME_ETH] = 0x40;
		break;
	case IHL_15:
		eth[FRAME_ETH] = 0x4f;
		p->slot[0].req.size = FRAME_ETH + 30;
		break;
	case IP_LEN_MAX:
		eth[FRAME_ETH + 2] = 0xff;
		eth[FRAME_ETH + 3] = 0xff;
		break;
	case TCP_OFF_0:
		eth[FRAME_ETH + FRAME_IP + 12] = 0;
		break;
	default:
		/* Tags up to the end of the frame. */
		for (unsigned int i = 12; i + 4 < FRAME_ETH + 500; i += 4)
			memcpy(eth + i, "\x81\x00\x00\x05", 4);
	}
}

static void spoil_grant(struct nf *f, struct nf_packet *p, enum attack how)
{
	static const unsigned int two[] = { 500, 542 };
	static struct grant_area a;
	unsigned int other = how == GREF_OTHER;
	uint32_t unused = 0;

	base(f, p, 1000, two, 2);
	for (uint32_t i = 0; i < NF_TX_PAGES; i++)
		if (f->dev.pages.ref[i] > unused)
			unused = f->dev.pages.ref[i];
	unused += 600;
	switch (how) {
	case GREF_UNUSED:
		p->slot[0].req.gref = unused;
		break;
	case GREF_HUGE:
		p->slot[0].req.gref = ~0u;
		break;
	case GREF_SECOND_UNUSED:
		p->slot[1].req.gref = unused;
		break;
	case GREF_FREED:
	case GREF_OTHER:
		if (grant_alloc(&a, f->dev.back_id + other, 1, false))
			break;
		p->slot[0].req.gref = a.ref[0];
		if (how == GREF_FREED)
			grant_give_up(&a);
		break;
	case GREF_RING:
		p->slot[1].req.gref = f->queue[0].tx.area.ref[0];
		break;
	default:
		p->slot[0].req.gref = 0;
	}
}

static void spoil_rest(struct nf *f, struct nf_packet *p, enum attack how)
{
	struct net_extra e = { .type = EXTRA_HASH, .flags = EXTRA_FLAG_MORE };

	base(f, p, 1000, NULL, 0);
	switch (how) {
	case MORE_AT_END:
		p->slot[0].req.flags |= TX_MORE;
		break;
	case EXTRA_AT_END:
		p->slot[0].req.flags |= TX_EXTRA;
		break;
	case EXTRA_MORE_AT_END:
		e.u.hash.algorithm = 1;
		nf_add_extra(p, &e);
		break;
	case FLAGS_ALL:
		p->slot[0].req.flags |= 0xfff0;
		break;
	case MCAST_BAD:
		e.type = EXTRA_MCAST_ADD;
		e.flags = 0;
		memset(e.u.mcast, 0, 6);
		nf_add_extra(p, &e);
		break;
	default:
		break;
	}
}

static void spoil(struct nf *f, struct nf_packet *p, enum attack how)
{
	if (how <= SUM_EQUAL)
		spoil_sizes(f, p, how);
	else if (how >= SLOTS_19 && how <= ZERO_ALL_BUT_FIRST)
		spoil_slots(f, p, how);
	else if (how >= EXTRA_0 && how <= EXTRA_XDP_HEADROOM)
		spoil_extra(f, p, how);
	else if (how >= GSO_SIZE_0 && how <= GSO_SHORT)
		spoil_gso(f, p, how);
	else if (how >= CSUM_NO_IP && how <= VLAN_ONLY)
		spoil_headers(f, p, how);
	else if (how >= GREF_UNUSED)
		spoil_grant(f, p, how);
	else
		spoil_rest(f, p, how);
}

/* Ids of our own: a backend only echoes them. */
static enum verdict send_ids(struct nf *f, enum attack how)
{
	struct nf_queue *q = &f->queue[0];
	struct ring *r = &q->tx.ring;
	uint16_t id = how == ID_MAX ? 65535 : 7;
	struct net_tx_rsp rsp;
	struct nf_packet p;
	uint64_t end = now_ms() + f->dev.opt->wait_ms;

	base(f, &p, 100, NULL, 0);
	p.slot[0].req.id = id;
	for (int i = 0; i < 3; i++)
		memcpy(ring_slot(r, r->req_prod++), p.slot[0].raw, NET_TX_ENTRY);
	nf_push(f, q);
	for (int i = 0; i < 3; i++) {
		while (!ring_has_responses(r)) {
			if (now_ms() > end)
				return fail("no response");
			nf_poll(f, 5);
		}
		memcpy(&rsp, ring_slot(r, r->rsp_cons++), sizeof(rsp));
		if (rsp.id != id)
			return fail("id %u came back as %u", id, rsp.id);
	}
	return V_PASS;
}

/* Halted: right packets are not looked at any more, however often we ring. */
static enum verdict judge_halt(struct nf *f)
{
	struct nf_packet p;
	enum verdict v;

	base(f, &p, 100, NULL, 0);
	nf_post(f, &f->queue[0], &p);
	ring_push_requests(&f->queue[0].tx.ring);
	for (int i = 0; i < 1000; i++)
		nf_kick(f, &f->queue[0].tx);
	v = nf_silent(f, &f->queue[0], 700);
	front_linger(&f->dev, "halted");
	return v ?: front_recover(&f->dev);
}

static enum verdict run_attack(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	enum want want = (enum want)(c->arg >> 8);
	enum attack how = c->arg & 255;
	struct options quick = *opt;
	struct nf_packet p;
	enum verdict v = front_start(&f.dev, opt);
	bool halted;
	int got;

	if (v)
		return v;
	if (how == ID_MAX || how == ID_SAME) {
		v = send_ids(&f, how);
		return v ?: front_recover(&f.dev);
	}
	spoil(&f, &p, how);
	/* What is halted says nothing; there is no need to wait for that long. */
	if (want != WANT_OKAY && want != WANT_ERROR)
		quick.wait_ms = 2500;
	f.dev.opt = &quick;
	got = nf_send(&f, &f.queue[0], &p);
	f.dev.opt = opt;
	diag("%s: status %d", c->name, got);
	if (got == -EPROTO)
		return fail("nonsense on a ring");
	halted = got == -ETIMEDOUT;
	if (halted && (want == WANT_OKAY || want == WANT_ERROR))
		return fail("not answered");
	if (!halted && want == WANT_HALT)
		return fail("status %d, wanted a halt", got);
	if (got == NET_OKAY && (want == WANT_ERROR || want == WANT_REFUSED))
		return fail("taken");
	if (got && want == WANT_OKAY)
		return fail("status %d", got);
	if (halted)
		return judge_halt(&f);
	/* Many of them: none may cost anything for good. */
	for (int i = 0; i < 300 && v == V_PASS; i++) {
		spoil(&f, &p, how);
		if (nf_send(&f, &f.queue[0], &p) < NET_DROPPED)
			v = fail("repeated, it is not answered any more");
	}
	return v ?: nf_verify(&f.dev) ?: front_close(&f.dev);
}

/* Behind each packet of a frontend that repeats itself there may be a good one. */
static enum verdict run_mixed(const struct options *opt, const struct xcase *c)
{
	static const enum attack refused[] = {
		SIZE_0, SIZE_13, SUM_OVER, SLOTS_19, SLOTS_20, GREF_UNUSED, GREF_SECOND_UNUSED,
	};
	static struct nf f;
	uint64_t seed = opt->seed;
	struct nf_packet p;
	enum verdict v = front_start(&f.dev, opt);

	(void)c;
	for (int i = 0; i < 100 && v == V_PASS; i++) {
		for (int n = 0; n < 4; n++) {
			spoil(&f, &p, refused[rnd(&seed) % ARRAY_SIZE(refused)]);
			nf_post(&f, &f.queue[0], &p);
		}
		v = nf_echo(&f, &f.queue[0], 700, NULL, 0);
	}
	return v ?: front_close(&f.dev);
}

#define CASE(_name, _site, _flags, _want, _how, _what) \
	{ .name = (_name), .site = (_site), .flags = (_flags), .run = run_attack, \
	  .arg = (_want) << 8 | (_how), .what = (_what) }
#define OKAY(_name, _how, _what)	CASE(_name, NULL, 0, WANT_OKAY, _how, _what)
#define ERROR(_name, _site, _how, _what) CASE(_name, _site, 0, WANT_ERROR, _how, _what)
#define HALT(_name, _site, _how, _what)	CASE(_name, _site, CASE_HALT, WANT_HALT, _how, _what)
#define ANY(_name, _site, _how, _what) \
	CASE(_name, _site, CASE_EITHER, WANT_ANY, _how, _what)

static const struct xcase cases[] = {
	ERROR("tx-size-0", "tx-size", SIZE_0, "0 bytes: refused"),
	ERROR("tx-size-13", "tx-size", SIZE_13, "13 bytes: refused"),
	HALT("tx-size-page", "tx-page", SIZE_PAGE, "one byte more than a page: disabled"),
	HALT("tx-size-max", "tx-page", SIZE_MAX_ONE, "65535 bytes in one slot: disabled"),
	HALT("tx-offset-page", "tx-page", OFFSET_PAGE, "offset 4096: disabled"),
	HALT("tx-offset-max", "tx-page", OFFSET_MAX, "offset 65535: disabled"),
	HALT("tx-cross", "tx-page", CROSS, "offset + size beyond the page: disabled"),
	HALT("tx-second-cross", "tx-page", SECOND_CROSS, "the same in the second slot: disabled"),
	HALT("tx-second-max", "tx-page", SECOND_SIZE_MAX, "second slot of 65535: disabled"),
	ERROR("tx-sum-over", "tx-slot-size", SUM_OVER, "the first size is less than the rest's"),
	ANY("tx-sum-equal", NULL, SUM_EQUAL, "nothing is left for the first slot"),
	ERROR("tx-slots-19", "tx-slots", SLOTS_19, "19 slots: refused"),
	ERROR("tx-slots-20", "tx-slots", SLOTS_20, "20 slots: refused"),
	HALT("tx-slots-21", "tx-slots-fatal", SLOTS_21, "21 slots: disabled"),
	HALT("tx-slots-60", "tx-slots-fatal", SLOTS_60, "60 slots: disabled"),
	OKAY("tx-slots-tiny", SLOTS_TINY_18, "18 slots of one byte: a frame"),
	ERROR("tx-slots-tiny-19", "tx-slots", SLOTS_TINY_19, "19 slots of one byte: refused"),
	OKAY("tx-zero-first", ZERO_FIRST, "first slot without bytes: a frame"),
	OKAY("tx-zero-last", ZERO_LAST, "last slot without bytes: a frame"),
	OKAY("tx-zero-middle", ZERO_MIDDLE, "slot without bytes in the middle: a frame"),
	OKAY("tx-zero-rest", ZERO_ALL_BUT_FIRST, "three slots without bytes: a frame"),
	HALT("tx-more-at-end", "tx-short", MORE_AT_END, "more_data and nothing more: disabled"),
	HALT("tx-extra-at-end", "tx-short", EXTRA_AT_END, "extra_info and none: disabled"),
	HALT("tx-extra-more-at-end", "tx-short", EXTRA_MORE_AT_END, "one of two extras: disabled"),
	HALT("tx-extra-0", "tx-extra", EXTRA_0, "extra of type 0: disabled"),
	HALT("tx-extra-max", "tx-extra", EXTRA_MAX, "extra of an unknown type: disabled"),
	HALT("tx-extra-255", "tx-extra", EXTRA_255, "extra of type 255: disabled"),
	HALT("tx-extra-chain", "tx-extra", EXTRA_CHAIN, "51 extras: disabled"),
	ANY("tx-extra-twice", "tx-extra", EXTRA_TWICE, "one type twice"),
	ANY("tx-extra-hash", "tx-hash", EXTRA_BAD_HASH, "hash of an unknown type"),
	ANY("tx-extra-xdp", "tx-extra", EXTRA_XDP_HEADROOM, "XDP headroom of 65535"),
	HALT("tx-gso-size-0", "tx-gso", GSO_SIZE_0, "segments of 0 bytes: disabled"),
	HALT("tx-gso-type-0", "tx-gso", GSO_TYPE_0, "GSO type 0: disabled"),
	HALT("tx-gso-type-3", "tx-gso", GSO_TYPE_3, "GSO type 3: disabled"),
	HALT("tx-gso-type-255", "tx-gso", GSO_TYPE_255, "GSO type 255: disabled"),
	ANY("tx-gso-no-csum", NULL, GSO_NO_CSUM, "GSO without checksum offload"),
	ERROR("tx-gso-size-1", "tx-gso", GSO_SIZE_1, "segments of one byte: refused"),
	ERROR("tx-gso-size-7", "tx-gso", GSO_SIZE_7, "segments of 7 bytes: refused"),
	OKAY("tx-gso-size-8", GSO_SIZE_8, "segments of 8 bytes: sent"),
	ERROR("tx-gso-size-max", "tx-gso", GSO_SIZE_MAX,
	      "segments of 65535 bytes, which Linux takes for another kind of GSO: refused"),
	ANY("tx-gso-not-tcp", NULL, GSO_NOT_TCP, "GSO of an ICMP packet"),
	ANY("tx-gso-v6-in-v4", NULL, GSO_V6_IN_V4, "GSO for IPv6 of an IPv4 packet"),
	ANY("tx-gso-short", NULL, GSO_SHORT, "GSO of less than a segment"),
	ANY("tx-csum-no-ip", NULL, CSUM_NO_IP, "blank checksum in an unknown protocol"),
	ANY("tx-csum-short-ip", NULL, CSUM_SHORT_IP, "blank checksum, half an IP header"),
	ANY("tx-csum-proto", NULL, CSUM_ODD_PROTO, "blank checksum in SCTP"),
	ANY("tx-ihl-0", NULL, IHL_0, "IP header of no length"),
	ANY("tx-ihl-15", NULL, IHL_15, "IP header longer than the frame"),
	ANY("tx-ip-length", NULL, IP_LEN_MAX, "IP packet longer than the frame"),
	ANY("tx-tcp-offset", NULL, TCP_OFF_0, "TCP header of no length"),
	ANY("tx-vlan-only", NULL, VLAN_ONLY, "VLAN tags to the end"),
	ANY("tx-flags-all", NULL, FLAGS_ALL, "unknown flags set"),
	OKAY("tx-id-max", ID_MAX, "id 65535: echoed"),
	OKAY("tx-id-same", ID_SAME, "one id three times: echoed"),
	ANY("tx-mcast-bad", NULL, MCAST_BAD, "no multicast address added"),
	ERROR("tx-gref-unused", "tx-grant", GREF_UNUSED, "never granted: refused"),
	ERROR("tx-gref-huge", "tx-grant", GREF_HUGE, "reference 2^32 - 1: refused"),
	ERROR("tx-gref-second", "tx-grant", GREF_SECOND_UNUSED, "second never granted: refused"),
	ERROR("tx-gref-freed", "tx-grant", GREF_FREED, "taken back before: refused"),
	ERROR("tx-gref-other", "tx-grant", GREF_OTHER, "granted to another domain: refused"),
	OKAY("tx-gref-ring", GREF_RING, "the ring's own page: sent"),
	ANY("tx-gref-0", NULL, GREF_ZERO, "reference 0"),
	{
		.name = "tx-mixed", .run = run_mixed,
		.what = "bad packets and good ones mixed: the good ones arrive",
	},
};

const struct case_table net_front_tx = { cases, ARRAY_SIZE(cases) };
