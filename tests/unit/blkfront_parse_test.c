// SPDX-License-Identifier: GPL-2.0-only
/* Keys, names and responses as a backend or a toolstack may write them. */
#include <string.h>
#include "ktap.h"
#include "../../blkfront/parse.c"

static void name_is(u32 vdev, const char *disk, u32 first, u32 nr)
{
	struct blkfront_name name;

	check_eq(blkfront_parse_vdev(vdev, &name), 0);
	check(!strcmp(name.disk, disk));
	check_eq(name.first, first);
	check_eq(name.nr, nr);
}

static void names_xvd(void)
{
	name_is(202 << 8, "xvda", 0, 16);
	name_is(202 << 8 | 1, "xvda1", 1, 1);
	name_is(202 << 8 | 16, "xvdb", 16, 16);
	name_is(202 << 8 | 255, "xvdp15", 255, 1);
}

static void names_extended(void)
{
	name_is(1 << 28 | 0 << 8, "xvda", 0, 256);
	name_is(1 << 28 | 16 << 8, "xvdq", 16 * 256, 256);
	name_is(1 << 28 | 100, "xvda100", 100, 1);
	name_is(1 << 28 | 99, "xvda99", 99, 1);
	name_is(1 << 28 | 109, "xvda109", 109, 1);
	name_is(1 << 28 | 198, "xvda198", 198, 1);
	name_is(1 << 28 | 110, "xvda110", 110, 1);
	name_is(1 << 28 | 10, "xvda10", 10, 1);
	name_is(1 << 28 | 9, "xvda9", 9, 1);
	name_is(1 << 28 | 27 << 8 | 1, "xvdab1", 27 * 256 + 1, 1);
	name_is(1 << 28 | 51 << 8, "xvdaz", 51 * 256, 256);
	name_is(1 << 28 | 52 << 8, "xvdba", 52 * 256, 256);
	name_is(1 << 28 | 701 << 8, "xvdzz", 701 * 256, 256);
	name_is(1 << 28 | 25 << 8 | 200, "xvdz200", 25 * 256 + 200, 1);
	name_is(1 << 28 | 26 << 8, "xvdaa", 26 * 256, 256);
	name_is(1 << 28 | 702 << 8 | 3, "xvdaaa3", 702 * 256 + 3, 1);
	name_is(1 << 28 | 0xfffff, "xvdfan255", 0xfffff, 1);
}

static void names_emulated(void)
{
	name_is(3 << 8, "xvda", 0, 16);
	name_is(3 << 8 | 64, "xvdb", 16, 16);
	name_is(3 << 8 | 65, "xvdb", 16, 16);	/* partitions are not kept */
	name_is(3 << 8 | 255, "xvdd", 48, 16);
	name_is(22 << 8 | 63, "xvdc", 32, 16);
	name_is(22 << 8, "xvdc", 32, 16);
	name_is(22 << 8 | 64, "xvdd", 48, 16);
	name_is(8 << 8, "xvda", 0, 16);
	name_is(8 << 8 | 17, "xvdb1", 17, 1);
	name_is(65 << 8, "xvdq", 256, 16);
	name_is(66 << 8 | 16, "xvdah", 33 * 16, 16);
	name_is(71 << 8 | 240, "xvddx", 127 * 16, 16);
	name_is(128 << 8, "xvddy", 128 * 16, 16);
	name_is(135 << 8 | 240, "xvdiv", 255 * 16, 16);
}

static void names_bad(void)
{
	struct blkfront_name name;

	check_eq(blkfront_parse_vdev(0, &name), -ENODEV);
	check_eq(blkfront_parse_vdev(201 << 8, &name), -ENODEV);
	check_eq(blkfront_parse_vdev(72 << 8, &name), -ENODEV);
	check_eq(blkfront_parse_vdev(64 << 8, &name), -ENODEV);
	check_eq(blkfront_parse_vdev(127 << 8, &name), -ENODEV);
	check_eq(blkfront_parse_vdev(136 << 8, &name), -ENODEV);
	check_eq(blkfront_parse_vdev(203 << 8, &name), -ENODEV);
	check_eq(blkfront_parse_vdev(2 << 8, &name), -ENODEV);
	check_eq(blkfront_parse_vdev(21 << 8, &name), -ENODEV);
	check_eq(blkfront_parse_vdev(1 << 29 | 1 << 28, &name), -ERANGE);
	check_eq(blkfront_parse_vdev(0x0fffffff, &name), -ENODEV);
	check_eq(blkfront_parse_vdev(1 << 28 | 0x100000, &name), -ERANGE);
	check_eq(blkfront_parse_vdev(1 << 29, &name), -ERANGE);
	check_eq(blkfront_parse_vdev(~0U, &name), -ERANGE);
	check(blkfront_parse_is_xvd(202 << 8));
	check(blkfront_parse_is_xvd(1 << 28));
	check(blkfront_parse_is_xvd(202 << 8 | 255));
	check(blkfront_parse_is_xvd(1 << 28 | 8 << 8));
	check(!blkfront_parse_is_xvd(8 << 8));
	check(!blkfront_parse_is_xvd(203 << 8));
	check(!blkfront_parse_is_xvd(201 << 8 | 255));
}

/* Of this header itself: in the kernel they are those of blkif.h. */
static void values(void)
{
	check_eq(BLKIF_OP_READ, 0);
	check_eq(BLKIF_OP_WRITE, 1);
	check_eq(BLKIF_OP_WRITE_BARRIER, 2);
	check_eq(BLKIF_OP_FLUSH_DISKCACHE, 3);
	check_eq(BLKIF_OP_DISCARD, 5);
	check_eq(BLKIF_OP_INDIRECT, 6);
	check_eq(BLKIF_MAX_SEGMENTS_PER_REQUEST, 11);
	check_eq(BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST, 8);
	check_eq(BLKIF_RSP_EOPNOTSUPP, -2);
	check_eq(BLKIF_RSP_ERROR, -1);
	check_eq(BLKIF_RSP_OKAY, 0);
	check_eq(VDISK_CDROM, 1);
	check_eq(VDISK_REMOVABLE, 2);
	check_eq(VDISK_READONLY, 4);
	check_eq(BLKFRONT_MAJOR, 202);
	check_eq(BLKFRONT_SECTOR, 512);
	check_eq(BLKFRONT_PAGE, 4096);
}

static struct blkfront_keys keys;
static struct blkfront_features features;
static struct blkfront_bad bad;
static u32 ignored;

static void key(enum blkfront_key k, u64 val)
{
	keys.found[k] = XPV_FOUND_NUMBER;
	keys.val[k] = val;
}

static void keys_plain(void)
{
	memset(&keys, 0, sizeof(keys));
	key(BLKFRONT_KEY_SECTORS, 2048);
	key(BLKFRONT_KEY_INFO, 0);
	key(BLKFRONT_KEY_SECTOR_SIZE, 512);
}

static int keys_parse(u32 max_indirect)
{
	memset(&features, 0x5a, sizeof(features));
	return blkfront_parse_keys(&keys, max_indirect, &features, &bad,
				   &ignored);
}

static void keys_minimal(void)
{
	keys_plain();
	check_eq(keys_parse(32), 0);
	check_eq(ignored, 0);
	check_eq(features.sectors, 2048);
	check_eq(features.info, 0);
	check_eq(features.block_size, 512);
	check_eq(features.physical, 512);
	check_eq(features.segs, 11);
	check_eq(features.granularity, 0);
	check_eq(features.alignment, 0);
	check(!features.secure && !features.flush && !features.barrier &&
	      !features.persistent);
}

static void keys_full(void)
{
	int k;

	keys_plain();
	for (k = BLKFRONT_KEY_REMOVABLE; k < BLKFRONT_NR_KEYS; k++)
		key(k, 1);
	key(BLKFRONT_KEY_SECTORS, 2055);
	key(BLKFRONT_KEY_SECTOR_SIZE, 4096);
	key(BLKFRONT_KEY_PHYSICAL, 8192);
	key(BLKFRONT_KEY_INDIRECT, 256);
	key(BLKFRONT_KEY_GRANULARITY, 65536);
	key(BLKFRONT_KEY_ALIGNMENT, 4096);
	check_eq(keys_parse(32), 0);
	check_eq(ignored, 0);
	check_eq(features.sectors, 2048);
	check_eq(features.block_size, 4096);
	check_eq(features.physical, 8192);
	check_eq(features.info, VDISK_REMOVABLE);
	check_eq(features.segs, 32);
	check_eq(features.granularity, 65536);
	check_eq(features.alignment, 4096);
	check(features.secure && features.flush && features.barrier &&
	      features.persistent);
}

static void info_is(u64 val, u32 want)
{
	keys_plain();
	key(BLKFRONT_KEY_INFO, val);
	check_eq(keys_parse(32), 0);
	check_eq(features.info, want);
}

/* Bits that nobody knows are nothing, and no error. */
static void keys_info(void)
{
	info_is(VDISK_CDROM, VDISK_CDROM);
	info_is(VDISK_REMOVABLE, VDISK_REMOVABLE);
	info_is(VDISK_READONLY, VDISK_READONLY);
	info_is(8, 0);
	info_is(0xffffffff, 7);
	key(BLKFRONT_KEY_INFO, 1ULL << 32);
	check_eq(keys_parse(32), -ERANGE);
	check_eq(bad.key, BLKFRONT_KEY_INFO);
	check_eq(bad.min, 0);
	check_eq(bad.max, 0xffffffff);
	info_is(VDISK_CDROM, VDISK_CDROM);
	key(BLKFRONT_KEY_REMOVABLE, 1);
	check_eq(keys_parse(32), 0);
	check_eq(features.info, VDISK_CDROM | VDISK_REMOVABLE);
}

/* An offer is 1, and nothing else. */
static void keys_offers(void)
{
	static const enum blkfront_key offers[] = {
		BLKFRONT_KEY_REMOVABLE, BLKFRONT_KEY_BARRIER,
		BLKFRONT_KEY_FLUSH, BLKFRONT_KEY_PERSISTENT,
	};
	unsigned int i, k;

	for (i = 0; i < 4; i++) {
		for (k = 0; k < 4; k++) {
			keys_plain();
			key(offers[i], k);
			if (k == 3)
				keys.found[offers[i]] = XPV_FOUND_GARBAGE;
			check_eq(keys_parse(32), 0);
			check_eq(ignored, k > 1 ? 1 << offers[i] : 0);
			check_eq(features.info, k == 1 && !i ? VDISK_REMOVABLE : 0);
			check_eq(features.barrier, k == 1 && i == 1);
			check_eq(features.flush, k == 1 && i == 2);
			check_eq(features.persistent, k == 1 && i == 3);
		}
	}
}

static void keys_physical(void)
{
	keys_plain();
	key(BLKFRONT_KEY_PHYSICAL, 1U << 31);
	check_eq(keys_parse(32), 0);
	check_eq(features.physical, 1U << 31);
	key(BLKFRONT_KEY_PHYSICAL, 1ULL << 32);
	check_eq(keys_parse(32), -ERANGE);
	check_eq(bad.key, BLKFRONT_KEY_PHYSICAL);
	check_eq(bad.min, 512);
	check_eq(bad.max, 1U << 31);
	key(BLKFRONT_KEY_PHYSICAL, 1536);
	check_eq(keys_parse(32), -ERANGE);
	keys.found[BLKFRONT_KEY_PHYSICAL] = XPV_FOUND_GARBAGE;
	check_eq(keys_parse(32), -EINVAL);
}

static void keys_needed(void)
{
	static const u64 sizes[] = { 0, 1, 511, 513, 1536, 8192, 65536 + 512,
				     1ULL << 32, ~0ULL };
	unsigned int i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		keys_plain();
		key(BLKFRONT_KEY_SECTOR_SIZE, sizes[i]);
		check_eq(keys_parse(32), -ERANGE);
		check_eq(bad.key, BLKFRONT_KEY_SECTOR_SIZE);
		check_eq(bad.min, 512);
		check_eq(bad.max, 4096);
	}
	keys_plain();
	keys.found[BLKFRONT_KEY_SECTOR_SIZE] = XPV_FOUND_GARBAGE;
	check_eq(keys_parse(32), -EINVAL);

	keys_plain();
	keys.found[BLKFRONT_KEY_SECTORS] = XPV_FOUND_NOTHING;
	check_eq(keys_parse(32), -EINVAL);
	check_eq(bad.key, BLKFRONT_KEY_SECTORS);
	keys_plain();
	keys.found[BLKFRONT_KEY_SECTOR_SIZE] = XPV_FOUND_NOTHING;
	check_eq(keys_parse(32), 0);
	check_eq(features.block_size, 512);
	keys_plain();
	key(BLKFRONT_KEY_SECTORS, BLKFRONT_MAX_SECTORS + 1);
	check_eq(keys_parse(32), -ERANGE);
	check_eq(bad.key, BLKFRONT_KEY_SECTORS);
	check_eq(bad.min, 0);
	check_eq(bad.max, BLKFRONT_MAX_SECTORS);
	check_eq(BLKFRONT_MAX_SECTORS * BLKFRONT_SECTOR >> 63, 0);
	check_eq((BLKFRONT_MAX_SECTORS + 1) * BLKFRONT_SECTOR >> 63, 1);
	key(BLKFRONT_KEY_SECTORS, BLKFRONT_MAX_SECTORS);
	check_eq(keys_parse(32), 0);
	key(BLKFRONT_KEY_SECTORS, 0);
	check_eq(keys_parse(32), 0);

	keys_plain();
	keys.found[BLKFRONT_KEY_INFO] = XPV_FOUND_NOTHING;
	check_eq(keys_parse(32), -EINVAL);
	check_eq(bad.key, BLKFRONT_KEY_INFO);

	keys_plain();
	key(BLKFRONT_KEY_SECTOR_SIZE, 4096);
	key(BLKFRONT_KEY_PHYSICAL, 512);
	check_eq(keys_parse(32), -ERANGE);
	check_eq(bad.key, BLKFRONT_KEY_PHYSICAL);
}

static void keys_indirect(void)
{
	check_eq(BLKFRONT_SEGS_PER_PAGE, 512);
	check_eq(BLKFRONT_MAX_SEGS, 4096);
	keys_plain();
	key(BLKFRONT_KEY_INDIRECT, 256);
	check_eq(keys_parse(0), 0);
	check_eq(features.segs, 11);
	check_eq(keys_parse(11), 0);
	check_eq(features.segs, 11);
	check_eq(keys_parse(300), 0);
	check_eq(features.segs, 256);
	key(BLKFRONT_KEY_INDIRECT, 12);
	check_eq(keys_parse(300), 0);
	check_eq(features.segs, 12);
	key(BLKFRONT_KEY_INDIRECT, 1);
	check_eq(keys_parse(300), 0);
	check_eq(features.segs, 11);
	key(BLKFRONT_KEY_INDIRECT, 0xffffffff);
	check_eq(keys_parse(0xffffffff), 0);
	check_eq(features.segs, BLKFRONT_MAX_SEGS);
	key(BLKFRONT_KEY_INDIRECT, 1ULL << 32);
	check_eq(keys_parse(32), 0);
	check_eq(features.segs, 11);
	check_eq(ignored, 1 << BLKFRONT_KEY_INDIRECT);

	check_eq(blkfront_parse_indirect_pages(0), 0);
	check_eq(blkfront_parse_indirect_pages(11), 0);
	check_eq(blkfront_parse_indirect_pages(12), 1);
	check_eq(blkfront_parse_indirect_pages(512), 1);
	check_eq(blkfront_parse_indirect_pages(513), 2);
	check_eq(blkfront_parse_indirect_pages(4096), 8);
}

static void keys_discard(void)
{
	keys_plain();
	key(BLKFRONT_KEY_DISCARD, 1);
	check_eq(keys_parse(32), 0);
	check_eq(features.granularity, 512);

	/* 0 is no granularity, as if the key were not there */
	key(BLKFRONT_KEY_GRANULARITY, 0);
	key(BLKFRONT_KEY_PHYSICAL, 8192);
	check_eq(keys_parse(32), 0);
	check_eq(features.granularity, 8192);
	check_eq(ignored, 0);

	keys.found[BLKFRONT_KEY_GRANULARITY] = XPV_FOUND_GARBAGE;
	check_eq(keys_parse(32), 0);
	check_eq(features.granularity, 0);
	check_eq(ignored, 1 << BLKFRONT_KEY_GRANULARITY);

	key(BLKFRONT_KEY_GRANULARITY, 4096);
	key(BLKFRONT_KEY_ALIGNMENT, 4096);
	check_eq(keys_parse(32), 0);
	check_eq(features.granularity, 0);
	check_eq(ignored, 1 << BLKFRONT_KEY_ALIGNMENT);

	key(BLKFRONT_KEY_ALIGNMENT, 1ULL << 40);
	check_eq(keys_parse(32), 0);
	check_eq(features.granularity, 0);

	key(BLKFRONT_KEY_ALIGNMENT, 0);
	key(BLKFRONT_KEY_SECURE, 2);
	check_eq(keys_parse(32), 0);
	check_eq(features.granularity, 4096);
	check(!features.secure);
	check_eq(ignored, 1 << BLKFRONT_KEY_SECURE);

	key(BLKFRONT_KEY_SECURE, 1);
	check_eq(keys_parse(32), 0);
	check(features.secure);
	check_eq(ignored, 0);

	keys.found[BLKFRONT_KEY_DISCARD] = XPV_FOUND_GARBAGE;
	check_eq(keys_parse(32), 0);
	check_eq(features.granularity, 0);
	check(!features.secure);
	key(BLKFRONT_KEY_DISCARD, 0);
	check_eq(keys_parse(32), 0);
	check_eq(features.granularity, 0);
	check_eq(ignored, 0);
	key(BLKFRONT_KEY_DISCARD, 2);
	check_eq(keys_parse(32), 0);
	check_eq(features.granularity, 0);
	check_eq(ignored, 1 << BLKFRONT_KEY_DISCARD);
}

static void discard_is(u64 gran, u64 align, u32 want, u32 want_ignored)
{
	key(BLKFRONT_KEY_DISCARD, 1);
	key(BLKFRONT_KEY_GRANULARITY, gran);
	key(BLKFRONT_KEY_ALIGNMENT, align);
	check_eq(keys_parse(32), 0);
	check_eq(features.granularity, want);
	check_eq(features.alignment, want ? align : 0);
	check_eq(ignored, want_ignored);
}

/* The largest, the smallest, and what is no number of blocks. */
static void keys_discard_bounds(void)
{
	const u32 g = 1 << BLKFRONT_KEY_GRANULARITY, a = 1 << BLKFRONT_KEY_ALIGNMENT;

	keys_plain();
	discard_is(0xfffffe00, 0xfffffc00, 0xfffffe00, 0);
	discard_is(0xfffffe01, 0, 0, g);
	discard_is(0x100000000, 0, 0, g);
	discard_is(4096, 0xfffffe00, 0, a);
	discard_is(4096, 0xfffffe01, 0, a);
	discard_is(0xfffffe01, 0x100000000, 0, g | a);
	discard_is(512, 0, 512, 0);
	discard_is(511, 0, 0, g);
	discard_is(1000, 0, 0, g);
	discard_is(4096, 3584, 4096, 0);
	discard_is(4096, 256, 0, a);
	key(BLKFRONT_KEY_SECTOR_SIZE, 4096);
	discard_is(4096, 512, 4096, 0);
	discard_is(2048, 0, 0, g);
	discard_is(6144, 0, 0, g);
	/* no word about it: the physical block */
	key(BLKFRONT_KEY_PHYSICAL, 16384);
	keys.found[BLKFRONT_KEY_GRANULARITY] = XPV_FOUND_NOTHING;
	check_eq(keys_parse(32), 0);
	check_eq(features.granularity, 16384);
}

/* A later backend's features for a disk whose first one had blocks of @block bytes. */
static int adapt(u32 size, u32 physical, u32 granularity, u32 block)
{
	features = (struct blkfront_features){
		.sectors = 1023, .block_size = size, .physical = physical,
		.granularity = granularity, .alignment = 512, .secure = true,
	};
	return blkfront_parse_adapt(&features, block);
}

static void later_backends(void)
{
	check_eq(adapt(512, 512, 1536, 512), 0);
	check_eq(features.block_size, 512);
	check_eq(features.physical, 512);
	check_eq(features.sectors, 1023);
	check_eq(features.granularity, 1536);
	check_eq(features.alignment, 512);
	check(features.secure);

	/* 4096, then 512, then 4096 again: blocks are 4096 all the time */
	check_eq(adapt(512, 512, 1536, 4096), 0);
	check_eq(features.block_size, 4096);
	check_eq(features.physical, 4096);
	check_eq(features.sectors, 1016);
	check_eq(features.granularity, 12288);
	check_eq(adapt(4096, 4096, 4096, features.block_size), 0);
	check_eq(features.block_size, 4096);
	check_eq(features.granularity, 4096);

	check_eq(adapt(512, 65536, 0, 4096), 0);
	check_eq(features.physical, 65536);
	check_eq(features.granularity, 0);

	/* a granularity that is too large as a multiple of the block */
	check_eq(adapt(512, 512, 0xfffffe00, 4096), 0);
	check_eq(features.granularity, 0);
	check_eq(features.alignment, 0);
	check(!features.secure);

	check_eq(adapt(4096, 4096, 4096, 512), -ERANGE);
	check_eq(adapt(1024, 4096, 4096, 512), -ERANGE);
}

static void ids(void)
{
	u32 queue = 77, tag = 77;

	check_eq(blkfront_parse_id(blkfront_parse_make_id(3, 31), 4, 32,
				   &queue, &tag), 0);
	check_eq(queue, 3);
	check_eq(tag, 31);
	check_eq(blkfront_parse_make_id(3, 31), 0x3001f);
	check_eq(blkfront_parse_make_id(0x12345, 0xffff), 0x12345ffffLL);
	check_eq(blkfront_parse_id(0xffff, 1, 65536, &queue, &tag), 0);
	check_eq(queue, 0);
	check_eq(tag, 0xffff);
	check_eq(blkfront_parse_id(0x3001f, 4, 32, &queue, &tag), 0);
	check_eq(blkfront_parse_id(32, 4, 32, &queue, &tag), -ERANGE);
	check_eq(blkfront_parse_id(31, 4, 31, &queue, &tag), -ERANGE);
	check_eq(blkfront_parse_id(4 << 16, 4, 32, &queue, &tag), -ERANGE);
	check_eq(blkfront_parse_id(1ULL << 48, 4, 32, &queue, &tag), -ERANGE);
	check_eq(blkfront_parse_id(~0ULL, 4, 32, &queue, &tag), -ERANGE);
	check_eq(queue, 3);
	check_eq(tag, 31);
}

static void answers(void)
{
	check(blkfront_parse_op(BLKIF_OP_READ, false, BLKIF_OP_READ));
	check(!blkfront_parse_op(BLKIF_OP_READ, false, BLKIF_OP_WRITE));
	check(!blkfront_parse_op(BLKIF_OP_READ, false, BLKIF_OP_INDIRECT));
	check(blkfront_parse_op(BLKIF_OP_READ, true, BLKIF_OP_INDIRECT));
	check(!blkfront_parse_op(BLKIF_OP_READ, true, BLKIF_OP_WRITE));
	check_eq(blkfront_parse_status(0), BLKFRONT_OKAY);
	check_eq(blkfront_parse_status(-1), BLKFRONT_ERROR);
	check_eq(blkfront_parse_status(-2), BLKFRONT_NOTSUPP);
	check_eq(blkfront_parse_status(-3), BLKFRONT_NONSENSE);
	check_eq(blkfront_parse_status(1), BLKFRONT_NONSENSE);
	check_eq(blkfront_parse_status(-32768), BLKFRONT_NONSENSE);
}

static void serial_is(const char *text, const char *want)
{
	char serial[BLKFRONT_SERIAL + 1];

	memset(serial, 'x', sizeof(serial));
	check_eq(blkfront_parse_serial(text, strlen(text), serial), 0);
	check(!strcmp(serial, want));
}

static void serials(void)
{
	char text[BLKFRONT_SERIAL + 4], serial[BLKFRONT_SERIAL + 1];

	serial_is("", "");
	serial_is(" \t\n", "");
	serial_is("S3", "S3");
	serial_is(" S3\n", "S3");
	serial_is("a b", "a_b");
	serial_is("4f6c1d52-33a7-4e0b-9a6e-1f0c7c1d2e3f",
		  "4f6c1d52-33a7-4e0b-9a6e-1f0c7c1d2e3f");
	serial_is("A.b:c+d=e@f_", "A.b:c+d=e@f_");
	/* what would be a link to somewhere else, or two links */
	serial_is("../../sda", ".._.._sda");
	serial_is("a$env{x}\"'\\`;|&\x7f\x01\xc3\xa4",
		  "a_env_x____________");

	memset(text, 'a', sizeof(text));
	check_eq(blkfront_parse_serial(text, BLKFRONT_SERIAL, serial), 0);
	check_eq(strlen(serial), BLKFRONT_SERIAL);
	check_eq(blkfront_parse_serial(text, BLKFRONT_SERIAL + 1, serial),
		 -ERANGE);
	check_eq(strlen(serial), 0);
	/* blanks do not count, and no byte beyond the length does */
	text[0] = ' ';
	text[BLKFRONT_SERIAL + 1] = '\n';
	check_eq(blkfront_parse_serial(text, BLKFRONT_SERIAL + 2, serial), 0);
	check_eq(strlen(serial), BLKFRONT_SERIAL);
	check_eq(blkfront_parse_serial("abc", 2, serial), 0);
	check(!strcmp(serial, "ab"));
	check_eq(blkfront_parse_serial("a\0b", 3, serial), 0);
	check(!strcmp(serial, "a_b"));
}

static const struct ktap_case cases[] = {
	{ "names of major 202", names_xvd },
	{ "names of the extended scheme", names_extended },
	{ "names of emulated disks", names_emulated },
	{ "numbers of no disk", names_bad },
	{ "values", values },
	{ "serial numbers", serials },
	{ "least set of keys", keys_minimal },
	{ "all keys", keys_full },
	{ "kind of disk", keys_info },
	{ "offers", keys_offers },
	{ "physical block", keys_physical },
	{ "keys that are needed", keys_needed },
	{ "indirect segments", keys_indirect },
	{ "discard keys", keys_discard },
	{ "bounds of discard keys", keys_discard_bounds },
	{ "later backends of a disk", later_backends },
	{ "response ids", ids },
	{ "response operation and status", answers },
};

KTAP_MAIN(cases)
