/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest receive: what the queue of packets (receive.c) and slots.c share. */
#ifndef NETBACK_RECEIVE_H
#define NETBACK_RECEIVE_H

#include "netback.h"

/**
 * struct netback_rx_cb - private data of a packet, in its skb
 * @expires: when to drop the packet, jiffies
 * @weight:  bytes that it counts for in the queue
 * @hash:    hash of the packet, if @hashed
 * @type:    type of the hash
 * @hashed:  the hash has to be passed to the frontend
 * @own:     its data is not in another guest's pages any more
 */
struct netback_rx_cb {
	unsigned long expires;
	u32 weight;
	u32 hash;
	u8 type;
	bool hashed;
	bool own;
};

static inline struct netback_rx_cb *netback_rx_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct netback_rx_cb) > sizeof(skb->cb));
	return (struct netback_rx_cb *)skb->cb;
}

/**
 * struct netback_rx_plan - the layout of a packet in the guest's pages
 * @headroom: bytes left free in each page
 * @data:     number of slots with data
 * @extra:    number of slots with extra infos
 * @packed:   slots are filled completely; otherwise no range of our memory is
 *            split
 */
struct netback_rx_plan {
	unsigned int headroom;
	unsigned int data;
	unsigned int extra;
	bool packed;
};

/* slots.c */
void netback_rx_plan(struct netback_queue *q, struct sk_buff *skb,
		     struct netback_rx_plan *p);
void netback_rx_put(struct netback_queue *q, struct sk_buff *skb,
		    const struct netback_rx_plan *plan);
void netback_rx_copy(struct netback_queue *q);
void netback_rx_publish(struct netback_queue *q);

#endif
