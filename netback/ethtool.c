// SPDX-License-Identifier: GPL-2.0-only
/* ethtool: -i, -l, -g, -S, link. */
#include <linux/ethtool.h>
#include "netback.h"

/* The statistics of the in-tree driver, with its names and in its order. */
static const struct {
	char name[ETH_GSTRING_LEN];
	enum netback_stat what;
} netback_ethtool_sums[] = {
	{ "rx_gso_checksum_fixup", NETBACK_TX_CSUM_FIXUP },
	{ "tx_zerocopy_sent", NETBACK_TX_ZC_SENT },
	{ "tx_zerocopy_success", NETBACK_TX_ZC_SUCCESS },
	{ "tx_zerocopy_fail", NETBACK_TX_ZC_FAIL },
	{ "tx_frag_overflow", NETBACK_TX_FRAG_OVERFLOW },
};

static void netback_ethtool_drvinfo(struct net_device *net,
				    struct ethtool_drvinfo *info)
{
	strscpy(info->driver, "vif", sizeof(info->driver));
	strscpy(info->version, XENPV_VERSION, sizeof(info->version));
	strscpy(info->bus_info, dev_name(net->dev.parent),
		sizeof(info->bus_info));
}

static int netback_ethtool_sset_count(struct net_device *net, int set)
{
	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return ARRAY_SIZE(netback_ethtool_sums) +
	       netback_of(net)->max_queues * NETBACK_STATS;
}

static void netback_ethtool_strings(struct net_device *net, u32 set, u8 *data)
{
	struct netback_dev *be = netback_of(net);
	unsigned int i, q;

	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < ARRAY_SIZE(netback_ethtool_sums); i++)
		ethtool_sprintf(&data, "%s", netback_ethtool_sums[i].name);
	for (q = 0; q < be->max_queues; q++) {
		/* "tx_queue_0_packets", like the frontend's names */
		for (i = 0; i < NETBACK_STATS; i++)
			ethtool_sprintf(&data, "%.3squeue_%u_%s",
					netback_stat_names[i], q,
					netback_stat_names[i] + 3);
	}
}

static void netback_ethtool_stats(struct net_device *net,
				  struct ethtool_stats *stats, u64 *data)
{
	struct netback_dev *be = netback_of(net);
	u64 *val = data + ARRAY_SIZE(netback_ethtool_sums);
	unsigned int i, q;

	for (i = 0; i < ARRAY_SIZE(netback_ethtool_sums); i++)
		data[i] = 0;
	for (q = 0; q < be->max_queues; q++, val += NETBACK_STATS) {
		netback_stats_read(&be->stats[q], val);
		for (i = 0; i < ARRAY_SIZE(netback_ethtool_sums); i++)
			data[i] += val[netback_ethtool_sums[i].what];
	}
}

static void netback_ethtool_channels(struct net_device *net,
				     struct ethtool_channels *ch)
{
	/* The frontend decides how many of the offered queues it uses. */
	ch->max_combined = netback_of(net)->max_queues;
	ch->combined_count = net->real_num_tx_queues;
}

static void netback_ethtool_ringparam(struct net_device *net,
				      struct ethtool_ringparam *ring,
				      struct kernel_ethtool_ringparam *kernel,
				      struct netlink_ext_ack *ack)
{
	ring->rx_max_pending = NETBACK_RING;
	ring->tx_max_pending = NETBACK_RING;
	ring->rx_pending = NETBACK_RING;
	ring->tx_pending = NETBACK_RING;
}

const struct ethtool_ops netback_ethtool_ops = {
	.get_drvinfo = netback_ethtool_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_sset_count = netback_ethtool_sset_count,
	.get_strings = netback_ethtool_strings,
	.get_ethtool_stats = netback_ethtool_stats,
	.get_channels = netback_ethtool_channels,
	.get_ringparam = netback_ethtool_ringparam,
};
