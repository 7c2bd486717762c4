// SPDX-License-Identifier: GPL-2.0-only
/* A device's rings, control ring and counters in debugfs. */
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include "netback.h"

static void netback_debugfs_ring(struct seq_file *s, const char *name,
				 const struct xpv_ring *r, unsigned int ref,
				 const struct netback_event *e)
{
	seq_printf(s, "%s: ref %u entries %u cons %u prod %u published %u\n",
		   name, ref, r->size, READ_ONCE(r->cons), READ_ONCE(r->prod),
		   READ_ONCE(r->pub));
	seq_printf(s, "  shared: req_prod %u req_event %u rsp_prod %u rsp_event %u\n",
		   xpv_peer_read32(&r->sring->req_prod),
		   xpv_peer_read32(&r->sring->req_event),
		   xpv_peer_read32(&r->sring->rsp_prod),
		   xpv_peer_read32(&r->sring->rsp_event));
	seq_printf(s, "  event: port %u irq %d events %lu unanswered %#x\n",
		   e->ev.port, e->ev.irq, READ_ONCE(e->fired),
		   atomic_read(&e->owe));
}

/* Under RTNL: the queue of a file, NULL while not connected. */
static struct netback_queue *
netback_debugfs_queue(const struct netback_ring_file *f)
{
	struct netback_queues *qs = rtnl_dereference(f->be->queues);

	return qs && f->index < qs->nr ? qs->q[f->index] : NULL;
}

static void netback_debugfs_state(struct seq_file *s, struct netback_queue *q)
{
	struct netback_zc *zc = q->zc;

	netback_debugfs_ring(s, "TX", &q->tx, q->tx_shared.refs.ref[0],
			     q->tx_event);
	seq_printf(s, "  NAPI state %#lx throttled %u mapped %u lost_pages %u copy_next %u static_grants %u\n",
		   READ_ONCE(q->tx_napi.state), READ_ONCE(q->throttled),
		   READ_ONCE(zc->busy), READ_ONCE(zc->lost),
		   READ_ONCE(zc->hold), READ_ONCE(q->nr_statics));
	netback_debugfs_ring(s, "RX", &q->rx, q->rx_shared.refs.ref[0],
			     q->rx_event);
	seq_printf(s, "  NAPI state %#lx queued_bytes %u waiting %u stalled %u stopped %u\n",
		   READ_ONCE(q->rx_napi.state), READ_ONCE(q->in_bytes),
		   READ_ONCE(q->waiting), READ_ONCE(q->stalled),
		   netif_tx_queue_stopped(netdev_get_tx_queue(q->be->net,
							      q->index)));
	seq_printf(s, "credit: bytes %llu usecs %llu tokens %lld\n",
		   READ_ONCE(q->be->limit.bucket.bytes),
		   READ_ONCE(q->be->limit.bucket.usecs),
		   READ_ONCE(q->be->limit.bucket.tokens));
}

static int io_ring_show(struct seq_file *s, void *unused)
{
	struct netback_ring_file *f = s->private;
	struct netback_queue *q;
	u64 val[NETBACK_STATS];
	unsigned int i;

	rtnl_lock();
	q = netback_debugfs_queue(f);
	seq_printf(s, "Queue %u%s%s\n", f->index, q ? "" : " not connected",
		   READ_ONCE(f->be->disabled) ? " disabled" : "");
	if (q)
		netback_debugfs_state(s, q);
	rtnl_unlock();
	netback_stats_read(&f->be->stats[f->index], val);
	for (i = 0; i < NETBACK_STATS; i++)
		seq_printf(s, "%s %llu\n", netback_stat_names[i], val[i]);
	return 0;
}

static int io_ring_open(struct inode *inode, struct file *file)
{
	return single_open(file, io_ring_show, inode->i_private);
}

/* "kick": check the rings as if an event had come. */
static ssize_t io_ring_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *pos)
{
	struct netback_ring_file *f = file_inode(file)->i_private;
	struct netback_queue *q;
	char text[16];
	ssize_t len;

	len = simple_write_to_buffer(text, sizeof(text) - 1, pos, buf, count);
	if (len < 0)
		return len;
	text[len] = '\0';
	if (!sysfs_streq(text, "kick"))
		return -EINVAL;
	rtnl_lock();
	q = netback_debugfs_queue(f);
	if (q && f->be->up)
		netback_queue_kick(q);
	rtnl_unlock();
	return count;
}

static const struct file_operations io_ring_fops = {
	.owner = THIS_MODULE,
	.open = io_ring_open,
	.read = seq_read,
	.write = io_ring_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int ctrl_show(struct seq_file *s, void *unused)
{
	struct netback_dev *be = s->private;
	const struct netback_hash *h = &be->ctrl.state;
	unsigned int i;

	seq_printf(s, "messages %llu refused %llu stopped %u\n",
		   READ_ONCE(be->ctrl.requests), READ_ONCE(be->ctrl.refused),
		   READ_ONCE(be->ctrl.stopped));
	seq_printf(s, "algorithm %u flags %#x mapping %u\n", READ_ONCE(h->alg),
		   READ_ONCE(h->flags), READ_ONCE(h->nr_map));
	seq_printf(s, "key %*phN\n", NETBACK_HASH_KEY, h->key);
	for (i = 0; i < min_t(u32, READ_ONCE(h->nr_map), NETBACK_HASH_MAPPING);
	     i++)
		seq_printf(s, "%s%u%s", i % 16 ? " " : "", h->map[i],
			   i % 16 == 15 ? "\n" : "");
	if (i % 16)
		seq_putc(s, '\n');
	seq_printf(s, "multicast filter %u addresses %u\n",
		   READ_ONCE(be->link.filter), READ_ONCE(be->nr_mcast));
	seq_printf(s, "xdp headroom %u guest mac %pM\n",
		   READ_ONCE(be->link.xdp_headroom), be->mac);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ctrl);

/**
 * netback_debugfs_add() - create a device's directory, named like its interface
 * @be: device; the caller ends it with debugfs_remove(@be->debug)
 */
void netback_debugfs_add(struct netback_dev *be)
{
	char name[32];
	unsigned int i;

	snprintf(name, sizeof(name), "vif%u.%u", be->domid, be->handle);
	be->debug = xpv_debug_named(netback_debug_root, name, &be->fsm,
				    &be->violations);
	debugfs_create_file("ctrl", 0400, be->debug, be, &ctrl_fops);
	for (i = 0; i < be->max_queues; i++) {
		snprintf(name, sizeof(name), "io_ring_q%u", i);
		debugfs_create_file(name, 0600, be->debug, &be->rings[i],
				    &io_ring_fops);
	}
}
