/* SPDX-License-Identifier: GPL-2.0-only */
/* Xen's side of the FIFO ABI, for one vCPU. Pages are of the exact size. */
#ifndef EVENTS_XEN_H
#define EVENTS_XEN_H

#include <stdlib.h>
#include "../../events/scan.h"

static struct {
	struct events_fifo_array array;
	struct events_fifo_queues queues;
	u32 ready;
	u32 head[EVENTS_FIFO_QUEUES];
	u32 tail[EVENTS_FIFO_QUEUES];
} xen;

/* Ports are unmasked at first. */
static void xen_reset(u32 pages)
{
	u32 i;

	for (i = 0; i < xen.array.nr; i++)
		free(xen.array.page[i]);
	memset(&xen, 0, sizeof(xen));
	for (i = 0; i < pages; i++)
		xen.array.page[i] = calloc(EVENTS_FIFO_PAGE_WORDS, sizeof(u32));
	xen.array.nr = pages;
	xen.queues.ready = &xen.ready;
	xen.queues.head = xen.head;
}

static void xen_link(u32 port, u32 prio)
{
	u32 *word = events_fifo_word(&xen.array, port);
	u32 *tail = events_fifo_word(&xen.array, xen.tail[prio]);

	if (*word & (EVENTS_FIFO_MASKED | EVENTS_FIFO_LINKED))
		return;
	*word = (*word & ~EVENTS_FIFO_LINK) | EVENTS_FIFO_LINKED;
	if (xen.tail[prio] && tail != word && *tail & EVENTS_FIFO_LINKED) {
		*tail = (*tail & ~EVENTS_FIFO_LINK) | port;
	} else {
		xen.head[prio] = port;
		xen.ready |= 1u << prio;
	}
	xen.tail[prio] = port;
}

static void xen_send(u32 port, u32 prio)
{
	u32 *word = events_fifo_word(&xen.array, port);

	if (*word & EVENTS_FIFO_PENDING)
		return;
	*word |= EVENTS_FIFO_PENDING;
	xen_link(port, prio);
}

static void xen_unmask(u32 port, u32 prio)
{
	u32 *word = events_fifo_word(&xen.array, port);

	*word &= ~EVENTS_FIFO_MASKED;
	if (*word & EVENTS_FIFO_PENDING)
		xen_link(port, prio);
}

static void xen_ack(u32 port)
{
	events_fifo_change(events_fifo_word(&xen.array, port),
			   EVENTS_FIFO_PENDING, 0);
}

#endif
