// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bufs and references that a ring does not need any more: those of a ring that
 * is given up, and those that were not used for long.
 *
 * A buf that an earlier backend may still have mapped stays with the device
 * until its grant is revoked.
 */
#include <linux/slab.h>
#include <xenpv/grant.h>
#include "blkfront.h"

#define BLKFRONT_PURGE_AGE	(10 * HZ)
#define BLKFRONT_PURGE_BATCH	64	/* bufs checked per hold of the lock */

static void blkfront_buf_free(struct blkfront_buf *buf)
{
	__free_page(buf->page);
	kfree(buf);
}

/* Move the ring's unrevoked bufs to those of the device. */
static void blkfront_grant_keep_unrevoked(struct blkfront_ring *ring)
{
	lockdep_assert_held(&ring->bf->fsm.act);
	spin_lock_irq(&ring->lock);
	list_splice_init(&ring->unrevoked, &ring->bf->unrevoked);
	spin_unlock_irq(&ring->lock);
}

/**
 * blkfront_grant_teardown() - free the grants and bufs of a ring
 * @ring: not up, no request holds any of them
 *
 * Bufs that the backend may have mapped become unrevoked pages of the device,
 * because the backend only unmaps them when it sees that we are closed.
 *
 * Context: process, under fsm.act.
 */
void blkfront_grant_teardown(struct blkfront_ring *ring)
{
	struct blkfront_buf *buf, *next;

	lockdep_assert_held(&ring->bf->fsm.act);
	blkfront_grant_keep_unrevoked(ring);
	list_for_each_entry_safe(buf, next, &ring->pool, free) {
		list_del(&buf->free);
		if (buf->ref == INVALID_GRANT_REF) {
			blkfront_buf_free(buf);
		} else {
			list_add(&buf->free, &ring->bf->unrevoked);
			ring->bf->nr_latest++;
		}
	}
	ring->nr_bufs = 0;
	ring->nr_free = 0;
	while (ring->nr_refs)
		gnttab_free_grant_reference(ring->refs[--ring->nr_refs]);
	kvfree(ring->refs);
	ring->refs = NULL;
	ring->max_refs = 0;
}

/**
 * blkfront_grant_free_unrevoked() - free the unrevoked bufs of an earlier connection
 * @bf:    device
 * @force: leave bufs that are still mapped to the grant table code
 *
 * Return: number of bufs that the backend still maps.
 * Context: process, under fsm.act.
 */
unsigned int blkfront_grant_free_unrevoked(struct blkfront_dev *bf, bool force)
{
	struct blkfront_buf *buf, *next;
	unsigned int nr = 0, unrevoked = 0;

	lockdep_assert_held(&bf->fsm.act);
	list_for_each_entry_safe(buf, next, &bf->unrevoked, free) {
		nr++;
		if (gnttab_try_end_foreign_access(buf->ref)) {
			list_del(&buf->free);
			blkfront_buf_free(buf);
			continue;
		}
		unrevoked++;
		if (!force)
			continue;
		list_del(&buf->free);
		gnttab_end_foreign_access(buf->ref, buf->page);
		kfree(buf);
	}
	if (!nr)
		return 0;
	trace_xpv_grant(dev_name(&bf->dev->dev), XPV_GRANT_END, nr, unrevoked);
	spin_lock_irq(&bf->rings[0].lock);
	bf->rings[0].count[BLKFRONT_grants_revoked] += nr - unrevoked;
	if (force)
		bf->rings[0].count[BLKFRONT_grants_deferred] += unrevoked;
	spin_unlock_irq(&bf->rings[0].lock);
	return unrevoked;
}

/**
 * blkfront_grant_spare() - count the free bufs beyond a ring's reserve
 * @ring: any
 *
 * Each attempt to free a buf that the backend keeps mapped costs this buf. So
 * there are none to spare for a second after such an attempt.
 *
 * Return: the number.
 */
unsigned int blkfront_grant_spare(struct blkfront_ring *ring)
{
	unsigned int nr = 0;

	spin_lock_irq(&ring->lock);
	if (ring->up && ring->nr_bufs > ring->reserve &&
	    (!ring->shrink_failed || time_after(jiffies, ring->shrink_failed + HZ)))
		nr = min(ring->nr_free, ring->nr_bufs - ring->reserve);
	spin_unlock_irq(&ring->lock);
	return nr;
}

/**
 * blkfront_grant_shrink() - take free bufs out of a ring's pool
 * @ring: any
 * @age:  minimum time, in jiffies, for which they were not used
 * @most: maximum number of bufs
 * @bufs: list that gets them, for blkfront_grant_free()
 *
 * A grant may be dead even if the backend still maps the page: version 2 of the
 * grant table first revokes the access and then tests for mappings. So such a
 * buf is not used any more. The loop stops at the first one, because it shows
 * that the backend keeps its mappings.
 *
 * Return: number of bufs taken.
 * Context: process.
 */
unsigned int blkfront_grant_shrink(struct blkfront_ring *ring,
				   unsigned long age, unsigned int most,
				   struct list_head *bufs)
{
	unsigned int looked = 0, ended = 0, nr = 0;
	struct blkfront_buf *buf, *prev;
	bool unrevoked = false;

	spin_lock_irq(&ring->lock);
	list_for_each_entry_safe_reverse(buf, prev, &ring->pool, free) {
		if (!ring->up || ring->nr_bufs <= ring->reserve ||
		    nr == most || ++looked > BLKFRONT_PURGE_BATCH ||
		    time_is_after_jiffies(buf->used + age))
			break;
		if (buf->ref != INVALID_GRANT_REF) {
			if (unrevoked)
				continue;
			/*
			 * gnttab_end_foreign_access() would log each one that
			 * is still mapped.
			 */
			unrevoked = !gnttab_try_end_foreign_access(buf->ref);
			if (unrevoked) {
				list_move(&buf->free, &ring->unrevoked);
				ring->shrink_failed = jiffies | 1;
				ring->nr_free--;
				ring->nr_bufs--;
				continue;
			}
			ended++;
		}
		list_move(&buf->free, bufs);
		ring->nr_free--;
		ring->nr_bufs--;
		nr++;
	}
	ring->count[BLKFRONT_grants_revoked] += ended;
	spin_unlock_irq(&ring->lock);
	return nr;
}

/**
 * blkfront_grant_free() - free the bufs of blkfront_grant_shrink()
 * @bufs: list, empty afterwards
 */
void blkfront_grant_free(struct list_head *bufs)
{
	struct blkfront_buf *buf, *next;

	list_for_each_entry_safe(buf, next, bufs, free) {
		list_del(&buf->free);
		blkfront_buf_free(buf);
	}
}

/**
 * blkfront_grant_relax() - release references that a ring does not need
 * @ring: any
 */
void blkfront_grant_relax(struct blkfront_ring *ring)
{
	spin_lock_irq(&ring->lock);
	while (ring->up && ring->nr_refs > ring->need)
		gnttab_free_grant_reference(ring->refs[--ring->nr_refs]);
	spin_unlock_irq(&ring->lock);
}

/**
 * blkfront_grant_purge() - free bufs that were not used for a long time
 * @work: purge of a device; runs as long as it is connected
 */
void blkfront_grant_purge(struct work_struct *work)
{
	struct blkfront_dev *bf = container_of(to_delayed_work(work),
					       struct blkfront_dev, purge);
	LIST_HEAD(bufs);
	unsigned int i;

	for (i = 0; i < bf->link.nr_rings; i++)
		blkfront_grant_shrink(&bf->rings[i], BLKFRONT_PURGE_AGE,
				      UINT_MAX, &bufs);
	blkfront_grant_free(&bufs);
	/* Do not wait for the lock: its holder may be waiting for this work. */
	if (mutex_trylock(&bf->fsm.act)) {
		for (i = 0; i < bf->link.nr_rings; i++)
			blkfront_grant_keep_unrevoked(&bf->rings[i]);
		blkfront_grant_free_unrevoked(bf, false);
		mutex_unlock(&bf->fsm.act);
	}
	queue_delayed_work(blkfront_wq, &bf->purge, BLKFRONT_PURGE_AGE);
}
