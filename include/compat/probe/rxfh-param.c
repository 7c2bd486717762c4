// SPDX-License-Identifier: GPL-2.0-only
/* 6.8: hash settings are passed in a struct. */
#include <linux/ethtool.h>

static int probe_get(struct net_device *netdev, struct ethtool_rxfh_param *p)
{
	return p->hfunc;
}

extern const struct ethtool_ops probe;
const struct ethtool_ops probe = { .get_rxfh = probe_get };
