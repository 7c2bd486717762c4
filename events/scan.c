// SPDX-License-Identifier: GPL-2.0-only
/* The port scan of both ABIs; see scan.h. */
#include "scan.h"

#ifdef __KERNEL__
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <asm/cmpxchg.h>

/* Xen runs on other CPUs even if the kernel only uses one. */
#define scan_read(p)			READ_ONCE(*(p))
#define scan_xchg(p, new)		xchg(p, new)
#define scan_cmpxchg(p, old, new)	sync_cmpxchg(p, old, new)
#define scan_lowest(x)			((u32)__ffs64(x))
#else
#define scan_read(p)			__atomic_load_n(p, __ATOMIC_RELAXED)
#define scan_xchg(p, new)		__atomic_exchange_n(p, new, __ATOMIC_SEQ_CST)
#define scan_cmpxchg(p, old, new)	__sync_val_compare_and_swap(p, old, new)
#define scan_lowest(x)			((u32)__builtin_ctzll(x))
#endif

static u64 events_2l_rotate(u64 word, u32 by)
{
	by &= 63;
	return by ? word >> by | word << (64 - by) : word;
}

/**
 * events_2l_start() - begin a pass
 * @w:        bitmaps are set, the rest is filled here
 * @selector: words with pending ports, taken from Xen
 * @first:    port to begin with, so that low ports are not always served first
 */
void events_2l_start(struct events_2l *w, u64 selector, u32 first)
{
	w->first = first % EVENTS_2L_PORTS;
	w->words = events_2l_rotate(selector, w->first / 64);
	w->bits = 0;
	w->wrap = w->words & 1 && w->first % 64;
}

/**
 * events_2l_next() - next port of the pass
 * @w:    a started pass
 * @port: result: pending, not masked and bound to this vCPU
 *
 * A word is read once. A port that becomes pending later sets its selector bit
 * again and is found by the next pass.
 *
 * Return: false at the end of the pass.
 */
bool events_2l_next(struct events_2l *w, u32 *port)
{
	u32 bit;

	while (!w->bits) {
		u64 keep = ~0ULL;
		u32 k = 0;

		if (w->words) {
			k = scan_lowest(w->words);
			w->words &= w->words - 1;
			if (!k)
				keep <<= w->first % 64;
		} else if (w->wrap) {
			w->wrap = false;
			keep = ~(keep << w->first % 64);
		} else {
			return false;
		}
		w->idx = (w->first / 64 + k) % EVENTS_2L_WORDS;
		w->bits = scan_read(&w->pending[w->idx]) &
			  ~scan_read(&w->mask[w->idx]) &
			  scan_read(&w->bound[w->idx]) & keep;
	}
	bit = scan_lowest(w->bits);
	w->bits &= w->bits - 1;
	*port = w->idx * 64 + bit;
	return true;
}

/**
 * events_fifo_word() - the word of a port
 * @a:    array
 * @port: any number
 *
 * Return: the word, NULL if there is none.
 */
u32 *events_fifo_word(const struct events_fifo_array *a, u32 port)
{
	u32 page = port / EVENTS_FIFO_PAGE_WORDS;

	if (page >= scan_read(&a->nr))
		return NULL;
	return a->page[page] + port % EVENTS_FIFO_PAGE_WORDS;
}

/**
 * events_fifo_change() - atomically clear and set bits of a word
 * @word:  shared
 * @clear: bits to clear
 * @set:   bits to set
 *
 * Return: the previous value.
 */
u32 events_fifo_change(u32 *word, u32 clear, u32 set)
{
	u32 old, was = scan_read(word);

	do {
		old = was;
		was = scan_cmpxchg(word, old, (old & ~clear) | set);
	} while (was != old);
	return old;
}

/**
 * events_fifo_open() - unmask a port if that is all there is to do
 * @word: shared
 *
 * Return: false if the port is pending or Xen is changing it. It is masked
 * then, and Xen must be asked to unmask and link it.
 */
bool events_fifo_open(u32 *word)
{
	u32 old, was = scan_read(word);

	do {
		old = was;
		if (old & (EVENTS_FIFO_PENDING | EVENTS_FIFO_BUSY))
			return false;
		was = scan_cmpxchg(word, old, old & ~EVENTS_FIFO_MASKED);
	} while (was != old);
	return true;
}

/**
 * events_fifo_next() - take the next port off the queues
 * @q:    queues of a vCPU; one caller at a time
 * @a:    event words
 * @port: result: pending and not masked
 *
 * Return: false if there is none, or after EVENTS_FIFO_STEPS links without one;
 * events_fifo_more() tells which.
 */
bool events_fifo_next(struct events_fifo_queues *q,
		      const struct events_fifo_array *a, u32 *port)
{
	unsigned int steps;

	for (steps = 0; steps < EVENTS_FIFO_STEPS; steps++) {
		u32 prio, at, was, *word;

		if (scan_read(q->ready))
			q->filled |= scan_xchg(q->ready, 0);
		q->filled &= (1u << EVENTS_FIFO_QUEUES) - 1;
		if (!q->filled)
			return false;
		prio = scan_lowest(q->filled);
		at = q->next[prio];
		if (!at)
			at = scan_read(&q->head[prio]);
		word = at ? events_fifo_word(a, at) : NULL;
		if (!word) {
			q->bad += at != 0;
			q->next[prio] = 0;
			q->filled &= ~(1u << prio);
			continue;
		}
		was = events_fifo_change(word, EVENTS_FIFO_LINKED |
					 EVENTS_FIFO_LINK, 0);
		q->next[prio] = was & EVENTS_FIFO_LINK;
		if (!q->next[prio])
			q->filled &= ~(1u << prio);
		if ((was & EVENTS_FIFO_PENDING) && !(was & EVENTS_FIFO_MASKED)) {
			*port = at;
			return true;
		}
	}
	return false;
}

/* True if events_fifo_next() has not checked everything yet. */
bool events_fifo_more(const struct events_fifo_queues *q)
{
	return q->filled || scan_read(q->ready);
}
