/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the backend says, checked: values of its keys, chains of receive
 * responses, transmit and control responses. Pure, also compiled by tests/unit.
 */
#ifndef NETFRONT_PARSE_H
#define NETFRONT_PARSE_H

#include <xenpv/netif.h>
#include <xenpv/parse.h>

#define NETFRONT_MAX_QUEUES	64
/* Entries of the table that maps hashes to queues. */
#define NETFRONT_MAX_MAPPING	128
#define NETFRONT_KEY_BYTES	40
/* An IP packet of the largest size behind a header with two VLAN tags. */
#define NETFRONT_MAX_FRAME	(XPV_NETIF_MAX_PACKET + XPV_NETIF_ETH_HLEN + 8)

/* The backend's keys, in the order of struct netfront_keys. */
enum netfront_key {
	NETFRONT_KEY_QUEUES,
	NETFRONT_KEY_RX_COPY,
	NETFRONT_KEY_SPLIT,
	NETFRONT_KEY_SG,
	NETFRONT_KEY_GSO4,
	NETFRONT_KEY_GSO6,
	NETFRONT_KEY_NO_CSUM,
	NETFRONT_KEY_CSUM6,
	NETFRONT_KEY_MCAST,
	NETFRONT_KEY_MCAST_DYNAMIC,
	NETFRONT_KEY_CTRL,
	NETFRONT_KEY_XDP,
	NETFRONT_NR_KEYS,
};

/**
 * struct netfront_keys - the backend's keys as read, nothing checked
 * @found: by key
 * @val:   by key, if it is a number
 */
struct netfront_keys {
	u8 found[NETFRONT_NR_KEYS];
	u64 val[NETFRONT_NR_KEYS];
};

/**
 * struct netfront_facts - what may be relied on
 * @queues: most queues, 1..NETFRONT_MAX_QUEUES
 * @split:  events of a queue's two directions may have channels of their own
 * @sg:     packets may have several slots
 * @gso4:   large packets of TCP over IPv4
 * @gso6:   the same over IPv6
 * @csum4:  blank checksums in IPv4 packets
 * @csum6:  blank checksums in IPv6 packets
 * @mcast:  a list of multicast addresses filters, and can be switched on and
 *          off while connected
 * @ctrl:   control ring
 * @xdp:    room may be left before received packets
 */
struct netfront_facts {
	u32 queues;
	bool split;
	bool sg;
	bool gso4;
	bool gso6;
	bool csum4;
	bool csum6;
	bool mcast;
	bool ctrl;
	bool xdp;
};

const char *netfront_key_name(enum netfront_key key);
bool netfront_parse_keys(const struct netfront_keys *keys,
			 struct netfront_facts *facts, u32 *ignored);
bool netfront_parse_mtu(u64 val, u32 *mtu);

/**
 * struct netfront_piece - data of one slot
 * @slot:   the how-manieth of the chain
 * @offset: in its page
 * @len:    bytes, not 0; @offset + @len is within the page
 */
struct netfront_piece {
	u16 slot;
	u16 offset;
	u16 len;
};

/* Slots for data: as many as any packet needs, and one if the first is short. */
#define NETFRONT_MAX_PIECES	(XPV_NETIF_SLOTS_MIN + 1)
#define NETFRONT_SHORT_FIRST	256

/* What is wrong with a packet. */
enum netfront_bad {
	NETFRONT_GOOD,
	NETFRONT_BAD_RANGE,	/* data is not within the page */
	NETFRONT_BAD_SLOTS,	/* more slots than any packet needs */
	NETFRONT_BAD_EXTRA,	/* an extra info makes no sense */
};

/**
 * struct netfront_chain - the responses that make up one received packet
 * @slots:  responses taken so far
 * @state:  what the next one is
 * @more:   the last data slot said that there is another
 * @short_first: the first one has up to NETFRONT_SHORT_FIRST bytes
 * @flags:  of the first one
 * @failed: a negative status, or 0
 * @bad:    enum netfront_bad: drop the packet
 * @odd_hash: it has a hash of an unknown kind, which is ignored
 * @value:  if @bad: what is wrong
 * @bound:  if @bad: what it was held against
 * @len:    bytes of all @pieces
 * @nr:     of @pieces
 * @nr_data: slots that are for data, also if they have none
 * @nr_extra: slots that are for extra infos
 * @piece:  data, in order
 * @extras: checked
 */
struct netfront_chain {
	u16 slots;
	u8 state;
	bool more;
	bool short_first;
	u16 flags;
	s16 failed;
	u8 bad;
	bool odd_hash;
	u64 value;
	u64 bound;
	u32 len;
	u8 nr;
	u16 nr_data;
	u16 nr_extra;
	struct netfront_piece piece[NETFRONT_MAX_PIECES];
	struct xpv_netif_extras extras;
};

enum netfront_fed {
	NETFRONT_FED_PART,	/* another response belongs to the packet */
	NETFRONT_FED_DONE,
	NETFRONT_FED_ENDLESS,	/* the packet fills the ring */
};

static inline void netfront_chain_init(struct netfront_chain *c)
{
	c->slots = 0;
	c->state = 0;
	c->failed = 0;
	c->bad = NETFRONT_GOOD;
	c->odd_hash = false;
	c->len = 0;
	c->nr = 0;
	c->nr_data = 0;
	c->nr_extra = 0;
	xpv_netif_extras_init(&c->extras);
}

enum netfront_fed netfront_chain_feed(struct netfront_chain *c,
				      const struct xpv_netif_rx_rsp *rsp);

/* Meaning of a transmit response's status. */
enum netfront_sent {
	NETFRONT_SENT,
	NETFRONT_SENT_ERROR,
	NETFRONT_SENT_DROPPED,
	NETFRONT_SENT_NULL,	/* of a slot with extra info: no id */
	NETFRONT_SENT_NONSENSE,
};

enum netfront_sent netfront_parse_sent(s16 status);

/* What became of a control request. */
enum netfront_ctrl_result {
	NETFRONT_CTRL_OKAY,
	NETFRONT_CTRL_NOTSUPP,
	NETFRONT_CTRL_INVALID,
	NETFRONT_CTRL_OVERFLOW,
	NETFRONT_CTRL_STATUS,	/* an unknown status */
	NETFRONT_CTRL_ID,	/* not an answer to this request */
	NETFRONT_CTRL_TYPE,	/* the id is right and the type is not */
};

enum netfront_ctrl_result
netfront_parse_ctrl(const struct xpv_netif_ctrl_req *req,
		    const struct xpv_netif_ctrl_rsp *rsp);
u32 netfront_parse_mapping_size(u32 data);

#endif
