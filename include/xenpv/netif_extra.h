/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The extra-info slots of a packet: their checks, and functions that make them.
 * Pure functions over private memory, which the unit tests compile, too.
 */
#ifndef XENPV_NETIF_EXTRA_H
#define XENPV_NETIF_EXTRA_H

#include <wire/netif.h>

/**
 * struct xpv_netif_extras - the checked extra infos of one packet
 * @seen: bit n: type n is present
 * @nr:   number of slots they took
 * @e:    extra infos, by type
 */
struct xpv_netif_extras {
	u8 seen;
	u8 nr;
	struct xpv_netif_extra e[XPV_NETIF_EXTRA_TYPES];
};

/* Result for an extra info: the last one, one more follows, or invalid. */
enum xpv_netif_take {
	XPV_NETIF_LAST,
	XPV_NETIF_MORE,
	XPV_NETIF_BAD_TYPE,	/* 0, or unknown */
	XPV_NETIF_TWICE,	/* the same type for the second time */
	XPV_NETIF_BAD_GSO,	/* segment size 0, or an unknown kind */
	/* a segment size that no TCP uses; the extra info is recorded */
	XPV_NETIF_ODD_GSO,
	XPV_NETIF_BAD_HASH,	/* unknown type or algorithm */
	XPV_NETIF_BAD_XDP,	/* headroom out of bounds */
};

static inline void xpv_netif_extras_init(struct xpv_netif_extras *x)
{
	x->seen = 0;
	x->nr = 0;
}

static inline const struct xpv_netif_extra *
xpv_netif_extra_of(const struct xpv_netif_extras *x, unsigned int type)
{
	return x->seen & 1u << type ? &x->e[type] : NULL;
}

/**
 * xpv_netif_extra_take() - check the next extra info of a packet
 * @x:     extra infos so far; initialised
 * @e:     private copy of the slot
 * @value: the invalid value, if there is one
 * @bound: the limit that @value violates
 *
 * A chain is bounded, because no type may occur twice.
 *
 * Return: XPV_NETIF_LAST, XPV_NETIF_MORE, or why the packet must be refused.
 * After XPV_NETIF_ODD_GSO the rest of the packet can still be read: @e says
 * whether one more follows.
 */
static inline enum xpv_netif_take
xpv_netif_extra_take(struct xpv_netif_extras *x,
		     const struct xpv_netif_extra *e, u64 *value, u64 *bound)
{
	bool odd = false;

	*value = e->type;
	*bound = XPV_NETIF_EXTRA_TYPES - 1;
	if (!e->type || e->type >= XPV_NETIF_EXTRA_TYPES)
		return XPV_NETIF_BAD_TYPE;
	if (x->seen & 1u << e->type)
		return XPV_NETIF_TWICE;

	switch (e->type) {
	case XPV_NETIF_EXTRA_GSO:
		*value = e->u.gso.type;
		*bound = XPV_NETIF_GSO_TCPV6;
		if (e->u.gso.type != XPV_NETIF_GSO_TCPV4 &&
		    e->u.gso.type != XPV_NETIF_GSO_TCPV6)
			return XPV_NETIF_BAD_GSO;
		*value = 0;
		*bound = 1;
		if (!e->u.gso.size)
			return XPV_NETIF_BAD_GSO;
		*value = e->u.gso.size;
		odd = true;
		*bound = XPV_NETIF_GSO_SIZE_MIN;
		if (*value < *bound)
			break;
		*bound = XPV_NETIF_GSO_SIZE_MAX;
		odd = *value > *bound;
		break;
	case XPV_NETIF_EXTRA_HASH:
		*value = e->u.hash.type;
		*bound = XPV_NETIF_HASH_TYPES - 1;
		if (e->u.hash.type >= XPV_NETIF_HASH_TYPES)
			return XPV_NETIF_BAD_HASH;
		*value = e->u.hash.algorithm;
		*bound = XPV_NETIF_HASH_ALG_TOEPLITZ;
		if (e->u.hash.algorithm != XPV_NETIF_HASH_ALG_TOEPLITZ)
			return XPV_NETIF_BAD_HASH;
		break;
	case XPV_NETIF_EXTRA_XDP:
		*value = e->u.xdp.headroom;
		*bound = XPV_NETIF_XDP_HEADROOM_MAX;
		if (e->u.xdp.headroom > XPV_NETIF_XDP_HEADROOM_MAX)
			return XPV_NETIF_BAD_XDP;
		break;
	}
	x->e[e->type] = *e;
	x->seen |= 1u << e->type;
	x->nr++;
	if (odd)
		return XPV_NETIF_ODD_GSO;
	return e->flags & XPV_NETIF_EXTRA_MORE ? XPV_NETIF_MORE :
						 XPV_NETIF_LAST;
}

static inline struct xpv_netif_extra
xpv_netif_extra_gso(unsigned int kind, u16 size)
{
	struct xpv_netif_extra e = { .type = XPV_NETIF_EXTRA_GSO };

	e.u.gso.size = size;
	e.u.gso.type = kind;
	return e;
}

static inline struct xpv_netif_extra
xpv_netif_extra_mcast(bool add, const u8 *addr)
{
	struct xpv_netif_extra e = {
		.type = add ? XPV_NETIF_EXTRA_MCAST_ADD :
			      XPV_NETIF_EXTRA_MCAST_DEL,
	};

	memcpy(e.u.mcast, addr, sizeof(e.u.mcast));
	return e;
}

static inline struct xpv_netif_extra
xpv_netif_extra_hash(unsigned int type, u32 hash)
{
	struct xpv_netif_extra e = { .type = XPV_NETIF_EXTRA_HASH };

	e.u.hash.type = type;
	e.u.hash.algorithm = XPV_NETIF_HASH_ALG_TOEPLITZ;
	e.u.hash.value[0] = hash;
	e.u.hash.value[1] = hash >> 8;
	e.u.hash.value[2] = hash >> 16;
	e.u.hash.value[3] = hash >> 24;
	return e;
}

static inline u32 xpv_netif_hash_value(const struct xpv_netif_extra *e)
{
	return e->u.hash.value[0] | (u32)e->u.hash.value[1] << 8 |
	       (u32)e->u.hash.value[2] << 16 | (u32)e->u.hash.value[3] << 24;
}

static inline struct xpv_netif_extra xpv_netif_extra_xdp(u16 headroom)
{
	struct xpv_netif_extra e = { .type = XPV_NETIF_EXTRA_XDP };

	e.u.xdp.headroom = headroom;
	return e;
}

#endif
