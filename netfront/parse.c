// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of a peer's values. No kernel calls: tests/unit compiles this file,
 * too.
 */
#include "parse.h"

/**
 * netfront_key_name() - the name of a key in the store
 * @key: the key
 *
 * Return: static string.
 */
const char *netfront_key_name(enum netfront_key key)
{
	static const char *const names[NETFRONT_NR_KEYS] = {
		[NETFRONT_KEY_QUEUES] = "multi-queue-max-queues",
		[NETFRONT_KEY_RX_COPY] = "feature-rx-copy",
		[NETFRONT_KEY_SPLIT] = "feature-split-event-channels",
		[NETFRONT_KEY_SG] = "feature-sg",
		[NETFRONT_KEY_GSO4] = "feature-gso-tcpv4",
		[NETFRONT_KEY_GSO6] = "feature-gso-tcpv6",
		[NETFRONT_KEY_NO_CSUM] = "feature-no-csum-offload",
		[NETFRONT_KEY_CSUM6] = "feature-ipv6-csum-offload",
		[NETFRONT_KEY_MCAST] = "feature-multicast-control",
		[NETFRONT_KEY_MCAST_DYNAMIC] =
			"feature-dynamic-multicast-control",
		[NETFRONT_KEY_CTRL] = "feature-ctrl-ring",
		[NETFRONT_KEY_XDP] = "feature-xdp-headroom",
	};

	return names[key];
}

/* Any number but 0 is true. An invalid value is false, and is recorded. */
static bool netfront_parse_flag(const struct netfront_keys *keys,
				enum netfront_key key, u32 *ignored)
{
	if (keys->found[key] == XPV_FOUND_GARBAGE)
		*ignored |= 1U << key;
	return keys->found[key] == XPV_FOUND_NUMBER && keys->val[key];
}

/**
 * netfront_parse_keys() - check a backend's keys
 * @keys:    as read
 * @features: result
 * @ignored: result: bits of keys with invalid values, which count as not
 *           offered
 *
 * Return: false if this backend cannot be used, because it would replace our
 * pages instead of copying to them.
 */
bool netfront_parse_keys(const struct netfront_keys *keys,
			 struct netfront_features *features, u32 *ignored)
{
	u64 queues = 1;
	bool dynamic;

	*ignored = 0;
	if (keys->found[NETFRONT_KEY_QUEUES] == XPV_FOUND_NUMBER &&
	    keys->val[NETFRONT_KEY_QUEUES])
		queues = keys->val[NETFRONT_KEY_QUEUES];
	else if (keys->found[NETFRONT_KEY_QUEUES] != XPV_FOUND_NOTHING)
		*ignored |= 1U << NETFRONT_KEY_QUEUES;
	if (queues > NETFRONT_MAX_QUEUES)
		queues = NETFRONT_MAX_QUEUES;

	features->queues = queues;
	features->split = netfront_parse_flag(keys, NETFRONT_KEY_SPLIT, ignored);
	features->sg = netfront_parse_flag(keys, NETFRONT_KEY_SG, ignored);
	/* A large packet needs several slots. */
	features->gso4 = netfront_parse_flag(keys, NETFRONT_KEY_GSO4, ignored) &&
		      features->sg;
	features->gso6 = netfront_parse_flag(keys, NETFRONT_KEY_GSO6, ignored) &&
		      features->sg;
	features->csum4 = !netfront_parse_flag(keys, NETFRONT_KEY_NO_CSUM,
					       ignored);
	features->csum6 = netfront_parse_flag(keys, NETFRONT_KEY_CSUM6, ignored);
	dynamic = netfront_parse_flag(keys, NETFRONT_KEY_MCAST_DYNAMIC,
				      ignored);
	features->mcast = netfront_parse_flag(keys, NETFRONT_KEY_MCAST, ignored) &&
		       dynamic;
	features->ctrl = netfront_parse_flag(keys, NETFRONT_KEY_CTRL, ignored);
	features->xdp = netfront_parse_flag(keys, NETFRONT_KEY_XDP, ignored);
	return netfront_parse_flag(keys, NETFRONT_KEY_RX_COPY, ignored);
}

/**
 * netfront_parse_mtu() - check the MTU that the toolstack wants
 * @val: number read
 * @mtu: result, untouched on failure
 *
 * Return: false if no device can have it.
 */
bool netfront_parse_mtu(u64 val, u32 *mtu)
{
	if (val < XPV_NETIF_MTU_MIN || val > XPV_NETIF_MTU_MAX)
		return false;
	*mtu = val;
	return true;
}

/* The kind of the next response of a chain. */
enum {
	NETFRONT_FIRST,
	NETFRONT_EXTRA,
	NETFRONT_DATA,
};

/* Mark the packet as bad; only the first reason is recorded. */
static void netfront_chain_bad(struct netfront_chain *c, enum netfront_bad bad,
			       u64 value, u64 bound)
{
	if (c->bad)
		return;
	c->bad = bad;
	c->value = value;
	c->bound = bound;
}

/*
 * The in-tree backend reports room that it left for XDP before the data only by
 * an extra info: the offset is 0, and the room is included in the data.
 */
static void netfront_piece_trim(struct netfront_chain *c,
				struct netfront_piece *p)
{
	const struct xpv_netif_extra *e;
	u16 room;

	e = xpv_netif_extra_of(&c->extras, XPV_NETIF_EXTRA_XDP);
	if (!e || p->offset)
		return;
	room = e->u.xdp.headroom;
	if (p->len <= room) {
		netfront_chain_bad(c, NETFRONT_BAD_RANGE, p->len, room);
		return;
	}
	p->offset = room;
	p->len -= room;
	c->len -= room;
}

/* Maximum data slots of a packet: one more if the first one is short. */
static unsigned int netfront_chain_most(const struct netfront_chain *c)
{
	return XPV_NETIF_SLOTS_MIN + c->short_first;
}

static void netfront_feed_data(struct netfront_chain *c,
			       const struct xpv_netif_rx_rsp *rsp)
{
	unsigned int end = rsp->offset + rsp->status;
	struct netfront_piece *p;

	if (!c->nr_data)
		c->short_first = rsp->status <= NETFRONT_SHORT_FIRST;
	c->nr_data++;
	c->more = rsp->flags & XPV_NETIF_RX_MORE_DATA;
	if (c->nr_data > netfront_chain_most(c)) {
		netfront_chain_bad(c, NETFRONT_BAD_SLOTS, c->nr_data,
				   netfront_chain_most(c));
		return;
	}
	if (rsp->status < 0) {
		if (!c->failed)
			c->failed = rsp->status;
		return;
	}
	if (end > XPV_NETIF_PAGE_BYTES) {
		netfront_chain_bad(c, NETFRONT_BAD_RANGE, end,
				   XPV_NETIF_PAGE_BYTES);
		return;
	}
	if (!rsp->status)
		return;
	p = &c->piece[c->nr++];
	p->slot = c->slots - 1;
	p->offset = rsp->offset;
	p->len = rsp->status;
	c->len += p->len;
	netfront_piece_trim(c, p);
}

/* Returns true if another extra info follows. */
static bool netfront_feed_extra(struct netfront_chain *c,
				const struct xpv_netif_rx_rsp *rsp)
{
	struct xpv_netif_extra extra;
	u64 value, bound;

	memcpy(&extra, rsp, sizeof(extra));
	c->nr_extra++;
	switch (xpv_netif_extra_take(&c->extras, &extra, &value, &bound)) {
	case XPV_NETIF_LAST:
	case XPV_NETIF_MORE:
		break;
	/* the packet is good without the hash */
	case XPV_NETIF_BAD_HASH:
		c->odd_hash = true;
		break;
	default:
		netfront_chain_bad(c, NETFRONT_BAD_EXTRA, value, bound);
	}
	return extra.flags & XPV_NETIF_EXTRA_MORE;
}

static void netfront_feed(struct netfront_chain *c,
			  const struct xpv_netif_rx_rsp *rsp)
{
	if (c->state == NETFRONT_EXTRA) {
		if (netfront_feed_extra(c, rsp))
			return;
		c->state = NETFRONT_DATA;
		if (c->nr)
			netfront_piece_trim(c, c->piece);
		return;
	}
	netfront_feed_data(c, rsp);
	if (c->state == NETFRONT_FIRST) {
		c->flags = rsp->flags;
		c->state = rsp->flags & XPV_NETIF_RX_EXTRA_INFO ?
			   NETFRONT_EXTRA : NETFRONT_DATA;
	}
}

/**
 * netfront_chain_feed() - process the next response of a packet
 * @c:   initialised, or with the previous responses
 * @rsp: private copy
 *
 * Ids are not checked: a response is in the slot of its request. A bad packet
 * is still followed to its end, because the next packet begins there.
 *
 * Return: NETFRONT_FED_DONE: @c describes a packet, to be dropped if its
 * @failed or @bad is set; NETFRONT_FED_PART: feed the next one;
 * NETFRONT_FED_ENDLESS: the packet uses all slots of the ring, and has no end.
 */
enum netfront_fed netfront_chain_feed(struct netfront_chain *c,
				      const struct xpv_netif_rx_rsp *rsp)
{
	c->slots++;
	netfront_feed(c, rsp);
	if (c->state != NETFRONT_EXTRA && !c->more)
		return NETFRONT_FED_DONE;
	return c->slots == XPV_NETIF_RING_ENTRIES ? NETFRONT_FED_ENDLESS :
						    NETFRONT_FED_PART;
}

/**
 * netfront_parse_sent() - translate a transmit response's status
 * @status: from the backend
 *
 * Return: its meaning.
 */
enum netfront_sent netfront_parse_sent(s16 status)
{
	switch (status) {
	case XPV_NETIF_RSP_OKAY:
		return NETFRONT_SENT;
	case XPV_NETIF_RSP_ERROR:
		return NETFRONT_SENT_ERROR;
	case XPV_NETIF_RSP_DROPPED:
		return NETFRONT_SENT_DROPPED;
	case XPV_NETIF_RSP_NULL:
		return NETFRONT_SENT_NULL;
	default:
		return NETFRONT_SENT_NONSENSE;
	}
}

/**
 * netfront_parse_ctrl() - check a control response
 * @req: the open request
 * @rsp: private copy
 *
 * Return: its meaning.
 */
enum netfront_ctrl_result
netfront_parse_ctrl(const struct xpv_netif_ctrl_req *req,
		    const struct xpv_netif_ctrl_rsp *rsp)
{
	if (rsp->id != req->id)
		return NETFRONT_CTRL_ID;
	if (rsp->type != req->type)
		return NETFRONT_CTRL_TYPE;
	switch (rsp->status) {
	case XPV_NETIF_CTRL_SUCCESS:
		return NETFRONT_CTRL_OKAY;
	case XPV_NETIF_CTRL_NOT_SUPPORTED:
		return NETFRONT_CTRL_NOTSUPP;
	case XPV_NETIF_CTRL_INVALID:
		return NETFRONT_CTRL_INVALID;
	case XPV_NETIF_CTRL_OVERFLOW:
		return NETFRONT_CTRL_OVERFLOW;
	default:
		return NETFRONT_CTRL_STATUS;
	}
}

/**
 * netfront_parse_mapping_size() - number of entries of the mapping table to use
 * @data: the size that the backend supports
 *
 * A power of two, so that hashes are distributed evenly.
 *
 * Return: number of entries; 0: it has no table.
 */
u32 netfront_parse_mapping_size(u32 data)
{
	u32 size = 1;

	if (!data)
		return 0;
	if (data > NETFRONT_MAX_MAPPING)
		data = NETFRONT_MAX_MAPPING;
	while (size * 2 <= data)
		size *= 2;
	return size;
}
