// SPDX-License-Identifier: GPL-2.0-only
/* 6.3: a netdev announces its XDP features. */
#include <net/xdp.h>

void probe(struct net_device *netdev);
void probe(struct net_device *netdev)
{
	xdp_set_features_flag(netdev, NETDEV_XDP_ACT_BASIC |
			      NETDEV_XDP_ACT_REDIRECT |
			      NETDEV_XDP_ACT_NDO_XMIT);
}
