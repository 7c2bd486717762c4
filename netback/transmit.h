/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest transmit: a packet of a round, a round's work space, mapped pages. */
#ifndef NETBACK_TRANSMIT_H
#define NETBACK_TRANSMIT_H

#include <linux/llist.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>
#include <xenpv/grant.h>
#include "parse.h"

struct netback_queue;

#define NETBACK_RING		XPV_NETIF_RING_ENTRIES

/* Guest transmit: packets and copy operations of one round. */
#define NETBACK_TX_BATCH	NAPI_POLL_WEIGHT
#define NETBACK_TX_OPS		512
/* Maximum copy operations of one packet: a slot may be copied to two places. */
#define NETBACK_TX_PKT_OPS	(2 * NETBACK_SLOTS + 2)
/*
 * Packets up to this size are copied into one linear buffer, which does not
 * cross a page because it is aligned to its size of 2 KiB.
 */
#define NETBACK_LINEAR_BUF	2048
#define NETBACK_LINEAR_MAX	SKB_WITH_OVERHEAD(NETBACK_LINEAR_BUF - \
						  NET_SKB_PAD)
/* Smaller packets get a smaller buffer, and so does the head of longer ones. */
#define NETBACK_HEAD		256

/**
 * struct netback_pkt - a packet of the round
 * @chain:        its slots
 * @skb:          the skb built from it
 * @op:           index of its first copy operation
 * @nr_ops:       number of copy operations
 * @nr_static:    number of copies from static grants
 * @static_bytes: bytes of those
 * @map:          index of its first map operation
 * @nr_maps:      number of map operations
 * @zc:           bit n: piece n is mapped, and answered later
 * @zc_head:      first of its mapped slots
 */
struct netback_pkt {
	struct netback_chain chain;
	struct sk_buff *skb;
	u16 op;
	u16 nr_ops;
	u16 nr_static;
	u32 static_bytes;
	u16 map;
	u16 nr_maps;
	u32 zc;
	u16 zc_head;
};

/**
 * struct netback_tx_batch - work space for one round of guest transmit
 * @nr:       number of packets
 * @nr_copy:  number of copy operations
 * @nr_map:   number of map operations
 * @pkt:      packets
 * @copy:     copy operations
 * @map:      map operations
 * @map_page: pages of the map operations
 * @map_slot: slots of the map operations in struct netback_zc
 */
struct netback_tx_batch {
	unsigned int nr;
	unsigned int nr_copy;
	unsigned int nr_map;
	struct netback_pkt pkt[NETBACK_TX_BATCH];
	struct gnttab_copy copy[NETBACK_TX_OPS];
	struct gnttab_map_grant_ref map[NETBACK_RING];
	struct page *map_page[NETBACK_RING];
	u16 map_slot[NETBACK_RING];
};

/* The index of no slot. */
#define NETBACK_NO_SLOT		0xffff

/**
 * struct netback_zc_slot - a page of the guest that an skb uses
 * @ubuf:   of the packet, in its first slot
 * @done:   entry in @zc->done when the packet is no longer used
 * @zc:     the queue's zerocopy state
 * @page:   page that it is mapped to, NULL if lost
 * @handle: handle of the mapping
 * @id:     id for the response
 * @next:   next slot of the packet, or next free slot
 * @mapped: @handle is valid
 * @copied: the data was copied, so the mapping was useless
 * @status: status for the response
 */
struct netback_zc_slot {
	struct ubuf_info ubuf;
	struct llist_node done;
	struct netback_zc *zc;
	struct page *page;
	grant_handle_t handle;
	u16 id;
	u16 next;
	bool mapped;
	bool copied;
	s8 status;
};

/**
 * struct netback_zc - the mapped pages of a queue; may outlive it
 * @queue:      the queue, NULL after its end
 * @done:       packets no longer used
 * @work:       unmaps them when there is no queue, and frees everything
 * @free:       first free slot
 * @busy:       slots in use
 * @lost:       pages that could not be unmapped
 * @hold:       large packets to copy before mapping is tried again
 * @backoff:    last initial value of @hold
 * @slot:       slots
 * @pages:      their pages, as allocated
 * @unmap:      work space
 * @unmap_page: work space
 * @unmap_slot: work space
 */
struct netback_zc {
	struct netback_queue __rcu *queue;
	struct llist_head done;
	struct work_struct work;
	u16 free;
	unsigned int busy;
	unsigned int lost;
	unsigned int hold;
	unsigned int backoff;
	struct netback_zc_slot slot[NETBACK_RING];
	struct page *pages[NETBACK_RING];
	struct gnttab_unmap_grant_ref unmap[NETBACK_RING];
	struct page *unmap_page[NETBACK_RING];
	u16 unmap_slot[NETBACK_RING];
};

/* transmit.c */
int netback_tx_poll(struct napi_struct *napi, int budget);

/* tx_complete.c */
void netback_tx_respond(struct netback_queue *q, u16 id, int status);
void netback_tx_answer(struct netback_queue *q, const struct netback_chain *c,
		       u32 later, int status);
void netback_tx_publish(struct netback_queue *q);

/* packet.c */
bool netback_packet_prepare(struct netback_queue *q, struct netback_pkt *pkt);
int netback_packet_finish(struct netback_queue *q, struct netback_pkt *pkt);
void netback_packet_deliver(struct netback_queue *q, struct sk_buff *skb,
			    struct list_head *list);

/* copy.c */
void netback_copy(struct gnttab_copy *op, unsigned int nr);
bool netback_copy_bounced(struct gnttab_copy *op, struct page *page);

/* zerocopy.c */
struct netback_zc *netback_zc_open(struct netback_queue *q);
void netback_zc_close(struct netback_queue *q);
bool netback_zc_wanted(struct netback_queue *q, const struct netback_chain *c);
void netback_zc_add(struct netback_queue *q, struct netback_pkt *pkt,
		    unsigned int piece);
int netback_zc_attach(struct netback_queue *q, struct netback_pkt *pkt, int err);
bool netback_zc_finish(struct netback_queue *q);
void netback_zc_exit(void);

#endif
