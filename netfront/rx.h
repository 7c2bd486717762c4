/* SPDX-License-Identifier: GPL-2.0-only */
/* Receive: pages for packets, packets from pages, XDP. */
#ifndef NETFRONT_RX_H
#define NETFRONT_RX_H

#include <linux/bpf.h>
#include <linux/netdevice.h>
#include <linux/timer.h>
#include <net/xdp.h>
#include <compat/page_pool.h>
#include <xenpv/coalesce.h>
#include <xenpv/grant.h>
#include <xenpv/ring.h>
#include "parse.h"
#include "tx.h"

struct netfront_dev;
struct netfront_queue;

/* An XDP program needs the packet within one page. */
#define NETFRONT_XDP_ROOM						\
	(PAGE_SIZE - XDP_PACKET_HEADROOM -				\
	 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
#define NETFRONT_XDP_MTU	(NETFRONT_XDP_ROOM - ETH_HLEN - 4)

/**
 * struct netfront_rx - state of the receive ring
 * @half:   requests and responses, both used by NAPI only
 * @chain:  packet that is being assembled
 * @pool:   page pool
 * @coalesce: pools for coalesced packets
 * @page:   by slot: granted page; NULL if the slot has to be refilled
 * @ref:    by slot: grant reference
 * @static_grants: pages stay granted, and received data is copied
 * @info:   for XDP
 * @timer:  tries again after a shortage of memory
 * @work:   number of responses ever taken
 */
struct netfront_rx {
	struct xpv_ring half;
	struct netfront_chain chain;
	struct page_pool *pool;
	struct xpv_coalesce_pool coalesce;
	struct page *page[NETFRONT_SLOTS];
	grant_ref_t ref[NETFRONT_SLOTS];
	bool static_grants;
	struct xdp_rxq_info info;
	struct timer_list timer;
	u32 work;
} ____cacheline_aligned_in_smp;

/* rx_page.c */
struct page *netfront_rx_page(struct netfront_queue *q);
void netfront_rx_refill(struct netfront_queue *q);
void netfront_rx_push(struct netfront_queue *q);
struct page *netfront_rx_take(struct netfront_queue *q, unsigned int slot,
			      unsigned int offset, unsigned int len);
void *netfront_rx_piece(struct netfront_queue *q, const struct netfront_piece *p);
struct sk_buff *netfront_rx_skb(struct netfront_queue *q, unsigned int len);

/* rx.c */
void netfront_rx_timer(struct timer_list *timer);
int netfront_rx_open(struct netfront_queue *q);
unsigned int netfront_rx_poll(struct netfront_queue *q, int budget);
bool netfront_rx_arm(struct netfront_queue *q);
void netfront_rx_close(struct netfront_queue *q);

/* packet.c */
struct sk_buff *netfront_packet_skb(struct netfront_queue *q);
void netfront_packet_deliver(struct netfront_queue *q, struct sk_buff *skb,
			     unsigned int len);

/* coalesce.c */
bool netfront_coalesce_wanted(struct netfront_queue *q);
struct sk_buff *netfront_coalesce_skb(struct netfront_queue *q);

/* xdp.c */
enum netfront_xdp_done {
	NETFRONT_XDP_FLUSH = 1,	/* xdp_do_flush() is due */
	NETFRONT_XDP_PUSH = 2,	/* requests were produced */
};

unsigned int netfront_xdp_packet(struct netfront_queue *q,
				 struct bpf_prog *prog);
void netfront_xdp_finish(struct netfront_queue *q, unsigned int done);
int netfront_xdp_xmit(struct net_device *netdev, int n,
		      struct xdp_frame **frames, u32 flags);

/* bpf.c */
int netfront_bpf(struct net_device *netdev, struct netdev_bpf *bpf);

#endif
