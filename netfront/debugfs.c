// SPDX-License-Identifier: GPL-2.0-only
/* /sys/kernel/debug/xen-netfront/<device>/. */
#include <linux/seq_file.h>
#include "netfront.h"

static void netfront_half_show(struct seq_file *s, const char *name,
			       const struct xpv_ring *half, u32 cons)
{
	seq_printf(s, " %s prod %u pub %u cons %u", name, half->prod, half->pub,
		   cons);
	if (half->sring)
		seq_printf(s, " req_prod %u req_event %u rsp_prod %u rsp_event %u",
			   xpv_peer_read32(&half->sring->req_prod),
			   xpv_peer_read32(&half->sring->req_event),
			   xpv_peer_read32(&half->sring->rsp_prod),
			   xpv_peer_read32(&half->sring->rsp_event));
}

static int rings_show(struct seq_file *s, void *unused)
{
	struct netfront_dev *nf = s->private;
	unsigned int i;

	/* Keeps the pages of the rings allocated. */
	mutex_lock(&nf->fsm.act);
	for (i = 0; i < nf->link.nr_queues; i++) {
		struct netfront_queue *q = &nf->queues[i];
		struct netdev_queue *txq = netfront_txq(q);

		seq_printf(s, "%u up %d broken %d stopped %d", i, q->up,
			   q->halted, netif_xmit_stopped(txq));
		netfront_half_show(s, "tx", &q->tx.half, q->txc.half.cons);
		netfront_half_show(s, "rx", &q->rx.half, q->rx.half.cons);
		seq_printf(s, " ports %u %u\n", q->tx_event.port,
			   q->rx_event.port);
	}
	mutex_unlock(&nf->fsm.act);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(rings);

static int grants_show(struct seq_file *s, void *unused)
{
	struct netfront_dev *nf = s->private;
	unsigned int i, slot;

	mutex_lock(&nf->fsm.act);
	for (i = 0; i < nf->link.nr_queues; i++) {
		struct netfront_queue *q = &nf->queues[i];
		unsigned int lent = 0, posted = 0, copy = 0;

		for (slot = 0; slot < NETFRONT_SLOTS; slot++) {
			lent += READ_ONCE(q->sent[slot].lent);
			posted += !!READ_ONCE(q->rx.page[slot]);
			copy += !!READ_ONCE(q->copy[slot]);
		}
		seq_printf(s, "%u lent %u posted %u cells %lu copies %u bounce %d\n",
			   i, lent, posted,
			   q->bounce_pages[0] ? NETFRONT_BOUNCE_PAGES : 0, copy,
			   q->bounce);
	}
	seq_printf(s, "awaiting_backend %d\n", atomic_read(&nf->unrevoked));
	mutex_unlock(&nf->fsm.act);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(grants);

static int features_show(struct seq_file *s, void *unused)
{
	struct netfront_dev *nf = s->private;
	const struct netfront_features *f = &nf->link.features;

	mutex_lock(&nf->fsm.act);
	seq_printf(s, "linked %d\nconnections %u\ncarrier %d\ncarrier_kept %d\nqueues %u\nmax_queues %u\n",
		   netfront_is_linked(nf), nf->links, nf->link.carrier, nf->carrier.kept,
		   nf->link.nr_queues, f->queues);
	seq_printf(s, "trusted %d\nsplit %d\nsg %d\ngso_tcpv4 %d\ngso_tcpv6 %d\n",
		   !nf->link.bounce, f->split, f->sg, f->gso4, f->gso6);
	seq_printf(s, "csum_ipv4 %d\ncsum_ipv6 %d\nmulticast %d\nmulticast_filter %d\nmulticast_addresses %u\n",
		   f->csum4, f->csum6, f->mcast, nf->mcast.on, nf->mcast.nr);
	seq_printf(s, "ctrl_ring %d\nctrl_broken %d\nhash %d\nhash_types %#x\nhash_table %u\n",
		   f->ctrl, nf->ctrl.halted, nf->rss.on, nf->rss.types,
		   nf->rss.size);
	seq_printf(s, "xdp_headroom %u\n", nf->link.headroom);
	mutex_unlock(&nf->fsm.act);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(features);

static int counters_show(struct seq_file *s, void *unused)
{
	netfront_show_counters(s, s->private);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

/**
 * netfront_debug_create() - create a device's files
 * @nf: must remain valid until debugfs_remove() of @nf->debug has returned
 */
void netfront_debug_create(struct netfront_dev *nf)
{
	nf->debug = xpv_debug_device(netfront_debug, &nf->fsm,
				     &nf->violations);
	debugfs_create_file("rings", 0400, nf->debug, nf, &rings_fops);
	debugfs_create_file("grants", 0400, nf->debug, nf, &grants_fops);
	debugfs_create_file("features", 0400, nf->debug, nf, &features_fops);
	debugfs_create_file("counters", 0400, nf->debug, nf, &counters_fops);
}
