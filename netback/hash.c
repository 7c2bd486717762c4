// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receive hash: state, control messages, Toeplitz. No kernel calls, and no
 * shared memory.
 */
#include "hash.h"

/**
 * netback_hash_reset() - the initial state of every connection
 * @h: filled here
 */
void netback_hash_reset(struct netback_hash *h)
{
	memset(h, 0, sizeof(*h));
}

/* 32 bits of the key, starting with bit @bit. */
static u32 netback_key_window(const u8 *key, unsigned int bit)
{
	unsigned int i = bit / 8;
	u64 w = 0;
	unsigned int n;

	for (n = 0; n < 5; n++)
		w = w << 8 | (i + n < NETBACK_HASH_KEY ? key[i + n] : 0);
	return w >> (8 - bit % 8);
}

/**
 * netback_hash_plain() - the Toeplitz hash, computed bit by bit
 * @key:  NETBACK_HASH_KEY bytes
 * @data: input
 * @len:  bytes of @data
 *
 * Return: the hash.
 */
u32 netback_hash_plain(const u8 *key, const u8 *data, unsigned int len)
{
	unsigned int bit;
	u32 hash = 0;

	for (bit = 0; bit < len * 8; bit++) {
		if (data[bit / 8] & 0x80 >> bit % 8)
			hash ^= netback_key_window(key, bit);
	}
	return hash;
}

/* The hash is linear: the sum of the contributions of all nibbles. */
static void netback_hash_fill_lut(struct netback_hash *h)
{
	unsigned int n, v, bit;

	for (n = 0; n < NETBACK_HASH_NIBBLES; n++) {
		for (v = 0; v < 16; v++) {
			h->lut[n][v] = 0;
			for (bit = 0; bit < 4; bit++) {
				if (v & 8 >> bit)
					h->lut[n][v] ^=
						netback_key_window(h->key,
								   4 * n + bit);
			}
		}
	}
}

/**
 * netback_hash_set_key() - set a new key
 * @h:    state
 * @key:  @len bytes
 * @len:  at most NETBACK_HASH_KEY; the rest of the key is zero
 * @fast: use 4.5 KiB to hash a packet with a few loads
 */
void netback_hash_set_key(struct netback_hash *h, const u8 *key, u32 len,
			  bool fast)
{
	memset(h->key, 0, sizeof(h->key));
	memcpy(h->key, key, len);
	h->fast = fast;
	if (fast)
		netback_hash_fill_lut(h);
}

/**
 * netback_hash_set_map() - set a part of the mapping
 * @h:       state
 * @entries: private copy
 * @bytes:   bytes of @entries, from netback_ctrl_check()
 * @off:     first entry to set
 * @queues:  number of queues; each entry must be less
 * @c:       gets the reason of an error
 *
 * Return: XPV_NETIF_CTRL_*; after an error nothing has changed.
 */
u32 netback_hash_set_map(struct netback_hash *h, const u32 *entries, u32 bytes,
			 u32 off, u32 queues, struct netback_ctrl *c)
{
	u32 nr = bytes / sizeof(*entries), i;

	for (i = 0; i < nr; i++) {
		if (entries[i] < queues)
			continue;
		c->value = entries[i];
		c->bound = queues - 1;
		return XPV_NETIF_CTRL_INVALID;
	}
	memcpy(&h->map[off], entries, bytes);
	return XPV_NETIF_CTRL_SUCCESS;
}

static enum netback_ctrl_do netback_ctrl_refuse(struct netback_ctrl *c,
						u32 status, u64 value,
						u64 bound)
{
	c->status = status;
	c->value = value;
	c->bound = bound;
	return NETBACK_CTRL_REFUSE;
}

static enum netback_ctrl_do netback_ctrl_flags(struct netback_hash *h,
					       u32 flags,
					       struct netback_ctrl *c)
{
	if (h->alg == XPV_NETIF_HASH_ALG_NONE) {
		c->status = XPV_NETIF_CTRL_NOT_SUPPORTED;
		return NETBACK_CTRL_ANSWER;
	}
	if (flags & ~XPV_NETIF_HASH_FLAGS)
		return netback_ctrl_refuse(c, XPV_NETIF_CTRL_INVALID, flags,
					   XPV_NETIF_HASH_FLAGS);
	h->flags = flags;
	c->changed = true;
	return NETBACK_CTRL_ANSWER;
}

static enum netback_ctrl_do netback_ctrl_alg(struct netback_hash *h, u32 alg,
					     struct netback_ctrl *c)
{
	if (alg != XPV_NETIF_HASH_ALG_NONE &&
	    alg != XPV_NETIF_HASH_ALG_TOEPLITZ)
		return netback_ctrl_refuse(c, XPV_NETIF_CTRL_INVALID, alg,
					   XPV_NETIF_HASH_ALG_TOEPLITZ);
	h->alg = alg;
	c->changed = true;
	return NETBACK_CTRL_ANSWER;
}

static enum netback_ctrl_do
netback_ctrl_set_key(const struct xpv_netif_ctrl_req *req,
		     struct netback_ctrl *c)
{
	if (req->data[1] > NETBACK_HASH_KEY)
		return netback_ctrl_refuse(c, XPV_NETIF_CTRL_OVERFLOW,
					   req->data[1], NETBACK_HASH_KEY);
	c->gref = req->data[0];
	c->len = req->data[1];
	return NETBACK_CTRL_KEY;
}

static enum netback_ctrl_do netback_ctrl_map_size(struct netback_hash *h,
						  u32 nr,
						  struct netback_ctrl *c)
{
	if (nr > NETBACK_HASH_MAPPING)
		return netback_ctrl_refuse(c, XPV_NETIF_CTRL_INVALID, nr,
					   NETBACK_HASH_MAPPING);
	h->nr_map = nr;
	memset(h->map, 0, sizeof(h->map));
	c->changed = true;
	return NETBACK_CTRL_ANSWER;
}

/*
 * Nothing can wrap here: both values are checked against the limit separately.
 */
static enum netback_ctrl_do
netback_ctrl_set_map(const struct netback_hash *h,
		     const struct xpv_netif_ctrl_req *req,
		     struct netback_ctrl *c)
{
	u32 nr = req->data[1], off = req->data[2];

	if (nr > NETBACK_HASH_MAPPING)
		return netback_ctrl_refuse(c, XPV_NETIF_CTRL_OVERFLOW, nr,
					   NETBACK_HASH_MAPPING);
	if (off > NETBACK_HASH_MAPPING - nr)
		return netback_ctrl_refuse(c, XPV_NETIF_CTRL_OVERFLOW,
					   (u64)off + nr, NETBACK_HASH_MAPPING);
	if (off + nr > h->nr_map)
		return netback_ctrl_refuse(c, XPV_NETIF_CTRL_INVALID, off + nr,
					   h->nr_map);
	c->gref = req->data[0];
	c->len = nr * sizeof(u32);
	c->off = off;
	return NETBACK_CTRL_MAP;
}

/**
 * netback_ctrl_check() - check a control message, and apply it if it has no
 * data
 * @h:   state, changed if @c->changed
 * @req: private copy
 * @c:   result
 *
 * Return: what remains to be done, see enum netback_ctrl_do.
 */
enum netback_ctrl_do netback_ctrl_check(struct netback_hash *h,
					const struct xpv_netif_ctrl_req *req,
					struct netback_ctrl *c)
{
	memset(c, 0, sizeof(*c));
	c->status = XPV_NETIF_CTRL_SUCCESS;
	switch (req->type) {
	case XPV_NETIF_CTRL_GET_HASH_FLAGS:
		if (h->alg == XPV_NETIF_HASH_ALG_NONE)
			c->status = XPV_NETIF_CTRL_NOT_SUPPORTED;
		else
			c->data = XPV_NETIF_HASH_FLAGS;
		return NETBACK_CTRL_ANSWER;
	case XPV_NETIF_CTRL_SET_HASH_FLAGS:
		return netback_ctrl_flags(h, req->data[0], c);
	case XPV_NETIF_CTRL_SET_HASH_KEY:
		return netback_ctrl_set_key(req, c);
	case XPV_NETIF_CTRL_GET_MAPPING_SIZE:
		c->data = NETBACK_HASH_MAPPING;
		return NETBACK_CTRL_ANSWER;
	case XPV_NETIF_CTRL_SET_MAPPING_SIZE:
		return netback_ctrl_map_size(h, req->data[0], c);
	case XPV_NETIF_CTRL_SET_MAPPING:
		return netback_ctrl_set_map(h, req, c);
	case XPV_NETIF_CTRL_SET_HASH_ALG:
		return netback_ctrl_alg(h, req->data[0], c);
	case XPV_NETIF_CTRL_GET_GREF_SIZE:
	case XPV_NETIF_CTRL_ADD_GREFS:
	case XPV_NETIF_CTRL_DEL_GREFS:
		/* A frontend may legitimately ask. */
		c->status = XPV_NETIF_CTRL_NOT_SUPPORTED;
		return NETBACK_CTRL_ANSWER;
	default:
		return netback_ctrl_refuse(c, XPV_NETIF_CTRL_NOT_SUPPORTED,
					   req->type, XPV_NETIF_CTRL_DEL_GREFS);
	}
}

/**
 * netback_hash_value() - hash a flow
 * @h:    state
 * @flow: from netback_flow_parse()
 *
 * Return: the hash.
 */
u32 netback_hash_value(const struct netback_hash *h,
		       const struct netback_flow *flow)
{
	unsigned int i;
	u32 hash = 0;

	if (!h->fast)
		return netback_hash_plain(h->key, flow->data, flow->len);
	for (i = 0; i < flow->len; i++)
		hash ^= h->lut[2 * i][flow->data[i] >> 4] ^
			h->lut[2 * i + 1][flow->data[i] & 15];
	return hash;
}

static bool netback_flow_fill(struct netback_flow *flow, u32 flags,
			      unsigned int type, const u8 *addrs,
			      unsigned int len, const u8 *ports)
{
	if (ports && flags & 1u << (type + 1)) {
		type++;		/* the TCP type follows that of its protocol */
		memcpy(flow->data + len, ports, 4);
		flow->len = len + 4;
	} else if (flags & 1u << type) {
		flow->len = len;
	} else {
		return false;
	}
	memcpy(flow->data, addrs, len);
	flow->type = type;
	return true;
}

/**
 * netback_flow_parse() - find the fields of a packet to hash
 * @flags: types that the frontend wants; the one with the most fields is used
 * @data:  start of the frame, linear
 * @len:   bytes of @data, of which up to NETBACK_FLOW_BYTES are read
 * @flow:  result
 *
 * Return: false if the packet has nothing that the frontend wants hashed.
 */
bool netback_flow_parse(u32 flags, const u8 *data, unsigned int len,
			struct netback_flow *flow)
{
	unsigned int off = XPV_NETIF_ETH_HLEN, ihl, i;
	const u8 *ports = NULL;
	u16 proto;

	if (len < off)
		return false;
	proto = data[12] << 8 | data[13];
	for (i = 0; i < 2 && (proto == 0x8100 || proto == 0x88a8); i++) {
		if (off + 4 > len)
			return false;
		proto = data[off + 2] << 8 | data[off + 3];
		off += 4;
	}
	if (proto == 0x0800) {
		if (off + 20 > len)
			return false;
		ihl = (data[off] & 15) * 4;
		/* A fragment has no ports, or other fragments have none. */
		if (data[off + 9] == 6 && ihl >= 20 && off + ihl + 4 <= len &&
		    !(data[off + 6] & 0x3f) && !data[off + 7])
			ports = data + off + ihl;
		return netback_flow_fill(flow, flags, XPV_NETIF_HASH_IPV4,
					 data + off + 12, 8, ports);
	}
	if (proto == 0x86dd) {
		if (off + 40 > len)
			return false;
		if (data[off + 6] == 6 && off + 44 <= len)
			ports = data + off + 40;
		return netback_flow_fill(flow, flags, XPV_NETIF_HASH_IPV6,
					 data + off + 8, 32, ports);
	}
	return false;
}

/**
 * netback_hash_queue() - map a hash to a queue
 * @h:      state
 * @hash:   hash of the packet
 * @queues: number of queues, at least 1
 *
 * The mapping may be older than the number of queues, so its entry is checked
 * again.
 *
 * Return: index of the queue.
 */
u32 netback_hash_queue(const struct netback_hash *h, u32 hash, u32 queues)
{
	u32 queue = hash % queues;

	if (h->nr_map)
		queue = h->map[hash % h->nr_map];
	return queue < queues ? queue : 0;
}
