/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the guest asks for beside packets: the control ring, how packets are
 * spread over queues, the multicast filter.
 */
#ifndef NETBACK_CTRL_H
#define NETBACK_CTRL_H

#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>
#include <xenpv/channel.h>
#include <xenpv/ring.h>
#include "hash.h"

struct netback_chain;
struct netback_dev;
struct netback_queue;

/**
 * struct netback_ctrl_ring - the control ring
 * @ring:     private half; not connected if its page is not mapped
 * @shared:   shared page
 * @ev:       event channel
 * @work:     serves the ring
 * @fired:    an event came for which no EOI was sent yet
 * @stopped:  the frontend's index was impossible
 * @page:     private page for keys and mappings
 * @state:    what the frontend has set up
 * @requests: number of messages
 * @refused:  number of refused messages
 */
struct netback_ctrl_ring {
	struct xpv_ring ring;
	struct xpv_shared shared;
	struct xpv_event ev;
	struct work_struct work;
	bool fired;
	bool stopped;
	void *page;
	struct netback_hash state;
	u64 requests;
	u64 refused;
};

/* The part of the control ring's state that the data path reads. */
struct netback_steer {
	struct rcu_head rcu;
	struct netback_hash hash;
};

/* ctrl.c */
int netback_ctrl_open(struct netback_dev *be, u32 ref, evtchn_port_t port);
void netback_ctrl_close(struct netback_dev *be);
void netback_ctrl_init(struct netback_dev *be);

/* steer.c */
bool netback_steer_hash(struct netback_dev *be, struct sk_buff *skb, u8 *type,
			u32 *hash);
u16 netback_steer_select(struct net_device *net, struct sk_buff *skb,
			 struct net_device *sb);

/* mcast.c */
int netback_mcast_message(struct netback_queue *q,
			  const struct netback_chain *c);
bool netback_mcast_passes(struct netback_dev *be, const struct sk_buff *skb);
void netback_mcast_reset(struct netback_dev *be);

#endif
