/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Find pending ports in the memory shared with Xen, for both ABIs. Plain memory
 * and no kernel calls: the unit tests compile this, too.
 *
 * Bits and indices are written by Xen or, by sending events, by a peer. A walk
 * never leaves the given arrays, and every call of a _next function terminates,
 * whatever it finds.
 */
#ifndef XEN_EVENTS_SCAN_H
#define XEN_EVENTS_SCAN_H

#include <xenpv/types.h>

/* 2-level ABI: a selector bit for each word of the bitmaps. */
#define EVENTS_2L_WORDS		64
#define EVENTS_2L_PORTS		(EVENTS_2L_WORDS * 64)

/**
 * struct events_2l - a pass over the bitmaps for one vCPU
 * @pending: set by Xen, cleared by us
 * @mask:    ports that must not be delivered
 * @bound:   ports of this vCPU, in private memory
 * @words:   selected words, rotated so that bit 0 is the first one to check
 * @bits:    remaining bits of the current word
 * @idx:     the current word
 * @first:   port to begin with
 * @wrap:    the ports below @first in its word are still to be checked
 */
struct events_2l {
	const u64 *pending;
	const u64 *mask;
	const u64 *bound;
	u64 words;
	u64 bits;
	u32 idx;
	u32 first;
	bool wrap;
};

void events_2l_start(struct events_2l *w, u64 selector, u32 first);
bool events_2l_next(struct events_2l *w, u32 *port);

/*
 * FIFO ABI: a word for each port, in pages; linked into one queue per priority.
 */
#define EVENTS_FIFO_PENDING	0x80000000u
#define EVENTS_FIFO_MASKED	0x40000000u
#define EVENTS_FIFO_LINKED	0x20000000u
#define EVENTS_FIFO_BUSY	0x10000000u
#define EVENTS_FIFO_LINK	0x0001ffffu
#define EVENTS_FIFO_QUEUES	16
#define EVENTS_FIFO_PAGE_WORDS	1024
#define EVENTS_FIFO_PAGES	128

/**
 * struct events_fifo_array - the event words
 * @page: pages of words
 * @nr:   pages in use
 */
struct events_fifo_array {
	u32 *page[EVENTS_FIFO_PAGES];
	u32 nr;
};

/**
 * struct events_fifo_queues - the queues of one vCPU
 * @ready:  queues to which Xen has added ports; shared
 * @head:   first port of each queue that was empty before; shared
 * @next:   current position in each queue, 0: at the end
 * @filled: queues that are not empty as far as we know
 * @bad:    links to no word, each of which ends its queue
 */
struct events_fifo_queues {
	u32 *ready;
	u32 *head;
	u32 next[EVENTS_FIFO_QUEUES];
	u32 filled;
	u32 bad;
};

/* Maximum number of links that one call of events_fifo_next() follows. */
#define EVENTS_FIFO_STEPS	1024

u32 *events_fifo_word(const struct events_fifo_array *a, u32 port);
u32 events_fifo_change(u32 *word, u32 clear, u32 set);
bool events_fifo_open(u32 *word);
bool events_fifo_next(struct events_fifo_queues *q,
		      const struct events_fifo_array *a, u32 *port);
bool events_fifo_more(const struct events_fifo_queues *q);

#endif
