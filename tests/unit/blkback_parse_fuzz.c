// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever blkback's parser lets through lies within the device, within its
 * pages and within its limits. Input: 16 bytes of disk, the request, segments.
 */
#include <stdlib.h>
#include <string.h>
#include "../../blkback/parse.c"

#define must(cond) do { if (!(cond)) abort(); } while (0)

struct fuzz_disk {
	u64 capacity;
	u8 block;
	u8 flags;
	u16 granularity;
	u16 alignment;
	u16 pad;
};

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check_data(const struct blkback_rules *rules,
		       const struct blkback_cmd *cmd,
		       const struct blkback_wire_seg *seg)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < cmd->nr_segs; i++) {
		must(seg[i].first_sect <= seg[i].last_sect);
		must(seg[i].last_sect < BLKBACK_PAGE_SECTORS);
		must(cmd->misfit || (!(seg[i].first_sect % rules->align) &&
				     !((seg[i].last_sect + 1) % rules->align)));
		sum += seg[i].last_sect - seg[i].first_sect + 1;
	}
	must(cmd->nr_sectors == sum);
	must(sum <= (u64)cmd->nr_segs * BLKBACK_PAGE_SECTORS);
	if (!sum)
		return;
	must(cmd->sector + sum > cmd->sector);
	must(cmd->sector + sum <= rules->capacity);
	must(!(cmd->sector % rules->block) && !(sum % rules->block));
	must(cmd->op == BLKBACK_OP_READ || !rules->read_only);
}

static void check_discard(const struct blkback_rules *rules,
			  const struct blkback_cmd *cmd)
{
	u64 sector = cmd->sector, nr = cmd->nr_sectors;

	must(rules->granularity && !rules->read_only);
	must(sector + nr >= sector && sector + nr <= rules->capacity);
	blkback_parse_units(rules, &sector, &nr);
	must(nr <= cmd->nr_sectors);
	if (!nr)
		return;
	must(sector >= cmd->sector);
	must(sector + nr <= cmd->sector + cmd->nr_sectors);
	must(!(nr % rules->granularity));
	must(sector % rules->granularity == rules->alignment);
}

static void check_request(const struct blkback_rules *rules,
			  const struct blkback_raw *raw,
			  const struct blkback_wire_seg *indirect)
{
	const struct blkback_wire_seg *seg = raw->body.rw.seg;
	struct blkback_fault fault;
	struct blkback_cmd cmd;
	int status = blkback_parse_request(rules, raw, &cmd, &fault);

	must(cmd.id == raw->body.id);
	if (status) {
		must(status == BLKBACK_ERROR || status == BLKBACK_EOPNOTSUPP);
		must(status != BLKBACK_ERROR || fault.site < BLKBACK_SITES);
		return;
	}
	must(cmd.op <= BLKBACK_OP_DISCARD && cmd.op != 4);
	if (cmd.op == BLKBACK_OP_DISCARD) {
		check_discard(rules, &cmd);
		return;
	}
	if (cmd.indirect) {
		must(cmd.nr_segs >= 1 && cmd.nr_segs <= BLKBACK_INDIRECT_SEGS);
		must(cmd.op <= BLKBACK_OP_WRITE);
		seg = indirect;
	} else {
		must(cmd.nr_segs <= BLKBACK_DIRECT_SEGS);
		must(cmd.nr_segs || cmd.op == BLKBACK_OP_FLUSH ||
		     cmd.op == BLKBACK_OP_BARRIER);
	}
	if (!blkback_parse_segments(rules, &cmd, seg, &fault))
		check_data(rules, &cmd, seg);
	else
		must(fault.site < BLKBACK_SITES);
}

static void check_keys(const char *text, size_t len)
{
	enum blkback_abi abi = BLKBACK_ABI_64;
	u32 major, minor;

	if (!blkback_parse_abi(text, len, "x86_64-abi", abi, &abi))
		must(abi == BLKBACK_ABI_64 || abi == BLKBACK_ABI_32);
	if (!blkback_parse_device(text, len, &major, &minor))
		must(major <= 0xfff && minor <= 0xfffff);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct blkback_wire_seg seg[BLKBACK_INDIRECT_SEGS] = { 0 };
	struct blkback_rules rules;
	struct fuzz_disk disk;
	struct blkback_raw raw;

	check_keys((const char *)data, size);
	if (size < sizeof(disk) + 4)
		return 0;
	memcpy(&disk, data, sizeof(disk));
	data += sizeof(disk);
	size -= sizeof(disk);
	rules.capacity = disk.capacity >> 9;	/* a device has at most 2^63 bytes */
	rules.block = 1U << (disk.block & 7);
	rules.align = 1U << (disk.block >> 4 & 3);
	rules.granularity = disk.granularity;
	rules.alignment = disk.granularity ? disk.alignment % disk.granularity : 0;
	rules.read_only = disk.flags & 1;
	rules.secure = disk.flags & 2;

	/* As from the ring: what is not fetched stays what it was. */
	memset(&raw, 0xa5, sizeof(raw));
	memcpy(&raw, data, 4);
	data += 4;
	size -= 4;
	must(blkback_raw_body(&raw) <= sizeof(raw.body));
	must(blkback_raw_body(&raw) >= sizeof(raw.body.id));
	if (size < blkback_raw_body(&raw))
		return 0;
	memcpy(&raw.body, data, blkback_raw_body(&raw));
	data += blkback_raw_body(&raw);
	size -= blkback_raw_body(&raw);
	memcpy(seg, data, size < sizeof(seg) ? size : sizeof(seg));
	check_request(&rules, &raw, seg);
	return 0;
}
