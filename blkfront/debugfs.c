// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/xen-blkfront/<device>/ and the requests in blk-mq's
 * debugfs.
 */
#include <linux/seq_file.h>
#include "blkfront.h"

static void blkfront_ring_show(struct seq_file *s, struct blkfront_ring *ring)
{
	struct xpv_ring *half = &ring->half;

	seq_printf(s, "%u up %d broken %d size %u prod %u pub %u cons %u claimed %u inflight %u",
		   ring->index, ring->up, ring->halted, half->size, half->prod,
		   half->pub, half->cons, ring->claimed,
		   half->prod - half->cons);
	if (half->sring)
		seq_printf(s, " req_prod %u req_event %u rsp_prod %u rsp_event %u",
			   xpv_peer_read32(&half->sring->req_prod),
			   xpv_peer_read32(&half->sring->req_event),
			   xpv_peer_read32(&half->sring->rsp_prod),
			   xpv_peer_read32(&half->sring->rsp_event));
	seq_printf(s, " port %u events %llu\n", ring->event.port,
		   ring->count[BLKFRONT_events]);
}

static int rings_show(struct seq_file *s, void *unused)
{
	struct blkfront_dev *bf = s->private;
	unsigned int i;

	/* Keeps the pages of the rings allocated. */
	mutex_lock(&bf->fsm.act);
	for (i = 0; i < bf->link.nr_rings; i++) {
		spin_lock_irq(&bf->rings[i].lock);
		blkfront_ring_show(s, &bf->rings[i]);
		spin_unlock_irq(&bf->rings[i].lock);
	}
	mutex_unlock(&bf->fsm.act);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(rings);

static int grants_show(struct seq_file *s, void *unused)
{
	struct blkfront_dev *bf = s->private;
	unsigned int i;

	mutex_lock(&bf->fsm.act);
	for (i = 0; i < bf->link.nr_rings; i++) {
		struct blkfront_ring *ring = &bf->rings[i];

		spin_lock_irq(&ring->lock);
		seq_printf(s, "%u pages_in_use %u pages_free %u pages_peak %u refs_free %u persistent %d bounce %d deferred %llu\n",
			   i, ring->nr_bufs - ring->nr_free, ring->nr_free,
			   ring->peak, ring->nr_refs, bf->link.persistent,
			   bf->link.bounce, ring->count[BLKFRONT_grants_deferred]);
		spin_unlock_irq(&ring->lock);
	}
	seq_printf(s, "awaiting_backend %zu\n", list_count_nodes(&bf->unrevoked));
	mutex_unlock(&bf->fsm.act);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(grants);

static int counters_show(struct seq_file *s, void *unused)
{
	static const char *const names[] = {
#define X(name)	#name,
		BLKFRONT_COUNTERS(X)
#undef X
	};
	struct blkfront_dev *bf = s->private;
	u64 sum[BLKFRONT_NR_COUNTERS] = {};
	unsigned int i, c;

	for (i = 0; i < bf->max_rings; i++) {
		spin_lock_irq(&bf->rings[i].lock);
		for (c = 0; c < BLKFRONT_NR_COUNTERS; c++)
			sum[c] += bf->rings[i].count[c];
		spin_unlock_irq(&bf->rings[i].lock);
	}
	for (c = 0; c < BLKFRONT_NR_COUNTERS; c++)
		seq_printf(s, "%s %llu\n", names[c], sum[c]);
	mutex_lock(&bf->fsm.act);
	seq_printf(s, "outages %llu\noutages_failed %llu\n", bf->outages,
		   bf->outages_failed);
	seq_printf(s, "longest_outage_ms %llu\n", bf->longest_outage_ms);
	seq_printf(s, "fenced %llu\ndropped %llu\n", bf->fenced_total,
		   bf->dropped);
	mutex_unlock(&bf->fsm.act);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

/**
 * blkfront_debug_create() - create a device's files
 * @bf: must remain valid until debugfs_remove() of @bf->debug has returned
 */
void blkfront_debug_create(struct blkfront_dev *bf)
{
	bf->debug = xpv_debug_device(blkfront_debug, &bf->fsm,
				     &bf->violations);
	debugfs_create_file("rings", 0400, bf->debug, bf, &rings_fops);
	debugfs_create_file("grants", 0400, bf->debug, bf, &grants_fops);
	debugfs_create_file("counters", 0400, bf->debug, bf, &counters_fops);
}

/**
 * blkfront_show_rq() - print a request for blk-mq's debugfs
 * @s:  seq_file to print to
 * @rq: may be completed meanwhile: this is a snapshot without locks
 */
void blkfront_show_rq(struct seq_file *s, struct request *rq)
{
	struct blkfront_dev *bf = rq->q->queuedata;
	int tag = READ_ONCE(rq->tag);
	struct blkfront_shadow *sh;
	struct blkfront_ring *ring;
	struct blkfront_seg *segs;
	unsigned int i, nr;

	if (tag < 0 || tag >= bf->depth)
		return;
	sh = &bf->queues[rq->mq_hctx->queue_num].shadow[tag];
	ring = READ_ONCE(sh->ring);
	if (READ_ONCE(sh->rq) != rq || !ring)
		return;
	seq_printf(s, ", .ring=%u, .id=%#llx, .state=%s, .indirect=%u, .refs=",
		   ring->index,
		   blkfront_parse_make_id(rq->mq_hctx->queue_num, tag),
		   sh->on_ring ? "on-ring" : "off-ring", sh->nr_ind);
	/* blkfront_shadows_fit() waits for this before it frees the memory. */
	rcu_read_lock();
	segs = READ_ONCE(sh->segs);
	nr = min_t(unsigned int, READ_ONCE(sh->nr_segs),
		   READ_ONCE(bf->max_segs));
	for (i = 0; segs && i < nr; i++)
		seq_printf(s, "%s%u", i ? "," : "", READ_ONCE(segs[i].ref));
	rcu_read_unlock();
}
