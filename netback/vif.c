// SPDX-License-Identifier: GPL-2.0-only
/* The network interface of a device; it outlives connections. */
#include <linux/rtnetlink.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include "netback.h"

/* Packets in the qdisc while the guest has no room: enough for a burst. */
#define NETBACK_TX_QUEUE_LEN	256

/* Under RTNL: queues of the connection, or NULL. */
static struct netback_queues *netback_vif_queues(struct netback_dev *be)
{
	return rtnl_dereference(be->queues);
}

static void netback_vif_up(struct netback_dev *be)
{
	struct netback_queues *qs = netback_vif_queues(be);
	unsigned int i;

	if (!qs || be->up)
		return;
	be->up = true;
	for (i = 0; i < qs->nr; i++)
		netback_queue_up(qs->q[i]);
	if (!READ_ONCE(be->disabled))
		netif_carrier_on(be->net);
	netif_tx_start_all_queues(be->net);
}

static void netback_vif_down(struct netback_dev *be)
{
	struct netback_queues *qs = netback_vif_queues(be);
	unsigned int i;

	if (!qs || !be->up)
		return;
	be->up = false;
	netif_tx_disable(be->net);
	for (i = 0; i < qs->nr; i++)
		netback_queue_down(qs->q[i]);
}

static int netback_vif_open(struct net_device *net)
{
	struct netback_dev *be = netback_of(net);

	netback_vif_up(be);
	WRITE_ONCE(be->tell_carrier, true);
	xpv_fsm_kick(&be->fsm);
	return 0;
}

static int netback_vif_close(struct net_device *net)
{
	struct netback_dev *be = netback_of(net);

	netback_vif_down(be);
	WRITE_ONCE(be->tell_carrier, true);
	xpv_fsm_kick(&be->fsm);
	return 0;
}

static int netback_vif_set_mtu(struct net_device *net, int mtu)
{
	struct netback_dev *be = netback_of(net);

	/* Without scatter-gather the frontend has one page for a packet. */
	if (netback_vif_queues(be) && !be->link.sg && mtu > ETH_DATA_LEN)
		return -EINVAL;
	be->mtu = 0;
	WRITE_ONCE(net->mtu, mtu);
	return 0;
}

static netdev_features_t netback_vif_fix_features(struct net_device *net,
						  netdev_features_t features)
{
	struct netback_dev *be = netback_of(net);

	if (!be->link.sg)
		features &= ~(NETIF_F_SG | NETIF_F_FRAGLIST);
	if (!be->link.gso4)
		features &= ~NETIF_F_TSO;
	if (!be->link.gso6)
		features &= ~NETIF_F_TSO6;
	if (!be->link.csum4)
		features &= ~NETIF_F_IP_CSUM;
	if (!be->link.csum6)
		features &= ~NETIF_F_IPV6_CSUM;
	return features;
}

static netdev_features_t
netback_vif_features_check(struct sk_buff *skb, struct net_device *net,
			   netdev_features_t features)
{
	return xpv_netif_features_check(skb, features);
}

const struct net_device_ops netback_vif_ops = {
	.ndo_open = netback_vif_open,
	.ndo_stop = netback_vif_close,
	.ndo_start_xmit = netback_rx_xmit,
	.ndo_select_queue = netback_steer_select,
	.ndo_get_stats64 = netback_stats_rtnl,
	.ndo_change_mtu = netback_vif_set_mtu,
	.ndo_features_check = netback_vif_features_check,
	.ndo_fix_features = netback_vif_fix_features,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static void netback_vif_setup(struct netback_dev *be, struct net_device *net)
{
	/*
	 * The largest address that is no group address, so that a bridge never
	 * adopts it as its own.
	 */
	static const u8 mac[ETH_ALEN] = {
		0xfe, 0xff, 0xff, 0xff, 0xff, 0xff
	};

	((struct netback_priv *)netdev_priv(net))->be = be;
	net->netdev_ops = &netback_vif_ops;
	net->ethtool_ops = &netback_ethtool_ops;
	net->hw_features = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_IP_CSUM |
			   NETIF_F_IPV6_CSUM | NETIF_F_TSO | NETIF_F_TSO6;
	net->features = net->hw_features | NETIF_F_RXCSUM;
	net->tx_queue_len = NETBACK_TX_QUEUE_LEN;
	net->min_mtu = ETH_MIN_MTU;
	net->max_mtu = ETH_MAX_MTU - VLAN_ETH_HLEN;
	eth_hw_addr_set(net, mac);
	SET_NETDEV_DEV(net, &be->xdev->dev);
	netback_stats_attach(net);
	netif_carrier_off(net);
}

/**
 * netback_vif_create() - create the interface vif<domid>.<handle>
 * @be: device
 *
 * Return: the interface, or an ERR_PTR(), -EEXIST if the name is in use.
 * Context: process, no RTNL.
 */
struct net_device *netback_vif_create(struct netback_dev *be)
{
	struct net_device *net;
	char name[IFNAMSIZ];
	int err;

	snprintf(name, sizeof(name), "vif%u.%u", be->domid, be->handle);
	net = alloc_netdev_mq(sizeof(struct netback_priv), name,
			      NET_NAME_UNKNOWN, ether_setup, be->max_queues);
	if (!net)
		return ERR_PTR(-ENOMEM);
	netback_vif_setup(be, net);
	netif_set_real_num_tx_queues(net, 1);
	netif_set_real_num_rx_queues(net, 1);
	err = register_netdev(net);
	if (!err)
		return net;
	free_netdev(net);
	return ERR_PTR(err);
}

/* The limit of one frontend must not remain for the next one. */
static void netback_vif_fit_mtu(struct netback_dev *be)
{
	struct net_device *net = be->net;
	int mtu = net->mtu;

	ASSERT_RTNL();
	if (!be->link.sg && mtu > ETH_DATA_LEN) {
		if (!dev_set_mtu(net, ETH_DATA_LEN))
			be->mtu = mtu;
	} else if (be->link.sg && be->mtu) {
		dev_set_mtu(net, be->mtu);
	}
}

/**
 * netback_vif_start() - start the interface for a connection
 * @be: device
 * @qs: its queues
 *
 * Context: process, no RTNL.
 */
void netback_vif_start(struct netback_dev *be, struct netback_queues *qs)
{
	struct net_device *net = be->net;

	rtnl_lock();
	netif_set_real_num_tx_queues(net, qs->nr);
	netif_set_real_num_rx_queues(net, qs->nr);
	rcu_assign_pointer(be->queues, qs);
	netback_vif_fit_mtu(be);
	netdev_update_features(net);
	netif_carrier_on(net);
	if (netif_running(net))
		netback_vif_up(be);
	rtnl_unlock();
}

/**
 * netback_vif_stop() - stop the interface; nobody uses its queues afterwards
 * @be: device
 *
 * Context: process, no RTNL.
 */
void netback_vif_stop(struct netback_dev *be)
{
	rtnl_lock();
	netif_carrier_off(be->net);
	netback_vif_down(be);
	RCU_INIT_POINTER(be->queues, NULL);
	rtnl_unlock();
	synchronize_net();
}

/*
 * A frontend already watches our state, so it needs no further watch if we
 * write the current state again.
 */
static int netback_vif_write_carrier(void *data, struct xenbus_transaction xbt)
{
	struct netback_dev *be = data;
	const struct xenbus_device *dev = be->xdev;
	const struct xpv_number key = { "carrier", be->carrier };
	int err = xpv_store_write_numbers(xbt, dev->nodename, &key, 1);

	if (!err && dev->state == XenbusStateConnected)
		err = xenbus_printf(xbt, dev->nodename, "state", "%d",
				    dev->state);
	return err;
}

/**
 * netback_vif_announce() - announce our carrier to the frontend
 * @be: device
 *
 * Context: process, an action of the machine.
 */
void netback_vif_announce(struct netback_dev *be)
{
	int up;

	if (!be->net || !xchg(&be->tell_carrier, false))
		return;
	up = netif_running(be->net);
	if (up == be->carrier)
		return;
	be->carrier = up;
	xpv_store_update(netback_vif_write_carrier, be);
}
