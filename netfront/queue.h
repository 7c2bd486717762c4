/* SPDX-License-Identifier: GPL-2.0-only */
/* A queue: a pair of rings, which stays when connections come and go. */
#ifndef NETFRONT_QUEUE_H
#define NETFRONT_QUEUE_H

#include <linux/netdevice.h>
#include <linux/u64_stats_sync.h>
#include <xenpv/channel.h>
#include <xenpv/grant.h>
#include "rx.h"
#include "stats.h"
#include "tx.h"

struct netfront_dev;

/* Sites where a backend's value is refused. */
enum netfront_site {
	NETFRONT_TX_PROD,
	NETFRONT_TX_ID,
	NETFRONT_TX_IDLE,
	NETFRONT_TX_NULL,
	NETFRONT_TX_STATUS,
	NETFRONT_RX_PROD,
	NETFRONT_RX_RANGE,
	NETFRONT_RX_SLOTS,
	NETFRONT_RX_EXTRA,
	NETFRONT_RX_STATUS,
	NETFRONT_RX_FRAME,
	NETFRONT_RING_RACE,
	NETFRONT_CTRL_PROD,
	NETFRONT_CTRL_RSP,
	NETFRONT_CTRL_SILENT,
	NETFRONT_GRANT_HELD,
	NETFRONT_BAD_KEY,
};

/* Bits of netfront_queue.events */
enum {
	NETFRONT_TX_EVENT = BIT(0),	/* no EOI sent yet */
	NETFRONT_RX_EVENT = BIT(1),	/* no EOI sent yet */
	/* a coming poll handles the events and their work */
	NETFRONT_POLL = BIT(2),
};

/**
 * struct netfront_queue - a pair of rings; it outlives connections
 * @nf:       device
 * @index:    number in the store and in the netdev
 * @up:       requests may be produced; under the lock of the transmit queue
 * @polling:  NAPI is enabled
 * @halted:   the backend violated the protocol; no response is read and no EOI
 *            is sent any more
 * @bounce:   copy all data, because the backend is not trusted with pages of
 *            skbs
 * @static_grants: copy all data, to pages that the backend keeps mapped
 * @napi:     consumes responses of both rings
 * @tx:       state of the producer
 * @txc:      state of the consumer
 * @rx:       state of the receive ring, used by NAPI
 * @ids:      free ids
 * @sent:     records, by id
 * @ref:      references, by id, for pages of skbs; @copy may use them instead
 * @bounce_pages: small buffers, by id, persistently granted
 * @bounce_ref: references of @bounce_pages
 * @copy:     our own pages, by id, allocated at first use, persistently granted
 * @copy_ref: references of @copy
 * @tx_ring:  shared pages
 * @rx_ring:  shared pages
 * @tx_event: the only event channel, if they are not split
 * @rx_event: event channel for received packets, if they are split
 * @events:   NETFRONT_TX_EVENT, NETFRONT_RX_EVENT, NETFRONT_POLL
 * @tx_seen:  @txc.work at the last EOI of @tx_event
 * @rx_seen:  @rx.work at the last EOI of the receive channel
 * @vain:     successive polls without work although the ring's index promised
 *            some
 * @tx_name:  name of the interrupt
 * @rx_name:  name of the interrupt
 * @sync:     protects the counters below
 * @rx_count: counters, by enum netfront_rx_counter
 * @count:    counters, by enum netfront_napi_counter
 * @fixups:   GSO packets whose checksum was not blank
 */
struct netfront_queue {
	struct netfront_dev *nf;
	unsigned int index;
	bool up;
	bool polling;
	bool halted;
	bool bounce;
	bool static_grants;
	struct napi_struct napi;
	struct netfront_tx tx;
	struct netfront_txc txc;
	struct netfront_rx rx;

	u16 ids[NETFRONT_SLOTS];
	struct netfront_sent_id sent[NETFRONT_SLOTS];
	grant_ref_t ref[NETFRONT_SLOTS];
	struct page *bounce_pages[NETFRONT_BOUNCE_PAGES];
	grant_ref_t bounce_ref[NETFRONT_BOUNCE_PAGES];
	struct page *copy[NETFRONT_SLOTS];
	grant_ref_t copy_ref[NETFRONT_SLOTS];

	struct xpv_shared tx_ring;
	struct xpv_shared rx_ring;
	struct xpv_event tx_event;
	struct xpv_event rx_event;
	atomic_t events;
	u32 tx_seen;
	u32 rx_seen;
	u32 vain;
	char tx_name[24];
	char rx_name[24];

	struct u64_stats_sync sync;
	u64_stats_t rx_count[NETFRONT_NR_RX];
	u64_stats_t count[NETFRONT_NR_NAPI];
	u64_stats_t fixups;
} ____cacheline_aligned_in_smp;

/* The slot of a piece. */
static inline unsigned int netfront_rx_slot(struct netfront_queue *q,
					    const struct netfront_piece *p)
{
	return (q->rx.half.cons + p->slot) % NETFRONT_SLOTS;
}

static inline void netfront_count_tx(struct netfront_queue *q,
				     enum netfront_tx_counter what, u64 n)
{
	u64_stats_update_begin(&q->tx.sync);
	u64_stats_add(&q->tx.count[what], n);
	u64_stats_update_end(&q->tx.sync);
}

static inline void netfront_count_rx(struct netfront_queue *q,
				     enum netfront_rx_counter what, u64 n)
{
	u64_stats_update_begin(&q->sync);
	u64_stats_add(&q->rx_count[what], n);
	u64_stats_update_end(&q->sync);
}

static inline void netfront_count(struct netfront_queue *q,
				  enum netfront_napi_counter what, u64 n)
{
	u64_stats_update_begin(&q->sync);
	u64_stats_add(&q->count[what], n);
	u64_stats_update_end(&q->sync);
}

/* halt.c */
void netfront_queue_break(struct netfront_queue *q, enum netfront_site site,
			  u64 value, u64 bound);

/* queue.c */
void netfront_queue_init(struct netfront_queue *q, struct netfront_dev *nf,
			 unsigned int index);
int netfront_queue_open(struct netfront_queue *q);
void netfront_queue_start(struct netfront_queue *q);
void netfront_queue_hold(struct netfront_queue *q);
void netfront_queue_close(struct netfront_queue *q);
int netfront_poll(struct napi_struct *napi, int budget);
void netfront_poke(struct netfront_queue *q);

/* unrevoked.c */
/* Limit of unrevoked pages per device, 32 MiB. */
#define NETFRONT_MAX_UNREVOKED	8192
void netfront_hold_page(struct netfront_dev *nf, grant_ref_t ref,
			struct page *page);
void netfront_hold_owner(struct netfront_dev *nf, grant_ref_t ref,
			 enum netfront_kind kind, void *owner);
unsigned int netfront_owner_put(enum netfront_kind kind, void *owner);
void netfront_unrevoked_forget(struct netfront_dev *nf);
void netfront_unrevoked_exit(void);

#endif
