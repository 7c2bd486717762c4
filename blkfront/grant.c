// SPDX-License-Identifier: GPL-2.0-only
/*
 * Grants: which pages the backend may access, and until when.
 *
 * Either the pages of a bio are granted for the duration of the request, or
 * data is copied through bufs, which are our own pages. Bufs are used if grants
 * are persistent (the copy is cheaper than a mapping in the backend), if the
 * backend is not trusted with the other contents of a bio's pages, and if data
 * is not aligned to blocks. Data is packed into bufs, so its alignment does not
 * matter.
 *
 * A page whose grant cannot be revoked is never used again: see reclaim.c. Xen's
 * grant table code keeps it until the backend has unmapped it.
 */
#include <linux/slab.h>
#include <xenpv/grant.h>
#include "blkfront.h"

#define BLKFRONT_REFS_BATCH	64	/* references fetched at a time */
/* limit of a ring, except for huge requests */
#define BLKFRONT_REFS_MAX	1024

static struct blkfront_buf *blkfront_buf_alloc(gfp_t gfp)
{
	struct blkfront_buf *buf = kmalloc(sizeof(*buf), gfp);

	if (!buf)
		return NULL;
	/* Zeroed, so that the backend does not see old contents (XSA-403). */
	buf->page = alloc_page(gfp | __GFP_ZERO);
	if (!buf->page) {
		kfree(buf);
		return NULL;
	}
	buf->ref = INVALID_GRANT_REF;
	return buf;
}

/* Add one buf to the pool. */
static bool blkfront_buf_add(struct blkfront_ring *ring, gfp_t gfp)
{
	struct blkfront_buf *buf = blkfront_buf_alloc(gfp);

	if (!buf)
		return false;
	buf->used = jiffies;
	list_add_tail(&buf->free, &ring->pool);
	ring->nr_free++;
	if (++ring->nr_bufs > ring->peak)
		ring->peak = ring->nr_bufs;
	return true;
}

/*
 * Allocate references until there are @want, if @spare are left for others;
 * false if that is not possible.
 */
static bool blkfront_refs_fill(struct blkfront_ring *ring, unsigned int want,
			       unsigned int spare)
{
	while (ring->nr_refs < want) {
		unsigned int n = min(want - ring->nr_refs, 256U);
		grant_ref_t head;

		if (gnttab_alloc_grant_references(n + spare, &head))
			return false;
		while (n--)
			ring->refs[ring->nr_refs++] =
				gnttab_claim_grant_reference(&head);
		gnttab_free_grant_references(head);
	}
	return true;
}

/*
 * References beyond the need of one request only improve speed, and must not
 * keep other devices from connecting.
 */
static bool blkfront_ref_get(struct blkfront_ring *ring, grant_ref_t *ref)
{
	if (!ring->nr_refs &&
	    !blkfront_refs_fill(ring, min_t(unsigned int, ring->max_refs,
					    BLKFRONT_REFS_BATCH),
				XPV_SPARE_REFS) &&
	    !blkfront_refs_fill(ring, 1, XPV_SPARE_REFS))
		return false;
	*ref = ring->refs[--ring->nr_refs];
	return true;
}

static void blkfront_ref_put(struct blkfront_ring *ring, grant_ref_t ref)
{
	if (ring->nr_refs < ring->max_refs)
		ring->refs[ring->nr_refs++] = ref;
	else
		gnttab_free_grant_reference(ref);
}

/**
 * blkfront_grant_setup() - allocate what a ring needs for one request
 * @ring: not up
 *
 * The request may have any size. After an error blkfront_grant_teardown() frees
 * what was allocated.
 *
 * Return: 0 or a negative error.
 * Context: process.
 */
int blkfront_grant_setup(struct blkfront_ring *ring)
{
	struct blkfront_dev *bf = ring->bf;
	unsigned int ind = blkfront_parse_indirect_pages(bf->link.features.segs);
	unsigned int all = bf->link.features.segs + ind;
	bool filled;

	ring->max_refs = clamp(all * 4, all, max_t(unsigned int, all,
						   BLKFRONT_REFS_MAX));
	ring->refs = kvmalloc_array(ring->max_refs, sizeof(*ring->refs),
				    GFP_KERNEL);
	if (!ring->refs)
		return -ENOMEM;
	spin_lock_irq(&ring->lock);
	filled = blkfront_refs_fill(ring, all, 0);
	spin_unlock_irq(&ring->lock);
	if (!filled)
		return -ENOSPC;

	ring->need = all;
	ring->reserve = bf->link.persistent || bf->link.bounce ? all : ind;
	while (ring->nr_bufs < ring->reserve) {
		if (!blkfront_buf_add(ring, GFP_KERNEL))
			return -ENOMEM;
	}
	return 0;
}

/* Return all bufs of a request to the pool at once, the first page on top. */
static void blkfront_bufs_put(struct blkfront_ring *ring,
			      struct blkfront_shadow *sh)
{
	ring->nr_free += sh->nr_bufs;
	sh->nr_bufs = 0;
	list_splice_init(&sh->bufs, &ring->pool);
}

/*
 * Some bufs got no reference. They go behind those that have one, or the next
 * try would take them again and fail again.
 */
static void blkfront_bufs_put_bare(struct blkfront_ring *ring,
				   struct blkfront_shadow *sh)
{
	struct blkfront_buf *buf, *next;

	list_for_each_entry_safe(buf, next, &sh->bufs, free) {
		if (buf->ref != INVALID_GRANT_REF)
			continue;
		list_move_tail(&buf->free, &ring->pool);
		ring->nr_free++;
		sh->nr_bufs--;
	}
	blkfront_bufs_put(ring, sh);
}

/* Release all references except those of persistent grants. */
static void blkfront_refs_put(struct blkfront_ring *ring,
			      struct blkfront_shadow *sh, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct blkfront_seg *seg = &sh->segs[i];

		if (seg->ref != INVALID_GRANT_REF &&
		    !(seg->buf && seg->buf->ref != INVALID_GRANT_REF))
			blkfront_ref_put(ring, seg->ref);
	}
}

/*
 * Take bufs for the segments from @first to @nr. Returns the number of bufs
 * without a reference, or -ENOMEM with none taken. The limit is what a full
 * ring's requests need. Bufs beyond the reserve only improve speed, so they are
 * not allocated from emergency memory: the request waits for another one's bufs
 * instead.
 */
static int blkfront_bufs_take(struct blkfront_ring *ring,
			      struct blkfront_shadow *sh, unsigned int first,
			      unsigned int nr)
{
	struct list_head *last = &ring->pool;
	struct blkfront_buf *buf;
	unsigned int i;
	int bare = 0;

	for (i = first; i < nr; i++) {
		if (unlikely(list_is_last(last, &ring->pool)) &&
		    !blkfront_buf_add(ring, GFP_NOWAIT | __GFP_NOWARN))
			return -ENOMEM;
		last = last->next;
		buf = list_entry(last, struct blkfront_buf, free);
		sh->segs[i].buf = buf;
		sh->segs[i].ref = buf->ref;
		bare += buf->ref == INVALID_GRANT_REF;
	}
	list_cut_position(&sh->bufs, &ring->pool, last);
	sh->nr_bufs = nr - first;
	ring->nr_free -= sh->nr_bufs;
	return bare;
}

/**
 * blkfront_grant_take() - reserve bufs and references for a request
 * @ring: under its lock
 * @sh:   @nr_segs, @nr_ind and @bounced are set; this fills @segs and @bufs
 *
 * Return: 0; -ENOMEM or -ENOSPC, with nothing taken.
 */
int blkfront_grant_take(struct blkfront_ring *ring, struct blkfront_shadow *sh)
{
	unsigned int first = sh->bounced ? 0 : sh->nr_segs;
	unsigned int nr = sh->nr_segs + sh->nr_ind, i;
	int bare;

	lockdep_assert_held(&ring->lock);
	INIT_LIST_HEAD(&sh->bufs);
	sh->nr_bufs = 0;
	for (i = 0; i < first; i++) {
		sh->segs[i].buf = NULL;
		sh->segs[i].ref = INVALID_GRANT_REF;
	}
	bare = first < nr ? blkfront_bufs_take(ring, sh, first, nr) : 0;
	if (unlikely(bare < 0))
		return bare;
	for (i = 0, bare += first; bare; i++) {
		if (sh->segs[i].ref != INVALID_GRANT_REF)
			continue;
		if (!blkfront_ref_get(ring, &sh->segs[i].ref)) {
			blkfront_refs_put(ring, sh, i);
			blkfront_bufs_put_bare(ring, sh);
			return -ENOSPC;
		}
		bare--;
	}
	return 0;
}

/* @readonly: the backend only reads the page. True if it had to be granted. */
static __always_inline bool blkfront_grant_buf(struct blkfront_dev *bf,
					       struct blkfront_seg *seg,
					       bool readonly)
{
	if (likely(seg->buf->ref != INVALID_GRANT_REF))
		return false;
	if (bf->link.persistent)	/* it may be used for a read the next time */
		readonly = false;
	gnttab_grant_foreign_access_ref(seg->ref, bf->dev->otherend_id,
					xen_page_to_gfn(seg->buf->page),
					readonly);
	if (bf->link.persistent)
		seg->buf->ref = seg->ref;
	return true;
}

/* Copy between a request's data, as one contiguous stretch, and its bufs. */
static void blkfront_copy(struct blkfront_shadow *sh, struct request *rq,
			  bool to_bufs)
{
	struct blkfront_seg *seg = sh->segs;
	unsigned int used = 0, len, left;
	struct req_iterator iter;
	struct bio_vec bv;
	void *data, *buf;

	rq_for_each_bvec(bv, rq, iter) {
		data = bvec_virt(&bv);
		for (left = bv.bv_len; left; left -= len, data += len) {
			buf = page_address(seg->buf->page) + used;
			len = min_t(unsigned int, left, PAGE_SIZE - used);
			if (to_bufs)
				memcpy(buf, data, len);
			else
				memcpy(data, buf, len);
			used += len;
			if (used == PAGE_SIZE) {
				used = 0;
				seg++;
			}
		}
	}
}

/* The descriptor of a segment: in the request or in an indirect page. */
static struct blkif_request_segment *
blkfront_descriptor(struct blkfront_shadow *sh, struct blkif_request *req,
		    unsigned int i)
{
	struct blkif_request_segment *page;

	if (!sh->nr_ind)
		return &req->u.rw.seg[i];
	page = page_address(sh->segs[sh->nr_segs +
				     i / BLKFRONT_SEGS_PER_PAGE].buf->page);
	return &page[i % BLKFRONT_SEGS_PER_PAGE];
}

static void blkfront_describe(struct blkif_request_segment *d, grant_ref_t ref,
			      unsigned int offset, unsigned int len)
{
	d->gref = ref;
	d->first_sect = offset >> SECTOR_SHIFT;
	d->last_sect = ((offset + len) >> SECTOR_SHIFT) - 1;
}

static unsigned int blkfront_grant_bufs(struct blkfront_shadow *sh,
					struct blkif_request *req)
{
	struct blkfront_dev *bf = sh->ring->bf;
	unsigned int left = blk_rq_bytes(sh->rq), len = PAGE_SIZE, i;
	bool write = rq_data_dir(sh->rq) == WRITE;
	struct blkif_request_segment *d = NULL;
	unsigned int given = 0;

	for (i = 0; i < sh->nr_segs; i++, d++, left -= len) {
		struct blkfront_seg *seg = &sh->segs[i];

		if (!(i % BLKFRONT_SEGS_PER_PAGE))
			d = blkfront_descriptor(sh, req, i);
		len = min_t(unsigned int, left, PAGE_SIZE);
		blkfront_describe(d, seg->ref, 0, len);
		if (unlikely(len < PAGE_SIZE) && write && bf->link.bounce)
			memset(page_address(seg->buf->page) + len, 0,
			       PAGE_SIZE - len);
		given += blkfront_grant_buf(bf, seg, write);
	}
	if (write)
		blkfront_copy(sh, sh->rq, true);
	return given;
}

/**
 * blkfront_grant_data() - grant a request's pages and describe them
 * @sh:  after blkfront_grant_take()
 * @req: private copy; its segments or indirect references are filled in
 *
 * Return: number of grants used.
 * Context: any, without locks.
 */
unsigned int blkfront_grant_data(struct blkfront_shadow *sh,
				 struct blkif_request *req)
{
	struct blkfront_dev *bf = sh->ring->bf;
	bool write = rq_data_dir(sh->rq) == WRITE;
	struct req_iterator iter;
	struct bio_vec bv;
	unsigned int given, i = 0;

	if (sh->bounced) {
		given = blkfront_grant_bufs(sh, req);
	} else {
		rq_for_each_segment(bv, sh->rq, iter) {
			blkfront_describe(blkfront_descriptor(sh, req, i),
					  sh->segs[i].ref, bv.bv_offset,
					  bv.bv_len);
			gnttab_grant_foreign_access_ref(sh->segs[i].ref,
							bf->dev->otherend_id,
							xen_page_to_gfn(bv.bv_page),
							write);
			i++;
		}
		given = i;
	}
	for (i = 0; i < sh->nr_ind; i++) {
		struct blkfront_seg *seg = &sh->segs[sh->nr_segs + i];

		given += blkfront_grant_buf(bf, seg, true);
		req->u.indirect.indirect_grefs[i] = seg->ref;
	}
	if (given)
		trace_xpv_grant(dev_name(&bf->dev->dev), XPV_GRANT_ACCESS,
				given, 0);
	return given;
}

/* Revoke a grant; if the backend still maps the page, give the page up. */
static bool blkfront_seg_end(struct blkfront_dev *bf,
			     struct blkfront_shadow *sh,
			     struct blkfront_seg *seg)
{
	if (likely(gnttab_end_foreign_access_ref(seg->ref)))
		return true;
	xpv_violation(&bf->violations, BLKFRONT_GRANT_HELD, seg->ref, 0,
		      "page kept back, device stopped");
	/* for a page of a bio, this takes a reference until the grant ends */
	gnttab_end_foreign_access(seg->ref, seg->buf ? seg->buf->page : NULL);
	if (seg->buf) {
		list_del(&seg->buf->free);
		sh->nr_bufs--;
		kfree(seg->buf);
		seg->buf = NULL;
	}
	seg->ref = INVALID_GRANT_REF;
	return false;
}

/**
 * blkfront_grant_end() - copy data out and revoke grants of an answered request
 * @sh: not on the ring any more; the data of a successful read is copied out
 *
 * Return: false if the backend still maps a page of the bio. The request must
 * fail then, and the device is stopped.
 * Context: any, without locks.
 */
bool blkfront_grant_end(struct blkfront_shadow *sh)
{
	struct blkfront_ring *ring = sh->ring;
	struct blkfront_dev *bf = ring->bf;
	unsigned int nr = sh->nr_segs + sh->nr_ind, i;
	unsigned int ended = 0, unrevoked = 0, lost = 0;
	unsigned long flags, now = jiffies;
	bool run;

	if (sh->bounced && sh->op == BLKIF_OP_READ &&
	    sh->answer == BLKFRONT_OKAY)
		blkfront_copy(sh, sh->rq, false);

	for (i = 0; i < nr; i++) {
		struct blkfront_seg *seg = &sh->segs[i];
		struct blkfront_buf *buf = seg->buf;

		if (buf) {
			buf->used = now;
			if (likely(buf->ref != INVALID_GRANT_REF))
				continue;
		}
		if (blkfront_seg_end(bf, sh, seg)) {
			ended++;
		} else {
			unrevoked++;
			lost += !!buf;
		}
	}
	if (ended || unrevoked)
		trace_xpv_grant(dev_name(&bf->dev->dev), XPV_GRANT_END,
				ended + unrevoked, unrevoked);

	spin_lock_irqsave(&ring->lock, flags);
	if (ended)
		blkfront_refs_put(ring, sh, nr);
	blkfront_bufs_put(ring, sh);
	ring->nr_bufs -= lost;
	ring->count[BLKFRONT_grants_revoked] += ended;
	ring->count[BLKFRONT_grants_deferred] += unrevoked;
	if (sh->bounced && sh->answer == BLKFRONT_OKAY &&
	    sh->op == BLKIF_OP_READ)
		ring->count[BLKFRONT_bytes_copied] += blk_rq_bytes(sh->rq);
	run = ring->starved;
	ring->starved = false;
	spin_unlock_irqrestore(&ring->lock, flags);
	if (unlikely(run))
		blk_mq_run_hw_queues(bf->disk->queue, true);
	if (unlikely(unrevoked))
		blkfront_halt(bf);
	return unrevoked == lost;
}

/**
 * blkfront_grant_take_back() - revoke the grants of a request to be repeated
 * @sh: not on the ring any more, or fenced
 *
 * Bufs return to the pool. Those that are still mapped keep their reference,
 * like persistent grants.
 *
 * Return: number of pages of the bio that the backend still maps.
 * Context: process, under fsm.act.
 */
unsigned int blkfront_grant_take_back(struct blkfront_shadow *sh)
{
	unsigned int nr = sh->nr_segs + sh->nr_ind, unrevoked = 0, ended = 0, i;
	struct blkfront_ring *ring = sh->ring;

	lockdep_assert_held(&ring->bf->fsm.act);
	for (i = nr; i--; ) {
		struct blkfront_seg *seg = &sh->segs[i];
		struct blkfront_buf *buf = seg->buf;

		if (seg->ref == INVALID_GRANT_REF)
			continue;
		if (buf && buf->ref != INVALID_GRANT_REF) {
			;	/* persistent grant */
		} else if (gnttab_try_end_foreign_access(seg->ref)) {
			ended++;
		} else if (buf) {
			buf->ref = seg->ref;
		} else {
			unrevoked++;
			continue;
		}
		seg->ref = INVALID_GRANT_REF;
		seg->buf = NULL;
		if (buf)
			buf->used = jiffies;
	}
	spin_lock_irq(&ring->lock);
	blkfront_bufs_put(ring, sh);
	ring->count[BLKFRONT_grants_revoked] += ended;
	spin_unlock_irq(&ring->lock);
	if (ended || unrevoked)
		trace_xpv_grant(dev_name(&ring->bf->dev->dev), XPV_GRANT_END,
				ended + unrevoked, unrevoked);
	return unrevoked;
}

/**
 * blkfront_grant_abandon() - leave unrevoked grants to the grant table code
 * @sh: blkfront_grant_take_back() found pages that are mapped
 *
 * The grant table code holds the pages until the backend unmaps them.
 *
 * Context: process, under fsm.act.
 */
void blkfront_grant_abandon(struct blkfront_shadow *sh)
{
	struct blkfront_ring *ring = sh->ring;
	unsigned int nr = 0, i;

	lockdep_assert_held(&ring->bf->fsm.act);
	for (i = 0; i < sh->nr_segs; i++) {
		struct blkfront_seg *seg = &sh->segs[i];

		if (seg->ref == INVALID_GRANT_REF)
			continue;
		gnttab_end_foreign_access(seg->ref, NULL);
		seg->ref = INVALID_GRANT_REF;
		nr++;
	}
	spin_lock_irq(&ring->lock);
	ring->count[BLKFRONT_grants_deferred] += nr;
	spin_unlock_irq(&ring->lock);
}
