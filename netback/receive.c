// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest receive: packets from the stack are queued, and the rx NAPI copies them
 * to the guest's pages (slots.c), many with one hypercall, and sends one
 * notification.
 */
#include <linux/if_vlan.h>
#include "netback.h"

/* Polling interval if the frontend sends no event when it posts buffers. */
#define NETBACK_RX_LOOK		max(HZ / 100, 1)

/* Packets have left the queue, so there may be room for others. */
static void netback_rx_release(struct netback_queue *q, unsigned int weight)
{
	struct netdev_queue *txq = netdev_get_tx_queue(q->be->net, q->index);
	unsigned long flags;

	spin_lock_irqsave(&q->in.lock, flags);
	q->in_bytes -= weight;
	if (q->in_bytes <= NETBACK_RX_LOW && netif_tx_queue_stopped(txq)) {
		netif_tx_wake_queue(txq);
		netback_count_rx(q, NETBACK_RX_WAKES, 1);
	}
	spin_unlock_irqrestore(&q->in.lock, flags);
}

/*
 * Tell the owner of the mapping that we have copied the data, so that it copies
 * the next packets itself (zerocopy.c).
 */
static void netback_rx_tell_copied(struct sk_buff *skb)
{
	if (unlikely(skb_zcopy(skb)) && !skb_cloned(skb))
		skb_zcopy_clear(skb, false);
}

static void netback_rx_flush(struct netback_queue *q, int budget)
{
	struct netback_rx_batch *b = &q->rb;
	unsigned int weight = 0;
	struct sk_buff *skb;

	if (!b->nr)
		return;
	netback_rx_copy(q);
	netback_rx_publish(q);
	b->nr = 0;
	b->nr_ops = 0;
	while ((skb = __skb_dequeue(&b->sent))) {
		weight += netback_rx_cb(skb)->weight;
		netback_rx_tell_copied(skb);
		napi_consume_skb(skb, budget);
	}
	netback_rx_release(q, weight);
}

/*
 * The next packet; takes new ones from the stack when there are no older ones.
 */
static struct sk_buff *netback_rx_peek(struct netback_queue *q)
{
	struct sk_buff *skb = skb_peek(&q->backlog);
	unsigned long flags;

	if (skb || skb_queue_empty_lockless(&q->in))
		return skb;
	spin_lock_irqsave(&q->in.lock, flags);
	skb_queue_splice_tail_init(&q->in, &q->backlog);
	spin_unlock_irqrestore(&q->in.lock, flags);
	return skb_peek(&q->backlog);
}

static void netback_rx_drop(struct netback_queue *q, struct sk_buff *skb)
{
	unsigned int weight = netback_rx_cb(skb)->weight;

	__skb_unlink(skb, &q->backlog);
	netback_count_rx(q, NETBACK_RX_DRAINED, 1);
	kfree_skb(skb);
	netback_rx_release(q, weight);
}

/*
 * Drop packets that have waited too long, so that no socket or other guest is
 * blocked.
 */
static void netback_rx_expire(struct netback_queue *q)
{
	struct sk_buff *skb;

	while ((skb = netback_rx_peek(q)) &&
	       time_after_eq(jiffies, netback_rx_cb(skb)->expires))
		netback_rx_drop(q, skb);
}

/* The guest is disabled: keep nothing for it. */
static void netback_rx_drop_all(struct netback_queue *q)
{
	struct sk_buff *skb;

	while ((skb = netback_rx_peek(q)))
		netback_rx_drop(q, skb);
}

/*
 * Packets that have to wait must not hold pages of other guests, so copy those
 * now, once for each packet. All packets before one that was handled were
 * handled, too.
 */
static void netback_rx_orphan(struct netback_queue *q)
{
	struct sk_buff *skb, *before;
	unsigned long flags;

	spin_lock_irqsave(&q->in.lock, flags);
	skb_queue_splice_tail_init(&q->in, &q->backlog);
	spin_unlock_irqrestore(&q->in.lock, flags);
	skb_queue_reverse_walk_safe(&q->backlog, skb, before) {
		if (netback_rx_cb(skb)->own)
			break;
		netback_rx_cb(skb)->own = true;
		if (likely(!skb_zcopy(skb)))
			continue;
		netback_count_rx(q, NETBACK_RX_ORPHANED, 1);
		if (skb_orphan_frags(skb, GFP_ATOMIC))
			netback_rx_drop(q, skb);
	}
}

/*
 * Number of buffers that the guest has posted; always 0 once the index was
 * impossible.
 */
static u32 netback_rx_avail(struct netback_queue *q)
{
	struct netback_fault fault = { .site = NETBACK_SITE_RX_PROD };
	u32 nr;

	if (likely(xpv_back_pending(&q->rx, &nr)))
		return nr;
	fault.value = q->rx.cons + nr;
	fault.bound = q->rx.prod + q->rx.size;
	netback_disable(q->be, &fault);
	return 0;
}

/* Ask for an event when there are @need buffers; true if they are there now. */
static bool netback_rx_arm(struct netback_queue *q, u32 need)
{
	xpv_peer_write32(&q->rx.sring->req_event, q->rx.cons + need);
	virt_mb();	/* publish the event index before the last check */
	return netback_rx_avail(q) >= need;
}

/* The guest accepts packets again. */
static void netback_rx_go_on(struct netback_queue *q)
{
	q->waiting = false;
	if (likely(!q->stalled))
		return;
	q->stalled = false;
	if (atomic_dec_and_test(&q->be->stalled) &&
	    !READ_ONCE(q->be->disabled))
		netif_carrier_on(q->be->net);
}

/*
 * The guest posts no buffers: turn the carrier off after a while, so that
 * packets do not pile up.
 */
static void netback_rx_wait(struct netback_queue *q)
{
	unsigned long stall = msecs_to_jiffies(netback_rx_stall_ms);
	unsigned long next = jiffies + NETBACK_RX_LOOK;
	struct sk_buff *skb;

	if (!q->waiting) {
		q->waiting = true;
		q->wait_since = jiffies;
		netback_count_rx(q, NETBACK_RX_WAITS, 1);
	}
	netback_rx_orphan(q);
	skb = netback_rx_peek(q);
	if (q->be->link.rx_notify) {
		if (stall && !q->stalled &&
		    time_after_eq(jiffies, q->wait_since + stall)) {
			q->stalled = true;
			atomic_inc(&q->be->stalled);
			netback_count_rx(q, NETBACK_RX_STALLS, 1);
			netif_carrier_off(q->be->net);
		}
		if (!skb)
			return;		/* an event will come */
		next = netback_rx_cb(skb)->expires;
		if (stall && !q->stalled &&
		    time_before(q->wait_since + stall, next))
			next = q->wait_since + stall;
	}
	mod_timer(&q->timer, next);
}

/* Send packets up to the budget; false if the next one must wait. */
static bool netback_rx_send(struct netback_queue *q, int budget, int *done)
{
	struct netback_rx_batch *b = &q->rb;
	struct netback_rx_plan plan;
	unsigned int vain = 0;
	struct sk_buff *skb;
	u32 avail = 0, need;

	while (*done < budget && (skb = netback_rx_peek(q))) {
		netback_rx_plan(q, skb, &plan);
		need = plan.data + plan.extra;
		if (avail < need)
			avail = netback_rx_avail(q);
		if (avail < need) {
			netback_rx_flush(q, budget);
			if (READ_ONCE(q->be->disabled))
				return true;
			if (!netback_rx_arm(q, need))
				return false;
			if (netback_disable_vain(q, ++vain))
				return true;
			continue;
		}
		__skb_unlink(skb, &q->backlog);
		netback_rx_put(q, skb, &plan);
		avail -= need;
		vain = 0;
		(*done)++;
		if (unlikely(q->waiting))
			netback_rx_go_on(q);
		if (b->nr_ops >= NETBACK_RX_FLUSH ||
		    b->nr + NETBACK_RX_SLOTS > NETBACK_RING)
			netback_rx_flush(q, budget);
	}
	netback_rx_flush(q, budget);
	return true;
}

/* Number of buffers for a packet of the MTU with its extra infos. */
static u32 netback_rx_enough(const struct netback_dev *be)
{
	unsigned int room = READ_ONCE(be->link.xdp_headroom);
	unsigned int len = READ_ONCE(be->net->mtu) + VLAN_ETH_HLEN;

	return DIV_ROUND_UP(len, XEN_PAGE_SIZE - room) + !!room +
	       !!rcu_access_pointer(be->steer);
}

/*
 * Nothing to send, but the guest was stalled: test whether it is ready again.
 * Some frontends never post more than single packets need: iPXE posts 4 pages.
 */
static bool netback_rx_ready(struct netback_queue *q)
{
	if (!netback_rx_arm(q, netback_rx_enough(q->be)))
		return false;
	netback_rx_go_on(q);
	return true;
}

static bool netback_rx_events(struct netback_queue *q, bool worked)
{
	unsigned long fired = READ_ONCE(q->rx_event->fired);
	u32 prod = xpv_peer_read32(&q->rx.sring->req_prod);
	bool more;

	/*
	 * New buffers justify an event, even if we need none now. An index that
	 * moves back, or too far, does not.
	 */
	more = (s32)(prod - q->rx_prod) > 0 &&
	       prod - q->rx.prod <= q->rx.size;
	worked |= more;
	netback_count_rx(q, NETBACK_RX_POLLS, 1);
	if (fired == q->rx_seen)
		return worked;
	if (more)
		q->rx_prod = prod;
	netback_count_rx(q, NETBACK_RX_EVENTS, fired - q->rx_seen);
	if (!worked)
		netback_count_rx(q, NETBACK_RX_IDLE_EVENTS,
				 fired - q->rx_seen);
	q->rx_seen = fired;
	return worked;
}

/**
 * netback_rx_poll() - NAPI for what the guest receives
 * @napi:   @rx_napi of a queue
 * @budget: maximum number of packets
 *
 * Return: number of packets.
 */
int netback_rx_poll(struct napi_struct *napi, int budget)
{
	struct netback_queue *q = container_of(napi, struct netback_queue,
					       rx_napi);
	bool shared = q->tx_event == q->rx_event;
	bool worked, answer;
	int done = 0;

	if (unlikely(!budget))
		return 0;
	if (unlikely(q->waiting))
		netback_rx_expire(q);
	if (!READ_ONCE(q->be->disabled)) {
		if (!netback_rx_send(q, budget, &done) ||
		    (q->stalled && !netback_rx_ready(q)))
			netback_rx_wait(q);
	}
	if (unlikely(READ_ONCE(q->be->disabled)))
		netback_rx_drop_all(q);
	worked = netback_rx_events(q, done) | q->rx_worked;
	answer = !READ_ONCE(q->be->disabled);
	if (done >= budget) {
		/* The other direction needs events for its ring meanwhile. */
		q->rx_worked = !shared;
		if (shared && answer)
			netback_event_answer(q->rx_event, NETBACK_OWE_RX, true);
		return budget;
	}
	q->rx_worked = worked && !answer;
	if (!napi_complete_done(napi, done))
		q->rx_worked = worked;	/* this function is called again */
	else if (answer)
		netback_event_answer(q->rx_event, NETBACK_OWE_RX, worked);
	return done;
}

/**
 * netback_rx_timer() - a packet has waited too long, or it is time to poll
 * @t: @timer of a queue
 */
void netback_rx_timer(struct timer_list *t)
{
	struct netback_queue *q = container_of(t, struct netback_queue, timer);

	napi_schedule(&q->rx_napi);
}

/**
 * netback_rx_purge() - drop all packets that were not sent
 * @q: down
 */
void netback_rx_purge(struct netback_queue *q)
{
	spin_lock_irq(&q->in.lock);
	skb_queue_splice_tail_init(&q->in, &q->backlog);
	q->in_bytes = 0;
	spin_unlock_irq(&q->in.lock);
	__skb_queue_purge(&q->backlog);
}

static unsigned int netback_rx_pieces(const struct sk_buff *skb)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int nr, i;

	nr = xpv_netif_pieces(offset_in_page(skb->data), skb_headlen(skb));
	for (i = 0; i < info->nr_frags; i++)
		nr += xpv_netif_pieces(skb_frag_off(&info->frags[i]),
				       skb_frag_size(&info->frags[i]));
	return nr;
}

/*
 * True with a frag_list, or with too many fragments: each takes at least one
 * operation.
 */
static bool netback_rx_is_scattered(const struct sk_buff *skb)
{
	unsigned int nr = netback_rx_pieces(skb);
	const struct sk_buff *part;

	skb_walk_frags(skb, part) {
		if (skb_has_frag_list(part))
			return true;
		nr += netback_rx_pieces(part);
	}
	return nr > NETBACK_RX_PIECES;
}

/* Make a packet fit to be sent: linearise it only as the last resort. */
static bool netback_rx_fits(struct sk_buff *skb)
{
	if (skb->len < ETH_HLEN || skb->len > XPV_NETIF_MAX_PACKET + ETH_HLEN ||
	    (skb_is_gso(skb) && !xpv_netif_skb_gso(skb)))
		return false;
	return likely(!skb_has_frag_list(skb)) ||
	       !netback_rx_is_scattered(skb) || !skb_linearize(skb);
}

/* Queue a packet. Adding the first one wakes the NAPI, which takes all. */
static void netback_rx_queue(struct netback_queue *q, struct sk_buff *skb)
{
	struct netdev_queue *txq = netdev_get_tx_queue(q->be->net, q->index);
	unsigned long flags;
	bool first, stop;

	spin_lock_irqsave(&q->in.lock, flags);
	first = skb_queue_empty(&q->in);
	__skb_queue_tail(&q->in, skb);
	q->in_bytes += netback_rx_cb(skb)->weight;
	stop = q->in_bytes > NETBACK_RX_HIGH;
	if (stop)
		netif_tx_stop_queue(txq);
	spin_unlock_irqrestore(&q->in.lock, flags);
	if (stop)
		netback_count_xmit(q->stats, NETBACK_XMIT_STOPPED);
	if (first)
		napi_schedule(&q->rx_napi);
}

/**
 * netback_rx_xmit() - ndo_start_xmit(): queue a packet for the guest
 * @skb: packet
 * @net: interface
 *
 * Return: NETDEV_TX_*.
 * Context: transmit lock, RCU.
 */
netdev_tx_t netback_rx_xmit(struct sk_buff *skb, struct net_device *net)
{
	enum netback_stat why = NETBACK_XMIT_DROPPED;
	unsigned int index = skb_get_queue_mapping(skb);
	struct netback_dev *be = netback_of(net);
	struct netback_rx_cb *cb = netback_rx_cb(skb);
	struct netback_queues *qs;

	qs = rcu_dereference_bh(be->queues);
	if (unlikely(!qs || index >= qs->nr || READ_ONCE(be->disabled) ||
		     !netback_rx_fits(skb)))
		goto drop;
	why = NETBACK_XMIT_FILTERED;
	if (!netback_mcast_passes(be, skb))
		goto drop;
	cb->expires = jiffies + msecs_to_jiffies(be->link.rx_notify ?
						 netback_rx_drain_ms : 30);
	cb->weight = skb->len + NETBACK_RX_EACH;
	cb->own = false;
	cb->hashed = netback_steer_hash(be, skb, &cb->type, &cb->hash);
	skb_tx_timestamp(skb);
	netback_rx_queue(qs->q[index], skb);
	return NETDEV_TX_OK;
drop:
	netback_count_xmit(&be->stats[min(index, be->max_queues - 1)], why);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}
