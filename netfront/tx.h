/* SPDX-License-Identifier: GPL-2.0-only */
/* Transmit: producing requests and consuming their responses. */
#ifndef NETFRONT_TX_H
#define NETFRONT_TX_H

#include <linux/netdevice.h>
#include <linux/u64_stats_sync.h>
#include <net/xdp.h>
#include <xenpv/grant.h>
#include <xenpv/ring.h>
#include "parse.h"
#include "stats.h"

struct netfront_queue;

/* Kernels with larger pages would need several grants per page. */
static_assert(PAGE_SIZE == XPV_NETIF_PAGE_BYTES);
/* The code uses page_address() on every page. */
static_assert(!IS_ENABLED(CONFIG_HIGHMEM));

#define NETFRONT_SLOTS		XPV_NETIF_RING_ENTRIES
/*
 * Maximum slots of a packet, including extra infos, of which GSO is the only
 * one.
 */
#define NETFRONT_TX_MOST	(XPV_NETIF_SLOTS_MIN + 1)
/* References of a queue: its slots, its rings, its cells. */
#define NETFRONT_QUEUE_REFS	(2 * NETFRONT_SLOTS + 2 + NETFRONT_BOUNCE_PAGES)
/* Up to so many bytes are copied and not granted. */
#define NETFRONT_BOUNCE_SLOT		256
#define NETFRONT_BOUNCE_SLOTS		(PAGE_SIZE / NETFRONT_BOUNCE_SLOT)
#define NETFRONT_BOUNCE_PAGES	(NETFRONT_SLOTS / NETFRONT_BOUNCE_SLOTS)
#define NETFRONT_COPY_BREAK	256

/* What a transmit request's id belongs to. */
enum netfront_kind {
	NETFRONT_FREE,
	NETFRONT_SKB,
	NETFRONT_FRAME,		/* an xdp_frame */
	NETFRONT_NOTHING,	/* copied data, or a message to the backend */
};

/**
 * struct netfront_sent_id - private record of a transmit request
 * @owner: skb or xdp_frame that it belongs to
 * @pos:   its position among all requests ever; a response before that position
 *         was published is invalid
 * @kind:  enum netfront_kind; if it is free, a response with this id is invalid
 * @lent:  its reference grants a page of @owner
 * @mcast: it changes the backend's list of multicast addresses
 */
struct netfront_sent_id {
	void *owner;
	u32 pos;
	u8 kind;
	bool lent;
	bool mcast;
};

/**
 * struct netfront_tx - state of the producer of transmit requests
 * @half:   private half; @cons is a copy of the consumer's, perhaps outdated
 * @head:   number of ids ever taken
 * @extras: number of slots ever used for extra infos
 * @look:   timer that looks for responses while the transmit queue is stopped
 * @count:  counters, by enum netfront_tx_counter
 * @sync:   protects @count
 * @ids:    free ids, a queue: taken at @head, returned at @tail
 */
struct netfront_tx {
	struct xpv_ring half;
	u32 head;
	u32 extras;
	struct timer_list look;
	struct u64_stats_sync sync;
	u64_stats_t count[NETFRONT_NR_TX];
} ____cacheline_aligned_in_smp;

/**
 * struct netfront_txc - state of the consumer of transmit responses
 * @half:   private half; only @cons is used, released after the ids are
 *          returned
 * @tail:   number of ids ever returned, including the initial ones
 * @extras: number of responses ever seen for extra infos
 * @work:   number of responses ever taken
 * @stuck:  @half.cons at the last call of the watchdog
 */
struct netfront_txc {
	struct xpv_ring half;
	u32 tail;
	u32 extras;
	u32 work;
	u32 stuck;
} ____cacheline_aligned_in_smp;

/* Stored in skb->cb while the backend has the packet. */
struct netfront_cb {
	u32 left;	/* requests without a response */
};

static inline struct netfront_cb *netfront_cb(struct sk_buff *skb)
{
	return (struct netfront_cb *)skb->cb;
}

/* tx.c */
void netfront_tx_look(struct timer_list *timer);
netdev_tx_t netfront_xmit(struct sk_buff *skb, struct net_device *netdev);
bool netfront_tx_room(struct netfront_queue *q, unsigned int slots);
void netfront_tx_push(struct netfront_queue *q);
bool netfront_tx_frame(struct netfront_queue *q, struct xdp_frame *frame);
bool netfront_tx_mcast(struct netfront_queue *q, bool add, const u8 *addr);

/* tx_complete.c */
unsigned int netfront_tx_done(struct netfront_queue *q, int budget);
bool netfront_tx_arm(struct netfront_queue *q);
void netfront_tx_collect(struct netfront_queue *q);

/* buffer.c */
int netfront_buffer_open(struct netfront_queue *q);
void *netfront_buffer_slot(struct netfront_queue *q, u16 id, grant_ref_t *ref,
			   u16 *offset);
void *netfront_buffer_copy(struct netfront_queue *q, u16 id, grant_ref_t *ref);
int netfront_buffer_fill(struct netfront_queue *q);
void netfront_buffer_unfill(struct netfront_queue *q);
void netfront_buffer_close(struct netfront_queue *q);

#endif
