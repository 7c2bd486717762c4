// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free references: a cache per CPU, refilled from and drained to one pool in
 * batches, so that CPUs do not wait for each other when references are taken
 * and freed.
 *
 * When references are scarce, nothing is cached any more: freed ones go to the
 * pool, and only as many are taken as were asked for. The flag is set before,
 * and read under, each cache's lock. So once all caches are drained, the pool
 * has all free references.
 */
#define pr_fmt(fmt) "xen-grants: " fmt

#include <linux/percpu.h>
#include <linux/slab.h>
#include "grants.h"
#include "pool.h"

#define GRANT_CACHE	128
#define GRANT_BATCH	64

/*
 * A CPU's free references, last freed on top, because its entry is in the CPU's
 * cache.
 */
struct grant_cache {
	raw_spinlock_t lock;
	unsigned int nr;
	grant_ref_t ref[GRANT_CACHE];
};

static DEFINE_PER_CPU_ALIGNED(struct grant_cache, grant_caches);

static struct {
	raw_spinlock_t lock;
	struct grant_pool pool;
	unsigned int twice;	/* references that were freed twice */
	atomic_t scarce;	/* number of reasons not to cache */
} shared = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(shared.lock),
};

/* Interrupts are off. */
static void free_to_pool(const grant_ref_t *refs, unsigned int nr)
{
	unsigned int i, bad = 0;

	raw_spin_lock(&shared.lock);
	for (i = 0; i < nr; i++)
		bad += !grant_pool_put(&shared.pool, refs[i]);
	shared.twice += bad;
	raw_spin_unlock(&shared.lock);
	if (bad)
		pr_warn_ratelimited("%u references were freed twice\n", bad);
}

/* Under the cache's lock. Returns true if waiters have to be checked. */
static bool free_to_cache(struct grant_cache *c, grant_ref_t ref)
{
	lockdep_assert_held(&c->lock);
	if (unlikely(atomic_read(&shared.scarce))) {
		free_to_pool(&ref, 1);
		return true;
	}
	if (unlikely(c->nr == GRANT_CACHE)) {
		free_to_pool(c->ref, GRANT_BATCH);
		c->nr -= GRANT_BATCH;
		memmove(c->ref, c->ref + GRANT_BATCH,
			c->nr * sizeof(*c->ref));
	}
	c->ref[c->nr++] = ref;
	return false;
}

/* Under the cache's lock, with an empty cache. */
static void free_refill(struct grant_cache *c, unsigned int want)
{
	lockdep_assert_held(&c->lock);
	if (likely(!atomic_read(&shared.scarce)))
		want = max_t(unsigned int, want, GRANT_BATCH);
	raw_spin_lock(&shared.lock);
	c->nr = grant_pool_take(&shared.pool, c->ref,
				min_t(unsigned int, want, GRANT_CACHE));
	raw_spin_unlock(&shared.lock);
}

/**
 * grant_free_take() - take references, as far as there are any
 * @head: list; they are put in front of it
 * @want: maximum number of references
 *
 * Return: their number.
 * Context: any.
 */
unsigned int grant_free_take(grant_ref_t *head, unsigned int want)
{
	struct grant_cache *c = raw_cpu_ptr(&grant_caches);
	unsigned int got = 0;
	unsigned long flags;

	/*
	 * If the task moves to another CPU before the lock, that does no harm.
	 */
	raw_spin_lock_irqsave(&c->lock, flags);
	while (got < want) {
		grant_ref_t ref;

		if (!c->nr)
			free_refill(c, want - got);
		if (!c->nr)
			break;
		ref = c->ref[--c->nr];
		*grant_next(ref) = *head;
		*head = ref;
		got++;
	}
	raw_spin_unlock_irqrestore(&c->lock, flags);
	return got;
}

/**
 * grant_free_return() - free a reference
 * @ref: its entry grants no access
 *
 * Return: true if waiters have to be checked.
 * Context: any.
 */
bool grant_free_return(grant_ref_t ref)
{
	struct grant_cache *c = raw_cpu_ptr(&grant_caches);
	unsigned long flags;
	bool wanted;

	raw_spin_lock_irqsave(&c->lock, flags);
	wanted = free_to_cache(c, ref);
	raw_spin_unlock_irqrestore(&c->lock, flags);
	return wanted;
}

/**
 * grant_free_return_list() - free a list of references
 * @head: the list; may be empty
 *
 * Return: true if waiters have to be checked.
 * Context: any.
 */
bool grant_free_return_list(grant_ref_t head)
{
	struct grant_cache *c = raw_cpu_ptr(&grant_caches);
	bool wanted = false;
	unsigned long flags;

	raw_spin_lock_irqsave(&c->lock, flags);
	while (head != GRANT_LIST_END) {
		grant_ref_t ref = head;

		head = *grant_next(ref);
		wanted |= free_to_cache(c, ref);
	}
	raw_spin_unlock_irqrestore(&c->lock, flags);
	return wanted;
}

/**
 * grant_free_add() - add a reference directly to the pool
 * @ref: its entry grants no access
 *
 * The caller runs the waiters after the last one.
 *
 * Context: any.
 */
void grant_free_add(grant_ref_t ref)
{
	unsigned long flags;

	local_irq_save(flags);
	free_to_pool(&ref, 1);
	local_irq_restore(flags);
}

/** grant_free_scarce() - stop caching, until grant_free_plenty() */
void grant_free_scarce(void)
{
	atomic_inc(&shared.scarce);
}

/** grant_free_plenty() - remove one reason not to cache */
void grant_free_plenty(void)
{
	atomic_dec(&shared.scarce);
}

/**
 * grant_free_drain() - move the references that CPUs have cached to the pool
 *
 * Context: any.
 */
void grant_free_drain(void)
{
	unsigned long flags;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct grant_cache *c = per_cpu_ptr(&grant_caches, cpu);

		raw_spin_lock_irqsave(&c->lock, flags);
		free_to_pool(c->ref, c->nr);
		c->nr = 0;
		raw_spin_unlock_irqrestore(&c->lock, flags);
	}
}

/**
 * grant_free_pooled() - number of free references in the pool
 *
 * Return: the number.
 */
unsigned int grant_free_pooled(void)
{
	unsigned long flags;
	unsigned int nr;

	raw_spin_lock_irqsave(&shared.lock, flags);
	nr = shared.pool.free;
	raw_spin_unlock_irqrestore(&shared.lock, flags);
	return nr;
}

/**
 * grant_free_cached() - number of free references in all CPUs' caches
 *
 * Return: the number, which may already be outdated.
 */
unsigned int grant_free_cached(void)
{
	unsigned int nr = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		nr += READ_ONCE(per_cpu_ptr(&grant_caches, cpu)->nr);
	return nr;
}

/**
 * grant_free_twice() - number of references that were freed twice
 *
 * Return: the number.
 */
unsigned int grant_free_twice(void)
{
	return READ_ONCE(shared.twice);
}

/**
 * grant_free_extend() - add references, none of them free
 * @refs: new total number
 */
void grant_free_extend(unsigned int refs)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&shared.lock, flags);
	shared.pool.nr = refs;
	raw_spin_unlock_irqrestore(&shared.lock, flags);
}

/**
 * grant_free_init() - initialise, before the first reference
 * @max_refs: maximum number of references
 *
 * Return: 0 or a negative error.
 */
int grant_free_init(unsigned int max_refs)
{
	int cpu;

	BUILD_BUG_ON(GRANT_BATCH > GRANT_CACHE);
	for_each_possible_cpu(cpu)
		raw_spin_lock_init(&per_cpu_ptr(&grant_caches, cpu)->lock);
	shared.pool.word = kvcalloc(max_refs / GRANT_POOL_WORD, sizeof(u64),
				    GFP_KERNEL);
	return shared.pool.word ? 0 : -ENOMEM;
}

/** grant_free_exit() - free the memory, after the last reference */
void grant_free_exit(void)
{
	kvfree(shared.pool.word);
	shared.pool.word = NULL;
}

/**
 * grant_free_take_run() - take consecutive references from the pool
 * @count: number of references
 * @first: result: the lowest one
 *
 * Return: true if there were so many.
 * Context: any.
 */
bool grant_free_take_run(unsigned int count, grant_ref_t *first)
{
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&shared.lock, flags);
	found = grant_pool_take_run(&shared.pool, count, first);
	raw_spin_unlock_irqrestore(&shared.lock, flags);
	return found;
}
