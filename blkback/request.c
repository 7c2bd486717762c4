// SPDX-License-Identifier: GPL-2.0-only
/* From a checked request to block I/O, one round of requests at a time. */
#include <linux/bio.h>
#include "blkback.h"
#include "trace.h"

/*
 * Maximum number of pages to map: the segments' and that of an indirect table.
 */
static unsigned int blkback_request_pages(const struct blkback_req *req)
{
	return req->cmd.nr_segs + req->cmd.indirect;
}

/* True if the ring may map a page for each segment within its limit. */
static bool blkback_request_has_room(struct blkback_ring *ring,
				     unsigned int nr_segs)
{
	struct blkback_batch *b = &ring->batch;
	unsigned int held = ring->mapped + b->nr_segs;

	if (b->nr_segs + nr_segs > BLKBACK_BATCH_OPS)
		return false;
	if (held && held + nr_segs > min(READ_ONCE(blkback_max_mapped_pages),
					 ring->room))
		return false;
	return blkback_grant_reserve(ring, b->nr_segs + nr_segs);
}

static bool blkback_request_has_segs(struct blkback_ring *ring,
				     struct blkback_req *req)
{
	if (req->seg)
		return true;
	if (req->cmd.nr_segs <= ARRAY_SIZE(req->inline_seg))
		req->seg = req->inline_seg;
	else if (ring->nr_spare_segs)
		req->seg = ring->spare_segs[--ring->nr_spare_segs];
	else
		/*
		 * Must not sleep: only this thread returns elements to the
		 * pool.
		 */
		req->seg = mempool_alloc(ring->segs, GFP_NOWAIT | __GFP_NOWARN);
	return req->seg;
}

static void blkback_request_add_copy(struct blkback_ring *ring,
				     struct blkback_req *req)
{
	struct blkback_batch *b = &ring->batch;
	struct gnttab_copy *op = &b->copy[b->nr_copy++];
	struct blkback_wire_seg *wire = &b->wire[b->nr_wire];

	op->source.u.ref = req->cmd.gref;
	op->source.domid = ring->be->domid;
	op->source.offset = 0;
	op->dest.u.gmfn = virt_to_gfn(wire);
	op->dest.domid = DOMID_SELF;
	op->dest.offset = offset_in_page(wire);
	op->len = req->cmd.nr_segs * sizeof(*wire);
	op->flags = GNTCOPY_source_gref;
	op->status = GNTST_general_error;
	req->copied = true;
}

/*
 * Get the segments of an indirect request: from its page, each byte once, if
 * that is mapped persistently; else by a copy operation, together with others.
 */
static void blkback_request_add_wire(struct blkback_ring *ring,
				     struct blkback_req *req)
{
	struct blkback_batch *b = &ring->batch;
	struct blkback_wire_seg *wire = &b->wire[b->nr_wire];
	const void *page;

	if (ring->be->persistent)
		req->table = blkback_persistent_find(ring, req->cmd.gref);
	if (req->table) {
		page = page_address(req->table->page);
		xpv_peer_fetch(wire, (const void __peer __force *)page,
			       req->cmd.nr_segs * sizeof(*wire));
	} else {
		blkback_request_add_copy(ring, req);
	}
	req->wire = wire;
	b->nr_wire += req->cmd.nr_segs;
}

/**
 * blkback_request_stage() - add a request to the round
 * @ring: the ring
 * @req:  passed blkback_parse_request(); may have been starved in another round
 *
 * Return: false if it cannot be served now: no memory, the round is full, or
 * there is a barrier.
 * Context: the ring's thread.
 */
bool blkback_request_stage(struct blkback_ring *ring, struct blkback_req *req)
{
	struct blkback_batch *b = &ring->batch;
	/* it was starved and is still in flight */
	bool in = req->entered;

	if (!blkback_request_has_room(ring, blkback_request_pages(req)) ||
	    !blkback_request_has_segs(ring, req))
		return false;
	if (!in && req->cmd.op == BLKBACK_OP_BARRIER)
		in = blkback_drain_barrier(ring, req);
	else if (!in)
		in = blkback_drain_enter(ring);
	if (!in)
		return false;

	req->entered = true;
	if (req->cmd.indirect)
		blkback_request_add_wire(ring, req);
	else
		req->wire = req->raw.body.rw.seg;
	b->nr_segs += blkback_request_pages(req);
	b->nr_reqs++;
	list_add_tail(&req->link, &b->reqs);
	return true;
}

static void blkback_request_refuse(struct blkback_ring *ring,
				   struct blkback_req *req,
				   const struct blkback_fault *fault)
{
	list_del(&req->link);
	if (req->table)
		blkback_persistent_put(req->table);
	xpv_violation(&ring->be->violations, fault->site, fault->value,
		      fault->bound, "request refused");
	ring->count.refused++;
	blkback_complete_respond(ring, req, BLKBACK_ERROR);
}

/*
 * A plain discard is a hint and may be reduced to whole units; a secure one may
 * not.
 */
static bool blkback_request_fit_discard(const struct blkback_rules *rules,
					struct blkback_cmd *cmd,
					struct blkback_fault *fault)
{
	u64 sector = cmd->sector, nr = cmd->nr_sectors;

	blkback_parse_units(rules, &sector, &nr);
	if (cmd->secure && nr != cmd->nr_sectors) {
		fault->site = BLKBACK_SITE_DISCARD_RANGE;
		fault->value = cmd->sector;
		fault->bound = rules->granularity;
		return false;
	}
	cmd->sector = sector;
	cmd->nr_sectors = nr;
	return true;
}

/* Fetch and check the segments; refused requests leave the round. */
static void blkback_request_check(struct blkback_ring *ring)
{
	struct blkback_batch *b = &ring->batch;
	struct blkback_req *req, *next;
	struct blkback_fault fault;
	unsigned int copy = 0;

	if (b->nr_copy)
		blkback_grant_copy_wire(ring);
	list_for_each_entry_safe(req, next, &b->reqs, link) {
		bool ok = true;

		if (req->copied && b->copy[copy++].status != GNTST_okay) {
			fault.site = BLKBACK_SITE_INDIRECT_GRANT;
			fault.value = req->cmd.gref;
			fault.bound = 0;
			ok = false;
		} else if (req->cmd.op == BLKBACK_OP_DISCARD) {
			ok = blkback_request_fit_discard(&b->rules, &req->cmd,
							 &fault);
		} else {
			ok = !blkback_parse_segments(&b->rules, &req->cmd,
						     req->wire, &fault);
		}
		if (!ok)
			blkback_request_refuse(ring, req, &fault);
	}
}

static void blkback_request_bio_done(struct bio *bio)
{
	struct blkback_req *req = bio->bi_private;

	req->error = blk_status_to_errno(bio->bi_status);
	if (unlikely(req->bounced))
		blkback_bounce_end(req, bio);
	if (likely(bio == &req->bio))
		bio_uninit(bio);
	else
		bio_put(bio);
	blkback_complete_io(req);
}

/* One bio can hold all segments of a request. */
static_assert(BLKBACK_INDIRECT_SEGS <= BIO_MAX_VECS);

static blk_opf_t blkback_request_flags(const struct blkback_cmd *cmd)
{
	switch (cmd->op) {
	case BLKBACK_OP_READ:
		return REQ_OP_READ;
	case BLKBACK_OP_FLUSH:
		return REQ_OP_WRITE | REQ_SYNC | REQ_PREFLUSH;
	case BLKBACK_OP_BARRIER:
		return REQ_OP_WRITE | REQ_SYNC | REQ_PREFLUSH |
		       (cmd->nr_segs ? REQ_FUA : 0);
	default:
		return REQ_OP_WRITE | REQ_SYNC | REQ_IDLE;
	}
}

/* A short request contains its bio, which saves an allocation. */
static struct bio *blkback_request_bio(struct blkback_req *req, sector_t sector,
				       unsigned int nr_segs, blk_opf_t opf)
{
	struct block_device *bdev = req->ring->be->vbd.bdev.bdev;
	struct bio *bio = &req->bio;

	if (nr_segs <= ARRAY_SIZE(req->vec))
		bio_init(bio, bdev, req->vec, ARRAY_SIZE(req->vec), opf);
	else
		bio = bio_alloc(bdev, nr_segs, opf, GFP_NOIO);
	bio->bi_iter.bi_sector = sector;
	bio->bi_private = req;
	bio->bi_end_io = blkback_request_bio_done;
	req->ring->count.bios++;
	return bio;
}

/*
 * Build a bio from the segments. Pages that happen to be neighbours are not
 * merged here: they are seldom neighbours in machine memory, which would be
 * required (XSA-229). The block layer merges what can be merged for the device.
 */
static void blkback_request_submit_data(struct blkback_req *req)
{
	struct blkback_cmd *cmd = &req->cmd;
	blk_opf_t opf = blkback_request_flags(cmd);
	/* a flush has none */
	sector_t sector = cmd->nr_segs ? cmd->sector : 0;
	struct bio *bio;
	unsigned int i;

	bio = blkback_request_bio(req, sector, cmd->nr_segs, opf);
	if (unlikely(cmd->misfit))
		blkback_bounce_begin(req, bio);
	for (i = 0; i < cmd->nr_segs && !cmd->misfit; i++) {
		struct blkback_seg *seg = &req->seg[i];

		__bio_add_page(bio, seg->page, seg->len, seg->offset);
	}
	submit_bio(bio);
}

static void blkback_request_account(struct blkback_counters *c,
				    const struct blkback_cmd *cmd)
{
	switch (cmd->op) {
	case BLKBACK_OP_READ:
		c->rd_req++;
		c->rd_sect += cmd->nr_sectors;
		c->bytes_read += cmd->nr_sectors << SECTOR_SHIFT;
		return;
	case BLKBACK_OP_DISCARD:
		c->ds_req++;
		return;
	case BLKBACK_OP_BARRIER:
		c->barriers++;
		fallthrough;
	case BLKBACK_OP_FLUSH:
		c->f_req++;
		break;
	default:
		c->wr_req++;
		break;
	}
	c->wr_sect += cmd->nr_sectors;
	c->bytes_written += cmd->nr_sectors << SECTOR_SHIFT;
}

static void blkback_request_submit(struct blkback_ring *ring,
				   struct blkback_req *req)
{
	trace_blkback_request(ring, &req->cmd);
	if (req->error) {
		blkback_complete_io(req);
		return;
	}
	blkback_request_account(&ring->count, &req->cmd);
	if (req->cmd.op == BLKBACK_OP_DISCARD) {
		blkback_discard_start(req);
		return;
	}
	blkback_request_submit_data(req);
}

/* Remove requests from the round that could not be mapped now. */
static void blkback_request_starve(struct blkback_ring *ring)
{
	struct blkback_req *req, *next;
	LIST_HEAD(starved);

	list_for_each_entry_safe(req, next, &ring->batch.reqs, link)
		if (unlikely(req->starved))
			list_move_tail(&req->link, &starved);
	if (unlikely(!list_empty(&starved)))
		blkback_map_starve(ring, &starved);
	else if (list_empty(&ring->starved))
		ring->starving = false;
}

/**
 * blkback_request_run_batch() - check, map and submit the round
 * @ring: the ring
 *
 * Return: true if any request was submitted.
 * Context: the ring's thread.
 */
bool blkback_request_run_batch(struct blkback_ring *ring)
{
	struct blkback_batch *b = &ring->batch;
	struct blkback_req *req, *next;
	struct blk_plug plug;
	bool any;

	ring->count.batches++;
	blkback_request_check(ring);
	blkback_map_batch(ring);
	blkback_request_starve(ring);
	any = !list_empty(&b->reqs);

	blk_start_plug(&plug);
	list_for_each_entry_safe(req, next, &b->reqs, link)
		blkback_request_submit(ring, req);
	blk_finish_plug(&plug);
	INIT_LIST_HEAD(&b->reqs);	/* they are in no list from here on */
	return any;
}
