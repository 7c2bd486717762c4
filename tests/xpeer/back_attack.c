// SPDX-License-Identifier: GPL-2.0-only
/* Misdeeds of a backend of whatever kind. */
#include <time.h>

#include "back.h"
#include "worker.h"

struct flip {
	struct ring	*ring;
	unsigned int	first, len, slots;
	uint64_t	seed;
};

static void flip(void *arg)
{
	const struct timespec pause = { .tv_nsec = 100000 };
	struct flip *f = arg;
	uint32_t last = __atomic_load_n(&f->ring->rsp_prod, __ATOMIC_RELAXED) - 1;
	uint64_t n = rnd(&f->seed);

	for (uint32_t i = 0; i < f->slots; i++) {
		/* volatile, else the compiler sees that nothing changes */
		volatile uint8_t *at = ring_slot(f->ring, last - i);

		at += f->first + (n >> 8) % f->len;
		*at ^= (uint8_t)n;
		/* long enough for somebody to look */
		for (volatile unsigned int look = 0; look < 500; look++)
			;
		*at ^= (uint8_t)n;
	}
	/* Both processors of dom0 may be needed: one serves, one is the guest's. */
	nanosleep(&pause, NULL);
}

enum verdict back_flip(struct back *b, struct ring *r, unsigned int first, unsigned int len,
		       unsigned int slots)
{
	struct flip f = { r, first, len, slots, b->opt->seed };
	struct worker w;
	enum verdict v = back_io_start(b, b->kind->use) ?: worker_start(&w, flip, &f);

	if (v)
		return v;
	b->fired = 1;
	v = back_io_end(b);
	worker_stop(&w);
	return v;
}

void back_bad_prod(struct back *b, struct ring *r, uint64_t port, enum bad_prod how)
{
	uint32_t bad;

	/* An index can only go back for who has seen it. */
	evtchn_notify(&b->evtchn, (uint32_t)port);
	sleep_ms(200);
	bad = ring_bad_rsp_prod(r, how, b->opt->seed);
	diag("producer %u instead of %u, ring of %u", bad, r->rsp_prod, r->nr);
	ring_set(r, RING_RSP_PROD, bad);
	evtchn_notify(&b->evtchn, (uint32_t)port);
	/* Leave it like that until somebody has looked. */
	sleep_ms(200);
}

enum verdict back_go_mapped(struct back *b)
{
	if (back_withdraw(b) < 0)
		return fail("frontend does not close while its pages are mapped");
	back_remove(b);
	sleep_ms(2000);
	/* Only now the pages, and the rings with them, are let go. */
	return back_recover(b);
}
