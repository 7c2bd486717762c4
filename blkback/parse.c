// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of a frontend's requests and keys. No kernel calls and no shared
 * memory: the caller has fetched every byte exactly once.
 */
#include "parse.h"

const char *const blkback_site_names[BLKBACK_SITES] = {
	[BLKBACK_SITE_RING_PROD] = "ring-prod",
	[BLKBACK_SITE_OP] = "op",
	[BLKBACK_SITE_NR_SEGMENTS] = "nr-segments",
	[BLKBACK_SITE_INDIRECT_OP] = "indirect-op",
	[BLKBACK_SITE_INDIRECT_NR] = "indirect-nr",
	[BLKBACK_SITE_INDIRECT_GRANT] = "indirect-grant",
	[BLKBACK_SITE_SEGMENT] = "segment",
	[BLKBACK_SITE_SECTOR_RANGE] = "sector-range",
	[BLKBACK_SITE_READ_ONLY] = "read-only",
	[BLKBACK_SITE_DISCARD_RANGE] = "discard-range",
	[BLKBACK_SITE_GRANT] = "grant",
	[BLKBACK_SITE_KEY] = "key",
};

static int blkback_refuse(struct blkback_fault *fault, unsigned int site,
			  u64 value, u64 bound)
{
	fault->site = site;
	fault->value = value;
	fault->bound = bound;
	return BLKBACK_ERROR;
}

static bool blkback_op_has_data(u8 op)
{
	return op == BLKBACK_OP_READ || op == BLKBACK_OP_WRITE ||
	       op == BLKBACK_OP_BARRIER || op == BLKBACK_OP_FLUSH;
}

/**
 * blkback_raw_body() - the length of a request's body that is used
 * @raw: with the first four bytes filled in
 *
 * Return: bytes to fetch into @raw->body, a multiple of 4.
 */
size_t blkback_raw_body(const struct blkback_raw *raw)
{
	size_t nr = raw->b;

	if (raw->op == BLKBACK_OP_DISCARD)
		return sizeof(raw->body.discard);
	if (raw->op == BLKBACK_OP_INDIRECT)
		return sizeof(raw->body.indirect);
	if (!blkback_op_has_data(raw->op))
		return sizeof(raw->body.id);
	if (nr > BLKBACK_DIRECT_SEGS)
		nr = 0;		/* it will be refused */
	return offsetof(struct blkback_wire_rw, seg) +
	       nr * sizeof(struct blkback_wire_seg);
}

/* True if [sector, sector + nr) is within the device, without wrapping. */
static bool blkback_in_range(const struct blkback_rules *rules, u64 sector,
			     u64 nr)
{
	return sector <= rules->capacity && nr <= rules->capacity - sector;
}

static int blkback_parse_discard(const struct blkback_rules *rules,
				 const struct blkback_raw *raw,
				 struct blkback_cmd *cmd,
				 struct blkback_fault *fault)
{
	const struct blkback_wire_discard *d = &raw->body.discard;

	cmd->sector = d->sector;
	cmd->nr_sectors = d->nr_sectors;
	/* blkif.h: the flag is ignored if it was not offered. */
	cmd->secure = (raw->b & BLKBACK_FLAG_SECURE) && rules->secure;

	if (!blkback_in_range(rules, cmd->sector, cmd->nr_sectors))
		return blkback_refuse(fault, BLKBACK_SITE_DISCARD_RANGE,
				      cmd->sector, rules->capacity);
	return 0;
}

static int blkback_parse_indirect(const struct blkback_raw *raw,
				  struct blkback_cmd *cmd,
				  struct blkback_fault *fault)
{
	cmd->op = raw->b;
	if (cmd->op != BLKBACK_OP_READ && cmd->op != BLKBACK_OP_WRITE)
		return blkback_refuse(fault, BLKBACK_SITE_INDIRECT_OP, cmd->op,
				      BLKBACK_OP_WRITE);
	if (!raw->w || raw->w > BLKBACK_INDIRECT_SEGS)
		return blkback_refuse(fault, BLKBACK_SITE_INDIRECT_NR, raw->w,
				      BLKBACK_INDIRECT_SEGS);
	cmd->indirect = true;
	cmd->nr_segs = raw->w;
	cmd->sector = raw->body.indirect.sector;
	cmd->gref = raw->body.indirect.gref;
	return 0;
}

static int blkback_parse_direct(const struct blkback_raw *raw,
				struct blkback_cmd *cmd,
				struct blkback_fault *fault)
{
	bool may_be_empty = cmd->op == BLKBACK_OP_FLUSH ||
			    cmd->op == BLKBACK_OP_BARRIER;

	if (raw->b > BLKBACK_DIRECT_SEGS || (!raw->b && !may_be_empty))
		return blkback_refuse(fault, BLKBACK_SITE_NR_SEGMENTS, raw->b,
				      BLKBACK_DIRECT_SEGS);
	cmd->nr_segs = raw->b;
	cmd->sector = raw->body.rw.sector;
	return 0;
}

/**
 * blkback_parse_request() - check a request except for its segments
 * @rules: the device's rules
 * @raw:   private copy
 * @cmd:   result; @cmd->id and @cmd->op are set even for a refused request,
 *         because the response needs them
 * @fault: reason of a refusal, if @fault->site is below BLKBACK_SITES
 *
 * A flush may carry data, as with the in-tree backend: it is written after the
 * flush.
 *
 * Return: 0, or the status to answer with.
 */
int blkback_parse_request(const struct blkback_rules *rules,
			  const struct blkback_raw *raw,
			  struct blkback_cmd *cmd, struct blkback_fault *fault)
{
	int err;

	memset(cmd, 0, sizeof(*cmd));
	cmd->id = raw->body.id;
	cmd->op = raw->op;
	fault->site = BLKBACK_SITES;

	if (cmd->op == BLKBACK_OP_DISCARD) {
		if (!rules->granularity)
			return BLKBACK_EOPNOTSUPP;
		err = blkback_parse_discard(rules, raw, cmd, fault);
	} else if (cmd->op == BLKBACK_OP_INDIRECT) {
		err = blkback_parse_indirect(raw, cmd, fault);
	} else if (blkback_op_has_data(cmd->op)) {
		err = blkback_parse_direct(raw, cmd, fault);
	} else {
		blkback_refuse(fault, BLKBACK_SITE_OP, cmd->op,
			       BLKBACK_OP_INDIRECT);
		return BLKBACK_EOPNOTSUPP;
	}
	if (err)
		return err;

	if (rules->read_only && (cmd->op == BLKBACK_OP_DISCARD ||
				 (cmd->op != BLKBACK_OP_READ && cmd->nr_segs)))
		return blkback_refuse(fault, BLKBACK_SITE_READ_ONLY, cmd->op,
				      BLKBACK_OP_READ);
	return 0;
}

static bool blkback_segment_ok(const struct blkback_wire_seg *s)
{
	return s->first_sect <= s->last_sect &&
	       s->last_sect < BLKBACK_PAGE_SECTORS;
}

static bool blkback_segment_fits(const struct blkback_wire_seg *s, u32 align)
{
	u32 mask = (align < BLKBACK_PAGE_SECTORS ? align :
						   BLKBACK_PAGE_SECTORS) - 1;

	return !(s->first_sect & mask) && !((s->last_sect + 1u) & mask);
}

/**
 * blkback_parse_segments() - check segments, and the range of their sum
 * @rules: the device's rules
 * @cmd:   from blkback_parse_request(); @cmd->nr_sectors and @cmd->misfit are
 *         the result
 * @seg:   private copy of @cmd->nr_segs segments
 * @fault: reason of a refusal
 *
 * Return: 0, or the status to answer with.
 */
int blkback_parse_segments(const struct blkback_rules *rules,
			   struct blkback_cmd *cmd,
			   const struct blkback_wire_seg *seg,
			   struct blkback_fault *fault)
{
	unsigned int i;
	u64 nr = 0;

	for (i = 0; i < cmd->nr_segs; i++) {
		if (!blkback_segment_ok(&seg[i]))
			return blkback_refuse(fault, BLKBACK_SITE_SEGMENT,
					      seg[i].first_sect << 8 |
					      seg[i].last_sect,
					      BLKBACK_PAGE_SECTORS - 1);
		cmd->misfit |= !blkback_segment_fits(&seg[i], rules->align);
		nr += seg[i].last_sect - seg[i].first_sect + 1;
	}
	cmd->nr_sectors = nr;

	/* A flush without data has no sector. */
	if (nr && (((cmd->sector | nr) & (rules->block - 1)) ||
		   !blkback_in_range(rules, cmd->sector, nr)))
		return blkback_refuse(fault, BLKBACK_SITE_SECTOR_RANGE,
				      cmd->sector, rules->capacity);
	return 0;
}

/*
 * The smallest unit boundary at or above @sector, but not above @sector +
 * granularity.
 */
static u64 blkback_unit_up(const struct blkback_rules *rules, u64 sector)
{
	u64 gap = (rules->granularity + rules->alignment -
		   sector % rules->granularity) % rules->granularity;

	return sector + gap;
}

/**
 * blkback_parse_units() - shrink a range to whole discard units
 * @rules:      the device's rules; it offers discard
 * @sector:     start of the range, within the device
 * @nr_sectors: length; 0 if it contains no whole unit
 */
void blkback_parse_units(const struct blkback_rules *rules, u64 *sector,
			 u64 *nr_sectors)
{
	u64 end = *sector + *nr_sectors;
	u64 from = blkback_unit_up(rules, *sector);
	u64 over = (end % rules->granularity + rules->granularity -
		    rules->alignment) % rules->granularity;
	u64 to = end >= over ? end - over : 0;

	*sector = from;
	*nr_sectors = to > from ? to - from : 0;
}

static bool blkback_text_is(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && !memcmp(text, word, len);
}

/**
 * blkback_parse_abi() - the ring layout a frontend uses
 * @text:   value of its key "protocol"
 * @len:    bytes of @text
 * @native: name of this machine's own ABI
 * @own:    layout of the native ABI
 * @abi:    result
 *
 * Return: 0, or -EINVAL if this machine does not support it.
 */
int blkback_parse_abi(const char *text, size_t len, const char *native,
		      enum blkback_abi own, enum blkback_abi *abi)
{
	if (blkback_text_is(text, len, native))
		*abi = own;
	else if (blkback_text_is(text, len, "x86_64-abi"))
		*abi = BLKBACK_ABI_64;
	else if (blkback_text_is(text, len, "x86_32-abi"))
		*abi = BLKBACK_ABI_32;
	else
		return -EINVAL;
	return 0;
}

static size_t blkback_parse_hex(const char *s, size_t len, u32 *val)
{
	size_t i;
	u32 v = 0;

	for (i = 0; i < len && i < 8; i++) {
		char c = s[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (u32)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (u32)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			v = v << 4 | (u32)(c - 'A' + 10);
		else
			break;
	}
	*val = v;
	return i;
}

/**
 * blkback_parse_device() - parse a device number of the hotplug scripts
 * @text:  "major:minor" in hexadecimal, perhaps with a newline
 * @len:   bytes of @text
 * @major: result
 * @minor: result
 *
 * Return: 0 or -EINVAL.
 */
int blkback_parse_device(const char *text, size_t len, u32 *major, u32 *minor)
{
	size_t n = blkback_parse_hex(text, len, major);

	if (!n || n == len || text[n] != ':')
		return -EINVAL;
	text += n + 1;
	len -= n + 1;
	n = blkback_parse_hex(text, len, minor);
	if (!n)
		return -EINVAL;
	if (n < len && text[n] == '\n')
		n++;
	if (n != len || *major > 0xfff || *minor > 0xfffff)
		return -EINVAL;
	return 0;
}
