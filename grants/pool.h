/* SPDX-License-Identifier: GPL-2.0-only */
/* The set of free grant references: pure, also compiled by the unit tests. */
#ifndef GRANTS_POOL_H
#define GRANTS_POOL_H

#include <xenpv/types.h>

/* References of a word, and the unit in which a pool grows. */
#define GRANT_POOL_WORD	64

/**
 * struct grant_pool - a bit for each reference, set if it is free
 * @word: bits; room for all references there can ever be, zeroed
 * @nr:   references there are, a multiple of GRANT_POOL_WORD
 * @free: bits set
 * @at:   word where the next search begins
 *
 * A bitmap and no list: takers get neighbours, so that two CPUs do not write
 * entries in one cache line; a run can be found; a second free is noticed.
 */
struct grant_pool {
	u64 *word;
	u32 nr;
	u32 free;
	u32 at;
};

u32 grant_pool_take(struct grant_pool *p, u32 *refs, u32 want);
bool grant_pool_take_run(struct grant_pool *p, u32 count, u32 *first);
bool grant_pool_put(struct grant_pool *p, u32 ref);

#endif
