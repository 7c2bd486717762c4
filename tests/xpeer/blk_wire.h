/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Block requests and responses as bytes on a ring, in the two layouts of x86.
 *
 * The structures fix the layouts; the code uses their offsets from a table, so that a request
 * with any nonsense in it can be written in either.
 */
#ifndef XPEER_BLK_WIRE_H
#define XPEER_BLK_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define BLK_SEGMENTS		11	/* in a request */
#define BLK_INDIRECT_PAGES	8
#define BLK_SEGS_PER_PAGE	512	/* in an indirect page */

enum blk_op {
	BLK_READ	= 0,
	BLK_WRITE	= 1,
	BLK_BARRIER	= 2,
	BLK_FLUSH	= 3,
	BLK_RESERVED	= 4,
	BLK_DISCARD	= 5,
	BLK_INDIRECT	= 6,
};

enum blk_status {
	BLK_OKAY	= 0,
	BLK_ERROR	= -1,
	BLK_EOPNOTSUPP	= -2,
};

#define BLK_DISCARD_SECURE	1

struct blk_segment {
	uint32_t gref;
	uint8_t first, last;
	uint16_t pad;
};

struct blk_request64 {
	uint8_t op, nr;
	uint16_t handle;
	uint64_t id;
	uint64_t sector;
	struct blk_segment seg[BLK_SEGMENTS];
};

struct blk_discard64 {
	uint8_t op, flag;
	uint16_t handle;
	uint64_t id;
	uint64_t sector;
	uint64_t nr_sectors;
};

struct blk_indirect64 {
	uint8_t op, indirect_op;
	uint16_t nr;
	uint64_t id;
	uint64_t sector;
	uint16_t handle;
	uint32_t gref[BLK_INDIRECT_PAGES];
};

struct blk_response64 {
	uint64_t id;
	uint8_t op;
	int16_t status;
};

/* On 32-bit x86 a 64-bit number is aligned to four bytes only. */
#pragma pack(push, 4)

struct blk_request32 {
	uint8_t op, nr;
	uint16_t handle;
	uint64_t id;
	uint64_t sector;
	struct blk_segment seg[BLK_SEGMENTS];
};

struct blk_discard32 {
	uint8_t op, flag;
	uint16_t handle;
	uint64_t id;
	uint64_t sector;
	uint64_t nr_sectors;
};

struct blk_indirect32 {
	uint8_t op, indirect_op;
	uint16_t nr;
	uint64_t id;
	uint64_t sector;
	uint16_t handle, pad;
	uint32_t gref[BLK_INDIRECT_PAGES];
	uint64_t pad2;
};

struct blk_response32 {
	uint64_t id;
	uint8_t op, pad;
	int16_t status;
};

#pragma pack(pop)

_Static_assert(sizeof(struct blk_segment) == 8, "segment");
_Static_assert(sizeof(struct blk_request64) == 112, "request, 64 bit");
_Static_assert(offsetof(struct blk_request64, id) == 8, "id, 64 bit");
_Static_assert(offsetof(struct blk_request64, sector) == 16, "sector, 64 bit");
_Static_assert(offsetof(struct blk_request64, seg) == 24, "segments, 64 bit");
_Static_assert(offsetof(struct blk_discard64, nr_sectors) == 24, "discard, 64 bit");
_Static_assert(offsetof(struct blk_indirect64, handle) == 24, "indirect handle, 64 bit");
_Static_assert(offsetof(struct blk_indirect64, gref) == 28, "indirect refs, 64 bit");
_Static_assert(sizeof(struct blk_indirect64) == 64, "indirect, 64 bit");
_Static_assert(sizeof(struct blk_request32) == 108, "request, 32 bit");
_Static_assert(offsetof(struct blk_request32, id) == 4, "id, 32 bit");
_Static_assert(offsetof(struct blk_request32, sector) == 12, "sector, 32 bit");
_Static_assert(offsetof(struct blk_request32, seg) == 20, "segments, 32 bit");
_Static_assert(offsetof(struct blk_discard32, nr_sectors) == 20, "discard, 32 bit");
_Static_assert(offsetof(struct blk_indirect32, handle) == 20, "indirect handle, 32 bit");
_Static_assert(offsetof(struct blk_indirect32, gref) == 24, "indirect refs, 32 bit");
_Static_assert(sizeof(struct blk_indirect32) == 64, "indirect, 32 bit");
_Static_assert(sizeof(struct blk_response64) == 16, "response, 64 bit");
_Static_assert(sizeof(struct blk_response32) == 12, "response, 32 bit");
_Static_assert(offsetof(struct blk_response64, status) == 10, "status, 64 bit");
_Static_assert(offsetof(struct blk_response32, status) == 10, "status, 32 bit");

/* Where things are in an entry of the ring. */
struct blk_abi {
	const char *protocol;		/* value of the store's "protocol" key */
	uint32_t entry;
	uint16_t id, sector, seg, discard_nr, indirect_handle, indirect_gref;
};

extern const struct blk_abi blk_abi_64, blk_abi_32;

/* A request of any kind; which fields go to the ring depends on the operation. */
struct blk_request {
	uint8_t			op;
	uint8_t			indirect_op;	/* of BLK_INDIRECT */
	uint8_t			flag;		/* of BLK_DISCARD */
	uint16_t		nr;		/* segments */
	uint16_t		handle;
	uint64_t		id;
	uint64_t		sector;
	uint64_t		nr_sectors;	/* of BLK_DISCARD */
	struct blk_segment	seg[BLK_SEGMENTS];
	uint32_t		gref[BLK_INDIRECT_PAGES];
};

struct blk_response {
	uint64_t	id;
	uint8_t		op;
	int16_t		status;
};

void blk_put_request(const struct blk_abi *abi, void *slot, const struct blk_request *req);
void blk_get_request(const struct blk_abi *abi, const void *slot, struct blk_request *req);
void blk_put_response(const struct blk_abi *abi, void *slot, const struct blk_response *rsp);
void blk_get_response(const struct blk_abi *abi, const void *slot, struct blk_response *rsp);

#endif
