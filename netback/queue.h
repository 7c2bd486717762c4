/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A queue: a pair of rings with their event channels, work space and static grants.
 */
#ifndef NETBACK_QUEUE_H
#define NETBACK_QUEUE_H

#include <linux/netdevice.h>
#include <linux/timer.h>
#include <linux/xarray.h>
#include <compat/page_pool.h>
#include <xenpv/channel.h>
#include <xenpv/coalesce.h>
#include <xenpv/grant.h>
#include <xenpv/ring.h>
#include "receive.h"
#include "static.h"
#include "stats.h"
#include "transmit.h"

struct netback_dev;
struct netback_queue;

/* Directions that still have to handle an event. */
#define NETBACK_OWE_TX	1
#define NETBACK_OWE_RX	2

/**
 * struct netback_event - an event channel of a queue
 * @ev:    the channel
 * @queue: its queue
 * @wakes: NETBACK_OWE_*: directions that use it
 * @owe:   directions that have not handled the last event yet, see
 *         netback_event_answer()
 * @fired: number of events so far
 * @name:  name in /proc/interrupts
 */
struct netback_event {
	struct xpv_event ev;
	struct netback_queue *queue;
	unsigned int wakes;
	atomic_t owe;
	unsigned long fired;
	char name[IFNAMSIZ + 8];
};

/**
 * struct netback_queue - a pair of rings
 * @be:           device
 * @index:        number of the queue
 * @stats:        counters
 * @event:        event channels; the second one only if they are split
 * @tx_event:     event channel for guest transmit
 * @rx_event:     event channel for guest receive
 * @tx_napi:      serves guest transmit
 * @tx:           private half of the transmit ring
 * @tx_shared:    its shared page
 * @tx_seen:      events seen
 * @tx_worked:    there was work since the last EOI
 * @throttled:    out of credit: the timer continues
 * @credit:       the timer
 * @credit_limit: number of the limit that it waits for
 * @credit_due:   when its next packet may be sent in any case, 0: it does not
 *                wait
 * @pool:         pages for data of large packets
 * @coalesce:     pools for packets coalesced from static grants
 * @statics:      static grants, by reference
 * @nr_statics:   number of static grants
 * @gref_cache:   lookup table of static grants, by the low bits of the
 *                reference
 * @zc:           mapped pages
 * @tb:           work space
 * @rx_napi:      serves guest receive
 * @rx:           private half of the receive ring
 * @rx_shared:    its shared page
 * @rx_seen:      events seen
 * @rx_worked:    there was work since the last EOI
 * @rx_prod:      the guest's highest index that came with an event
 * @backlog:      packets to send, oldest first
 * @waiting:      the first of them needs more slots than there are
 * @stalled:      @waiting has lasted too long
 * @wait_since:   when @waiting was set, jiffies
 * @timer:        handles a wait that lasts too long
 * @in:           packets from the stack
 * @in_bytes:     weight of the packets in @in and @backlog; under @in.lock
 * @rb:           work space
 */
struct netback_queue {
	struct netback_dev *be;
	unsigned int index;
	struct netback_stats *stats;
	struct netback_event event[2];
	struct netback_event *tx_event;
	struct netback_event *rx_event;

	struct napi_struct tx_napi ____cacheline_aligned_in_smp;
	struct xpv_ring tx;
	struct xpv_shared tx_shared;
	unsigned long tx_seen;
	bool tx_worked;
	bool throttled;
	struct timer_list credit;
	unsigned int credit_limit;
	u64 credit_due;
	struct page_pool *pool;
	struct xpv_coalesce_pool coalesce;
	struct xarray statics;
	unsigned int nr_statics;
	struct netback_static *gref_cache[NETBACK_GREF_CACHE];
	struct netback_zc *zc;

	struct napi_struct rx_napi ____cacheline_aligned_in_smp;
	struct xpv_ring rx;
	struct xpv_shared rx_shared;
	unsigned long rx_seen;
	bool rx_worked;
	u32 rx_prod;
	struct sk_buff_head backlog;
	bool waiting;
	bool stalled;
	unsigned long wait_since;
	struct timer_list timer;

	struct sk_buff_head in ____cacheline_aligned_in_smp;
	unsigned int in_bytes;

	struct netback_tx_batch tb;
	struct netback_rx_batch rb;
};

/**
 * struct netback_queues - the queues of a connection
 * @nr: number of queues
 * @q:  the queues
 */
struct netback_queues {
	unsigned int nr;
	struct netback_queue *q[];
};

/* For the tx NAPI. */
static inline void netback_count_tx(struct netback_queue *q,
				    enum netback_stat what, u64 nr)
{
	u64_stats_update_begin(&q->stats->tx_sync);
	u64_stats_add(&q->stats->val[what], nr);
	u64_stats_update_end(&q->stats->tx_sync);
}

/* For the rx NAPI. */
static inline void netback_count_rx(struct netback_queue *q,
				    enum netback_stat what, u64 nr)
{
	u64_stats_update_begin(&q->stats->rx_sync);
	u64_stats_add(&q->stats->val[what], nr);
	u64_stats_update_end(&q->stats->rx_sync);
}

/**
 * netback_static_find() - find the mapping of a static grant
 * @q:     queue
 * @gref:  reference of the grant
 * @write: write access is needed
 *
 * Return: address of the page, which the frontend may write at any time; NULL
 * if it is no static grant, or does not allow the access.
 * Context: NAPI; the address is valid until the end of the poll.
 */
static inline void *netback_static_find(struct netback_queue *q, u32 gref,
					bool write)
{
	struct netback_static *s = READ_ONCE(q->gref_cache[gref % NETBACK_GREF_CACHE]);

	if (unlikely(!s || s->gref != gref))
		s = netback_static_look(q, gref);
	if (!s || (write && s->flags & GNTMAP_readonly))
		return NULL;
	return (void *)xpv_grant_addr(s->page);
}

/* queue.c */
struct netback_queue *netback_queue_open(struct netback_dev *be,
					 unsigned int index, u32 tx_ref,
					 u32 rx_ref, evtchn_port_t tx_port,
					 evtchn_port_t rx_port);
void netback_queue_up(struct netback_queue *q);
void netback_queue_down(struct netback_queue *q);
void netback_queue_close(struct netback_queue *q);
void netback_queue_kick(struct netback_queue *q);

/* event.c */
int netback_event_bind(struct netback_queue *q, evtchn_port_t tx_port,
		       evtchn_port_t rx_port);
void netback_event_answer(struct netback_event *e, unsigned int who,
			  bool worked);

#endif
