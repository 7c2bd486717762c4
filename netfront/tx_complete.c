// SPDX-License-Identifier: GPL-2.0-only
/*
 * Consume transmit responses in NAPI, and clean up the rest when a queue is
 * closed.
 */
#include <xenpv/grant.h>
#include "netfront.h"
#include "trace.h"

/* Number of responses that justifies an event. */
#define NETFRONT_TX_BATCH	64U

/* Sums of the packets completed in a poll, to report to the stack. */
struct netfront_sum {
	unsigned int packets;
	unsigned int bytes;
	unsigned int errors;
	unsigned int refused;
	unsigned int revoked;
	u32 published;
	int budget;
};

/*
 * The responses to consume. The number of published requests is read after the
 * backend's index, so that requests published meanwhile cannot make a correct
 * index look wrong.
 */
static bool netfront_tx_pending(struct netfront_queue *q, u32 *n,
				u32 *published)
{
	struct xpv_ring *half = &q->txc.half;

	*n = xpv_peer_read32(&half->sring->rsp_prod) - half->cons;
	/* read responses only after the index that covers them */
	virt_rmb();
	*published = READ_ONCE(q->tx.half.pub);
	smp_rmb();	/* pairs with netfront_tx_push() */
	return *n <= *published - half->cons;
}

static void netfront_skb_done(struct netfront_sum *sum, struct sk_buff *skb)
{
	if (--netfront_cb(skb)->left)
		return;
	sum->packets++;
	sum->bytes += skb->len;
	napi_consume_skb(skb, sum->budget);
}

/* Complete the request of an id; false if the queue is broken. */
static bool netfront_id_done(struct netfront_queue *q, u16 id,
			     struct netfront_sum *sum)
{
	struct netfront_sent_id *sent = &q->sent[id];
	void *owner = sent->owner;
	u8 kind = sent->kind;

	if (sent->lent) {
		if (unlikely(!gnttab_end_foreign_access_ref(q->ref[id]))) {
			/* Leave it as it is; netfront_tx_collect() keeps it. */
			netfront_queue_break(q, NETFRONT_GRANT_HELD, q->ref[id],
					     0);
			return false;
		}
		sum->revoked++;
	}
	sent->owner = NULL;
	sent->lent = false;
	WRITE_ONCE(sent->kind, NETFRONT_FREE);
	q->ids[q->txc.tail++ % NETFRONT_SLOTS] = id;

	if (kind == NETFRONT_SKB)
		netfront_skb_done(sum, owner);
	else if (kind == NETFRONT_FRAME)
		xdp_return_frame(owner);
	return true;
}

/* Handle one response; false if the queue is broken. */
static bool netfront_tx_answer(struct netfront_queue *q,
			       const struct xpv_netif_tx_rsp *rsp,
			       struct netfront_sum *sum)
{
	enum netfront_sent status = netfront_parse_sent(rsp->status);
	struct netfront_sent_id *sent;

	if (status == NETFRONT_SENT_NULL) {
		if (q->txc.extras == READ_ONCE(q->tx.extras)) {
			netfront_queue_break(q, NETFRONT_TX_NULL, rsp->id, 0);
			return false;
		}
		q->txc.extras++;
		return true;
	}
	if (rsp->id >= NETFRONT_SLOTS) {
		netfront_queue_break(q, NETFRONT_TX_ID, rsp->id,
				     NETFRONT_SLOTS - 1);
		return false;
	}
	sent = &q->sent[rsp->id];
	/* Read the kind first, because it is written last. */
	if (smp_load_acquire(&sent->kind) == NETFRONT_FREE ||
	    (s32)(sum->published - sent->pos) <= 0) {
		netfront_queue_break(q, NETFRONT_TX_IDLE, rsp->id, 0);
		return false;
	}
	if (unlikely(status != NETFRONT_SENT)) {
		if (status == NETFRONT_SENT_NONSENSE)
			xpv_violation(&q->nf->violations, NETFRONT_TX_STATUS,
				      (u16)rsp->status, 0, "taken as an error");
		if (status == NETFRONT_SENT_DROPPED)
			sum->refused++;
		else
			sum->errors++;
	}
	if (sent->mcast)
		netfront_mcast_answer(q->nf, status == NETFRONT_SENT);
	return netfront_id_done(q, rsp->id, sum);
}

/* Wake the transmit queue if there is room for several packets. */
static void netfront_tx_wake(struct netfront_queue *q)
{
	struct netdev_queue *txq = netfront_txq(q);
	u32 used;

	/* free the slots before reading whether the queue is stopped */
	smp_mb();
	if (!netif_xmit_stopped(txq) || !netif_running(q->nf->netdev))
		return;
	/* The backend answers, even if slowly: the watchdog need not act. */
	txq_trans_cond_update(txq);
	if (!netif_tx_queue_stopped(txq))
		return;
	used = READ_ONCE(q->tx.half.prod) - q->txc.half.cons;
	if (NETFRONT_SLOTS - used < 2 * NETFRONT_TX_MOST ||
	    !READ_ONCE(q->up))
		return;
	netif_tx_wake_queue(txq);
	netfront_count(q, NETFRONT_NAPI_wakes, 1);
}

static void netfront_tx_report(struct netfront_queue *q, unsigned int responses,
			       const struct netfront_sum *sum)
{
	u64_stats_update_begin(&q->sync);
	u64_stats_add(&q->count[NETFRONT_NAPI_responses], responses);
	u64_stats_add(&q->count[NETFRONT_NAPI_errors], sum->errors);
	u64_stats_add(&q->count[NETFRONT_NAPI_refused], sum->refused);
	u64_stats_add(&q->count[NETFRONT_NAPI_revoked], sum->revoked);
	u64_stats_update_end(&q->sync);
	if (sum->revoked)
		trace_xpv_grant(dev_name(&q->nf->dev->dev), XPV_GRANT_END,
				sum->revoked, 0);
	netdev_tx_completed_queue(netfront_txq(q), sum->packets, sum->bytes);
}

/**
 * netfront_tx_done() - take transmit responses
 * @q:      polled, not broken
 * @budget: of NAPI
 *
 * Return: number of responses; later ones are left for the next call.
 * Context: NAPI.
 */
unsigned int netfront_tx_done(struct netfront_queue *q, int budget)
{
	struct netfront_sum sum = { .budget = budget };
	struct xpv_ring *half = &q->txc.half;
	struct xpv_netif_tx_rsp rsp;
	u32 n, cons = half->cons;

	if (!netfront_tx_pending(q, &n, &sum.published)) {
		netfront_queue_break(q, NETFRONT_TX_PROD, n,
				     sum.published - half->cons);
		return 0;
	}
	if (!n)
		return 0;
	for (; n; n--) {
		xpv_peer_fetch(&rsp, xpv_ring_entry(half, cons), sizeof(rsp));
		if (!netfront_tx_answer(q, &rsp, &sum))
			break;
		cons++;
	}
	n = cons - half->cons;
	q->txc.work += n;
	/* A producer that sees the free slots also sees the free ids. */
	smp_store_release(&half->cons, cons);
	netfront_tx_report(q, n, &sum);
	if (likely(!q->halted))
		netfront_tx_wake(q);
	return n;
}

/**
 * netfront_tx_arm() - ask for an event when enough responses are there
 * @q: polled, not broken
 *
 * Enough is half of the requests in flight, or a full batch.
 *
 * Return: true if enough are there already.
 * Context: NAPI.
 */
bool netfront_tx_arm(struct netfront_queue *q)
{
	u32 cons = q->txc.half.cons;
	u32 out = READ_ONCE(q->tx.half.pub) - cons;

	return xpv_front_arm_at(&q->txc.half,
				cons + min(out / 2, NETFRONT_TX_BATCH) + 1);
}

/**
 * netfront_tx_collect() - take back everything that was not answered
 * @q: no longer polled, nor up
 *
 * Pages that the backend still maps are kept until it unmaps them.
 *
 * Context: process, under fsm.act.
 */
void netfront_tx_collect(struct netfront_queue *q)
{
	unsigned int id, lost = 0;

	lockdep_assert_held(&q->nf->fsm.act);
	for (id = 0; id < NETFRONT_SLOTS; id++) {
		struct netfront_sent_id *sent = &q->sent[id];

		if (sent->lent) {
			if (!gnttab_try_end_foreign_access(q->ref[id]))
				continue;
			q->ref[id] = INVALID_GRANT_REF;
			sent->lent = false;
		}
		lost += netfront_owner_put(sent->kind, sent->owner);
	}
	/*
	 * Only now, because from here on the packets that the ids belong to are
	 * freed.
	 */
	for (id = 0; id < NETFRONT_SLOTS; id++) {
		struct netfront_sent_id *sent = &q->sent[id];

		if (!sent->lent)
			continue;
		netfront_hold_owner(q->nf, q->ref[id], sent->kind,
				    sent->owner);
		q->ref[id] = INVALID_GRANT_REF;
	}
	memset(q->sent, 0, sizeof(q->sent));
	netfront_count_tx(q, NETFRONT_TX_dropped, lost);
	netdev_tx_reset_queue(netfront_txq(q));
}
