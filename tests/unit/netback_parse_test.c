// SPDX-License-Identifier: GPL-2.0-only
/* Transmit chains, headers and keys as a guest may write them. */
#include <stdlib.h>
#include <string.h>
#include "ktap.h"
#include "../../common/parse.c"
#include "../../netback/parse.c"

#define FATAL 20
#define MORE XPV_NETIF_TX_MORE_DATA
#define EXTRA XPV_NETIF_TX_EXTRA_INFO

static struct netback_chain c;
static enum netback_want want;

static struct xpv_netif_tx_req req(u16 offset, u16 size, u16 flags)
{
	struct xpv_netif_tx_req r = {
		.gref = 8, .offset = offset, .size = size, .flags = flags,
		.id = 5,
	};

	return r;
}

static void begin(u16 offset, u16 size, u16 flags)
{
	struct xpv_netif_tx_req r = req(offset, size, flags);

	memset(&c, 0xa5, sizeof(c));
	want = netback_chain_begin(&c, &r, FATAL);
}

/* Each slot has a grant and an id of its own. */
static void slot(u16 offset, u16 size, u16 flags)
{
	struct xpv_netif_tx_req r = req(offset, size, flags);

	check_eq(want, NETBACK_WANT_SLOT);
	check_eq(c.piece[0].size, 0);	/* not known yet */
	r.gref += c.nr;
	r.id += c.nr;
	want = netback_chain_slot(&c, &r);
}

static void extra(struct xpv_netif_extra e, bool more)
{
	check_eq(want, NETBACK_WANT_EXTRA);
	e.flags = more;
	want = netback_chain_extra(&c, &e);
}

static void good(unsigned int nr)
{
	unsigned int i, sum = 0;

	check_eq(want, NETBACK_WANT_NOTHING);
	check(!c.bad);
	check_eq(c.nr, nr);
	check(!c.odd);
	for (i = 0; i < c.nr; i++) {
		check_eq(c.piece[i].gref, 8 + i);
		check_eq(c.piece[i].id, 5 + i);
		sum += c.piece[i].size;
	}
	check_eq(sum, c.len);
}

static void dropped(unsigned int site, u64 value, u64 bound)
{
	check_eq(want, NETBACK_WANT_NOTHING);
	check(c.bad);
	check_eq(c.fault.site, site);
	check_eq(c.fault.value, value);
	check_eq(c.fault.bound, bound);
}

static void disabled(unsigned int site, u64 value, u64 bound)
{
	check_eq(want, NETBACK_WANT_DISABLE);
	check(c.bad);
	check_eq(c.fault.site, site);
	check_eq(c.fault.value, value);
	check_eq(c.fault.bound, bound);
}

static void test_values(void)
{
	check_eq(NETBACK_SLOTS, 18);
	check_eq(NETBACK_FATAL_MAX, 32);
	check_eq(NETBACK_HEADERS, 128);
	check_eq(NETBACK_RATE_MAX, 1LL << 36);
}

static void test_single(void)
{
	begin(0, 60, 0);
	good(1);
	check_eq(c.flags, 0);
	begin(4096 - 60, 60, XPV_NETIF_TX_CSUM_BLANK);
	good(1);
	check_eq(c.flags, XPV_NETIF_TX_CSUM_BLANK);
	begin(0, 4096, 0);
	good(1);
	begin(0, 14, 0);
	good(1);
	begin(0, 13, 0);
	dropped(NETBACK_SITE_TX_SIZE, 13, 14);
	begin(0, 0, 0);
	dropped(NETBACK_SITE_TX_SIZE, 0, 14);
	begin(4096 - 59, 60, 0);
	disabled(NETBACK_SITE_TX_PAGE, 4097, 4096);
	begin(0, 4097, 0);
	disabled(NETBACK_SITE_TX_PAGE, 4097, 4096);
	begin(65535, 65535, 0);
	disabled(NETBACK_SITE_TX_PAGE, 131070, 4096);
}

static void test_chain(void)
{
	begin(100, 3000, MORE);
	slot(0, 1000, MORE);
	slot(3596, 500, 0);
	good(3);
	check_eq(c.piece[0].size, 1500);

	/* The first slot is known to be too large when the last is seen. */
	begin(100, 5000, MORE);
	slot(0, 1000, 0);
	disabled(NETBACK_SITE_TX_PAGE, 4100, 4096);

	/* Slots without data are legal at any place (XSA-448). */
	begin(0, 100, MORE);
	slot(0, 100, MORE);
	slot(4096, 0, 0);
	good(3);
	check_eq(c.piece[0].size, 0);
	begin(0, 100, MORE);
	slot(0, 0, MORE);
	slot(0, 0, 0);
	good(3);

	begin(0, 100, MORE);
	slot(0, 101, MORE);
	slot(0, 10, 0);
	dropped(NETBACK_SITE_TX_SLOT_SIZE, 101, 100);
	begin(0, 100, MORE);
	slot(0, 60, MORE);
	slot(0, 41, 0);
	dropped(NETBACK_SITE_TX_SLOT_SIZE, 41, 40);
	begin(0, 100, MORE);
	slot(4000, 97, MORE);
	disabled(NETBACK_SITE_TX_PAGE, 4097, 4096);
}

static void fill(unsigned int nr, u16 each)
{
	unsigned int i;

	begin(0, nr * each, nr > 1 ? MORE : 0);
	for (i = 1; i < nr && want == NETBACK_WANT_SLOT; i++)
		slot(0, each, i + 1 < nr ? MORE : 0);
}

static void test_slots(void)
{
	fill(18, 1);
	good(18);		/* 18 bytes in 18 slots (XSA-432) */
	fill(18, 3640);
	good(18);
	fill(19, 100);
	dropped(NETBACK_SITE_TX_SLOTS, 19, 18);
	fill(20, 100);
	dropped(NETBACK_SITE_TX_SLOTS, 20, 18);
	fill(21, 100);
	disabled(NETBACK_SITE_TX_SLOTS_FATAL, 21, 20);

	begin(0, 100, MORE);
	slot(0, 10, MORE);
	want = netback_chain_short(&c);
	disabled(NETBACK_SITE_TX_SHORT, 2, 3);
}

static void test_extras(void)
{
	const u8 addr[6] = { 1, 0, 0x5e, 1, 2, 3 };
	struct xpv_netif_extra e;

	begin(0, 4000, EXTRA);
	extra(xpv_netif_extra_gso(XPV_NETIF_GSO_TCPV4, 1448), false);
	good(1);
	check_eq(c.nr_extra, 1);
	check_eq(xpv_netif_extra_of(&c.extras, XPV_NETIF_EXTRA_GSO)->u.gso.size,
		 1448);

	begin(0, 4000, EXTRA | MORE);
	extra(xpv_netif_extra_gso(XPV_NETIF_GSO_TCPV6, 8), true);
	extra(xpv_netif_extra_hash(XPV_NETIF_HASH_IPV6_TCP, 0x12345678), false);
	slot(0, 1, 0);
	good(2);
	check_eq(xpv_netif_hash_value(xpv_netif_extra_of(&c.extras,
							 XPV_NETIF_EXTRA_HASH)),
		 0x12345678);

	begin(0, 4000, EXTRA);
	extra(xpv_netif_extra_gso(XPV_NETIF_GSO_TCPV4, 0), false);
	disabled(NETBACK_SITE_TX_GSO, 0, 1);
	begin(0, 4000, EXTRA);
	extra(xpv_netif_extra_gso(3, 1448), false);
	disabled(NETBACK_SITE_TX_GSO, 3, 2);
	begin(0, 4000, EXTRA);
	extra(xpv_netif_extra_gso(XPV_NETIF_GSO_NONE, 1448), false);
	disabled(NETBACK_SITE_TX_GSO, 0, 2);

	/* Sizes of segments that no TCP has cost the packet only. */
	begin(0, 4000, EXTRA);
	extra(xpv_netif_extra_gso(XPV_NETIF_GSO_TCPV4, 7), false);
	dropped(NETBACK_SITE_TX_GSO, 7, 8);
	begin(0, 4000, EXTRA);
	extra(xpv_netif_extra_gso(XPV_NETIF_GSO_TCPV4, 0xfffe), false);
	good(1);
	begin(0, 4000, EXTRA | MORE);
	extra(xpv_netif_extra_gso(XPV_NETIF_GSO_TCPV6, 0xffff), true);
	extra(xpv_netif_extra_hash(XPV_NETIF_HASH_IPV6_TCP, 1), false);
	slot(0, 1, 0);
	dropped(NETBACK_SITE_TX_GSO, 0xffff, 0xfffe);
	check_eq(c.nr, 2);
	check_eq(c.nr_extra, 2);
	begin(0, 4000, EXTRA);
	extra(xpv_netif_extra_gso(XPV_NETIF_GSO_TCPV4, 1), true);
	extra(xpv_netif_extra_gso(XPV_NETIF_GSO_TCPV4, 1), true);
	disabled(NETBACK_SITE_TX_EXTRA, 1, 5);

	memset(&e, 0, sizeof(e));
	begin(0, 4000, EXTRA);
	extra(e, false);
	disabled(NETBACK_SITE_TX_EXTRA, 0, 5);
	e.type = XPV_NETIF_EXTRA_TYPES;
	begin(0, 4000, EXTRA);
	extra(e, false);
	disabled(NETBACK_SITE_TX_EXTRA, 6, 5);
	begin(0, 4000, EXTRA);
	extra(xpv_netif_extra_gso(XPV_NETIF_GSO_TCPV4, 9), true);
	extra(xpv_netif_extra_gso(XPV_NETIF_GSO_TCPV4, 9), true);
	disabled(NETBACK_SITE_TX_EXTRA, 1, 5);
	begin(0, 4000, EXTRA);
	want = netback_chain_short(&c);
	disabled(NETBACK_SITE_TX_SHORT, 1, 2);

	/* Advice that cannot be used is ignored, but not without end. */
	begin(0, 4000, EXTRA);
	extra(xpv_netif_extra_hash(9, 1), false);
	check(c.odd);
	c.odd = false;
	good(1);
	check(!xpv_netif_extra_of(&c.extras, XPV_NETIF_EXTRA_HASH));
	check_eq(c.fault.site, NETBACK_SITE_TX_HASH);
	begin(0, 4000, EXTRA);
	extra(xpv_netif_extra_hash(9, 1), true);
	extra(xpv_netif_extra_hash(9, 1), true);
	extra(xpv_netif_extra_hash(9, 1), true);
	extra(xpv_netif_extra_hash(9, 1), true);
	extra(xpv_netif_extra_hash(9, 1), true);
	disabled(NETBACK_SITE_TX_EXTRA, 9, 3);

	/* A message about multicast has no packet. */
	begin(0, 0, EXTRA);
	extra(xpv_netif_extra_mcast(true, addr), true);
	extra(xpv_netif_extra_mcast(false, addr), false);
	check_eq(want, NETBACK_WANT_NOTHING);
	check(!c.bad && netback_chain_is_mcast(&c));
	check_eq(c.nr_extra, 2);
	begin(0, 0, EXTRA);
	extra(xpv_netif_extra_mcast(true, addr), false);
	check_eq(want, NETBACK_WANT_NOTHING);
	check(!c.bad && netback_chain_is_mcast(&c));
	begin(0, 0, EXTRA);
	extra(xpv_netif_extra_mcast(false, addr), false);
	check_eq(want, NETBACK_WANT_NOTHING);
	check(!c.bad && netback_chain_is_mcast(&c));
	begin(0, 60, 0);
	good(1);
	check(!netback_chain_is_mcast(&c));
}

/* The first @len bytes of a frame, and nothing readable behind them. */
static unsigned int headers(const u8 *frame, unsigned int len)
{
	u8 *copy = malloc(len ? len : 1);
	unsigned int n;

	memcpy(copy, frame, len);
	n = netback_parse_headers(copy, len);
	free(copy);
	return n;
}

/* All there from @want bytes on, and not before. */
static void headers_are(const u8 *frame, unsigned int want)
{
	unsigned int i;

	for (i = 0; i < want; i++)
		check_eq(headers(frame, i), 0);
	check_eq(headers(frame, want), want);
	check_eq(headers(frame, 128), want);
}

static void test_headers(void)
{
	u8 f[128] = { 0 };

	/* IPv4, TCP with 12 bytes of options. */
	f[12] = 0x08;
	f[14] = 0x45;
	f[23] = 6;
	f[46] = 0x80;
	headers_are(f, 66);
	f[46] = 0x50;
	headers_are(f, 54);
	f[46] = 0xf0;
	headers_are(f, 94);
	f[46] = 0x40;		/* shorter than a header */
	check_eq(headers(f, 128), 0);
	f[23] = 17;
	headers_are(f, 42);
	f[14] = 0x4f;		/* all options that there can be */
	headers_are(f, 82);
	f[23] = 1;
	check_eq(headers(f, 128), 0);
	f[23] = 17;
	f[14] = 0x44;
	check_eq(headers(f, 128), 0);
	f[14] = 0x45;
	f[13] = 0x01;		/* no IPv4 */
	check_eq(headers(f, 128), 0);

	/* Two tags, IPv6, UDP. */
	memset(f, 0, sizeof(f));
	f[12] = 0x88;
	f[13] = 0xa8;
	f[16] = 0x81;
	f[20] = 0x86;
	f[21] = 0xdd;
	f[22 + 6] = 17;
	headers_are(f, 70);
	f[22 + 6] = 6;
	f[22 + 40 + 12] = 0x50;
	headers_are(f, 82);
	f[22 + 6] = 7;
	check_eq(headers(f, 128), 0);
	f[22 + 6] = 6;
	f[20] = 0x81;		/* three tags */
	f[21] = 0;
	f[24] = 0x86;
	f[25] = 0xdd;
	f[26 + 6] = 17;
	check_eq(headers(f, 128), 0);
}

/* A copy without a byte to spare, so that ASAN sees what reads behind it. */
static char *exact(const char *s)
{
	return memcpy(malloc(strlen(s) + 1), s, strlen(s));
}

static int rate(const char *s, u64 *bytes, u64 *usecs)
{
	char *copy = exact(s);
	int err = netback_parse_rate(copy, strlen(s), bytes, usecs);

	free(copy);
	return err;
}

static void test_rate(void)
{
	static const char *const bad[] = {
		"", ",", "1", "1,", ",1", "1,2,3", "a,1", "1,b", "1;2",
	};
	static const char *const out[] = {
		"0,5", "5,0", "5,4294967296", "68719476737,1",
		"99999999999999999999,1", "1,99999999999999999999",
	};
	u64 b = 7, u = 7;
	unsigned int i;

	check_eq(rate("62500,50000", &b, &u), 0);
	check_eq(b, 62500);
	check_eq(u, 50000);
	check_eq(rate("68719476736,4294967295", &b, &u), 0);
	check_eq(b, 68719476736);
	check_eq(u, 4294967295);
	check_eq(rate(" 1 , 2\n", &b, &u), 0);
	check_eq(b, 1);
	check_eq(u, 2);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_eq(rate(bad[i], &b, &u), -EINVAL);
	for (i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		check_eq(rate(out[i], &b, &u), -ERANGE);
	check_eq(b, 1);
	check_eq(u, 2);
}

static const struct ktap_case cases[] = {
	{ "values", test_values },
	{ "packets in one slot", test_single },
	{ "packets in several slots", test_chain },
	{ "too many slots, too few", test_slots },
	{ "extra infos", test_extras },
	{ "headers in the linear part", test_headers },
	{ "rate", test_rate },
};

KTAP_MAIN(cases)
