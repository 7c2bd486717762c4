// SPDX-License-Identifier: GPL-2.0-only
/* The port scan of both ABIs: each event once, in order, and no way out. */
#include <stdlib.h>
#include "ktap.h"
#include "../../events/scan.c"
#include "events_xen.h"

static u64 pending[EVENTS_2L_WORDS], mask[EVENTS_2L_WORDS];
static u64 bound[EVENTS_2L_WORDS];

static void blank(u64 pend, u64 masked, u64 ours)
{
	unsigned int i;

	for (i = 0; i < EVENTS_2L_WORDS; i++) {
		pending[i] = pend;
		mask[i] = masked;
		bound[i] = ours;
	}
}

static void set(u64 *bits, u32 port)
{
	bits[port / 64] |= 1ULL << port % 64;
}

static struct events_2l walk(u64 selector, u32 first)
{
	struct events_2l w = {
		.pending = pending,
		.mask = mask,
		.bound = bound,
	};

	/* nothing of an earlier pass counts */
	w.bits = ~0ULL;
	w.words = ~0ULL;
	w.wrap = true;
	events_2l_start(&w, selector, first);
	return w;
}

static void nothing(void)
{
	struct events_2l w;
	u32 port;

	blank(~0ULL, 0, ~0ULL);
	w = walk(0, 77);
	check(!events_2l_next(&w, &port));
	blank(~0ULL, ~0ULL, ~0ULL);
	w = walk(~0ULL, 77);
	check(!events_2l_next(&w, &port));
	blank(~0ULL, 0, 0);
	w = walk(~0ULL, 77);
	check(!events_2l_next(&w, &port));
	blank(0, 0, ~0ULL);
	w = walk(~0ULL, 77);
	check(!events_2l_next(&w, &port));
	check(!events_2l_next(&w, &port));
}

/* From any start: all ports, each once, in order and around. */
static void around(void)
{
	static const u32 starts[10] = { 0, 1, 63, 64, 65, 2048, 4032, 4095, 4096,
				      0xffffffff };
	unsigned int i;

	blank(~0ULL, 0, ~0ULL);
	for (i = 0; i < 10; i++) {
		struct events_2l w = walk(~0ULL, starts[i]);
		u32 n, port;

		for (n = 0; events_2l_next(&w, &port); n++)
			if (port != (starts[i] + n) % EVENTS_2L_PORTS)
				break;
		check_eq(n, EVENTS_2L_PORTS);
	}
}

static void sorted(void)
{
	struct events_2l w;
	u32 port = 0;

	blank(0, 0, ~0ULL);
	set(pending, 130);
	set(pending, 131);
	set(pending, 140);
	set(pending, 4000);
	set(pending, 3);
	set(mask, 131);
	w = walk(1ULL << 2 | 1ULL << 62 | 1, 135);
	check(events_2l_next(&w, &port));
	check_eq(port, 140);
	check(events_2l_next(&w, &port));
	check_eq(port, 4000);
	check(events_2l_next(&w, &port));
	check_eq(port, 3);
	check(events_2l_next(&w, &port));
	check_eq(port, 130);
	check(!events_2l_next(&w, &port));
	/* not selected, not looked at */
	w = walk(1ULL << 62, 0);
	check(events_2l_next(&w, &port));
	check_eq(port, 4000);
	check(!events_2l_next(&w, &port));
}

/* A few words of many, from a start in each of them. */
static void sparse(void)
{
	static const u32 ports[4] = { 65, 7 * 64 + 5, 32 * 64, 63 * 64 + 63 };
	const u64 selector = 1ULL << 1 | 1ULL << 7 | 1ULL << 32 | 1ULL << 63;
	unsigned int word, i;

	blank(0, 0, ~0ULL);
	for (i = 0; i < 4; i++)
		set(pending, ports[i]);
	for (word = 0; word < EVENTS_2L_WORDS; word++) {
		struct events_2l w = walk(selector, word * 64);
		unsigned int begin = 0;
		u32 port;

		while (begin < 4 && ports[begin] < word * 64)
			begin++;
		for (i = 0; i < 4; i++) {
			port = ~0U;
			check(events_2l_next(&w, &port));
			check_eq(port, ports[(begin + i) % 4]);
		}
		check(!events_2l_next(&w, &port));
	}
}

/* What becomes pending behind the pass is for the next one. */
static void behind(void)
{
	struct events_2l w;
	u32 port = 0, n;

	blank(0, 0, ~0ULL);
	set(pending, 70);
	w = walk(1ULL << 1, 0);
	for (n = 0; events_2l_next(&w, &port) && n < 10; n++)
		set(pending, 64);
	check_eq(n, 1);
	check_eq(port, 70);
}

/* Xen's: event_channel.h. */
static void values(void)
{
	check_eq(EVENTS_2L_WORDS, 64);
	check_eq(EVENTS_2L_PORTS, 4096);
	check_eq(EVENTS_FIFO_PENDING, 1u << 31);
	check_eq(EVENTS_FIFO_MASKED, 1u << 30);
	check_eq(EVENTS_FIFO_LINKED, 1u << 29);
	check_eq(EVENTS_FIFO_BUSY, 1u << 28);
	check_eq(EVENTS_FIFO_LINK, (1u << 17) - 1);
	check_eq(EVENTS_FIFO_QUEUES, 16);
	check_eq(EVENTS_FIFO_PAGE_WORDS, 4096 / sizeof(u32));
	check_eq(EVENTS_FIFO_PAGES * EVENTS_FIFO_PAGE_WORDS, 1 << 17);
	check_eq(EVENTS_FIFO_STEPS, 1024);
}

static void words(void)
{
	u32 w = EVENTS_FIFO_MASKED | 5;

	xen_reset(2);
	check(events_fifo_word(&xen.array, 0) == xen.array.page[0]);
	check(events_fifo_word(&xen.array, 2047) == xen.array.page[1] + 1023);
	check(!events_fifo_word(&xen.array, 2048));
	check(!events_fifo_word(&xen.array, 2049));
	check(!events_fifo_word(&xen.array, 0xffffffff));
	check_eq(events_fifo_change(&w, 5, EVENTS_FIFO_PENDING),
		 EVENTS_FIFO_MASKED | 5);
	check_eq(w, EVENTS_FIFO_MASKED | EVENTS_FIFO_PENDING);
}

static void unmask(void)
{
	u32 w = EVENTS_FIFO_MASKED | EVENTS_FIFO_LINKED | 9;

	check(events_fifo_open(&w));
	check_eq(w, EVENTS_FIFO_LINKED | 9);
	check(events_fifo_open(&w));
	w = EVENTS_FIFO_MASKED | EVENTS_FIFO_PENDING;
	check(!events_fifo_open(&w));
	check_eq(w, EVENTS_FIFO_MASKED | EVENTS_FIFO_PENDING);
	w = EVENTS_FIFO_MASKED | EVENTS_FIFO_BUSY;
	check(!events_fifo_open(&w));
	check_eq(w, EVENTS_FIFO_MASKED | EVENTS_FIFO_BUSY);
}

static void queue(void)
{
	static const u32 order[] = { 7, 2047, 1, 1024 };
	unsigned int i;
	u32 port = 0;

	xen_reset(2);
	for (i = 0; i < 4; i++)
		xen_send(order[i], 7);
	xen_send(order[1], 7);
	for (i = 0; i < 4; i++) {
		check(events_fifo_next(&xen.queues, &xen.array, &port));
		check_eq(port, order[i]);
		xen_ack(port);
	}
	check(!events_fifo_next(&xen.queues, &xen.array, &port));
	check(!events_fifo_more(&xen.queues));
	/* and on from an empty queue */
	xen_send(9, 7);
	check(events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(port, 9);
}

/* An event of a higher priority comes next, even in the middle of a queue. */
static void priorities(void)
{
	u32 port = 0;

	xen_reset(1);
	xen_send(10, 9);
	xen_send(11, 9);
	xen_send(12, 0);
	check(events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(port, 12);
	check(events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(port, 10);
	xen_send(13, 4);
	check(events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(port, 13);
	check(events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(port, 11);
	check(!events_fifo_next(&xen.queues, &xen.array, &port));
}

/* Masked while linked: dropped, and Xen links it again when it is unmasked. */
static void masked(void)
{
	u32 port = 0;

	xen_reset(1);
	xen_send(5, 7);
	xen_send(6, 7);
	events_fifo_change(events_fifo_word(&xen.array, 5), 0,
			   EVENTS_FIFO_MASKED);
	check(events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(port, 6);
	check(!events_fifo_next(&xen.queues, &xen.array, &port));
	check(!events_fifo_open(events_fifo_word(&xen.array, 5)));
	xen_unmask(5, 7);
	check(events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(port, 5);
}

/* A queue that begins or goes on nowhere ends, the others go on. */
static void nowhere(void)
{
	u32 port = 0;

	xen_reset(1);
	xen_send(5, 7);
	xen_send(6, 7);
	xen_send(8, 8);
	*events_fifo_word(&xen.array, 5) |= EVENTS_FIFO_LINK;
	check(events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(port, 5);
	check(events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(port, 8);
	check(!events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(xen.queues.bad, 1);
	/* and begins at its head again */
	xen.head[7] = 6;
	xen.ready = 1 << 7;
	check(events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(port, 6);

	xen_reset(1);
	xen.ready = ~0u;
	check(!events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(xen.queues.bad, 0);
	xen.ready = 1;
	xen.head[0] = 0xffffffff;
	check(!events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(xen.queues.bad, 1);
}

/* @nr masked words before one that is pending; @nr links are followed to get there. */
static void chain(u32 nr)
{
	u32 port;

	xen_reset(2);
	for (port = 1; port <= nr; port++)
		*events_fifo_word(&xen.array, port) = EVENTS_FIFO_PENDING |
			EVENTS_FIFO_MASKED | EVENTS_FIFO_LINKED | (port + 1);
	*events_fifo_word(&xen.array, port) = EVENTS_FIFO_PENDING |
		EVENTS_FIFO_LINKED;
	xen.ready = 1 << 7;
	xen.head[7] = 1;
}

/* One call follows so many links and no more, and the next goes on from there. */
static void bounded(void)
{
	u32 port = 0;

	chain(EVENTS_FIFO_STEPS - 1);
	check(events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(port, EVENTS_FIFO_STEPS);
	check(!events_fifo_more(&xen.queues));
	chain(EVENTS_FIFO_STEPS);
	check(!events_fifo_next(&xen.queues, &xen.array, &port));
	check(events_fifo_more(&xen.queues));
	check(events_fifo_next(&xen.queues, &xen.array, &port));
	check_eq(port, EVENTS_FIFO_STEPS + 1);
	check(!events_fifo_more(&xen.queues));
	xen.ready = 1;
	check(events_fifo_more(&xen.queues));
}

/* A ring of words is followed once around. */
static void circle(void)
{
	u32 port, n;

	xen_reset(1);
	for (n = 1; n <= 3; n++)
		*events_fifo_word(&xen.array, n) = EVENTS_FIFO_PENDING |
			EVENTS_FIFO_LINKED | (n % 3 + 1);
	xen.ready = 1 << 7;
	xen.head[7] = 1;
	for (n = 0; n < 10 && events_fifo_next(&xen.queues, &xen.array, &port);)
		n++;
	check_eq(n, 4);
	check(!events_fifo_more(&xen.queues));
}

static const struct ktap_case cases[] = {
	{ "2-level: nothing to find", nothing },
	{ "2-level: all ports from any start", around },
	{ "2-level: masked, unselected, wrapped", sorted },
	{ "2-level: few words, from each start", sparse },
	{ "2-level: a word is read once", behind },
	{ "values", values },
	{ "FIFO: words of ports", words },
	{ "FIFO: unmasking", unmask },
	{ "FIFO: order of a queue", queue },
	{ "FIFO: priorities", priorities },
	{ "FIFO: masked while linked", masked },
	{ "FIFO: links to nowhere", nowhere },
	{ "FIFO: links followed by a call", bounded },
	{ "FIFO: links in a circle", circle },
};

KTAP_MAIN(cases)
