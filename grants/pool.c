// SPDX-License-Identifier: GPL-2.0-only
/* The set of free grant references. Takes no locks: the caller does. */
#include "pool.h"

/**
 * grant_pool_take() - take free references, consecutive ones where possible
 * @p:    pool
 * @refs: result
 * @want: maximum number
 *
 * Return: number of references taken; fewer than @want only if no more are
 * free.
 */
u32 grant_pool_take(struct grant_pool *p, u32 *refs, u32 want)
{
	u32 words = p->nr / GRANT_POOL_WORD;
	u32 got = 0, seen;

	/*
	 * One more than the number of words: the search may start within the
	 * first one.
	 */
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
 * grant_pool_take_run() - take consecutive references
 * @p:     pool
 * @count: number, at least 1
 * @first: result: the lowest of them
 *
 * Return: false if there are not so many consecutive ones.
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
 * grant_pool_put() - free a reference
 * @p:   pool
 * @ref: the reference
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
