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

static void test_chain(void)
{
	const u8 mac[6] = { 1, 2, 3, 4, 5, 6 };

	xpv_netif_extras_init(&x);
	check_eq(take(xpv_netif_extra_gso(XPV_NETIF_GSO_TCPV4, 1448), true),
		 XPV_NETIF_MORE);
	check_eq(take(xpv_netif_extra_mcast(true, mac), true), XPV_NETIF_MORE);
	check_eq(take(xpv_netif_extra_mcast(false, mac), true), XPV_NETIF_MORE);
	check_eq(take(xpv_netif_extra_hash(0, 0xdeadbeef), true),
		 XPV_NETIF_MORE);
	check_eq(take(xpv_netif_extra_xdp(256), false), XPV_NETIF_LAST);
	check_eq(x.nr, XPV_NETIF_EXTRAS_MAX);
	check_eq(xpv_netif_extra_of(&x, XPV_NETIF_EXTRA_XDP)->u.xdp.headroom,
		 256);
	check_eq(xpv_netif_hash_value(xpv_netif_extra_of(&x,
							 XPV_NETIF_EXTRA_HASH)),
		 0xdeadbeef);
	check(!memcmp(xpv_netif_extra_of(&x, XPV_NETIF_EXTRA_MCAST_DEL)->u.mcast,
		      mac, 6));
	/* All types were there: a chain cannot go on. */
	check_eq(take(xpv_netif_extra_xdp(0), true), XPV_NETIF_TWICE);
	check_eq(value, XPV_NETIF_EXTRA_XDP);
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
	check_eq(take(xpv_netif_extra_gso(0, 1), false), XPV_NETIF_BAD_GSO);
	check_eq(take(xpv_netif_extra_gso(3, 1), false), XPV_NETIF_BAD_GSO);
	check_eq(take(xpv_netif_extra_gso(1, 0), false), XPV_NETIF_BAD_GSO);
	check_eq(take(xpv_netif_extra_hash(4, 0), false), XPV_NETIF_BAD_HASH);
	e = xpv_netif_extra_hash(0, 0);
	e.u.hash.algorithm = 0;
	check_eq(take(e, false), XPV_NETIF_BAD_HASH);
	check_eq(take(xpv_netif_extra_xdp(0x8000), false), XPV_NETIF_BAD_XDP);
	check_eq(x.seen, 0);
	check_eq(x.nr, 0);
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
	{ "extra infos", test_chain },
	{ "bad extra infos", test_bad },
	{ "checksum flags", test_csum },
	{ "pieces", test_pieces },
};

KTAP_MAIN(cases)
