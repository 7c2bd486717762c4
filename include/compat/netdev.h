/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences: netdevs. */
#ifndef XENPV_COMPAT_NETDEV_H
#define XENPV_COMPAT_NETDEV_H

#include <linux/netdevice.h>
#include <net/xdp.h>
#include <compat/generated.h>

/* Announce native XDP: all actions, and ndo_xdp_xmit. */
static inline void xpv_xdp_set_features(struct net_device *netdev)
{
#ifdef XPV_HAVE_XDP_FEATURES
	xdp_set_features_flag(netdev, NETDEV_XDP_ACT_BASIC |
			      NETDEV_XDP_ACT_REDIRECT |
			      NETDEV_XDP_ACT_NDO_XMIT);
#endif
}

/* Statistics of one queue; fields that are not set are 0. */
struct xpv_queue_stats {
	u64 rx_packets;
	u64 rx_bytes;
	u64 rx_alloc_fail;
	u64 tx_packets;
	u64 tx_bytes;
	u64 tx_stop;
	u64 tx_wake;
};

/*
 * netdev_stat_ops, where there are such, of two functions:
 *	void queue(netdev, int index, struct xpv_queue_stats *stats)
 *	unsigned int all(netdev): how many queues have statistics; those not in
 *		use now are the kernel's base
 */
#ifdef XPV_HAVE_QUEUE_STATS

#include <net/netdev_queues.h>

static inline void xpv_queue_stats_rx(const struct xpv_queue_stats *s,
				      struct netdev_queue_stats_rx *rx)
{
	rx->packets = s->rx_packets;
	rx->bytes = s->rx_bytes;
	rx->alloc_fail = s->rx_alloc_fail;
}

static inline void xpv_queue_stats_tx(const struct xpv_queue_stats *s,
				      struct netdev_queue_stats_tx *tx)
{
	tx->packets = s->tx_packets;
	tx->bytes = s->tx_bytes;
	tx->stop = s->tx_stop;
	tx->wake = s->tx_wake;
}

static inline void xpv_queue_stats_add(struct xpv_queue_stats *sum,
				       const struct xpv_queue_stats *s)
{
	sum->rx_packets += s->rx_packets;
	sum->rx_bytes += s->rx_bytes;
	sum->rx_alloc_fail += s->rx_alloc_fail;
	sum->tx_packets += s->tx_packets;
	sum->tx_bytes += s->tx_bytes;
	sum->tx_stop += s->tx_stop;
	sum->tx_wake += s->tx_wake;
}

#define XPV_DEFINE_QUEUE_STATS(name, queue, all)			\
static void name##_rx(struct net_device *netdev, int index,		\
		      struct netdev_queue_stats_rx *rx)			\
{									\
	struct xpv_queue_stats s;					\
									\
	queue(netdev, index, &s);					\
	xpv_queue_stats_rx(&s, rx);					\
}									\
									\
static void name##_tx(struct net_device *netdev, int index,		\
		      struct netdev_queue_stats_tx *tx)			\
{									\
	struct xpv_queue_stats s;					\
									\
	queue(netdev, index, &s);					\
	xpv_queue_stats_tx(&s, tx);					\
}									\
									\
static void name##_base(struct net_device *netdev,			\
			struct netdev_queue_stats_rx *rx,		\
			struct netdev_queue_stats_tx *tx)		\
{									\
	struct xpv_queue_stats sum = { }, s;				\
	unsigned int i;							\
									\
	for (i = netdev->real_num_tx_queues; i < all(netdev); i++) {	\
		queue(netdev, i, &s);					\
		xpv_queue_stats_add(&sum, &s);				\
	}								\
	xpv_queue_stats_rx(&sum, rx);					\
	xpv_queue_stats_tx(&sum, tx);					\
}									\
									\
static const struct netdev_stat_ops name = {				\
	.get_queue_stats_rx = name##_rx,				\
	.get_queue_stats_tx = name##_tx,				\
	.get_base_stats = name##_base,					\
}

#define XPV_SET_QUEUE_STATS(netdev, name) ((netdev)->stat_ops = &(name))

#else

#define XPV_DEFINE_QUEUE_STATS(name, queue, all)			\
static void (*const name##_unused[])(void) __maybe_unused = {		\
	(void (*)(void))(queue), (void (*)(void))(all),		\
}

#define XPV_SET_QUEUE_STATS(netdev, name) ((void)(netdev))

#endif

#endif
