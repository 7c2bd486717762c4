// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest receive: which of the guest's buffers a packet takes, the copies to them
 * and the responses, for a batch of packets.
 */
#include <compat/page.h>
#include "netback.h"
#include "trace.h"

/*
 * Count the slots of a packet if no range is split; ranges that fit share one.
 */
struct netback_rx_whole {
	unsigned int slots;
	unsigned int used;	/* bytes used in the last slot */
};

static void netback_rx_whole_add(struct netback_rx_whole *w,
				 unsigned int offset, unsigned int len)
{
	unsigned int first = min_t(unsigned int, len,
				   PAGE_SIZE - offset_in_page(offset));
	unsigned int rest = len - first;

	if (!len)
		return;
	if (!w->slots || w->used + first > XEN_PAGE_SIZE) {
		w->slots++;
		w->used = 0;
	}
	w->used += first;
	if (w->used + rest <= XEN_PAGE_SIZE) {
		w->used += rest;
		return;
	}
	w->slots += DIV_ROUND_UP(rest, XEN_PAGE_SIZE);
	w->used = (rest - 1) % XEN_PAGE_SIZE + 1;
}

/* Number of such slots for a packet without frag_list. */
static unsigned int netback_rx_whole_slots(const struct sk_buff *skb)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	struct netback_rx_whole w = { };
	unsigned int i;

	netback_rx_whole_add(&w, offset_in_page(skb->data), skb_headlen(skb));
	for (i = 0; i < info->nr_frags; i++)
		netback_rx_whole_add(&w, skb_frag_off(&info->frags[i]),
				     skb_frag_size(&info->frags[i]));
	return w.slots;
}

/**
 * netback_rx_plan() - decide how a packet will lie in the guest's pages
 * @q:   queue
 * @skb: packet
 * @p:   result
 *
 * Packed slots are fewer, but a range that is split over two slots takes two
 * operations. For a long packet one or two more slots are cheaper, if the
 * frontend accepts so many. Context: rx NAPI.
 */
void netback_rx_plan(struct netback_queue *q, struct sk_buff *skb,
		     struct netback_rx_plan *p)
{
	unsigned int slots;

	p->headroom = READ_ONCE(q->be->link.xdp_headroom);
	p->data = DIV_ROUND_UP(skb->len, XEN_PAGE_SIZE - p->headroom);
	p->extra = !!skb_is_gso(skb) + netback_rx_cb(skb)->hashed +
		   !!p->headroom;
	p->packed = true;
	if (p->data < 4 || p->headroom || skb_has_frag_list(skb))
		return;
	slots = netback_rx_whole_slots(skb);
	if (slots > XPV_NETIF_SLOTS_MIN - 1 || slots > p->data + 2)
		return;
	p->data = slots;
	p->packed = false;
}

/**
 * struct netback_rx_put - where the next byte is copied
 * @plan:         layout of the packet
 * @first:        its first slot
 * @slot:         slot that is being filled
 * @gref:         page of @slot
 * @page:         address of that page, if it is a static grant
 * @used:         bytes used in @slot
 * @open:         there is a slot to fill
 * @nr_static:    number of copies to static grants
 * @static_bytes: bytes of those
 */
struct netback_rx_put {
	const struct netback_rx_plan *plan;
	u16 first;
	u16 slot;
	u32 gref;
	void *page;
	unsigned int used;
	bool open;
	unsigned int nr_static;
	unsigned int static_bytes;
};

/* Take the next buffer of the guest. */
static u32 netback_rx_next(struct netback_queue *q, u16 *id)
{
	struct xpv_netif_rx_req req;

	xpv_peer_fetch(&req, xpv_ring_entry(&q->rx, q->rx.cons), sizeof(req));
	q->rx.cons++;
	*id = req.id;
	return req.gref;
}

/* An extra info takes the place of a buffer, which remains unused. */
static void netback_rx_extra(struct netback_queue *q,
			     struct xpv_netif_extra extra, bool more)
{
	struct netback_rx_batch *b = &q->rb;
	u16 id;

	netback_rx_next(q, &id);
	if (more)
		extra.flags |= XPV_NETIF_EXTRA_MORE;
	b->slot[b->nr++].extra = extra;
}

static void netback_rx_extras(struct netback_queue *q, struct sk_buff *skb,
			      const struct netback_rx_plan *p)
{
	const struct netback_rx_cb *cb = netback_rx_cb(skb);
	unsigned int left = p->extra;

	if (skb_is_gso(skb))
		netback_rx_extra(q, xpv_netif_extra_gso(xpv_netif_skb_gso(skb),
							skb_shinfo(skb)->gso_size),
				 --left);
	if (p->headroom)
		netback_rx_extra(q, xpv_netif_extra_xdp(p->headroom), --left);
	if (cb->hashed)
		netback_rx_extra(q, xpv_netif_extra_hash(cb->type, cb->hash),
				 --left);
}

static void netback_rx_open_slot(struct netback_queue *q, struct sk_buff *skb,
				 struct netback_rx_put *put)
{
	struct netback_rx_batch *b = &q->rb;
	bool first = !put->open;
	struct xpv_netif_rx_rsp *rsp;

	if (!first)
		b->slot[put->slot].rsp.flags |= XPV_NETIF_RX_MORE_DATA;
	put->slot = b->nr++;
	put->used = 0;
	put->open = true;
	rsp = &b->slot[put->slot].rsp;
	put->gref = netback_rx_next(q, &rsp->id);
	put->page = netback_static_find(q, put->gref, true);
	rsp->offset = put->plan->headroom;
	rsp->flags = 0;
	rsp->status = 0;
	if (!first)
		return;
	rsp->flags = xpv_netif_rx_csum_flags(xpv_netif_skb_csum(skb));
	if (put->plan->extra) {
		rsp->flags |= XPV_NETIF_RX_EXTRA_INFO;
		netback_rx_extras(q, skb, put->plan);
	}
}

/*
 * The flag of foreign pages has other meanings for pages of files and
 * processes, which have a mapping.
 */
static struct xen_page_foreign *netback_rx_foreign(struct page *page)
{
	if (likely(!PageForeign(page)) || READ_ONCE(page->mapping))
		return NULL;
	return xen_page_foreign(page);
}

/*
 * Add a hypervisor copy. A page of another guest, whose packet was mapped, is
 * addressed by its grant.
 */
static void netback_rx_op(struct netback_queue *q, struct netback_rx_put *put,
			  struct page *page, unsigned int offset,
			  unsigned int len)
{
	struct netback_rx_batch *b = &q->rb;
	struct gnttab_copy *op = &b->copy[b->nr_ops];
	struct xen_page_foreign *foreign = netback_rx_foreign(page);

	op->flags = GNTCOPY_dest_gref;
	if (unlikely(foreign)) {
		op->flags |= GNTCOPY_source_gref;
		op->source.u.ref = foreign->gref;
		op->source.domid = foreign->domid;
		b->from[b->nr_ops] = page;
		netback_count_rx(q, NETBACK_RX_COPY_FOREIGN, 1);
	} else {
		op->source.u.gmfn = xen_page_to_gfn(page);
		op->source.domid = DOMID_SELF;
	}
	op->source.offset = offset;
	op->dest.u.ref = put->gref;
	op->dest.domid = q->be->domid;
	op->dest.offset = put->plan->headroom + put->used;
	op->len = len;
	op->status = GNTST_general_error;
	b->owner[b->nr_ops++] = put->slot;
}

/*
 * One copy, within one of our pages and one slot; immediately if the slot's
 * page is mapped.
 */
static void netback_rx_part(struct netback_queue *q, struct netback_rx_put *put,
			    struct page *page, unsigned int offset,
			    unsigned int len)
{
	if (put->page) {
		memcpy_from_page(put->page + put->plan->headroom + put->used,
				 page, offset, len);
		put->nr_static++;
		put->static_bytes += len;
	} else {
		netback_rx_op(q, put, page, offset, len);
	}
	q->rb.slot[put->slot].rsp.status += len;
	put->used += len;
}

/* Copy a range of our memory, within a page or compound page. */
static void netback_rx_range(struct netback_queue *q, struct sk_buff *skb,
			     struct netback_rx_put *put, struct page *page,
			     unsigned int offset, unsigned int len)
{
	unsigned int room = XEN_PAGE_SIZE - put->plan->headroom;
	unsigned int part;

	page = xpv_nth_page(page, offset / PAGE_SIZE);
	offset = offset_in_page(offset);
	while (len) {
		part = min_t(unsigned int, len, PAGE_SIZE - offset);
		if (!put->open || put->used == room ||
		    (!put->plan->packed && put->used + part > room))
			netback_rx_open_slot(q, skb, put);
		part = min(part, room - put->used);
		netback_rx_part(q, put, page, offset, part);
		len -= part;
		offset += part;
		if (offset == PAGE_SIZE) {
			offset = 0;
			page = xpv_nth_page(page, 1);
		}
	}
}

static void netback_rx_coalesce(struct netback_queue *q, struct sk_buff *skb,
				struct sk_buff *part, struct netback_rx_put *put)
{
	const struct skb_shared_info *info = skb_shinfo(part);
	unsigned int i;

	if (skb_headlen(part))
		netback_rx_range(q, skb, put, virt_to_page(part->data),
				 offset_in_page(part->data), skb_headlen(part));
	for (i = 0; i < info->nr_frags; i++)
		netback_rx_range(q, skb, put, skb_frag_page(&info->frags[i]),
				 skb_frag_off(&info->frags[i]),
				 skb_frag_size(&info->frags[i]));
}

/**
 * netback_rx_put() - add a packet to the batch
 * @q:    queue; the caller has checked that slots and operations suffice
 * @skb:  packet, in no list; the batch owns it from now on
 * @plan: of netback_rx_plan()
 *
 * Context: rx NAPI.
 */
void netback_rx_put(struct netback_queue *q, struct sk_buff *skb,
		    const struct netback_rx_plan *plan)
{
	struct netback_rx_put put = { .plan = plan };
	struct sk_buff *part;

	netback_rx_coalesce(q, skb, skb, &put);
	skb_walk_frags(skb, part)
		netback_rx_coalesce(q, skb, part, &put);
	trace_netback_rx(q, skb->len, plan->data + plan->extra, plan->packed);
	netback_count_rx(q, NETBACK_RX_PACKETS, 1);
	netback_count_rx(q, NETBACK_RX_BYTES, skb->len);
	if (put.nr_static) {
		netback_count_rx(q, NETBACK_RX_STATIC_COPIES, put.nr_static);
		netback_count_rx(q, NETBACK_RX_STATIC_BYTES, put.static_bytes);
	}
	if (skb_is_gso(skb))
		netback_count_rx(q, NETBACK_RX_GSO, 1);
	if (plan->extra)
		netback_count_rx(q, NETBACK_RX_EXTRAS, plan->extra);
	__skb_queue_tail(&q->rb.sent, skb);
}

/*
 * Handle a failed copy: perhaps try it through our own page; true if the data
 * is lost.
 */
static bool netback_rx_lost(struct netback_queue *q, unsigned int i)
{
	struct gnttab_copy *op = &q->rb.copy[i];

	if (unlikely(op->flags & GNTCOPY_source_gref)) {
		netback_count_rx(q, NETBACK_RX_COPY_BOUNCED, 1);
		if (!netback_copy_bounced(op, q->rb.from[i]))
			return true;
	}
	if (op->status != GNTST_okay && op->status != GNTST_eagain)
		xpv_violation(&q->be->violations, NETBACK_SITE_RX_GRANT,
			      op->dest.u.ref, 0, "packet lost");
	return op->status != GNTST_okay;
}

/**
 * netback_rx_copy() - run the copies of the batch
 * @q: queue
 *
 * A slot whose data was not copied gets an error status. Context: rx NAPI.
 */
void netback_rx_copy(struct netback_queue *q)
{
	struct netback_rx_batch *b = &q->rb;
	unsigned int i, failed = 0;
	u64 bytes = 0;

	if (!b->nr_ops)
		return;
	netback_copy(b->copy, b->nr_ops);
	for (i = 0; i < b->nr_ops; i++) {
		if (likely(b->copy[i].status == GNTST_okay) ||
		    !netback_rx_lost(q, i)) {
			bytes += b->copy[i].len;
			continue;
		}
		failed++;
		b->slot[b->owner[i]].rsp.status = XPV_NETIF_RSP_ERROR;
	}
	netback_count_rx(q, NETBACK_RX_COPY_CALLS, 1);
	netback_count_rx(q, NETBACK_RX_COPY_OPS, b->nr_ops);
	netback_count_rx(q, NETBACK_RX_COPY_BYTES, bytes);
	if (failed) {
		netback_count_rx(q, NETBACK_RX_COPY_FAILED, failed);
		netback_count_rx(q, NETBACK_RX_ERRORS, 1);
	}
	trace_xpv_grant(dev_name(&q->be->xdev->dev), XPV_GRANT_COPY,
			b->nr_ops, failed);
}

/**
 * netback_rx_publish() - let the guest see the slots of the batch
 * @q: queue
 *
 * Context: rx NAPI.
 */
void netback_rx_publish(struct netback_queue *q)
{
	struct netback_rx_batch *b = &q->rb;
	unsigned int i;
	bool notify;

	BUILD_BUG_ON(sizeof(union netback_rx_slot) != XPV_NETIF_RX_ENTRY);
	for (i = 0; i < b->nr; i++)
		xpv_peer_store(xpv_ring_entry(&q->rx, q->rx.prod + i),
			       &b->slot[i], sizeof(b->slot[i]));
	q->rx.prod += b->nr;
	notify = xpv_back_publish(&q->rx);
	if (notify)
		notify_remote_via_irq(q->rx_event->ev.irq);
	netback_count_rx(q, NETBACK_RX_SLOTS_USED, b->nr);
	netback_count_rx(q, notify ? NETBACK_RX_NOTIFIED :
				     NETBACK_RX_UNNOTIFIED, 1);
	trace_xpv_notify(dev_name(&q->be->xdev->dev), q->index, q->rx.prod,
			 notify);
}
