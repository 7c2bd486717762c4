// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frontends that keep the protocol, but are not like Linux's: one event channel, few buffers, slow,
 * rings that do not begin at 0. The lab test limits the guest's rate or floods it from dom0 where a
 * case needs that.
 */
#include <errno.h>
#include <string.h>

#include "net_front.h"

enum odd {
	ODD_FREEBSD, ODD_IPXE, ODD_WRAP,
};

#define FEW_BUFFERS	4

/* Have so many pages for receiving, and no more. */
static void few_buffers(struct nf_queue *q, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		q->free[i] = (uint16_t)i;
	q->nr_free = nr;
}

/* Connected as iPXE does it: one channel, one page for a packet, @nr pages. */
static enum verdict start_few(struct nf *f, const struct options *opt, unsigned int nr)
{
	/* First with enough of them, so that each end knows the other's address. */
	enum verdict v = front_start(&f->dev, opt) ?: front_close(&f->dev);

	f->config.split = false;
	f->config.no_sg = true;
	v = v ?: front_reset(&f->dev) ?: f->dev.kind->look(&f->dev) ?:
	    f->dev.kind->prepare(&f->dev) ?: front_publish(&f->dev, NULL, 0);
	if (v == V_PASS)
		few_buffers(&f->queue[0], nr);
	return v ?: front_finish(&f->dev);
}

/* As much as the transmit ring takes, for a port that nobody listens on. */
static enum verdict top_up(struct nf *f)
{
	static uint8_t frame[2048];
	struct nf_queue *q = &f->queue[0];
	struct nf_packet p;
	size_t len = frame_udp(frame, &f->self, &f->peer, 9, 1400);
	unsigned int room;

	if (nf_poll(f, 5) < 0 || nf_answers(f, q, 0) == -EPROTO)
		return fail("nonsense on a ring");
	room = NET_RING_ENTRIES - (q->tx.ring.req_prod - q->tx.ring.rsp_cons);
	for (; room; room--) {
		nf_cut(f, &p, frame, len, NULL, 0);
		nf_post(f, q, &p);
	}
	nf_push(f, q);
	return V_PASS;
}

/*
 * What we send is limited and always waits; dom0 floods us meanwhile. One event channel tells of
 * both rings: that what is sent has to wait must not keep the backend from hearing of our pages.
 */
static enum verdict run_limited(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	enum verdict v = start_few(&f, opt, FEW_BUFFERS) ?: nf_verify(&f.dev);
	unsigned long long before, got;
	uint64_t end;

	/* Time for what was sent at once after an idle time. */
	for (end = now_ms() + 2000; v == V_PASS && now_ms() < end;)
		v = top_up(&f);
	before = f.received;
	for (end = now_ms() + 5000; v == V_PASS && now_ms() < end;)
		v = top_up(&f);
	got = f.received - before;
	diag("%llu packets came in 5 s", got);
	if (v == V_PASS && got < (unsigned long long)c->arg)
		v = fail("%llu packets, wanted %lld", got, c->arg);
	return v ?: front_recover(&f.dev);
}

/*
 * The backend takes the link down for want of pages. Then there are some for single packets; there
 * will never be enough for the largest ones.
 */
static enum verdict run_few(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	static uint8_t frame[NET_MAX_FRAME];
	enum verdict v = start_few(&f, opt, 0);
	uint64_t end = now_ms() + (uint64_t)c->arg;
	struct nf_packet p;
	int got = 0;

	while (v == V_PASS && now_ms() < end && !got) {
		size_t len = frame_echo(frame, &f.self, &f.peer, 0x6665, 1, 700);

		nf_cut(&f, &p, frame, len, NULL, 0);
		got = nf_send(&f, &f.queue[0], &p);
		sleep_ms(50);
	}
	if (got)
		v = fail("without pages for receiving an echo was answered with status %d", got);
	few_buffers(&f.queue[0], FEW_BUFFERS);
	return v ?: nf_verify(&f.dev) ?: front_recover(&f.dev);
}

/* Packets lie there for a while before they are taken, answers too. */
static enum verdict run_slow(const struct options *opt, const struct xcase *c)
{
	static const unsigned int payload[] = { 1, 700, 1472 };
	static struct nf f;
	enum verdict v = start_few(&f, opt, FEW_BUFFERS) ?: nf_verify(&f.dev);

	for (unsigned int i = 0; i < 12 && v == V_PASS; i++) {
		struct ring *r = &f.queue[0].rx.ring;
		uint32_t had = r->rsp_cons;
		static uint8_t frame[NET_MAX_FRAME];
		struct nf_packet p;

		/* More answers than pages; nobody looks at them in that time. */
		for (unsigned int n = 0; n < 3 * FEW_BUFFERS; n++) {
			nf_cut(&f, &p, frame, frame_echo(frame, &f.self, &f.peer, 0x736c,
							 (uint16_t)n, 200), NULL, 0);
			nf_post(&f, &f.queue[0], &p);
		}
		nf_push(&f, &f.queue[0]);
		sleep_ms((unsigned int)c->arg);
		if (ring_get(r, RING_RSP_PROD) - had > FEW_BUFFERS)
			return fail("more packets than pages for them");
		v = nf_echo(&f, &f.queue[0], payload[i % ARRAY_SIZE(payload)], NULL, 0);
	}
	return v ?: front_close(&f.dev);
}

/* FreeBSD's: an event for each push, and the wish for the next one half a ring away. */
static enum verdict bsd_echo(struct nf *f, size_t payload)
{
	struct nf_queue *q = &f->queue[0];
	enum verdict v;

	ring_set(&q->tx.ring, RING_RSP_EVENT, q->tx.ring.rsp_cons +
		 (q->tx.ring.req_prod - q->tx.ring.rsp_cons) / 2 + 1);
	nf_kick(f, &q->tx);
	v = nf_echo(f, q, payload, NULL, 0);
	nf_kick(f, &q->tx);
	return v;
}

static enum verdict run_odd(const struct options *opt, const struct xcase *c)
{
	/* One queue, but it says so. */
	static const struct store_key keys[] = { { "multi-queue-num-queues", "1" } };
	static struct nf f;
	struct nf_queue *q = &f.queue[0];
	enum verdict v = front_open(&f.dev, opt);

	f.config.split = false;
	f.config.no_sg = c->arg == ODD_IPXE;
	v = v ?: front_reset(&f.dev) ?: f.dev.kind->look(&f.dev) ?: f.dev.kind->prepare(&f.dev) ?:
	    front_publish(&f.dev, keys, c->arg == ODD_FREEBSD);
	if (v)
		return v;
	if (c->arg == ODD_IPXE)
		few_buffers(q, FEW_BUFFERS);
	if (c->arg == ODD_WRAP) {
		struct ring *rings[] = { &q->tx.ring, &q->rx.ring };

		/* As they are after a restore: soon the indices pass 2^32. */
		for (size_t i = 0; i < ARRAY_SIZE(rings); i++) {
			uint32_t at = (uint32_t)-100 - (uint32_t)i;

			rings[i]->req_prod = at;
			rings[i]->rsp_cons = at;
			ring_set(rings[i], RING_REQ_PROD, at);
			ring_set(rings[i], RING_RSP_PROD, at);
			ring_set(rings[i], RING_REQ_EVENT, at + 1);
			ring_set(rings[i], RING_RSP_EVENT, at + 1);
		}
	}
	v = front_finish(&f.dev) ?: nf_verify(&f.dev);
	for (unsigned int i = 0; i < 300 && v == V_PASS; i++)
		v = c->arg == ODD_FREEBSD ? bsd_echo(&f, 1 + i * 4) :
					    nf_echo(&f, q, 1 + i * 4, NULL, 0);
	return v ?: front_close(&f.dev);
}

#define ODD(_name, _run, _arg, _what) \
	{ .name = (_name), .flags = CASE_GOOD, .run = (_run), .arg = (_arg), .what = (_what) }

static const struct xcase cases[] = {
	ODD("odd-freebsd", run_odd, ODD_FREEBSD,
	    "one channel, an event for each push, rsp_event far away: echoes"),
	ODD("odd-ipxe", run_odd, ODD_IPXE, "one channel, no scatter-gather, 4 pages: echoes"),
	ODD("odd-wrap", run_odd, ODD_WRAP, "rings whose indices pass 2^32, full of pages: echoes"),
	ODD("odd-slow", run_slow, 150, "4 pages, looked at each 150 ms: echoes"),
	ODD("odd-few", run_few, 5000, "no pages for 5 s, then 4: link down, then echoes"),
	ODD("odd-limited", run_limited, 100,
	    "one channel, over its rate and flooded: both directions go on"),
};

const struct case_table net_front_odd = { cases, ARRAY_SIZE(cases) };
