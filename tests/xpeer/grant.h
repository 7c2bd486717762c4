/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grants from both sides: pages of ours that a domain may map, and a domain's pages mapped or
 * copied here. All return 0 or a negative errno.
 */
#ifndef XPEER_GRANT_H
#define XPEER_GRANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pages granted by us. */
struct grant_area {
	uint8_t		*mem;
	uint32_t	*ref;		/* @count references */
	uint32_t	count;
	uint64_t	index;
	bool		given_up;	/* the references were already handed back */
};

/* Pages of somebody else. */
struct grant_map {
	uint8_t		*mem;
	uint32_t	count;
	uint64_t	index;
};

/* @count references to @domid; more than the driver's default limit are possible as root. */
int grant_alloc(struct grant_area *a, unsigned int domid, uint32_t count, bool writable);
/* Hand the references back but keep the structure: they are invalid or pending from now on. */
void grant_give_up(struct grant_area *a);
void grant_free(struct grant_area *a);

int grant_map(struct grant_map *m, unsigned int domid, const uint32_t *ref, uint32_t count,
	      bool writable);
void grant_unmap(struct grant_map *m);
/* A part of a page of somebody else's, and where its bytes are or go here. */
struct grant_piece {
	uint32_t	ref;
	uint16_t	offset, len;
	void		*buf;
};

/* Copy all pieces, @to_ref or from there; the first error ends it. */
int grant_copy(unsigned int domid, const struct grant_piece *piece, unsigned int nr,
	       bool to_ref);

#endif
