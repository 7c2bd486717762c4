// SPDX-License-Identifier: GPL-2.0-only
/* A ring: connect to the frontend's pages and event channel, and leave them. */
#include <linux/sched.h>
#include <linux/slab.h>
#include "blkback.h"

static irqreturn_t blkback_ring_event(int irq, void *cookie)
{
	struct blkback_ring *ring = cookie;

	WRITE_ONCE(ring->events, ring->events + 1);
	WRITE_ONCE(ring->event_cpu, is_idle_task(current) ? smp_processor_id() :
							    -1);
	WRITE_ONCE(ring->fired, true);
	wake_up(&ring->wq);
	return IRQ_HANDLED;
}

/*
 * Start where the previous backend stopped, if there was one: it has answered
 * all requests that it took. With a new ring the index is 0.
 */
static int blkback_ring_attach(struct blkback_ring *ring)
{
	struct xpv_ring *r = &ring->ring;
	bool is_32 = ring->be->abi == BLKBACK_ABI_32;
	u32 nr;

	xpv_ring_attach(r, ring->shared.vaddr, xpv_shared_size(&ring->shared),
			is_32 ? BLKBACK_ENTRY_32 : BLKBACK_ENTRY_64);
	r->prod = xpv_peer_read32(&r->sring->rsp_prod);
	r->pub = r->prod;
	r->cons = r->prod;
	if (xpv_back_pending(r, &nr))
		return 0;
	xpv_violation(&ring->be->violations, BLKBACK_SITE_RING_PROD,
		      r->cons + nr, r->prod + r->size, "connection refused");
	return -EIO;
}

static int blkback_ring_alloc(struct blkback_ring *ring)
{
	unsigned int i;

	ring->batch.wire = (void *)get_zeroed_page(GFP_KERNEL);
	ring->segs = mempool_create_kmalloc_pool(1, BLKBACK_INDIRECT_SEGS *
						 sizeof(struct blkback_seg));
	ring->reqs = kvcalloc(ring->ring.size, sizeof(*ring->reqs), GFP_KERNEL);
	if (!ring->batch.wire || !ring->segs || !ring->reqs)
		return -ENOMEM;
	for (i = 0; i < ring->ring.size; i++) {
		ring->reqs[i].ring = ring;
		list_add_tail(&ring->reqs[i].link, &ring->idle);
	}
	return 0;
}

/**
 * blkback_ring_open() - connect to a frontend's ring
 * @be:    device
 * @index: queue number
 * @refs:  grant references of the ring's pages
 * @port:  the frontend's event channel
 *
 * Return: the ring, without a thread yet, or an ERR_PTR().
 * Context: process.
 */
struct blkback_ring *blkback_ring_open(struct blkback_dev *be,
				       unsigned int index,
				       const struct xpv_refs *refs,
				       evtchn_port_t port)
{
	struct blkback_ring *ring = kvzalloc(sizeof(*ring), GFP_KERNEL);
	int err;

	if (!ring)
		return ERR_PTR(-ENOMEM);
	ring->be = be;
	ring->index = index;
	snprintf(ring->name, sizeof(ring->name), "%s-%u", be->name, index);
	init_waitqueue_head(&ring->wq);
	spin_lock_init(&ring->rsp_lock);
	init_llist_head(&ring->done);
	init_llist_head(&ring->discards);
	INIT_LIST_HEAD(&ring->idle);
	INIT_LIST_HEAD(&ring->lingering);
	INIT_LIST_HEAD(&ring->starved);
	ring->room = UINT_MAX;
	INIT_LIST_HEAD(&ring->lru);
	INIT_WORK(&ring->discard_work, blkback_discard_work);
	xa_init(&ring->persistent);
	gnttab_page_cache_init(&ring->cache);
	ring->next_purge = jiffies;
	ring->next_move = jiffies;
	ring->event_cpu = -1;
	ring->next_log = jiffies + 10 * HZ;

	err = xpv_shared_accept(&ring->shared, be->xdev, refs);
	if (err)
		goto fail;
	err = blkback_ring_attach(ring);
	if (err)
		goto fail;
	err = blkback_ring_alloc(ring);
	if (err)
		goto fail;
	err = xpv_event_accept(&ring->event, be->xdev, port,
			       blkback_ring_event, "blkif-backend", ring);
	if (err)
		goto fail;
	return ring;
fail:
	blkback_ring_close(ring);
	return ERR_PTR(err);
}

/**
 * blkback_ring_close() - release all resources of a ring, and free it
 * @ring: stopped; an RCU grace period has passed since then
 */
void blkback_ring_close(struct blkback_ring *ring)
{
	cancel_work_sync(&ring->discard_work);
	blkback_persistent_end(ring);
	blkback_grant_trim(ring, 0);
	xpv_event_close(&ring->event);
	xpv_shared_close(&ring->shared);
	kvfree(ring->reqs);
	while (ring->nr_spare_segs)
		mempool_free(ring->spare_segs[--ring->nr_spare_segs], ring->segs);
	mempool_destroy(ring->segs);
	free_page((unsigned long)ring->batch.wire);
	kvfree(ring);
}
