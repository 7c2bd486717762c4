// SPDX-License-Identifier: GPL-2.0-only
/*
 * Produce transmit requests. Everything here runs under the lock of the
 * transmit queue.
 *
 * Small data is copied into cells, which are parts of persistently granted
 * pages: that is cheaper than to grant and revoke, and does not show the
 * backend the other contents of a small skb's page. Other data is granted in
 * place. It is copied to our own pages if the backend keeps those mapped or is
 * not trusted, or if the packet has more pieces than backends accept.
 */
#include <linux/etherdevice.h>
#include <xenpv/events.h>
#include <xenpv/grant.h>
#include "netfront.h"
#include "trace.h"

/* Interval of looks at a stopped queue; the watchdog waits for 5 s. */
#define NETFRONT_TX_LOOK	HZ

/* Requests of one packet, not yet published. */
struct netfront_draft {
	struct netfront_queue *q;
	unsigned int nr;
	unsigned int copied;
	unsigned int lent;
	u32 set_lent;
	void *to;		/* where to copy the next byte */
	unsigned int room;	/* bytes left there */
	struct xpv_netif_tx_req req[XPV_NETIF_SLOTS_MIN];
};

static_assert(XPV_NETIF_SLOTS_MIN < 32);

/**
 * netfront_tx_room() - test whether requests can be produced
 * @q:     up
 * @slots: number of ring slots needed
 *
 * For each free slot there is a free id: the consumer of responses returns ids
 * first.
 *
 * Return: true if there are enough free slots.
 */
bool netfront_tx_room(struct netfront_queue *q, unsigned int slots)
{
	struct xpv_ring *half = &q->tx.half;

	if (likely(xpv_front_free(half) >= slots))
		return true;
	/* pairs with netfront_tx_done() */
	half->cons = smp_load_acquire(&q->txc.half.cons);
	return xpv_front_free(half) >= slots;
}

static u16 netfront_tx_id(struct netfront_queue *q)
{
	return q->ids[q->tx.head++ % NETFRONT_SLOTS];
}

/**
 * netfront_tx_push() - publish the requests to the backend
 * @q: up
 */
void netfront_tx_push(struct netfront_queue *q)
{
	bool notify;

	if (q->tx.half.prod == q->tx.half.pub)
		return;
	smp_wmb();	/* write the records before a response can come */
	notify = xpv_front_publish(&q->tx.half);
	netfront_count_tx(q, notify ? NETFRONT_TX_notify_sent :
				      NETFRONT_TX_notify_suppressed, 1);
	trace_xpv_notify(dev_name(&q->nf->dev->dev), q->index,
			 q->tx.half.prod, notify);
	if (notify)
		notify_remote_via_irq(q->tx_event.irq);
}

/* Inline, so that @len is a constant. */
static __always_inline void netfront_tx_put(struct netfront_queue *q,
					    const void *slot, size_t len)
{
	struct xpv_ring *half = &q->tx.half;

	xpv_peer_store(xpv_ring_entry(half, half->prod), slot, len);
	half->prod++;
}

/* Mark the id as in use. Its slot is put on the ring next. */
static void netfront_tx_own(struct netfront_queue *q, u16 id,
			    enum netfront_kind kind, void *owner, bool lent)
{
	struct netfront_sent_id *sent = &q->sent[id];

	sent->owner = owner;
	sent->pos = q->tx.half.prod;
	sent->lent = lent;
	sent->mcast = false;
	/*
	 * Write this last: NAPI reads it if the backend returns ids that it was
	 * not given. Pairs with netfront_tx_answer().
	 */
	smp_store_release(&sent->kind, kind);
}

static struct xpv_netif_tx_req *netfront_draft_next(struct netfront_draft *d,
						    u16 size)
{
	struct xpv_netif_tx_req *req = &d->req[d->nr++];

	req->id = netfront_tx_id(d->q);
	req->flags = 0;
	req->size = size;
	return req;
}

/* Get a cell to copy @size bytes to. */
static void *netfront_draft_bounce(struct netfront_draft *d, u16 size)
{
	struct xpv_netif_tx_req *req = netfront_draft_next(d, size);

	d->copied += size;
	return netfront_buffer_slot(d->q, req->id, &req->gref, &req->offset);
}

/* Get a page to copy @size bytes to; NULL if there is no memory. */
static void *netfront_draft_page(struct netfront_draft *d, u16 size)
{
	struct xpv_netif_tx_req *req = netfront_draft_next(d, size);

	req->offset = 0;
	d->copied += size;
	return netfront_buffer_copy(d->q, req->id, &req->gref);
}

/* Grant data in place. */
static void netfront_draft_lend(struct netfront_draft *d, struct page *page,
				unsigned int offset, unsigned int len)
{
	struct netfront_queue *q = d->q;
	struct xpv_netif_tx_req *req;
	unsigned int part;

	page += offset >> PAGE_SHIFT;	/* it may be a compound page */
	offset = offset_in_page(offset);
	for (; len; len -= part, page++, offset = 0) {
		part = min_t(unsigned int, len, PAGE_SIZE - offset);
		d->set_lent |= BIT(d->nr);
		d->lent++;
		req = netfront_draft_next(d, part);
		req->offset = offset;
		req->gref = q->ref[req->id];
		gnttab_grant_foreign_access_ref(req->gref,
						q->nf->dev->otherend_id,
						xen_page_to_gfn(page), 1);
	}
}

/*
 * Slots that an skb takes; UINT_MAX if it has pages that we cannot grant,
 * because they are grants of other domains: a driver domain may forward those.
 */
static unsigned int netfront_skb_slots(struct sk_buff *skb)
{
	unsigned int len = skb_headlen(skb), slots, i;

	slots = len <= NETFRONT_BOUNCE_SLOT ? !!len :
		xpv_netif_pieces(offset_in_page(skb->data), len);
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		if (unlikely(PageForeign(skb_frag_page(frag))))
			return UINT_MAX;
		slots += xpv_netif_pieces(skb_frag_off(frag),
					  skb_frag_size(frag));
	}
	return slots;
}

static void netfront_draft_skb(struct netfront_draft *d, struct sk_buff *skb)
{
	unsigned int len = skb_headlen(skb), i;

	if (len > NETFRONT_BOUNCE_SLOT)
		netfront_draft_lend(d, virt_to_page(skb->data),
				    offset_in_page(skb->data), len);
	else if (len)
		memcpy(netfront_draft_bounce(d, len), skb->data, len);
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		netfront_draft_lend(d, skb_frag_page(frag), skb_frag_off(frag),
				    skb_frag_size(frag));
	}
}

/*
 * Copy to the last page and further ones; @total is the length of the packet.
 */
static bool netfront_draft_fill(struct netfront_draft *d, const void *from,
				unsigned int len, unsigned int total)
{
	unsigned int part;

	for (; len; len -= part, from += part) {
		if (!d->room) {
			d->room = min_t(unsigned int, total - d->copied,
					PAGE_SIZE);
			d->to = netfront_draft_page(d, d->room);
			if (unlikely(!d->to))
				return false;
		}
		part = min(len, d->room);
		memcpy(d->to, from, part);
		d->to += part;
		d->room -= part;
	}
	return true;
}

/* Copy all of an skb to our own pages. */
static bool netfront_draft_copy(struct netfront_draft *d, struct sk_buff *skb)
{
	unsigned int i;

	d->room = 0;
	if (!netfront_draft_fill(d, skb->data, skb_headlen(skb), skb->len))
		return false;
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		if (!netfront_draft_fill(d, skb_frag_address(frag),
					 skb_frag_size(frag), skb->len))
			return false;
	}
	return true;
}

/* Build requests for all data of an skb; false if there is no memory. */
static bool netfront_draft(struct netfront_draft *d, struct sk_buff *skb)
{
	u32 head = d->q->tx.head;

	if (skb->len <= NETFRONT_BOUNCE_SLOT)
		return !skb_copy_bits(skb, 0, netfront_draft_bounce(d, skb->len),
				      skb->len);
	if (!d->q->static_grants && likely(!d->q->bounce) &&
	    likely(netfront_skb_slots(skb) <= XPV_NETIF_SLOTS_MIN)) {
		netfront_draft_skb(d, skb);
		return true;
	}
	if (netfront_draft_copy(d, skb)) {
		netfront_count_tx(d->q, d->q->static_grants ?
				  NETFRONT_TX_static_packets :
				  NETFRONT_TX_bounced_packets, 1);
		return true;
	}
	d->q->tx.head = head;	/* the ids were not published */
	return false;
}

/* Put a packet's requests and its extra info on the ring. */
static void netfront_tx_commit(struct netfront_draft *d, struct sk_buff *skb)
{
	unsigned int gso = xpv_netif_skb_gso(skb), i;
	struct netfront_queue *q = d->q;

	netfront_cb(skb)->left = d->nr;
	d->req[0].size = skb->len;
	d->req[0].flags = xpv_netif_tx_csum_flags(xpv_netif_skb_csum(skb));
	if (gso)
		d->req[0].flags |= XPV_NETIF_TX_EXTRA_INFO;
	for (i = 0; i < d->nr; i++) {
		struct xpv_netif_tx_req *req = &d->req[i];

		if (i + 1 < d->nr)
			req->flags |= XPV_NETIF_TX_MORE_DATA;
		netfront_tx_own(q, req->id, NETFRONT_SKB, skb,
				d->set_lent & BIT(i));
		netfront_tx_put(q, req, sizeof(*req));
		if (gso && !i) {
			struct xpv_netif_extra extra =
				xpv_netif_extra_gso(gso,
						    skb_shinfo(skb)->gso_size);

			WRITE_ONCE(q->tx.extras, q->tx.extras + 1);
			netfront_tx_put(q, &extra, sizeof(extra));
		}
	}
	if (d->lent)
		trace_xpv_grant(dev_name(&q->nf->dev->dev), XPV_GRANT_ACCESS,
				d->lent, 0);
	trace_netfront_tx(dev_name(&q->nf->dev->dev), q->index, skb->len,
			  d->nr, d->req[0].flags, skb_shinfo(skb)->gso_size);
}

static void netfront_tx_account(struct netfront_draft *d, struct sk_buff *skb)
{
	struct netfront_tx *tx = &d->q->tx;

	u64_stats_update_begin(&tx->sync);
	u64_stats_inc(&tx->count[NETFRONT_TX_packets]);
	u64_stats_add(&tx->count[NETFRONT_TX_bytes], skb->len);
	u64_stats_add(&tx->count[NETFRONT_TX_slots],
		      d->nr + skb_is_gso(skb));
	if (skb_is_gso(skb))
		u64_stats_inc(&tx->count[NETFRONT_TX_gso]);
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		u64_stats_inc(&tx->count[NETFRONT_TX_csum_blank]);
	if (skb->len <= NETFRONT_BOUNCE_SLOT)
		u64_stats_inc(&tx->count[NETFRONT_TX_copied_packets]);
	u64_stats_add(&tx->count[NETFRONT_TX_copied_bytes], d->copied);
	u64_stats_add(&tx->count[NETFRONT_TX_grants], d->lent);
	u64_stats_update_end(&tx->sync);
}

/**
 * netfront_tx_look() - look for responses while the transmit queue is stopped
 * @timer: @tx.look of a queue
 *
 * The backend sends an event when it has answered a batch of requests. A backend
 * that limits the rate may take longer for a batch than the watchdog waits, so
 * NAPI looks for single responses each second as long as the queue is stopped.
 */
void netfront_tx_look(struct timer_list *timer)
{
	struct netfront_queue *q = container_of(timer, struct netfront_queue,
						tx.look);

	if (!READ_ONCE(q->polling) || !netif_running(q->nf->netdev) ||
	    !netif_xmit_stopped(netfront_txq(q)))
		return;
	napi_schedule(&q->napi);
	mod_timer(timer, jiffies + NETFRONT_TX_LOOK);
}

/* If the queue is stopped, by us or by the limit in bytes, start the timer. */
static void netfront_tx_look_later(struct netfront_queue *q)
{
	if (netif_xmit_stopped(netfront_txq(q)) && !timer_pending(&q->tx.look))
		mod_timer(&q->tx.look, jiffies + NETFRONT_TX_LOOK);
}

/* Stop if the next packet might not fit; NAPI wakes the queue again. */
static void netfront_tx_stop(struct netfront_queue *q)
{
	struct netdev_queue *txq = netfront_txq(q);

	if (likely(netfront_tx_room(q, NETFRONT_TX_MOST)))
		return;
	netif_tx_stop_queue(txq);
	smp_mb();	/* stop before the last check; see netfront_tx_wake() */
	if (netfront_tx_room(q, NETFRONT_TX_MOST))
		netif_tx_start_queue(txq);
	else
		netfront_count_tx(q, NETFRONT_TX_stops, 1);
}

/* The stack builds no others, but skbs also come from elsewhere. */
static bool netfront_tx_sane(const struct sk_buff *skb)
{
	return skb->len >= ETH_HLEN && skb->len <= XPV_NETIF_MAX_PACKET &&
	       !skb_has_frag_list(skb) &&
	       (!skb_is_gso(skb) || xpv_netif_skb_gso(skb));
}

/**
 * netfront_xmit() - send a packet; see ndo_start_xmit
 * @skb:    packet; this function takes ownership
 * @netdev: device
 *
 * Return: NETDEV_TX_*.
 */
netdev_tx_t netfront_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct netfront_dev *nf = netdev_priv(netdev);
	struct netfront_queue *q = &nf->queues[skb_get_queue_mapping(skb)];
	struct netfront_draft d;

	if (unlikely(!q->up || !netfront_tx_sane(skb)))
		goto drop;
	if (unlikely(!netfront_tx_room(q, NETFRONT_TX_MOST))) {
		netfront_tx_push(q);
		netfront_tx_stop(q);
		netfront_tx_look_later(q);
		return NETDEV_TX_BUSY;
	}
	d.q = q;
	d.nr = 0;
	d.copied = 0;
	d.lent = 0;
	d.set_lent = 0;
	if (unlikely(!netfront_draft(&d, skb)))
		goto drop;
	netfront_tx_commit(&d, skb);
	netfront_tx_account(&d, skb);
	skb_tx_timestamp(skb);
	netfront_tx_stop(q);
	if (__netdev_tx_sent_queue(netfront_txq(q), skb->len,
				   netdev_xmit_more()))
		netfront_tx_push(q);
	netfront_tx_look_later(q);
	return NETDEV_TX_OK;

drop:
	netfront_count_tx(q, NETFRONT_TX_dropped, 1);
	if (q->up && !netdev_xmit_more())
		netfront_tx_push(q);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static void netfront_frame_put(struct netfront_draft *d, void *owner)
{
	struct xpv_netif_tx_req *req = &d->req[0];

	netfront_tx_own(d->q, req->id, owner ? NETFRONT_FRAME :
					       NETFRONT_NOTHING, owner, owner);
	netfront_tx_put(d->q, req, sizeof(*req));
}

/**
 * netfront_tx_frame() - send a frame of XDP
 * @q:     up
 * @frame: this function takes ownership on success
 *
 * Leaves room for a packet of the stack. The caller calls netfront_tx_push().
 *
 * Return: false if there is no room; the frame still belongs to the caller.
 */
bool netfront_tx_frame(struct netfront_queue *q, struct xdp_frame *frame)
{
	struct netfront_draft d = { .q = q };
	bool lend = false;
	void *to = NULL;

	if (unlikely(xdp_frame_has_frags(frame) || frame->len < ETH_HLEN ||
		     frame->len > PAGE_SIZE))
		return false;
	if (!netfront_tx_room(q, NETFRONT_TX_MOST + 1))
		return false;

	if (frame->len <= NETFRONT_BOUNCE_SLOT) {
		to = netfront_draft_bounce(&d, frame->len);
	} else if (q->static_grants || q->bounce ||
		   offset_in_page(frame->data) + frame->len > PAGE_SIZE) {
		to = netfront_draft_page(&d, frame->len);
		if (!to) {
			q->tx.head--;
			return false;
		}
	} else {
		lend = true;
		netfront_draft_lend(&d, virt_to_page(frame->data),
				    offset_in_page(frame->data), frame->len);
	}
	u64_stats_update_begin(&q->tx.sync);
	u64_stats_inc(&q->tx.count[NETFRONT_TX_packets]);
	u64_stats_inc(&q->tx.count[NETFRONT_TX_slots]);
	u64_stats_add(&q->tx.count[NETFRONT_TX_bytes], frame->len);
	u64_stats_add(&q->tx.count[NETFRONT_TX_copied_bytes], d.copied);
	u64_stats_add(&q->tx.count[NETFRONT_TX_grants], d.lent);
	u64_stats_update_end(&q->tx.sync);

	if (!lend)
		memcpy(to, frame->data, frame->len);
	netfront_frame_put(&d, lend ? frame : NULL);
	if (!lend)
		xdp_return_frame(frame);
	return true;
}

/**
 * netfront_tx_mcast() - ask the backend to add or remove a multicast address
 * @q:    up
 * @add:  add, otherwise remove
 * @addr: MAC
 *
 * Return: false if the ring is full.
 */
bool netfront_tx_mcast(struct netfront_queue *q, bool add, const u8 *addr)
{
	struct xpv_netif_extra extra = xpv_netif_extra_mcast(add, addr);
	struct xpv_netif_tx_req req = { .flags = XPV_NETIF_TX_EXTRA_INFO };

	if (!netfront_tx_room(q, NETFRONT_TX_MOST + 2))
		return false;
	req.id = netfront_tx_id(q);
	/*
	 * There is no data, but a backend may access the page before it notices
	 * that.
	 */
	netfront_buffer_slot(q, req.id, &req.gref, &req.offset);
	netfront_tx_own(q, req.id, NETFRONT_NOTHING, NULL, false);
	q->sent[req.id].mcast = true;
	netfront_tx_put(q, &req, sizeof(req));
	WRITE_ONCE(q->tx.extras, q->tx.extras + 1);
	netfront_tx_put(q, &extra, sizeof(extra));
	netfront_tx_push(q);
	return true;
}
