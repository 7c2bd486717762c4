// SPDX-License-Identifier: GPL-2.0-only
/*
 * The port scan against a plain one, and against a Xen that is sane or insane.
 * Sane: no event is lost and none is found that is not there. Insane: nothing
 * outside the arrays is touched, and every call returns.
 */
#include <stdlib.h>
#include "../../events/scan.c"
#include "events_xen.h"

#define must(cond) do { if (!(cond)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void twolevel(const u8 *data, size_t size)
{
	struct {
		u64 pending[EVENTS_2L_WORDS];
		u64 mask[EVENTS_2L_WORDS];
		u64 bound[EVENTS_2L_WORDS];
		u64 selector;
		u32 first;
		u32 pad;
	} in = {};
	struct events_2l w = {
		.pending = in.pending,
		.mask = in.mask,
		.bound = in.bound,
	};
	u32 n, port, word;
	u64 bit;

	memcpy(&in, data, size < sizeof(in) ? size : sizeof(in));
	events_2l_start(&w, in.selector, in.first);
	for (n = 0; n < EVENTS_2L_PORTS; n++) {
		u32 want = (in.first + n) % EVENTS_2L_PORTS;

		word = want / 64;
		bit = 1ULL << want % 64;
		if (!(in.selector >> word & 1) || !(in.pending[word] & bit) ||
		    in.mask[word] & bit || !(in.bound[word] & bit))
			continue;
		must(events_2l_next(&w, &port));
		must(port == want);
	}
	must(!events_2l_next(&w, &port));
}

/* Each port has its priority for good: Xen allows a change only when idle. */
static u32 prio(u32 port)
{
	return port % EVENTS_FIFO_QUEUES;
}

static void take(u32 limit)
{
	u32 port, *word;

	while (limit-- &&
	       events_fifo_next(&xen.queues, &xen.array, &port)) {
		word = events_fifo_word(&xen.array, port);
		must(word && *word & EVENTS_FIFO_PENDING);
		must(!(*word & EVENTS_FIFO_MASKED));
		xen_ack(port);
	}
}

static void sane(const u8 *data, size_t size)
{
	size_t i;
	u32 port, p;

	xen_reset(2);
	for (i = 0; i + 2 < size; i += 3) {
		port = (data[i + 1] | data[i + 2] << 8) % 2047 + 1;
		switch (data[i] % 4) {
		case 0:
			xen_send(port, prio(port));
			break;
		case 1:
			events_fifo_change(events_fifo_word(&xen.array, port),
					   0, EVENTS_FIFO_MASKED);
			break;
		case 2:
			if (!events_fifo_open(events_fifo_word(&xen.array, port)))
				xen_unmask(port, prio(port));
			break;
		default:
			take(data[i + 1]);
		}
	}
	take(~0u);
	must(!events_fifo_more(&xen.queues) && !xen.queues.bad);
	for (p = 1; p < 2048; p++) {
		u32 word = *events_fifo_word(&xen.array, p);

		must(!(word & EVENTS_FIFO_PENDING) || word & EVENTS_FIFO_MASKED);
	}
}

static void insane(const u8 *data, size_t size)
{
	u32 n, port, val;
	size_t i;

	xen_reset(1);
	for (i = 0; i + 7 < size; i += 8) {
		memcpy(&port, data + i, 4);
		memcpy(&val, data + i + 4, 4);
		switch (port >> 30) {
		case 0:
			xen.head[port % EVENTS_FIFO_QUEUES] = val;
			break;
		case 1:
			xen.ready = val;
			break;
		default:
			xen.array.page[0][port % EVENTS_FIFO_PAGE_WORDS] = val;
		}
		for (n = 0; n < port >> 28; n++)
			if (events_fifo_next(&xen.queues, &xen.array, &port))
				must(events_fifo_word(&xen.array, port));
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	if (!size)
		return 0;
	switch (data[0] % 3) {
	case 0:
		twolevel(data + 1, size - 1);
		break;
	case 1:
		sane(data + 1, size - 1);
		break;
	default:
		insane(data + 1, size - 1);
	}
	return 0;
}
