// SPDX-License-Identifier: GPL-2.0-only
/* A frontend that lies about a producer index, or rewrites what it has published. */
#include <errno.h>
#include <string.h>

#include "net_front.h"
#include "worker.h"

enum which { WHICH_TX, WHICH_RX, WHICH_CTRL };

#define PROD(which, how)	((which) * 16 + (how))

static struct nf_ring *ring_of(struct nf *f, enum which which)
{
	return which == WHICH_TX ? &f->queue[0].tx :
	       which == WHICH_RX ? &f->queue[0].rx : &f->ctrl;
}

static enum verdict start(struct nf *f, const struct options *opt, enum which which)
{
	enum verdict v = front_open(&f->dev, opt);

	f->config.ctrl = which == WHICH_CTRL;
	return v ?: front_connect(&f->dev) ?: nf_verify(&f->dev);
}

/* Something for the backend to look at its receive ring for. */
static void want_packets(struct nf *f)
{
	static uint8_t frame[128];
	struct nf_packet p;
	size_t len = frame_echo(frame, &f->self, &f->peer, 1, 1, 56);

	for (int i = 0; i < 8; i++) {
		nf_cut(f, &p, frame, len, NULL, 0);
		nf_post(f, &f->queue[0], &p);
	}
	nf_push(f, &f->queue[0]);
}

/*
 * A transmit or receive ring that lies takes the vif with it. The control ring stops, but is
 * nothing that packets need.
 */
static enum verdict run_producer(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	enum which which = (enum which)(c->arg / 16);
	enum verdict v = start(&f, opt, which);
	struct nf_ring *r = ring_of(&f, which);
	uint32_t bad;

	if (v)
		return v;
	/* Nothing on its way, so that the indices are at rest. */
	nf_poll(&f, 200);
	bad = ring_bad_req_prod(&r->ring, (enum bad_prod)(c->arg % 16), opt->seed);
	diag("producer %u, ours %u, responses %u, ring of %u", bad, r->ring.req_prod,
	     r->ring.rsp_cons, r->ring.nr);
	ring_set(&r->ring, RING_REQ_PROD, bad);
	nf_kick(&f, r);
	if (which == WHICH_RX)
		want_packets(&f);
	sleep_ms(500);
	ring_set(&r->ring, RING_REQ_PROD, r->ring.req_prod);
	if (which == WHICH_CTRL) {
		for (int i = 0; i < 1000; i++)
			nf_kick(&f, r);
		if (ring_get(&r->ring, RING_RSP_PROD) != r->ring.rsp_cons)
			return fail("the control ring answered what was never asked");
		front_linger(&f.dev, "halted");
		/* Packets may go on; a reconnect must bring all back. */
		return front_recover(&f.dev);
	}
	want_packets(&f);
	for (int i = 0; i < 1000; i++)
		nf_kick(&f, r);
	v = nf_silent(&f, &f.queue[0], 1000);
	front_linger(&f.dev, "halted");
	return v ?: front_recover(&f.dev);
}

struct hammer {
	struct ring	*ring;
	unsigned int	offset, len;
	uint64_t	seed;
};

static void spoil_producer(void *arg)
{
	struct hammer *h = arg;

	ring_set(h->ring, RING_REQ_PROD, (uint32_t)rnd(&h->seed) & 0x3ff);
}

static enum verdict run_producer_storm(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	struct hammer h = { .seed = opt->seed };
	enum which which = (enum which)c->arg;
	struct worker w;
	enum verdict v = start(&f, opt, which);
	uint64_t end;

	h.ring = &ring_of(&f, which)->ring;
	v = v ?: worker_start(&w, spoil_producer, &h);
	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end; )
		nf_kick(&f, ring_of(&f, which));
	worker_stop(&w);
	front_linger(&f.dev, "halted");
	return front_recover(&f.dev);
}

/* The fields of the backend's side are ours to write too, but nobody may believe them. */
static enum verdict run_foreign_index(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	static uint8_t frame[256];
	uint64_t seed = opt->seed;
	enum verdict v = front_start(&f.dev, opt);
	struct ring *r = &f.queue[0].tx.ring;
	size_t len = frame_udp(frame, &f.self, &f.peer, 9, 64);

	(void)c;
	for (int i = 0; i < 300 && v == V_PASS; i++) {
		uint64_t end = now_ms() + opt->wait_ms;
		struct nf_packet p;

		nf_cut(&f, &p, frame, len, NULL, 0);
		nf_post(&f, &f.queue[0], &p);
		ring_set(r, RING_RSP_PROD, (uint32_t)rnd(&seed) | 1u << 31);
		ring_set(r, RING_REQ_EVENT, (uint32_t)rnd(&seed));
		ring_set(r, RING_RSP_EVENT, (uint32_t)rnd(&seed));
		ring_push_requests(r);
		nf_kick(&f, &f.queue[0].tx);
		while (ring_get(r, RING_RSP_PROD) != r->rsp_cons + 1)
			if (now_ms() > end)
				return fail("packet %d is not answered", i);
		r->rsp_cons++;
	}
	memset(f.queue[0].status, 0, sizeof(f.queue[0].status));
	ring_set(r, RING_RSP_EVENT, r->rsp_cons + 1);
	return v ?: nf_verify(&f.dev) ?: front_close(&f.dev);
}

/* A field of every slot, flipped between right and wrong as fast as it goes. */
static void toggle(void *arg)
{
	struct hammer *h = arg;
	uint64_t bad = rnd(&h->seed);

	for (uint32_t i = 0; i < h->ring->nr; i++) {
		uint8_t *at = (uint8_t *)ring_slot(h->ring, i) + h->offset;
		uint8_t good[8];

		memcpy(good, at, h->len);
		memcpy(at, &bad, h->len);
		memcpy(at, good, h->len);
	}
}

struct field {
	enum which which;
	unsigned int offset, len;
	bool extra;
};

/* Answered or halted: whatever a packet turned into, the backend lives and a reconnect works. */
static enum verdict run_toggle(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	static uint8_t frame[4096];
	const struct field *field = c->data;
	struct hammer h = { .seed = opt->seed };
	static const unsigned int size[] = { 200, 300, 542 };
	struct net_extra e = { .type = EXTRA_GSO };
	unsigned long long rounds = 0;
	uint64_t end, quiet;
	struct worker w;
	enum verdict v = start(&f, opt, field->which);
	struct ring *r = &f.queue[0].tx.ring;

	h.ring = &ring_of(&f, field->which)->ring;
	h.offset = field->offset;
	h.len = field->len;
	v = v ?: worker_start(&w, toggle, &h);
	if (v)
		return v;
	e.u.gso.size = 1448;
	e.u.gso.type = GSO_TCPV4;
	quiet = now_ms() + 1500;
	for (end = now_ms() + opt->storm_ms; now_ms() < end && now_ms() < quiet; rounds++) {
		uint32_t before = ring_get(r, RING_RSP_PROD);

		while (r->req_prod - before < 64) {
			struct nf_packet p;
			size_t len = field->extra ? frame_tcp(frame, &f.self, &f.peer, 3000) :
				     frame_echo(frame, &f.self, &f.peer, 2, 2, 1000);

			nf_cut(&f, &p, frame, len, size, 3);
			if (field->extra) {
				p.slot[0].req.flags |= TX_CSUM_BLANK | TX_VALIDATED;
				nf_add_extra(&p, &e);
			}
			nf_post(&f, &f.queue[0], &p);
		}
		nf_push(&f, &f.queue[0]);
		sleep_ms(1);
		/* Statuses mean nothing here, the answers' places are being overwritten. */
		if (ring_get(r, RING_RSP_PROD) != before)
			quiet = now_ms() + 1500;
		/* New pages for what the backend sends, as the ring drains. */
		f.queue[0].rx.ring.rsp_cons = ring_get(&f.queue[0].rx.ring, RING_RSP_PROD);
		while (!ring_full(&f.queue[0].rx.ring) &&
		       f.queue[0].rx.ring.req_prod - f.queue[0].rx.ring.rsp_cons < NF_RX_PAGES) {
			uint32_t n = f.queue[0].rx.ring.req_prod++;
			struct net_rx_req req = {
				.id = (uint16_t)(n % NET_RING_ENTRIES),
				.gref = f.queue[0].pages.ref[n % NF_RX_PAGES],
			};

			memcpy(ring_slot(&f.queue[0].rx.ring, n), &req, sizeof(req));
		}
		if (ring_push_requests(&f.queue[0].rx.ring))
			nf_kick(&f, &f.queue[0].rx);
	}
	worker_stop(&w);
	diag("%llu rounds%s", rounds, now_ms() < end ? ", then halted" : "");
	return front_recover(&f.dev);
}

#define PRODUCER(_name, _site, _which, _how, _what) \
	{ .name = (_name), .site = (_site), .flags = CASE_HALT, .run = run_producer, \
	  .arg = PROD(_which, _how), .what = (_what) }
#define STORM(_name, _site, _which, _what) \
	{ .name = (_name), .site = (_site), .flags = CASE_HALT | CASE_EITHER, \
	  .run = run_producer_storm, .arg = (_which), .what = (_what) }
#define TOGGLE(_name, _which, _offset, _len, _extra, _what) \
	{ .name = (_name), .flags = CASE_EITHER, .run = run_toggle, \
	  .data = &(const struct field){ (_which), (_offset), (_len), (_extra) }, \
	  .what = (_what) }

static const struct xcase cases[] = {
	PRODUCER("tx-prod-over", "tx-prod", WHICH_TX, PROD_OVER, "tx req_prod beyond the ring"),
	PRODUCER("tx-prod-back", "tx-prod", WHICH_TX, PROD_BACK, "tx req_prod goes back"),
	PRODUCER("tx-prod-far", "tx-prod", WHICH_TX, PROD_FAR, "tx req_prod 2^31 away"),
	PRODUCER("tx-prod-random", "tx-prod", WHICH_TX, PROD_RANDOM, "random tx req_prod"),
	PRODUCER("rx-prod-over", "rx-prod", WHICH_RX, PROD_OVER, "rx req_prod beyond the ring"),
	PRODUCER("rx-prod-back", "rx-prod", WHICH_RX, PROD_BACK, "rx req_prod goes back"),
	PRODUCER("rx-prod-far", "rx-prod", WHICH_RX, PROD_FAR, "rx req_prod 2^31 away"),
	PRODUCER("rx-prod-random", "rx-prod", WHICH_RX, PROD_RANDOM, "random rx req_prod"),
	PRODUCER("ctrl-prod-over", "ctrl-prod", WHICH_CTRL, PROD_OVER, "ctrl req_prod over"),
	PRODUCER("ctrl-prod-back", "ctrl-prod", WHICH_CTRL, PROD_BACK, "ctrl req_prod back"),
	PRODUCER("ctrl-prod-far", "ctrl-prod", WHICH_CTRL, PROD_FAR, "ctrl req_prod far away"),
	PRODUCER("ctrl-prod-random", "ctrl-prod", WHICH_CTRL, PROD_RANDOM, "random ctrl req_prod"),
	STORM("tx-prod-storm", "tx-prod", WHICH_TX, "tx req_prod in a tight loop with events"),
	STORM("rx-prod-storm", "rx-prod", WHICH_RX, "rx req_prod in a tight loop with events"),
	STORM("ctrl-prod-storm", "ctrl-prod", WHICH_CTRL, "ctrl req_prod in a tight loop"),
	{
		.name = "tx-foreign-index", .run = run_foreign_index,
		.what = "rsp_prod and both event indices overwritten: served all the same",
	},
	TOGGLE("toggle-gref", WHICH_TX, 0, 4, false, "grant changed while posted"),
	TOGGLE("toggle-offset", WHICH_TX, 4, 2, false, "offset changed while posted"),
	TOGGLE("toggle-flags", WHICH_TX, 6, 2, false, "flags changed while posted"),
	TOGGLE("toggle-id", WHICH_TX, 8, 2, false, "id changed while posted"),
	TOGGLE("toggle-size", WHICH_TX, 10, 2, false, "size changed while posted"),
	TOGGLE("toggle-extra-type", WHICH_TX, 0, 1, true, "type of extra changed while posted"),
	TOGGLE("toggle-gso", WHICH_TX, 2, 3, true, "GSO size and type changed while posted"),
	TOGGLE("toggle-rx-gref", WHICH_RX, 4, 4, false, "receive grant changed while posted"),
	TOGGLE("toggle-rx-id", WHICH_RX, 0, 2, false, "receive id changed while posted"),
};

const struct case_table net_front_ring = { cases, ARRAY_SIZE(cases) };
