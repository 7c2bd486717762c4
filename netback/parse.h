/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks of a frontend's values: chains of transmit slots, headers, keys. Pure
 * functions over private memory, which the unit tests compile, too.
 */
#ifndef NETBACK_PARSE_H
#define NETBACK_PARSE_H

#include <xenpv/netif.h>

/* Sites where a frontend's value is refused; the names are in parse.c. */
enum netback_site {
	NETBACK_SITE_TX_PROD,		/* fatal */
	NETBACK_SITE_TX_SHORT,		/* fatal */
	NETBACK_SITE_TX_SLOTS_FATAL,	/* fatal */
	NETBACK_SITE_TX_SLOTS,
	NETBACK_SITE_TX_SIZE,
	NETBACK_SITE_TX_SLOT_SIZE,
	NETBACK_SITE_TX_PAGE,		/* fatal */
	NETBACK_SITE_TX_EXTRA,		/* fatal */
	NETBACK_SITE_TX_GSO,		/* fatal, except for sizes */
	NETBACK_SITE_TX_HASH,
	NETBACK_SITE_TX_GRANT,
	NETBACK_SITE_TX_HEADERS,
	NETBACK_SITE_MCAST_LIMIT,
	NETBACK_SITE_RX_PROD,		/* fatal */
	NETBACK_SITE_RX_GRANT,
	NETBACK_SITE_RING_RACE,		/* fatal */
	NETBACK_SITE_CTRL_PROD,		/* the control ring stops */
	NETBACK_SITE_CTRL_TYPE,
	NETBACK_SITE_CTRL_VALUE,
	NETBACK_SITE_CTRL_GRANT,
	NETBACK_SITE_KEY,
	NETBACK_SITES,
};

/* limit of a legal packet */
#define NETBACK_SLOTS		XPV_NETIF_SLOTS_MIN
/* maximum of parameter fatal_skb_slots */
#define NETBACK_FATAL_MAX	32
#define NETBACK_RATE_MAX	0x1000000000ULL	/* bytes per period */
/* bytes of headers that must be linear */
#define NETBACK_HEADERS		128

/**
 * struct netback_fault - why something was refused
 * @site:  enum netback_site
 * @value: the frontend's value
 * @bound: the limit that it violates
 */
struct netback_fault {
	unsigned int site;
	u64 value;
	u64 bound;
};

/**
 * struct netback_piece - a part of a packet in the frontend's memory
 * @gref:   grant of its page
 * @offset: offset in the page, bytes
 * @size:   bytes, may be 0; within the page
 * @id:     id for the response
 */
struct netback_piece {
	u32 gref;
	u16 offset;
	u16 size;
	u16 id;
};

/**
 * struct netback_chain - a packet's slots, as far as they were seen
 * @fatal:    a packet with more slots is an attack
 * @flags:    flags of the first slot
 * @len:      bytes of the packet
 * @rest:     bytes that the slots so far do not account for
 * @nr:       slots with data so far
 * @nr_extra: slots with extra infos so far
 * @more:     a further slot with data follows
 * @bad:      the packet is refused, but the chain is followed to its end
 * @odd:      an extra info was ignored
 * @fault:    reason of @bad, of @odd or of a fatal violation
 * @extras:   extra infos
 * @piece:    slots; if the packet is good, all of them are within their pages
 */
struct netback_chain {
	unsigned int fatal;
	u16 flags;
	u32 len;
	u32 rest;
	u16 nr;
	u16 nr_extra;
	bool more;
	bool bad;
	bool odd;
	struct netback_fault fault;
	struct xpv_netif_extras extras;
	struct netback_piece piece[NETBACK_FATAL_MAX];
};

/* What a chain needs next. */
enum netback_want {
	NETBACK_WANT_NOTHING,	/* it is complete; refused if @bad */
	NETBACK_WANT_EXTRA,
	NETBACK_WANT_SLOT,
	NETBACK_WANT_DISABLE,	/* nothing: fatal violation, see @fault */
};

extern const char *const netback_site_names[NETBACK_SITES];

enum netback_want netback_chain_begin(struct netback_chain *c,
				      const struct xpv_netif_tx_req *req,
				      unsigned int fatal);
enum netback_want netback_chain_extra(struct netback_chain *c,
				      const struct xpv_netif_extra *e);
enum netback_want netback_chain_slot(struct netback_chain *c,
				     const struct xpv_netif_tx_req *req);
enum netback_want netback_chain_short(struct netback_chain *c);
bool netback_chain_is_mcast(const struct netback_chain *c);

unsigned int netback_parse_headers(const u8 *data, unsigned int len);
int netback_parse_rate(const char *text, size_t len, u64 *bytes, u64 *usecs);

#endif
