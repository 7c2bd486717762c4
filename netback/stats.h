/* SPDX-License-Identifier: GPL-2.0-only */
/* The counters of a queue. */
#ifndef NETBACK_STATS_H
#define NETBACK_STATS_H

#include <linux/netdevice.h>
#include <linux/u64_stats_sync.h>

/*
 * Statistics; the names are in stats.c. Each has one writer: tx NAPI, rx NAPI,
 * or the holder of the transmit lock.
 */
enum netback_stat {
	NETBACK_TX_PACKETS,
	NETBACK_TX_BYTES,
	NETBACK_TX_SLOTS,
	NETBACK_TX_EXTRAS,
	NETBACK_TX_RESPONSES,
	NETBACK_TX_ERRORS,
	NETBACK_TX_NO_MEMORY,
	NETBACK_TX_THROTTLED,
	NETBACK_TX_EVENTS,
	NETBACK_TX_IDLE_EVENTS,
	NETBACK_TX_NOTIFIED,
	NETBACK_TX_UNNOTIFIED,
	NETBACK_TX_POLLS,
	NETBACK_TX_BATCHES,
	NETBACK_TX_COPY_CALLS,
	NETBACK_TX_COPY_OPS,
	NETBACK_TX_COPY_FAILED,
	NETBACK_TX_COPY_BYTES,
	NETBACK_TX_STATIC_COPIES,
	NETBACK_TX_STATIC_BYTES,
	NETBACK_TX_MAP_CALLS,
	NETBACK_TX_MAP_OPS,
	NETBACK_TX_MAP_FAILED,
	NETBACK_TX_UNMAP_CALLS,
	NETBACK_TX_UNMAP_OPS,
	NETBACK_TX_UNMAP_FAILED,
	NETBACK_TX_ZC_SENT,
	NETBACK_TX_ZC_SUCCESS,
	NETBACK_TX_ZC_FAIL,
	NETBACK_TX_FRAG_OVERFLOW,
	NETBACK_TX_GSO,
	NETBACK_TX_CSUM_BLANK,
	NETBACK_TX_CSUM_FIXUP,
	NETBACK_TX_MCAST,
	NETBACK_TX_STATS,

	NETBACK_RX_PACKETS = NETBACK_TX_STATS,
	NETBACK_RX_BYTES,
	NETBACK_RX_SLOTS_USED,
	NETBACK_RX_EXTRAS,
	NETBACK_RX_ERRORS,
	NETBACK_RX_EVENTS,
	NETBACK_RX_IDLE_EVENTS,
	NETBACK_RX_NOTIFIED,
	NETBACK_RX_UNNOTIFIED,
	NETBACK_RX_POLLS,
	NETBACK_RX_COPY_CALLS,
	NETBACK_RX_COPY_OPS,
	NETBACK_RX_COPY_FAILED,
	NETBACK_RX_COPY_BYTES,
	NETBACK_RX_COPY_FOREIGN,
	NETBACK_RX_COPY_BOUNCED,
	NETBACK_RX_STATIC_COPIES,
	NETBACK_RX_STATIC_BYTES,
	NETBACK_RX_WAITS,
	NETBACK_RX_DRAINED,
	NETBACK_RX_STALLS,
	NETBACK_RX_GSO,
	NETBACK_RX_ORPHANED,
	NETBACK_RX_WAKES,
	NETBACK_RX_STATS,

	NETBACK_XMIT_DROPPED = NETBACK_RX_STATS,
	NETBACK_XMIT_FILTERED,
	NETBACK_XMIT_STOPPED,
	NETBACK_STATS,
};

/**
 * struct netback_stats - the counters of one queue, over all connections
 * @tx_sync:   protects those up to NETBACK_TX_STATS
 * @rx_sync:   protects those up to NETBACK_RX_STATS
 * @xmit_sync: protects the rest
 * @val:       the counters
 */
struct netback_stats {
	struct u64_stats_sync tx_sync;
	struct u64_stats_sync rx_sync;
	struct u64_stats_sync xmit_sync;
	u64_stats_t val[NETBACK_STATS];
} ____cacheline_aligned_in_smp;

/* For ndo_start_xmit(). */
static inline void netback_count_xmit(struct netback_stats *s,
				      enum netback_stat what)
{
	u64_stats_update_begin(&s->xmit_sync);
	u64_stats_inc(&s->val[what]);
	u64_stats_update_end(&s->xmit_sync);
}

/* stats.c */
extern const char *const netback_stat_names[NETBACK_STATS];
void netback_stats_read(struct netback_stats *s, u64 *val);
void netback_stats_rtnl(struct net_device *net,
			struct rtnl_link_stats64 *total);
void netback_stats_attach(struct net_device *net);

#endif
