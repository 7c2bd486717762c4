/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two halves of a shared ring.
 *
 * The layout is that of DEFINE_RING_TYPES() in xen/include/public/io/ring.h: a
 * 64-byte header with four free-running indices, then 2^n entries, each large
 * enough for a request and for the response that replaces it. Here the entry
 * size is a field, so that one set of functions serves every protocol and both
 * guest word sizes. Shared memory is only accessed through <xenpv/peer.h>.
 *
 * None of these functions takes a lock: a ring half belongs to one queue, whose
 * lock or single thread serialises the calls.
 */
#ifndef XENPV_RING_H
#define XENPV_RING_H

#include <linux/build_bug.h>
#include <linux/log2.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <xenpv/peer.h>

/**
 * struct xpv_sring - the header of the shared page(s), ABI
 * @req_prod:  requests published by the frontend
 * @req_event: the backend wants an event when @req_prod passes this
 * @rsp_prod:  responses published by the backend
 * @rsp_event: the frontend wants an event when @rsp_prod passes this
 * @pad:       reserved
 * @entries:   the ring
 */
struct xpv_sring {
	u32 req_prod;
	u32 req_event;
	u32 rsp_prod;
	u32 rsp_event;
	u8 pad[48];
	u8 entries[];
};

static_assert(sizeof(struct xpv_sring) == 64);

/**
 * struct xpv_ring - private half of a ring, front or back
 * @sring: shared page(s), NULL while disconnected
 * @prod:  index behind the last entry produced, perhaps not published yet
 * @pub:   index published last
 * @cons:  index of the next entry to consume
 * @size:  entries, a power of two
 * @esize: bytes of one entry
 */
struct xpv_ring {
	struct xpv_sring __peer *sring;
	u32 prod;
	u32 pub;
	u32 cons;
	u32 size;
	u32 esize;
};

/* Entries of @esize bytes that fit into @bytes of shared memory. */
static inline u32 xpv_ring_entries(size_t bytes, u32 esize)
{
	return rounddown_pow_of_two((bytes - sizeof(struct xpv_sring)) / esize);
}

static inline void xpv_ring_attach(struct xpv_ring *r, void *shared,
				   size_t bytes, u32 esize)
{
	r->sring = (struct xpv_sring __peer __force *)shared;
	r->esize = esize;
	r->size = xpv_ring_entries(bytes, esize);
	r->prod = 0;
	r->pub = 0;
	r->cons = 0;
}

/*
 * Only the frontend, which owns the memory, does this, before it grants the
 * pages.
 */
static inline void xpv_sring_init(void *shared)
{
	struct xpv_sring *s = shared;

	memset(s, 0, sizeof(*s));
	s->req_event = 1;
	s->rsp_event = 1;
}

static __always_inline void __peer *xpv_ring_entry(const struct xpv_ring *r,
						   u32 idx)
{
	return r->sring->entries + (idx & (r->size - 1)) * r->esize;
}

/*
 * Requests that the frontend can produce before it would overwrite responses.
 */
static inline u32 xpv_front_free(const struct xpv_ring *r)
{
	return r->size - (r->prod - r->cons);
}

/**
 * xpv_front_pending() - count the responses to consume
 * @r: front half
 * @n: result: number of responses from r->cons on
 *
 * Return: false if the backend's index is impossible: more responses than
 * requests published. @n is then the claimed number.
 */
static inline bool xpv_front_pending(const struct xpv_ring *r, u32 *n)
{
	*n = xpv_peer_read32(&r->sring->rsp_prod) - r->cons;
	virt_rmb();	/* read responses only after the index that covers them */
	return *n <= r->pub - r->cons;
}

/**
 * xpv_back_pending() - count the requests to consume
 * @r: back half; r->prod counts responses
 * @n: result: number of requests from r->cons on
 *
 * Return: false if the frontend's index is impossible: more requests than the
 * ring holds besides those without a response. @n is then the claimed number.
 */
static inline bool xpv_back_pending(const struct xpv_ring *r, u32 *n)
{
	u32 prod = xpv_peer_read32(&r->sring->req_prod);

	*n = prod - r->cons;
	virt_rmb();	/* read requests only after the index that covers them */
	return prod - r->prod <= r->size && *n <= r->size;
}

/* Publish the produced entries; true if the peer asked for an event. */
static inline bool xpv_ring_publish(struct xpv_ring *r, u32 __peer *prod,
				    u32 __peer *event)
{
	u32 old = r->pub;

	r->pub = r->prod;
	virt_wmb();	/* entries before the index that covers them */
	xpv_peer_write32(prod, r->prod);
	/* publish the index before the peer's event index is read */
	virt_mb();
	return r->prod - xpv_peer_read32(event) < r->prod - old;
}

static inline bool xpv_front_publish(struct xpv_ring *r)
{
	return xpv_ring_publish(r, &r->sring->req_prod, &r->sring->req_event);
}

static inline bool xpv_back_publish(struct xpv_ring *r)
{
	return xpv_ring_publish(r, &r->sring->rsp_prod, &r->sring->rsp_event);
}

/**
 * xpv_front_arm() - ask for an event at the next response
 * @r: front half
 *
 * Return: true if a response came in meanwhile. The caller must consume again,
 * because no event will be sent for it.
 */
static inline bool xpv_front_arm(struct xpv_ring *r)
{
	xpv_peer_write32(&r->sring->rsp_event, r->cons + 1);
	virt_mb();	/* publish the event index before the last check */
	return xpv_peer_read32(&r->sring->rsp_prod) != r->cons;
}

/**
 * xpv_front_arm_at() - ask for an event at a later response
 * @r:  front half
 * @at: number of responses behind r->cons after which the event is sent, from 1
 *      to the number of requests in flight
 *
 * Return: true if that response is already there: no event will be sent for it.
 */
static inline bool xpv_front_arm_at(struct xpv_ring *r, u32 at)
{
	xpv_peer_write32(&r->sring->rsp_event, at);
	virt_mb();	/* publish the event index before the last check */
	return (int)(xpv_peer_read32(&r->sring->rsp_prod) - at) >= 0;
}

/**
 * xpv_front_disarm() - ask for no event
 * @r: front half
 *
 * One event may still come, for responses that the backend is publishing now.
 */
static inline void xpv_front_disarm(struct xpv_ring *r)
{
	xpv_peer_write32(&r->sring->rsp_event, r->cons);
}

/* The same for a backend: ask for an event at the next request. */
static inline bool xpv_back_arm(struct xpv_ring *r)
{
	xpv_peer_write32(&r->sring->req_event, r->cons + 1);
	virt_mb();	/* publish the event index before the last check */
	return xpv_peer_read32(&r->sring->req_prod) != r->cons;
}

#endif
