/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a frontend says, checked: chains of transmit slots, headers, keys. Pure
 * functions over private memory, also compiled by the unit tests.
 */
#ifndef NETBACK_PARSE_H
#define NETBACK_PARSE_H

#include <xenpv/netif.h>

/* Where a frontend's word is refused; the names are in parse.c. */
enum netback_site {
	NETBACK_SITE_TX_PROD,		/* fatal */
	NETBACK_SITE_TX_SHORT,		/* fatal */
	NETBACK_SITE_TX_SLOTS_FATAL,	/* fatal */
	NETBACK_SITE_TX_SLOTS,
	NETBACK_SITE_TX_SIZE,
	NETBACK_SITE_TX_SLOT_SIZE,
	NETBACK_SITE_TX_PAGE,		/* fatal */
	NETBACK_SITE_TX_EXTRA,		/* fatal */
	NETBACK_SITE_TX_GSO,		/* fatal, but for sizes */
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

#define NETBACK_SLOTS		XPV_NETIF_SLOTS_MIN	/* that are legal */
#define NETBACK_FATAL_MAX	32	/* parameter fatal_skb_slots at most */
#define NETBACK_RATE_MAX	0x1000000000ULL	/* bytes in a period */
#define NETBACK_HEADERS		128	/* that a packet must have linear */

/**
 * struct netback_fault - what is wrong
 * @site:  enum netback_site
 * @value: what the frontend said
 * @bound: what it was held against
 */
struct netback_fault {
	unsigned int site;
	u64 value;
	u64 bound;
};

/**
 * struct netback_piece - a part of a packet in the frontend's memory
 * @gref:   page
 * @offset: bytes
 * @size:   bytes, may be 0; within the page
 * @id:     the frontend's, to be echoed
 */
struct netback_piece {
	u32 gref;
	u16 offset;
	u16 size;
	u16 id;
};

/**
 * struct netback_chain - a packet's slots, as far as they were seen
 * @fatal:    a packet with more slots than that is an attack
 * @flags:    of the first slot
 * @len:      of the packet, bytes
 * @rest:     what of it later slots have not accounted for
 * @nr:       slots with data so far
 * @nr_extra: slots with extra infos so far
 * @more:     a further slot with data follows
 * @bad:      the packet is refused, but the chain is followed to its end
 * @odd:      an extra info was ignored
 * @fault:    why, if @bad or @odd or refused for good
 * @extras:   extra infos
 * @piece:    slots; all of them lie in their pages if the packet is good
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
	NETBACK_WANT_DISABLE,	/* nothing: this was an attack, see @fault */
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
