// SPDX-License-Identifier: GPL-2.0-only
/* Slots of the network rings, from the frontend's side, and an echo over them. */
#include <errno.h>
#include <string.h>

#include "net_front.h"

#define ECHO_ID		0x7870

void nf_kick(struct nf *f, const struct nf_ring *r)
{
	evtchn_notify(&f->dev.evtchn, (uint32_t)r->port);
}

/* ---- sending -------------------------------------------------------------------------- */

void nf_post(struct nf *f, struct nf_queue *q, struct nf_packet *p)
{
	(void)f;
	for (unsigned int i = 0; i < p->nr; i++) {
		uint16_t id = q->next_id++ % NET_RING_ENTRIES;

		/* An extra info has no id, but its slot is answered all the same. */
		if (!p->extra[i]) {
			p->slot[i].req.id = id;
			q->status[id] = NF_PENDING;
		}
		memcpy(ring_slot(&q->tx.ring, q->tx.ring.req_prod), p->slot[i].raw, NET_TX_ENTRY);
		q->tx.ring.req_prod++;
	}
}

void nf_push(struct nf *f, struct nf_queue *q)
{
	if (ring_push_requests(&q->tx.ring))
		nf_kick(f, &q->tx);
}

/* Take the responses that are there; 0 or -EPROTO. */
static int take_answers(struct nf_queue *q)
{
	struct ring *r = &q->tx.ring;

	while (ring_has_responses(r)) {
		struct net_tx_rsp rsp;

		if (ring_get(r, RING_RSP_PROD) - r->rsp_cons > r->req_prod - r->rsp_cons)
			return -EPROTO;
		memcpy(&rsp, ring_slot(r, r->rsp_cons++), sizeof(rsp));
		if (rsp.status == NET_NULL)
			continue;
		if (rsp.id >= NET_RING_ENTRIES || q->status[rsp.id] != NF_PENDING)
			return -EPROTO;
		q->status[rsp.id] = rsp.status;
	}
	return 0;
}

int nf_answers(struct nf *f, struct nf_queue *q, unsigned int ms)
{
	uint64_t end = now_ms() + ms;

	for (;;) {
		int n = take_answers(q);

		if (n < 0)
			return n;
		if (q->tx.ring.req_prod == q->tx.ring.rsp_cons)
			return 0;
		if (now_ms() >= end)
			return -ETIMEDOUT;
		/* What the peer sends meanwhile must not fill our ring. */
		n = nf_poll(f, 5);
		if (n < 0)
			return n;
	}
}

void nf_cut(struct nf *f, struct nf_packet *p, const uint8_t *frame, size_t len,
	    const unsigned int *size, unsigned int nr)
{
	size_t done = 0;

	memset(p, 0, sizeof(*p));
	do {
		struct net_tx_req *req = &p->slot[p->nr].req;
		size_t n = p->nr < nr ? size[p->nr] : len - done;

		if (n > len - done)
			n = len - done;
		if (n > PAGE_BYTES)
			n = PAGE_BYTES;
		/* At another place of each page, so that an offset that is lost shows. */
		req->gref = f->dev.pages.ref[p->nr];
		req->offset = (uint16_t)(n <= PAGE_BYTES - 64 ? p->nr % 4 * 16 : 0);
		req->size = (uint16_t)(p->nr ? n : len);
		req->flags = TX_MORE;
		memcpy(f->dev.pages.mem + (size_t)p->nr * PAGE_BYTES + req->offset, frame + done,
		       n);
		done += n;
		p->nr++;
	} while (p->nr < NF_TX_PAGES - 1 && (done < len || p->nr < nr));
	p->slot[p->nr - 1].req.flags = 0;
}

/* Behind the first slot and the extras that are there. */
void nf_add_extra(struct nf_packet *p, const struct net_extra *e)
{
	unsigned int at = 1;

	while (at < p->nr && p->extra[at])
		at++;
	memmove(&p->slot[at + 1], &p->slot[at], (p->nr - at) * sizeof(p->slot[0]));
	memmove(&p->extra[at + 1], &p->extra[at], (p->nr - at) * sizeof(p->extra[0]));
	memset(&p->slot[at], 0, sizeof(p->slot[at]));
	p->slot[at].extra = *e;
	p->extra[at] = true;
	p->nr++;
	p->slot[0].req.flags |= TX_EXTRA;
	if (at > 1)
		p->slot[at - 1].extra.flags |= EXTRA_FLAG_MORE;
}

int nf_send(struct nf *f, struct nf_queue *q, struct nf_packet *p)
{
	int worst = NET_OKAY, err;

	nf_post(f, q, p);
	nf_push(f, q);
	err = nf_answers(f, q, f->dev.opt->wait_ms);
	if (err)
		return err;
	for (unsigned int i = 0; i < p->nr; i++) {
		int status = p->extra[i] ? NET_OKAY : q->status[p->slot[i].req.id];

		if (status == NF_PENDING)
			return -EPROTO;
		if (status < worst)
			worst = status;
	}
	return worst;
}

/* ---- receiving ------------------------------------------------------------------------- */

void nf_rx_fill(struct nf *f, struct nf_queue *q)
{
	struct ring *r = &q->rx.ring;

	while (q->nr_free && !ring_full(r)) {
		uint16_t n = q->free[--q->nr_free];
		struct net_rx_req req = {
			.id = (uint16_t)(r->req_prod % NET_RING_ENTRIES), .gref = q->pages.ref[n],
		};

		q->page[r->req_prod % NET_RING_ENTRIES] = n;
		memcpy(ring_slot(r, r->req_prod++), &req, sizeof(req));
	}
	if (ring_push_requests(r))
		nf_kick(f, &q->rx);
}

static void take_frame(struct nf *f, const uint8_t *frame, size_t len)
{
	static uint8_t out[NET_MAX_FRAME];
	struct nf_packet p;
	size_t n;

	f->received++;
	f->received_bytes += len;
	if (frame_arp_answer(frame, len, &f->peer)) {
		f->peer_known = true;
		return;
	}
	if (frame_is_echo_reply(frame, len, ECHO_ID, f->seq, f->payload)) {
		f->echoed = true;
		return;
	}
	/* Answers go out at the top of our pages; nobody waits for them. */
	n = len >= FRAME_ETH && frame[12] == 8 && frame[13] == 6 ?
		frame_reply(out, &f->self, frame, len) : 0;
	if (!n || f->queue[0].tx.ring.req_prod - f->queue[0].tx.ring.rsp_cons > 128)
		return;
	memset(&p, 0, sizeof(p));
	memcpy(f->dev.pages.mem + (NF_TX_PAGES - 1) * PAGE_BYTES, out, n);
	p.nr = 1;
	p.slot[0].req.gref = f->dev.pages.ref[NF_TX_PAGES - 1];
	p.slot[0].req.size = (uint16_t)n;
	nf_post(f, &f->queue[0], &p);
	nf_push(f, &f->queue[0]);
}

/* One packet from a ring that has responses; 0 or -EPROTO. */
static int take_packet(struct nf *f, struct nf_queue *q)
{
	static uint8_t frame[NET_MAX_FRAME + PAGE_BYTES];
	struct ring *r = &q->rx.ring;
	uint32_t prod = ring_get(r, RING_RSP_PROD);
	size_t len = 0;
	bool more, extra;

	do {
		union net_rx_slot slot;
		uint16_t page = q->page[r->rsp_cons % NET_RING_ENTRIES];

		if (prod - r->rsp_cons == 0 || prod - r->rsp_cons > r->nr)
			return -EPROTO;
		memcpy(&slot, ring_slot(r, r->rsp_cons++), NET_RX_ENTRY);
		q->free[q->nr_free++] = page;
		more = slot.rsp.flags & RX_MORE;
		extra = slot.rsp.flags & RX_EXTRA;
		if (slot.rsp.status > 0) {
			if (slot.rsp.offset + slot.rsp.status > (int)PAGE_BYTES ||
			    len + (size_t)slot.rsp.status > sizeof(frame))
				return -EPROTO;
			memcpy(frame + len, q->pages.mem + (size_t)page * PAGE_BYTES +
			       slot.rsp.offset, (size_t)slot.rsp.status);
			len += (size_t)slot.rsp.status;
		}
		while (extra) {
			if (prod == r->rsp_cons)
				return -EPROTO;
			memcpy(&slot, ring_slot(r, r->rsp_cons), NET_RX_ENTRY);
			q->free[q->nr_free++] = q->page[r->rsp_cons++ % NET_RING_ENTRIES];
			extra = slot.extra.flags & EXTRA_FLAG_MORE;
		}
	} while (more);
	if (len)
		take_frame(f, frame, len);
	return 0;
}

int nf_poll(struct nf *f, unsigned int ms)
{
	uint64_t end = now_ms() + ms;
	int nr = 0;

	for (;;) {
		for (unsigned int i = 0; i < f->nr_queues; i++) {
			struct nf_queue *q = &f->queue[i];

			while (ring_has_responses(&q->rx.ring)) {
				if (take_packet(f, q))
					return -EPROTO;
				nr++;
			}
			nf_rx_fill(f, q);
		}
		if (nr || now_ms() >= end)
			return nr;
		/* Also what nobody told us of is seen in time. */
		evtchn_wait(&f->dev.evtchn, ms < 20 ? ms : 20);
	}
}

/* ---- echo --------------------------------------------------------------------------------- */

static enum verdict resolve(struct nf *f)
{
	uint64_t end = now_ms() + f->dev.opt->wait_ms;
	uint8_t frame[64];
	struct nf_packet p;

	/* The bridge needs a moment to see the link. */
	while (!f->peer_known) {
		uint64_t again = now_ms() + 300;
		int got;

		if (now_ms() > end)
			return fail("dom0 does not answer ARP within %u ms; %llu frames came",
				    f->dev.opt->wait_ms, f->received);
		nf_cut(f, &p, frame, frame_arp_request(frame, &f->self, &f->peer), NULL, 0);
		got = nf_send(f, &f->queue[0], &p);
		if (got)
			return fail("an ARP request: status %d", got);
		while (now_ms() < again && !f->peer_known)
			if (nf_poll(f, 50) < 0)
				return fail("nonsense on a receive ring");
	}
	return V_PASS;
}

/* dom0 looks at the link of an interface at most once a second, and may lose a packet over it. */
#define YOUNG_MS	2500

enum verdict nf_echo(struct nf *f, struct nf_queue *q, size_t payload, const unsigned int *size,
		     unsigned int nr)
{
	bool young = now_ms() - f->since < YOUNG_MS;
	uint64_t end = now_ms() + (young ? 1000 : f->dev.opt->wait_ms);
	static uint8_t frame[NET_MAX_FRAME];
	struct nf_packet p;
	size_t len;
	int got;

	f->seq++;
	f->payload = payload;
	f->echoed = false;
	len = frame_echo(frame, &f->self, &f->peer, ECHO_ID, f->seq, payload);
	nf_cut(f, &p, frame, len, size, nr);
	got = nf_send(f, q, &p);
	if (got)
		return fail("an echo of %zu bytes in %u slots: status %d", len, p.nr, got);
	while (!f->echoed) {
		if (now_ms() > end && young) {
			diag("an echo of %zu bytes, just connected: again", len);
			return nf_echo(f, q, payload, size, nr);
		}
		if (now_ms() > end)
			return fail("an echo of %zu bytes in %u slots is lost", len, p.nr);
		if (nf_poll(f, 20) < 0)
			return fail("nonsense on a receive ring");
	}
	return V_PASS;
}

enum verdict nf_verify(struct front *dev)
{
	static const unsigned int payload[] = { 1, 86, 87, 700, 1472 };
	struct nf *f = to_nf(dev);
	enum verdict v;

	f->peer_known = false;
	v = resolve(f);
	for (unsigned int i = 0; i < f->nr_queues && v == V_PASS; i++)
		for (size_t n = 0; n < ARRAY_SIZE(payload) && v == V_PASS; n++)
			v = nf_echo(f, &f->queue[i], payload[n], NULL, 0);
	return v;
}

enum verdict nf_silent(struct nf *f, struct nf_queue *q, unsigned int ms)
{
	uint32_t before = ring_get(&q->tx.ring, RING_RSP_PROD);
	uint64_t end = now_ms() + ms;

	(void)f;
	while (now_ms() < end) {
		if (ring_get(&q->tx.ring, RING_RSP_PROD) != before)
			return fail("a halted ring answers");
		sleep_ms(20);
	}
	return V_PASS;
}

/* ---- control ------------------------------------------------------------------------------ */

int nf_ctrl(struct nf *f, unsigned int type, uint32_t a, uint32_t b, uint32_t c,
	    struct net_ctrl_rsp *rsp)
{
	struct ring *r = &f->ctrl.ring;
	struct net_ctrl_req req = {
		.id = ++f->ctrl_id, .type = (uint16_t)type, .data = { a, b, c },
	};
	uint64_t end = now_ms() + f->dev.opt->wait_ms;

	memcpy(ring_slot(r, r->req_prod++), &req, sizeof(req));
	if (ring_push_requests(r))
		nf_kick(f, &f->ctrl);
	while (!ring_has_responses(r)) {
		if (now_ms() > end)
			return -ETIMEDOUT;
		if (nf_poll(f, 5) < 0)
			return -EPROTO;
	}
	memcpy(rsp, ring_slot(r, r->rsp_cons++), sizeof(*rsp));
	return rsp->id == req.id && rsp->type == req.type ? 0 : -EBADMSG;
}

enum verdict nf_ask(struct nf *f, unsigned int type, uint32_t a, uint32_t b, uint32_t c,
		    unsigned int want, uint32_t *data)
{
	struct net_ctrl_rsp rsp;
	int err = nf_ctrl(f, type, a, b, c, &rsp);

	if (err)
		return fail("message %u (%u, %u, %u): %s", type, a, b, c, strerror(-err));
	if (data)
		*data = rsp.data;
	if (want == NF_ANY_ERROR ? !rsp.status || rsp.status > CTRL_OVERFLOW : rsp.status != want)
		return fail("message %u (%u, %u, %u): status %u", type, a, b, c, rsp.status);
	return V_PASS;
}

enum verdict nf_start_ctrl(struct nf *f, const struct options *opt, unsigned int queues)
{
	enum verdict v = front_open(&f->dev, opt);

	f->config.queues = queues;
	f->config.ctrl = true;
	return v ?: front_connect(&f->dev) ?: nf_verify(&f->dev);
}
