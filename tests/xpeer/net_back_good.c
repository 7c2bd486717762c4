// SPDX-License-Identifier: GPL-2.0-only
/* The network backend that keeps the protocol, and the legal things that are rare. */
#include <errno.h>
#include <string.h>

#include "net_back.h"

enum how {
	PLAIN, OUT_OF_ORDER, LATE, ERRORS, RX_ERRORS, RX_PIECES, RX_OFFSET, RX_FLAGS, RX_IDS,
	RX_EMPTY_SLOT, RX_HASH, RX_MANY,
};

/* The second of two packets is answered first. */
static void answer_swapped(struct nb *b, struct nb_queue *q, const struct nb_packet *p)
{
	static struct net_tx_req held[NET_SLOTS];
	static unsigned int nr_held, extras;
	static struct nb_queue *held_q;

	b->dev.fired++;
	if (!nr_held) {
		memcpy(held, p->req, sizeof(held));
		nr_held = p->nr;
		extras = p->extras;
		held_q = q;
		return;
	}
	nb_answer(b, q, p);
	while (nr_held)
		nb_tx_put(held_q, held[--nr_held].id, NET_OKAY);
	while (extras) {
		nb_tx_put(held_q, 0, NET_NULL);
		extras--;
	}
	nb_tx_push(b, held_q);
}

static void answer_error(struct nb *b, struct nb_queue *q, const struct nb_packet *p)
{
	int status = b->dev.fired++ % 2 ? NET_ERROR : NET_DROPPED;

	for (unsigned int i = 0; i < p->extras; i++)
		nb_tx_put(q, 0, NET_NULL);
	for (unsigned int i = 0; i < p->nr; i++)
		nb_tx_put(q, p->req[i].id, status);
	nb_tx_push(b, q);
}

/* An error in front of every packet, in place of one. */
static void give_error(struct nb *b, struct nb_queue *q, const uint8_t *frame, size_t len)
{
	union net_rx_slot slot = { 0 };
	struct net_rx_req req;

	b->dev.fired++;
	if (!nb_posted(q, &req, 1)) {
		slot.rsp.id = req.id;
		slot.rsp.status = b->dev.fired % 2 ? NET_ERROR : NET_DROPPED;
		nb_rx_put(q, &slot);
	}
	nb_give(b, q, frame, len);
}

/* A frame in pieces of other sizes and places than ours usually are. */
static void give_pieces(struct nb *b, struct nb_queue *q, const uint8_t *frame, size_t len)
{
	static const unsigned int sizes[] = { 14, 1, 20, 27, 66 };
	struct net_rx_req req[NET_SLOTS + 1];
	long long how = b->dev.xcase->arg;
	bool hash = how == RX_HASH;
	unsigned int nr = 0, slots;
	size_t size[NET_SLOTS + 1], done = 0, part = len;
	uint8_t copy[PAGE_BYTES];

	/* One slot more than the protocol has for a packet, after a short first one. */
	if (how == RX_MANY)
		part = (len - 1) / NET_SLOTS + 1;
	while (done < len) {
		size_t n = how == RX_PIECES && nr < ARRAY_SIZE(sizes) ? sizes[nr] :
			   how == RX_MANY && !nr ? 1 : part;

		size[nr] = n > len - done ? len - done : n;
		done += size[nr++];
	}
	if (how == RX_EMPTY_SLOT)
		size[nr++] = 0;
	while (how == RX_MANY && nr <= NET_SLOTS)
		size[nr++] = 0;
	slots = nr + hash;
	if (slots > ARRAY_SIZE(req) || nb_posted(q, req, slots)) {
		b->dropped++;
		return;
	}
	done = 0;
	for (unsigned int i = 0; i < nr; i++) {
		uint16_t at = (uint16_t)(how == RX_OFFSET ? PAGE_BYTES - size[i] : i * 8);
		unsigned int n = i && hash ? i + 1 : i;
		struct grant_piece piece = { req[n].gref, at, (uint16_t)size[i], copy };
		union net_rx_slot slot = { 0 };

		slot.rsp.id = (uint16_t)(how == RX_IDS ? 0xffff : req[n].id);
		slot.rsp.offset = at;
		slot.rsp.status = (int16_t)size[i];
		slot.rsp.flags = (uint16_t)((i < nr - 1 ? RX_MORE : 0) |
					    (how == RX_FLAGS ? 0xffe0 : 0) |
					    (!i && hash ? RX_EXTRA : 0));

		memcpy(copy, frame + done, size[i]);
		if (size[i] && grant_copy(b->dev.opt->domid, &piece, 1, true))
			slot.rsp.status = NET_ERROR;
		nb_rx_put(q, &slot);
		done += size[i];
		if (!i && hash) {
			union net_rx_slot e = { .extra = { .type = EXTRA_HASH } };

			e.extra.u.hash.algorithm = 1;
			memcpy(e.extra.u.hash.value, "\x11\x22\x33\x44", 4);
			nb_rx_put(q, &e);
		}
	}
	b->dev.fired++;
	b->to_guest++;
	nb_rx_push(b, q);
}

static enum verdict run_good(const struct options *opt, const struct xcase *c)
{
	static struct nb b;
	struct store_key key = { c->key, c->value };
	enum verdict v = back_open(&b.dev, opt, c);

	if (c->key) {
		b.dev.keys = &key;
		b.dev.nr_keys = 1;
	}
	v = v ?: back_connect(&b.dev);
	if (c->arg == OUT_OF_ORDER)
		b.answer = answer_swapped;
	else if (c->arg == ERRORS)
		b.answer = answer_error;
	else if (c->arg == RX_ERRORS)
		b.give = give_error;
	else if (c->arg >= RX_PIECES)
		b.give = give_pieces;
	v = v ?: back_use(&b.dev);
	diag("%llu packets from the guest, %llu to it, %llu had no room, %llu control messages",
	     b.from_guest, b.to_guest, b.dropped, b.control);
	if (v == V_PASS && b.halted)
		v = fail("the guest breaks the rules");
	if (v == V_PASS && c->arg && opt->io && !b.dev.fired)
		v = broken("no packet of the wanted kind came");
	return v ?: back_stop(&b.dev);
}

static enum verdict run_serve(const struct options *opt, const struct xcase *c)
{
	static struct nb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);

	if (v)
		return v;
	diag("serving");
	/* So long that there is time for an orderly end. */
	back_serve(&b.dev, opt->case_ms - opt->case_ms / 8, NULL);
	return back_stop(&b.dev);
}

static enum verdict run_cycles(const struct options *opt, const struct xcase *c)
{
	static struct nb b;
	enum verdict v = back_open(&b.dev, opt, c);

	for (long long i = 0; i < c->arg && v == V_PASS; i++)
		v = back_recover(&b.dev);
	return v;
}

#define GOOD(_name, _arg, _key, _value, _what) \
	{ .name = (_name), .flags = CASE_GOOD | CASE_IO, .run = run_good, .arg = (_arg), \
	  .key = (_key), .value = (_value), .what = (_what) }

static const struct xcase cases[] = {
	GOOD("good", PLAIN, NULL, NULL, "two queues, all features"),
	GOOD("good-one-queue", PLAIN, "multi-queue-max-queues", NULL, "no word about queues"),
	GOOD("good-one-channel", PLAIN, "feature-split-event-channels", NULL, "no split channels"),
	GOOD("good-no-sg", PLAIN, "feature-sg", NULL, "no scatter-gather"),
	GOOD("good-no-gso", PLAIN, "feature-gso-tcpv4", "0", "no GSO"),
	GOOD("good-no-csum", PLAIN, "feature-no-csum-offload", "1", "no checksum offload"),
	GOOD("good-no-mcast", PLAIN, "feature-multicast-control", NULL, "no multicast control"),
	GOOD("good-no-xdp", PLAIN, "feature-xdp-headroom", NULL, "no XDP headroom"),
	GOOD("good-ctrl", PLAIN, "feature-ctrl-ring", "1", "a control ring"),
	GOOD("good-carrier", PLAIN, "carrier", "1", "a carrier node"),
	GOOD("out-of-order", OUT_OF_ORDER, NULL, NULL, "transmit responses out of order"),
	GOOD("tx-errors", ERRORS, NULL, NULL, "transmit responses with errors, packets arrive"),
	GOOD("rx-errors", RX_ERRORS, NULL, NULL, "receive responses with errors between packets"),
	GOOD("rx-pieces", RX_PIECES, NULL, NULL, "frames in pieces that split the headers"),
	GOOD("rx-offset", RX_OFFSET, NULL, NULL, "frames at the end of their pages"),
	GOOD("rx-flags", RX_FLAGS, NULL, NULL, "unknown flags"),
	GOOD("rx-ids", RX_IDS, NULL, NULL, "ids that mean nothing: slots are what counts"),
	GOOD("rx-empty-slot", RX_EMPTY_SLOT, NULL, NULL, "a slot without bytes at the end"),
	GOOD("rx-many", RX_MANY, NULL, NULL, "19 slots, the first of them short"),
	GOOD("rx-hash", RX_HASH, "feature-ctrl-ring", "1", "a hash with every frame"),
	{
		.name = "serve", .run = run_serve, .what = "serve until the case's time is over",
	}, {
		.name = "good-cycles", .flags = CASE_GOOD | CASE_IO, .run = run_cycles, .arg = 5,
		.what = "a new device 5 times",
	},
};

const struct case_table net_back_good = { cases, ARRAY_SIZE(cases) };
