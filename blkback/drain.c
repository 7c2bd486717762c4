// SPDX-License-Identifier: GPL-2.0-only
/*
 * Barriers: all requests of all rings that were taken before are completed,
 * then the barrier runs alone, then the other requests continue.
 *
 * A ring with a barrier becomes the owner. While there is an owner, no ring
 * takes a request; so the requests in flight run out, and the last one of each
 * ring wakes the owner. Either a ring counts its request before it sees no
 * owner, or the owner sees that count: the memory barriers in enter and barrier
 * are a pair.
 */
#include "blkback.h"

static void blkback_drain_count(struct blkback_ring *ring, int delta)
{
	/* Only the ring's own thread writes it; other threads read it. */
	WRITE_ONCE(ring->inflight, ring->inflight + delta);
	smp_mb();	/* count before reading the owner */
}

/**
 * blkback_drain_enter() - count a request as in flight
 * @ring: the caller's ring
 *
 * Return: false if there is a barrier: wait to be kicked.
 */
bool blkback_drain_enter(struct blkback_ring *ring)
{
	blkback_drain_count(ring, 1);
	if (likely(!READ_ONCE(ring->be->drain.owner)))
		return true;
	blkback_drain_leave(ring);
	return false;
}

/**
 * blkback_drain_leave() - a request is not in flight any more
 * @ring: the caller's ring
 */
void blkback_drain_leave(struct blkback_ring *ring)
{
	struct blkback_ring *owner;

	blkback_drain_count(ring, -1);
	owner = READ_ONCE(ring->be->drain.owner);
	if (unlikely(owner && owner != ring && !ring->inflight))
		blkback_ring_kick(owner);
}

/**
 * blkback_drain_barrier() - try to start a barrier
 * @ring: the caller's ring
 * @req:  the barrier
 *
 * Return: true if it runs alone and was counted as in flight; false if it has
 * to be tried again after a kick.
 */
bool blkback_drain_barrier(struct blkback_ring *ring, struct blkback_req *req)
{
	struct blkback_drain *drain = &ring->be->drain;
	struct blkback_dev *be = ring->be;
	unsigned int i;
	bool mine;

	spin_lock(&drain->lock);
	if (!drain->owner)
		WRITE_ONCE(drain->owner, ring);
	mine = drain->owner == ring;
	spin_unlock(&drain->lock);
	if (!mine)
		return false;

	ring->barrier = req;
	smp_mb();	/* set the owner before reading the counts */
	for (i = 0; i < be->nr_rings; i++) {
		if (READ_ONCE(be->rings[i]->inflight))
			return false;
	}
	blkback_drain_count(ring, 1);
	return true;
}

/**
 * blkback_drain_release() - the barrier has completed
 * @ring: the caller's ring, which is the owner
 */
void blkback_drain_release(struct blkback_ring *ring)
{
	struct blkback_dev *be = ring->be;
	unsigned int i;

	ring->barrier = NULL;
	spin_lock(&be->drain.lock);
	WRITE_ONCE(be->drain.owner, NULL);
	spin_unlock(&be->drain.lock);
	for (i = 0; i < be->nr_rings; i++)
		blkback_ring_kick(be->rings[i]);
}
