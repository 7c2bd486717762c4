// SPDX-License-Identifier: GPL-2.0-only
/* ethtool -x, -X, and -n, -N for what a hash is made of. */
#include <linux/ethtool.h>
#include <compat/ethtool.h>
#include "netfront.h"

/**
 * netfront_get_rxfh_key_size() - bytes of a key; see ethtool_ops
 * @netdev: device
 *
 * Return: bytes.
 */
u32 netfront_get_rxfh_key_size(struct net_device *netdev)
{
	struct netfront_dev *nf = netdev_priv(netdev);

	return nf->link.features.ctrl ? NETFRONT_KEY_BYTES : 0;
}

/**
 * netfront_get_rxfh_indir_size() - entries of the table; see ethtool_ops
 * @netdev: device
 *
 * Return: number of entries.
 */
u32 netfront_get_rxfh_indir_size(struct net_device *netdev)
{
	struct netfront_dev *nf = netdev_priv(netdev);

	return nf->rss.size;
}

/**
 * netfront_get_rxfh() - get the current or default table and key
 * @netdev: device
 * @indir:  result: the table, or NULL
 * @key:    result: the key, or NULL
 * @hfunc:  result: the kind of hash, or NULL
 *
 * Return: 0.
 * Context: process, under RTNL.
 */
int netfront_get_rxfh(struct net_device *netdev, u32 *indir, u8 *key, u8 *hfunc)
{
	struct netfront_dev *nf = netdev_priv(netdev);
	struct netfront_rss *rss = &nf->rss;

	mutex_lock(&nf->fsm.act);
	if (hfunc)
		*hfunc = ETH_RSS_HASH_TOP;
	if (key)
		memcpy(key, rss->key, sizeof(rss->key));
	if (indir && rss->set)
		memcpy(indir, rss->table, rss->size * sizeof(*indir));
	else if (indir)
		netfront_rss_spread(nf, indir);
	mutex_unlock(&nf->fsm.act);
	return 0;
}

static bool netfront_table_is_default(struct netfront_dev *nf, const u32 *table)
{
	unsigned int i;

	for (i = 0; i < nf->rss.size; i++)
		if (table[i] != i % nf->link.nr_queues)
			return false;
	return true;
}

/**
 * netfront_set_rxfh() - change table and key, which switches hashing on
 * @netdev: device
 * @indir:  new table, or NULL: unchanged
 * @key:    new key, or NULL: unchanged
 * @hfunc:  kind of hash
 *
 * Return: 0 or a negative error; nothing changes on an error.
 * Context: process, under RTNL.
 */
int netfront_set_rxfh(struct net_device *netdev, const u32 *indir,
		      const u8 *key, const u8 hfunc)
{
	struct netfront_dev *nf = netdev_priv(netdev);
	struct netfront_rss *rss = &nf->rss, *old;
	int err = -EOPNOTSUPP;

	if (hfunc != ETH_RSS_HASH_NO_CHANGE && hfunc != ETH_RSS_HASH_TOP)
		return -EOPNOTSUPP;
	old = kmemdup(rss, sizeof(*rss), GFP_KERNEL);
	if (!old)
		return -ENOMEM;

	mutex_lock(&nf->fsm.act);
	if (netfront_is_linked(nf) ? nf->ctrl.up : nf->link.features.ctrl) {
		*old = *rss;
		if (key)
			memcpy(rss->key, key, sizeof(rss->key));
		if (indir) {
			memcpy(rss->table, indir, rss->size * sizeof(*indir));
			rss->set = !netfront_table_is_default(nf, indir);
		}
		rss->on = true;
		/* Without a backend the settings are kept for the next one. */
		err = netfront_is_linked(nf) ? netfront_rss_program(nf) : 0;
		if (err) {
			*rss = *old;
			netfront_rss_program(nf);
		}
	}
	mutex_unlock(&nf->fsm.act);
	kfree(old);
	if (!err && !(netdev->features & NETIF_F_RXHASH)) {
		netdev->wanted_features |= NETIF_F_RXHASH;
		netdev_update_features(netdev);
	}
	return err;
}

/* The bits for a hash of addresses only, or with ports; 0: not supported. */
static u32 netfront_flow_types(u32 flow, u32 *with_ports)
{
	*with_ports = 0;
	switch (flow) {
	case TCP_V4_FLOW:
		*with_ports = BIT(XPV_NETIF_HASH_IPV4_TCP);
		fallthrough;
	case UDP_V4_FLOW:
	case SCTP_V4_FLOW:
	case AH_ESP_V4_FLOW:
	case IPV4_FLOW:
		return BIT(XPV_NETIF_HASH_IPV4);
	case TCP_V6_FLOW:
		*with_ports = BIT(XPV_NETIF_HASH_IPV6_TCP);
		fallthrough;
	case UDP_V6_FLOW:
	case SCTP_V6_FLOW:
	case AH_ESP_V6_FLOW:
	case IPV6_FLOW:
		return BIT(XPV_NETIF_HASH_IPV6);
	default:
		return 0;
	}
}

/**
 * netfront_get_fields() - get the fields that a flow's hash includes
 * @netdev: device
 * @flow:   *_FLOW
 * @fields: result, RXH_*
 *
 * Return: 0 or -EOPNOTSUPP.
 */
int netfront_get_fields(struct net_device *netdev, u32 flow, u64 *fields)
{
	struct netfront_dev *nf = netdev_priv(netdev);
	u32 ports, types = netfront_flow_types(flow, &ports);

	*fields = 0;
	if (!nf->link.features.ctrl)
		return -EOPNOTSUPP;
	if (nf->rss.types & (types | ports))
		*fields = RXH_IP_SRC | RXH_IP_DST;
	if (nf->rss.types & ports)
		*fields |= RXH_L4_B_0_1 | RXH_L4_B_2_3;
	return 0;
}

/**
 * netfront_set_fields() - choose the fields that a flow's hash includes
 * @netdev: device
 * @flow:   *_FLOW
 * @fields: RXH_*
 *
 * The setting for addresses applies to all kinds of packets of an IP version.
 *
 * Return: 0; -EINVAL if the protocol has no such hash; or as
 * netfront_rss_program().
 * Context: process, under RTNL.
 */
int netfront_set_fields(struct net_device *netdev, u32 flow, u64 fields)
{
	const u64 ip = RXH_IP_SRC | RXH_IP_DST;
	const u64 l4 = RXH_L4_B_0_1 | RXH_L4_B_2_3;
	struct netfront_dev *nf = netdev_priv(netdev);
	u32 ports, types = netfront_flow_types(flow, &ports);
	u32 old, new = nf->rss.types;
	int err = 0;

	if (!nf->link.features.ctrl)
		return -EOPNOTSUPP;
	if (!types)
		return -EINVAL;
	if (fields == (ip | l4) && ports)
		new |= types | ports;
	else if (fields == ip)
		new = (new | types) & ~ports;
	else if (!fields)
		new &= ~(types | ports);
	else
		return -EINVAL;

	mutex_lock(&nf->fsm.act);
	old = nf->rss.types;
	nf->rss.types = new;
	if (netfront_is_linked(nf) && nf->rss.on)
		err = netfront_rss_program(nf);
	if (err) {
		nf->rss.types = old;
		netfront_rss_program(nf);
	}
	mutex_unlock(&nf->fsm.act);
	return err;
}

/**
 * netfront_get_rxnfc() - get the number of receive rings or the hash fields
 * @netdev: device
 * @nfc:    command
 * @rules:  unused
 *
 * See ethtool_ops.
 *
 * Return: 0 or a negative error.
 */
int netfront_get_rxnfc(struct net_device *netdev, struct ethtool_rxnfc *nfc,
		       u32 *rules)
{
	switch (nfc->cmd) {
	case ETHTOOL_GRXRINGS:
		nfc->data = netdev->real_num_rx_queues;
		return 0;
	case ETHTOOL_GRXFH:
		return netfront_get_fields(netdev, nfc->flow_type, &nfc->data);
	default:
		return -EOPNOTSUPP;
	}
}

/**
 * netfront_set_rxnfc() - choose the hash fields; see ethtool_ops
 * @netdev: device
 * @nfc:    command
 *
 * Return: 0 or a negative error.
 */
int netfront_set_rxnfc(struct net_device *netdev, struct ethtool_rxnfc *nfc)
{
	if (nfc->cmd != ETHTOOL_SRXFH)
		return -EOPNOTSUPP;
	return netfront_set_fields(netdev, nfc->flow_type, nfc->data);
}
