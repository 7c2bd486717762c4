// SPDX-License-Identifier: GPL-2.0-only
/*
 * Multicast: on request, the backend keeps a list of addresses and sends no
 * packets for others. Changes of the list are messages in the transmit ring of
 * the first queue.
 *
 * The filter is optional: if there are too many addresses, or if all packets
 * are wanted, the backend is asked not to filter.
 */
#include <linux/etherdevice.h>
#include "netfront.h"

/* The addresses that the stack wants. */
struct netfront_wish {
	bool all;
	unsigned int nr;
	u8 addr[NETFRONT_MAX_MCAST][ETH_ALEN];
};

static void netfront_mcast_wish(struct netfront_dev *nf,
				struct netfront_wish *wish)
{
	struct net_device *netdev = nf->netdev;
	struct netdev_hw_addr *ha;

	wish->nr = 0;
	netif_addr_lock_bh(netdev);
	wish->all = netdev->flags & (IFF_PROMISC | IFF_ALLMULTI) ||
		    netdev_mc_count(netdev) > NETFRONT_MAX_MCAST;
	if (!wish->all)
		netdev_for_each_mc_addr(ha, netdev)
			ether_addr_copy(wish->addr[wish->nr++], ha->addr);
	netif_addr_unlock_bh(netdev);
}

static bool netfront_mcast_has(u8 (*addrs)[ETH_ALEN], unsigned int nr,
			       const u8 *addr)
{
	while (nr--)
		if (ether_addr_equal(addrs[nr], addr))
			return true;
	return false;
}

static bool netfront_mcast_tell(struct netfront_dev *nf, bool add,
				const u8 *addr)
{
	struct netfront_queue *q = &nf->queues[0];
	struct netdev_queue *txq = netfront_txq(q);
	bool told = false;

	/* Count it before the answer can come. */
	atomic_inc(&nf->mcast.answers);
	__netif_tx_lock_bh(txq);
	if (q->up)
		told = netfront_tx_mcast(q, add, addr);
	__netif_tx_unlock_bh(txq);
	if (!told)
		atomic_dec(&nf->mcast.answers);
	return told;
}

/* Update the backend's list to the wanted one; false if the ring is full. */
static bool netfront_mcast_update(struct netfront_dev *nf,
				  struct netfront_wish *wish)
{
	struct netfront_mcast *m = &nf->mcast;
	unsigned int i = 0;

	/* Remove addresses first, because the list is limited. */
	while (i < m->nr) {
		if (netfront_mcast_has(wish->addr, wish->nr, m->known[i])) {
			i++;
			continue;
		}
		if (!netfront_mcast_tell(nf, false, m->known[i]))
			return false;
		ether_addr_copy(m->known[i], m->known[--m->nr]);
	}
	for (i = 0; i < wish->nr; i++) {
		if (netfront_mcast_has(m->known, m->nr, wish->addr[i]))
			continue;
		if (!netfront_mcast_tell(nf, true, wish->addr[i]))
			return false;
		ether_addr_copy(m->known[m->nr++], wish->addr[i]);
	}
	return true;
}

struct netfront_mcast_request {
	struct xenbus_device *dev;
	bool on;
};

/* This write must not recreate a removed directory. */
static int netfront_mcast_write(void *data, struct xenbus_transaction xbt)
{
	const struct netfront_mcast_request *r = data;
	int err = xpv_instance_check(xbt, r->dev);

	return err ?: xenbus_printf(xbt, r->dev->nodename,
				    "request-multicast-control", "%u", r->on);
}

static void netfront_mcast_filter(struct netfront_dev *nf, bool on)
{
	struct netfront_mcast_request r = { nf->dev, on };

	if (nf->mcast.on == on)
		return;
	if (!xpv_store_update(netfront_mcast_write, &r))
		nf->mcast.on = on;
}

static void netfront_mcast_work(struct work_struct *work)
{
	struct netfront_dev *nf = container_of(to_delayed_work(work),
					       struct netfront_dev, mcast.work);
	struct netfront_wish *wish = kmalloc(sizeof(*wish), GFP_KERNEL);
	bool again = !wish;

	mutex_lock(&nf->fsm.act);
	if (!netfront_is_linked(nf) || !nf->link.features.mcast || !wish)
		goto out;
	netfront_mcast_wish(nf, wish);
	if (wish->all || READ_ONCE(nf->mcast.failed)) {
		netfront_mcast_filter(nf, false);
		goto out;
	}
	/* Switch the filter on only when all addresses are in the list. */
	again = !netfront_mcast_update(nf, wish) ||
		atomic_read(&nf->mcast.answers);
	if (!again)
		netfront_mcast_filter(nf, true);
out:
	if (again && !netfront_is_dead(nf))
		queue_delayed_work(netfront_wq, &nf->mcast.work, HZ / 10);
	mutex_unlock(&nf->fsm.act);
	kfree(wish);
}

/**
 * netfront_mcast_init() - initialise; before the first connection
 * @nf: device
 */
void netfront_mcast_init(struct netfront_dev *nf)
{
	INIT_DELAYED_WORK(&nf->mcast.work, netfront_mcast_work);
}

/**
 * netfront_mcast_link() - a new backend has an empty list, and does not filter
 * @nf: linked
 *
 * Context: process, under fsm.act.
 */
void netfront_mcast_link(struct netfront_dev *nf)
{
	lockdep_assert_held(&nf->fsm.act);
	nf->mcast.on = false;
	nf->mcast.failed = false;
	nf->mcast.nr = 0;
	atomic_set(&nf->mcast.answers, 0);
	mod_delayed_work(netfront_wq, &nf->mcast.work, 0);
}

/**
 * netfront_mcast_answer() - the backend answered a message
 * @nf:   linked
 * @okay: the message was successful
 *
 * Context: NAPI.
 */
void netfront_mcast_answer(struct netfront_dev *nf, bool okay)
{
	atomic_dec(&nf->mcast.answers);
	if (okay)
		return;
	/*
	 * Linux's backend reports no error when an unknown address is removed.
	 */
	WRITE_ONCE(nf->mcast.failed, true);
	mod_delayed_work(netfront_wq, &nf->mcast.work, 0);
}

/**
 * netfront_set_rx_mode() - the list of addresses has changed
 * @netdev: device
 *
 * See ndo_set_rx_mode.
 */
void netfront_set_rx_mode(struct net_device *netdev)
{
	struct netfront_dev *nf = netdev_priv(netdev);

	if (netfront_is_linked(nf) && !netfront_is_dead(nf))
		mod_delayed_work(netfront_wq, &nf->mcast.work, 0);
}
