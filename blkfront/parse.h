/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checked values of the backend (keys and responses) and the device number that
 * the toolstack chose. Pure functions, which tests/unit compiles, too.
 */
#ifndef BLKFRONT_PARSE_H
#define BLKFRONT_PARSE_H

#include <xenpv/parse.h>
#ifdef __KERNEL__
#include <xen/interface/io/blkif.h>
#else
/* ABI, as in <xen/interface/io/blkif.h> */
#define BLKIF_OP_READ			0
#define BLKIF_OP_WRITE			1
#define BLKIF_OP_WRITE_BARRIER		2
#define BLKIF_OP_FLUSH_DISKCACHE	3
#define BLKIF_OP_DISCARD		5
#define BLKIF_OP_INDIRECT		6
#define BLKIF_MAX_SEGMENTS_PER_REQUEST	11
#define BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST 8
#define BLKIF_RSP_EOPNOTSUPP		(-2)
#define BLKIF_RSP_ERROR			(-1)
#define BLKIF_RSP_OKAY			0
#define VDISK_CDROM			0x1
#define VDISK_REMOVABLE			0x2
#define VDISK_READONLY			0x4
#endif

#define BLKFRONT_MAJOR		202	/* XENVBD_MAJOR */
#define BLKFRONT_SECTOR		512	/* the unit of every sector number */
#define BLKFRONT_PAGE		4096	/* bytes that a grant covers */
#define BLKFRONT_SEGS_PER_PAGE	(BLKFRONT_PAGE / 8)
#define BLKFRONT_MAX_SEGS						\
	(BLKFRONT_SEGS_PER_PAGE * BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST)
/* A larger number would overflow a byte count in 63 bits. */
#define BLKFRONT_MAX_SECTORS	((1ULL << 54) - 1)

/**
 * struct blkfront_name - the meaning of a virtual device number
 * @first: first minor
 * @nr:    minors; 1: a partition that is a disk of its own
 * @disk:  "xvda", "xvdaa3"
 */
struct blkfront_name {
	u32 first;
	u32 nr;
	char disk[16];
};

/* Longest serial number that is taken; UUIDs have 36 characters. */
#define BLKFRONT_SERIAL		64

int blkfront_parse_serial(const char *text, u32 len, char *serial);
int blkfront_parse_vdev(u32 vdev, struct blkfront_name *name);
bool blkfront_parse_is_xvd(u32 vdev);

/* The backend's keys, in the order of struct blkfront_keys. */
enum blkfront_key {
	BLKFRONT_KEY_SECTORS,
	BLKFRONT_KEY_INFO,
	BLKFRONT_KEY_SECTOR_SIZE,
	BLKFRONT_KEY_PHYSICAL,
	BLKFRONT_KEY_REMOVABLE,
	BLKFRONT_KEY_BARRIER,
	BLKFRONT_KEY_FLUSH,
	BLKFRONT_KEY_PERSISTENT,
	BLKFRONT_KEY_INDIRECT,
	BLKFRONT_KEY_DISCARD,
	BLKFRONT_KEY_GRANULARITY,
	BLKFRONT_KEY_ALIGNMENT,
	BLKFRONT_KEY_SECURE,
	BLKFRONT_NR_KEYS,
};

/**
 * struct blkfront_keys - the backend's keys as read, unchecked
 * @found: how each key was found
 * @val:   value of each key that is a number
 */
struct blkfront_keys {
	u8 found[BLKFRONT_NR_KEYS];
	u64 val[BLKFRONT_NR_KEYS];
};

/**
 * struct blkfront_features - checked features of a backend
 * @sectors:     capacity, in 512-byte units, whole logical blocks
 * @info:        VDISK_*
 * @block_size:  logical block, bytes, 512..4096, a power of two
 * @physical:    physical block, bytes, >= @block_size, a power of two
 * @segs:        maximum segments of a request
 * @granularity: granularity of a discard, bytes; 0: no discard
 * @alignment:   alignment of a discard, bytes, < @granularity
 * @secure:      secure erase is supported
 * @flush:       FLUSH_DISKCACHE is understood
 * @barrier:     WRITE_BARRIER is understood
 * @persistent:  grants may be persistent
 */
struct blkfront_features {
	u64 sectors;
	u32 info;
	u32 block_size;
	u32 physical;
	u32 segs;
	u32 granularity;
	u32 alignment;
	bool secure;
	bool flush;
	bool barrier;
	bool persistent;
};

/**
 * struct blkfront_bad - a key that was refused
 * @key: the key
 * @min: least value allowed
 * @max: greatest value allowed
 */
struct blkfront_bad {
	enum blkfront_key key;
	u64 min;
	u64 max;
};

const char *blkfront_key_name(enum blkfront_key key);
int blkfront_parse_keys(const struct blkfront_keys *keys, u32 max_indirect,
			struct blkfront_features *features, struct blkfront_bad *bad,
			u32 *ignored);
int blkfront_parse_adapt(struct blkfront_features *features, u32 block_size);
u32 blkfront_parse_indirect_pages(u32 segs);

/* Meaning of a response's status. */
enum blkfront_status {
	BLKFRONT_OKAY,
	BLKFRONT_ERROR,
	BLKFRONT_NOTSUPP,
	BLKFRONT_NONSENSE,
};

u64 blkfront_parse_make_id(u32 queue, u32 tag);
int blkfront_parse_id(u64 id, u32 nr_queues, u32 depth, u32 *queue, u32 *tag);
bool blkfront_parse_op(u8 op, bool indirect, u8 got);
enum blkfront_status blkfront_parse_status(s16 status);

#endif
