// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of a frontend's slots and keys. No kernel calls and no shared memory:
 * the caller has fetched every byte exactly once.
 */
#include <xenpv/parse.h>
#include "parse.h"

const char *const netback_site_names[NETBACK_SITES] = {
	[NETBACK_SITE_TX_PROD] = "tx-prod",
	[NETBACK_SITE_TX_SHORT] = "tx-short",
	[NETBACK_SITE_TX_SLOTS_FATAL] = "tx-slots-fatal",
	[NETBACK_SITE_TX_SLOTS] = "tx-slots",
	[NETBACK_SITE_TX_SIZE] = "tx-size",
	[NETBACK_SITE_TX_SLOT_SIZE] = "tx-slot-size",
	[NETBACK_SITE_TX_PAGE] = "tx-page",
	[NETBACK_SITE_TX_EXTRA] = "tx-extra",
	[NETBACK_SITE_TX_GSO] = "tx-gso",
	[NETBACK_SITE_TX_HASH] = "tx-hash",
	[NETBACK_SITE_TX_GRANT] = "tx-grant",
	[NETBACK_SITE_TX_HEADERS] = "tx-headers",
	[NETBACK_SITE_MCAST_LIMIT] = "mcast-limit",
	[NETBACK_SITE_RX_PROD] = "rx-prod",
	[NETBACK_SITE_RX_GRANT] = "rx-grant",
	[NETBACK_SITE_RING_RACE] = "ring-race",
	[NETBACK_SITE_CTRL_PROD] = "ctrl-prod",
	[NETBACK_SITE_CTRL_TYPE] = "ctrl-type",
	[NETBACK_SITE_CTRL_VALUE] = "ctrl-value",
	[NETBACK_SITE_CTRL_GRANT] = "ctrl-grant",
	[NETBACK_SITE_KEY] = "key",
};

static void netback_fault_set(struct netback_fault *fault, unsigned int site,
			      u64 value, u64 bound)
{
	fault->site = site;
	fault->value = value;
	fault->bound = bound;
}

/* A fatal violation: the frontend is broken or hostile. */
static enum netback_want netback_chain_disable(struct netback_chain *c,
					       unsigned int site, u64 value,
					       u64 bound)
{
	c->bad = true;
	netback_fault_set(&c->fault, site, value, bound);
	return NETBACK_WANT_DISABLE;
}

/* Refuse the packet; only the first reason is recorded. */
static void netback_chain_refuse(struct netback_chain *c, unsigned int site,
				 u64 value, u64 bound)
{
	if (!c->bad)
		netback_fault_set(&c->fault, site, value, bound);
	c->bad = true;
}

/**
 * netback_chain_is_mcast() - test for a multicast message without a packet
 * @c: complete
 *
 * Return: true if so.
 */
bool netback_chain_is_mcast(const struct netback_chain *c)
{
	return xpv_netif_extra_of(&c->extras, XPV_NETIF_EXTRA_MCAST_ADD) ||
	       xpv_netif_extra_of(&c->extras, XPV_NETIF_EXTRA_MCAST_DEL);
}

/* True if a piece is within its page. All later code relies on this. */
static bool netback_piece_fits(const struct netback_piece *p)
{
	return p->size <= XPV_NETIF_PAGE_BYTES &&
	       p->offset <= XPV_NETIF_PAGE_BYTES - p->size;
}

/* All slots were seen, so the size of the first one is known. */
static enum netback_want netback_chain_end(struct netback_chain *c)
{
	struct netback_piece *first = &c->piece[0];

	if (c->nr > NETBACK_SLOTS)
		netback_chain_refuse(c, NETBACK_SITE_TX_SLOTS, c->nr,
				     NETBACK_SLOTS);
	if (netback_chain_is_mcast(c))
		return NETBACK_WANT_NOTHING;
	if (c->len < XPV_NETIF_ETH_HLEN)
		netback_chain_refuse(c, NETBACK_SITE_TX_SIZE, c->len,
				     XPV_NETIF_ETH_HLEN);
	if (c->bad)
		return NETBACK_WANT_NOTHING;
	first->size = c->rest;
	if (!netback_piece_fits(first))
		return netback_chain_disable(c, NETBACK_SITE_TX_PAGE,
					     (u64)first->offset + first->size,
					     XPV_NETIF_PAGE_BYTES);
	return NETBACK_WANT_NOTHING;
}

static enum netback_want netback_chain_next(struct netback_chain *c)
{
	return c->more ? NETBACK_WANT_SLOT : netback_chain_end(c);
}

/**
 * netback_chain_begin() - process the first slot of a packet
 * @c:     filled here
 * @req:   private copy
 * @fatal: number of slots that is an attack, NETBACK_SLOTS..NETBACK_FATAL_MAX
 *
 * Return: what must come next.
 */
enum netback_want netback_chain_begin(struct netback_chain *c,
				      const struct xpv_netif_tx_req *req,
				      unsigned int fatal)
{
	c->fatal = fatal;
	c->flags = req->flags;
	c->len = req->size;
	c->rest = req->size;
	c->nr = 1;
	c->nr_extra = 0;
	c->more = req->flags & XPV_NETIF_TX_MORE_DATA;
	c->bad = false;
	c->odd = false;
	c->piece[0].gref = req->gref;
	c->piece[0].offset = req->offset;
	c->piece[0].size = 0;
	c->piece[0].id = req->id;
	xpv_netif_extras_init(&c->extras);
	if (req->flags & XPV_NETIF_TX_EXTRA_INFO)
		return NETBACK_WANT_EXTRA;
	return netback_chain_next(c);
}

/**
 * netback_chain_extra() - process an extra info
 * @c: the packet
 * @e: private copy
 *
 * An unusable hash is ignored, because it is only advice; so is an extra info
 * for the other direction. A packet is refused if no TCP would build segments
 * of its size.
 *
 * Return: what must come next.
 */
enum netback_want netback_chain_extra(struct netback_chain *c,
				      const struct xpv_netif_extra *e)
{
	enum xpv_netif_take take;
	u64 value, bound;

	c->nr_extra++;
	take = xpv_netif_extra_take(&c->extras, e, &value, &bound);
	switch (take) {
	case XPV_NETIF_LAST:
		return netback_chain_next(c);
	case XPV_NETIF_MORE:
		return NETBACK_WANT_EXTRA;
	case XPV_NETIF_BAD_GSO:
		return netback_chain_disable(c, NETBACK_SITE_TX_GSO, value,
					     bound);
	case XPV_NETIF_ODD_GSO:
		netback_chain_refuse(c, NETBACK_SITE_TX_GSO, value, bound);
		return e->flags & XPV_NETIF_EXTRA_MORE ? NETBACK_WANT_EXTRA :
							 netback_chain_next(c);
	case XPV_NETIF_BAD_HASH:
	case XPV_NETIF_BAD_XDP:
		if (c->nr_extra >= XPV_NETIF_EXTRAS_MAX)
			break;
		c->odd = true;
		netback_fault_set(&c->fault, take == XPV_NETIF_BAD_HASH ?
				  NETBACK_SITE_TX_HASH : NETBACK_SITE_TX_EXTRA,
				  value, bound);
		return e->flags & XPV_NETIF_EXTRA_MORE ? NETBACK_WANT_EXTRA :
							 netback_chain_next(c);
	default:
		break;
	}
	return netback_chain_disable(c, NETBACK_SITE_TX_EXTRA, value, bound);
}

/**
 * netback_chain_slot() - process a further slot
 * @c:   the packet
 * @req: private copy
 *
 * Return: what must come next.
 */
enum netback_want netback_chain_slot(struct netback_chain *c,
				     const struct xpv_netif_tx_req *req)
{
	struct netback_piece *p;

	if (c->nr >= c->fatal)
		return netback_chain_disable(c, NETBACK_SITE_TX_SLOTS_FATAL,
					     c->nr + 1, c->fatal);
	p = &c->piece[c->nr++];
	p->gref = req->gref;
	p->offset = req->offset;
	p->size = req->size;
	p->id = req->id;
	if (!netback_piece_fits(p))
		return netback_chain_disable(c, NETBACK_SITE_TX_PAGE,
					     (u64)p->offset + p->size,
					     XPV_NETIF_PAGE_BYTES);
	if (p->size > c->rest)
		netback_chain_refuse(c, NETBACK_SITE_TX_SLOT_SIZE, p->size,
				     c->rest);
	else
		c->rest -= p->size;
	c->more = req->flags & XPV_NETIF_TX_MORE_DATA;
	return netback_chain_next(c);
}

/**
 * netback_chain_short() - a further slot is needed, but none was published
 * @c: the packet
 *
 * A frontend must publish whole packets.
 *
 * Return: NETBACK_WANT_DISABLE.
 */
enum netback_want netback_chain_short(struct netback_chain *c)
{
	return netback_chain_disable(c, NETBACK_SITE_TX_SHORT,
				     c->nr + c->nr_extra,
				     c->nr + c->nr_extra + 1);
}

static u16 netback_be16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

/* Length of a TCP or UDP header at @off; 0 if it is incomplete or unknown. */
static unsigned int netback_transport_len(const u8 *data, unsigned int len,
					  unsigned int off, u8 proto)
{
	unsigned int doff;

	if (proto == 17)
		return off + 8 <= len ? off + 8 : 0;
	if (proto != 6 || off + 20 > len)
		return 0;
	doff = (data[off + 12] >> 4) * 4;
	return doff >= 20 && off + doff <= len ? off + doff : 0;
}

/**
 * netback_parse_headers() - length of the headers in the linear part of a
 * packet
 * @data: start of the Ethernet frame
 * @len:  bytes of @data
 *
 * Drivers below expect link, network and transport headers in one piece
 * (XSA-423). Only common headers are recognised: IPv4 and IPv6 with TCP or UDP,
 * perhaps with VLAN tags, no other headers.
 *
 * Return: their length if they are complete, else 0.
 */
unsigned int netback_parse_headers(const u8 *data, unsigned int len)
{
	unsigned int off = XPV_NETIF_ETH_HLEN, ihl, i;
	u16 proto;

	if (len < off)
		return 0;
	proto = netback_be16(data + 12);
	for (i = 0; i < 2 && (proto == 0x8100 || proto == 0x88a8); i++) {
		if (off + 4 > len)
			return 0;
		proto = netback_be16(data + off + 2);
		off += 4;
	}
	if (proto == 0x0800) {
		if (off + 20 > len)
			return 0;
		ihl = (data[off] & 15) * 4;
		if (ihl < 20)
			return 0;
		return netback_transport_len(data, len, off + ihl,
					     data[off + 9]);
	}
	if (proto == 0x86dd) {
		if (off + 40 > len)
			return 0;
		return netback_transport_len(data, len, off + 40,
					     data[off + 6]);
	}
	return 0;
}

/**
 * netback_parse_rate() - parse the key "rate": bytes,microseconds
 * @text:  not necessarily NUL-terminated
 * @len:   bytes of @text
 * @bytes: result: bytes per period
 * @usecs: result: length of a period
 *
 * Return: 0, or -EINVAL or -ERANGE: one of them is 0, or too large.
 */
int netback_parse_rate(const char *text, size_t len, u64 *bytes, u64 *usecs)
{
	const char *comma = memchr(text, ',', len);
	u64 b, u;
	int err;

	if (!comma)
		return -EINVAL;
	err = xpv_parse_uint(text, comma - text, &b);
	if (!err)
		err = xpv_parse_uint(comma + 1, text + len - comma - 1, &u);
	if (err)
		return err;
	if (!b || b > NETBACK_RATE_MAX || !u || u > 0xffffffff)
		return -ERANGE;
	*bytes = b;
	*usecs = u;
	return 0;
}
