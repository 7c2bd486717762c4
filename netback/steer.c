// SPDX-License-Identifier: GPL-2.0-only
/* Select the queue of a packet and compute its hash, as the frontend asked. */
#include "netback.h"

/* A separate function, because on most kernels its buffer is cleared first. */
static noinline bool netback_steer_compute(const struct netback_steer *s,
					   struct sk_buff *skb, u8 *type,
					   u32 *hash)
{
	unsigned int len = min_t(unsigned int, skb->len, NETBACK_FLOW_BYTES);
	u8 buf[NETBACK_FLOW_BYTES];
	struct netback_flow flow;
	const u8 *data;

	data = skb_header_pointer(skb, 0, len, buf);
	if (!data || !netback_flow_parse(s->hash.flags, data, len, &flow))
		return false;
	*type = flow.type;
	*hash = netback_hash_value(&s->hash, &flow);
	return true;
}

/**
 * netback_steer_hash() - compute the hash that the frontend asked for
 * @be:   device
 * @skb:  packet
 * @type: result: XPV_NETIF_HASH_*
 * @hash: result
 *
 * Return: false if it wants none for this packet.
 * Context: RCU.
 */
bool netback_steer_hash(struct netback_dev *be, struct sk_buff *skb, u8 *type,
			u32 *hash)
{
	const struct netback_steer *s = rcu_dereference_bh(be->steer);

	return unlikely(s) && netback_steer_compute(s, skb, type, hash);
}

/**
 * netback_steer_select() - ndo_select_queue()
 * @net: interface
 * @skb: packet
 * @sb:  unused
 *
 * Return: index of the queue.
 * Context: RCU.
 */
u16 netback_steer_select(struct net_device *net, struct sk_buff *skb,
			 struct net_device *sb)
{
	struct netback_dev *be = netback_of(net);
	unsigned int queues = net->real_num_tx_queues;
	const struct netback_steer *s;
	u32 hash;
	u8 type;

	if (queues == 1)
		return 0;
	s = rcu_dereference_bh(be->steer);
	if (likely(!s))
		return netdev_pick_tx(net, skb, NULL) % queues;
	if (!netback_steer_hash(be, skb, &type, &hash))
		return 0;
	return netback_hash_queue(&s->hash, hash, queues);
}
