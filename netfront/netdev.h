/* SPDX-License-Identifier: GPL-2.0-only */
/* The netdev as the stack, ethtool, sysfs and debugfs see it. */
#ifndef NETFRONT_NETDEV_H
#define NETFRONT_NETDEV_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>

struct netfront_dev;

/* netdev.c */
extern const struct net_device_ops netfront_netdev_ops;
void netfront_netdev_setup(struct netfront_dev *nf);

/* apply.c */
void netfront_apply(struct netfront_dev *nf);
void netfront_apply_work(struct work_struct *work);
void netfront_announce(struct work_struct *work);
void netfront_update_mtu(struct netfront_dev *nf);

/* ethtool.c, rxfh.c */
extern const struct ethtool_ops netfront_ethtool_ops;
int netfront_get_rxnfc(struct net_device *netdev, struct ethtool_rxnfc *nfc,
		       u32 *rules);
int netfront_set_rxnfc(struct net_device *netdev, struct ethtool_rxnfc *nfc);
u32 netfront_get_rxfh_key_size(struct net_device *netdev);
u32 netfront_get_rxfh_indir_size(struct net_device *netdev);
int netfront_get_rxfh(struct net_device *netdev, u32 *indir, u8 *key,
		      u8 *hfunc);
int netfront_set_rxfh(struct net_device *netdev, const u32 *indir,
		      const u8 *key, const u8 hfunc);
int netfront_get_fields(struct net_device *netdev, u32 flow, u64 *fields);
int netfront_set_fields(struct net_device *netdev, u32 flow, u64 fields);

/* sysfs.c */
extern const struct attribute_group netfront_group;

/* debugfs.c */
void netfront_debug_create(struct netfront_dev *nf);

#endif
