// SPDX-License-Identifier: GPL-2.0-only
/* Statistics: of the netdev, of its queues, and for `ethtool -S`. */
#include <linux/ethtool.h>
#include <linux/seq_file.h>
#include <compat/netdev.h>
#include "netfront.h"

static u64 netfront_read(const u64_stats_t *val, struct u64_stats_sync *sync)
{
	unsigned int start;
	u64 v;

	do {
		start = u64_stats_fetch_begin(sync);
		v = u64_stats_read(val);
	} while (u64_stats_fetch_retry(sync, start));
	return v;
}

/* Read a counter that is written under the lock of the queue. */
u64 netfront_sum_tx(struct netfront_queue *q, enum netfront_tx_counter what)
{
	return netfront_read(&q->tx.count[what], &q->tx.sync);
}

/* Read a receive counter. */
u64 netfront_sum_rx(struct netfront_queue *q, enum netfront_rx_counter what)
{
	return netfront_read(&q->rx_count[what], &q->sync);
}

/* Read one of NAPI's other counters. */
u64 netfront_sum(struct netfront_queue *q, enum netfront_napi_counter what)
{
	return netfront_read(&q->count[what], &q->sync);
}

/* GSO packets whose checksum had to be made blank. */
u64 netfront_sum_fixups(struct netfront_queue *q)
{
	return netfront_read(&q->fixups, &q->sync);
}

/**
 * netfront_get_stats64() - see ndo_get_stats64
 * @netdev: device
 * @stats:  result
 */
void netfront_get_stats64(struct net_device *netdev,
			  struct rtnl_link_stats64 *stats)
{
	struct netfront_dev *nf = netdev_priv(netdev);
	unsigned int i;

	for (i = 0; i < nf->max_queues; i++) {
		struct netfront_queue *q = &nf->queues[i];

		stats->tx_packets += netfront_sum_tx(q, NETFRONT_TX_packets);
		stats->tx_bytes += netfront_sum_tx(q, NETFRONT_TX_bytes);
		stats->tx_dropped += netfront_sum_tx(q, NETFRONT_TX_dropped) +
				     netfront_sum(q, NETFRONT_NAPI_refused);
		stats->tx_errors += netfront_sum(q, NETFRONT_NAPI_errors);
		stats->rx_packets += netfront_sum_rx(q, NETFRONT_RX_packets);
		stats->rx_bytes += netfront_sum_rx(q, NETFRONT_RX_bytes);
		stats->rx_errors += netfront_sum_rx(q, NETFRONT_RX_errors);
		stats->rx_dropped += netfront_sum_rx(q, NETFRONT_RX_dropped) +
				     netfront_sum_rx(q, NETFRONT_RX_no_memory);
	}
}

/*
 * Names of a queue's values, in their order. NAPI's counters about transmitted
 * packets are shown with the transmit counters, those about itself with the
 * queue.
 */
struct netfront_name {
	const char *side;
	const char *name;
};

#define NETFRONT_X(name)	{ "tx_", #name },
static const struct netfront_name netfront_tx_names[] = {
	NETFRONT_TX_COUNTERS(NETFRONT_X)
};

#undef NETFRONT_X
#define NETFRONT_X(name)	{ "rx_", #name },
static const struct netfront_name netfront_rx_names[] = {
	NETFRONT_RX_COUNTERS(NETFRONT_X)
};

#undef NETFRONT_X

static const struct netfront_name netfront_napi_names[] = {
	[NETFRONT_NAPI_responses] = { "tx_", "responses" },
	[NETFRONT_NAPI_errors] = { "tx_", "errors" },
	[NETFRONT_NAPI_refused] = { "tx_", "refused" },
	[NETFRONT_NAPI_revoked] = { "tx_", "revoked" },
	[NETFRONT_NAPI_wakes] = { "tx_", "wakes" },
	[NETFRONT_NAPI_events] = { "", "events" },
	[NETFRONT_NAPI_events_without_work] = { "", "events_without_work" },
	[NETFRONT_NAPI_polls] = { "", "polls" },
};

static_assert(ARRAY_SIZE(netfront_napi_names) == NETFRONT_NR_NAPI);

#define NETFRONT_PER_QUEUE	(NETFRONT_NR_TX + NETFRONT_NR_RX + NETFRONT_NR_NAPI)

/* Values of the device; the first one is the in-tree driver's. */
static const char *const netfront_dev_names[] = {
	"rx_gso_checksum_fixup", "connections", "pages_held", "outages",
	"outage_longest_ms", "outage_dropped", "static_grants",
};

/* The number of values; see ethtool_ops. */
int netfront_get_sset_count(struct net_device *netdev, int set)
{
	struct netfront_dev *nf = netdev_priv(netdev);

	/* Of all possible queues, because the number must not change. */
	if (set == ETH_SS_STATS)
		return ARRAY_SIZE(netfront_dev_names) +
		       nf->max_queues * NETFRONT_PER_QUEUE;
	return -EINVAL;
}

static void netfront_put_names(u8 **data, const struct netfront_name *names,
			       unsigned int nr, unsigned int queue)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		snprintf(*data, ETH_GSTRING_LEN, "%squeue_%u_%s", names[i].side,
			 queue, names[i].name);
		*data += ETH_GSTRING_LEN;
	}
}

/* Their names; see ethtool_ops. */
void netfront_get_strings(struct net_device *netdev, u32 set, u8 *data)
{
	struct netfront_dev *nf = netdev_priv(netdev);
	unsigned int i;

	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < ARRAY_SIZE(netfront_dev_names); i++) {
		strscpy(data, netfront_dev_names[i], ETH_GSTRING_LEN);
		data += ETH_GSTRING_LEN;
	}
	for (i = 0; i < nf->max_queues; i++) {
		netfront_put_names(&data, netfront_tx_names, NETFRONT_NR_TX, i);
		netfront_put_names(&data, netfront_rx_names, NETFRONT_NR_RX, i);
		netfront_put_names(&data, netfront_napi_names, NETFRONT_NR_NAPI,
				   i);
	}
}

static void netfront_queue_values(struct netfront_queue *q, u64 *values)
{
	unsigned int c;

	for (c = 0; c < NETFRONT_NR_TX; c++)
		*values++ = netfront_sum_tx(q, c);
	for (c = 0; c < NETFRONT_NR_RX; c++)
		*values++ = netfront_sum_rx(q, c);
	for (c = 0; c < NETFRONT_NR_NAPI; c++)
		*values++ = netfront_sum(q, c);
}

/* The values; see ethtool_ops. */
void netfront_get_ethtool_stats(struct net_device *netdev,
				struct ethtool_stats *stats, u64 *data)
{
	struct netfront_dev *nf = netdev_priv(netdev);
	unsigned int i;
	u64 fixups = 0;

	for (i = 0; i < nf->max_queues; i++)
		fixups += netfront_sum_fixups(&nf->queues[i]);
	*data++ = fixups;
	*data++ = READ_ONCE(nf->links);
	*data++ = atomic_read(&nf->unrevoked);
	*data++ = READ_ONCE(nf->outage.count);
	*data++ = READ_ONCE(nf->outage.longest);
	*data++ = READ_ONCE(nf->outage.dropped);
	*data++ = READ_ONCE(nf->link.statics);
	for (i = 0; i < nf->max_queues; i++) {
		netfront_queue_values(&nf->queues[i], data);
		data += NETFRONT_PER_QUEUE;
	}
}

static void netfront_show_some(struct seq_file *s,
			       const struct netfront_name *names,
			       unsigned int nr, const u64 *values)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		seq_printf(s, "%s%s %llu\n", names[i].side, names[i].name,
			   values[i]);
}

/**
 * netfront_show_counters() - print the device's counters and the sums over all
 * queues
 * @s:  seq_file to print to; one name and value per line
 * @nf: device
 */
void netfront_show_counters(struct seq_file *s, struct netfront_dev *nf)
{
	u64 sum[NETFRONT_PER_QUEUE] = {}, values[NETFRONT_PER_QUEUE];
	unsigned int i, c;

	for (i = 0; i < nf->max_queues; i++) {
		netfront_queue_values(&nf->queues[i], values);
		for (c = 0; c < NETFRONT_PER_QUEUE; c++)
			sum[c] += values[c];
	}
	seq_printf(s, "connections %u\npages_held %u\noutages %u\noutage_longest_ms %lld\noutage_dropped %llu\nstatic_grants %u\n",
		   READ_ONCE(nf->links), atomic_read(&nf->unrevoked),
		   READ_ONCE(nf->outage.count), READ_ONCE(nf->outage.longest),
		   READ_ONCE(nf->outage.dropped), READ_ONCE(nf->link.statics));
	netfront_show_some(s, netfront_tx_names, NETFRONT_NR_TX, sum);
	netfront_show_some(s, netfront_rx_names, NETFRONT_NR_RX,
			   sum + NETFRONT_NR_TX);
	netfront_show_some(s, netfront_napi_names, NETFRONT_NR_NAPI,
			   sum + NETFRONT_NR_TX + NETFRONT_NR_RX);
}

/* Statistics of one queue, for kernels that ask for it. */
static void netfront_queue_stats(struct net_device *netdev, int queue,
				 struct xpv_queue_stats *s)
{
	struct netfront_dev *nf = netdev_priv(netdev);
	struct netfront_queue *q = &nf->queues[queue];

	s->rx_packets = netfront_sum_rx(q, NETFRONT_RX_packets);
	s->rx_bytes = netfront_sum_rx(q, NETFRONT_RX_bytes);
	s->rx_alloc_fail = netfront_sum_rx(q, NETFRONT_RX_no_memory);
	s->tx_packets = netfront_sum_tx(q, NETFRONT_TX_packets);
	s->tx_bytes = netfront_sum_tx(q, NETFRONT_TX_bytes);
	s->tx_stop = netfront_sum_tx(q, NETFRONT_TX_stops);
	s->tx_wake = netfront_sum(q, NETFRONT_NAPI_wakes);
}

static unsigned int netfront_all_queues(struct net_device *netdev)
{
	struct netfront_dev *nf = netdev_priv(netdev);

	return nf->max_queues;
}

XPV_DEFINE_QUEUE_STATS(netfront_stat_ops, netfront_queue_stats,
		       netfront_all_queues);

/**
 * netfront_stats_setup() - register the statistics of the queues
 * @netdev: not registered
 */
void netfront_stats_setup(struct net_device *netdev)
{
	XPV_SET_QUEUE_STATS(netdev, netfront_stat_ops);
}
