// SPDX-License-Identifier: GPL-2.0-only
/*
 * Persistent grants: pages that stay mapped, because the frontend uses the same
 * ones again and again. They are found by reference and evicted by age.
 *
 * A reference that several segments use at a time has one mapping, with a count
 * of users. All functions run in the ring's thread, or after its end.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "blkback.h"

#define BLKBACK_PURGE_PERIOD	(HZ / 10)
/* Interval at which an idle ring is woken to look for old grants. */
#define BLKBACK_AGE_PERIOD	(5 * HZ)

/*
 * Most references of a frontend are close together: a table replaces the
 * search.
 */
static struct blkback_pgrant *blkback_persistent_lookup(struct blkback_ring *ring,
							grant_ref_t gref)
{
	struct blkback_pgrant **slot = &ring->gref_cache[gref % BLKBACK_GREF_CACHE];
	struct blkback_pgrant *p = *slot;

	if (likely(p && p->gref == gref))
		return p;
	p = xa_load(&ring->persistent, gref);
	if (p)
		*slot = p;
	return p;
}

static struct blkback_pgrant *blkback_persistent_add(struct blkback_ring *ring,
						     grant_ref_t gref)
{
	struct blkback_pgrant *p;

	/* While Xen has little room, nothing stays mapped after use. */
	if (ring->room != UINT_MAX)
		return NULL;
	if (ring->nr_persistent >= READ_ONCE(blkback_max_persistent_grants)) {
		ring->overflow = true;
		return NULL;
	}
	p = kzalloc(sizeof(*p), GFP_NOIO | __GFP_NOWARN);
	if (!p)
		return NULL;
	p->gref = gref;
	p->used = jiffies;
	if (xa_err(xa_store(&ring->persistent, gref, p,
			    GFP_NOIO | __GFP_NOWARN))) {
		kfree(p);
		return NULL;
	}
	list_add_tail(&p->lru, &ring->lru);
	ring->nr_persistent++;
	ring->peak_persistent = max(ring->peak_persistent, ring->nr_persistent);
	return p;
}

static void blkback_persistent_remove(struct blkback_ring *ring,
				      struct blkback_pgrant *p)
{
	if (ring->gref_cache[p->gref % BLKBACK_GREF_CACHE] == p)
		ring->gref_cache[p->gref % BLKBACK_GREF_CACHE] = NULL;
	xa_erase(&ring->persistent, p->gref);
	list_del_init(&p->lru);
	ring->nr_persistent--;
}

/* Add a user. Within a short time the order in the list does not matter. */
static void blkback_persistent_touch(struct blkback_ring *ring,
				     struct blkback_pgrant *p)
{
	unsigned long now = jiffies;

	p->users++;
	if (time_before(now, p->used + BLKBACK_TOUCH_PERIOD))
		return;
	p->used = now;
	list_move_tail(&p->lru, &ring->lru);
}

/**
 * blkback_persistent_get() - get a persistent grant, or create one
 * @ring:  the ring
 * @gref:  the frontend's reference
 * @fresh: result: it is not mapped yet, so the caller must map it
 *
 * Return: the grant with one more user, or NULL if there is no room for another
 * one: map it for this request only.
 */
struct blkback_pgrant *blkback_persistent_get(struct blkback_ring *ring,
					      grant_ref_t gref, bool *fresh)
{
	struct blkback_pgrant *p = blkback_persistent_lookup(ring, gref);

	*fresh = !p;
	if (p) {
		ring->count.persistent_hits++;
	} else {
		ring->count.persistent_misses++;
		p = blkback_persistent_add(ring, gref);
		if (!p)
			return NULL;
	}
	blkback_persistent_touch(ring, p);
	return p;
}

/**
 * blkback_persistent_find() - get a persistent grant if it is mapped already
 * @ring: the ring
 * @gref: the frontend's reference
 *
 * Return: the grant with one more user, or NULL.
 */
struct blkback_pgrant *blkback_persistent_find(struct blkback_ring *ring,
					       grant_ref_t gref)
{
	struct blkback_pgrant *p = blkback_persistent_lookup(ring, gref);

	if (!p || !p->page)
		return NULL;
	ring->count.persistent_hits++;
	blkback_persistent_touch(ring, p);
	return p;
}

/**
 * blkback_persistent_failed() - remove a grant that could not be mapped
 * @ring:   the ring
 * @pgrant: the grant; freed with its last user
 */
void blkback_persistent_failed(struct blkback_ring *ring,
			       struct blkback_pgrant *pgrant)
{
	blkback_persistent_remove(ring, pgrant);
}

static unsigned int blkback_persistent_excess(const struct blkback_ring *ring)
{
	unsigned int max = READ_ONCE(blkback_max_persistent_grants);

	if (ring->nr_persistent > max)
		return ring->nr_persistent - max;
	/* Evict some more, so that grants in use can replace idle ones. */
	return ring->overflow ? max / 20 + 1 : 0;
}

/**
 * blkback_persistent_purge() - unmap grants beyond the limit or unused for long
 * @ring: the ring
 */
void blkback_persistent_purge(struct blkback_ring *ring)
{
	unsigned long unused = READ_ONCE(blkback_persistent_unused) * HZ;
	struct blkback_pgrant *p, *next;
	unsigned int excess, nr = 0;

	if (!ring->nr_persistent || time_before(jiffies, ring->next_purge))
		return;
	ring->next_purge = jiffies + BLKBACK_PURGE_PERIOD;
	excess = blkback_persistent_excess(ring);
	ring->overflow = false;

	list_for_each_entry_safe(p, next, &ring->lru, lru) {
		bool old = unused && time_after(jiffies, p->used + unused);

		if (nr == BLKBACK_BATCH_OPS || (!old && nr >= excess))
			break;
		if (p->users || page_count(p->page) > 1)
			continue;
		blkback_persistent_remove(ring, p);
		blkback_grant_add_unmap(ring, nr++, p->page, p->handle);
		kfree(p);
	}
	blkback_grant_unmap(ring, nr);
	ring->count.persistent_purged += nr;
}

/*
 * Remove a grant, to be unmapped in a batch with @nr others. Returns the new
 * number in the batch.
 */
static unsigned int blkback_persistent_drop(struct blkback_ring *ring,
					    struct blkback_pgrant *p,
					    unsigned int nr)
{
	if (nr == BLKBACK_BATCH_OPS) {
		blkback_grant_unmap(ring, nr);
		nr = 0;
	}
	blkback_persistent_remove(ring, p);
	blkback_grant_add_unmap(ring, nr, p->page, p->handle);
	kfree(p);
	return nr + 1;
}

/**
 * blkback_persistent_shed() - unmap unused grants, to make room for others
 * @ring: the ring
 * @age:  minimum time without use, jiffies
 */
void blkback_persistent_shed(struct blkback_ring *ring, unsigned long age)
{
	struct blkback_pgrant *p, *next;
	unsigned int nr = 0, all = 0;

	list_for_each_entry_safe(p, next, &ring->lru, lru) {
		if (time_before(jiffies, p->used + age))
			break;
		if (p->users || page_count(p->page) > 1)
			continue;
		nr = blkback_persistent_drop(ring, p, nr);
		all++;
	}
	blkback_grant_unmap(ring, nr);
	ring->count.persistent_purged += all;
}

/**
 * blkback_persistent_end() - unmap all grants; the thread has ended
 * @ring: the ring
 *
 * Waits until users below the underlying device have released the pages.
 */
void blkback_persistent_end(struct blkback_ring *ring)
{
	struct blkback_pgrant *p, *next;
	unsigned int nr = 0;

	list_for_each_entry_safe(p, next, &ring->lru, lru) {
		WARN_ONCE(p->users, "%s: grant %u has users\n", ring->name,
			  p->gref);
		while (page_count(p->page) > 1)
			msleep(20);
		nr = blkback_persistent_drop(ring, p, nr);
	}
	blkback_grant_unmap(ring, nr);
	xa_destroy(&ring->persistent);
}

/**
 * blkback_persistent_aged() - test whether to look for old grants
 * @ring: the ring; its thread may be asleep
 *
 * Return: true if so.
 * Context: any.
 */
bool blkback_persistent_aged(const struct blkback_ring *ring)
{
	return READ_ONCE(ring->nr_persistent) &&
	       READ_ONCE(blkback_persistent_unused) &&
	       time_after(jiffies, READ_ONCE(ring->next_purge) +
				   BLKBACK_AGE_PERIOD);
}
