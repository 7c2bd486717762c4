// SPDX-License-Identifier: GPL-2.0-only
/* Block requests and responses: to and from the bytes on the ring. */
#include <string.h>

#include "blk_wire.h"

const struct blk_abi blk_abi_64 = {
	.protocol	= "x86_64-abi",
	.entry		= sizeof(struct blk_request64),
	.id		= offsetof(struct blk_request64, id),
	.sector		= offsetof(struct blk_request64, sector),
	.seg		= offsetof(struct blk_request64, seg),
	.discard_nr	= offsetof(struct blk_discard64, nr_sectors),
	.indirect_handle = offsetof(struct blk_indirect64, handle),
	.indirect_gref	= offsetof(struct blk_indirect64, gref),
};

const struct blk_abi blk_abi_32 = {
	.protocol	= "x86_32-abi",
	.entry		= sizeof(struct blk_request32),
	.id		= offsetof(struct blk_request32, id),
	.sector		= offsetof(struct blk_request32, sector),
	.seg		= offsetof(struct blk_request32, seg),
	.discard_nr	= offsetof(struct blk_discard32, nr_sectors),
	.indirect_handle = offsetof(struct blk_indirect32, handle),
	.indirect_gref	= offsetof(struct blk_indirect32, gref),
};

void blk_put_request(const struct blk_abi *abi, void *slot, const struct blk_request *req)
{
	uint8_t *p = slot;

	memset(p, 0, abi->entry);
	p[0] = req->op;
	memcpy(p + abi->id, &req->id, sizeof(req->id));
	memcpy(p + abi->sector, &req->sector, sizeof(req->sector));
	switch (req->op) {
	case BLK_DISCARD:
		p[1] = req->flag;
		memcpy(p + 2, &req->handle, sizeof(req->handle));
		memcpy(p + abi->discard_nr, &req->nr_sectors, sizeof(req->nr_sectors));
		break;
	case BLK_INDIRECT:
		p[1] = req->indirect_op;
		memcpy(p + 2, &req->nr, sizeof(req->nr));
		memcpy(p + abi->indirect_handle, &req->handle, sizeof(req->handle));
		memcpy(p + abi->indirect_gref, req->gref, sizeof(req->gref));
		break;
	default:
		p[1] = (uint8_t)req->nr;
		memcpy(p + 2, &req->handle, sizeof(req->handle));
		memcpy(p + abi->seg, req->seg, sizeof(req->seg));
	}
}

void blk_get_request(const struct blk_abi *abi, const void *slot, struct blk_request *req)
{
	uint8_t p[sizeof(struct blk_request64)];

	/* The other side may change the slot at any time: look at a copy. */
	memset(req, 0, sizeof(*req));
	memcpy(p, slot, abi->entry);
	req->op = p[0];
	memcpy(&req->id, p + abi->id, sizeof(req->id));
	memcpy(&req->sector, p + abi->sector, sizeof(req->sector));
	switch (req->op) {
	case BLK_DISCARD:
		req->flag = p[1];
		memcpy(&req->handle, p + 2, sizeof(req->handle));
		memcpy(&req->nr_sectors, p + abi->discard_nr, sizeof(req->nr_sectors));
		break;
	case BLK_INDIRECT:
		req->indirect_op = p[1];
		memcpy(&req->nr, p + 2, sizeof(req->nr));
		memcpy(&req->handle, p + abi->indirect_handle, sizeof(req->handle));
		memcpy(req->gref, p + abi->indirect_gref, sizeof(req->gref));
		break;
	default:
		req->nr = p[1];
		memcpy(&req->handle, p + 2, sizeof(req->handle));
		memcpy(req->seg, p + abi->seg, sizeof(req->seg));
	}
}

void blk_put_response(const struct blk_abi *abi, void *slot, const struct blk_response *rsp)
{
	uint8_t *p = slot;

	(void)abi;	/* the same bytes in both layouts */
	memcpy(p, &rsp->id, sizeof(rsp->id));
	p[offsetof(struct blk_response64, op)] = rsp->op;
	memcpy(p + offsetof(struct blk_response64, status), &rsp->status, sizeof(rsp->status));
}

void blk_get_response(const struct blk_abi *abi, const void *slot, struct blk_response *rsp)
{
	const uint8_t *p = slot;

	(void)abi;
	memcpy(&rsp->id, p, sizeof(rsp->id));
	rsp->op = p[offsetof(struct blk_response64, op)];
	memcpy(&rsp->status, p + offsetof(struct blk_response64, status), sizeof(rsp->status));
}
