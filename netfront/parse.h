/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checked values of the backend: its keys, chains of receive responses,
 * transmit and control responses. Pure functions, which tests/unit compiles,
 * too.
 */
#ifndef NETFRONT_PARSE_H
#define NETFRONT_PARSE_H

#include <xenpv/netif.h>
#include <xenpv/parse.h>

#define NETFRONT_MAX_QUEUES	64
/* Entries of the table that maps hashes to queues. */
#define NETFRONT_MAX_MAPPING	128
#define NETFRONT_KEY_BYTES	40
/* The largest IP packet behind a header with two VLAN tags. */
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
 * struct netfront_keys - the backend's keys as read, unchecked
 * @found: how each key was found
 * @val:   value of each key that is a number
 */
struct netfront_keys {
	u8 found[NETFRONT_NR_KEYS];
	u64 val[NETFRONT_NR_KEYS];
};

/**
 * struct netfront_features - checked features of a backend
 * @queues: maximum number of queues, 1..NETFRONT_MAX_QUEUES
 * @split:  the two directions of a queue may have separate event channels
 * @sg:     packets may have several slots
 * @gso4:   large packets of TCP over IPv4
 * @gso6:   large packets of TCP over IPv6
 * @csum4:  blank checksums in IPv4 packets
 * @csum6:  blank checksums in IPv6 packets
 * @mcast:  multicast filter, which can be switched on and off while connected
 * @ctrl:   control ring
 * @xdp:    room can be left before received packets
 */
struct netfront_features {
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
			 struct netfront_features *features, u32 *ignored);
bool netfront_parse_mtu(u64 val, u32 *mtu);

/**
 * struct netfront_piece - data of one slot
 * @slot:   index of the slot in the chain
 * @offset: offset in its page
 * @len:    bytes, not 0; @offset + @len is within the page
 */
struct netfront_piece {
	u16 slot;
	u16 offset;
	u16 len;
};

/*
 * Data slots: as many as any packet needs, and one more if the first is short.
 */
#define NETFRONT_MAX_PIECES	(XPV_NETIF_SLOTS_MIN + 1)
#define NETFRONT_SHORT_FIRST	256

/* Why a packet is bad. */
enum netfront_bad {
	NETFRONT_GOOD,
	NETFRONT_BAD_RANGE,	/* data is not within the page */
	NETFRONT_BAD_SLOTS,	/* more slots than any packet needs */
	NETFRONT_BAD_EXTRA,	/* an extra info is invalid */
};

/**
 * struct netfront_chain - the responses of one received packet
 * @slots:       responses processed so far
 * @state:       kind of the next response
 * @more:        the last data slot said that there is another one
 * @short_first: the first data slot has up to NETFRONT_SHORT_FIRST bytes
 * @flags:       flags of the first response
 * @failed:      a negative status, or 0
 * @bad:         enum netfront_bad: drop the packet
 * @odd_hash:    its hash has an unknown type and is ignored
 * @value:       the invalid value, if @bad
 * @bound:       the limit that it violates, if @bad
 * @len:         bytes of all @pieces
 * @nr:          number of @pieces
 * @nr_data:     slots for data, including empty ones
 * @nr_extra:    slots for extra infos
 * @piece:       data, in order
 * @extras:      checked extra infos
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
	/* for a slot with extra info, which has no id */
	NETFRONT_SENT_NULL,
	NETFRONT_SENT_NONSENSE,
};

enum netfront_sent netfront_parse_sent(s16 status);

/* Result of a control request. */
enum netfront_ctrl_result {
	NETFRONT_CTRL_OKAY,
	NETFRONT_CTRL_NOTSUPP,
	NETFRONT_CTRL_INVALID,
	NETFRONT_CTRL_OVERFLOW,
	NETFRONT_CTRL_STATUS,	/* an unknown status */
	NETFRONT_CTRL_ID,	/* not a response to this request */
	NETFRONT_CTRL_TYPE,	/* the id is right, but the type is wrong */
};

enum netfront_ctrl_result
netfront_parse_ctrl(const struct xpv_netif_ctrl_req *req,
		    const struct xpv_netif_ctrl_rsp *rsp);
u32 netfront_parse_mapping_size(u32 data);

#endif
