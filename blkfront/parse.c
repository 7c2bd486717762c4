// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of a peer's values. No kernel calls: tests/unit compiles this file,
 * too.
 */
#include "parse.h"

/* Virtual device numbers: docs/man/xen-vbd-interface(7) of Xen. */
#define VDEV_EXTENDED		0x10000000U
#define VDEV_PARTS		16	/* minors of a disk, majors 202 and SCSI */
#define VDEV_PARTS_IDE		64
#define VDEV_PARTS_EXT		256
#define VDEV_MINORBITS		20

/* Write "a".."z", "aa".., as for sd; returns the number of characters. */
static int blkfront_parse_letters(char *s, u32 disk)
{
	char rev[8];
	int n = 0, i;

	for (;;) {
		rev[n++] = 'a' + disk % 26;
		if (disk < 26)
			break;
		disk = disk / 26 - 1;
	}
	for (i = 0; i < n; i++)
		s[i] = rev[n - 1 - i];
	return n;
}

/*
 * Emulated disks get xvd names with the same index, so hda and sda both become
 * xvda. Returns -1 for a major that is no disk.
 */
static int blkfront_parse_emulated(u32 major, u32 minor, u32 *first)
{
	u32 disk = minor / VDEV_PARTS;

	switch (major) {
	case 3:			/* IDE: the partition number is ignored */
		*first = minor / VDEV_PARTS_IDE * VDEV_PARTS;
		return 0;
	case 22:
		*first = (minor / VDEV_PARTS_IDE + 2) * VDEV_PARTS;
		return 0;
	case 8:
		break;
	case 65 ... 71:
		disk += (major - 65 + 1) * 16;
		break;
	case 128 ... 135:
		disk += (major - 128 + 8) * 16;
		break;
	case BLKFRONT_MAJOR:
		break;
	default:
		return -1;
	}
	*first = disk * VDEV_PARTS + minor % VDEV_PARTS;
	return 0;
}

/**
 * blkfront_parse_is_xvd() - test for a number of the PV scheme
 * @vdev: virtual device number
 *
 * Return: false for the number of an emulated disk.
 */
bool blkfront_parse_is_xvd(u32 vdev)
{
	return vdev & VDEV_EXTENDED || vdev >> 8 == BLKFRONT_MAJOR;
}

/**
 * blkfront_parse_vdev() - convert a virtual device number to name and minors
 * @vdev: from the store
 * @name: result
 *
 * Return: 0; -ERANGE if the number is beyond the scheme; -ENODEV if it is not
 * that of a disk.
 */
int blkfront_parse_vdev(u32 vdev, struct blkfront_name *name)
{
	u32 parts = VDEV_PARTS, first, part;
	int len;

	if (vdev >> 29)
		return -ERANGE;
	if (vdev & VDEV_EXTENDED) {
		parts = VDEV_PARTS_EXT;
		first = vdev & (VDEV_EXTENDED - 1);
	} else if (blkfront_parse_emulated(vdev >> 8, vdev & 0xff, &first)) {
		return -ENODEV;
	}
	if (first >> VDEV_MINORBITS)
		return -ERANGE;

	part = first % parts;
	name->first = first;
	name->nr = part ? 1 : parts;
	memcpy(name->disk, "xvd", 3);
	len = 3 + blkfront_parse_letters(name->disk + 3, first / parts);
	if (part >= 100)
		name->disk[len++] = '0' + part / 100;
	if (part >= 10)
		name->disk[len++] = '0' + part / 10 % 10;
	if (part)
		name->disk[len++] = '0' + part % 10;
	name->disk[len] = '\0';
	return 0;
}

static bool blkfront_parse_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* The characters that may stand in the name of a link below /dev. */
static bool blkfront_parse_is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' ||
	       c == ':' || c == '+' || c == '=' || c == '@';
}

/**
 * blkfront_parse_serial() - check a serial number
 * @text:   from the store
 * @len:    its length
 * @serial: result, %BLKFRONT_SERIAL + 1 bytes; empty if there is none
 *
 * udev makes the name of a link of it. So blanks at both ends are dropped, and
 * all but letters, digits and a few signs becomes an underscore. What is too
 * long is not cut: two disks could get the same number by that.
 *
 * Return: 0, or -ERANGE if it is too long.
 */
int blkfront_parse_serial(const char *text, u32 len, char *serial)
{
	u32 i;

	serial[0] = '\0';
	while (len && blkfront_parse_is_blank(text[len - 1]))
		len--;
	while (len && blkfront_parse_is_blank(text[0])) {
		text++;
		len--;
	}
	if (len > BLKFRONT_SERIAL)
		return -ERANGE;
	for (i = 0; i < len; i++)
		serial[i] = blkfront_parse_is_plain(text[i]) ? text[i] : '_';
	serial[len] = '\0';
	return 0;
}

/**
 * blkfront_key_name() - the name of a key in the store
 * @key: the key
 *
 * Return: static string.
 */
const char *blkfront_key_name(enum blkfront_key key)
{
	static const char *const names[BLKFRONT_NR_KEYS] = {
		[BLKFRONT_KEY_SECTORS] = "sectors",
		[BLKFRONT_KEY_INFO] = "info",
		[BLKFRONT_KEY_SECTOR_SIZE] = "sector-size",
		[BLKFRONT_KEY_PHYSICAL] = "physical-sector-size",
		[BLKFRONT_KEY_REMOVABLE] = "removable",
		[BLKFRONT_KEY_BARRIER] = "feature-barrier",
		[BLKFRONT_KEY_FLUSH] = "feature-flush-cache",
		[BLKFRONT_KEY_PERSISTENT] = "feature-persistent",
		[BLKFRONT_KEY_INDIRECT] = "feature-max-indirect-segments",
		[BLKFRONT_KEY_DISCARD] = "feature-discard",
		[BLKFRONT_KEY_GRANULARITY] = "discard-granularity",
		[BLKFRONT_KEY_ALIGNMENT] = "discard-alignment",
		[BLKFRONT_KEY_SECURE] = "discard-secure",
	};

	return names[key];
}

static bool blkfront_parse_pow2(u64 v)
{
	return v && !(v & (v - 1));
}

/* A mandatory key; @missing is the default if it may be absent. */
static int blkfront_parse_need(const struct blkfront_keys *keys,
			       struct blkfront_bad *bad, u64 missing, u64 *val)
{
	*val = missing;
	if (keys->found[bad->key] == XPV_FOUND_NOTHING &&
	    missing >= bad->min && missing <= bad->max)
		return 0;
	if (keys->found[bad->key] != XPV_FOUND_NUMBER)
		return -EINVAL;
	*val = keys->val[bad->key];
	return *val < bad->min || *val > bad->max ? -ERANGE : 0;
}

/* An optional feature; an invalid value counts as none and sets @ignored. */
static u64 blkfront_parse_offer(const struct blkfront_keys *keys,
				enum blkfront_key key, u64 max, u32 *ignored)
{
	if (keys->found[key] == XPV_FOUND_NOTHING)
		return 0;
	if (keys->found[key] == XPV_FOUND_NUMBER && keys->val[key] <= max)
		return keys->val[key];
	*ignored |= 1U << key;
	return 0;
}

static void blkfront_parse_discard(const struct blkfront_keys *keys,
				   struct blkfront_features *features, u32 *ignored)
{
	const u64 max = (u32)~0U - (BLKFRONT_SECTOR - 1);
	u32 seen = *ignored;
	u64 gran, align;

	if (blkfront_parse_offer(keys, BLKFRONT_KEY_DISCARD, 1, ignored) != 1)
		return;

	gran = blkfront_parse_offer(keys, BLKFRONT_KEY_GRANULARITY, max,
				    ignored);
	align = blkfront_parse_offer(keys, BLKFRONT_KEY_ALIGNMENT, max,
				     ignored);
	if (*ignored != seen)
		return;
	/* Without a granularity, or with 0, use the physical block. */
	if (!gran)
		gran = features->physical;
	if (gran < features->block_size || gran % features->block_size) {
		*ignored |= 1U << BLKFRONT_KEY_GRANULARITY;
		return;
	}
	if (align >= gran || align % BLKFRONT_SECTOR) {
		*ignored |= 1U << BLKFRONT_KEY_ALIGNMENT;
		return;
	}
	features->granularity = gran;
	features->alignment = align;
	features->secure = blkfront_parse_offer(keys, BLKFRONT_KEY_SECURE, 1,
						ignored);
}

/**
 * blkfront_parse_keys() - check all keys of a connected backend
 * @keys:         as read
 * @max_indirect: our limit of segments per request; up to
 *                BLKIF_MAX_SEGMENTS_PER_REQUEST: no indirect requests
 * @features:     result, every field is set
 * @bad:          the key that caused the error
 * @ignored:      bits (1 << key) of features with invalid values, which are not
 *                used
 *
 * Nothing of an earlier connection remains: features that this backend does not
 * offer are off.
 *
 * Return: 0, -EINVAL if a mandatory key is missing or no number, -ERANGE if it
 * is out of bounds.
 */
int blkfront_parse_keys(const struct blkfront_keys *keys, u32 max_indirect,
			struct blkfront_features *features, struct blkfront_bad *bad,
			u32 *ignored)
{
	u64 sectors, info, size, physical, segs;
	int err;

	*ignored = 0;
	memset(features, 0, sizeof(*features));

	/* a missing key counts as 0, so that it is refused */
	*bad = (struct blkfront_bad){ BLKFRONT_KEY_SECTOR_SIZE,
				      BLKFRONT_SECTOR, BLKFRONT_PAGE };
	err = blkfront_parse_need(keys, bad, BLKFRONT_SECTOR, &size);
	if (!err && !blkfront_parse_pow2(size))
		err = -ERANGE;
	if (err)
		return err;

	*bad = (struct blkfront_bad){ BLKFRONT_KEY_PHYSICAL, size, 1U << 31 };
	err = blkfront_parse_need(keys, bad, size, &physical);
	if (!err && !blkfront_parse_pow2(physical))
		err = -ERANGE;
	if (err)
		return err;

	*bad = (struct blkfront_bad){ BLKFRONT_KEY_SECTORS, 0,
				      BLKFRONT_MAX_SECTORS };
	err = blkfront_parse_need(keys, bad, ~(u64)0, &sectors);
	if (err)
		return err;

	*bad = (struct blkfront_bad){ BLKFRONT_KEY_INFO, 0, (u32)~0U };
	err = blkfront_parse_need(keys, bad, ~(u64)0, &info);
	if (err)
		return err;

	features->block_size = size;
	features->physical = physical;
	features->sectors = sectors & ~(size / BLKFRONT_SECTOR - 1);
	features->info = info & (VDISK_CDROM | VDISK_REMOVABLE | VDISK_READONLY);
	if (blkfront_parse_offer(keys, BLKFRONT_KEY_REMOVABLE, 1, ignored))
		features->info |= VDISK_REMOVABLE;
	features->barrier = blkfront_parse_offer(keys, BLKFRONT_KEY_BARRIER, 1,
						 ignored);
	features->flush = blkfront_parse_offer(keys, BLKFRONT_KEY_FLUSH, 1,
					       ignored);
	features->persistent = blkfront_parse_offer(keys,
						    BLKFRONT_KEY_PERSISTENT, 1,
						    ignored);

	/* A value beyond the protocol's limit means the limit. */
	segs = blkfront_parse_offer(keys, BLKFRONT_KEY_INDIRECT, (u32)~0U,
				    ignored);
	if (segs > max_indirect)
		segs = max_indirect;
	if (segs > BLKFRONT_MAX_SEGS)
		segs = BLKFRONT_MAX_SEGS;
	if (segs < BLKIF_MAX_SEGMENTS_PER_REQUEST)
		segs = BLKIF_MAX_SEGMENTS_PER_REQUEST;
	features->segs = segs;

	blkfront_parse_discard(keys, features, ignored);
	return 0;
}

/**
 * blkfront_parse_adapt() - fit a later backend's features to an existing disk
 * @features:   from blkfront_parse_keys(); gets the disk's block size
 * @block_size: logical block of the disk since its first backend
 *
 * The logical block of a disk does not change, because the data on the disk and
 * its users depend on it. Requests in larger blocks than a backend asks for are
 * fine; requests in smaller ones are not.
 *
 * Return: 0, or -ERANGE if the backend's blocks are larger than the disk's.
 */
int blkfront_parse_adapt(struct blkfront_features *features, u32 block_size)
{
	u64 gran = features->granularity;

	if (features->block_size > block_size)
		return -ERANGE;
	features->block_size = block_size;
	if (features->physical < block_size)
		features->physical = block_size;
	features->sectors &= ~((u64)block_size / BLKFRONT_SECTOR - 1);
	/* Terminates: @block_size is a power of two. */
	while (gran % block_size)
		gran *= 2;
	if (gran > (u32)~0U) {
		gran = 0;
		features->secure = false;
		features->alignment = 0;
	}
	features->granularity = gran;
	return 0;
}

/**
 * blkfront_parse_indirect_pages() - pages of descriptors that a request needs
 * @segs: its segments, 0..BLKFRONT_MAX_SEGS
 *
 * Return: number of pages; 0 if the request is a direct one.
 */
u32 blkfront_parse_indirect_pages(u32 segs)
{
	if (segs <= BLKIF_MAX_SEGMENTS_PER_REQUEST)
		return 0;
	return (segs + BLKFRONT_SEGS_PER_PAGE - 1) / BLKFRONT_SEGS_PER_PAGE;
}

/**
 * blkfront_parse_make_id() - build a request's id on the ring
 * @queue: hardware queue
 * @tag:   tag of the request in this queue
 *
 * Return: the id.
 */
u64 blkfront_parse_make_id(u32 queue, u32 tag)
{
	return (u64)queue << 16 | tag;
}

/**
 * blkfront_parse_id() - split the id of a response into queue and tag
 * @id:        from the backend
 * @nr_queues: number of hardware queues
 * @depth:     tags of a queue, at most 65536
 * @queue:     result, < @nr_queues
 * @tag:       result, < @depth
 *
 * Return: 0, or -ERANGE if no request can have this id.
 */
int blkfront_parse_id(u64 id, u32 nr_queues, u32 depth, u32 *queue, u32 *tag)
{
	if (id >> 16 >= nr_queues || (id & 0xffff) >= depth)
		return -ERANGE;
	*queue = id >> 16;
	*tag = id & 0xffff;
	return 0;
}

/**
 * blkfront_parse_op() - check that a response's operation fits its request
 * @op:       operation of the request; of an indirect one, the operation inside
 * @indirect: the request was an indirect one
 * @got:      operation in the backend's response
 *
 * blkif.h says "copied from request", and backends differ in which operation of
 * an indirect request they copy. Both are valid.
 *
 * Return: true if it fits.
 */
bool blkfront_parse_op(u8 op, bool indirect, u8 got)
{
	return got == op || (indirect && got == BLKIF_OP_INDIRECT);
}

/**
 * blkfront_parse_status() - translate a response's status
 * @status: from the backend
 *
 * Return: its meaning.
 */
enum blkfront_status blkfront_parse_status(s16 status)
{
	switch (status) {
	case BLKIF_RSP_OKAY:
		return BLKFRONT_OKAY;
	case BLKIF_RSP_ERROR:
		return BLKFRONT_ERROR;
	case BLKIF_RSP_EOPNOTSUPP:
		return BLKFRONT_NOTSUPP;
	default:
		return BLKFRONT_NONSENSE;
	}
}
