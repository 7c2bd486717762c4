/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The set of free grant references: pure functions, which the unit tests
 * compile, too.
 */
#ifndef GRANTS_POOL_H
#define GRANTS_POOL_H

#include <xenpv/types.h>

/* References per word, and the unit in which a pool grows. */
#define GRANT_POOL_WORD	64

/**
 * struct grant_pool - a bit for each reference, set if it is free
 * @word: bits, zeroed; room for the maximum number of references
 * @nr:   current number of references, a multiple of GRANT_POOL_WORD
 * @free: number of bits set
 * @at:   word where the next search begins
 *
 * This is a bitmap and not a list for three reasons: callers get consecutive
 * references, so that two CPUs do not write entries in the same cache line;
 * consecutive references can be found; a reference that is freed twice is
 * detected.
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
