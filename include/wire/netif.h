/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The network protocol as it is in shared memory: layouts, values and limits.
 * Both ends and the unit tests use it. <xenpv/netif_skb.h> compares these
 * definitions with the kernel's xen/interface/io/netif.h.
 */
#ifndef WIRE_NETIF_H
#define WIRE_NETIF_H

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

#endif
