// SPDX-License-Identifier: GPL-2.0-only
/*
 * Map a guest's pages into an skb instead of copying them.
 *
 * A map and an unmap cost more than a copy. They are only worth it if the data
 * leaves this machine without being copied on its way: the stack copies packets
 * for a socket of this domain, and we copy those for another guest. So when a
 * mapped packet turns out to have been copied, the next ones are copied at
 * once, and mapping is tried again later, after increasing intervals.
 *
 * The tx NAPI unmaps pages in batches. An skb may outlive its queue; then a
 * work item unmaps its pages.
 */
#include <linux/delay.h>
#include <linux/slab.h>
#include <compat/ubuf.h>
#include "netback.h"

/* Number of large packets to copy after one was mapped in vain. */
#define NETBACK_HOLD_MIN	64
#define NETBACK_HOLD_MAX	16384

/* Number of closed queues whose pages are still in use. */
static atomic_t netback_zc_orphans = ATOMIC_INIT(0);

static struct netback_zc_slot *netback_zc_slot(struct netback_zc *zc, u16 i)
{
	return &zc->slot[i];
}

/* A packet's slots may be unmapped. Context: any. */
static void netback_zc_done(struct netback_zc_slot *head)
{
	struct netback_zc *zc = head->zc;
	struct netback_queue *q;

	/*
	 * Once @head is in the list, somebody else may unmap it, and it may
	 * have been the last one: netback_zc_work() waits for this section
	 * before it frees @zc.
	 */
	rcu_read_lock();
	if (llist_add(&head->done, &zc->done)) {
		q = rcu_dereference(zc->queue);
		if (q)
			napi_schedule(&q->tx_napi);
		else
			queue_work(netback_wq, &zc->work);
	}
	rcu_read_unlock();
}

static void netback_zc_complete(struct sk_buff *skb, struct ubuf_info *ubuf,
				bool success)
{
	struct netback_zc_slot *head = container_of(ubuf,
						    struct netback_zc_slot,
						    ubuf);

	if (!success)
		WRITE_ONCE(head->copied, true);
	if (refcount_dec_and_test(&ubuf->refcnt))
		netback_zc_done(head);
}

XPV_DEFINE_UBUF(netback_zc_ops, netback_zc_complete);

/**
 * netback_zc_wanted() - decide whether to map a packet
 * @q: queue
 * @c: its chain, good, and not in static grants
 *
 * Only packets with GSO are mapped, because GRO may merge others and does not
 * know that fragments have an owner. There must be enough fragments and slots.
 *
 * Return: true to map it.
 */
bool netback_zc_wanted(struct netback_queue *q, const struct netback_chain *c)
{
	struct netback_zc *zc = q->zc;

	if (c->len <= READ_ONCE(netback_tx_copy_max) || c->nr > MAX_SKB_FRAGS ||
	    NETBACK_RING - zc->lost - zc->busy < c->nr ||
	    !xpv_netif_extra_of(&c->extras, XPV_NETIF_EXTRA_GSO))
		return false;
	if (!zc->hold)
		return true;
	zc->hold--;
	return false;
}

/**
 * netback_zc_add() - add a map operation for one piece of a packet
 * @q:     queue
 * @pkt:   packet that netback_zc_wanted() accepted
 * @piece: index of the piece
 */
void netback_zc_add(struct netback_queue *q, struct netback_pkt *pkt,
		    unsigned int piece)
{
	const struct netback_piece *p = &pkt->chain.piece[piece];
	struct netback_tx_batch *b = &q->tb;
	struct netback_zc *zc = q->zc;
	struct netback_zc_slot *s;
	u16 i = zc->free;

	s = netback_zc_slot(zc, i);
	zc->free = s->next;
	zc->busy++;
	s->id = p->id;
	s->next = NETBACK_NO_SLOT;
	s->mapped = false;
	s->copied = false;
	s->status = XPV_NETIF_RSP_OKAY;
	if (pkt->nr_maps)
		netback_zc_slot(zc, b->map_slot[b->nr_map - 1])->next = i;
	else
		pkt->zc_head = i;

	gnttab_set_map_op(&b->map[b->nr_map], xpv_grant_addr(s->page),
			  GNTMAP_host_map | GNTMAP_readonly, p->gref,
			  q->be->domid);
	b->map_page[b->nr_map] = s->page;
	b->map_slot[b->nr_map] = i;
	b->nr_map++;
	pkt->nr_maps++;
	pkt->zc |= BIT(piece);
}

/* Evaluate a packet's map operations, each one separately (XSA-361, 367). */
static int netback_zc_mapped(struct netback_queue *q, struct netback_pkt *pkt)
{
	struct netback_tx_batch *b = &q->tb;
	unsigned int i, end = pkt->map + pkt->nr_maps;
	int err = 0;

	for (i = pkt->map; i < end; i++) {
		struct netback_zc_slot *s = netback_zc_slot(q->zc,
							    b->map_slot[i]);

		if (likely(b->map[i].status == GNTST_okay)) {
			s->handle = b->map[i].handle;
			s->mapped = true;
			continue;
		}
		netback_count_tx(q, NETBACK_TX_MAP_FAILED, 1);
		err = -EFAULT;
		if (unlikely(xpv_grant_is_space(b->map[i].status))) {
			/*
			 * There is no room for mappings, and copies need none:
			 * copy for a long time.
			 */
			q->zc->backoff = NETBACK_HOLD_MAX;
			q->zc->hold = NETBACK_HOLD_MAX;
			continue;
		}
		xpv_violation(&q->be->violations, NETBACK_SITE_TX_GRANT,
			      b->map[i].ref, 0, "packet dropped");
	}
	return err;
}

static void netback_zc_fill(struct netback_queue *q, struct netback_pkt *pkt)
{
	u16 i = pkt->zc_head, head = skb_headlen(pkt->skb);
	struct netback_chain *c = &pkt->chain;
	struct netback_zc *zc = q->zc;
	unsigned int n;

	for (n = 0; n < c->nr; n++) {
		struct netback_zc_slot *s;
		u16 skip = n ? 0 : head;

		if (!(pkt->zc & BIT(n)))
			continue;
		s = netback_zc_slot(zc, i);
		i = s->next;
		get_page(s->page);	/* the skb will drop this reference */
		skb_add_rx_frag(pkt->skb, skb_shinfo(pkt->skb)->nr_frags,
				s->page, c->piece[n].offset + skip,
				c->piece[n].size - skip, PAGE_SIZE);
	}
}

/**
 * netback_zc_attach() - attach mapped pages to a packet after the hypercall
 * @q:   queue
 * @pkt: packet with map operations
 * @err: the packet is to be dropped for another reason
 *
 * Return: @err, or another negative error if a page could not be mapped; then
 * the pages are unmapped later and their slots are answered with an error.
 */
int netback_zc_attach(struct netback_queue *q, struct netback_pkt *pkt, int err)
{
	struct netback_zc_slot *head = netback_zc_slot(q->zc, pkt->zc_head);
	int failed = netback_zc_mapped(q, pkt);

	if (likely(!err && !failed)) {
		netback_zc_fill(q, pkt);
		xpv_ubuf_init(&head->ubuf, netback_zc_ops);
		skb_zcopy_init(pkt->skb, &head->ubuf);
		netback_count_tx(q, NETBACK_TX_ZC_SENT, 1);
		return 0;
	}
	head->status = XPV_NETIF_RSP_ERROR;
	netback_zc_done(head);
	return err ? err : failed;
}

static void netback_zc_free_slot(struct netback_zc *zc, u16 i)
{
	struct netback_zc_slot *s = netback_zc_slot(zc, i);

	zc->busy--;
	if (unlikely(!s->page)) {
		zc->lost++;	/* its slot is lost, too */
		return;
	}
	s->next = zc->free;
	zc->free = i;
}

/*
 * Unmap the collected pages. A page that could not be unmapped still shows the
 * guest's memory: it must never be used for anything else.
 */
static unsigned int netback_zc_unmap(struct netback_zc *zc, unsigned int nr)
{
	unsigned int i, failed = 0;

	if (!nr)
		return 0;
	gnttab_unmap_refs(zc->unmap, NULL, zc->unmap_page, nr);
	for (i = 0; i < nr; i++) {
		if (likely(zc->unmap[i].status == GNTST_okay))
			continue;
		zc->slot[zc->unmap_slot[i]].page = NULL;
		failed++;
	}
	if (failed)
		pr_warn_ratelimited("xen-netback: %u pages could not be unmapped and are lost\n",
				    failed);
	return failed;
}

static unsigned int netback_zc_add_unmap(struct netback_zc *zc, unsigned int nr,
					 u16 i)
{
	struct netback_zc_slot *s = netback_zc_slot(zc, i);

	if (!s->mapped)
		return nr;
	gnttab_set_unmap_op(&zc->unmap[nr], xpv_grant_addr(s->page),
			    GNTMAP_host_map, s->handle);
	zc->unmap[nr].status = 1;	/* failed, unless Xen changes it */
	zc->unmap_page[nr] = s->page;
	zc->unmap_slot[nr] = i;
	return nr + 1;
}

/* Learn from a packet whether mapping was worth it. */
static void netback_zc_learn(struct netback_queue *q,
			     const struct netback_zc_slot *head)
{
	struct netback_zc *zc = q->zc;

	if (head->status != XPV_NETIF_RSP_OKAY)
		return;
	if (!READ_ONCE(head->copied)) {
		netback_count_tx(q, NETBACK_TX_ZC_SUCCESS, 1);
		zc->backoff = 0;
		return;
	}
	netback_count_tx(q, NETBACK_TX_ZC_FAIL, 1);
	if (zc->hold)
		return;		/* it was mapped before the last decision */
	zc->backoff = clamp(2 * zc->backoff, NETBACK_HOLD_MIN,
			    NETBACK_HOLD_MAX);
	zc->hold = zc->backoff;
}

/* Collect all slots of the packets in @list, and unmap them. */
static unsigned int netback_zc_unmap_list(struct netback_zc *zc,
					  struct llist_node *list,
					  unsigned int *failed)
{
	struct netback_zc_slot *head;
	unsigned int nr = 0;
	u16 i;

	llist_for_each_entry(head, list, done) {
		for (i = head - zc->slot; i != NETBACK_NO_SLOT;
		     i = zc->slot[i].next)
			nr = netback_zc_add_unmap(zc, nr, i);
	}
	*failed = netback_zc_unmap(zc, nr);
	return nr;
}

/**
 * netback_zc_finish() - unmap the pages of completed packets and answer their
 * slots
 * @q: queue
 *
 * Return: true if there was anything to do. The responses are not published
 * yet.
 * Context: tx NAPI, or the queue is down.
 */
bool netback_zc_finish(struct netback_queue *q)
{
	struct netback_zc *zc = q->zc;
	struct netback_zc_slot *head, *next;
	struct llist_node *list;
	unsigned int nr, failed;
	u16 i, after;

	if (likely(llist_empty(&zc->done)))
		return false;
	list = llist_del_all(&zc->done);
	nr = netback_zc_unmap_list(zc, list, &failed);
	if (nr) {
		netback_count_tx(q, NETBACK_TX_UNMAP_CALLS, 1);
		netback_count_tx(q, NETBACK_TX_UNMAP_OPS, nr);
		if (failed)
			netback_count_tx(q, NETBACK_TX_UNMAP_FAILED, failed);
		trace_xpv_grant(dev_name(&q->be->xdev->dev), XPV_GRANT_UNMAP,
				nr, failed);
	}
	llist_for_each_entry_safe(head, next, list, done) {
		s8 status = head->status;

		netback_zc_learn(q, head);
		for (i = head - zc->slot; i != NETBACK_NO_SLOT; i = after) {
			after = zc->slot[i].next;
			netback_tx_respond(q, zc->slot[i].id, status);
			netback_zc_free_slot(zc, i);
		}
	}
	return true;
}

static void netback_zc_free(struct netback_zc *zc)
{
	unsigned int i, nr = 0;

	/* Pages that are lost stay allocated. */
	for (i = 0; i < NETBACK_RING; i++) {
		if (zc->slot[i].page)
			zc->pages[nr++] = zc->slot[i].page;
	}
	gnttab_free_pages(nr, zc->pages);
	kvfree(zc);
}

/*
 * The queue is closed: unmap the pages that are released, and free @zc after
 * the last one. Whoever queues this work does so in an RCU read-side critical
 * section.
 */
static void netback_zc_work(struct work_struct *work)
{
	struct netback_zc *zc = container_of(work, struct netback_zc, work);
	struct netback_zc_slot *head, *next;
	struct llist_node *list = llist_del_all(&zc->done);
	unsigned int failed;
	u16 i, after;

	netback_zc_unmap_list(zc, list, &failed);
	llist_for_each_entry_safe(head, next, list, done) {
		for (i = head - zc->slot; i != NETBACK_NO_SLOT; i = after) {
			after = zc->slot[i].next;
			netback_zc_free_slot(zc, i);
		}
	}
	if (zc->busy)
		return;
	/*
	 * Whoever added the last packet to the list, or closed the queue, may
	 * still have to queue this work. After the grace period it is pending
	 * if so, and that run frees @zc.
	 */
	synchronize_rcu();
	if (work_pending(&zc->work))
		return;
	netback_zc_free(zc);
	atomic_dec(&netback_zc_orphans);
}

/**
 * netback_zc_open() - allocate pages for a queue to map to
 * @q: queue
 *
 * Return: the object, or NULL without memory.
 */
struct netback_zc *netback_zc_open(struct netback_queue *q)
{
	struct netback_zc *zc = kvzalloc(sizeof(*zc), GFP_KERNEL);
	unsigned int i;

	if (!zc)
		return NULL;
	if (gnttab_alloc_pages(NETBACK_RING, zc->pages)) {
		kvfree(zc);
		return NULL;
	}
	init_llist_head(&zc->done);
	INIT_WORK(&zc->work, netback_zc_work);
	for (i = 0; i < NETBACK_RING; i++) {
		zc->slot[i].zc = zc;
		zc->slot[i].page = zc->pages[i];
		zc->slot[i].next = i + 1;
	}
	zc->slot[NETBACK_RING - 1].next = NETBACK_NO_SLOT;
	RCU_INIT_POINTER(zc->queue, q);
	return zc;
}

/**
 * netback_zc_close() - the queue is being closed
 * @q: down, its rings are still mapped
 *
 * Waits a short time for packets in flight, so that their slots can be answered
 * in case the frontend continues with another backend. Packets that take longer
 * are left to a work item, which finally frees everything.
 */
void netback_zc_close(struct netback_queue *q)
{
	struct netback_zc *zc = q->zc;

	netback_zc_finish(q);
	while (zc->busy && time_before(jiffies, q->be->patience)) {
		msleep(20);
		netback_zc_finish(q);
	}
	if (!READ_ONCE(q->be->disabled))
		netback_tx_publish(q);
	q->zc = NULL;
	if (zc->busy)
		dev_info(&q->be->xdev->dev,
			 "queue %u: %u pages of the guest are still in use elsewhere\n",
			 q->index, zc->busy);
	atomic_inc(&netback_zc_orphans);
	/*
	 * From here on the work item owns @zc, even if no page is in use: a
	 * packet's last user may still be about to read it.
	 */
	rcu_read_lock();
	rcu_assign_pointer(zc->queue, NULL);
	queue_work(netback_wq, &zc->work);
	rcu_read_unlock();
	synchronize_rcu();	/* nobody wakes @q any more */
}

/**
 * netback_zc_exit() - wait for the last page before the module is unloaded
 *
 * All packets are eventually sent, or dropped with their interface or socket.
 * They call our code then, so it must still be there.
 */
void netback_zc_exit(void)
{
	unsigned int waited = 0;

	while (atomic_read(&netback_zc_orphans)) {
		msleep(20);
		waited += 20;
		if (!(waited % 10000))
			pr_warn("xen-netback: packets of %d queues are still in use elsewhere\n",
				atomic_read(&netback_zc_orphans));
	}
}
