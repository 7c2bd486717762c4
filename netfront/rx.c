// SPDX-License-Identifier: GPL-2.0-only
/*
 * The receive ring: its responses, and the packets made of them.
 *
 * A response is in the slot of the request that it answers, so the slot
 * identifies the page. If the page was not taken out of its slot, it is posted
 * again with the same grant (rx_page.c).
 */
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <xenpv/events.h>
#include <xenpv/grant.h>
#include "netfront.h"
#include "trace.h"

/* Number of free slots to post at a time while packets are taken. */
#define NETFRONT_RX_BATCH	64

/**
 * netfront_rx_timer() - try again after a shortage of memory
 * @timer: timer of a queue
 */
void netfront_rx_timer(struct timer_list *timer)
{
	struct netfront_queue *q = container_of(timer, struct netfront_queue,
						rx.timer);

	if (READ_ONCE(q->polling))
		napi_schedule(&q->napi);
}

/**
 * netfront_rx_open() - allocate and post pages
 * @q: ring set up, not polled
 *
 * After an error netfront_rx_close() frees what was allocated.
 *
 * Return: 0 or a negative error.
 * Context: process.
 */
int netfront_rx_open(struct netfront_queue *q)
{
	struct netfront_rx *rx = &q->rx;
	struct page_pool_params params = {
		.pool_size = NETFRONT_SLOTS,
		.nid = NUMA_NO_NODE,
		.dev = &q->nf->dev->dev,
	};
	struct page_pool *pool;
	int err;

	xpv_page_pool_of_napi(&params, &q->napi);
	pool = page_pool_create(&params);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	rx->pool = pool;
	rx->coalesce.small = pool;
	xpv_coalesce_open(&rx->coalesce, &params);
	err = xdp_rxq_info_reg(&rx->info, q->nf->netdev, q->index,
			       q->napi.napi_id);
	if (err)
		return err;
	err = xdp_rxq_info_reg_mem_model(&rx->info, MEM_TYPE_PAGE_POOL, pool);
	if (err)
		return err;
	netfront_chain_init(&rx->chain);
	local_bh_disable();
	netfront_rx_refill(q);
	local_bh_enable();
	if (!rx->half.prod)
		return -ENOMEM;
	netfront_rx_push(q);	/* there is no backend yet to be notified */
	return 0;
}

/* A bad packet: only this one is lost, as with the in-tree driver. */
static void netfront_rx_bad(struct netfront_queue *q)
{
	const struct netfront_chain *c = &q->rx.chain;
	enum netfront_site site = NETFRONT_RX_EXTRA;

	if (c->bad == NETFRONT_BAD_RANGE)
		site = NETFRONT_RX_RANGE;
	else if (c->bad == NETFRONT_BAD_SLOTS)
		site = NETFRONT_RX_SLOTS;
	xpv_violation(&q->nf->violations, site, c->value, c->bound,
		      "packet dropped");
}

/*
 * Assemble the next packet. Each response is fetched once; those of an
 * incomplete packet are remembered.
 *
 * @avail is the number of responses known to be there. Returns false if there
 * is no complete packet, or if the queue is broken.
 */
static bool netfront_rx_next(struct netfront_queue *q, u32 *avail)
{
	struct netfront_chain *c = &q->rx.chain;
	struct xpv_ring *half = &q->rx.half;
	struct xpv_netif_rx_rsp rsp;
	enum netfront_fed fed;

	do {
		if (c->slots >= *avail) {
			if (!xpv_front_pending(half, avail)) {
				netfront_queue_break(q, NETFRONT_RX_PROD,
						     *avail,
						     half->pub - half->cons);
				return false;
			}
			if (c->slots >= *avail)
				return false;
		}
		xpv_peer_fetch(&rsp, xpv_ring_entry(half, half->cons + c->slots),
			       sizeof(rsp));
		fed = netfront_chain_feed(c, &rsp);
		if (unlikely(fed == NETFRONT_FED_ENDLESS)) {
			netfront_queue_break(q, NETFRONT_RX_SLOTS, c->slots,
					     NETFRONT_MAX_PIECES);
			return false;
		}
	} while (fed == NETFRONT_FED_PART);
	return true;
}

/* Process the assembled packet; returns what remains to be done for XDP. */
static unsigned int netfront_rx_packet(struct netfront_queue *q)
{
	struct netfront_dev *nf = q->nf;
	struct netfront_chain *c = &q->rx.chain;
	unsigned int len = c->len, done = 0;
	struct bpf_prog *prog;
	struct sk_buff *skb;

	trace_netfront_rx(dev_name(&nf->dev->dev), q->index, len, c->slots,
			  c->flags, c->failed);
	if (unlikely(c->bad)) {
		netfront_rx_bad(q);
		netfront_count_rx(q, NETFRONT_RX_errors, 1);
		return 0;
	}
	if (unlikely(c->failed)) {
		if (c->failed < XPV_NETIF_RSP_DROPPED)
			xpv_violation(&nf->violations, NETFRONT_RX_STATUS,
				      (u16)c->failed, 0, "taken as an error");
		netfront_count_rx(q, NETFRONT_RX_errors, 1);
		return 0;
	}
	if (unlikely(len < ETH_HLEN || len > NETFRONT_MAX_FRAME)) {
		xpv_violation(&nf->violations, NETFRONT_RX_FRAME, len,
			      len < ETH_HLEN ? ETH_HLEN : NETFRONT_MAX_FRAME,
			      "packet dropped");
		netfront_count_rx(q, NETFRONT_RX_errors, 1);
		return 0;
	}
	if (unlikely(c->odd_hash))
		xpv_violation(&nf->violations, NETFRONT_RX_EXTRA,
			      XPV_NETIF_EXTRA_HASH, 0, "hash ignored");
	if (unlikely(!netif_running(nf->netdev)))
		return 0;

	rcu_read_lock();
	prog = rcu_dereference(nf->prog);
	if (prog) {
		done = netfront_xdp_packet(q, prog);
	} else {
		skb = netfront_packet_skb(q);
		if (likely(skb))
			netfront_packet_deliver(q, skb, len);
	}
	rcu_read_unlock();
	return done;
}

/**
 * netfront_rx_poll() - take received packets, and post new pages
 * @q:      polled, not broken
 * @budget: maximum number of packets
 *
 * Return: number of packets.
 * Context: NAPI.
 */
unsigned int netfront_rx_poll(struct netfront_queue *q, int budget)
{
	struct netfront_rx *rx = &q->rx;
	unsigned int packets = 0, slots = 0, xdp = 0;
	u32 avail = 0;

	while (packets < budget && netfront_rx_next(q, &avail)) {
		unsigned int n = rx->chain.slots;

		xdp |= netfront_rx_packet(q);
		if (unlikely(q->halted))
			break;
		packets++;
		slots += n;
		rx->half.cons += n;
		avail -= n;
		netfront_chain_init(&rx->chain);
		if (xpv_front_free(&rx->half) >= NETFRONT_RX_BATCH) {
			netfront_rx_refill(q);
			netfront_rx_push(q);
		}
	}
	rx->work += slots;
	if (slots)
		netfront_count_rx(q, NETFRONT_RX_slots, slots);
	if (xdp)
		netfront_xdp_finish(q, xdp);
	if (likely(!q->halted)) {
		netfront_rx_refill(q);
		netfront_rx_push(q);
	}
	return packets;
}

/**
 * netfront_rx_arm() - ask for an event at the next response
 * @q: polled, not broken
 *
 * Return: true if there is one already.
 * Context: NAPI.
 */
bool netfront_rx_arm(struct netfront_queue *q)
{
	struct xpv_ring *half = &q->rx.half;

	return xpv_front_arm_at(half, half->cons + q->rx.chain.slots + 1);
}

/**
 * netfront_rx_close() - take all pages back
 * @q: not polled
 *
 * Pages that the backend still maps leave the pool, and are kept until it
 * unmaps them.
 *
 * Context: process, under fsm.act.
 */
void netfront_rx_close(struct netfront_queue *q)
{
	struct netfront_rx *rx = &q->rx;
	unsigned int slot;

	lockdep_assert_held(&q->nf->fsm.act);
	if (!rx->pool)
		return;
	timer_delete_sync(&rx->timer);
	for (slot = 0; slot < NETFRONT_SLOTS; slot++) {
		struct page *page = rx->page[slot];

		if (!page)
			continue;
		/*
		 * With a second reference the pool does not recycle the page,
		 * if it is kept.
		 */
		if (!gnttab_try_end_foreign_access(rx->ref[slot])) {
			get_page(page);
			netfront_hold_page(q->nf, rx->ref[slot], page);
		}
		rx->ref[slot] = INVALID_GRANT_REF;
		page_pool_put_full_page(rx->pool, page, false);
		rx->page[slot] = NULL;
	}
	if (xdp_rxq_info_is_reg(&rx->info))
		xdp_rxq_info_unreg(&rx->info);
	page_pool_destroy(rx->pool);
	rx->pool = NULL;
	xpv_coalesce_close(&rx->coalesce);
}
