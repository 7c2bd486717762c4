/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks of a frontend's values: requests, segments, keys. Pure functions over
 * private memory, which the unit tests compile, too.
 *
 * The two layouts of a request, x86_64 and x86_32, only differ in padding after
 * the first four bytes: the body starts at 8 or at 4.
 */
#ifndef BLKBACK_PARSE_H
#define BLKBACK_PARSE_H

#include <xenpv/types.h>
#ifndef __KERNEL__
#define __packed __attribute((packed))
#define __aligned(n) __attribute((aligned(n)))
#endif

/* Sites where a frontend's value is refused; the names are in parse.c. */
enum blkback_site {
	BLKBACK_SITE_RING_PROD,
	BLKBACK_SITE_OP,
	BLKBACK_SITE_NR_SEGMENTS,
	BLKBACK_SITE_INDIRECT_OP,
	BLKBACK_SITE_INDIRECT_NR,
	BLKBACK_SITE_INDIRECT_GRANT,
	BLKBACK_SITE_SEGMENT,
	BLKBACK_SITE_SECTOR_RANGE,
	BLKBACK_SITE_READ_ONLY,
	BLKBACK_SITE_DISCARD_RANGE,
	BLKBACK_SITE_GRANT,
	BLKBACK_SITE_KEY,
	BLKBACK_SITES,
};

/* Wire values, equal to those in io/blkif.h; connect.c asserts that. */
enum {
	BLKBACK_OP_READ = 0,
	BLKBACK_OP_WRITE = 1,
	BLKBACK_OP_BARRIER = 2,
	BLKBACK_OP_FLUSH = 3,
	BLKBACK_OP_DISCARD = 5,
	BLKBACK_OP_INDIRECT = 6,
};

enum {
	BLKBACK_OKAY = 0,
	BLKBACK_ERROR = -1,
	BLKBACK_EOPNOTSUPP = -2,
};

#define BLKBACK_FLAG_SECURE	1
#define BLKBACK_DIRECT_SEGS	11
#define BLKBACK_INDIRECT_SEGS	256	/* offered; one page holds 512 */
#define BLKBACK_PAGE_SECTORS	8
#define BLKBACK_PAGE_BYTES	4096

/* Offset of the body behind the first word of a request, and entry sizes. */
#define BLKBACK_BODY_64		8
#define BLKBACK_BODY_32		4
#define BLKBACK_ENTRY_64	112
#define BLKBACK_ENTRY_32	108

/* A segment, on the ring and in an indirect page. */
struct blkback_wire_seg {
	u32 gref;
	u8 first_sect;
	u8 last_sect;
	u16 pad;
};

/* The body of each kind of request; 4-byte alignment in the 32-bit layout. */
struct blkback_wire_rw {
	u64 id;
	u64 sector;
	struct blkback_wire_seg seg[BLKBACK_DIRECT_SEGS];
} __packed __aligned(4);

struct blkback_wire_discard {
	u64 id;
	u64 sector;
	u64 nr_sectors;
} __packed __aligned(4);

struct blkback_wire_indirect {
	u64 id;
	u64 sector;
	u16 handle;
	u16 pad;
	u32 gref;	/* of the first page; further ones are not needed */
} __packed __aligned(4);

/**
 * struct blkback_raw - private copy of a request
 * @op:   first byte
 * @b:    second byte: number of segments, flags, or the indirect operation
 * @w:    next two bytes: handle, or number of indirect segments
 * @body: the rest, blkback_raw_body() bytes
 */
struct blkback_raw {
	u8 op;
	u8 b;
	u16 w;
	union {
		u64 id __packed __aligned(4);
		struct blkback_wire_rw rw;
		struct blkback_wire_discard discard;
		struct blkback_wire_indirect indirect;
	} body;
} __aligned(4);

/**
 * struct blkback_rules - what requests are checked against
 * @capacity:    512-byte sectors
 * @block:       sectors of a logical block, a power of two
 * @align:       alignment of segments in sectors that the device needs, a power
 *               of two; other data is copied
 * @granularity: sectors of a discard unit, 0 if discard is not offered
 * @alignment:   sector at which the first unit starts, below @granularity
 * @read_only:   no writes
 * @secure:      secure discard is offered
 */
struct blkback_rules {
	u64 capacity;
	u32 block;
	u32 align;
	u32 granularity;
	u32 alignment;
	bool read_only;
	bool secure;
};

/**
 * struct blkback_cmd - a checked request
 * @id:         the frontend's id, returned in the response
 * @sector:     first 512-byte sector
 * @nr_sectors: length; for data complete after blkback_parse_segments()
 * @gref:       grant of the page with the segments, if @indirect
 * @nr_segs:    segments
 * @op:         BLKBACK_OP_*, never INDIRECT if the request was good
 * @indirect:   the segments are in the page @gref
 * @secure:     secure discard
 * @misfit:     some segment is not aligned as the device needs: copy the data
 */
struct blkback_cmd {
	u64 id;
	u64 sector;
	u64 nr_sectors;
	u32 gref;
	u16 nr_segs;
	u8 op;
	bool indirect;
	bool secure;
	bool misfit;
};

/**
 * struct blkback_fault - why a request was refused
 * @site:  enum blkback_site
 * @value: the frontend's value
 * @bound: the limit that it violates
 */
struct blkback_fault {
	unsigned int site;
	u64 value;
	u64 bound;
};

enum blkback_abi {
	BLKBACK_ABI_64,
	BLKBACK_ABI_32,
};

extern const char *const blkback_site_names[BLKBACK_SITES];

size_t blkback_raw_body(const struct blkback_raw *raw);
int blkback_parse_request(const struct blkback_rules *rules,
			  const struct blkback_raw *raw,
			  struct blkback_cmd *cmd, struct blkback_fault *fault);
int blkback_parse_segments(const struct blkback_rules *rules,
			   struct blkback_cmd *cmd,
			   const struct blkback_wire_seg *seg,
			   struct blkback_fault *fault);
void blkback_parse_units(const struct blkback_rules *rules, u64 *sector,
			 u64 *nr_sectors);
int blkback_parse_abi(const char *text, size_t len, const char *native,
		      enum blkback_abi own, enum blkback_abi *abi);
int blkback_parse_device(const char *text, size_t len, u32 *major, u32 *minor);

#endif
