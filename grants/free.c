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

#include <linux/export.h>
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

/* Put up to @want references in front of a list. Returns their number. */
static unsigned int free_get(grant_ref_t *head, unsigned int want)
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
 * grant_free_get() - take references; grows the table if necessary
 * @count: number of references
 * @head:  result: list of them
 *
 * Return: 0, or -ENOSPC if there are not enough on all CPUs and the table is
 * full.
 * Context: any.
 */
int grant_free_get(unsigned int count, grant_ref_t *head)
{
	unsigned int got;
	int err = 0;

	*head = GRANT_LIST_END;
	got = free_get(head, count);
	if (likely(got == count))
		return 0;

	/*
	 * Terminates: each round but the last adds a frame, and their number is
	 * limited.
	 */
	grant_free_scarce();
	while (got < count && !err) {
		err = grant_table_grow(count - got);
		if (err)
			grant_free_drain();
		got += free_get(head, count - got);
	}
	grant_free_plenty();
	if (got == count)
		return 0;
	gnttab_free_grant_references(*head);
	*head = GRANT_LIST_END;
	return -ENOSPC;
}

/**
 * grant_free_put() - free a reference
 * @ref: its entry grants no access
 *
 * Context: any.
 */
void grant_free_put(grant_ref_t ref)
{
	struct grant_cache *c = raw_cpu_ptr(&grant_caches);
	unsigned long flags;
	bool wanted;

	raw_spin_lock_irqsave(&c->lock, flags);
	wanted = free_to_cache(c, ref);
	raw_spin_unlock_irqrestore(&c->lock, flags);
	if (unlikely(wanted))
		grant_waiters_run();
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
 * gnttab_alloc_grant_references() - reserve references
 * @count: number of references
 * @head:  result: a private list of them
 *
 * Return: 0, or -ENOSPC and an empty list.
 * Context: any.
 */
int gnttab_alloc_grant_references(u16 count, grant_ref_t *head)
{
	return grant_free_get(count, head);
}
EXPORT_SYMBOL_GPL(gnttab_alloc_grant_references);

static bool free_take_run(unsigned int count, grant_ref_t *first)
{
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&shared.lock, flags);
	found = grant_pool_take_run(&shared.pool, count, first);
	raw_spin_unlock_irqrestore(&shared.lock, flags);
	return found;
}

/**
 * gnttab_alloc_grant_reference_seq() - reserve consecutive references
 * @count: number of references
 * @first: result: the lowest one
 *
 * Return: 0, -EINVAL if @count is 0, or -ENOSPC.
 * Context: any.
 */
int gnttab_alloc_grant_reference_seq(unsigned int count, grant_ref_t *first)
{
	bool found;

	if (!count)
		return -EINVAL;
	if (free_take_run(count, first))
		return 0;
	grant_free_scarce();
	grant_free_drain();
	do {
		found = free_take_run(count, first);
	} while (!found && !grant_table_grow(count));
	grant_free_plenty();
	return found ? 0 : -ENOSPC;
}
EXPORT_SYMBOL_GPL(gnttab_alloc_grant_reference_seq);

/**
 * gnttab_free_grant_reference() - free a reference
 * @ref: its access has been ended
 *
 * Context: any.
 */
void gnttab_free_grant_reference(grant_ref_t ref)
{
	grant_free_put(ref);
}
EXPORT_SYMBOL_GPL(gnttab_free_grant_reference);

/**
 * gnttab_free_grant_references() - free a private list
 * @head: the list; may be empty
 *
 * Context: any.
 */
void gnttab_free_grant_references(grant_ref_t head)
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
	if (wanted)
		grant_waiters_run();
}
EXPORT_SYMBOL_GPL(gnttab_free_grant_references);

/**
 * gnttab_free_grant_reference_seq() - free consecutive references
 * @head:  the lowest one
 * @count: number of references
 *
 * Context: any.
 */
void gnttab_free_grant_reference_seq(grant_ref_t head, unsigned int count)
{
	unsigned int i;

	/* The caches would split the consecutive references. */
	for (i = 0; i < count; i++)
		grant_free_add(head + i);
	grant_waiters_run();
}
EXPORT_SYMBOL_GPL(gnttab_free_grant_reference_seq);

/**
 * gnttab_empty_grant_references() - test whether a private list is empty
 * @head: the list
 *
 * Return: 1 if it is empty.
 */
int gnttab_empty_grant_references(const grant_ref_t *head)
{
	return *head == GRANT_LIST_END;
}
EXPORT_SYMBOL_GPL(gnttab_empty_grant_references);

/**
 * gnttab_claim_grant_reference() - take a reference from a private list
 * @head: the list; the caller serialises its use
 *
 * Return: a reference, or -ENOSPC if the list is empty.
 */
int gnttab_claim_grant_reference(grant_ref_t *head)
{
	grant_ref_t ref = *head;

	if (unlikely(ref == GRANT_LIST_END))
		return -ENOSPC;
	*head = *grant_next(ref);
	return ref;
}
EXPORT_SYMBOL_GPL(gnttab_claim_grant_reference);

/**
 * gnttab_release_grant_reference() - return a reference to a private list
 * @head:    the list
 * @release: a reference whose access has been ended
 */
void gnttab_release_grant_reference(grant_ref_t *head, grant_ref_t release)
{
	*grant_next(release) = *head;
	*head = release;
}
EXPORT_SYMBOL_GPL(gnttab_release_grant_reference);
