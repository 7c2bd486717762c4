// SPDX-License-Identifier: GPL-2.0-only
/* A device's rings, grants and counters in debugfs. */
#include <linux/seq_file.h>
#include "blkback.h"

static void rings_show_one(struct seq_file *s, struct blkback_ring *ring)
{
	const struct xpv_ring *r = &ring->ring;

	seq_printf(s, "queue %u pages %u size %u cons %u prod %u published %u",
		   ring->index, ring->shared.refs.nr, r->size,
		   READ_ONCE(r->cons), READ_ONCE(r->prod), READ_ONCE(r->pub));
	seq_printf(s, " req_prod %u req_event %u rsp_prod %u rsp_event %u",
		   xpv_peer_read32(&r->sring->req_prod),
		   xpv_peer_read32(&r->sring->req_event),
		   xpv_peer_read32(&r->sring->rsp_prod),
		   xpv_peer_read32(&r->sring->rsp_event));
	seq_printf(s, " inflight %u held %u halted %u barrier %u owe_eoi %u port %u irq %d\n",
		   READ_ONCE(ring->inflight), !!READ_ONCE(ring->waiting),
		   READ_ONCE(ring->halted), !!READ_ONCE(ring->barrier),
		   READ_ONCE(ring->owe_eoi), ring->event.port,
		   ring->event.irq);
}

static int rings_show(struct seq_file *s, void *unused)
{
	struct blkback_dev *be = s->private;
	unsigned int i;

	mutex_lock(&be->rings_lock);
	for (i = 0; i < be->nr_rings; i++)
		rings_show_one(s, be->rings[i]);
	mutex_unlock(&be->rings_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(rings);

static int grants_show(struct seq_file *s, void *unused)
{
	struct blkback_dev *be = s->private;
	unsigned int i;

	mutex_lock(&be->rings_lock);
	for (i = 0; i < be->nr_rings; i++) {
		struct blkback_ring *ring = be->rings[i];

		seq_printf(s, "queue %u mapped %u persistent %u peak %u max %u free_pages %u lost_pages %llu\n",
			   i, READ_ONCE(ring->mapped),
			   READ_ONCE(ring->nr_persistent),
			   READ_ONCE(ring->peak_persistent),
			   READ_ONCE(blkback_max_persistent_grants),
			   READ_ONCE(ring->nr_spare) +
			   READ_ONCE(ring->cache.num_pages),
			   READ_ONCE(ring->count.grant_unmap_failed));
	}
	mutex_unlock(&be->rings_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(grants);

static int counters_show(struct seq_file *s, void *unused)
{
	struct blkback_counters sum;
	unsigned int i;
	u64 events;

	blkback_stats_sum(s->private, &sum, &events);
	seq_printf(s, "events %llu\n", events);
	for (i = 0; i < blkback_nr_counters; i++)
		seq_printf(s, "%s %llu\n", blkback_counter_table[i].name,
			   blkback_stats_get(&sum, i));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

/**
 * blkback_debugfs_add() - create a device's directory
 * @be: device; the caller ends it with debugfs_remove(@be->debug)
 */
void blkback_debugfs_add(struct blkback_dev *be)
{
	be->debug = xpv_debug_device(blkback_debug_root, &be->fsm,
				     &be->violations);
	debugfs_create_file("rings", 0400, be->debug, be, &rings_fops);
	debugfs_create_file("grants", 0400, be->debug, be, &grants_fops);
	debugfs_create_file("counters", 0400, be->debug, be, &counters_fops);
}
