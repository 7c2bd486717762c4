// SPDX-License-Identifier: GPL-2.0-only
/* How the netdev, its stack and the neighbours are told of a new connection. */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <compat/netdev.h>
#include "netfront.h"

/**
 * netfront_update_mtu() - apply the MTU limits of the backend and XDP
 * @nf: any
 *
 * Context: process, under RTNL.
 */
void netfront_update_mtu(struct netfront_dev *nf)
{
	struct net_device *netdev = nf->netdev;
	unsigned int max = XPV_NETIF_MTU_MAX;

	ASSERT_RTNL();
	if (READ_ONCE(nf->links) && !nf->link.features.sg)
		max = XPV_NETIF_MTU_DEFAULT;
	if (rtnl_dereference(nf->prog))
		max = min_t(unsigned int, max, NETFRONT_XDP_MTU);
	netdev->max_mtu = max;
	if (netdev->mtu > max) {
		netdev_info(netdev, "backend takes packets of %u bytes\n", max);
		dev_set_mtu(netdev, max);
	}
}

/**
 * netfront_apply() - tell the netdev of a new connection, once
 * @nf: any
 *
 * Context: process, under RTNL.
 */
void netfront_apply(struct netfront_dev *nf)
{
	struct net_device *netdev = nf->netdev;
	unsigned int links, nr, i;
	bool pending, moved = false;

	ASSERT_RTNL();
	mutex_lock(&nf->fsm.act);
	pending = netfront_is_linked(nf) && !nf->link.applied;
	links = nf->links;
	nr = nf->link.nr_queues;
	mutex_unlock(&nf->fsm.act);
	if (!pending || netdev->reg_state != NETREG_REGISTERED)
		return;

	/*
	 * Not under act: these functions take locks whose holders may wait for
	 * act.
	 */
	if (netif_set_real_num_tx_queues(netdev, nr) ||
	    netif_set_real_num_rx_queues(netdev, nr))
		netdev_err(netdev, "cannot use %u queues\n", nr);
	netdev_update_features(netdev);
	netfront_update_mtu(nf);

	mutex_lock(&nf->fsm.act);
	if (netfront_is_linked(nf) && nf->links == links) {
		nf->link.applied = true;
		/* All queues: the watchdog checks unused ones, too. */
		for (i = 0; i < nf->max_queues && netif_running(netdev); i++)
			netif_tx_wake_queue(netdev_get_tx_queue(netdev, i));
		moved = netfront_carrier_moved(nf);
		netfront_carrier_update(nf);
	}
	mutex_unlock(&nf->fsm.act);
	if (moved)
		netfront_carrier_tell(nf);
	/*
	 * Wait until the carrier is seen, or the qdisc would drop the packet.
	 */
	if (links > 1)
		mod_delayed_work(netfront_wq, &nf->announce, HZ / 10);
}

/**
 * netfront_apply_work() - call netfront_apply() from a work item
 * @work: apply_work of a device
 */
void netfront_apply_work(struct work_struct *work)
{
	rtnl_lock();
	netfront_apply(container_of(work, struct netfront_dev, apply_work));
	rtnl_unlock();
}

/**
 * netfront_announce() - notify the neighbours, which may have an old path to us
 * @work: announce of a device
 */
void netfront_announce(struct work_struct *work)
{
	struct netfront_dev *nf = container_of(to_delayed_work(work),
					       struct netfront_dev, announce);
	struct net_device *netdev = nf->netdev;

	rtnl_lock();
	if (netdev->reg_state == NETREG_REGISTERED && netif_running(netdev) &&
	    netif_carrier_ok(netdev))
		__netdev_notify_peers(netdev);
	rtnl_unlock();
}
