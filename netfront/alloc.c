// SPDX-License-Identifier: GPL-2.0-only
/* The memory of a device, and the end of a device. */
#include <linux/etherdevice.h>
#include <linux/slab.h>
#include "netfront.h"

struct netfront_dev *netfront_alloc(struct xenbus_device *dev)
{
	unsigned int max = clamp(READ_ONCE(netfront_max_queues), 1U,
				 min_t(unsigned int, num_possible_cpus(),
				       NETFRONT_MAX_QUEUES));
	struct net_device *netdev;
	struct netfront_dev *nf;
	unsigned int i;

	netdev = alloc_etherdev_mq(sizeof(*nf), max);
	if (!netdev)
		return NULL;
	nf = netdev_priv(netdev);
	nf->dev = dev;
	nf->netdev = netdev;
	nf->max_queues = max;
	nf->want_queues = max;
	nf->link.nr_queues = 1;
	nf->queues = kvcalloc(max, sizeof(*nf->queues), GFP_KERNEL);
	if (!nf->queues) {
		free_netdev(netdev);
		return NULL;
	}
	for (i = 0; i < max; i++)
		netfront_queue_init(&nf->queues[i], nf, i);
	nf->speed = SPEED_UNKNOWN;
	nf->duplex = DUPLEX_UNKNOWN;
	init_waitqueue_head(&nf->wait);
	INIT_WORK(&nf->apply_work, netfront_apply_work);
	INIT_DELAYED_WORK(&nf->announce, netfront_announce);
	spin_lock_init(&nf->ctrl.lock);
	init_completion(&nf->ctrl.done);
	netfront_rss_init(nf);
	netfront_mcast_init(nf);
	netfront_carrier_init(nf);
	xpv_fsm_init(&nf->fsm, dev, netfront_rules, netfront_expired);
	xpv_shortage_init(&nf->shortage, &nf->fsm);
	return nf;
}

void netfront_free(struct netfront_dev *nf)
{
	unsigned int i;

	netfront_unrevoked_forget(nf);
	xpv_violations_free(&nf->violations);
	for (i = 0; i < nf->max_queues; i++)
		netif_napi_del(&nf->queues[i].napi);
	kvfree(nf->queues);
	free_netdev(nf->netdev);
}

/**
 * netfront_destroy() - destroy a device that is removed
 * @nf: its watches and its machine are stopped
 *
 * Context: process.
 */
void netfront_destroy(struct netfront_dev *nf)
{
	mutex_lock(&nf->fsm.act);
	netfront_phase_set(nf, NETFRONT_PHASE_DEAD);
	netfront_disconnect(nf);
	netfront_carrier_off(nf);
	mutex_unlock(&nf->fsm.act);
	wake_up_all(&nf->wait);		/* the waiter holds RTNL */

	if (nf->registered)
		unregister_netdev(nf->netdev);
	cancel_work_sync(&nf->apply_work);
	cancel_delayed_work_sync(&nf->carrier.work);
	cancel_delayed_work_sync(&nf->announce);
	cancel_delayed_work_sync(&nf->mcast.work);
	debugfs_remove(nf->debug);
	netfront_free(nf);
}
