// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest transmit: take packets from the ring in rounds, with one hypercall to
 * copy, one to map and one notification per round, and pass them to the stack.
 */
#include "netback.h"
#include "trace.h"

static void netback_tx_fetch(struct netback_queue *q, void *dst, size_t len)
{
	xpv_peer_fetch(dst, xpv_ring_entry(&q->tx, q->tx.cons), len);
}

/*
 * Take a whole packet; @left is the number of slots in the ring. False if the
 * interface was disabled.
 */
static bool netback_tx_chain(struct netback_queue *q, struct netback_chain *c,
			     const struct xpv_netif_tx_req *first, u32 *left)
{
	struct xpv_netif_tx_req req;
	struct xpv_netif_extra extra __aligned(4);
	enum netback_want want;

	q->tx.cons++;
	(*left)--;
	want = netback_chain_begin(c, first, netback_fatal_slots);
	while (want == NETBACK_WANT_EXTRA || want == NETBACK_WANT_SLOT) {
		if (!*left) {
			want = netback_chain_short(c);
			break;
		}
		if (want == NETBACK_WANT_EXTRA) {
			netback_tx_fetch(q, &extra, sizeof(extra));
			want = netback_chain_extra(c, &extra);
		} else {
			netback_tx_fetch(q, &req, sizeof(req));
			want = netback_chain_slot(c, &req);
		}
		q->tx.cons++;
		(*left)--;
	}
	if (likely(want == NETBACK_WANT_NOTHING))
		return true;
	netback_disable(q->be, &c->fault);
	return false;
}

static void netback_tx_refuse(struct netback_queue *q,
			      const struct netback_chain *c)
{
	xpv_violation(&q->be->violations, c->fault.site, c->fault.value,
		      c->fault.bound, "packet dropped");
	netback_count_tx(q, NETBACK_TX_ERRORS, 1);
	netback_tx_answer(q, c, 0, XPV_NETIF_RSP_ERROR);
}

/* The guest exceeds its rate: continue when it has credit again. */
static bool netback_tx_throttle(struct netback_queue *q, unsigned int len)
{
	u64 usecs = netback_credit_take(q, len);

	if (likely(!usecs))
		return false;
	usecs = min_t(u64, usecs, 60ULL * USEC_PER_SEC);
	netback_count_tx(q, NETBACK_TX_THROTTLED, 1);
	q->throttled = true;
	mod_timer(&q->credit, jiffies + max(usecs_to_jiffies(usecs), 1UL));
	return true;
}

/*
 * Take packets for a round, until the budget, the ring or the work space is
 * exhausted.
 */
static unsigned int netback_tx_take(struct netback_queue *q, u32 left,
				    unsigned int budget)
{
	struct netback_tx_batch *b = &q->tb;
	struct xpv_netif_tx_req first;
	struct netback_chain *c;
	unsigned int taken = 0;
	u32 before = left;

	b->nr = 0;
	b->nr_copy = 0;
	b->nr_map = 0;
	while (left && taken < budget && b->nr < NETBACK_TX_BATCH &&
	       b->nr_copy + NETBACK_TX_PKT_OPS <= NETBACK_TX_OPS) {
		netback_tx_fetch(q, &first, sizeof(first));
		if (netback_tx_throttle(q, first.size))
			break;
		c = &b->pkt[b->nr].chain;
		if (!netback_tx_chain(q, c, &first, &left))
			break;
		taken++;
		if (unlikely(c->odd && !c->bad))
			xpv_violation(&q->be->violations, c->fault.site,
				      c->fault.value, c->fault.bound,
				      "extra info ignored");
		if (unlikely(c->bad)) {
			netback_tx_refuse(q, c);
		} else if (unlikely(netback_chain_is_mcast(c))) {
			netback_tx_answer(q, c, 0,
					  netback_mcast_message(q, c));
		} else if (likely(netback_packet_prepare(q, &b->pkt[b->nr]))) {
			b->nr++;
		} else {
			netback_count_tx(q, NETBACK_TX_NO_MEMORY, 1);
			netback_tx_answer(q, c, 0, XPV_NETIF_RSP_DROPPED);
		}
		if (c->nr_extra)
			netback_count_tx(q, NETBACK_TX_EXTRAS, c->nr_extra);
	}
	netback_count_tx(q, NETBACK_TX_SLOTS, before - left);
	return taken;
}

static void netback_tx_copy(struct netback_queue *q)
{
	struct netback_tx_batch *b = &q->tb;

	if (!b->nr_copy)
		return;
	netback_copy(b->copy, b->nr_copy);
	netback_count_tx(q, NETBACK_TX_COPY_CALLS, 1);
	netback_count_tx(q, NETBACK_TX_COPY_OPS, b->nr_copy);
	trace_xpv_grant(dev_name(&q->be->xdev->dev), XPV_GRANT_COPY,
			b->nr_copy, 0);
}

static void netback_tx_map(struct netback_queue *q)
{
	struct netback_tx_batch *b = &q->tb;

	if (!b->nr_map)
		return;
	/* Each operation has its own status, which is initialised as failed. */
	gnttab_map_refs(b->map, NULL, b->map_page, b->nr_map);
	netback_count_tx(q, NETBACK_TX_MAP_CALLS, 1);
	netback_count_tx(q, NETBACK_TX_MAP_OPS, b->nr_map);
	trace_xpv_grant(dev_name(&q->be->xdev->dev), XPV_GRANT_MAP, b->nr_map,
			0);
}

/* Test whether all copy operations of a packet have succeeded. */
static int netback_tx_copied(struct netback_queue *q,
			     const struct netback_pkt *pkt)
{
	struct netback_tx_batch *b = &q->tb;
	u64 bytes = 0;
	unsigned int i;

	for (i = pkt->op; i < pkt->op + pkt->nr_ops; i++) {
		if (unlikely(b->copy[i].status != GNTST_okay)) {
			netback_count_tx(q, NETBACK_TX_COPY_FAILED, 1);
			if (b->copy[i].status == GNTST_eagain)
				return -EAGAIN;
			xpv_violation(&q->be->violations,
				      NETBACK_SITE_TX_GRANT,
				      b->copy[i].source.u.ref, 0,
				      "packet dropped");
			return -EFAULT;
		}
		bytes += b->copy[i].len;
	}
	netback_count_tx(q, NETBACK_TX_COPY_BYTES, bytes);
	netback_count_tx(q, NETBACK_TX_STATIC_COPIES, pkt->nr_static);
	netback_count_tx(q, NETBACK_TX_STATIC_BYTES, pkt->static_bytes);
	return 0;
}

/*
 * A packet's data was copied, or could not be: answer its slots, finish the
 * skb.
 */
static void netback_tx_complete(struct netback_queue *q,
				struct netback_pkt *pkt,
				struct list_head *list)
{
	int err = netback_tx_copied(q, pkt);

	if (pkt->nr_maps)
		err = netback_zc_attach(q, pkt, err);
	netback_tx_answer(q, &pkt->chain, pkt->zc,
			  err ? XPV_NETIF_RSP_ERROR : XPV_NETIF_RSP_OKAY);
	if (!err)
		err = netback_packet_finish(q, pkt);
	trace_netback_tx(q, pkt, err);
	if (likely(!err)) {
		list_add_tail(&pkt->skb->list, list);
		return;
	}
	netback_count_tx(q, NETBACK_TX_ERRORS, 1);
	kfree_skb(pkt->skb);
}

static void netback_tx_deliver(struct netback_queue *q, struct list_head *list)
{
	struct sk_buff *skb, *next;
	LIST_HEAD(plain);

	list_for_each_entry_safe(skb, next, list, list) {
		skb_list_del_init(skb);
		netback_packet_deliver(q, skb, &plain);
	}
	if (!list_empty(&plain))
		netif_receive_skb_list(&plain);
}

/* Do one round; returns the number of packets taken, including refused ones. */
static unsigned int netback_tx_round(struct netback_queue *q, u32 left,
				     unsigned int budget)
{
	struct netback_tx_batch *b = &q->tb;
	unsigned int taken, i;
	LIST_HEAD(list);

	taken = netback_tx_take(q, left, budget);
	netback_tx_copy(q);
	netback_tx_map(q);
	for (i = 0; i < b->nr; i++)
		netback_tx_complete(q, &b->pkt[i], &list);
	/*
	 * Publish before the stack processes the packets, so that the guest can
	 * continue.
	 */
	netback_tx_publish(q);
	netback_count_tx(q, NETBACK_TX_BATCHES, 1);
	netback_tx_deliver(q, &list);
	return taken;
}

/* The number of slots to take; always 0 once the index was impossible. */
static u32 netback_tx_pending(struct netback_queue *q)
{
	struct netback_fault fault = { .site = NETBACK_SITE_TX_PROD };
	u32 nr;

	if (READ_ONCE(q->be->disabled))
		return 0;
	if (likely(xpv_back_pending(&q->tx, &nr)))
		return nr;
	fault.value = q->tx.cons + nr;
	fault.bound = q->tx.prod + q->tx.size;
	netback_disable(q->be, &fault);
	return 0;
}

/*
 * True if NAPI may stop: the ring is re-armed and no work has come meanwhile,
 * or the queue must not be served.
 */
static bool netback_tx_may_sleep(struct netback_queue *q)
{
	if (q->throttled || READ_ONCE(q->be->disabled))
		return true;
	return !xpv_back_arm(&q->tx);
}

static void netback_tx_events(struct netback_queue *q, bool worked)
{
	unsigned long fired = READ_ONCE(q->tx_event->fired);

	netback_count_tx(q, NETBACK_TX_POLLS, 1);
	if (fired == q->tx_seen)
		return;
	netback_count_tx(q, NETBACK_TX_EVENTS, fired - q->tx_seen);
	if (!worked)
		netback_count_tx(q, NETBACK_TX_IDLE_EVENTS,
				 fired - q->tx_seen);
	q->tx_seen = fired;
}

/**
 * netback_tx_poll() - NAPI for what the guest transmits
 * @napi:   @tx_napi of a queue
 * @budget: maximum number of packets
 *
 * The EOI is sent when the ring is empty and re-armed. A throttled or disabled
 * queue sends none: the guest must wait. If both directions share the channel,
 * only a disabled queue sends none, and the EOI does not wait for the end of
 * the work.
 *
 * Return: number of packets.
 */
int netback_tx_poll(struct napi_struct *napi, int budget)
{
	struct netback_queue *q = container_of(napi, struct netback_queue,
					       tx_napi);
	bool shared = q->tx_event == q->rx_event;
	bool worked, answer;
	unsigned int vain = 0;
	int done = 0;
	u32 left;

	if (unlikely(!budget))
		return 0;
	worked = netback_zc_finish(q);
	if (!netback_credit_waits(q))
		q->throttled = false;
	while (done < budget && !q->throttled) {
		left = netback_tx_pending(q);
		if (left)
			done += netback_tx_round(q, left, budget - done);
		else if (netback_tx_may_sleep(q) ||
			 netback_disable_vain(q, ++vain))
			break;
	}
	/* responses for pages that were unmapped */
	netback_tx_publish(q);
	worked |= done;
	netback_tx_events(q, worked);
	worked |= q->tx_worked;
	answer = !READ_ONCE(q->be->disabled) && (shared || !q->throttled);
	if (done >= budget) {
		q->tx_worked = !shared;
		if (shared && answer)
			netback_event_answer(q->tx_event, NETBACK_OWE_TX, true);
		return budget;
	}
	q->tx_worked = worked && !answer;
	if (!napi_complete_done(napi, done))
		q->tx_worked = worked;	/* this function is called again */
	else if (answer)
		netback_event_answer(q->tx_event, NETBACK_OWE_TX, worked);
	return done;
}
