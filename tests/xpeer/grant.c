// SPDX-License-Identifier: GPL-2.0-only
/* Grants over /dev/xen/gntalloc and /dev/xen/gntdev. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi.h"
#include "grant.h"
#include "xpeer.h"

#define GNTALLOC_LIMIT	"/sys/module/xen_gntalloc/parameters/limit"
#define WANTED_LIMIT	"8192\n"

/* One file each for the life of the process: its end frees everything. */
static int alloc_fd = -1, map_fd = -1;

static int open_once(int *fd, const char *path)
{
	if (*fd < 0)
		*fd = open(path, O_RDWR | O_CLOEXEC);
	return *fd < 0 ? -errno : 0;
}

/* The default of 1024 pages is below what a backend may keep mapped. */
static void raise_limit(void)
{
	int fd = open(GNTALLOC_LIMIT, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, WANTED_LIMIT, strlen(WANTED_LIMIT)) < 0)
		diag("%s: %s", GNTALLOC_LIMIT, strerror(errno));
	close(fd);
}

int grant_alloc(struct grant_area *a, unsigned int domid, uint32_t count, bool writable)
{
	struct gntalloc_alloc *op;
	size_t size = sizeof(*op) + count * sizeof(op->ref[0]);
	int err = open_once(&alloc_fd, "/dev/xen/gntalloc");
	void *mem;

	memset(a, 0, sizeof(*a));
	if (err)
		return err;
	op = calloc(1, size);
	a->ref = calloc(count, sizeof(a->ref[0]));
	if (!op || !a->ref) {
		free(op);
		free(a->ref);
		return -ENOMEM;
	}
	op->domid = domid;
	op->flags = writable ? GNTALLOC_WRITABLE : 0;
	op->count = count;
	err = ioctl(alloc_fd, GNTALLOC_ALLOC, op) ? -errno : 0;
	if (err == -ENOSPC) {
		raise_limit();
		err = ioctl(alloc_fd, GNTALLOC_ALLOC, op) ? -errno : 0;
	}
	if (err) {
		free(a->ref);
		a->ref = NULL;
		free(op);
		return err;
	}
	a->count = count;
	a->index = op->index;
	memcpy(a->ref, &op->ref[0], count * sizeof(a->ref[0]));
	free(op);
	mem = mmap(NULL, (size_t)count * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
		   alloc_fd, (off_t)a->index);
	if (mem == MAP_FAILED) {
		err = -errno;
		grant_free(a);
		return err;
	}
	a->mem = mem;
	madvise(mem, (size_t)count * PAGE_BYTES, MADV_DONTFORK);
	return 0;
}

void grant_give_up(struct grant_area *a)
{
	struct gntalloc_dealloc d = { .index = a->index, .count = a->count };

	if (a->given_up || !a->count)
		return;
	if (a->mem)
		munmap(a->mem, (size_t)a->count * PAGE_BYTES);
	a->mem = NULL;
	if (ioctl(alloc_fd, GNTALLOC_DEALLOC, &d))
		diag("giving up grants: %s", strerror(errno));
	a->given_up = true;
}

void grant_free(struct grant_area *a)
{
	grant_give_up(a);
	free(a->ref);
	memset(a, 0, sizeof(*a));
}

int grant_map(struct grant_map *m, unsigned int domid, const uint32_t *ref, uint32_t count,
	      bool writable)
{
	struct gntdev_map *op;
	int err = open_once(&map_fd, "/dev/xen/gntdev");
	void *mem;

	memset(m, 0, sizeof(*m));
	if (err)
		return err;
	op = calloc(1, sizeof(*op) + count * sizeof(op->ref[0]));
	if (!op)
		return -ENOMEM;
	op->count = count;
	for (uint32_t i = 0; i < count; i++)
		op->ref[i] = (struct gntdev_ref){ .domid = domid, .ref = ref[i] };
	err = ioctl(map_fd, GNTDEV_MAP, op) ? -errno : 0;
	m->index = op->index;
	free(op);
	if (err)
		return err;
	m->count = count;
	mem = mmap(NULL, (size_t)count * PAGE_BYTES, PROT_READ | (writable ? PROT_WRITE : 0),
		   MAP_SHARED, map_fd, (off_t)m->index);
	if (mem == MAP_FAILED) {
		err = -errno;
		grant_unmap(m);
		return err;
	}
	m->mem = mem;
	madvise(mem, (size_t)count * PAGE_BYTES, MADV_DONTFORK);
	return 0;
}

void grant_unmap(struct grant_map *m)
{
	struct gntdev_unmap u = { .index = m->index, .count = m->count };

	if (!m->count)
		return;
	if (m->mem)
		munmap(m->mem, (size_t)m->count * PAGE_BYTES);
	if (ioctl(map_fd, GNTDEV_UNMAP, &u))
		diag("unmapping grants: %s", strerror(errno));
	memset(m, 0, sizeof(*m));
}

int grant_copy(unsigned int domid, const struct grant_piece *piece, unsigned int nr,
	       bool to_ref)
{
	struct gntdev_copy_segment seg[64];
	int err = open_once(&map_fd, "/dev/xen/gntdev");

	while (nr && !err) {
		unsigned int n = nr < ARRAY_SIZE(seg) ? nr : ARRAY_SIZE(seg);
		struct gntdev_copy op = { .count = n, .segments = seg };

		memset(seg, 0, sizeof(seg));
		for (unsigned int i = 0; i < n; i++) {
			union gntdev_copy_end *near = to_ref ? &seg[i].source : &seg[i].dest;
			union gntdev_copy_end *far = to_ref ? &seg[i].dest : &seg[i].source;

			near->virt = piece[i].buf;
			far->foreign.ref = piece[i].ref;
			far->foreign.offset = piece[i].offset;
			far->foreign.domid = (uint16_t)domid;
			seg[i].len = piece[i].len;
			seg[i].flags = to_ref ? GNTCOPY_DEST_REF : GNTCOPY_SOURCE_REF;
		}
		if (ioctl(map_fd, GNTDEV_COPY, &op))
			return -errno;
		for (unsigned int i = 0; i < n; i++)
			if (seg[i].status)
				err = -EFAULT;
		piece += n;
		nr -= n;
	}
	return err;
}
