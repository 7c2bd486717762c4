/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest receive: how a packet lies in the guest's pages, a batch's work space.
 */
#ifndef NETBACK_RECEIVE_H
#define NETBACK_RECEIVE_H

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <xenpv/grant.h>
#include "transmit.h"

struct netback_queue;

/* Guest receive: copy operations of one hypercall. */
#define NETBACK_RX_OPS		256
#define NETBACK_RX_FLUSH	128
/* Maximum ranges of our memory in a packet; each may be copied to two slots. */
#define NETBACK_RX_PIECES	96
static_assert(NETBACK_RX_FLUSH + NETBACK_RX_PIECES + XPV_NETIF_SLOTS_MIN <=
	      NETBACK_RX_OPS);
/*
 * Limit of the headroom for XDP: with more, a packet of 64 KiB would take too
 * many slots.
 */
#define NETBACK_XDP_MAX		448
static_assert((XPV_NETIF_MAX_PACKET + ETH_HLEN) /
	      (XEN_PAGE_SIZE - NETBACK_XDP_MAX) < XPV_NETIF_SLOTS_MIN);
/*
 * Bytes that may wait in a queue before the stack is stopped, some thousands of
 * small packets, so that a burst of them does not need the qdisc.
 */
#define NETBACK_RX_HIGH		(NETBACK_RING * XEN_PAGE_SIZE)
#define NETBACK_RX_LOW		(NETBACK_RX_HIGH / 2)
/* Bytes added to each packet's size, for its overhead. */
#define NETBACK_RX_EACH		256
/* Maximum slots of a packet, with its extra infos. */
#define NETBACK_RX_SLOTS	(XPV_NETIF_SLOTS_MIN + 3)

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

/* A receive slot before it is published: a response or an extra info. */
union netback_rx_slot {
	struct xpv_netif_rx_rsp rsp;
	struct xpv_netif_extra extra;
};

/**
 * struct netback_rx_batch - work space for one hypercall of guest receive
 * @nr_ops: number of copy operations
 * @nr:     number of slots
 * @copy:   copy operations
 * @owner:  slot of each copy operation
 * @from:   source page of each operation that copies from another guest's page
 * @slot:   slots
 * @sent:   packets in the slots
 */
struct netback_rx_batch {
	unsigned int nr_ops;
	unsigned int nr;
	struct gnttab_copy copy[NETBACK_RX_OPS];
	u16 owner[NETBACK_RX_OPS];
	struct page *from[NETBACK_RX_OPS];
	union netback_rx_slot slot[NETBACK_RING];
	struct sk_buff_head sent;
};

/* receive.c */
netdev_tx_t netback_rx_xmit(struct sk_buff *skb, struct net_device *net);
int netback_rx_poll(struct napi_struct *napi, int budget);
void netback_rx_timer(struct timer_list *t);
void netback_rx_purge(struct netback_queue *q);

/* slots.c */
void netback_rx_plan(struct netback_queue *q, struct sk_buff *skb,
		     struct netback_rx_plan *p);
void netback_rx_put(struct netback_queue *q, struct sk_buff *skb,
		    const struct netback_rx_plan *plan);
void netback_rx_copy(struct netback_queue *q);
void netback_rx_publish(struct netback_queue *q);

#endif
