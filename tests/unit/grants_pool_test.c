// SPDX-License-Identifier: GPL-2.0-only
/* The set of free grant references, against a plain array. */
#include "ktap.h"
#include "../../grants/pool.c"

#define REFS	1024

static u64 words[REFS / GRANT_POOL_WORD];
static struct grant_pool pool;
static u32 refs[REFS + 1];
static bool model[REFS];

static void setup(u32 nr, u32 nr_free)
{
	u32 i;

	memset(words, 0, sizeof(words));
	memset(model, 0, sizeof(model));
	pool = (struct grant_pool){ .word = words, .nr = nr };
	for (i = 0; i < nr_free; i++) {
		check(grant_pool_put(&pool, i));
		model[i] = true;
	}
}

static void test_empty(void)
{
	u32 first;

	check_eq(GRANT_POOL_WORD, 64);

	setup(0, 0);
	check_eq(grant_pool_take(&pool, refs, 1), 0);
	check(!grant_pool_take_run(&pool, 1, &first));
	check(!grant_pool_put(&pool, 0));
	setup(REFS, 0);
	check_eq(grant_pool_take(&pool, refs, 1), 0);
	check(!grant_pool_take_run(&pool, 1, &first));
}

static void test_all(void)
{
	u32 i;

	setup(REFS, REFS);
	check_eq(pool.free, REFS);
	check_eq(grant_pool_take(&pool, refs, REFS + 1), REFS);
	for (i = 0; i < REFS; i++)
		check_eq(refs[i], i);
	check_eq(pool.free, 0);
	check_eq(grant_pool_take(&pool, refs, 1), 0);
}

/* The last free one is in the part of a word that was passed. */
static void test_wrap(void)
{
	setup(REFS, REFS);
	check_eq(grant_pool_take(&pool, refs, REFS - 10), REFS - 10);
	check(grant_pool_put(&pool, 3));
	check_eq(grant_pool_take(&pool, refs, REFS), 11);
	check_eq(refs[10], 3);

	setup(GRANT_POOL_WORD, GRANT_POOL_WORD);
	check_eq(grant_pool_take(&pool, refs, 10), 10);
	check(grant_pool_put(&pool, 3));
	check_eq(grant_pool_take(&pool, refs, 64), 55);
}

static void test_twice(void)
{
	setup(REFS, 0);
	check(grant_pool_put(&pool, 77));
	check(!grant_pool_put(&pool, 77));
	check_eq(pool.free, 1);
	check(!grant_pool_put(&pool, REFS));
	check(!grant_pool_put(&pool, ~0U));
	check_eq(pool.free, 1);
}

static void test_neighbours(void)
{
	u32 i;

	setup(REFS, REFS);
	check_eq(grant_pool_take(&pool, refs, 64), 64);
	for (i = 0; i < 64; i++)
		check_eq(refs[i], i);
	check_eq(grant_pool_take(&pool, refs, 64), 64);
	check_eq(refs[0], 64);

	/* the search goes on where it ended, and looks no further than it must */
	setup(REFS, 64);
	for (i = 128; i < 192; i++)
		check(grant_pool_put(&pool, i));
	check_eq(grant_pool_take(&pool, refs, 64), 64);
	check(grant_pool_put(&pool, 70));
	check_eq(grant_pool_take(&pool, refs, 1), 1);
	check_eq(refs[0], 70);
}

static void test_run(void)
{
	u32 first;

	setup(REFS, REFS);
	check(grant_pool_take_run(&pool, REFS, &first));
	check_eq(first, 0);
	check_eq(pool.free, 0);

	/* a hole of 100 across two words, then one of 200 */
	setup(REFS, 0);
	for (u32 i = 50; i < 150; i++)
		grant_pool_put(&pool, i);
	for (u32 i = 300; i < 500; i++)
		grant_pool_put(&pool, i);
	check(!grant_pool_take_run(&pool, 201, &first));
	check(grant_pool_take_run(&pool, 101, &first));
	check_eq(first, 300);
	check(grant_pool_take_run(&pool, 100, &first));
	check_eq(first, 50);
	check(grant_pool_take_run(&pool, 99, &first));
	check_eq(first, 401);
	check_eq(pool.free, 0);

	/* the last one of all, and one past the end of what there is */
	setup(128, 0);
	grant_pool_put(&pool, 127);
	check(grant_pool_take_run(&pool, 1, &first));
	check_eq(first, 127);
	grant_pool_put(&pool, 127);
	words[2] = ~0ULL;
	check(!grant_pool_take_run(&pool, 2, &first));
}

/* Words in which all are free, or none, are passed at once. */
static void test_run_words(void)
{
	u32 first, i;

	/* the run begins with the word after an empty one */
	setup(128, 0);
	for (i = 64; i < 128; i++)
		grant_pool_put(&pool, i);
	check(grant_pool_take_run(&pool, 64, &first));
	check_eq(first, 64);

	/* two halves with an empty word between them */
	setup(192, 0);
	for (i = 54; i < 64; i++)
		grant_pool_put(&pool, i);
	for (i = 128; i < 138; i++)
		grant_pool_put(&pool, i);
	check(!grant_pool_take_run(&pool, 20, &first));
	check_eq(pool.free, 20);

	/* a full word is not more than itself */
	setup(128, 64);
	grant_pool_put(&pool, 100);
	check(!grant_pool_take_run(&pool, 65, &first));
	check_eq(pool.free, 65);
}

static bool take_from_model(u32 ref)
{
	bool was = ref < REFS && model[ref];

	if (was)
		model[ref] = false;
	return was;
}

static bool model_has_run(u32 count)
{
	u32 i, run = 0;

	for (i = 0; i < pool.nr; i++) {
		run = model[i] ? run + 1 : 0;
		if (run == count)
			return true;
	}
	return false;
}

static u32 seed = 1;

static u32 rnd(u32 below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void random_step(void)
{
	u32 i, want, got, first, nr_free = pool.free;
	bool had;

	switch (rnd(5)) {
	case 0:
		want = rnd(200);
		got = grant_pool_take(&pool, refs, want);
		check_eq(got, want < nr_free ? want : nr_free);
		for (i = 0; i < got; i++)
			check(take_from_model(refs[i]));
		break;
	case 1:
		want = 1 + rnd(150);
		had = model_has_run(want);
		check_eq(grant_pool_take_run(&pool, want, &first), had);
		for (i = 0; had && i < want; i++)
			check(take_from_model(first + i));
		break;
	case 2:
		/* the table grows */
		if (pool.nr < REFS)
			pool.nr += GRANT_POOL_WORD;
		break;
	default:
		for (i = rnd(150); i; i--) {
			u32 ref = rnd(REFS + 20);

			had = ref < pool.nr && !model[ref];
			check_eq(grant_pool_put(&pool, ref), had);
			if (had)
				model[ref] = true;
		}
	}
	for (i = got = 0; i < REFS; i++)
		got += model[i];
	check_eq(pool.free, got);
}

static void test_random(void)
{
	unsigned int i;

	setup(GRANT_POOL_WORD, 0);
	for (i = 0; i < 20000 && !ktap_failed; i++)
		random_step();
}

static const struct ktap_case cases[] = {
	{ "nothing is free", test_empty },
	{ "all are free", test_all },
	{ "search goes round", test_wrap },
	{ "freed twice, or out of range", test_twice },
	{ "takers get neighbours", test_neighbours },
	{ "runs", test_run },
	{ "runs of whole words", test_run_words },
	{ "random against an array", test_random },
};

KTAP_MAIN(cases)
