// SPDX-License-Identifier: GPL-2.0-only
/* 6.17, and some before: the fields of a hash have operations of their own. */
#include <linux/ethtool.h>

static int probe_get(struct net_device *netdev, struct ethtool_rxfh_fields *f)
{
	return f->flow_type;
}

extern const struct ethtool_ops probe;
const struct ethtool_ops probe = { .get_rxfh_fields = probe_get };
