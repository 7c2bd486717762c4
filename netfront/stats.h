/* SPDX-License-Identifier: GPL-2.0-only */
/* The counters of a queue. */
#ifndef NETFRONT_STATS_H
#define NETFRONT_STATS_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/seq_file.h>

struct netfront_dev;
struct netfront_queue;

/*
 * Counters of a queue, grouped by writer: the producer of transmit requests,
 * under the lock of the queue, or NAPI. `ethtool -S` shows them by these names.
 */
#define NETFRONT_TX_COUNTERS(X)						\
	X(packets) X(bytes) X(slots) X(gso) X(csum_blank) X(dropped)	\
	X(copied_packets) X(bounced_packets) X(static_packets)		\
	X(copied_bytes) X(grants) X(stops)				\
	X(notify_sent) X(notify_suppressed)				\
	X(timeouts) X(xdp_tx) X(xdp_xmit) X(xdp_full)

#define NETFRONT_RX_COUNTERS(X)						\
	X(packets) X(bytes) X(slots) X(gso) X(csum_blank) X(hashed)	\
	X(copied_packets) X(static_copies) X(copied_bytes)		\
	X(errors) X(dropped) X(no_memory) X(grants) X(revoked)				\
	X(notify_sent) X(notify_suppressed)				\
	X(xdp_pass) X(xdp_drop) X(xdp_redirect) X(xdp_aborted)

/* Written by NAPI, about transmitted packets and about NAPI itself. */
#define NETFRONT_NAPI_COUNTERS(X)					\
	X(responses) X(errors) X(refused) X(revoked) X(wakes)		\
	X(events) X(events_without_work) X(polls)

#define NETFRONT_X(name)	NETFRONT_TX_##name,
enum netfront_tx_counter {
	NETFRONT_TX_COUNTERS(NETFRONT_X)
	NETFRONT_NR_TX
};

#undef NETFRONT_X
#define NETFRONT_X(name)	NETFRONT_RX_##name,
enum netfront_rx_counter {
	NETFRONT_RX_COUNTERS(NETFRONT_X)
	NETFRONT_NR_RX
};

#undef NETFRONT_X
#define NETFRONT_X(name)	NETFRONT_NAPI_##name,
enum netfront_napi_counter {
	NETFRONT_NAPI_COUNTERS(NETFRONT_X)
	NETFRONT_NR_NAPI
};

#undef NETFRONT_X

/* stats.c */
u64 netfront_sum_tx(struct netfront_queue *q, enum netfront_tx_counter what);
u64 netfront_sum_rx(struct netfront_queue *q, enum netfront_rx_counter what);
u64 netfront_sum(struct netfront_queue *q, enum netfront_napi_counter what);
u64 netfront_sum_fixups(struct netfront_queue *q);
void netfront_get_stats64(struct net_device *netdev,
			  struct rtnl_link_stats64 *stats);
int netfront_get_sset_count(struct net_device *netdev, int set);
void netfront_get_strings(struct net_device *netdev, u32 set, u8 *data);
void netfront_get_ethtool_stats(struct net_device *netdev,
				struct ethtool_stats *stats, u64 *data);
void netfront_show_counters(struct seq_file *s, struct netfront_dev *nf);
void netfront_stats_setup(struct net_device *netdev);

#endif
