/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages of a ring, mappings of a round, persistent grants. */
#ifndef BLKBACK_GRANT_H
#define BLKBACK_GRANT_H

#include <linux/jiffies.h>
#include <linux/slab.h>
#include "ring.h"

/* Precision of a persistent grant's age. */
#define BLKBACK_TOUCH_PERIOD	(HZ / 4)

/* map.c */
void blkback_map_batch(struct blkback_ring *ring);
void blkback_map_starve(struct blkback_ring *ring, struct list_head *reqs);
void blkback_map_recover(struct blkback_ring *ring);

/* grant.c */
bool blkback_grant_reserve(struct blkback_ring *ring, unsigned int nr);
void blkback_grant_trim(struct blkback_ring *ring, unsigned int keep);
void blkback_grant_put_page(struct blkback_ring *ring, struct page *page);
void blkback_grant_copy_wire(struct blkback_ring *ring);
void blkback_grant_add_unmap(struct blkback_ring *ring, unsigned int nr,
			     struct page *page, grant_handle_t handle);
void blkback_grant_unmap(struct blkback_ring *ring, unsigned int nr);
unsigned int blkback_grant_drop(struct blkback_ring *ring,
				struct blkback_req *req, unsigned int nr);

/* persistent.c */
struct blkback_pgrant *blkback_persistent_get(struct blkback_ring *ring,
					      grant_ref_t gref, bool *fresh);
struct blkback_pgrant *blkback_persistent_find(struct blkback_ring *ring,
					       grant_ref_t gref);
void blkback_persistent_failed(struct blkback_ring *ring,
			       struct blkback_pgrant *pgrant);
void blkback_persistent_purge(struct blkback_ring *ring);
void blkback_persistent_shed(struct blkback_ring *ring, unsigned long age);
void blkback_persistent_end(struct blkback_ring *ring);
bool blkback_persistent_aged(const struct blkback_ring *ring);

/**
 * blkback_persistent_warm() - fast path of blkback_persistent_get()
 * @ring: the ring
 * @gref: the frontend's reference
 * @now:  jiffies
 *
 * Return: the grant with one more user; NULL if it is not in the lookup table,
 * is not mapped, or its age has to be updated.
 */
static inline struct blkback_pgrant *
blkback_persistent_warm(struct blkback_ring *ring, grant_ref_t gref,
			unsigned long now)
{
	struct blkback_pgrant *p = ring->gref_cache[gref % BLKBACK_GREF_CACHE];

	if (unlikely(!p || p->gref != gref || !p->page ||
		     time_after_eq(now, p->used + BLKBACK_TOUCH_PERIOD)))
		return NULL;
	p->users++;
	return p;
}

/**
 * blkback_persistent_put() - a segment does not use a grant any more
 * @pgrant: the grant
 */
static inline void blkback_persistent_put(struct blkback_pgrant *pgrant)
{
	if (!--pgrant->users && !pgrant->page)
		kfree(pgrant);
}

#endif
