// SPDX-License-Identifier: GPL-2.0-only
/* The set of free grant references. No locks: the caller's. */
#include "pool.h"

/**
 * grant_pool_take() - take free references, neighbours where possible
 * @p:    pool
 * @refs: to fill
 * @want: how many at most
 *
 * Return: how many were taken; fewer than @want only if no more are free.
 */
u32 grant_pool_take(struct grant_pool *p, u32 *refs, u32 want)
{
	u32 words = p->nr / GRANT_POOL_WORD;
	u32 got = 0, seen;

	/* One more than there are words: the first may be left half way. */
	for (seen = 0; seen <= words && got < want && p->free; seen++) {
		u64 *word = &p->word[p->at];

		while (*word && got < want) {
			refs[got++] = p->at * GRANT_POOL_WORD +
				      __builtin_ctzll(*word);
			*word &= *word - 1;
			p->free--;
		}
		if (!*word && ++p->at == words)
			p->at = 0;
	}
	return got;
}

/**
 * grant_pool_take_run() - take references that follow each other
 * @p:     pool
 * @count: how many, at least 1
 * @first: the lowest of them
 *
 * Return: false if there is no such run.
 */
bool grant_pool_take_run(struct grant_pool *p, u32 count, u32 *first)
{
	u32 ref = 0, run = 0;

	if (p->free < count)
		return false;
	while (ref < p->nr && run < count) {
		u64 word = p->word[ref / GRANT_POOL_WORD];
		u32 bit = ref % GRANT_POOL_WORD;

		if (!bit && !word) {
			run = 0;
			ref += GRANT_POOL_WORD;
		} else if (!bit && !~word && count - run >= GRANT_POOL_WORD) {
			run += GRANT_POOL_WORD;
			ref += GRANT_POOL_WORD;
		} else {
			run = word >> bit & 1 ? run + 1 : 0;
			ref++;
		}
	}
	if (run < count)
		return false;

	*first = ref - count;
	for (ref = *first; ref < *first + count; ref++)
		p->word[ref / GRANT_POOL_WORD] &=
			~(1ULL << ref % GRANT_POOL_WORD);
	p->free -= count;
	return true;
}

/**
 * grant_pool_put() - make a reference free
 * @p:   pool
 * @ref: which
 *
 * Return: false if there is no such reference or it is free already; then
 * nothing has changed.
 */
bool grant_pool_put(struct grant_pool *p, u32 ref)
{
	u64 bit = 1ULL << ref % GRANT_POOL_WORD;
	u64 *word;

	if (ref >= p->nr)
		return false;
	word = &p->word[ref / GRANT_POOL_WORD];
	if (*word & bit)
		return false;
	*word |= bit;
	p->free++;
	return true;
}
