// SPDX-License-Identifier: GPL-2.0-only
/* Packets for the guest that cannot be right. */
#include <errno.h>
#include <string.h>

#include "net_back.h"

/* After those of ring.h. */
enum attack {
	OFFSET_PAGE = BAD_PRODS, OFFSET_MAX, CROSS, STATUS_4097, STATUS_MAX, STATUS_NEGATIVE,
	STATUS_MIN,
	LEN_0, LEN_1, LEN_13, FIRST_1,
	CHAIN_19, CHAIN_60, CHAIN_ENDLESS, CHAIN_CROSS, CHAIN_NEGATIVE, CHAIN_MAX,
	EXTRA_TYPE_0, EXTRA_TYPE_255, EXTRA_TYPE_MAX, EXTRA_ENDLESS, EXTRA_TWICE,
	GSO_SIZE_0, GSO_SIZE_MAX, GSO_TYPE_0, GSO_TYPE_9, GSO_NO_CSUM, GSO_TINY, GSO_NOT_TCP,
	CSUM_NO_IP, CSUM_SHORT, HASH_BAD, MCAST_EXTRA, CHANGED,
};

/* Responses to what the guest has posted, made by a case. */
struct reply {
	union net_rx_slot	slot[NET_RING_ENTRIES];
	bool			extra[NET_RING_ENTRIES];
	unsigned int		nr;
};

static void data(struct reply *r, unsigned int offset, int status, unsigned int flags)
{
	r->slot[r->nr].rsp = (struct net_rx_rsp){
		.offset = (uint16_t)offset, .status = (int16_t)status, .flags = (uint16_t)flags,
	};
	r->extra[r->nr++] = false;
}

static struct net_extra *extra(struct reply *r, unsigned int type, bool more)
{
	struct net_extra *e = &r->slot[r->nr].extra;

	memset(&r->slot[r->nr], 0, sizeof(r->slot[0]));
	e->type = (uint8_t)type;
	e->flags = more ? EXTRA_FLAG_MORE : 0;
	r->extra[r->nr++] = true;
	return e;
}

static void make_slots(struct reply *r, enum attack how)
{
	switch (how) {
	case OFFSET_PAGE:
		data(r, PAGE_BYTES, 60, 0);
		break;
	case OFFSET_MAX:
		data(r, 65535, 60, 0);
		break;
	case CROSS:
		data(r, PAGE_BYTES - 30, 60, 0);
		break;
	case STATUS_4097:
		data(r, 0, PAGE_BYTES + 1, 0);
		break;
	case STATUS_MAX:
		data(r, 0, 32767, 0);
		break;
	case STATUS_NEGATIVE:
		data(r, 0, -100, 0);
		break;
	case STATUS_MIN:
		data(r, 0, -32768, 0);
		break;
	case LEN_0:
		data(r, 0, 0, 0);
		break;
	case LEN_1:
		data(r, 0, 1, 0);
		break;
	case LEN_13:
		data(r, 0, 13, 0);
		break;
	case FIRST_1:
		data(r, 0, 1, RX_MORE);
		data(r, 1, 200, 0);
		break;
	case CHAIN_ENDLESS:
		while (r->nr < NET_RING_ENTRIES)
			data(r, 0, 60, RX_MORE);
		break;
	default:
		/* A chain; the cases differ in its end. */
		for (unsigned int i = 0; i < (how == CHAIN_60 ? 59 : 18); i++)
			data(r, 0, how == CHAIN_MAX ? (int)PAGE_BYTES : i ? 60 : 300, RX_MORE);
		if (how == CHAIN_CROSS)
			data(r, 4000, 200, 0);
		else
			data(r, 0, how == CHAIN_NEGATIVE ? -1 : 60, 0);
		/* 18 are legal: these two are wrong for another reason. */
		if (how == CHAIN_CROSS || how == CHAIN_NEGATIVE) {
			memmove(&r->slot[0], &r->slot[10], 9 * sizeof(r->slot[0]));
			r->nr = 9;
		}
	}
}

static void make_extra(struct reply *r, enum attack how)
{
	unsigned int flags = RX_EXTRA | RX_CSUM_BLANK | RX_VALIDATED;
	struct net_extra *e;

	data(r, 0, how == GSO_TINY ? 60 : 1500, how == GSO_NO_CSUM ? RX_EXTRA : flags);
	switch (how) {
	case EXTRA_TYPE_0:
		extra(r, EXTRA_NONE, false);
		break;
	case EXTRA_TYPE_255:
		extra(r, 255, false);
		break;
	case EXTRA_TYPE_MAX:
		extra(r, EXTRA_TYPES, false);
		break;
	case EXTRA_ENDLESS:
		for (unsigned int i = 0; i < 60; i++)
			extra(r, EXTRA_HASH, true)->u.hash.algorithm = 1;
		break;
	case EXTRA_TWICE:
	case HASH_BAD:
		e = extra(r, EXTRA_HASH, how == EXTRA_TWICE);
		e->u.hash.algorithm = 1;
		e->u.hash.type = how == HASH_BAD ? 99 : 1;
		if (how == EXTRA_TWICE)
			extra(r, EXTRA_HASH, false)->u.hash.algorithm = 1;
		break;
	case MCAST_EXTRA:
		extra(r, EXTRA_MCAST_ADD, false);
		break;
	default:
		e = extra(r, EXTRA_GSO, false);
		e->u.gso.size = how == GSO_SIZE_0 ? 0 : how == GSO_SIZE_MAX ? 65535 : 1000;
		e->u.gso.type = how == GSO_TYPE_0 ? 0 : how == GSO_TYPE_9 ? 9 : GSO_TCPV4;
	}
}

/* What lies in the page of the first slot: a segment of TCP, unless the case wants it otherwise. */
static void fill_page(struct nb *b, enum attack how, uint32_t gref)
{
	uint8_t frame[2048];
	struct net_host guest = { .mac = { 0, 0x16, 0x3e, 0x79, 0, 2 }, .ip = { 10, 79, 0, 2 } };
	struct grant_piece piece = { gref, 0, 0, frame };

	piece.len = (uint16_t)frame_tcp(frame, &b->host, &guest, 1446);
	if (how == GSO_NOT_TCP)
		piece.len = (uint16_t)frame_echo(frame, &b->host, &guest, 9, 9, 1458);
	if (how == CSUM_NO_IP)
		frame[12] = 0x88;
	if (grant_copy(b->dev.opt->domid, &piece, 1, true))
		diag("page %u of the guest cannot be written", gref);
}

static void attack_once(struct nb *b, struct nb_queue *q, const uint8_t *frame, size_t len)
{
	static struct net_rx_req req[NET_RING_ENTRIES];
	static struct reply r;
	enum attack how = (enum attack)b->dev.xcase->arg;

	if (b->dev.fired) {
		nb_give(b, q, frame, len);
		return;
	}
	if (how < OFFSET_PAGE) {
		nb_give(b, q, frame, len);
		back_bad_prod(&b->dev, &q->rx.ring, q->rx.port, (enum bad_prod)how);
		b->halted = true;
		b->dev.fired++;
		return;
	}
	memset(&r, 0, sizeof(r));
	if (how >= EXTRA_TYPE_0 && how <= MCAST_EXTRA && how != CSUM_NO_IP && how != CSUM_SHORT)
		make_extra(&r, how);
	else if (how == CSUM_NO_IP || how == CSUM_SHORT)
		data(&r, 0, how == CSUM_SHORT ? 20 : 1500, RX_CSUM_BLANK | RX_VALIDATED);
	else
		make_slots(&r, how);
	/* All of them are there when the guest has seen what came before. */
	for (unsigned int i = 0; i < 200 && nb_posted(q, req, r.nr); i++) {
		if (i < 199) {
			sleep_ms(10);
			continue;
		}
		diag("the guest has posted fewer than %u pages", r.nr);
		nb_give(b, q, frame, len);
		return;
	}
	b->dev.fired++;
	fill_page(b, how, req[0].gref);
	for (unsigned int i = 0; i < r.nr; i++) {
		if (!r.extra[i])
			r.slot[i].rsp.id = req[i].id;
		nb_rx_put(q, &r.slot[i]);
	}
	nb_rx_push(b, q);
	evtchn_notify(&b->dev.evtchn, (uint32_t)q->rx.port);
}

static enum verdict aftermath(struct nb *b)
{
	return nb_aftermath(b, "no packet from the guest to answer, or no pages");
}

static enum verdict run_attack(const struct options *opt, const struct xcase *c)
{
	static struct nb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);
	enum xb_state state;

	b.give = attack_once;
	v = v ?: back_io_start(&b.dev, "net");
	if (v)
		return v;
	if (!(c->flags & CASE_IO_FAILS)) {
		/* One bad packet among good ones: only that one is lost. */
		v = back_io_end(&b.dev);
		if (v)
			return v;
		state = state_get(&b.dev.store, b.dev.front);
		if (state != XB_CONNECTED)
			return fail("frontend is %s", state_name(state));
	}
	return aftermath(&b);
}

static enum verdict run_changed(const struct options *opt, const struct xcase *c)
{
	static struct nb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);

	/* offset, flags and status: read twice, they differ */
	return v ?: back_flip(&b.dev, &b.queue[0].rx.ring, 2, 6, 4) ?: aftermath(&b);
}

#define CASE(_name, _site, _flags, _arg, _what) \
	{ .name = (_name), .site = (_site), .flags = CASE_IO | (_flags), .run = run_attack, \
	  .arg = (_arg), .what = (_what) }
/* The device is closed. */
#define BREAK(_name, _site, _arg, _what)	CASE(_name, _site, CASE_IO_FAILS, _arg, _what)
/* The packet is dropped, others live. */
#define DROP(_name, _site, _arg, _what)		CASE(_name, _site, 0, _arg, _what)
#define EITHER(_name, _site, _arg, _what) \
	CASE(_name, _site, CASE_IO_FAILS | CASE_EITHER, _arg, _what)

static const struct xcase cases[] = {
	BREAK("rx-prod-over", "rx-prod", PROD_OVER, "rsp_prod = cons + size + 1"),
	BREAK("rx-prod-back", "rx-prod", PROD_BACK, "rsp_prod goes back"),
	BREAK("rx-prod-far", "rx-prod", PROD_FAR, "rsp_prod 2^31 away"),
	BREAK("rx-prod-random", "rx-prod", PROD_RANDOM, "random rsp_prod"),
	BREAK("rx-prod-early", "rx-prod", PROD_EARLY, "more responses than pages were posted"),
	DROP("rx-offset-page", "rx-range", OFFSET_PAGE, "offset 4096"),
	DROP("rx-offset-max", "rx-range", OFFSET_MAX, "offset 65535"),
	DROP("rx-cross", "rx-range", CROSS, "offset + status beyond the page"),
	DROP("rx-status-4097", "rx-range", STATUS_4097, "one byte more than a page"),
	DROP("rx-status-max", "rx-range", STATUS_MAX, "32767 bytes"),
	DROP("rx-status-negative", "rx-status", STATUS_NEGATIVE, "status -100: dropped"),
	DROP("rx-status-min", "rx-status", STATUS_MIN, "status -32768: dropped"),
	DROP("rx-len-0", "rx-frame", LEN_0, "no bytes: dropped"),
	DROP("rx-len-1", "rx-frame", LEN_1, "one byte: dropped"),
	DROP("rx-len-13", "rx-frame", LEN_13, "13 bytes: dropped"),
	DROP("rx-first-1", NULL, FIRST_1, "a byte, then the rest"),
	DROP("rx-chain-19", "rx-slots", CHAIN_19, "19 slots"),
	BREAK("rx-chain-endless", "rx-slots", CHAIN_ENDLESS, "a packet that fills the ring"),
	DROP("rx-chain-60", "rx-slots", CHAIN_60, "60 slots"),
	DROP("rx-chain-max", "rx-slots", CHAIN_MAX, "18 full pages and more"),
	DROP("rx-chain-cross", "rx-range", CHAIN_CROSS, "the ninth slot leaves its page"),
	DROP("rx-chain-negative", NULL, CHAIN_NEGATIVE, "the ninth slot is an error: dropped"),
	DROP("rx-extra-0", "rx-extra", EXTRA_TYPE_0, "extra of type 0"),
	DROP("rx-extra-255", "rx-extra", EXTRA_TYPE_255, "extra of type 255"),
	DROP("rx-extra-max", "rx-extra", EXTRA_TYPE_MAX, "extra of an unknown type"),
	DROP("rx-extra-endless", "rx-extra", EXTRA_ENDLESS, "extras without end"),
	EITHER("rx-extra-twice", "rx-extra", EXTRA_TWICE, "one type twice"),
	EITHER("rx-extra-mcast", "rx-extra", MCAST_EXTRA, "an extra of the other direction"),
	EITHER("rx-hash-bad", "rx-extra", HASH_BAD, "hash of an unknown type"),
	DROP("rx-gso-size-0", "rx-extra", GSO_SIZE_0, "segments of 0 bytes"),
	DROP("rx-gso-type-0", "rx-extra", GSO_TYPE_0, "GSO type 0"),
	DROP("rx-gso-type-9", "rx-extra", GSO_TYPE_9, "GSO type 9"),
	EITHER("rx-gso-size-max", NULL, GSO_SIZE_MAX, "segments of 65535 bytes"),
	EITHER("rx-gso-no-csum", NULL, GSO_NO_CSUM, "GSO without a blank checksum"),
	EITHER("rx-gso-tiny", NULL, GSO_TINY, "GSO of half a header"),
	EITHER("rx-gso-not-tcp", NULL, GSO_NOT_TCP, "GSO of an ICMP packet"),
	EITHER("rx-csum-no-ip", NULL, CSUM_NO_IP, "blank checksum in an unknown protocol"),
	EITHER("rx-csum-short", NULL, CSUM_SHORT, "blank checksum, half an IP header"),
	{
		.name = "rx-changed", .flags = CASE_IO | CASE_IO_FAILS | CASE_EITHER,
		.run = run_changed, .arg = CHANGED,
		.what = "offset, flags and status changed between two reads",
	},
};

const struct case_table net_back_rx = { cases, ARRAY_SIZE(cases) };
