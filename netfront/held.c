// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that a backend may still see when its connection is over. It is kept
 * out of circulation, and looked at every second, until its grant is revoked
 * for certain. This outlives the device.
 *
 * An skb is kept as a whole: the page that holds its head belongs to an
 * allocator that knows nothing of page references.
 */
#include <linux/slab.h>
#include <net/dst.h>
#include <xenpv/grant.h>
#include "netfront.h"

#define NETFRONT_HELD_BATCH	1024	/* looked at in one go */

/**
 * struct netfront_held - a page that is still granted
 * @list: in netfront_held
 * @nf:   device whose count it is in; NULL: that device is gone
 * @ref:  grant
 * @skb:  what the page is a part of, or NULL
 * @page: else drop a reference of it
 */
struct netfront_held {
	struct list_head list;
	struct netfront_dev *nf;
	grant_ref_t ref;
	struct sk_buff *skb;
	struct page *page;
};

static void netfront_held_look(struct work_struct *work);

static LIST_HEAD(netfront_held);
static DEFINE_SPINLOCK(netfront_held_lock);
static DECLARE_DELAYED_WORK(netfront_held_work, netfront_held_look);

/**
 * netfront_owner_put() - a request that something is a part of is over
 * @kind:  of the request
 * @owner: skb or xdp_frame
 *
 * Return: 1 if that was the last, and the owner was freed. Context: process,
 * and nobody else has anything to do with @owner.
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

static void netfront_held_free(struct netfront_held *h)
{
	if (h->nf)
		atomic_dec(&h->nf->held);
	if (h->skb)
		netfront_owner_put(NETFRONT_SKB, h->skb);
	else
		put_page(h->page);
	kfree(h);
}

/* Free what can be freed; returns how many are left. */
static unsigned int netfront_held_try(unsigned int most)
{
	struct netfront_held *h, *next;
	unsigned int left = 0;
	LIST_HEAD(ended);
	LIST_HEAD(rest);

	spin_lock(&netfront_held_lock);
	list_for_each_entry_safe(h, next, &netfront_held, list) {
		if (!most--)
			break;
		if (gnttab_try_end_foreign_access(h->ref))
			list_move(&h->list, &ended);
		else
			list_move_tail(&h->list, &rest);
	}
	/* Those looked at go behind the others. */
	list_splice_tail(&rest, &netfront_held);
	left = !list_empty(&netfront_held);
	list_for_each_entry_safe(h, next, &ended, list)
		netfront_held_free(h);
	spin_unlock(&netfront_held_lock);
	return left;
}

static void netfront_held_look(struct work_struct *work)
{
	if (netfront_held_try(NETFRONT_HELD_BATCH))
		queue_delayed_work(netfront_wq, &netfront_held_work, HZ);
}

static void netfront_held_add(struct netfront_dev *nf, grant_ref_t ref,
			      struct sk_buff *skb, struct page *page)
{
	struct netfront_held *h = kmalloc(sizeof(*h), GFP_KERNEL | __GFP_NOFAIL);

	h->nf = nf;
	h->ref = ref;
	h->skb = skb;
	h->page = page;
	atomic_inc(&nf->held);
	spin_lock(&netfront_held_lock);
	list_add_tail(&h->list, &netfront_held);
	spin_unlock(&netfront_held_lock);
	queue_delayed_work(netfront_wq, &netfront_held_work, HZ);
}

/**
 * netfront_hold_page() - drop a reference of a page when its grant is over
 * @nf:   device
 * @ref:  grant of @page, becomes ours
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
		netfront_held_add(nf, ref, NULL, page);
}

/**
 * netfront_hold_owner() - the backend still has a page of something
 * @nf:    device
 * @ref:   grant of a page of @owner, becomes ours
 * @kind:  NETFRONT_SKB or NETFRONT_FRAME
 * @owner: skb or xdp_frame; that request still counts in it
 *
 * Context: process.
 */
void netfront_hold_owner(struct netfront_dev *nf, grant_ref_t ref,
			 enum netfront_kind kind, void *owner)
{
	struct xdp_frame *frame = owner;
	struct sk_buff *skb = owner;

	if (kind == NETFRONT_FRAME) {
		/* With a second reference its pool parts with the page. */
		struct page *page = virt_to_head_page(frame->data);

		get_page(page);
		xdp_return_frame(frame);
		netfront_held_add(nf, ref, NULL, page);
		return;
	}
	/* Let go of all but the data. */
	skb_orphan(skb);
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	skb_ext_reset(skb);
	skb->dev = NULL;
	netfront_held_add(nf, ref, skb, NULL);
}

/**
 * netfront_held_forget() - a device goes, what its backend has stays
 * @nf: device
 */
void netfront_held_forget(struct netfront_dev *nf)
{
	struct netfront_held *h;

	spin_lock(&netfront_held_lock);
	list_for_each_entry(h, &netfront_held, list)
		if (h->nf == nf)
			h->nf = NULL;
	spin_unlock(&netfront_held_lock);
}

/**
 * netfront_held_exit() - the module goes
 *
 * What a backend has even now is lost on purpose.
 */
void netfront_held_exit(void)
{
	struct netfront_held *h;
	unsigned int lost = 0;

	cancel_delayed_work_sync(&netfront_held_work);
	if (!netfront_held_try(UINT_MAX))
		return;
	list_for_each_entry(h, &netfront_held, list)
		lost++;
	pr_warn("xen-netfront: %u pages are lost, because backends still have them mapped\n",
		lost);
}
