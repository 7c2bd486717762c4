// SPDX-License-Identifier: GPL-2.0-only
/*
 * A work item runs the discards of each ring one after the other: they may take
 * long, and the ring's thread has other requests to serve.
 */
#include "blkback.h"

/**
 * blkback_discard_start() - queue a discard
 * @req: in flight; blkback_complete_io() is called for it later
 *
 * Context: the ring's thread.
 */
void blkback_discard_start(struct blkback_req *req)
{
	struct blkback_ring *ring = req->ring;

	if (llist_add(&req->done, &ring->discards))
		queue_work(blkback_discard_wq, &ring->discard_work);
}

static int blkback_discard_run(struct blkback_req *req)
{
	struct block_device *bdev = req->ring->be->vbd.bdev.bdev;
	struct blkback_cmd *cmd = &req->cmd;

	if (!cmd->nr_sectors)
		return 0;
	if (cmd->secure)
		return blkdev_issue_secure_erase(bdev, cmd->sector,
						 cmd->nr_sectors, GFP_NOIO);
	return blkdev_issue_discard(bdev, cmd->sector, cmd->nr_sectors,
				    GFP_NOIO);
}

/**
 * blkback_discard_work() - run a ring's discards
 * @work: in struct blkback_ring
 */
void blkback_discard_work(struct work_struct *work)
{
	struct blkback_ring *ring = container_of(work, struct blkback_ring,
						 discard_work);
	struct llist_node *list = llist_del_all(&ring->discards);
	struct blkback_req *req, *next;

	list = llist_reverse_order(list);
	llist_for_each_entry_safe(req, next, list, done) {
		req->error = blkback_discard_run(req);
		blkback_complete_io(req);
		cond_resched();
	}
}
