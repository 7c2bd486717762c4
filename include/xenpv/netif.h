/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The network protocol as both ends see it: wire formats, limits, and the
 * checks of extra-info slots. Pure functions over private memory, which the
 * unit tests compile, too. Functions that need an skb are in
 * <xenpv/netif_skb.h>, which also compares these definitions with the kernel's
 * xen/interface/io/netif.h.
 */
#ifndef XENPV_NETIF_H
#define XENPV_NETIF_H

#include <xenpv/types.h>

/* Sizes and limits. Both rings are one page: 256 entries. */
#define XPV_NETIF_PAGE_BYTES	4096
#define XPV_NETIF_RING_ENTRIES	256
#define XPV_NETIF_TX_ENTRY	12
#define XPV_NETIF_RX_ENTRY	8
#define XPV_NETIF_CTRL_ENTRY	16
/*
 * Data slots that a backend must accept from any frontend, and the least number
 * that a frontend must accept from any backend.
 */
#define XPV_NETIF_SLOTS_MIN	18
#define XPV_NETIF_MAX_PACKET	0xffff
/* A 64 KiB packet may start and end within a page. */
#define XPV_NETIF_RX_SLOTS_MAX	(XPV_NETIF_MAX_PACKET / XPV_NETIF_PAGE_BYTES + 2)
#define XPV_NETIF_ETH_HLEN	14
#define XPV_NETIF_MTU_MIN	68
#define XPV_NETIF_MTU_DEFAULT	1500
#define XPV_NETIF_MTU_MAX	(XPV_NETIF_MAX_PACKET - XPV_NETIF_ETH_HLEN - 4)
#define XPV_NETIF_XDP_HEADROOM_MAX	0x7fff

/* Flags of transmit requests, guest to backend. */
#define XPV_NETIF_TX_CSUM_BLANK		0x1
#define XPV_NETIF_TX_DATA_VALIDATED	0x2
#define XPV_NETIF_TX_MORE_DATA		0x4
#define XPV_NETIF_TX_EXTRA_INFO		0x8

/*
 * Flags of receive responses, backend to guest: the first two values are
 * swapped.
 */
#define XPV_NETIF_RX_DATA_VALIDATED	0x1
#define XPV_NETIF_RX_CSUM_BLANK		0x2
#define XPV_NETIF_RX_MORE_DATA		0x4
#define XPV_NETIF_RX_EXTRA_INFO		0x8

/*
 * Status of transmit responses; the negative values also in receive responses.
 */
enum {
	XPV_NETIF_RSP_DROPPED = -2,
	XPV_NETIF_RSP_ERROR = -1,
	XPV_NETIF_RSP_OKAY = 0,
	XPV_NETIF_RSP_NULL = 1,		/* the slot held an extra info */
};

/* Types of extra info. */
enum {
	XPV_NETIF_EXTRA_GSO = 1,
	XPV_NETIF_EXTRA_MCAST_ADD = 2,
	XPV_NETIF_EXTRA_MCAST_DEL = 3,
	XPV_NETIF_EXTRA_HASH = 4,
	XPV_NETIF_EXTRA_XDP = 5,
	XPV_NETIF_EXTRA_TYPES,		/* number of types; 0 is invalid, too */
};

#define XPV_NETIF_EXTRA_MORE	0x1
/* Each type at most once. */
#define XPV_NETIF_EXTRAS_MAX	(XPV_NETIF_EXTRA_TYPES - 1)

enum {
	XPV_NETIF_GSO_NONE = 0,
	XPV_NETIF_GSO_TCPV4 = 1,
	XPV_NETIF_GSO_TCPV6 = 2,
};

/*
 * Bytes of a segment. The minimum is what Linux's TCP may use (48, less 40 of
 * options): a smaller size turns one packet into a storm of segments. Linux
 * uses the value with all 16 bits set, GSO_BY_FRAGS, for segments that are
 * fragments.
 */
#define XPV_NETIF_GSO_SIZE_MIN	8
#define XPV_NETIF_GSO_SIZE_MAX	0xfffe

/* Hash types: bit numbers in extra info, bits in control messages. */
enum {
	XPV_NETIF_HASH_IPV4 = 0,
	XPV_NETIF_HASH_IPV4_TCP = 1,
	XPV_NETIF_HASH_IPV6 = 2,
	XPV_NETIF_HASH_IPV6_TCP = 3,
	XPV_NETIF_HASH_TYPES,
};

#define XPV_NETIF_HASH_FLAGS	((1u << XPV_NETIF_HASH_TYPES) - 1)

enum {
	XPV_NETIF_HASH_ALG_NONE = 0,
	XPV_NETIF_HASH_ALG_TOEPLITZ = 1,
};

/* Control messages. */
enum {
	XPV_NETIF_CTRL_GET_HASH_FLAGS = 1,
	XPV_NETIF_CTRL_SET_HASH_FLAGS = 2,
	XPV_NETIF_CTRL_SET_HASH_KEY = 3,
	XPV_NETIF_CTRL_GET_MAPPING_SIZE = 4,
	XPV_NETIF_CTRL_SET_MAPPING_SIZE = 5,
	XPV_NETIF_CTRL_SET_MAPPING = 6,
	XPV_NETIF_CTRL_SET_HASH_ALG = 7,
	XPV_NETIF_CTRL_GET_GREF_SIZE = 8,
	XPV_NETIF_CTRL_ADD_GREFS = 9,
	XPV_NETIF_CTRL_DEL_GREFS = 10,
};

enum {
	XPV_NETIF_CTRL_SUCCESS = 0,
	XPV_NETIF_CTRL_NOT_SUPPORTED = 1,
	XPV_NETIF_CTRL_INVALID = 2,
	XPV_NETIF_CTRL_OVERFLOW = 3,
};

/* Slots. A transmit entry has 12 bytes, of which responses and extras use
 * fewer; a receive entry has 8.
 */
struct xpv_netif_tx_req {
	u32 gref;
	u16 offset;
	u16 flags;
	u16 id;
	/* bytes of the packet in the first slot, else of the slot */
	u16 size;
};

struct xpv_netif_tx_rsp {
	u16 id;
	s16 status;
};

struct xpv_netif_rx_req {
	u16 id;
	u16 pad;
	u32 gref;
};

struct xpv_netif_rx_rsp {
	u16 id;
	u16 offset;
	u16 flags;
	s16 status;	/* bytes, or XPV_NETIF_RSP_* if negative */
};

struct xpv_netif_extra {
	u8 type;
	u8 flags;
	union {
		struct {
			u16 size;
			u8 type;
			u8 pad;
			u16 features;
		} gso;
		u8 mcast[6];
		struct {
			u8 type;
			u8 algorithm;
			u8 value[4];	/* least significant byte first */
		} hash;
		struct {
			u16 headroom;
			u16 pad[2];
		} xdp;
	} u;
};

struct xpv_netif_ctrl_req {
	u16 id;
	u16 type;
	u32 data[3];
};

struct xpv_netif_ctrl_rsp {
	u16 id;
	u16 type;
	u32 status;
	u32 data;
};

/* An entry of the lists of XPV_NETIF_CTRL_ADD_GREFS and _DEL_GREFS. */
struct xpv_netif_gref {
	u32 ref;
	u16 flags;
	u16 status;	/* XPV_NETIF_CTRL_*, written by the backend for _DEL_GREFS */
};

#define XPV_NETIF_GREF_READONLY	0x1

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

/* State of a checksum, as the flags of either direction tell it. */
enum xpv_netif_csum {
	XPV_NETIF_CSUM_NONE,	/* not checked: complete and unverified */
	/* verified, or the data never left this machine */
	XPV_NETIF_CSUM_GOOD,
	XPV_NETIF_CSUM_BLANK,	/* pseudo header only: still to be filled in */
};

static inline enum xpv_netif_csum xpv_netif_tx_csum(u16 flags)
{
	if (flags & XPV_NETIF_TX_CSUM_BLANK)
		return XPV_NETIF_CSUM_BLANK;
	return flags & XPV_NETIF_TX_DATA_VALIDATED ? XPV_NETIF_CSUM_GOOD :
						     XPV_NETIF_CSUM_NONE;
}

static inline enum xpv_netif_csum xpv_netif_rx_csum(u16 flags)
{
	if (flags & XPV_NETIF_RX_CSUM_BLANK)
		return XPV_NETIF_CSUM_BLANK;
	return flags & XPV_NETIF_RX_DATA_VALIDATED ? XPV_NETIF_CSUM_GOOD :
						     XPV_NETIF_CSUM_NONE;
}

/* A blank checksum of local data counts as verified, too: set both flags. */
static inline u16 xpv_netif_tx_csum_flags(enum xpv_netif_csum csum)
{
	switch (csum) {
	case XPV_NETIF_CSUM_BLANK:
		return XPV_NETIF_TX_CSUM_BLANK | XPV_NETIF_TX_DATA_VALIDATED;
	case XPV_NETIF_CSUM_GOOD:
		return XPV_NETIF_TX_DATA_VALIDATED;
	default:
		return 0;
	}
}

static inline u16 xpv_netif_rx_csum_flags(enum xpv_netif_csum csum)
{
	switch (csum) {
	case XPV_NETIF_CSUM_BLANK:
		return XPV_NETIF_RX_CSUM_BLANK | XPV_NETIF_RX_DATA_VALIDATED;
	case XPV_NETIF_CSUM_GOOD:
		return XPV_NETIF_RX_DATA_VALIDATED;
	default:
		return 0;
	}
}

/**
 * xpv_netif_pieces() - count the pages that a range of memory touches
 * @offset: offset of its first byte in a page or compound page
 * @len:    bytes
 *
 * Return: ring slots that the range takes, 0 if @len is 0.
 */
static inline unsigned int xpv_netif_pieces(unsigned long offset,
					    unsigned long len)
{
	if (!len)
		return 0;
	offset %= XPV_NETIF_PAGE_BYTES;
	return (offset + len + XPV_NETIF_PAGE_BYTES - 1) / XPV_NETIF_PAGE_BYTES;
}

#endif
