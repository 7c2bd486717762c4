/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The network protocol's slots, by our own definitions; canonical.c compares them with Xen's
 * headers.
 */
#ifndef XPEER_NET_WIRE_H
#define XPEER_NET_WIRE_H

#include <stdint.h>

#define NET_RING_ENTRIES	256u
#define NET_TX_ENTRY		12u
#define NET_RX_ENTRY		8u
#define NET_CTRL_ENTRY		16u
#define NET_SLOTS		18u	/* a backend must take so many */
#define NET_MAX_FRAME		65535u

enum net_tx_flags {
	TX_CSUM_BLANK = 1, TX_VALIDATED = 2, TX_MORE = 4, TX_EXTRA = 8,
};

enum net_rx_flags {
	RX_VALIDATED = 1, RX_CSUM_BLANK = 2, RX_MORE = 4, RX_EXTRA = 8, RX_GSO_PREFIX = 16,
};

enum net_status {
	NET_DROPPED = -2, NET_ERROR = -1, NET_OKAY = 0, NET_NULL = 1,
};

enum net_extra_type {
	EXTRA_NONE, EXTRA_GSO, EXTRA_MCAST_ADD, EXTRA_MCAST_DEL, EXTRA_HASH, EXTRA_XDP,
	EXTRA_TYPES,
};

#define EXTRA_FLAG_MORE		1
#define GSO_TCPV4		1
#define GSO_TCPV6		2

struct net_tx_req {
	uint32_t gref;
	uint16_t offset, flags, id, size;
};

struct net_tx_rsp {
	uint16_t id;
	int16_t status;
};

struct net_rx_req {
	uint16_t id, pad;
	uint32_t gref;
};

struct net_rx_rsp {
	uint16_t id, offset, flags;
	int16_t status;
};

struct net_extra {
	uint8_t type, flags;
	union {
		struct {
			uint16_t size;
			uint8_t type, pad;
			uint16_t features;
		} gso;
		uint8_t mcast[6];
		struct {
			uint8_t type, algorithm, value[4];
		} hash;
		uint16_t headroom;
	} u;
};

/* A transmit slot holds either. */
union net_tx_slot {
	struct net_tx_req req;
	struct net_extra extra;
	struct net_tx_rsp rsp;
	uint8_t raw[NET_TX_ENTRY];
};

/* And so does a receive slot. */
union net_rx_slot {
	struct net_rx_req req;
	struct net_rx_rsp rsp;
	struct net_extra extra;
	uint8_t raw[NET_RX_ENTRY];
};

enum net_ctrl_type {
	CTRL_GET_HASH_FLAGS = 1, CTRL_SET_HASH_FLAGS, CTRL_SET_HASH_KEY, CTRL_GET_MAPPING_SIZE,
	CTRL_SET_MAPPING_SIZE, CTRL_SET_MAPPING, CTRL_SET_HASH_ALGORITHM, CTRL_GET_GREF_SIZE,
	CTRL_ADD_GREFS, CTRL_DEL_GREFS,
};

enum net_ctrl_status {
	CTRL_SUCCESS, CTRL_NOT_SUPPORTED, CTRL_INVALID, CTRL_OVERFLOW,
};

struct net_ctrl_req {
	uint16_t id, type;
	uint32_t data[3];
};

struct net_ctrl_rsp {
	uint16_t id, type;
	uint32_t status, data;
};

#endif
