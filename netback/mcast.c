// SPDX-License-Identifier: GPL-2.0-only
/* The list of multicast addresses that a guest wants to receive. */
#include <linux/rculist.h>
#include <linux/slab.h>
#include "netback.h"

#define NETBACK_MCAST_MAX	64

struct netback_mcast {
	struct list_head link;
	struct rcu_head rcu;
	u8 addr[ETH_ALEN];
};

static struct netback_mcast *netback_mcast_find(struct netback_dev *be,
						const u8 *addr)
{
	struct netback_mcast *m;

	list_for_each_entry_rcu(m, &be->mcast, link,
				lockdep_is_held(&be->mcast_lock)) {
		if (ether_addr_equal(m->addr, addr))
			return m;
	}
	return NULL;
}

static int netback_mcast_add(struct netback_queue *q, const u8 *addr)
{
	struct netback_dev *be = q->be;
	struct netback_mcast *m;

	if (netback_mcast_find(be, addr))
		return 0;
	if (be->nr_mcast >= NETBACK_MCAST_MAX) {
		xpv_violation(&be->violations, NETBACK_SITE_MCAST_LIMIT,
			      be->nr_mcast + 1, NETBACK_MCAST_MAX,
			      "address refused");
		return -ENOSPC;
	}
	m = kmalloc(sizeof(*m), GFP_ATOMIC);
	if (!m)
		return -ENOMEM;
	ether_addr_copy(m->addr, addr);
	be->nr_mcast++;
	list_add_tail_rcu(&m->link, &be->mcast);
	return 0;
}

static void netback_mcast_del(struct netback_dev *be, struct netback_mcast *m)
{
	list_del_rcu(&m->link);
	be->nr_mcast--;
	kfree_rcu(m, rcu);
}

/**
 * netback_mcast_message() - change the list, for a slot without a packet
 * @q: queue of the message
 * @c: chain with one or both messages
 *
 * Return: status to answer with.
 * Context: tx NAPI.
 */
int netback_mcast_message(struct netback_queue *q,
			  const struct netback_chain *c)
{
	const struct xpv_netif_extra *e;
	struct netback_dev *be = q->be;
	struct netback_mcast *m;
	int err = 0;

	netback_count_tx(q, NETBACK_TX_MCAST, 1);
	spin_lock(&be->mcast_lock);
	e = xpv_netif_extra_of(&c->extras, XPV_NETIF_EXTRA_MCAST_DEL);
	m = e ? netback_mcast_find(be, e->u.mcast) : NULL;
	if (m)
		netback_mcast_del(be, m);
	e = xpv_netif_extra_of(&c->extras, XPV_NETIF_EXTRA_MCAST_ADD);
	if (e)
		err = netback_mcast_add(q, e->u.mcast);
	spin_unlock(&be->mcast_lock);
	return err ? XPV_NETIF_RSP_ERROR : XPV_NETIF_RSP_OKAY;
}

/**
 * netback_mcast_passes() - test whether the guest wants a packet
 * @be:  device
 * @skb: packet, from its Ethernet header on
 *
 * skb_mac_header() is not set in every packet: a packet socket that bypasses
 * the qdisc does not set it.
 *
 * Return: true if so.
 * Context: RCU.
 */
bool netback_mcast_passes(struct netback_dev *be, const struct sk_buff *skb)
{
	const u8 *dest = ((struct ethhdr *)skb->data)->h_dest;

	if (likely(!READ_ONCE(be->link.filter)) || !is_multicast_ether_addr(dest) ||
	    is_broadcast_ether_addr(dest))
		return true;
	return netback_mcast_find(be, dest);
}

/**
 * netback_mcast_reset() - clear the list before the next connection
 * @be: device, no queue is served
 */
void netback_mcast_reset(struct netback_dev *be)
{
	struct netback_mcast *m, *next;

	spin_lock_bh(&be->mcast_lock);
	list_for_each_entry_safe(m, next, &be->mcast, link)
		netback_mcast_del(be, m);
	spin_unlock_bh(&be->mcast_lock);
}
