// SPDX-License-Identifier: GPL-2.0-only
/* Both halves of a ring against each other, and against a lying peer. */
#include "ktap.h"
#include <asm/barrier.h>

/* What the peer does while we are at a barrier, and how many there were. */
static void (*hook)(void);
static unsigned int reads, writes, fulls;

static void barrier_at(unsigned int *count)
{
	++*count;
	if (hook)
		hook();
}

#undef virt_rmb
#define virt_rmb() barrier_at(&reads)
#undef virt_wmb
#define virt_wmb() barrier_at(&writes)
#undef virt_mb
#define virt_mb() barrier_at(&fulls)

#include <xenpv/ring.h>

#define ESIZE 112

static _Alignas(8) u8 page[4096];
static struct xpv_ring front, back;

static struct xpv_sring *const shared = (void *)page;

static void begin(void)
{
	unsigned int i;

	memset(page, 0xa5, sizeof(page));
	memset(&front, 0xa5, sizeof(front));
	xpv_sring_init(page);
	xpv_ring_attach(&front, page, sizeof(page), ESIZE);
	check_eq(shared->req_prod, 0);
	check_eq(shared->rsp_prod, 0);
	check_eq(shared->req_event, 1);
	check_eq(shared->rsp_event, 1);
	for (i = 0; i < sizeof(shared->pad); i++)
		check_eq(shared->pad[i], 0);
	check_eq(page[sizeof(*shared)], 0xa5);
	check(front.sring == shared);
	check_eq(front.prod, 0);
	check_eq(front.pub, 0);
	check_eq(front.cons, 0);
	check_eq(front.size, 32);
	check_eq(front.esize, ESIZE);
}

static void connect_at(u32 start)
{
	struct xpv_sring *s = (void *)page;

	memset(page, 0, sizeof(page));
	xpv_sring_init(page);
	xpv_ring_attach(&front, page, sizeof(page), ESIZE);
	xpv_ring_attach(&back, page, sizeof(page), ESIZE);
	front.prod = front.pub = front.cons = start;
	back.prod = back.pub = back.cons = start;
	s->req_prod = s->rsp_prod = start;
	s->req_event = s->rsp_event = start + 1;
}

static u32 produce(u32 n)
{
	u32 i;

	for (i = 0; i < n && xpv_front_free(&front); i++, front.prod++)
		xpv_peer_store(xpv_ring_entry(&front, front.prod), &front.prod, 4);
	return i;
}

static void sizes(void)
{
	check_eq(xpv_ring_entries(4096, 112), 32);
	check_eq(xpv_ring_entries(4096 * 16, 112), 512);
	check_eq(xpv_ring_entries(4096, 108), 32);
	check_eq(xpv_ring_entries(4096, 12), 256);
	check_eq(xpv_ring_entries(4096, 8), 256);
}

/* Everything published arrives once and in order, over the wrap of 2^32 too. */
static void transfer(void)
{
	u32 round, n, val;

	connect_at(0xffffffc0);
	for (round = 0; round < 200; round++) {
		produce(round % 40 + 1);
		xpv_front_publish(&front);
		check(xpv_back_pending(&back, &n));
		check_eq(n, round % 40 + 1 > 32 ? 32 : round % 40 + 1);
		while (n--) {
			xpv_peer_fetch(&val, xpv_ring_entry(&back, back.cons), 4);
			check_eq(val, back.cons);
			back.cons++;
			back.prod++;
		}
		xpv_back_publish(&back);
		check(xpv_front_pending(&front, &n));
		front.cons += n;
	}
	check_eq(front.cons, back.prod);
}

static void full(void)
{
	connect_at(0);
	check_eq(produce(100), 32);
	check_eq(xpv_front_free(&front), 0);
}

static void events(void)
{
	u32 n;

	connect_at(0);
	produce(1);
	check(xpv_front_publish(&front));	/* the first one always */
	produce(1);
	check(!xpv_front_publish(&front));	/* the backend is at work */
	check(xpv_back_pending(&back, &n));
	back.cons += n;
	check(!xpv_back_arm(&back));
	produce(1);
	check(xpv_front_publish(&front));	/* it asked again */
	check(xpv_back_arm(&back));		/* and must look again */
}

/* A frontend that is content with an event for several responses. */
static void events_later(void)
{
	struct xpv_sring *s = (void *)page;

	connect_at(0xfffffffe);
	produce(8);
	xpv_front_publish(&front);
	check(!xpv_front_arm_at(&front, front.cons + 5));
	back.prod += 4;
	check(!xpv_back_publish(&back));
	back.prod++;
	check(xpv_back_publish(&back));
	check_eq(s->rsp_event, 3);
	check(xpv_front_arm_at(&front, front.cons + 5));
	check(xpv_front_arm_at(&front, front.cons + 1));
	check(!xpv_front_arm_at(&front, front.cons + 6));
}

static void respond(void)
{
	shared->rsp_prod++;
}

static void request(void)
{
	shared->req_prod++;
}

/* A peer that acts between our wish and our last look has been seen. */
static void arming(void)
{
	connect_at(7);
	produce(3);
	xpv_front_publish(&front);
	shared->rsp_event = 0;
	check(!xpv_front_arm(&front));
	check_eq(shared->rsp_event, 8);
	hook = respond;
	check(xpv_front_arm(&front));
	check(!xpv_front_arm_at(&front, 10));
	check_eq(shared->rsp_event, 10);
	check(xpv_front_arm_at(&front, 10));
	back.cons = shared->req_prod;
	hook = request;
	check(xpv_back_arm(&back));
	hook = NULL;
	back.cons = shared->req_prod;
	check(!xpv_back_arm(&back));
	check_eq(shared->req_event, back.cons + 1);
	xpv_front_disarm(&front);
	check_eq(shared->rsp_event, 7);
}

static void entries_first(void)
{
	check_eq(shared->req_prod, 5);
	hook = NULL;
}

static void wish(void)
{
	if (shared->req_prod == 7)
		shared->req_event = 7;
}

/* The index comes after the entries, and the peer's wish is read after the index. */
static void publishing(void)
{
	u32 n;

	connect_at(5);
	shared->req_event = 100;
	produce(1);
	writes = 0;
	hook = entries_first;
	check(!xpv_front_publish(&front));
	check(!hook);
	check_eq(writes, 1);
	check_eq(shared->req_prod, 6);
	produce(1);
	hook = wish;
	check(xpv_front_publish(&front));
	hook = NULL;
	/* an entry is read after the index that says it is there */
	reads = 0;
	check(xpv_back_pending(&back, &n));
	check_eq(reads, 1);
	check(xpv_front_pending(&front, &n));
	check_eq(reads, 2);
}

static void lying_frontend(void)
{
	static const u32 claims[] = { 33, 34, 0x80000000, 0xffffffff };
	struct xpv_sring *s = (void *)page;
	unsigned int i;
	u32 n;

	for (i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		connect_at(0);
		s->req_prod = claims[i];
		check(!xpv_back_pending(&back, &n));
		check_eq(n, claims[i]);
	}
	/* 32 is fine, unless some of them are consumed and not answered yet */
	connect_at(0);
	s->req_prod = 32;
	check(xpv_back_pending(&back, &n));
	back.cons = 10;
	check(xpv_back_pending(&back, &n));
	check_eq(n, 22);
	s->req_prod = 33;
	check(!xpv_back_pending(&back, &n));
	back.prod = 1;
	check(xpv_back_pending(&back, &n));
	/* and going back behind what was consumed is not */
	s->req_prod = 9;
	check(!xpv_back_pending(&back, &n));
}

static void lying_backend(void)
{
	struct xpv_sring *s = (void *)page;
	u32 n;

	connect_at(0);
	produce(5);
	xpv_front_publish(&front);
	s->rsp_prod = 5;
	check(xpv_front_pending(&front, &n));
	s->rsp_prod = 6;
	check(!xpv_front_pending(&front, &n));
	check_eq(n, 6);
	front.cons = 3;
	s->rsp_prod = 2;
	check(!xpv_front_pending(&front, &n));
	/* more than what is open, though not more than was ever published */
	s->rsp_prod = 5;
	check(xpv_front_pending(&front, &n));
	check_eq(n, 2);
	s->rsp_prod = 6;
	check(!xpv_front_pending(&front, &n));
	check_eq(n, 3);
}

static const struct ktap_case cases[] = {
	{ "entries of a ring", sizes },
	{ "header and indices at first", begin },
	{ "order and count over the index wrap", transfer },
	{ "a full ring", full },
	{ "events asked for and suppressed", events },
	{ "events for several responses", events_later },
	{ "what the peer does while we ask", arming },
	{ "order of a publication", publishing },
	{ "impossible req_prod", lying_frontend },
	{ "impossible rsp_prod", lying_backend },
};

KTAP_MAIN(cases)
