// SPDX-License-Identifier: GPL-2.0-only
/* Keys and responses as a backend or a toolstack may write them. */
#include <stdlib.h>
#include <string.h>
#include "ktap.h"
#include "../../netfront/parse.c"

static struct netfront_keys keys;
static struct netfront_features features;
static u32 ignored;

static void key(enum netfront_key k, u64 val)
{
	keys.found[k] = XPV_FOUND_NUMBER;
	keys.val[k] = val;
}

static void garbage(enum netfront_key k)
{
	keys.found[k] = XPV_FOUND_GARBAGE;
}

static void keys_full(void)
{
	int i;

	memset(&keys, 0, sizeof(keys));
	for (i = 0; i < NETFRONT_NR_KEYS; i++)
		key(i, 1);
	key(NETFRONT_KEY_QUEUES, 8);
	key(NETFRONT_KEY_NO_CSUM, 0);
}

static bool keys_parse(void)
{
	memset(&features, 0x5a, sizeof(features));
	return netfront_parse_keys(&keys, &features, &ignored);
}

static void keys_all(void)
{
	keys_full();
	check(keys_parse());
	check_eq(ignored, 0);
	check_eq(features.queues, 8);
	check(features.split && features.sg && features.gso4 && features.gso6);
	check(features.csum4 && features.csum6 && features.mcast && features.ctrl);
	check(features.xdp);
}

static void keys_least(void)
{
	memset(&keys, 0, sizeof(keys));
	check(!keys_parse());
	key(NETFRONT_KEY_RX_COPY, 1);
	check(keys_parse());
	check_eq(ignored, 0);
	check_eq(features.queues, 1);
	check(!features.split && !features.sg && !features.gso4 && !features.gso6);
	check(features.csum4 && !features.csum6 && !features.mcast && !features.ctrl);
	check(!features.xdp);
}

static void keys_rx_copy(void)
{
	keys_full();
	key(NETFRONT_KEY_RX_COPY, 0);
	check(!keys_parse());
	check_eq(ignored, 0);
	garbage(NETFRONT_KEY_RX_COPY);
	check(!keys_parse());
	check_eq(ignored, 1 << NETFRONT_KEY_RX_COPY);
}

static void keys_queues(void)
{
	keys_full();
	key(NETFRONT_KEY_QUEUES, 0);
	check(keys_parse());
	check_eq(features.queues, 1);
	check_eq(ignored, 1 << NETFRONT_KEY_QUEUES);
	key(NETFRONT_KEY_QUEUES, ~0ULL);
	check(keys_parse());
	check_eq(features.queues, NETFRONT_MAX_QUEUES);
	check_eq(ignored, 0);
	key(NETFRONT_KEY_QUEUES, NETFRONT_MAX_QUEUES + 1);
	check(keys_parse());
	check_eq(features.queues, NETFRONT_MAX_QUEUES);
	key(NETFRONT_KEY_QUEUES, NETFRONT_MAX_QUEUES);
	check(keys_parse());
	check_eq(features.queues, NETFRONT_MAX_QUEUES);
	key(NETFRONT_KEY_QUEUES, 1);
	check(keys_parse());
	check_eq(features.queues, 1);
	check_eq(ignored, 0);
	garbage(NETFRONT_KEY_QUEUES);
	check(keys_parse());
	check_eq(features.queues, 1);
	check_eq(ignored, 1 << NETFRONT_KEY_QUEUES);
}

/* Each offer is its own. */
static void keys_single(void)
{
	int i;

	for (i = 0; i < NETFRONT_NR_KEYS; i++) {
		keys_full();
		key(i, 0);
		check_eq(keys_parse(), i != NETFRONT_KEY_RX_COPY);
		check_eq(features.split, i != NETFRONT_KEY_SPLIT);
		check_eq(features.sg, i != NETFRONT_KEY_SG);
		check_eq(features.gso4, i != NETFRONT_KEY_GSO4 && i != NETFRONT_KEY_SG);
		check_eq(features.gso6, i != NETFRONT_KEY_GSO6 && i != NETFRONT_KEY_SG);
		check_eq(features.csum4, true);
		check_eq(features.csum6, i != NETFRONT_KEY_CSUM6);
		check_eq(features.mcast, i != NETFRONT_KEY_MCAST &&
			 i != NETFRONT_KEY_MCAST_DYNAMIC);
		check_eq(features.ctrl, i != NETFRONT_KEY_CTRL);
		check_eq(features.xdp, i != NETFRONT_KEY_XDP);
	}
}

/* A large packet needs several slots, a filter a way to switch it off. */
static void keys_depend(void)
{
	keys_full();
	key(NETFRONT_KEY_SG, 0);
	check(keys_parse());
	check(!features.sg && !features.gso4 && !features.gso6);
	keys_full();
	key(NETFRONT_KEY_MCAST_DYNAMIC, 0);
	check(keys_parse());
	check(!features.mcast);
	keys_full();
	key(NETFRONT_KEY_NO_CSUM, 1);
	check(keys_parse());
	check(!features.csum4 && features.csum6);
}

static void keys_garbage(void)
{
	int i;

	for (i = 0; i < NETFRONT_NR_KEYS; i++) {
		keys_full();
		garbage(i);
		check_eq(keys_parse(), i != NETFRONT_KEY_RX_COPY);
		check_eq(ignored, 1 << i);
		check(netfront_key_name(i) != NULL);
	}
}

static void mtu(void)
{
	u32 val = 7;

	check(!netfront_parse_mtu(0, &val));
	check(!netfront_parse_mtu(67, &val));
	check(!netfront_parse_mtu(XPV_NETIF_MTU_MAX + 1, &val));
	check(!netfront_parse_mtu(~0ULL, &val));
	check(!netfront_parse_mtu(0x100000000ULL + 1500, &val));
	check_eq(val, 7);
	check(netfront_parse_mtu(68, &val));
	check_eq(val, 68);
	check(netfront_parse_mtu(XPV_NETIF_MTU_MAX, &val));
	check_eq(val, XPV_NETIF_MTU_MAX);
}

static void values(void)
{
	check_eq(NETFRONT_MAX_QUEUES, 64);
	check_eq(NETFRONT_MAX_MAPPING, 128);
	check_eq(NETFRONT_KEY_BYTES, 40);
	check_eq(NETFRONT_MAX_FRAME, 65535 + 14 + 8);
	check_eq(NETFRONT_MAX_PIECES, 19);
	check_eq(NETFRONT_SHORT_FIRST, 256);
}

static struct netfront_chain chain;

static enum netfront_fed data(unsigned int offset, int status,
			      unsigned int flags)
{
	struct xpv_netif_rx_rsp rsp = {
		.id = 0xffff, .offset = offset, .status = status,
		.flags = flags,
	};

	return netfront_chain_feed(&chain, &rsp);
}

static enum netfront_fed extra(struct xpv_netif_extra e, bool more)
{
	struct xpv_netif_rx_rsp rsp;

	if (more)
		e.flags |= XPV_NETIF_EXTRA_MORE;
	memcpy(&rsp, &e, sizeof(rsp));
	return netfront_chain_feed(&chain, &rsp);
}

#define MORE	XPV_NETIF_RX_MORE_DATA
#define EXTRA	XPV_NETIF_RX_EXTRA_INFO

static void begin(void)
{
	memset(&chain, 0x5a, sizeof(chain));
	netfront_chain_init(&chain);
}

static void chain_plain(void)
{
	begin();
	check_eq(data(2, 60, XPV_NETIF_RX_DATA_VALIDATED), NETFRONT_FED_DONE);
	check_eq(chain.slots, 1);
	check_eq(chain.nr, 1);
	check_eq(chain.nr_extra, 0);
	check_eq(chain.len, 60);
	check_eq(chain.failed, 0);
	check_eq(chain.flags, XPV_NETIF_RX_DATA_VALIDATED);
	check_eq(chain.piece[0].slot, 0);
	check_eq(chain.piece[0].offset, 2);
	check_eq(chain.piece[0].len, 60);
}

static void bad(enum netfront_bad what, u64 value, u64 bound)
{
	check_eq(chain.bad, what);
	check_eq(chain.value, value);
	check_eq(chain.bound, bound);
}

static void chain_bounds(void)
{
	begin();
	check_eq(data(0, 4096, 0), NETFRONT_FED_DONE);
	begin();
	check_eq(data(4095, 1, 0), NETFRONT_FED_DONE);
	begin();
	check_eq(data(4096, 0, 0), NETFRONT_FED_DONE);
	check_eq(chain.nr, 0);
	check_eq(chain.bad, NETFRONT_GOOD);
	begin();
	check_eq(data(4097, 0, 0), NETFRONT_FED_DONE);
	bad(NETFRONT_BAD_RANGE, 4097, 4096);
	begin();
	check_eq(data(4096, 1, 0), NETFRONT_FED_DONE);
	bad(NETFRONT_BAD_RANGE, 4097, 4096);
	begin();
	check_eq(data(1, 4096, 0), NETFRONT_FED_DONE);
	bad(NETFRONT_BAD_RANGE, 4097, 4096);
	begin();
	check_eq(data(65535, 32767, 0), NETFRONT_FED_DONE);
	bad(NETFRONT_BAD_RANGE, 98302, 4096);
	begin();
	check_eq(data(0, 32767, 0), NETFRONT_FED_DONE);
	bad(NETFRONT_BAD_RANGE, 32767, 4096);
	check_eq(chain.nr, 0);
}

/* A bad packet is followed to its end, where the next one begins. */
static void chain_bad_to_the_end(void)
{
	begin();
	check_eq(data(0, 5000, MORE | EXTRA), NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_gso(9, 1448), true), NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_hash(1, 1), false), NETFRONT_FED_PART);
	check_eq(data(0, 100, MORE), NETFRONT_FED_PART);
	check_eq(data(4000, 100, 0), NETFRONT_FED_DONE);
	check_eq(chain.slots, 5);
	/* What was wrong first. */
	bad(NETFRONT_BAD_RANGE, 5000, 4096);
	begin();
	check_eq(data(0, 100, 0), NETFRONT_FED_DONE);
	check_eq(chain.bad, NETFRONT_GOOD);
}

/* So many slots, the first of @first bytes. */
static enum netfront_fed chain_of(unsigned int nr, int first)
{
	enum netfront_fed fed = NETFRONT_FED_PART;
	unsigned int i;

	begin();
	for (i = 1; i <= nr; i++) {
		check_eq(fed, NETFRONT_FED_PART);
		fed = data(0, i == 1 ? first : 10, i < nr ? MORE : 0);
	}
	return fed;
}

static void chain_slots(void)
{
	unsigned int i;

	begin();
	for (i = 1; i < XPV_NETIF_SLOTS_MIN; i++)
		check_eq(data(0, 4096, MORE), NETFRONT_FED_PART);
	check_eq(data(0, 100, 0), NETFRONT_FED_DONE);
	check_eq(chain.bad, NETFRONT_GOOD);
	check_eq(chain.nr, XPV_NETIF_SLOTS_MIN);
	check_eq(chain.len, 17 * 4096 + 100);
	check_eq(chain.piece[17].slot, 17);

	/* One more if the first is short, as the in-tree frontend takes them. */
	check_eq(chain_of(19, 256), NETFRONT_FED_DONE);
	check_eq(chain.bad, NETFRONT_GOOD);
	check_eq(chain.nr, 19);
	check_eq(chain.len, 256 + 180);
	check_eq(chain.piece[18].slot, 18);
	check_eq(chain_of(19, 257), NETFRONT_FED_DONE);
	bad(NETFRONT_BAD_SLOTS, 19, 18);
	check_eq(chain.nr, 18);
	check_eq(chain_of(20, 256), NETFRONT_FED_DONE);
	bad(NETFRONT_BAD_SLOTS, 20, 19);
	check_eq(chain.nr, 19);
	check_eq(chain_of(255, 1), NETFRONT_FED_DONE);
	bad(NETFRONT_BAD_SLOTS, 20, 19);
	check_eq(chain.slots, 255);

	/* Empty slots are slots. */
	begin();
	for (i = 1; i < 20; i++)
		check_eq(data(0, 0, MORE), NETFRONT_FED_PART);
	check_eq(chain.bad, NETFRONT_GOOD);
	check_eq(data(0, 0, 0), NETFRONT_FED_DONE);
	bad(NETFRONT_BAD_SLOTS, 20, 19);
}

/* The ring is full of it: the backend cannot go on. */
static void chain_endless(void)
{
	unsigned int i;

	check_eq(chain_of(256, 10), NETFRONT_FED_DONE);
	begin();
	for (i = 1; i < XPV_NETIF_RING_ENTRIES; i++)
		check_eq(data(0, 10, MORE), NETFRONT_FED_PART);
	check_eq(data(0, 10, MORE), NETFRONT_FED_ENDLESS);
	begin();
	check_eq(data(0, 10, EXTRA), NETFRONT_FED_PART);
	for (i = 2; i < XPV_NETIF_RING_ENTRIES; i++)
		check_eq(extra(xpv_netif_extra_hash(1, 1), true), NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_hash(1, 1), true), NETFRONT_FED_ENDLESS);
}

static void chain_failed(void)
{
	begin();
	check_eq(data(9999, -1, 0), NETFRONT_FED_DONE);
	check_eq(chain.failed, -1);
	begin();
	check_eq(data(0, 100, MORE), NETFRONT_FED_PART);
	check_eq(data(0, -2, MORE), NETFRONT_FED_PART);
	check_eq(data(0, -1, 0), NETFRONT_FED_DONE);
	check_eq(chain.failed, -2);
	check_eq(chain.len, 100);
	check_eq(chain.nr_data, 3);
	check_eq(chain.slots, 3);
	check_eq(chain.nr, 1);
	begin();
	check_eq(data(0, -32768, EXTRA), NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_gso(1, 1448), false), NETFRONT_FED_DONE);
	check_eq(chain.failed, -32768);
}

static void chain_extras(void)
{
	const struct xpv_netif_extra *e;

	begin();
	check_eq(data(0, 4096, MORE | EXTRA | XPV_NETIF_RX_CSUM_BLANK),
		 NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_gso(2, 1440), true), NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_hash(3, 0x11223344), false),
		 NETFRONT_FED_PART);
	check_eq(data(0, 1000, 0), NETFRONT_FED_DONE);
	check_eq(chain.slots, 4);
	check_eq(chain.nr, 2);
	check_eq(chain.nr_extra, 2);
	check_eq(chain.len, 5096);
	check_eq(chain.piece[0].slot, 0);
	check_eq(chain.piece[1].slot, 3);
	e = xpv_netif_extra_of(&chain.extras, XPV_NETIF_EXTRA_GSO);
	check(e && e->u.gso.size == 1440);
	e = xpv_netif_extra_of(&chain.extras, XPV_NETIF_EXTRA_HASH);
	check(e && xpv_netif_hash_value(e) == 0x11223344);
	check(!xpv_netif_extra_of(&chain.extras, XPV_NETIF_EXTRA_XDP));
}

/* What the in-tree backend makes of XDP headroom: no offset, and a length with the room in it. */
static void chain_headroom(void)
{
	begin();
	check_eq(data(256, 42, EXTRA), NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_xdp(256), false), NETFRONT_FED_DONE);
	check_eq(chain.piece[0].offset, 256);
	check_eq(chain.len, 42);

	begin();
	check_eq(data(0, 4096, EXTRA | MORE), NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_xdp(256), false), NETFRONT_FED_PART);
	check_eq(data(0, 256 + 2, 0), NETFRONT_FED_DONE);
	check_eq(chain.nr, 2);
	check_eq(chain.piece[0].offset, 256);
	check_eq(chain.piece[0].len, 3840);
	check_eq(chain.piece[1].offset, 256);
	check_eq(chain.piece[1].len, 2);
	check_eq(chain.len, 3842);

	begin();
	check_eq(data(0, 256, EXTRA), NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_xdp(256), false), NETFRONT_FED_DONE);
	bad(NETFRONT_BAD_RANGE, 256, 256);
	begin();
	check_eq(data(0, 257, EXTRA), NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_xdp(256), false), NETFRONT_FED_DONE);
	check_eq(chain.piece[0].len, 1);
	check_eq(chain.len, 1);
	/* nothing to trim, though there is an extra */
	begin();
	check_eq(data(0, -1, EXTRA), NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_xdp(256), false), NETFRONT_FED_DONE);
	check_eq(chain.nr, 0);
	begin();
	check_eq(data(0, 300, EXTRA | MORE), NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_xdp(256), false), NETFRONT_FED_PART);
	check_eq(data(0, 256, 0), NETFRONT_FED_DONE);
	bad(NETFRONT_BAD_RANGE, 256, 256);
}

/* The flag counts in the first slot only; what follows is data. */
static void chain_extra_late(void)
{
	begin();
	check_eq(data(0, 100, MORE), NETFRONT_FED_PART);
	check_eq(data(0, 100, EXTRA), NETFRONT_FED_DONE);
	check_eq(chain.slots, 2);
}

static void bad_extra(struct xpv_netif_extra e, u64 value, u64 bound)
{
	begin();
	check_eq(data(0, 100, EXTRA), NETFRONT_FED_PART);
	check_eq(extra(e, false), NETFRONT_FED_DONE);
	check_eq(chain.slots, 2);
	bad(NETFRONT_BAD_EXTRA, value, bound);
}

static void chain_extras_bad(void)
{
	struct xpv_netif_extra e = { .type = 0 };

	bad_extra(e, 0, 5);
	e.type = XPV_NETIF_EXTRA_TYPES;
	bad_extra(e, 6, 5);
	e.type = 255;
	bad_extra(e, 255, 5);
	bad_extra(xpv_netif_extra_gso(0, 1448), 0, 2);
	bad_extra(xpv_netif_extra_gso(3, 1448), 3, 2);
	bad_extra(xpv_netif_extra_gso(1, 0), 0, 1);
	bad_extra(xpv_netif_extra_gso(1, 7), 7, 8);
	bad_extra(xpv_netif_extra_gso(1, 0xffff), 0xffff, 0xfffe);
	bad_extra(xpv_netif_extra_xdp(0x8000), 0x8000, 0x7fff);

	begin();
	check_eq(data(0, 1000, EXTRA), NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_xdp(256), true), NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_xdp(256), false), NETFRONT_FED_DONE);
	bad(NETFRONT_BAD_EXTRA, 5, 5);
}

/* A hash that is not known is no reason to drop its packet. */
static void chain_odd_hash(void)
{
	begin();
	check_eq(data(0, 100, EXTRA), NETFRONT_FED_PART);
	check_eq(extra(xpv_netif_extra_hash(4, 1), false), NETFRONT_FED_DONE);
	check_eq(chain.bad, NETFRONT_GOOD);
	check(chain.odd_hash);
	check_eq(chain.len, 100);
	check(!xpv_netif_extra_of(&chain.extras, XPV_NETIF_EXTRA_HASH));
	begin();
	check(!chain.odd_hash);
}

static void sent(void)
{
	check_eq(netfront_parse_sent(0), NETFRONT_SENT);
	check_eq(netfront_parse_sent(-1), NETFRONT_SENT_ERROR);
	check_eq(netfront_parse_sent(-2), NETFRONT_SENT_DROPPED);
	check_eq(netfront_parse_sent(1), NETFRONT_SENT_NULL);
	check_eq(netfront_parse_sent(2), NETFRONT_SENT_NONSENSE);
	check_eq(netfront_parse_sent(-3), NETFRONT_SENT_NONSENSE);
	check_eq(netfront_parse_sent(-32768), NETFRONT_SENT_NONSENSE);
}

static enum netfront_ctrl_result ctrl(u16 id, u16 type, u32 status)
{
	struct xpv_netif_ctrl_req req = { .id = 7, .type = 3 };
	struct xpv_netif_ctrl_rsp rsp = {
		.id = id, .type = type, .status = status,
	};

	return netfront_parse_ctrl(&req, &rsp);
}

static void control(void)
{
	check_eq(ctrl(7, 3, 0), NETFRONT_CTRL_OKAY);
	check_eq(ctrl(7, 3, 1), NETFRONT_CTRL_NOTSUPP);
	check_eq(ctrl(7, 3, 2), NETFRONT_CTRL_INVALID);
	check_eq(ctrl(7, 3, 3), NETFRONT_CTRL_OVERFLOW);
	check_eq(ctrl(7, 3, 4), NETFRONT_CTRL_STATUS);
	check_eq(ctrl(7, 3, ~0U), NETFRONT_CTRL_STATUS);
	check_eq(ctrl(8, 3, 0), NETFRONT_CTRL_ID);
	check_eq(ctrl(7, 4, 0), NETFRONT_CTRL_TYPE);
}

static void mapping(void)
{
	check_eq(netfront_parse_mapping_size(0), 0);
	check_eq(netfront_parse_mapping_size(1), 1);
	check_eq(netfront_parse_mapping_size(2), 2);
	check_eq(netfront_parse_mapping_size(100), 64);
	check_eq(netfront_parse_mapping_size(127), 64);
	check_eq(netfront_parse_mapping_size(128), 128);
	check_eq(netfront_parse_mapping_size(1024), 128);
	check_eq(netfront_parse_mapping_size(~0U), 128);
}

static const struct ktap_case cases[] = {
	{ "keys: all offers", keys_all },
	{ "keys: the least", keys_least },
	{ "keys: feature-rx-copy is needed", keys_rx_copy },
	{ "keys: number of queues", keys_queues },
	{ "keys: each offer alone", keys_single },
	{ "keys: offers that depend on others", keys_depend },
	{ "keys: garbage is no offer", keys_garbage },
	{ "values", values },
	{ "mtu: bounds", mtu },
	{ "chain: one slot", chain_plain },
	{ "chain: data within its page", chain_bounds },
	{ "chain: number of slots", chain_slots },
	{ "chain: a bad packet has an end, too", chain_bad_to_the_end },
	{ "chain: no end", chain_endless },
	{ "chain: errors", chain_failed },
	{ "chain: extra infos", chain_extras },
	{ "chain: headroom that only the extra info tells of", chain_headroom },
	{ "chain: extra flag behind the first slot", chain_extra_late },
	{ "chain: bad extra infos", chain_extras_bad },
	{ "chain: a hash of an unknown kind", chain_odd_hash },
	{ "sent: statuses", sent },
	{ "control: answers", control },
	{ "control: size of the table", mapping },
};

KTAP_MAIN(cases)
