// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netback's receive hash against the vectors that Microsoft publishes for RSS,
 * flows from packets, control messages.
 */
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include "ktap.h"
#include "../../netback/hash.c"

static const u8 key[NETBACK_HASH_KEY] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2,
	0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0,
	0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4,
	0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c,
	0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

/* "Verifying the RSS hash calculation", Windows driver documentation. */
static const struct vector {
	int family;
	const char *dst;
	u16 dport;
	const char *src;
	u16 sport;
	u32 ip;
	u32 tcp;
} vectors[] = {
	{ AF_INET, "161.142.100.80", 1766, "66.9.149.187", 2794,
	  0x323e8fc2, 0x51ccc178 },
	{ AF_INET, "65.69.140.83", 4739, "199.92.111.2", 14230,
	  0xd718262a, 0xc626b0ea },
	{ AF_INET, "12.22.207.184", 38024, "24.19.198.95", 12898,
	  0xd2d0a5de, 0x5c2b394a },
	{ AF_INET, "209.142.163.6", 2217, "38.27.205.30", 48228,
	  0x82989176, 0xafc7327f },
	{ AF_INET, "202.188.127.2", 1303, "153.39.163.191", 44251,
	  0x5d1809c5, 0x10e828a2 },
	{ AF_INET6, "3ffe:2501:200:3::1", 1766,
	  "3ffe:2501:200:1fff::7", 2794, 0x2cc18cd5, 0x40207d3d },
	{ AF_INET6, "ff02::1", 4739,
	  "3ffe:501:8::260:97ff:fe40:efab", 14230, 0x0f0c461c, 0xdde51bbf },
	{ AF_INET6, "fe80::200:f8ff:fe21:67cf", 38024,
	  "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251,
	  0x4b61e985, 0x02d1feef },
};

#define NR_VECTORS (sizeof(vectors) / sizeof(vectors[0]))

static struct netback_hash hash;
static struct netback_flow flow;
static struct netback_ctrl ctrl;
static u8 frame[NETBACK_FLOW_BYTES + 4];

/* A frame for a vector; @tags VLAN tags, @opts bytes of IPv4 options. */
static unsigned int build(const struct vector *v, u8 proto, unsigned int tags,
			  unsigned int opts)
{
	unsigned int off = 12, alen = v->family == AF_INET ? 4 : 16;
	u8 *ports;

	memset(frame, 0, sizeof(frame));
	for (; tags; tags--, off += 4)
		frame[off] = 0x81;
	frame[off] = v->family == AF_INET ? 0x08 : 0x86;
	frame[off + 1] = v->family == AF_INET ? 0x00 : 0xdd;
	off += 2;
	if (v->family == AF_INET) {
		frame[off] = 0x45 + opts / 4;
		frame[off + 9] = proto;
		inet_pton(AF_INET, v->src, frame + off + 12);
		inet_pton(AF_INET, v->dst, frame + off + 16);
		ports = frame + off + 20 + opts;
	} else {
		frame[off] = 0x60;
		frame[off + 6] = proto;
		inet_pton(AF_INET6, v->src, frame + off + 8);
		inet_pton(AF_INET6, v->dst, frame + off + 8 + alen);
		ports = frame + off + 40;
	}
	ports[0] = v->sport >> 8;
	ports[1] = v->sport;
	ports[2] = v->dport >> 8;
	ports[3] = v->dport;
	return ports + 4 - frame;
}

static u32 both_ways(void)
{
	u32 plain = netback_hash_plain(key, flow.data, flow.len);

	memset(&hash, 0xa5, sizeof(hash));
	netback_hash_set_key(&hash, key, sizeof(key), true);
	check(hash.fast);
	check_eq(hash.lut[0][0], 0);
	check_eq(hash.lut[2 * NETBACK_HASH_INPUT - 1][0], 0);
	check_eq(netback_hash_value(&hash, &flow), plain);
	/* the table is what counts, and only if it is said to be there */
	hash.lut[0][flow.data[0] >> 4] ^= 1;
	check_eq(netback_hash_value(&hash, &flow), plain ^ 1);
	netback_hash_set_key(&hash, key, sizeof(key), false);
	check(!hash.fast);
	check_eq(netback_hash_value(&hash, &flow), plain);
	return plain;
}

static void test_vectors(void)
{
	unsigned int i, tags, len;

	for (i = 0; i < NR_VECTORS; i++) {
		unsigned int type = vectors[i].family == AF_INET ?
				    XPV_NETIF_HASH_IPV4 : XPV_NETIF_HASH_IPV6;

		for (tags = 0; tags < 3; tags++) {
			len = build(&vectors[i], 6, tags, 0);
			check(netback_flow_parse(XPV_NETIF_HASH_FLAGS, frame,
						 len, &flow));
			check_eq(flow.type, type + 1);
			check_eq(both_ways(), vectors[i].tcp);
			check(netback_flow_parse(1u << type, frame, len,
						 &flow));
			check_eq(flow.type, type);
			check_eq(both_ways(), vectors[i].ip);
			len = build(&vectors[i], 17, tags, 0);
			check(netback_flow_parse(XPV_NETIF_HASH_FLAGS, frame,
						 len, &flow));
			check_eq(both_ways(), vectors[i].ip);
		}
	}
}

/* The first @len bytes of the frame, and nothing readable behind them. */
static bool flow_cut(unsigned int len)
{
	u8 *copy = malloc(len ? len : 1);
	bool any;

	memcpy(copy, frame, len);
	any = netback_flow_parse(XPV_NETIF_HASH_FLAGS, copy, len, &flow);
	free(copy);
	return any;
}

/* Input as long as the key: behind its end the key is zero. */
static void test_key_end(void)
{
	u8 data[NETBACK_HASH_KEY] = { 0 };
	u32 bits;

	data[NETBACK_HASH_KEY - 1] = 1;
	check_eq(netback_hash_plain(key, data, sizeof(data)), 0);
	data[NETBACK_HASH_KEY - 1] = 0x80;
	check_eq(netback_hash_plain(key, data, sizeof(data)), 0xfa000000);
	data[NETBACK_HASH_KEY - 1] = 0x02;
	check_eq(netback_hash_plain(key, data, sizeof(data)), 0x80000000);
	bits = 0x01fa0000;
	data[NETBACK_HASH_KEY - 1] = 0;
	data[NETBACK_HASH_KEY - 2] = 0x80;
	check_eq(netback_hash_plain(key, data, sizeof(data)), bits);
}

static const struct netback_hash reset_to;

static void test_reset(void)
{
	/* netif.h of Xen knows no larger key; what GET_MAPPING_SIZE says */
	check_eq(NETBACK_HASH_KEY, 40);
	check_eq(NETBACK_HASH_MAPPING, 128);
	check_eq(NETBACK_HASH_INPUT, 16 + 16 + 4);
	check_eq(NETBACK_FLOW_BYTES, 14 + 2 * 4 + 60 + 4);
	memset(&hash, 0xa5, sizeof(hash));
	netback_hash_reset(&hash);
	check(!memcmp(&hash, &reset_to, sizeof(hash)));
}

static void test_flow(void)
{
	unsigned int len, i;

	len = build(&vectors[0], 6, 0, 40);
	check(netback_flow_parse(XPV_NETIF_HASH_FLAGS, frame, len, &flow));
	check_eq(both_ways(), vectors[0].tcp);	/* options are skipped */

	len = build(&vectors[0], 6, 0, 0);
	frame[14 + 6] = 0x20;			/* more fragments */
	check(netback_flow_parse(XPV_NETIF_HASH_FLAGS, frame, len, &flow));
	check_eq(both_ways(), vectors[0].ip);
	frame[14 + 6] = 0x40;			/* do not fragment */
	check(netback_flow_parse(XPV_NETIF_HASH_FLAGS, frame, len, &flow));
	check_eq(both_ways(), vectors[0].tcp);
	frame[14 + 6] = 0x41;			/* not the first, 256 units on */
	check(netback_flow_parse(XPV_NETIF_HASH_FLAGS, frame, len, &flow));
	check_eq(both_ways(), vectors[0].ip);
	frame[14 + 6] = 0x40;
	frame[14 + 7] = 1;			/* not the first */
	check(netback_flow_parse(XPV_NETIF_HASH_FLAGS, frame, len, &flow));
	check_eq(both_ways(), vectors[0].ip);

	/* What is not wanted is not hashed. */
	len = build(&vectors[0], 17, 0, 0);
	check(!netback_flow_parse(1u << XPV_NETIF_HASH_IPV4_TCP, frame, len,
				  &flow));
	len = build(&vectors[5], 6, 0, 0);
	check(!netback_flow_parse(1u << XPV_NETIF_HASH_IPV4 |
				  1u << XPV_NETIF_HASH_IPV4_TCP, frame, len,
				  &flow));
	frame[12] = 0x12;			/* no IP */
	check(!netback_flow_parse(XPV_NETIF_HASH_FLAGS, frame, len, &flow));

	len = build(&vectors[5], 6, 2, 0);
	for (i = 0; i < len; i++) {
		bool any = flow_cut(i);

		check_eq(any, i >= 14 + 8 + 40);
		if (any)
			check_eq(flow.type, XPV_NETIF_HASH_IPV6);
	}
	check(flow_cut(len));
	check_eq(flow.type, XPV_NETIF_HASH_IPV6_TCP);
	len = build(&vectors[0], 6, 3, 0);	/* one tag too many */
	check(!netback_flow_parse(XPV_NETIF_HASH_FLAGS, frame, len, &flow));
	len = build(&vectors[0], 6, 1, 0);
	frame[12] = 0x88;			/* a tag of a provider */
	frame[13] = 0xa8;
	check(netback_flow_parse(XPV_NETIF_HASH_FLAGS, frame, len, &flow));
	check_eq(both_ways(), vectors[0].tcp);

	/* A header shorter than a header has no ports; the longest has. */
	len = build(&vectors[0], 6, 0, 0);
	frame[14] = 0x44;
	check(netback_flow_parse(XPV_NETIF_HASH_FLAGS, frame, len, &flow));
	check_eq(flow.type, XPV_NETIF_HASH_IPV4);

	/* Cut short at each byte: never more than what is there. */
	len = build(&vectors[0], 6, 1, 0);
	for (i = 0; i < len; i++) {
		bool any = flow_cut(i);

		check_eq(any, i >= 38);
		if (any)
			check_eq(flow.type, XPV_NETIF_HASH_IPV4);
	}
}

/* What is told of a message that is refused. */
static void told(u64 value, u64 bound)
{
	check_eq(ctrl.value, value);
	check_eq(ctrl.bound, bound);
}

static enum netback_ctrl_do message(u16 type, u32 d0, u32 d1, u32 d2)
{
	struct xpv_netif_ctrl_req req = {
		.id = 7, .type = type, .data = { d0, d1, d2 },
	};

	memset(&ctrl, 0xa5, sizeof(ctrl));
	return netback_ctrl_check(&hash, &req, &ctrl);
}

static void test_ctrl_alg(void)
{
	netback_hash_reset(&hash);
	check_eq(message(XPV_NETIF_CTRL_GET_HASH_FLAGS, 0, 0, 0),
		 NETBACK_CTRL_ANSWER);
	check_eq(ctrl.status, XPV_NETIF_CTRL_NOT_SUPPORTED);
	message(XPV_NETIF_CTRL_SET_HASH_FLAGS, 1, 0, 0);
	check_eq(ctrl.status, XPV_NETIF_CTRL_NOT_SUPPORTED);
	check(!ctrl.changed);
	check_eq(message(XPV_NETIF_CTRL_SET_HASH_ALG, 2, 0, 0),
		 NETBACK_CTRL_REFUSE);
	check_eq(ctrl.status, XPV_NETIF_CTRL_INVALID);
	told(2, XPV_NETIF_HASH_ALG_TOEPLITZ);
	message(XPV_NETIF_CTRL_SET_HASH_ALG, XPV_NETIF_HASH_ALG_TOEPLITZ, 0, 0);
	check_eq(ctrl.status, XPV_NETIF_CTRL_SUCCESS);
	check(ctrl.changed);
	message(XPV_NETIF_CTRL_GET_HASH_FLAGS, 0, 0, 0);
	check_eq(ctrl.data, 15);
	message(XPV_NETIF_CTRL_SET_HASH_FLAGS, 16, 0, 0);
	check_eq(ctrl.status, XPV_NETIF_CTRL_INVALID);
	told(16, 15);
	check(!ctrl.changed);
	check_eq(hash.flags, 0);
	message(XPV_NETIF_CTRL_SET_HASH_FLAGS, 15, 0, 0);
	check_eq(ctrl.status, XPV_NETIF_CTRL_SUCCESS);
	check(ctrl.changed);
	check_eq(ctrl.data, 0);
	check_eq(hash.flags, 15);
}

static void test_ctrl_key(void)
{
	netback_hash_reset(&hash);
	check_eq(message(XPV_NETIF_CTRL_SET_HASH_KEY, 99, 40, 0),
		 NETBACK_CTRL_KEY);
	check_eq(ctrl.gref, 99);
	check_eq(ctrl.len, 40);
	check_eq(message(XPV_NETIF_CTRL_SET_HASH_KEY, 99, 41, 0),
		 NETBACK_CTRL_REFUSE);
	check_eq(ctrl.status, XPV_NETIF_CTRL_OVERFLOW);
	told(41, 40);
	check_eq(message(XPV_NETIF_CTRL_SET_HASH_KEY, 99, ~0u, 0),
		 NETBACK_CTRL_REFUSE);
	check_eq(ctrl.status, XPV_NETIF_CTRL_OVERFLOW);
	check_eq(message(XPV_NETIF_CTRL_SET_HASH_KEY, 99, 0, 0),
		 NETBACK_CTRL_KEY);
	check_eq(ctrl.len, 0);

	/* A shorter key clears the rest of an old one. */
	netback_hash_set_key(&hash, key, 40, true);
	netback_hash_set_key(&hash, key, 1, true);
	check_eq(hash.key[0], key[0]);
	check_eq(hash.key[1], 0);
	build(&vectors[0], 6, 0, 0);
	netback_hash_set_key(&hash, key, 0, true);
	check(netback_flow_parse(15, frame, sizeof(frame), &flow));
	check_eq(netback_hash_value(&hash, &flow), 0);
}

static void test_ctrl_map(void)
{
	u32 map[NETBACK_HASH_MAPPING];
	unsigned int i;

	netback_hash_reset(&hash);
	message(XPV_NETIF_CTRL_GET_MAPPING_SIZE, 0, 0, 0);
	check_eq(ctrl.data, NETBACK_HASH_MAPPING);
	message(XPV_NETIF_CTRL_SET_MAPPING_SIZE, 129, 0, 0);
	check_eq(ctrl.status, XPV_NETIF_CTRL_INVALID);
	told(129, 128);
	message(XPV_NETIF_CTRL_SET_MAPPING_SIZE, 128, 0, 0);
	check_eq(ctrl.status, XPV_NETIF_CTRL_SUCCESS);
	check(ctrl.changed);

	check_eq(message(XPV_NETIF_CTRL_SET_MAPPING, 5, 128, 0),
		 NETBACK_CTRL_MAP);
	check_eq(ctrl.len, 512);
	check_eq(ctrl.gref, 5);
	check_eq(ctrl.off, 0);
	/* XSA-270: nothing wraps. */
	check_eq(message(XPV_NETIF_CTRL_SET_MAPPING, 5, 2, ~0u),
		 NETBACK_CTRL_REFUSE);
	check_eq(ctrl.status, XPV_NETIF_CTRL_OVERFLOW);
	told(0x100000001, 128);
	check_eq(message(XPV_NETIF_CTRL_SET_MAPPING, 5, ~0u, 2),
		 NETBACK_CTRL_REFUSE);
	check_eq(ctrl.status, XPV_NETIF_CTRL_OVERFLOW);
	told(~0u, 128);
	check_eq(message(XPV_NETIF_CTRL_SET_MAPPING, 5, 129, 0),
		 NETBACK_CTRL_REFUSE);
	check_eq(ctrl.status, XPV_NETIF_CTRL_OVERFLOW);
	check_eq(message(XPV_NETIF_CTRL_SET_MAPPING, 5, 0x40000001, 0),
		 NETBACK_CTRL_REFUSE);
	check_eq(message(XPV_NETIF_CTRL_SET_MAPPING, 5, 1, 128),
		 NETBACK_CTRL_REFUSE);
	check_eq(message(XPV_NETIF_CTRL_SET_MAPPING, 5, 1, 127),
		 NETBACK_CTRL_MAP);
	check_eq(ctrl.off, 127);

	for (i = 0; i < NETBACK_HASH_MAPPING; i++)
		map[i] = i % 4;
	check_eq(netback_hash_set_map(&hash, map, sizeof(map), 0, 4, &ctrl),
		 XPV_NETIF_CTRL_SUCCESS);
	check_eq(netback_hash_queue(&hash, 128 + 3, 4), 3);
	/* The mapping is older than the number of queues. */
	check_eq(netback_hash_queue(&hash, 128 + 3, 2), 0);
	check_eq(netback_hash_queue(&hash, 128 + 3, 3), 0);
	map[100] = 4;
	check_eq(netback_hash_set_map(&hash, map, sizeof(map), 0, 4, &ctrl),
		 XPV_NETIF_CTRL_INVALID);
	told(4, 3);
	check_eq(hash.map[100], 0);	/* all or nothing */
	map[100] = 0;
	map[0] = 9;
	check_eq(netback_hash_set_map(&hash, map, sizeof(map), 0, 4, &ctrl),
		 XPV_NETIF_CTRL_INVALID);
	told(9, 3);
	/* a part: the entries around it stay */
	map[0] = 3;
	check_eq(netback_hash_set_map(&hash, map, 4, 127, 4, &ctrl),
		 XPV_NETIF_CTRL_SUCCESS);
	check_eq(hash.map[127], 3);
	check_eq(hash.map[126], 2);
	check_eq(hash.map[0], 0);

	/* A smaller table: what lies beyond it is refused. */
	message(XPV_NETIF_CTRL_SET_MAPPING_SIZE, 10, 0, 0);
	check_eq(hash.map[3], 0);
	message(XPV_NETIF_CTRL_SET_MAPPING, 5, 11, 0);
	check_eq(ctrl.status, XPV_NETIF_CTRL_INVALID);
	told(11, 10);
	message(XPV_NETIF_CTRL_SET_MAPPING, 5, 4, 7);
	check_eq(ctrl.status, XPV_NETIF_CTRL_INVALID);
	told(11, 10);
	message(XPV_NETIF_CTRL_SET_MAPPING_SIZE, 0, 0, 0);
	check_eq(netback_hash_queue(&hash, 7, 4), 3);
}

static void test_ctrl_other(void)
{
	unsigned int type;

	netback_hash_reset(&hash);
	for (type = XPV_NETIF_CTRL_GET_GREF_SIZE;
	     type <= XPV_NETIF_CTRL_DEL_GREFS; type++) {
		check_eq(message(type, 0, 0, 0), NETBACK_CTRL_ANSWER);
		check_eq(ctrl.status, XPV_NETIF_CTRL_NOT_SUPPORTED);
	}
	check_eq(message(0, 0, 0, 0), NETBACK_CTRL_REFUSE);
	check_eq(message(11, 0, 0, 0), NETBACK_CTRL_REFUSE);
	check_eq(message(65535, 0, 0, 0), NETBACK_CTRL_REFUSE);
	told(65535, XPV_NETIF_CTRL_DEL_GREFS);
	check_eq(ctrl.status, XPV_NETIF_CTRL_NOT_SUPPORTED);
}

static const struct ktap_case cases[] = {
	{ "published Toeplitz vectors, plain and by table", test_vectors },
	{ "end of the key", test_key_end },
	{ "state at first", test_reset },
	{ "what of a packet is hashed", test_flow },
	{ "algorithm and flags", test_ctrl_alg },
	{ "key", test_ctrl_key },
	{ "mapping", test_ctrl_map },
	{ "other messages", test_ctrl_other },
};

KTAP_MAIN(cases)
