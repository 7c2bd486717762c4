// SPDX-License-Identifier: GPL-2.0-only
/* ethtool -i, -l, -L, -g, -T and the rest; -S is in stats.c, -x in rxfh.c. */
#include <linux/ethtool.h>
#include <compat/ethtool.h>
#include "netfront.h"

static void netfront_get_drvinfo(struct net_device *netdev,
				 struct ethtool_drvinfo *info)
{
	struct netfront_dev *nf = netdev_priv(netdev);

	strscpy(info->driver, "vif", sizeof(info->driver));
	strscpy(info->version, XENPV_VERSION, sizeof(info->version));
	strscpy(info->bus_info, dev_name(&nf->dev->dev),
		sizeof(info->bus_info));
}

static void netfront_get_channels(struct net_device *netdev,
				  struct ethtool_channels *ch)
{
	struct netfront_dev *nf = netdev_priv(netdev);

	ch->max_combined = min(nf->max_queues, num_online_cpus());
	if (READ_ONCE(nf->links))
		ch->max_combined = min(ch->max_combined, nf->link.features.queues);
	ch->combined_count = netdev->real_num_tx_queues;
	/* Without a connection, report what the next one will have. */
	if (!netfront_is_linked(nf))
		ch->combined_count = min(ch->max_combined,
					 READ_ONCE(nf->want_queues));
}

static int netfront_set_channels(struct net_device *netdev,
				 struct ethtool_channels *ch)
{
	struct netfront_dev *nf = netdev_priv(netdev);
	unsigned int old = nf->want_queues;
	int err;

	if (!ch->combined_count)
		return -EINVAL;
	WRITE_ONCE(nf->want_queues, ch->combined_count);
	err = netfront_renegotiate(nf);
	if (err)
		WRITE_ONCE(nf->want_queues, old);
	return err;
}

static void netfront_get_ringparam(struct net_device *netdev,
				   struct ethtool_ringparam *ring,
				   struct kernel_ethtool_ringparam *kernel_ring,
				   struct netlink_ext_ack *extack)
{
	/* The protocol allows one page each. */
	ring->rx_max_pending = NETFRONT_SLOTS;
	ring->tx_max_pending = NETFRONT_SLOTS;
	ring->rx_pending = NETFRONT_SLOTS;
	ring->tx_pending = NETFRONT_SLOTS;
}

/* There is no real speed, but bonds and monitoring tools want a value. */
static int netfront_get_link_ksettings(struct net_device *netdev,
				       struct ethtool_link_ksettings *cmd)
{
	struct netfront_dev *nf = netdev_priv(netdev);

	cmd->base.speed = nf->speed;
	cmd->base.duplex = nf->duplex;
	cmd->base.port = PORT_OTHER;
	return 0;
}

static int
netfront_set_link_ksettings(struct net_device *netdev,
			    const struct ethtool_link_ksettings *cmd)
{
	struct netfront_dev *nf = netdev_priv(netdev);

	return ethtool_virtdev_set_link_ksettings(netdev, cmd, &nf->speed,
						  &nf->duplex);
}

XPV_DEFINE_RXFH(netfront_ops, netfront_get_rxfh, netfront_set_rxfh)
XPV_DEFINE_RXFH_FIELDS(netfront_ops, netfront_get_fields, netfront_set_fields)
XPV_DEFINE_RX_RING_COUNT(netfront_ops)

const struct ethtool_ops netfront_ethtool_ops = {
	.get_drvinfo = netfront_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = netfront_get_link_ksettings,
	.set_link_ksettings = netfront_set_link_ksettings,
	.get_channels = netfront_get_channels,
	.set_channels = netfront_set_channels,
	.get_ringparam = netfront_get_ringparam,
	.get_sset_count = netfront_get_sset_count,
	.get_strings = netfront_get_strings,
	.get_ethtool_stats = netfront_get_ethtool_stats,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_rxnfc = netfront_get_rxnfc,
	.set_rxnfc = netfront_set_rxnfc,
	.get_rxfh_key_size = netfront_get_rxfh_key_size,
	.get_rxfh_indir_size = netfront_get_rxfh_indir_size,
	XPV_RXFH_OPS(netfront_ops)
	XPV_RXFH_FIELDS_OPS(netfront_ops)
	XPV_RX_RING_COUNT_OPS(netfront_ops)
};
