// SPDX-License-Identifier: GPL-2.0-only
/* Answers to the guest's packets that cannot be right, or do not come; pages that are kept. */
#include <errno.h>
#include <string.h>

#include "net_back.h"

/* After those of ring.h. */
enum attack {
	ID_SIZE = BAD_PRODS, ID_MAX, ID_IDLE, TWICE, EARLY, NULL_STATUS,
	STATUS_5, STATUS_MIN, STATUS_MAX, NEVER, CHANGED, KEEP,
};

/* An id that is in range, but not on its way. */
static uint16_t idle_id(const struct nb_packet *p)
{
	uint16_t id = (uint16_t)(NET_RING_ENTRIES - 1);

	for (unsigned int i = 0; i < p->nr; i++)
		if (p->req[i].id == id)
			id--;
	return id;
}

static void attack_once(struct nb *b, struct nb_queue *q, const struct nb_packet *p)
{
	enum attack how = (enum attack)b->dev.xcase->arg;

	if (how == NEVER) {
		b->dev.fired++;
		return;
	}
	if (b->dev.fired) {
		nb_answer(b, q, p);
		return;
	}
	b->dev.fired++;
	if (how < ID_SIZE) {
		nb_answer(b, q, p);
		back_bad_prod(&b->dev, &q->tx.ring, q->tx.port, (enum bad_prod)how);
		/* What follows would put the index right again. */
		b->halted = true;
		return;
	}
	switch (how) {
	case ID_SIZE:
		nb_tx_put(q, NET_RING_ENTRIES, NET_OKAY);
		break;
	case ID_MAX:
		nb_tx_put(q, 65535, NET_OKAY);
		break;
	case ID_IDLE:
		nb_tx_put(q, idle_id(p), NET_OKAY);
		break;
	case TWICE:
	case EARLY:
		nb_answer(b, q, p);
		for (int i = 0; i < 3; i++)
			nb_tx_put(q, how == TWICE ? p->req[0].id : (uint16_t)i, NET_OKAY);
		break;
	case NULL_STATUS:
		for (unsigned int i = 0; i < p->slots; i++)
			nb_tx_put(q, p->req[0].id, NET_NULL);
		break;
	default:
		nb_tx_put(q, p->req[0].id, how == STATUS_5 ? 5 :
					   how == STATUS_MIN ? -32768 : 32767);
		for (unsigned int i = 0; i < p->extras; i++)
			nb_tx_put(q, 0, NET_NULL);
		for (unsigned int i = 1; i < p->nr; i++)
			nb_tx_put(q, p->req[i].id, NET_OKAY);
	}
	diag("packet of %u slots, first id %u", p->slots, p->req[0].id);
	nb_tx_push(b, q);
	evtchn_notify(&b->dev.evtchn, (uint32_t)q->tx.port);
}

/* The guest's packets stay mapped here, and are answered as if they were not. */
static void answer_kept(struct nb *b, struct nb_queue *q, const struct nb_packet *p)
{
	for (unsigned int i = 0; i < p->nr && b->nr_kept < NB_KEPT / 2; i++) {
		if (grant_map(&b->kept[b->nr_kept], b->dev.opt->domid, &p->req[i].gref, 1, false))
			break;
		b->nr_kept++;
		b->dev.fired++;
	}
	nb_answer(b, q, p);
}

/* And the pages it receives into. */
static void give_kept(struct nb *b, struct nb_queue *q, const uint8_t *frame, size_t len)
{
	struct net_rx_req req;

	if (ring_get(&q->rx.ring, RING_REQ_PROD) != q->rx.ring.req_cons && b->nr_kept < NB_KEPT) {
		memcpy(&req, ring_slot(&q->rx.ring, q->rx.ring.req_cons), sizeof(req));
		if (!grant_map(&b->kept[b->nr_kept], b->dev.opt->domid, &req.gref, 1, true)) {
			b->nr_kept++;
			b->dev.fired++;
		}
	}
	nb_give(b, q, frame, len);
}

static enum verdict aftermath(struct nb *b)
{
	return nb_aftermath(b, "no packet of the wanted kind came from the guest");
}

static enum verdict run_attack(const struct options *opt, const struct xcase *c)
{
	static struct nb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);

	b.answer = attack_once;
	return v ?: back_io_start(&b.dev, "net") ?: aftermath(&b);
}

/* Longer than the watchdog of a network device takes; --io wants the guest to send all the time. */
static enum verdict run_never(const struct options *opt, const struct xcase *c)
{
	static struct nb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);

	b.answer = attack_once;
	v = v ?: back_io_start(&b.dev, "shout");
	if (v)
		return v;
	back_serve(&b.dev, 20000, back_io_done);
	diag("%u packets were not answered; frontend: %s", b.dev.fired,
	     state_name(state_get(&b.dev.store, b.dev.front)));
	return aftermath(&b);
}

static enum verdict run_changed(const struct options *opt, const struct xcase *c)
{
	static struct nb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);

	/* id and status */
	return v ?: back_flip(&b.dev, &b.queue[0].tx.ring, 0, 4, 1) ?: aftermath(&b);
}

static enum verdict run_keep(const struct options *opt, const struct xcase *c)
{
	static struct nb b;
	enum verdict v = back_open(&b.dev, opt, c) ?: back_connect(&b.dev);

	if (c->value)
		b.give = give_kept;
	else
		b.answer = answer_kept;
	v = v ?: back_io(&b.dev, "net");
	if (v == V_PASS && !b.dev.fired)
		v = broken("no packet came from the guest");
	if (v)
		return v;
	diag("%u pages kept mapped", b.nr_kept);
	/* What the guest makes of it is its choice; that it lives is not. */
	return back_go_mapped(&b.dev);
}

#define ATTACK(_name, _site, _arg, _what) \
	{ .name = (_name), .site = (_site), .flags = CASE_IO | CASE_IO_FAILS, \
	  .run = run_attack, .arg = (_arg), .what = (_what) }

static const struct xcase cases[] = {
	ATTACK("tx-prod-over", "tx-prod", PROD_OVER, "rsp_prod = cons + size + 1"),
	ATTACK("tx-prod-back", "tx-prod", PROD_BACK, "rsp_prod goes back"),
	ATTACK("tx-prod-far", "tx-prod", PROD_FAR, "rsp_prod 2^31 away"),
	ATTACK("tx-prod-random", "tx-prod", PROD_RANDOM, "random rsp_prod"),
	ATTACK("tx-id-size", "tx-id", ID_SIZE, "id beyond the ring"),
	ATTACK("tx-id-max", "tx-id", ID_MAX, "id 65535"),
	ATTACK("tx-id-idle", "tx-idle", ID_IDLE, "id in range, not on its way"),
	{
		.name = "tx-twice", .site = "tx-prod", .run = run_attack, .arg = TWICE,
		.flags = CASE_IO | CASE_IO_FAILS | CASE_EITHER,
		.what = "one id answered four times: caught as tx-prod or tx-idle",
	}, {
		.name = "tx-early", .site = "tx-prod", .run = run_attack, .arg = EARLY,
		.flags = CASE_IO | CASE_IO_FAILS | CASE_EITHER,
		.what = "answers nobody asked for: caught as tx-prod or tx-idle",
	},
	ATTACK("tx-null", "tx-null", NULL_STATUS, "NULL for a slot that was no extra info"),
	ATTACK("tx-status-5", "tx-status", STATUS_5, "status 5"),
	ATTACK("tx-status-min", "tx-status", STATUS_MIN, "status -32768"),
	ATTACK("tx-status-max", "tx-status", STATUS_MAX, "status 32767"),
	{
		.name = "tx-never", .flags = CASE_IO | CASE_IO_FAILS | CASE_SLOW,
		.run = run_never, .arg = NEVER,
		.what = "no answers at all: the watchdog, and then a device that can be removed",
	}, {
		.name = "tx-changed", .flags = CASE_IO | CASE_IO_FAILS | CASE_EITHER,
		.run = run_changed, .arg = CHANGED,
		.what = "answers changed after they were published",
	}, {
		.name = "tx-grant-held", .site = "grant-held", .flags = CASE_IO | CASE_IO_FAILS,
		.run = run_keep, .arg = KEEP,
		.what = "packets kept mapped when they are answered and when the device goes",
	}, {
		.name = "rx-grant-held", .site = "grant-held", .flags = CASE_IO | CASE_IO_FAILS,
		.run = run_keep, .arg = KEEP, .value = "rx",
		.what = "receive pages kept mapped when they are answered and when the device goes",
	},
};

const struct case_table net_back_tx = { cases, ARRAY_SIZE(cases) };
