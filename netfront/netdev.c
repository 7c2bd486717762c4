// SPDX-License-Identifier: GPL-2.0-only
/* The netdev and its operations. */
#include <linux/etherdevice.h>
#include <compat/netdev.h>
#include "netfront.h"

static int netfront_open(struct net_device *netdev)
{
	struct netfront_dev *nf = netdev_priv(netdev);

	mutex_lock(&nf->fsm.act);
	/* Not before the backend that the packets wait for has connected. */
	if (!nf->carrier.kept || (netfront_is_linked(nf) && nf->link.applied))
		netif_tx_start_all_queues(netdev);
	mutex_unlock(&nf->fsm.act);
	return 0;
}

static int netfront_stop(struct net_device *netdev)
{
	/* Packets are still received, and dropped. */
	netif_tx_disable(netdev);
	return 0;
}

static netdev_features_t netfront_fix_features(struct net_device *netdev,
					       netdev_features_t features)
{
	struct netfront_dev *nf = netdev_priv(netdev);
	const struct netfront_features *f = &nf->link.features;

	if (!READ_ONCE(nf->links))
		return features;	/* no backend to ask yet */
	if (!f->sg)
		features &= ~NETIF_F_SG;
	if (!f->csum4)
		features &= ~NETIF_F_IP_CSUM;
	if (!f->csum6)
		features &= ~NETIF_F_IPV6_CSUM;
	if (!f->gso4)
		features &= ~NETIF_F_TSO;
	if (!f->gso6)
		features &= ~NETIF_F_TSO6;
	if (!f->ctrl)
		features &= ~NETIF_F_RXHASH;
	return features;
}

static netdev_features_t netfront_features_check(struct sk_buff *skb,
						 struct net_device *netdev,
						 netdev_features_t features)
{
	return xpv_netif_features_check(skb, features);
}

static int netfront_set_features(struct net_device *netdev,
				 netdev_features_t features)
{
	struct netfront_dev *nf = netdev_priv(netdev);
	bool hash = features & NETIF_F_RXHASH;
	int err = 0;

	if (!((netdev->features ^ features) & NETIF_F_RXHASH))
		return 0;
	mutex_lock(&nf->fsm.act);
	/*
	 * If this backend cannot do it, the setting is kept for one that can.
	 */
	if (nf->link.features.ctrl) {
		nf->rss.on = hash;
		if (netfront_is_linked(nf))
			err = netfront_rss_program(nf);
		if (err)
			nf->rss.on = !hash;
	}
	mutex_unlock(&nf->fsm.act);
	return err;
}

/*
 * The watchdog: a queue was stopped for long. The event may have been lost, so
 * check the ring first; if that does not help, reconnect.
 */
static void netfront_tx_timeout(struct net_device *netdev, unsigned int nr)
{
	struct netfront_dev *nf = netdev_priv(netdev);
	struct netfront_queue *q = &nf->queues[nr];
	u32 cons = READ_ONCE(q->txc.half.cons);

	/* Do not name the device: it may be about to be replaced. */
	net_warn_ratelimited("%s: queue %u: %u requests unanswered, backend %s\n",
			     netdev_name(netdev), nr,
			     READ_ONCE(q->tx.half.pub) - cons,
			     xenbus_strstate(xpv_fsm_peer_state(&nf->fsm)));
	netfront_count_tx(q, NETFRONT_TX_timeouts, 1);
	if (q->txc.stuck == cons) {
		WRITE_ONCE(nf->link.stuck, true);
		xpv_fsm_kick(&nf->fsm);
		return;
	}
	q->txc.stuck = cons;
	netfront_poke(q);
}

const struct net_device_ops netfront_netdev_ops = {
	.ndo_open = netfront_open,
	.ndo_stop = netfront_stop,
	.ndo_start_xmit = netfront_xmit,
	.ndo_set_rx_mode = netfront_set_rx_mode,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_features_check = netfront_features_check,
	.ndo_fix_features = netfront_fix_features,
	.ndo_set_features = netfront_set_features,
	.ndo_get_stats64 = netfront_get_stats64,
	.ndo_tx_timeout = netfront_tx_timeout,
	.ndo_bpf = netfront_bpf,
	.ndo_xdp_xmit = netfront_xdp_xmit,
};

/**
 * netfront_netdev_setup() - set what does not depend on the backend
 * @nf: not registered
 */
void netfront_netdev_setup(struct netfront_dev *nf)
{
	struct net_device *netdev = nf->netdev;

	netdev->netdev_ops = &netfront_netdev_ops;
	netdev->ethtool_ops = &netfront_ethtool_ops;
	netdev->sysfs_groups[0] = &netfront_group;
	netdev->hw_features = NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM |
			      NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_RXCSUM |
			      NETIF_F_RXHASH;
	netdev->features = (netdev->hw_features & ~NETIF_F_RXHASH) |
			   NETIF_F_GSO_ROBUST | NETIF_F_HIGHDMA;
	netdev->vlan_features = NETIF_F_SG | NETIF_F_HIGHDMA;
	netdev->watchdog_timeo = 5 * HZ;
	netdev->min_mtu = XPV_NETIF_MTU_MIN;
	netdev->max_mtu = XPV_NETIF_MTU_MAX;
	netdev->mtu = netfront_features_mtu(nf);
	netif_set_tso_max_size(netdev, XPV_NETIF_MAX_PACKET);
	xpv_xdp_set_features(netdev);
	netfront_stats_setup(netdev);
	SET_NETDEV_DEV(netdev, &nf->dev->dev);
	netif_set_real_num_tx_queues(netdev, 1);
	netif_set_real_num_rx_queues(netdev, 1);
	netif_carrier_off(netdev);
}
