/* SPDX-License-Identifier: GPL-2.0-only */
/* The interface: the netdev, and the rate limit of what its guest transmits. */
#ifndef NETBACK_VIF_H
#define NETBACK_VIF_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/timer.h>
#include "credit.h"

struct netback_dev;
struct netback_queue;
struct netback_queues;

/**
 * struct netback_credit - rate limit of what a guest transmits
 * @lock:    protects the other members, and @credit_limit and @credit_due of
 *           the queues
 * @bucket:  its @usecs are 0 without a limit
 * @changes: number of changes of the limit
 */
struct netback_credit {
	spinlock_t lock;
	struct netback_bucket bucket;
	unsigned int changes;
};

/* The netdev_priv() of an interface. */
struct netback_priv {
	struct netback_dev *be;
};

static inline struct netback_dev *netback_of(const struct net_device *net)
{
	return ((struct netback_priv *)netdev_priv(net))->be;
}

/* vif.c */
extern const struct net_device_ops netback_vif_ops;
struct net_device *netback_vif_create(struct netback_dev *be);
void netback_vif_start(struct netback_dev *be, struct netback_queues *qs);
void netback_vif_stop(struct netback_dev *be);
void netback_vif_announce(struct netback_dev *be);

/* ethtool.c */
extern const struct ethtool_ops netback_ethtool_ops;

/* credit.c */
u64 netback_credit_take(struct netback_queue *q, unsigned int len);
bool netback_credit_waits(struct netback_queue *q);
void netback_credit_read(struct netback_dev *be);
void netback_credit_timer(struct timer_list *t);

#endif
