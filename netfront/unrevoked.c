// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unrevoked pages: memory that a backend may still access after the end of its
 * connection. It is not reused until its grant is revoked, which is tried every
 * second. These pages outlive the device.
 *
 * An skb is kept as a whole: the page of its head belongs to an allocator that
 * does not use page references.
 */
#include <linux/slab.h>
#include <net/dst.h>
#include <xenpv/grant.h>
#include "netfront.h"

#define NETFRONT_HELD_BATCH	1024	/* entries tried at a time */

/**
 * struct netfront_unrevoked - a page that is still granted
 * @list: entry in netfront_unrevoked
 * @nf:   device whose counter includes it; NULL: the device was freed
 * @ref:  grant
 * @skb:  skb that contains the page, or NULL
 * @page: without @skb: drop a reference of this page
 */
struct netfront_unrevoked {
	struct list_head list;
	struct netfront_dev *nf;
	grant_ref_t ref;
	struct sk_buff *skb;
	struct page *page;
};

static void netfront_unrevoked_look(struct work_struct *work);

static LIST_HEAD(netfront_unrevoked);
static DEFINE_SPINLOCK(netfront_unrevoked_lock);
static DECLARE_DELAYED_WORK(netfront_unrevoked_work, netfront_unrevoked_look);

/**
 * netfront_owner_put() - a request for a part of a packet is over
 * @kind:  kind of the request
 * @owner: skb or xdp_frame
 *
 * Return: 1 if that was the last one, and @owner was freed.
 * Context: process, when nobody else uses @owner.
 */
unsigned int netfront_owner_put(enum netfront_kind kind, void *owner)
{
	struct sk_buff *skb = owner;

	if (kind == NETFRONT_FRAME) {
		xdp_return_frame(owner);
		return 1;
	}
	if (kind != NETFRONT_SKB || --netfront_cb(skb)->left)
		return 0;
	dev_kfree_skb_any(skb);
	return 1;
}

static void netfront_unrevoked_free(struct netfront_unrevoked *h)
{
	if (h->nf)
		atomic_dec(&h->nf->unrevoked);
	if (h->skb)
		netfront_owner_put(NETFRONT_SKB, h->skb);
	else
		put_page(h->page);
	kfree(h);
}

/* Free what can be freed; returns the number of entries left. */
static unsigned int netfront_unrevoked_try(unsigned int most)
{
	struct netfront_unrevoked *h, *next;
	unsigned int left = 0;
	LIST_HEAD(ended);
	LIST_HEAD(rest);

	spin_lock(&netfront_unrevoked_lock);
	list_for_each_entry_safe(h, next, &netfront_unrevoked, list) {
		if (!most--)
			break;
		if (gnttab_try_end_foreign_access(h->ref))
			list_move(&h->list, &ended);
		else
			list_move_tail(&h->list, &rest);
	}
	/* Entries that were tried go behind the others. */
	list_splice_tail(&rest, &netfront_unrevoked);
	left = !list_empty(&netfront_unrevoked);
	list_for_each_entry_safe(h, next, &ended, list)
		netfront_unrevoked_free(h);
	spin_unlock(&netfront_unrevoked_lock);
	return left;
}

static void netfront_unrevoked_look(struct work_struct *work)
{
	if (netfront_unrevoked_try(NETFRONT_HELD_BATCH))
		queue_delayed_work(netfront_wq, &netfront_unrevoked_work, HZ);
}

static void netfront_unrevoked_add(struct netfront_dev *nf, grant_ref_t ref,
				   struct sk_buff *skb, struct page *page)
{
	struct netfront_unrevoked *h = kmalloc(sizeof(*h), GFP_KERNEL | __GFP_NOFAIL);

	h->nf = nf;
	h->ref = ref;
	h->skb = skb;
	h->page = page;
	atomic_inc(&nf->unrevoked);
	spin_lock(&netfront_unrevoked_lock);
	list_add_tail(&h->list, &netfront_unrevoked);
	spin_unlock(&netfront_unrevoked_lock);
	queue_delayed_work(netfront_wq, &netfront_unrevoked_work, HZ);
}

/**
 * netfront_hold_page() - drop a reference of a page when its grant has ended
 * @nf:   device
 * @ref:  grant of @page; this function takes ownership
 * @page: page
 *
 * Context: process.
 */
void netfront_hold_page(struct netfront_dev *nf, grant_ref_t ref,
			struct page *page)
{
	if (gnttab_try_end_foreign_access(ref))
		put_page(page);
	else
		netfront_unrevoked_add(nf, ref, NULL, page);
}

/**
 * netfront_hold_owner() - keep a packet of which the backend still maps a page
 * @nf:    device
 * @ref:   grant of a page of @owner; this function takes ownership
 * @kind:  NETFRONT_SKB or NETFRONT_FRAME
 * @owner: skb or xdp_frame; the request is still counted in it
 *
 * Context: process.
 */
void netfront_hold_owner(struct netfront_dev *nf, grant_ref_t ref,
			 enum netfront_kind kind, void *owner)
{
	struct xdp_frame *frame = owner;
	struct sk_buff *skb = owner;

	if (kind == NETFRONT_FRAME) {
		/*
		 * With a second reference the page pool does not recycle the
		 * page.
		 */
		struct page *page = virt_to_head_page(frame->data);

		get_page(page);
		xdp_return_frame(frame);
		netfront_unrevoked_add(nf, ref, NULL, page);
		return;
	}
	/* Release everything but the data. */
	skb_orphan(skb);
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	skb_ext_reset(skb);
	skb->dev = NULL;
	netfront_unrevoked_add(nf, ref, skb, NULL);
}

/**
 * netfront_unrevoked_forget() - a device is destroyed, but its unrevoked pages stay
 * @nf: device
 */
void netfront_unrevoked_forget(struct netfront_dev *nf)
{
	struct netfront_unrevoked *h;

	spin_lock(&netfront_unrevoked_lock);
	list_for_each_entry(h, &netfront_unrevoked, list)
		if (h->nf == nf)
			h->nf = NULL;
	spin_unlock(&netfront_unrevoked_lock);
}

/**
 * netfront_unrevoked_exit() - the module is unloaded
 *
 * Pages that a backend still maps are leaked on purpose.
 */
void netfront_unrevoked_exit(void)
{
	struct netfront_unrevoked *h;
	unsigned int lost = 0;

	cancel_delayed_work_sync(&netfront_unrevoked_work);
	if (!netfront_unrevoked_try(UINT_MAX))
		return;
	list_for_each_entry(h, &netfront_unrevoked, list)
		lost++;
	pr_warn("xen-netfront: %u pages are lost, because backends still have them mapped\n",
		lost);
}
