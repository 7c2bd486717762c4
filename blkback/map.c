// SPDX-License-Identifier: GPL-2.0-only
/*
 * Map the pages of a round of requests with one hypercall, and go on with less
 * when Xen has no room for more mappings.
 *
 * All functions run in the ring's thread.
 */
#include <linux/mm.h>
#include "blkback.h"

/* Time after which a stopping ring gives up waiting for room to map. */
#define BLKBACK_STARVE_LIMIT	(5 * HZ)
/* Interval at which a ring with little room tries more pages at a time. */
#define BLKBACK_ROOM_PERIOD	(HZ / 4)

static void blkback_map_add(struct blkback_ring *ring, grant_ref_t gref,
			    bool read_only, struct blkback_slot slot)
{
	struct blkback_batch *b = &ring->batch;
	struct page *page = ring->spare[--ring->nr_spare];
	u32 flags = GNTMAP_host_map;

	if (read_only)
		flags |= GNTMAP_readonly;
	gnttab_set_map_op(&b->map[b->nr_map], xpv_grant_addr(page), flags,
			  gref, ring->be->domid);
	b->pages[b->nr_map] = page;
	b->slot[b->nr_map] = slot;
	b->nr_map++;
}

/* Decide which segments of a request need a map operation. */
static void blkback_map_prepare(struct blkback_ring *ring,
				struct blkback_req *req)
{
	bool read_only = req->cmd.op != BLKBACK_OP_READ;
	unsigned int i, warm = 0;
	unsigned long now = jiffies;
	bool fresh;

	if (req->copied && ring->be->persistent && !ring->no_tables) {
		/* The frontend will use the page for descriptors again. */
		req->table = blkback_persistent_get(ring, req->cmd.gref,
						    &fresh);
		if (req->table && fresh)
			blkback_map_add(ring, req->cmd.gref, false,
					(struct blkback_slot){
						.pgrant = req->table,
						.table = true });
	}
	for (i = 0; i < req->cmd.nr_segs; i++) {
		const struct blkback_wire_seg *w = &req->wire[i];
		struct blkback_seg *seg = &req->seg[i];

		seg->offset = w->first_sect << SECTOR_SHIFT;
		seg->len = (w->last_sect - w->first_sect + 1) << SECTOR_SHIFT;
		seg->pgrant = blkback_persistent_warm(ring, w->gref, now);
		if (likely(seg->pgrant)) {
			seg->page = seg->pgrant->page;
			warm++;
			continue;
		}
		seg->page = NULL;
		if (ring->be->persistent)
			seg->pgrant = blkback_persistent_get(ring, w->gref,
							     &fresh);
		if (!seg->pgrant) {
			req->mapped++;
			blkback_map_add(ring, w->gref, read_only,
					(struct blkback_slot){ .seg = seg });
			continue;
		}
		seg->page = seg->pgrant->page;
		if (likely(seg->page))
			continue;
		req->fresh = true;
		if (fresh)
			blkback_map_add(ring, w->gref, false,
					(struct blkback_slot){
						.pgrant = seg->pgrant });
	}
	ring->count.persistent_hits += warm;
}

static void blkback_map_refused(struct blkback_ring *ring, unsigned int i)
{
	struct blkback_batch *b = &ring->batch;
	struct gnttab_map_grant_ref *op = &b->map[i];
	struct blkback_slot *slot = &b->slot[i];
	bool space = xpv_grant_is_space(op->status);

	blkback_grant_put_page(ring, b->pages[i]);
	if (slot->pgrant) {
		slot->pgrant->handle = space ? BLKBACK_NO_SPACE : 0;
		blkback_persistent_failed(ring, slot->pgrant);
	} else {
		slot->seg->handle = space ? BLKBACK_NO_SPACE : 0;
	}
	if (space) {
		ring->count.grant_map_no_space++;
		return;		/* a descriptor page, which was copied */
	}
	if (slot->table && slot->pgrant->users == 1) {
		/*
		 * It may be granted read-only; then it continues to be copied.
		 */
		ring->no_tables = true;
		return;
	}
	xpv_violation(&ring->be->violations, BLKBACK_SITE_GRANT, op->ref, 0,
		      "request refused");
}

/* Evaluate one map operation (XSA-361, 362, 365, 371: each one separately). */
static bool blkback_map_result(struct blkback_ring *ring, unsigned int i)
{
	struct blkback_batch *b = &ring->batch;
	struct gnttab_map_grant_ref *op = &b->map[i];
	struct blkback_slot *slot = &b->slot[i];

	if (op->status != GNTST_okay) {
		blkback_map_refused(ring, i);
		return false;
	}
	if (slot->pgrant) {
		slot->pgrant->page = b->pages[i];
		slot->pgrant->handle = op->handle;
	} else {
		slot->seg->page = b->pages[i];
		slot->seg->handle = op->handle;
		ring->mapped++;
	}
	return true;
}

/* Do not wait forever if the ring has to stop. */
static bool blkback_map_may_wait(struct blkback_ring *ring)
{
	return !READ_ONCE(ring->stopping) || !ring->starving ||
	       time_before(jiffies, ring->starved_at + BLKBACK_STARVE_LIMIT);
}

/* A request is mapped if each segment has its page. */
static void blkback_map_resolve(struct blkback_ring *ring,
				struct blkback_req *req)
{
	unsigned int i;

	if (likely(!req->fresh && !req->mapped))
		return;
	for (i = 0; i < req->cmd.nr_segs; i++) {
		struct blkback_seg *seg = &req->seg[i];

		if (seg->pgrant)
			seg->page = seg->pgrant->page;
		if (likely(seg->page))
			continue;
		if ((seg->pgrant ? seg->pgrant->handle : seg->handle) ==
		    BLKBACK_NO_SPACE)
			req->starved = true;
		else
			req->error = -EFAULT;
	}
	if (unlikely(req->starved) &&
	    (req->error || !blkback_map_may_wait(ring))) {
		req->starved = false;
		req->error = req->error ? : -ENOMEM;
	}
}

/**
 * blkback_map_batch() - map what the round's requests need
 * @ring: the ring; blkback_grant_reserve() has reserved the pages
 *
 * A request that is not mapped completely gets an error, and its mappings are
 * released like those of any other request. Or it is marked as starved: then
 * the caller passes it to blkback_map_starve().
 */
void blkback_map_batch(struct blkback_ring *ring)
{
	struct blkback_batch *b = &ring->batch;
	unsigned int i, failed = 0;
	struct blkback_req *req;

	b->nr_map = 0;
	list_for_each_entry(req, &b->reqs, link)
		blkback_map_prepare(ring, req);

	if (b->nr_map) {
		/*
		 * The return value is that of the hypercall as a whole. Each
		 * operation has its own status, which is initialised as failed.
		 */
		gnttab_map_refs(b->map, NULL, b->pages, b->nr_map);
		for (i = 0; i < b->nr_map; i++)
			failed += !blkback_map_result(ring, i);
		ring->count.grant_map_calls++;
		ring->count.grant_map_ops += b->nr_map;
		ring->count.grant_map_failed += failed;
		trace_xpv_grant(dev_name(&ring->be->xdev->dev), XPV_GRANT_MAP,
				b->nr_map, failed);
	}
	list_for_each_entry(req, &b->reqs, link)
		blkback_map_resolve(ring, req);
}

/**
 * blkback_map_starve() - requeue requests that Xen had no room to map
 * @ring: the ring
 * @reqs: in flight and starved, not submitted; empty afterwards
 *
 * Their partial mappings are unmapped, and so are persistent grants that nobody
 * uses now.
 */
void blkback_map_starve(struct blkback_ring *ring, struct list_head *reqs)
{
	struct blkback_req *req;
	unsigned int nr = 0;

	list_for_each_entry(req, reqs, link) {
		if (nr + req->cmd.nr_segs > BLKBACK_BATCH_OPS) {
			blkback_grant_unmap(ring, nr);
			nr = 0;
		}
		nr = blkback_grant_drop(ring, req, nr);
		req->table = NULL;
		req->copied = false;
		req->fresh = false;
		req->starved = false;
		req->mapped = 0;
	}
	blkback_grant_unmap(ring, nr);

	/* From now on, map no more at a time than there is room for. */
	ring->room = max(ring->mapped, 1U);
	ring->next_room = jiffies + BLKBACK_ROOM_PERIOD;
	if (!ring->starving) {
		ring->starving = true;
		ring->starved_at = jiffies;
		pr_info_ratelimited("%s: Xen has no room for more mappings, going on with less\n",
				    ring->name);
	}
	list_splice_tail_init(reqs, &ring->starved);
	blkback_persistent_shed(ring, 0);
	if (!ring->mapped && !ring->nr_persistent)
		blkback_squeeze_all();
}

/**
 * blkback_map_recover() - try to map more at a time, if it was limited
 * @ring: the ring
 */
void blkback_map_recover(struct blkback_ring *ring)
{
	if (likely(ring->room == UINT_MAX) ||
	    time_before(jiffies, ring->next_room))
		return;
	ring->next_room = jiffies + BLKBACK_ROOM_PERIOD;
	ring->room = ring->room < BLKBACK_BATCH_OPS * BLKBACK_BATCH_REQS ?
		     2 * ring->room : UINT_MAX;
}
