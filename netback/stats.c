// SPDX-License-Identifier: GPL-2.0-only
/* Statistics of the queues. They cover all connections and never decrease. */
#include <compat/netdev.h>
#include "netback.h"

/*
 * Three bytes for the direction, then the name; ethtool -S inserts the queue
 * between.
 */
const char *const netback_stat_names[NETBACK_STATS] = {
	[NETBACK_TX_PACKETS] = "tx_packets",
	[NETBACK_TX_BYTES] = "tx_bytes",
	[NETBACK_TX_SLOTS] = "tx_slots",
	[NETBACK_TX_EXTRAS] = "tx_extras",
	[NETBACK_TX_RESPONSES] = "tx_responses",
	[NETBACK_TX_ERRORS] = "tx_errors",
	[NETBACK_TX_NO_MEMORY] = "tx_no_memory",
	[NETBACK_TX_THROTTLED] = "tx_throttled",
	[NETBACK_TX_EVENTS] = "tx_events",
	[NETBACK_TX_IDLE_EVENTS] = "tx_events_without_work",
	[NETBACK_TX_NOTIFIED] = "tx_notify_sent",
	[NETBACK_TX_UNNOTIFIED] = "tx_notify_suppressed",
	[NETBACK_TX_POLLS] = "tx_polls",
	[NETBACK_TX_BATCHES] = "tx_batches",
	[NETBACK_TX_COPY_CALLS] = "tx_copy_calls",
	[NETBACK_TX_COPY_OPS] = "tx_copy_ops",
	[NETBACK_TX_COPY_FAILED] = "tx_copy_failed",
	[NETBACK_TX_COPY_BYTES] = "tx_copy_bytes",
	[NETBACK_TX_STATIC_COPIES] = "tx_static_copies",
	[NETBACK_TX_STATIC_BYTES] = "tx_static_bytes",
	[NETBACK_TX_MAP_CALLS] = "tx_map_calls",
	[NETBACK_TX_MAP_OPS] = "tx_map_ops",
	[NETBACK_TX_MAP_FAILED] = "tx_map_failed",
	[NETBACK_TX_UNMAP_CALLS] = "tx_unmap_calls",
	[NETBACK_TX_UNMAP_OPS] = "tx_unmap_ops",
	[NETBACK_TX_UNMAP_FAILED] = "tx_unmap_failed",
	[NETBACK_TX_ZC_SENT] = "tx_zerocopy_sent",
	[NETBACK_TX_ZC_SUCCESS] = "tx_zerocopy_success",
	[NETBACK_TX_ZC_FAIL] = "tx_zerocopy_fail",
	[NETBACK_TX_FRAG_OVERFLOW] = "tx_frag_overflow",
	[NETBACK_TX_GSO] = "tx_gso",
	[NETBACK_TX_CSUM_BLANK] = "tx_csum_blank",
	[NETBACK_TX_CSUM_FIXUP] = "tx_gso_checksum_fixup",
	[NETBACK_TX_MCAST] = "tx_mcast_messages",
	[NETBACK_RX_PACKETS] = "rx_packets",
	[NETBACK_RX_BYTES] = "rx_bytes",
	[NETBACK_RX_SLOTS_USED] = "rx_slots",
	[NETBACK_RX_EXTRAS] = "rx_extras",
	[NETBACK_RX_ERRORS] = "rx_errors",
	[NETBACK_RX_EVENTS] = "rx_events",
	[NETBACK_RX_IDLE_EVENTS] = "rx_events_without_work",
	[NETBACK_RX_NOTIFIED] = "rx_notify_sent",
	[NETBACK_RX_UNNOTIFIED] = "rx_notify_suppressed",
	[NETBACK_RX_POLLS] = "rx_polls",
	[NETBACK_RX_COPY_CALLS] = "rx_copy_calls",
	[NETBACK_RX_COPY_OPS] = "rx_copy_ops",
	[NETBACK_RX_COPY_FAILED] = "rx_copy_failed",
	[NETBACK_RX_COPY_BYTES] = "rx_copy_bytes",
	[NETBACK_RX_COPY_FOREIGN] = "rx_copy_foreign",
	[NETBACK_RX_COPY_BOUNCED] = "rx_copy_bounced",
	[NETBACK_RX_STATIC_COPIES] = "rx_static_copies",
	[NETBACK_RX_STATIC_BYTES] = "rx_static_bytes",
	[NETBACK_RX_WAITS] = "rx_waits",
	[NETBACK_RX_DRAINED] = "rx_drained",
	[NETBACK_RX_STALLS] = "rx_stalls",
	[NETBACK_RX_GSO] = "rx_gso",
	[NETBACK_RX_ORPHANED] = "rx_orphaned",
	[NETBACK_RX_WAKES] = "rx_wakes",
	[NETBACK_XMIT_DROPPED] = "rx_dropped",
	[NETBACK_XMIT_FILTERED] = "rx_filtered",
	[NETBACK_XMIT_STOPPED] = "rx_stopped",
};

static void netback_stats_part(struct netback_stats *s,
			       const struct u64_stats_sync *sync, u64 *val,
			       unsigned int from, unsigned int to)
{
	unsigned int start, i;

	do {
		start = u64_stats_fetch_begin(sync);
		for (i = from; i < to; i++)
			val[i] = u64_stats_read(&s->val[i]);
	} while (u64_stats_fetch_retry(sync, start));
}

/**
 * netback_stats_read() - read the counters of a queue
 * @s:   queue
 * @val: NETBACK_STATS values
 *
 * Context: any.
 */
void netback_stats_read(struct netback_stats *s, u64 *val)
{
	netback_stats_part(s, &s->tx_sync, val, 0, NETBACK_TX_STATS);
	netback_stats_part(s, &s->rx_sync, val, NETBACK_TX_STATS,
			   NETBACK_RX_STATS);
	netback_stats_part(s, &s->xmit_sync, val, NETBACK_RX_STATS,
			   NETBACK_STATS);
}

/**
 * netback_stats_rtnl() - ndo_get_stats64(): the guest's transmit is our receive
 * @net:   interface
 * @total: result
 */
void netback_stats_rtnl(struct net_device *net, struct rtnl_link_stats64 *total)
{
	struct netback_dev *be = netback_of(net);
	u64 val[NETBACK_STATS];
	unsigned int i;

	for (i = 0; i < be->max_queues; i++) {
		netback_stats_read(&be->stats[i], val);
		total->rx_packets += val[NETBACK_TX_PACKETS];
		total->rx_bytes += val[NETBACK_TX_BYTES];
		total->rx_errors += val[NETBACK_TX_ERRORS];
		total->rx_dropped += val[NETBACK_TX_NO_MEMORY];
		total->tx_packets += val[NETBACK_RX_PACKETS];
		total->tx_bytes += val[NETBACK_RX_BYTES];
		total->tx_errors += val[NETBACK_RX_ERRORS];
		total->tx_dropped += val[NETBACK_RX_DRAINED] +
				     val[NETBACK_XMIT_DROPPED];
	}
}

/* Statistics of one queue, for kernels that ask for it. */
static void netback_stats_queue(struct net_device *net, int index,
				struct xpv_queue_stats *s)
{
	u64 val[NETBACK_STATS];

	netback_stats_read(&netback_of(net)->stats[index], val);
	s->rx_packets = val[NETBACK_TX_PACKETS];
	s->rx_bytes = val[NETBACK_TX_BYTES];
	s->rx_alloc_fail = val[NETBACK_TX_NO_MEMORY];
	s->tx_packets = val[NETBACK_RX_PACKETS];
	s->tx_bytes = val[NETBACK_RX_BYTES];
	s->tx_stop = val[NETBACK_XMIT_STOPPED];
	s->tx_wake = val[NETBACK_RX_WAKES];
}

static unsigned int netback_stats_all(struct net_device *net)
{
	return netback_of(net)->max_queues;
}

XPV_DEFINE_QUEUE_STATS(netback_stats_ops, netback_stats_queue,
		       netback_stats_all);

/**
 * netback_stats_attach() - register the statistics of the queues
 * @net: interface, not registered yet
 */
void netback_stats_attach(struct net_device *net)
{
	XPV_SET_QUEUE_STATS(net, netback_stats_ops);
}
