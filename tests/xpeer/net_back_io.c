// SPDX-License-Identifier: GPL-2.0-only
/* Packets of the guest taken and answered, and ours given to it. */
#include <errno.h>
#include <string.h>

#include "net_back.h"

void nb_tx_put(struct nb_queue *q, uint16_t id, int status)
{
	struct net_tx_rsp rsp = { .id = id, .status = (int16_t)status };

	memcpy(ring_slot(&q->tx.ring, q->tx.ring.rsp_prod++), &rsp, sizeof(rsp));
}

void nb_tx_push(struct nb *b, struct nb_queue *q)
{
	if (ring_push_responses(&q->tx.ring))
		evtchn_notify(&b->dev.evtchn, (uint32_t)q->tx.port);
}

void nb_answer(struct nb *b, struct nb_queue *q, const struct nb_packet *p)
{
	nb_tx_put(q, p->req[0].id, NET_OKAY);
	for (unsigned int i = 0; i < p->extras; i++)
		nb_tx_put(q, 0, NET_NULL);
	for (unsigned int i = 1; i < p->nr; i++)
		nb_tx_put(q, p->req[i].id, NET_OKAY);
	nb_tx_push(b, q);
}

/* Take one packet off a ring that has requests; false if the guest breaks the rules. */
static bool take_packet(struct nb *b, struct nb_queue *q, struct nb_packet *p)
{
	struct ring *r = &q->tx.ring;
	uint32_t prod = ring_get(r, RING_REQ_PROD), first = r->req_cons;
	struct grant_piece piece[NET_SLOTS];
	bool more, extra;

	memset(p, 0, offsetof(struct nb_packet, data));
	p->len = 0;
	do {
		union net_tx_slot slot;

		if (prod == r->req_cons || prod - r->req_cons > r->nr || p->nr == NET_SLOTS)
			return false;
		memcpy(&slot, ring_slot(r, r->req_cons++), NET_TX_ENTRY);
		p->req[p->nr++] = slot.req;
		more = slot.req.flags & TX_MORE;
		extra = p->nr == 1 && (slot.req.flags & TX_EXTRA);
		while (extra) {
			if (prod == r->req_cons)
				return false;
			memcpy(&slot, ring_slot(r, r->req_cons++), NET_TX_ENTRY);
			p->extras++;
			extra = slot.extra.flags & EXTRA_FLAG_MORE;
		}
	} while (more);
	p->slots = r->req_cons - first;
	p->len = p->req[0].size;
	/* The first slot's size is the packet's. */
	for (unsigned int i = 1; i < p->nr; i++) {
		if (p->req[i].size > p->req[0].size)
			return false;
		p->req[0].size = (uint16_t)(p->req[0].size - p->req[i].size);
	}
	for (unsigned int i = 0, at = 0; i < p->nr; at += p->req[i++].size) {
		if (p->req[i].offset + p->req[i].size > (int)PAGE_BYTES)
			return false;
		piece[i] = (struct grant_piece){
			p->req[i].gref, p->req[i].offset, p->req[i].size, p->data + at,
		};
	}
	if (grant_copy(b->dev.opt->domid, piece, p->nr, false)) {
		diag("copying a packet of %zu bytes in %u slots fails", p->len, p->nr);
		return false;
	}
	return true;
}

int nb_posted(struct nb_queue *q, struct net_rx_req *req, unsigned int nr)
{
	struct ring *r = &q->rx.ring;
	uint32_t prod = ring_get(r, RING_REQ_PROD);

	if (prod - r->req_cons < nr || prod - r->req_cons > r->nr)
		return -EAGAIN;
	for (unsigned int i = 0; i < nr; i++)
		memcpy(&req[i], ring_slot(r, r->req_cons + i), sizeof(*req));
	r->req_cons += nr;
	return 0;
}

/* A response lies in the slot of its request. */
void nb_rx_put(struct nb_queue *q, const union net_rx_slot *slot)
{
	memcpy(ring_slot(&q->rx.ring, q->rx.ring.rsp_prod++), slot, NET_RX_ENTRY);
}

void nb_rx_push(struct nb *b, struct nb_queue *q)
{
	if (ring_push_responses(&q->rx.ring))
		evtchn_notify(&b->dev.evtchn, (uint32_t)q->rx.port);
}

void nb_give(struct nb *b, struct nb_queue *q, const uint8_t *frame, size_t len)
{
	unsigned int nr = (unsigned int)((len + PAGE_BYTES - 1) / PAGE_BYTES);
	struct net_rx_req req[NET_SLOTS];
	struct grant_piece piece;
	uint8_t copy[PAGE_BYTES];
	size_t done = 0;

	if (nr > NET_SLOTS || nb_posted(q, req, nr)) {
		b->dropped++;
		return;
	}
	for (unsigned int i = 0; i < nr; i++) {
		size_t n = len - done < PAGE_BYTES ? len - done : PAGE_BYTES;
		union net_rx_slot slot = { 0 };

		slot.rsp.id = req[i].id;
		slot.rsp.status = (int16_t)n;
		slot.rsp.flags = i < nr - 1 ? RX_MORE : 0;
		memcpy(copy, frame + done, n);
		piece = (struct grant_piece){ req[i].gref, 0, (uint16_t)n, copy };
		if (grant_copy(b->dev.opt->domid, &piece, 1, true)) {
			diag("page %u of the guest cannot be written", req[i].gref);
			slot.rsp.status = NET_ERROR;
		}
		nb_rx_put(q, &slot);
		done += n;
	}
	b->to_guest++;
	nb_rx_push(b, q);
}

void nb_control(struct nb *b, const struct net_ctrl_req *req, struct net_ctrl_rsp *rsp)
{
	rsp->status = b->ctrl_status;
	rsp->data = req->type == CTRL_GET_MAPPING_SIZE ? 128 : 15;
}

static void serve_ctrl(struct nb *b)
{
	struct ring *r = &b->ctrl.ring;

	while (!b->ctrl_silent && ring_has_requests(r)) {
		struct net_ctrl_req req;
		struct net_ctrl_rsp rsp;

		memcpy(&req, ring_slot(r, r->req_cons++), sizeof(req));
		rsp = (struct net_ctrl_rsp){ .id = req.id, .type = req.type };
		b->control_answer(b, &req, &rsp);
		memcpy(ring_slot(r, r->rsp_prod++), &rsp, sizeof(rsp));
		b->control++;
		if (ring_push_responses(r))
			evtchn_notify(&b->dev.evtchn, (uint32_t)b->ctrl.port);
	}
}

static void serve_queue(struct nb *b, struct nb_queue *q)
{
	static struct nb_packet p;
	static uint8_t out[NET_MAX_FRAME + 1];

	while (!b->halted && ring_has_requests(&q->tx.ring)) {
		size_t len;

		if (!take_packet(b, q, &p)) {
			diag("the guest breaks the rules");
			b->halted = true;
			return;
		}
		b->from_guest++;
		b->answer(b, q, &p);
		len = frame_reply(out, &b->host, p.data, p.len);
		/* By any queue: the guest has to take packets on all of them. */
		if (len)
			b->give(b, &b->queue[b->next_queue++ % b->nr_queues], out, len);
	}
}

void nb_serve(struct back *dev)
{
	struct nb *b = to_nb(dev);

	for (unsigned int i = 0; i < b->nr_queues && !b->halted; i++)
		serve_queue(b, &b->queue[i]);
	if (b->ctrl.map.mem && !b->halted)
		serve_ctrl(b);
}
