/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The receive hash that a frontend sets up through the control ring: its state,
 * the messages, the Toeplitz function. Pure functions over private memory,
 * which the unit tests compile, too.
 */
#ifndef NETBACK_HASH_H
#define NETBACK_HASH_H

#include <xenpv/netif.h>

#define NETBACK_HASH_KEY	40	/* bytes */
#define NETBACK_HASH_MAPPING	128	/* entries */
#define NETBACK_HASH_INPUT	36	/* bytes: two IPv6 addresses and ports */
#define NETBACK_HASH_NIBBLES	(2 * NETBACK_HASH_INPUT)
/* Headers that a flow is read from: two VLAN tags, IPv4 with options, ports. */
#define NETBACK_FLOW_BYTES	(XPV_NETIF_ETH_HLEN + 8 + 60 + 4)

/**
 * struct netback_hash - how packets are hashed and steered
 * @alg:    XPV_NETIF_HASH_ALG_*
 * @flags:  bits of XPV_NETIF_HASH_* types
 * @key:    the rest is zero
 * @nr_map: entries of @map, 0: use the hash modulo the number of queues
 * @map:    maps a hash to a queue
 * @fast:   @lut is used
 * @lut:    contribution of each nibble of the input, for this key
 */
struct netback_hash {
	u32 alg;
	u32 flags;
	u8 key[NETBACK_HASH_KEY];
	u32 nr_map;
	u32 map[NETBACK_HASH_MAPPING];
	bool fast;
	u32 lut[NETBACK_HASH_NIBBLES][16];
};

/**
 * struct netback_flow - the fields of a packet that are hashed
 * @type: XPV_NETIF_HASH_*
 * @len:  bytes of @data
 * @data: addresses and perhaps ports
 */
struct netback_flow {
	unsigned int type;
	unsigned int len;
	u8 data[NETBACK_HASH_INPUT];
};

/* What a control message needs besides its response. */
enum netback_ctrl_do {
	NETBACK_CTRL_ANSWER,	/* nothing, or it was already applied */
	NETBACK_CTRL_KEY,	/* copy @len bytes, then netback_hash_set_key() */
	NETBACK_CTRL_MAP,	/* copy @len bytes, then netback_hash_set_map() */
	NETBACK_CTRL_REFUSE,	/* answered with an error: count it */
};

/**
 * struct netback_ctrl - a checked control message
 * @status:  XPV_NETIF_CTRL_*
 * @data:    data of the response
 * @gref:    page with the key or mapping
 * @len:     bytes of the key or mapping
 * @off:     first entry of the mapping to set
 * @changed: the state was changed
 * @value:   the invalid value
 * @bound:   the limit that it violates
 */
struct netback_ctrl {
	u32 status;
	u32 data;
	u32 gref;
	u32 len;
	u32 off;
	bool changed;
	u64 value;
	u64 bound;
};

void netback_hash_reset(struct netback_hash *h);
void netback_hash_set_key(struct netback_hash *h, const u8 *key, u32 len,
			  bool fast);
u32 netback_hash_set_map(struct netback_hash *h, const u32 *entries, u32 bytes,
			 u32 off, u32 queues, struct netback_ctrl *c);
enum netback_ctrl_do netback_ctrl_check(struct netback_hash *h,
					const struct xpv_netif_ctrl_req *req,
					struct netback_ctrl *c);
u32 netback_hash_plain(const u8 *key, const u8 *data, unsigned int len);
u32 netback_hash_value(const struct netback_hash *h,
		       const struct netback_flow *flow);
bool netback_flow_parse(u32 flags, const u8 *data, unsigned int len,
			struct netback_flow *flow);
u32 netback_hash_queue(const struct netback_hash *h, u32 hash, u32 queues);

#endif
