/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences: ethtool operations. */
#ifndef XENPV_COMPAT_ETHTOOL_H
#define XENPV_COMPAT_ETHTOOL_H

#include <linux/ethtool.h>
#include <compat/generated.h>

/*
 * get_rxfh and set_rxfh of a device, made of two functions:
 *	int get(netdev, u32 *indir, u8 *key, u8 *hfunc)
 *	int set(netdev, const u32 *indir, const u8 *key, u8 hfunc)
 * The set function gets NULL for what is to stay as it is. One table and one
 * key, no contexts.
 */
#ifdef XPV_HAVE_RXFH_PARAM

#define XPV_DEFINE_RXFH(name, get, set)					\
static int name##_get_rxfh(struct net_device *netdev,			\
			   struct ethtool_rxfh_param *p)		\
{									\
	return get(netdev, p->indir, p->key, &p->hfunc);		\
}									\
									\
static int name##_set_rxfh(struct net_device *netdev,			\
			   struct ethtool_rxfh_param *p,		\
			   struct netlink_ext_ack *extack)		\
{									\
	return set(netdev, p->indir, p->key, p->hfunc);			\
}

#else

#define XPV_DEFINE_RXFH(name, get, set)					\
static int name##_get_rxfh(struct net_device *netdev, u32 *indir,	\
			   u8 *key, u8 *hfunc)				\
{									\
	return get(netdev, indir, key, hfunc);				\
}									\
									\
static int name##_set_rxfh(struct net_device *netdev, const u32 *indir,	\
			   const u8 *key, const u8 hfunc)		\
{									\
	return set(netdev, indir, key, hfunc);				\
}

#endif

#define XPV_RXFH_OPS(name)						\
	.get_rxfh = name##_get_rxfh,					\
	.set_rxfh = name##_set_rxfh,

/*
 * get_rxfh_fields and set_rxfh_fields, where there are such; else they are a
 * part of get_rxnfc and set_rxnfc. Of two functions:
 *	int get(netdev, u32 flow, u64 *fields)
 *	int set(netdev, u32 flow, u64 fields)
 */
#ifdef XPV_HAVE_RXFH_FIELDS

#define XPV_DEFINE_RXFH_FIELDS(name, get, set)				\
static int name##_get_fields(struct net_device *netdev,			\
			     struct ethtool_rxfh_fields *f)		\
{									\
	u64 fields;							\
	int err = get(netdev, f->flow_type, &fields);			\
									\
	f->data = fields;						\
	return err;							\
}									\
									\
static int name##_set_fields(struct net_device *netdev,			\
			     const struct ethtool_rxfh_fields *f,	\
			     struct netlink_ext_ack *extack)		\
{									\
	return set(netdev, f->flow_type, f->data);			\
}

#define XPV_RXFH_FIELDS_OPS(name)					\
	.get_rxfh_fields = name##_get_fields,				\
	.set_rxfh_fields = name##_set_fields,

#else

#define XPV_DEFINE_RXFH_FIELDS(name, get, set)
#define XPV_RXFH_FIELDS_OPS(name)

#endif

/*
 * get_rx_ring_count, where there is such; else ETHTOOL_GRXRINGS of get_rxnfc.
 * The number is that of the receive queues in use.
 */
#ifdef XPV_HAVE_RX_RING_COUNT

#define XPV_DEFINE_RX_RING_COUNT(name)					\
static u32 name##_get_rx_ring_count(struct net_device *netdev)		\
{									\
	return netdev->real_num_rx_queues;				\
}

#define XPV_RX_RING_COUNT_OPS(name)					\
	.get_rx_ring_count = name##_get_rx_ring_count,

#else

#define XPV_DEFINE_RX_RING_COUNT(name)
#define XPV_RX_RING_COUNT_OPS(name)

#endif

#endif
