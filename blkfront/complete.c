// SPDX-License-Identifier: GPL-2.0-only
/* The end of a request that the backend has answered. */
#include "blkfront.h"

/*
 * The backend turns out not to support a flush. blkif.h allows that at any
 * time: "if it is unsupported by the underlying hardware", which also means
 * that it is not offered. So the other flush operation is tried. If there is
 * none, the disk has no cache to flush, and the request is complete. A real
 * error of a flush is reported as an error.
 */
static bool blkfront_flush_again(struct blkfront_dev *bf,
				 struct request *rq, u8 op)
{
	blkfront_revoke(bf, op == BLKIF_OP_FLUSH_DISKCACHE ?
			BLKFRONT_NO_FLUSH : BLKFRONT_NO_BARRIER);
	if (blkfront_flush_op(bf) == BLKFRONT_OP_NONE)
		return false;
	blk_mq_requeue_request(rq, true);
	return true;
}

/*
 * While there was no cache, the block layer let writes pass unmarked even if
 * they have to be on stable storage at completion. Now there is a cache, so the
 * same request is sent again, as a flush.
 */
static bool blkfront_flush_after(struct blkfront_dev *bf, struct request *rq)
{
	if (blkfront_flush_op(bf) == BLKFRONT_OP_NONE)
		return false;
	rq->rq_flags |= RQF_DONTPREP;
	blk_mq_requeue_request(rq, true);
	return true;
}

/**
 * blkfront_complete_request() - do all but the completion of an answered request
 * @rq:       its shadow is not on the ring any more
 * @requeued: set if the request was requeued and must not be completed
 *
 * Return: status for blk_mq_end_request().
 * Context: any, without locks.
 */
blk_status_t blkfront_complete_request(struct request *rq, bool *requeued)
{
	struct blkfront_dev *bf = rq->q->queuedata;
	struct blkfront_shadow *sh = blkfront_shadow_of(rq);
	bool back = !sh->nr_segs || blkfront_grant_end(sh);

	/* pairs with blkfront_disconnect() */
	smp_store_release(&sh->ending, false);
	if (unlikely(!back))
		return BLK_STS_IOERR;
	if (likely(sh->answer == BLKFRONT_OKAY)) {
		*requeued = sh->op == BLKIF_OP_WRITE &&
			    unlikely(READ_ONCE(bf->flush_gen)) &&
			    blkfront_flush_after(bf, rq);
		return BLK_STS_OK;
	}
	if (sh->answer != BLKFRONT_NOTSUPP)
		return BLK_STS_IOERR;

	switch (sh->op) {
	case BLKIF_OP_FLUSH_DISKCACHE:
	case BLKIF_OP_WRITE_BARRIER:
		*requeued = blkfront_flush_again(bf, rq, sh->op);
		return BLK_STS_OK;
	case BLKIF_OP_DISCARD:
		blkfront_revoke(bf, req_op(rq) == REQ_OP_SECURE_ERASE ?
				BLKFRONT_NO_SECURE : BLKFRONT_NO_DISCARD);
		return BLK_STS_NOTSUPP;
	default:
		return BLK_STS_NOTSUPP;
	}
}
