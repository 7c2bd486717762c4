// SPDX-License-Identifier: GPL-2.0-only
/* Requests and keys as a frontend may write them, through blkback's parser. */
#include <stdlib.h>
#include <string.h>
#include "ktap.h"
#include "../../blkback/parse.c"

static struct blkback_rules disk = {
	.capacity = 1000,
	.block = 1,
	.align = 1,
	.granularity = 8,
};

static struct blkback_cmd cmd;
static struct blkback_fault fault;
static struct blkback_raw raw;

static void direct(u8 op, u8 nr, u64 sector)
{
	unsigned int i;

	memset(&raw, 0, sizeof(raw));
	raw.op = op;
	raw.b = nr;
	raw.body.rw.id = 0x1122334455667788;
	raw.body.rw.sector = sector;
	for (i = 0; i < nr && i < BLKBACK_DIRECT_SEGS; i++)
		raw.body.rw.seg[i].last_sect = 7;
}

static void indirect(u8 op, u16 nr)
{
	memset(&raw, 0, sizeof(raw));
	raw.op = BLKBACK_OP_INDIRECT;
	raw.b = op;
	raw.w = nr;
	raw.body.indirect.id = 0x99;
	raw.body.indirect.sector = 24;
	raw.body.indirect.gref = 77;
}

static void discard(u64 sector, u64 nr, u8 flag)
{
	memset(&raw, 0, sizeof(raw));
	raw.op = BLKBACK_OP_DISCARD;
	raw.b = flag;
	raw.body.discard.sector = sector;
	raw.body.discard.nr_sectors = nr;
}

static int request(const struct blkback_rules *rules)
{
	memset(&cmd, 0xa5, sizeof(cmd));
	memset(&fault, 0xa5, sizeof(fault));
	return blkback_parse_request(rules, &raw, &cmd, &fault);
}

/* Both halves of the check, as for a direct request. */
static int whole(const struct blkback_rules *rules)
{
	int err = request(rules);

	return err ? err : blkback_parse_segments(rules, &cmd,
						  raw.body.rw.seg, &fault);
}

static void layout(void)
{
	struct blkback_raw *r = &raw;

	check_eq(offsetof(struct blkback_raw, body), 4);
	check_eq(sizeof(r->body.rw), BLKBACK_ENTRY_32 - BLKBACK_BODY_32);
	check_eq(sizeof(r->body.rw), BLKBACK_ENTRY_64 - BLKBACK_BODY_64);
	check_eq(offsetof(struct blkback_wire_rw, seg), 16);
	check_eq(offsetof(struct blkback_wire_indirect, gref), 20);
	check_eq(sizeof(struct blkback_wire_seg), 8);
}

/* What both ends must agree on: blkif.h of Xen. */
static void values(void)
{
	check_eq(BLKBACK_OP_READ, 0);
	check_eq(BLKBACK_OP_WRITE, 1);
	check_eq(BLKBACK_OP_BARRIER, 2);
	check_eq(BLKBACK_OP_FLUSH, 3);
	check_eq(BLKBACK_OP_DISCARD, 5);
	check_eq(BLKBACK_OP_INDIRECT, 6);
	check_eq(BLKBACK_OKAY, 0);
	check_eq(BLKBACK_ERROR, -1);
	check_eq(BLKBACK_EOPNOTSUPP, -2);
	check_eq(BLKBACK_FLAG_SECURE, 1);
	check_eq(BLKBACK_DIRECT_SEGS, 11);
	check_eq(BLKBACK_INDIRECT_SEGS, 256);
	check_eq(BLKBACK_PAGE_SECTORS, 8);
	check_eq(BLKBACK_PAGE_BYTES, 4096);
	check_eq(BLKBACK_BODY_64, 8);
	check_eq(BLKBACK_BODY_32, 4);
	check_eq(BLKBACK_ENTRY_64, 112);
	check_eq(BLKBACK_ENTRY_32, 108);
}

static void amount(void)
{
	direct(BLKBACK_OP_READ, 11, 0);
	check_eq(blkback_raw_body(&raw), 16 + 88);
	direct(BLKBACK_OP_READ, 1, 0);
	check_eq(blkback_raw_body(&raw), 24);
	direct(BLKBACK_OP_READ, 255, 0);
	check_eq(blkback_raw_body(&raw), 16);
	discard(0, 0, 0);
	check_eq(blkback_raw_body(&raw), 24);
	indirect(BLKBACK_OP_READ, 256);
	check_eq(blkback_raw_body(&raw), 24);
	direct(200, 255, 0);
	check_eq(blkback_raw_body(&raw), 8);
}

static void good(void)
{
	direct(BLKBACK_OP_WRITE, 11, 1000 - 88);
	check_eq(whole(&disk), 0);
	check_eq(cmd.nr_sectors, 88);
	check_eq(cmd.nr_segs, 11);
	check_eq(cmd.sector, 1000 - 88);
	check_eq(cmd.op, BLKBACK_OP_WRITE);
	check(cmd.id == 0x1122334455667788);
	check(!cmd.indirect && !cmd.secure);
	check_eq(cmd.gref, 0);
	check_eq(fault.site, BLKBACK_SITES);
	direct(BLKBACK_OP_FLUSH, 0, ~(u64)0);
	check_eq(whole(&disk), 0);
	check_eq(cmd.nr_sectors, 0);
	direct(BLKBACK_OP_BARRIER, 0, 0);
	check_eq(whole(&disk), 0);
	indirect(BLKBACK_OP_WRITE, 256);
	check_eq(request(&disk), 0);
	check(cmd.indirect);
	check_eq(cmd.op, BLKBACK_OP_WRITE);
	check_eq(cmd.gref, 77);
	check_eq(cmd.nr_segs, 256);
	check_eq(cmd.sector, 24);
	check_eq(cmd.id, 0x99);
}

static void refuse(int got, int want, unsigned int site)
{
	check_eq(got, want);
	check_eq(fault.site, site);
}

/* What is told of a request that is refused. */
static void told(u64 value, u64 bound)
{
	check_eq(fault.value, value);
	check_eq(fault.bound, bound);
}

static void ops(void)
{
	direct(4, 1, 0);
	refuse(whole(&disk), BLKBACK_EOPNOTSUPP, BLKBACK_SITE_OP);
	direct(7, 1, 0);
	refuse(whole(&disk), BLKBACK_EOPNOTSUPP, BLKBACK_SITE_OP);
	direct(255, 1, 0);
	refuse(whole(&disk), BLKBACK_EOPNOTSUPP, BLKBACK_SITE_OP);
	check_eq(cmd.op, 255);
	told(255, BLKBACK_OP_INDIRECT);
}

static void counts(void)
{
	static const u8 bad[] = { 0, 12, 255 };
	unsigned int i;

	for (i = 0; i < sizeof(bad); i++) {
		direct(BLKBACK_OP_READ, bad[i], 0);
		refuse(whole(&disk), BLKBACK_ERROR, BLKBACK_SITE_NR_SEGMENTS);
	}
	direct(BLKBACK_OP_FLUSH, 12, 0);
	refuse(whole(&disk), BLKBACK_ERROR, BLKBACK_SITE_NR_SEGMENTS);
	told(12, 11);
	indirect(BLKBACK_OP_READ, 0);
	refuse(request(&disk), BLKBACK_ERROR, BLKBACK_SITE_INDIRECT_NR);
	indirect(BLKBACK_OP_READ, 257);
	refuse(request(&disk), BLKBACK_ERROR, BLKBACK_SITE_INDIRECT_NR);
	indirect(BLKBACK_OP_READ, 65535);
	refuse(request(&disk), BLKBACK_ERROR, BLKBACK_SITE_INDIRECT_NR);
	told(65535, 256);
}

static void indirect_ops(void)
{
	u8 op;

	for (op = BLKBACK_OP_BARRIER; op < 9; op++) {
		indirect(op, 1);
		refuse(request(&disk), BLKBACK_ERROR, BLKBACK_SITE_INDIRECT_OP);
		told(op, BLKBACK_OP_WRITE);
	}
}

static void segments(void)
{
	direct(BLKBACK_OP_READ, 2, 0);
	raw.body.rw.seg[1].first_sect = 7;
	raw.body.rw.seg[1].last_sect = 6;
	refuse(whole(&disk), BLKBACK_ERROR, BLKBACK_SITE_SEGMENT);
	raw.body.rw.seg[1].last_sect = 8;
	refuse(whole(&disk), BLKBACK_ERROR, BLKBACK_SITE_SEGMENT);
	raw.body.rw.seg[1].last_sect = 255;
	refuse(whole(&disk), BLKBACK_ERROR, BLKBACK_SITE_SEGMENT);
	told(0x7ff, 7);
	raw.body.rw.seg[1].last_sect = 7;
	check_eq(whole(&disk), 0);
	check_eq(cmd.nr_sectors, 9);
}

static void ranges(void)
{
	static const u64 bad[] = {
		993, 1000, 1001, ~(u64)0, ~(u64)0 - 7, 1ULL << 55, 1ULL << 63,
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		direct(BLKBACK_OP_READ, 1, bad[i]);
		refuse(whole(&disk), BLKBACK_ERROR, BLKBACK_SITE_SECTOR_RANGE);
		told(bad[i], 1000);
	}
	direct(BLKBACK_OP_READ, 1, 992);
	check_eq(whole(&disk), 0);
}

static void big_blocks(void)
{
	struct blkback_rules big = { .capacity = 1000, .block = 8, .align = 8 };
	struct blkback_rules huge = { .capacity = 1024, .block = 16, .align = 16 };
	struct blkback_rules two = { .capacity = 1000, .block = 2, .align = 2 };
	struct blkback_rules loose = { .capacity = 1000, .block = 8, .align = 1 };

	direct(BLKBACK_OP_READ, 1, 8);
	check_eq(whole(&big), 0);
	check(!cmd.misfit);
	direct(BLKBACK_OP_READ, 1, 4);
	refuse(whole(&big), BLKBACK_ERROR, BLKBACK_SITE_SECTOR_RANGE);
	direct(BLKBACK_OP_READ, 1, 8);
	raw.body.rw.seg[0].last_sect = 3;
	refuse(whole(&big), BLKBACK_ERROR, BLKBACK_SITE_SECTOR_RANGE);
	refuse(whole(&loose), BLKBACK_ERROR, BLKBACK_SITE_SECTOR_RANGE);
	/* a block in two pages, as of memory that is not aligned to it */
	direct(BLKBACK_OP_READ, 2, 8);
	raw.body.rw.seg[0].first_sect = 5;
	raw.body.rw.seg[1].last_sect = 4;
	check_eq(whole(&loose), 0);
	check(!cmd.misfit);
	/* the device wants it aligned: to be copied, not refused */
	check_eq(whole(&big), 0);
	check(cmd.misfit);
	raw.body.rw.seg[1].last_sect = 8;
	refuse(whole(&big), BLKBACK_ERROR, BLKBACK_SITE_SEGMENT);
	direct(BLKBACK_OP_READ, 1, 8);
	raw.body.rw.seg[0].last_sect = 2;
	raw.body.rw.seg[0].first_sect = 1;
	check_eq(whole(&two), 0);
	check(cmd.misfit);
	/* only its end is not aligned */
	raw.body.rw.seg[0].last_sect = 0;
	raw.body.rw.seg[0].first_sect = 0;
	refuse(whole(&two), BLKBACK_ERROR, BLKBACK_SITE_SECTOR_RANGE);
	check(cmd.misfit);
	direct(BLKBACK_OP_READ, 1, 8);
	raw.body.rw.seg[0].last_sect = 2;
	raw.body.rw.seg[0].first_sect = 1;
	raw.body.rw.seg[0].last_sect = 3;
	raw.body.rw.seg[0].first_sect = 2;
	check_eq(whole(&two), 0);
	direct(BLKBACK_OP_READ, 1, 16);
	refuse(whole(&huge), BLKBACK_ERROR, BLKBACK_SITE_SECTOR_RANGE);
	direct(BLKBACK_OP_READ, 2, 16);
	check_eq(whole(&huge), 0);
}

static void read_only(void)
{
	struct blkback_rules ro = disk;

	ro.read_only = true;
	direct(BLKBACK_OP_READ, 1, 0);
	check_eq(whole(&ro), 0);
	direct(BLKBACK_OP_FLUSH, 0, 0);
	check_eq(whole(&ro), 0);
	direct(BLKBACK_OP_FLUSH, 1, 0);
	refuse(whole(&ro), BLKBACK_ERROR, BLKBACK_SITE_READ_ONLY);
	direct(BLKBACK_OP_WRITE, 1, 0);
	refuse(whole(&ro), BLKBACK_ERROR, BLKBACK_SITE_READ_ONLY);
	told(BLKBACK_OP_WRITE, BLKBACK_OP_READ);
	indirect(BLKBACK_OP_WRITE, 1);
	refuse(request(&ro), BLKBACK_ERROR, BLKBACK_SITE_READ_ONLY);
	discard(0, 8, 0);
	refuse(request(&ro), BLKBACK_ERROR, BLKBACK_SITE_READ_ONLY);
}

static void discards(void)
{
	struct blkback_rules none = disk, secure = disk;

	none.granularity = 0;
	secure.secure = true;
	discard(0, 1000, 0);
	check_eq(request(&disk), 0);
	discard(8, 16, 0);
	check_eq(request(&disk), 0);
	check_eq(cmd.sector, 8);
	check_eq(cmd.nr_sectors, 16);
	/* nothing at all, at the end of the device */
	discard(1000, 0, 0);
	check_eq(request(&disk), 0);
	discard(0, 1001, 0);
	refuse(request(&disk), BLKBACK_ERROR, BLKBACK_SITE_DISCARD_RANGE);
	discard(3, 1000, 0);
	refuse(request(&disk), BLKBACK_ERROR, BLKBACK_SITE_DISCARD_RANGE);
	told(3, 1000);
	discard(8, ~(u64)0, 0);
	refuse(request(&disk), BLKBACK_ERROR, BLKBACK_SITE_DISCARD_RANGE);
	discard(0, 8, 0);
	refuse(request(&none), BLKBACK_EOPNOTSUPP, BLKBACK_SITES);
	discard(0, 8, BLKBACK_FLAG_SECURE);
	check_eq(request(&disk), 0);
	check(!cmd.secure);
	check_eq(request(&secure), 0);
	check(cmd.secure);
}

static void units_are(const struct blkback_rules *rules, u64 sector, u64 nr,
		      u64 want_sector, u64 want_nr)
{
	blkback_parse_units(rules, &sector, &nr);
	check_eq(nr, want_nr);
	if (want_nr)
		check_eq(sector, want_sector);
}

static void units(void)
{
	struct blkback_rules odd = { .granularity = 24, .alignment = 5 };

	units_are(&disk, 0, 8, 0, 8);
	units_are(&disk, 1, 8, 0, 0);
	units_are(&disk, 1, 15, 8, 8);
	units_are(&disk, 7, 10, 8, 8);
	units_are(&disk, 3, 2, 0, 0);
	units_are(&disk, 0, 0, 0, 0);
	units_are(&odd, 0, 100, 5, 72);
	units_are(&odd, 5, 24, 5, 24);
	units_are(&odd, 0, 4, 0, 0);
	units_are(&odd, 6, 47, 29, 24);
}

static int abi_on(const char *text, const char *native, enum blkback_abi own)
{
	enum blkback_abi a = 77;
	int err = blkback_parse_abi(text, strlen(text), native, own, &a);

	return err ? err : (int)a;
}

static int abi(const char *text)
{
	return abi_on(text, "x86_64-abi", BLKBACK_ABI_64);
}

static void abis(void)
{
	check_eq(abi("x86_64-abi"), BLKBACK_ABI_64);
	check_eq(abi("x86_32-abi"), BLKBACK_ABI_32);
	check_eq(abi("arm-abi"), -EINVAL);
	check_eq(abi(""), -EINVAL);
	check_eq(abi("x86_64-abi "), -EINVAL);
	check_eq(abi("x86_64-ab"), -EINVAL);
	/* a backend of 32 bits, and one of an ABI that is neither */
	check_eq(abi_on("x86_64-abi", "x86_32-abi", BLKBACK_ABI_32),
		 BLKBACK_ABI_64);
	check_eq(abi_on("x86_32-abi", "x86_32-abi", BLKBACK_ABI_32),
		 BLKBACK_ABI_32);
	check_eq(abi_on("arm-abi", "arm-abi", BLKBACK_ABI_64), BLKBACK_ABI_64);
}

/* A copy without a byte to spare, so that ASAN sees what reads behind it. */
static int device(const char *text, u32 *major, u32 *minor)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	int err;

	memcpy(copy, text, len);
	err = blkback_parse_device(copy, len, major, minor);
	free(copy);
	return err;
}

static void device_is(const char *text, u32 major, u32 minor)
{
	u32 got_major = 77, got_minor = 77;

	check_eq(device(text, &got_major, &got_minor), 0);
	check_eq(got_major, major);
	check_eq(got_minor, minor);
}

static void devices(void)
{
	static const char *const bad[] = {
		"", ":", "7", "7:", ":7", "7:1x", "g:1", "7:1 ", " 7:1",
		"1000:0", "7:100000", "7:123456789", "7:1\n\n", "-1:0", "7 1",
		"7:@", "7:G", "7:`", "7:/", "123456789:1", "7:\n", "77",
	};
	u32 major, minor;
	unsigned int i;

	device_is("fd:1a", 0xfd, 0x1a);
	device_is("7:0\n", 7, 0);
	device_is("FFF:FFFFF", 0xfff, 0xfffff);
	device_is("ABC:DEF90", 0xabc, 0xdef90);
	device_is("abc:def19", 0xabc, 0xdef19);
	device_is("123:45678", 0x123, 0x45678);
	device_is("00000123:00045678", 0x123, 0x45678);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_eq(device(bad[i], &major, &minor), -EINVAL);
	/* the text ends before its buffer does */
	check_eq(blkback_parse_device("7:12", 3, &major, &minor), 0);
	check_eq(minor, 1);
	check_eq(blkback_parse_device("7:1", 1, &major, &minor), -EINVAL);
	check_eq(blkback_parse_device("000000007:1", 11, &major, &minor), -EINVAL);
}

static const struct ktap_case cases[] = {
	{ "layout of both ABIs", layout },
	{ "values", values },
	{ "bytes fetched", amount },
	{ "good requests", good },
	{ "unknown operations", ops },
	{ "segment counts", counts },
	{ "indirect operations", indirect_ops },
	{ "segments", segments },
	{ "ranges and wraps", ranges },
	{ "large blocks", big_blocks },
	{ "read-only disk", read_only },
	{ "discards", discards },
	{ "discard units", units },
	{ "ring layouts by name", abis },
	{ "device numbers", devices },
};

KTAP_MAIN(cases)
