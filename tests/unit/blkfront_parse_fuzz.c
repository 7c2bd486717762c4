// SPDX-License-Identifier: GPL-2.0-only
/* Whatever gets through is within what the driver builds on. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../blkfront/parse.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

static void one_vdev(u32 vdev)
{
	struct blkfront_name name;
	size_t len;

	if (blkfront_parse_vdev(vdev, &name))
		return;
	len = strnlen(name.disk, sizeof(name.disk));
	must(len >= 4 && len < sizeof(name.disk));
	must(!memcmp(name.disk, "xvd", 3));
	must(name.nr == 1 || name.nr == 16 || name.nr == 256);
	must(name.first + name.nr <= 1 << 20);
	must(name.nr == 1 || name.first % name.nr == 0);
}

static void one_id(u64 id, u32 nr, u32 depth)
{
	u32 queue, tag;

	if (blkfront_parse_id(id, nr, depth, &queue, &tag))
		return;
	must(queue < nr && tag < depth);
	must(blkfront_parse_make_id(queue, tag) == id);
}

static void one_serial(const char *text, u32 len)
{
	char serial[BLKFRONT_SERIAL + 1];

	blkfront_parse_serial(text, len, serial);
	must(strlen(serial) <= BLKFRONT_SERIAL);
	must(!strpbrk(serial, "/\\ \t\n\"'$`"));
}

static void one_set(const struct blkfront_keys *keys, u32 max)
{
	struct blkfront_features f;
	struct blkfront_bad bad;
	u32 ignored;

	if (blkfront_parse_keys(keys, max, &f, &bad, &ignored)) {
		must(bad.key < BLKFRONT_NR_KEYS);
		must(blkfront_key_name(bad.key) != NULL);
		return;
	}
	must(f.block_size >= 512 && f.block_size <= 4096);
	must(!(f.block_size & (f.block_size - 1)));
	must(f.physical >= f.block_size);
	must(!(f.physical & (f.physical - 1)));
	must(f.sectors <= BLKFRONT_MAX_SECTORS);
	must(f.sectors * 512 % f.block_size == 0);
	must(f.segs >= 11 && f.segs <= BLKFRONT_MAX_SEGS);
	must(f.segs == 11 || f.segs <= max);
	must(blkfront_parse_indirect_pages(f.segs) <= 8);
	must(!(f.info & ~7U));
	must(!f.granularity || f.granularity % f.block_size == 0);
	must(!f.granularity || f.alignment < f.granularity);
	must(f.granularity || !f.secure);
	must(ignored < 1U << BLKFRONT_NR_KEYS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct {
		u32 vdev;
		u32 max;
		u64 id;
		struct blkfront_keys keys;
	} in;
	int i;

	memset(&in, 0, sizeof(in));
	memcpy(&in, data, size < sizeof(in) ? size : sizeof(in));
	for (i = 0; i < BLKFRONT_NR_KEYS; i++)
		in.keys.found[i] %= 3;
	one_vdev(in.vdev);
	one_id(in.id, in.max % 64 + 1, in.vdev % 1024 + 1);
	one_set(&in.keys, in.max);
	blkfront_parse_status(in.id);
	one_serial((const char *)data, size);
	return 0;
}
