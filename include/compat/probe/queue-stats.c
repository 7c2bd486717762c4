// SPDX-License-Identifier: GPL-2.0-only
/* 6.9: statistics of each queue. */
#include <net/netdev_queues.h>

void probe(struct net_device *netdev, const struct netdev_stat_ops *ops,
	   struct netdev_queue_stats_tx *tx);
void probe(struct net_device *netdev, const struct netdev_stat_ops *ops,
	   struct netdev_queue_stats_tx *tx)
{
	tx->stop = tx->wake;
	netdev->stat_ops = ops;
}
