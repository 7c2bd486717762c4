// SPDX-License-Identifier: GPL-2.0-only
/* What both ends of the network protocol share. */
#include <string.h>
#include "ktap.h"
#include <xenpv/netif.h>

static struct xpv_netif_extras x;
static u64 value, bound;

static enum xpv_netif_take take(struct xpv_netif_extra e, bool more)
{
	e.flags = more ? XPV_NETIF_EXTRA_MORE : 0;
	return xpv_netif_extra_take(&x, &e, &value, &bound);
}

static void test_layout(void)
{
	check_eq(sizeof(struct xpv_netif_tx_req), XPV_NETIF_TX_ENTRY);
	check_eq(sizeof(struct xpv_netif_tx_rsp), 4);
	check_eq(sizeof(struct xpv_netif_rx_req), XPV_NETIF_RX_ENTRY);
	check_eq(sizeof(struct xpv_netif_rx_rsp), XPV_NETIF_RX_ENTRY);
	check_eq(sizeof(struct xpv_netif_extra), XPV_NETIF_RX_ENTRY);
	check_eq(sizeof(struct xpv_netif_ctrl_req), XPV_NETIF_CTRL_ENTRY);
	check_eq(sizeof(struct xpv_netif_ctrl_rsp), 12);
	check_eq(offsetof(struct xpv_netif_extra, u.gso.type), 4);
	check_eq(offsetof(struct xpv_netif_extra, u.hash.value), 4);
}

/* What both ends must agree on, whatever it is called here: netif.h of Xen. */
static void test_values(void)
{
	static const struct {
		unsigned int got, want;
	} v[] = {
		{ XPV_NETIF_PAGE_BYTES, 4096 }, { XPV_NETIF_RING_ENTRIES, 256 },
		{ XPV_NETIF_TX_ENTRY, 12 }, { XPV_NETIF_RX_ENTRY, 8 },
		{ XPV_NETIF_CTRL_ENTRY, 16 }, { XPV_NETIF_SLOTS_MIN, 18 },
		{ XPV_NETIF_MAX_PACKET, 65535 }, { XPV_NETIF_ETH_HLEN, 14 },
		{ XPV_NETIF_RX_SLOTS_MAX, 17 }, { XPV_NETIF_MTU_MIN, 68 },
		{ XPV_NETIF_MTU_DEFAULT, 1500 }, { XPV_NETIF_MTU_MAX, 65517 },
		{ XPV_NETIF_XDP_HEADROOM_MAX, 32767 },
		{ XPV_NETIF_TX_CSUM_BLANK, 1 }, { XPV_NETIF_TX_DATA_VALIDATED, 2 },
		{ XPV_NETIF_TX_MORE_DATA, 4 }, { XPV_NETIF_TX_EXTRA_INFO, 8 },
		{ XPV_NETIF_RX_DATA_VALIDATED, 1 }, { XPV_NETIF_RX_CSUM_BLANK, 2 },
		{ XPV_NETIF_RX_MORE_DATA, 4 }, { XPV_NETIF_RX_EXTRA_INFO, 8 },
		{ XPV_NETIF_RSP_DROPPED + 10, 8 }, { XPV_NETIF_RSP_ERROR + 10, 9 },
		{ XPV_NETIF_RSP_OKAY, 0 }, { XPV_NETIF_RSP_NULL, 1 },
		{ XPV_NETIF_EXTRA_GSO, 1 }, { XPV_NETIF_EXTRA_MCAST_ADD, 2 },
		{ XPV_NETIF_EXTRA_MCAST_DEL, 3 }, { XPV_NETIF_EXTRA_HASH, 4 },
		{ XPV_NETIF_EXTRA_XDP, 5 }, { XPV_NETIF_EXTRA_TYPES, 6 },
		{ XPV_NETIF_EXTRA_MORE, 1 }, { XPV_NETIF_EXTRAS_MAX, 5 },
		{ XPV_NETIF_GSO_NONE, 0 }, { XPV_NETIF_GSO_TCPV4, 1 },
		{ XPV_NETIF_GSO_TCPV6, 2 },
		{ XPV_NETIF_HASH_IPV4, 0 }, { XPV_NETIF_HASH_IPV4_TCP, 1 },
		{ XPV_NETIF_HASH_IPV6, 2 }, { XPV_NETIF_HASH_IPV6_TCP, 3 },
		{ XPV_NETIF_HASH_FLAGS, 15 },
		{ XPV_NETIF_HASH_ALG_NONE, 0 }, { XPV_NETIF_HASH_ALG_TOEPLITZ, 1 },
		{ XPV_NETIF_CTRL_GET_HASH_FLAGS, 1 }, { XPV_NETIF_CTRL_SET_HASH_FLAGS, 2 },
		{ XPV_NETIF_CTRL_SET_HASH_KEY, 3 }, { XPV_NETIF_CTRL_GET_MAPPING_SIZE, 4 },
		{ XPV_NETIF_CTRL_SET_MAPPING_SIZE, 5 }, { XPV_NETIF_CTRL_SET_MAPPING, 6 },
		{ XPV_NETIF_CTRL_SET_HASH_ALG, 7 }, { XPV_NETIF_CTRL_GET_GREF_SIZE, 8 },
		{ XPV_NETIF_CTRL_ADD_GREFS, 9 }, { XPV_NETIF_CTRL_DEL_GREFS, 10 },
		{ XPV_NETIF_CTRL_SUCCESS, 0 }, { XPV_NETIF_CTRL_NOT_SUPPORTED, 1 },
		{ XPV_NETIF_CTRL_INVALID, 2 }, { XPV_NETIF_CTRL_OVERFLOW, 3 },
		{ XPV_NETIF_GREF_READONLY, 1 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (v[i].got != v[i].want)
			printf("# value %u\n", i);
		check_eq(v[i].got, v[i].want);
	}
}

static void test_chain(void)
{
	const u8 mac[6] = { 1, 2, 3, 4, 5, 6 };
	struct xpv_netif_extra e;

	memset(&x, 0xa5, sizeof(x));
	xpv_netif_extras_init(&x);
	check_eq(take(xpv_netif_extra_gso(XPV_NETIF_GSO_TCPV4, 1448), true),
		 XPV_NETIF_MORE);
	check_eq(xpv_netif_extra_of(&x, XPV_NETIF_EXTRA_GSO)->u.gso.size, 1448);
	check_eq(xpv_netif_extra_of(&x, XPV_NETIF_EXTRA_GSO)->u.gso.type, 1);
	check(!xpv_netif_extra_of(&x, XPV_NETIF_EXTRA_HASH));
	check_eq(xpv_netif_extra_mcast(true, mac).type, XPV_NETIF_EXTRA_MCAST_ADD);
	check_eq(xpv_netif_extra_mcast(false, mac).type, XPV_NETIF_EXTRA_MCAST_DEL);
	check_eq(take(xpv_netif_extra_mcast(true, mac), true), XPV_NETIF_MORE);
	check_eq(take(xpv_netif_extra_mcast(false, mac), true), XPV_NETIF_MORE);
	check_eq(take(xpv_netif_extra_hash(0, 0xdeadbeef), true),
		 XPV_NETIF_MORE);
	check_eq(take(xpv_netif_extra_xdp(256), false), XPV_NETIF_LAST);
	check_eq(x.nr, XPV_NETIF_EXTRAS_MAX);
	check_eq(xpv_netif_extra_of(&x, XPV_NETIF_EXTRA_XDP)->u.xdp.headroom,
		 256);
	e = *xpv_netif_extra_of(&x, XPV_NETIF_EXTRA_HASH);
	check_eq(xpv_netif_hash_value(&e), 0xdeadbeef);
	check(!memcmp(e.u.hash.value, "\xef\xbe\xad\xde", 4));
	check_eq(e.u.hash.type, 0);
	check_eq(xpv_netif_extra_hash(3, 0).u.hash.type, 3);
	check(!memcmp(xpv_netif_extra_of(&x, XPV_NETIF_EXTRA_MCAST_ADD)->u.mcast,
		      mac, 6));
	check(!memcmp(xpv_netif_extra_of(&x, XPV_NETIF_EXTRA_MCAST_DEL)->u.mcast,
		      mac, 6));
	/* All types were there: a chain cannot go on. */
	check_eq(take(xpv_netif_extra_xdp(0), true), XPV_NETIF_TWICE);
	check_eq(value, XPV_NETIF_EXTRA_XDP);
}

static void bad(struct xpv_netif_extra e, enum xpv_netif_take want, u64 val,
		u64 limit)
{
	check_eq(take(e, false), want);
	check_eq(value, val);
	check_eq(bound, limit);
}

static void test_bad(void)
{
	struct xpv_netif_extra e = { .type = 0 };

	xpv_netif_extras_init(&x);
	check_eq(take(e, false), XPV_NETIF_BAD_TYPE);
	e.type = XPV_NETIF_EXTRA_TYPES;
	check_eq(take(e, false), XPV_NETIF_BAD_TYPE);
	e.type = 255;
	check_eq(take(e, false), XPV_NETIF_BAD_TYPE);
	check_eq(value, 255);
	check_eq(bound, 5);
	bad(xpv_netif_extra_gso(0, 1), XPV_NETIF_BAD_GSO, 0, 2);
	bad(xpv_netif_extra_gso(3, 1), XPV_NETIF_BAD_GSO, 3, 2);
	bad(xpv_netif_extra_gso(1, 0), XPV_NETIF_BAD_GSO, 0, 1);
	bad(xpv_netif_extra_hash(4, 0), XPV_NETIF_BAD_HASH, 4, 3);
	e = xpv_netif_extra_hash(0, 0);
	e.u.hash.algorithm = 0;
	bad(e, XPV_NETIF_BAD_HASH, 0, 1);
	e.u.hash.algorithm = 2;
	bad(e, XPV_NETIF_BAD_HASH, 2, 1);
	bad(xpv_netif_extra_xdp(0x8000), XPV_NETIF_BAD_XDP, 0x8000, 0x7fff);
	check_eq(x.seen, 0);
	check_eq(x.nr, 0);
	check_eq(take(xpv_netif_extra_xdp(0x7fff), false), XPV_NETIF_LAST);
	check_eq(take(xpv_netif_extra_hash(3, 1), false), XPV_NETIF_LAST);
	check_eq(x.nr, 2);
}

/* Noted, so that it cannot come again and again. */
static void test_odd_gso(void)
{
	static const u16 odd[] = { 1, XPV_NETIF_GSO_SIZE_MIN - 1, 0xffff };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		xpv_netif_extras_init(&x);
		check_eq(take(xpv_netif_extra_gso(2, odd[i]), true),
			 XPV_NETIF_ODD_GSO);
		check_eq(value, odd[i]);
		check_eq(bound, odd[i] == 0xffff ? 0xfffe : 8);
		check_eq(take(xpv_netif_extra_gso(2, 1448), true),
			 XPV_NETIF_TWICE);
	}
	xpv_netif_extras_init(&x);
	check_eq(take(xpv_netif_extra_gso(1, 8), false), XPV_NETIF_LAST);
	xpv_netif_extras_init(&x);
	check_eq(take(xpv_netif_extra_gso(1, 0xfffe), true), XPV_NETIF_MORE);
}

static void test_csum(void)
{
	unsigned int c;

	for (c = XPV_NETIF_CSUM_NONE; c <= XPV_NETIF_CSUM_BLANK; c++) {
		check_eq(xpv_netif_tx_csum(xpv_netif_tx_csum_flags(c)), c);
		check_eq(xpv_netif_rx_csum(xpv_netif_rx_csum_flags(c)), c);
	}
	check_eq(xpv_netif_tx_csum(XPV_NETIF_TX_CSUM_BLANK),
		 XPV_NETIF_CSUM_BLANK);
	check_eq(xpv_netif_rx_csum(XPV_NETIF_RX_CSUM_BLANK),
		 XPV_NETIF_CSUM_BLANK);
	check_eq(xpv_netif_tx_csum(XPV_NETIF_TX_DATA_VALIDATED), XPV_NETIF_CSUM_GOOD);
	check_eq(xpv_netif_rx_csum(XPV_NETIF_RX_DATA_VALIDATED), XPV_NETIF_CSUM_GOOD);
	check_eq(xpv_netif_tx_csum(XPV_NETIF_TX_MORE_DATA), XPV_NETIF_CSUM_NONE);
	check_eq(xpv_netif_rx_csum(XPV_NETIF_RX_MORE_DATA), XPV_NETIF_CSUM_NONE);
	check_eq(xpv_netif_tx_csum_flags(XPV_NETIF_CSUM_NONE), 0);
	check_eq(xpv_netif_rx_csum_flags(XPV_NETIF_CSUM_NONE), 0);
	check_eq(xpv_netif_rx_csum_flags(XPV_NETIF_CSUM_BLANK), 3);
	check_eq(xpv_netif_tx_csum_flags(XPV_NETIF_CSUM_BLANK), 3);
	check_eq(xpv_netif_tx_csum_flags(XPV_NETIF_CSUM_GOOD), 2);
	check_eq(xpv_netif_rx_csum_flags(XPV_NETIF_CSUM_GOOD), 1);
}

static void test_pieces(void)
{
	check_eq(xpv_netif_pieces(0, 0), 0);
	check_eq(xpv_netif_pieces(4095, 0), 0);
	check_eq(xpv_netif_pieces(0, 1), 1);
	check_eq(xpv_netif_pieces(4095, 1), 1);
	check_eq(xpv_netif_pieces(4095, 2), 2);
	check_eq(xpv_netif_pieces(0, 4096), 1);
	check_eq(xpv_netif_pieces(1, 4096), 2);
	check_eq(xpv_netif_pieces(8192, 4096), 1);
	check_eq(xpv_netif_pieces(4095, 65535), XPV_NETIF_RX_SLOTS_MAX);
}

static const struct ktap_case cases[] = {
	{ "layout", test_layout },
	{ "values", test_values },
	{ "extra infos", test_chain },
	{ "bad extra infos", test_bad },
	{ "odd sizes of segments", test_odd_gso },
	{ "checksum flags", test_csum },
	{ "pieces", test_pieces },
};

KTAP_MAIN(cases)
