/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A shared ring of which only the header's layout and the size of an entry are known, so that
 * one code serves every protocol and every ABI of it. The canonical ring.h makes a type per
 * protocol; here indices are meant to be set to nonsense, which wants plain numbers.
 */
#ifndef XPEER_RING_H
#define XPEER_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Offsets in the shared header. */
enum ring_index {
	RING_REQ_PROD	= 0,
	RING_REQ_EVENT	= 4,
	RING_RSP_PROD	= 8,
	RING_RSP_EVENT	= 12,
	RING_HEADER	= 64,
};

struct ring {
	uint8_t		*mem;
	uint32_t	nr;		/* entries, a power of two */
	uint32_t	entry;		/* bytes */
	uint32_t	req_prod;	/* private producer of the frontend */
	uint32_t	rsp_cons;
	uint32_t	req_cons;	/* private consumer of the backend */
	uint32_t	rsp_prod;
};

static inline uint32_t ring_get(const struct ring *r, enum ring_index i)
{
	return __atomic_load_n((uint32_t *)(r->mem + i), __ATOMIC_SEQ_CST);
}

static inline void ring_set(struct ring *r, enum ring_index i, uint32_t v)
{
	__atomic_store_n((uint32_t *)(r->mem + i), v, __ATOMIC_SEQ_CST);
}

static inline void *ring_slot(const struct ring *r, uint32_t index)
{
	return r->mem + RING_HEADER + (size_t)(index & (r->nr - 1)) * r->entry;
}

static inline uint32_t ring_entries(uint32_t bytes, uint32_t entry)
{
	uint32_t nr = 1;

	while (nr * 2 <= (bytes - RING_HEADER) / entry)
		nr *= 2;
	return nr;
}

static inline void ring_attach(struct ring *r, void *mem, uint32_t bytes, uint32_t entry)
{
	memset(r, 0, sizeof(*r));
	r->mem = mem;
	r->entry = entry;
	r->nr = ring_entries(bytes, entry);
}

/* The frontend prepares the shared part, before it tells anybody of it. */
static inline void ring_format(struct ring *r)
{
	memset(r->mem, 0, RING_HEADER);
	ring_set(r, RING_REQ_EVENT, 1);
	ring_set(r, RING_RSP_EVENT, 1);
}

/* Publish up to @prod; does the other side want an event for it? */
static inline bool ring_push(struct ring *r, enum ring_index prod, enum ring_index event,
			     uint32_t new)
{
	uint32_t old = ring_get(r, prod);

	ring_set(r, prod, new);
	return new - ring_get(r, event) < new - old;
}

static inline bool ring_push_requests(struct ring *r)
{
	return ring_push(r, RING_REQ_PROD, RING_REQ_EVENT, r->req_prod);
}

static inline bool ring_push_responses(struct ring *r)
{
	return ring_push(r, RING_RSP_PROD, RING_RSP_EVENT, r->rsp_prod);
}

static inline bool ring_has_responses(struct ring *r)
{
	if (ring_get(r, RING_RSP_PROD) != r->rsp_cons)
		return true;
	ring_set(r, RING_RSP_EVENT, r->rsp_cons + 1);
	return ring_get(r, RING_RSP_PROD) != r->rsp_cons;
}

static inline bool ring_has_requests(struct ring *r)
{
	if (ring_get(r, RING_REQ_PROD) != r->req_cons)
		return true;
	ring_set(r, RING_REQ_EVENT, r->req_cons + 1);
	return ring_get(r, RING_REQ_PROD) != r->req_cons;
}

static inline bool ring_full(const struct ring *r)
{
	return r->req_prod - r->rsp_cons >= r->nr;
}

/* ring.c: a producer index that makes no sense, now that nothing is on its way. */
enum bad_prod {
	PROD_OVER,	/* one more than the ring holds */
	PROD_BACK,	/* behind what was consumed already */
	PROD_FAR,	/* half the number space away */
	PROD_RANDOM,
	PROD_EARLY,	/* one response more than requests are there */
	BAD_PRODS,
};

uint32_t ring_bad_rsp_prod(const struct ring *r, enum bad_prod how, uint64_t seed);
uint32_t ring_bad_req_prod(const struct ring *r, enum bad_prod how, uint64_t seed);

#endif
