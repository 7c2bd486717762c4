// SPDX-License-Identifier: GPL-2.0-only
/*
 * A frontend that does not take what is sent to it, or posts pages that it should not. Traffic for
 * us comes from dom0's answers to echoes; the lab test floods us from dom0, too.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net_front.h"

enum attack {
	POST_NONE, POST_ONE, POST_SLOWLY,
	REF_UNUSED, REF_READONLY, REF_OTHER, REF_FREED, REF_RING, REF_SAME, REF_HUGE,
	ID_SAME, ID_MAX,
};

/* Echo requests without regard to what comes back. */
static enum verdict shout(struct nf *f, unsigned int nr, size_t payload)
{
	static uint8_t frame[NET_MAX_FRAME];
	struct nf_packet p;
	uint64_t end = now_ms() + f->dev.opt->wait_ms;
	struct ring *r = &f->queue[0].tx.ring;

	for (unsigned int i = 0; i < nr; i++) {
		size_t len = frame_echo(frame, &f->self, &f->peer, 0x7368, (uint16_t)i, payload);

		nf_cut(f, &p, frame, len, NULL, 0);
		while (r->req_prod - ring_get(r, RING_RSP_PROD) > NET_RING_ENTRIES - 32) {
			if (now_ms() > end)
				return fail("the transmit ring stands still");
			sleep_ms(1);
		}
		nf_post(f, &f->queue[0], &p);
		nf_push(f, &f->queue[0]);
	}
	r->rsp_cons = ring_get(r, RING_RSP_PROD);
	return V_PASS;
}

static void post(struct nf *f, uint32_t gref, uint16_t id)
{
	struct nf_ring *r = &f->queue[0].rx;
	struct net_rx_req req = { .id = id, .gref = gref };

	memcpy(ring_slot(&r->ring, r->ring.req_prod++), &req, sizeof(req));
	if (ring_push_requests(&r->ring))
		nf_kick(f, r);
}

/* Connected with empty receive rings. */
static enum verdict start_empty(struct nf *f, const struct options *opt)
{
	enum verdict v = front_start(&f->dev, opt);
	struct nf_queue *q = &f->queue[0];

	v = v ?: front_close(&f->dev) ?: front_reset(&f->dev) ?: f->dev.kind->prepare(&f->dev) ?:
	    front_publish(&f->dev, NULL, 0);
	/* So that front_finish() has nothing to post. */
	q->nr_free = 0;
	return v ?: front_finish(&f->dev);
}

/*
 * Nothing is posted, or single slots while large packets wait. The backend drops what does not get
 * away, in bounded memory, and calls the link down at last; with pages there it works again.
 */
static enum verdict run_stall(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	struct nf_queue *q = &f.queue[0];
	enum verdict v = start_empty(&f, opt);
	uint64_t end = now_ms() + (uint64_t)atoi(c->value) * 1000;
	unsigned int n = 0;

	if (v)
		return v;
	while (now_ms() < end && v == V_PASS) {
		v = shout(&f, 20, 1472);
		if (c->arg == POST_SLOWLY ||
		    (c->arg == POST_ONE &&
		     q->rx.ring.req_prod == ring_get(&q->rx.ring, RING_RSP_PROD))) {
			post(&f, q->pages.ref[n % NF_RX_PAGES], (uint16_t)n);
			n++;
		}
		sleep_ms(100);
	}
	front_linger(&f.dev, "stalled");
	return v ?: front_recover(&f.dev);
}

static uint32_t bad_ref(struct nf *f, enum attack how)
{
	static struct grant_area a;
	unsigned int other = how == REF_OTHER;
	uint32_t unused = 0;

	for (uint32_t i = 0; i < NF_RX_PAGES; i++)
		if (f->queue[0].pages.ref[i] > unused)
			unused = f->queue[0].pages.ref[i];
	switch (how) {
	case REF_UNUSED:
		return unused + 600;
	case REF_HUGE:
		return ~0u;
	case REF_READONLY:
		return f->dev.pages.ref[1];
	case REF_RING:
		return f->queue[0].rx.area.ref[0];
	case REF_SAME:
		return f->queue[0].pages.ref[0];
	default:
		if (!a.count && grant_alloc(&a, f->dev.back_id + other, 1, true))
			return 0;
		if (how == REF_FREED)
			grant_give_up(&a);
		return a.ref[0];
	}
}

/* Pages that cannot be written: answered with an error, or the vif is disabled. */
static enum verdict run_ref(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	struct nf_queue *q = &f.queue[0];
	enum verdict v = start_empty(&f, opt);
	unsigned int errors = 0, okay = 0;
	uint64_t end;

	if (v)
		return v;
	for (unsigned int i = 0; i < 64; i++)
		post(&f, c->arg >= ID_SAME ? q->pages.ref[i] : bad_ref(&f, c->arg),
		     (uint16_t)(c->arg == ID_SAME ? 5 : c->arg == ID_MAX ? 65535 : i));
	v = shout(&f, 64, 200);
	for (end = now_ms() + 2000; v == V_PASS && now_ms() < end; sleep_ms(20)) {
		while (ring_has_responses(&q->rx.ring)) {
			struct net_rx_rsp rsp;

			if (ring_get(&q->rx.ring, RING_RSP_PROD) - q->rx.ring.rsp_cons > 256) {
				/* Its own page was written over, as ordered. */
				if (c->arg == REF_RING)
					break;
				return fail("nonsense on the receive ring");
			}
			memcpy(&rsp, ring_slot(&q->rx.ring, q->rx.ring.rsp_cons++), sizeof(rsp));
			errors += rsp.status < 0;
			okay += rsp.status > 0;
		}
	}
	diag("%u answered with an error, %u with data", errors, okay);
	if (v == V_PASS && (c->arg <= REF_FREED || c->arg == REF_HUGE) && okay)
		v = fail("data in a page that was not ours to give");
	return v ?: front_recover(&f.dev);
}

#define STALL(_name, _how, _seconds, _flags, _what) \
	{ .name = (_name), .flags = (_flags), .run = run_stall, .arg = (_how), \
	  .value = (_seconds), .what = (_what) }
#define REF(_name, _site, _flags, _how, _what) \
	{ .name = (_name), .site = (_site), .flags = (_flags), .run = run_ref, .arg = (_how), \
	  .what = (_what) }

static const struct xcase cases[] = {
	STALL("rx-none", POST_NONE, "12", 0, "no pages posted for 12 s: reconnects"),
	STALL("rx-one", POST_ONE, "12", 0, "one page at a time: reconnects"),
	STALL("rx-slowly", POST_SLOWLY, "12", 0, "a page each 100 ms: reconnects"),
	STALL("rx-stall", POST_NONE, "75", CASE_SLOW,
	      "no pages for more than a minute: link down, then reconnects"),
	REF("rx-gref-unused", "rx-grant", 0, REF_UNUSED, "never granted"),
	REF("rx-gref-huge", "rx-grant", 0, REF_HUGE, "reference 2^32 - 1"),
	REF("rx-gref-readonly", "rx-grant", 0, REF_READONLY, "read-only pages"),
	REF("rx-gref-other", "rx-grant", 0, REF_OTHER, "granted to another domain"),
	REF("rx-gref-freed", "rx-grant", 0, REF_FREED, "taken back before"),
	REF("rx-gref-ring", NULL, CASE_EITHER, REF_RING, "the ring's own page"),
	REF("rx-gref-same", NULL, CASE_EITHER, REF_SAME, "one page 64 times"),
	REF("rx-id-same", NULL, CASE_EITHER, ID_SAME, "one id 64 times"),
	REF("rx-id-max", NULL, CASE_EITHER, ID_MAX, "id 65535"),
};

const struct case_table net_front_rx = { cases, ARRAY_SIZE(cases) };
