// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be checked without Xen: layouts, ring arithmetic, options, and that the tables of
 * cases make sense. The layouts are compared with the canonical headers where they exist.
 */
#include <stdio.h>
#include <string.h>

#include "blk_wire.h"
#include "canonical.h"
#include "net_frame.h"
#include "net_wire.h"
#include "ring.h"
#include "xpeer.h"

static unsigned int bad;

static void check(bool good, const char *what)
{
	if (good)
		return;
	bad++;
	diag("FAIL: %s", what);
}

static void test_ring(void)
{
	static uint8_t mem[16 * PAGE_BYTES];
	struct ring r;

	ring_attach(&r, mem, PAGE_BYTES, sizeof(struct blk_request64));
	check(r.nr == 32, "entries, one page, 64 bit");
	ring_attach(&r, mem, PAGE_BYTES, sizeof(struct blk_request32));
	check(r.nr == 32, "entries, one page, 32 bit");
	ring_attach(&r, mem, sizeof(mem), sizeof(struct blk_request64));
	check(r.nr == 512, "entries, 16 pages");
	ring_format(&r);
	check(ring_slot(&r, 512) == ring_slot(&r, 0), "slots wrap");
	check((uint8_t *)ring_slot(&r, 1) - mem == 64 + 112, "second slot");
	check(!ring_has_requests(&r) && !ring_has_responses(&r), "an empty ring");
	r.req_prod = 1;
	check(ring_push_requests(&r), "the first request wants an event");
	check(ring_has_requests(&r), "a request is there");
	r.req_prod = 2;
	check(!ring_push_requests(&r), "the second does not");
	r.req_cons = 2;
	check(!ring_has_requests(&r), "all taken");
	r.req_prod = 3;
	check(ring_push_requests(&r), "after sleep the next wants one again");
	r.req_prod = 512;
	r.rsp_cons = 0;
	check(ring_full(&r), "full");
	/* Indices wrap at 32 bits. */
	ring_set(&r, RING_REQ_PROD, 0xffffffffu);
	ring_set(&r, RING_REQ_EVENT, 0);
	r.req_prod = 1;
	check(ring_push_requests(&r), "event across the wrap");
}

static void test_wire(const struct blk_abi *abi)
{
	struct blk_request req = { .op = BLK_WRITE, .nr = 2, .handle = 7, .id = ~5ULL }, got;
	struct blk_response rsp = { 1ULL << 40, BLK_FLUSH, BLK_EOPNOTSUPP }, back;
	uint8_t slot[112];

	req.sector = 0x123456789aULL;
	req.seg[1] = (struct blk_segment){ .gref = 9, .first = 1, .last = 6 };
	blk_put_request(abi, slot, &req);
	blk_get_request(abi, slot, &got);
	check(got.id == req.id && got.sector == req.sector && got.nr == 2 && got.handle == 7 &&
	      !memcmp(got.seg, req.seg, sizeof(req.seg)), "request there and back");
	memset(&req, 0, sizeof(req));
	req.op = BLK_INDIRECT;
	req.indirect_op = BLK_READ;
	req.nr = 65535;
	req.gref[7] = 77;
	blk_put_request(abi, slot, &req);
	blk_get_request(abi, slot, &got);
	check(got.nr == 65535 && got.gref[7] == 77, "indirect there and back");
	memset(&req, 0, sizeof(req));
	req.op = BLK_DISCARD;
	req.flag = BLK_DISCARD_SECURE;
	req.nr_sectors = ~0ULL;
	blk_put_request(abi, slot, &req);
	blk_get_request(abi, slot, &got);
	check(got.flag == 1 && got.nr_sectors == ~0ULL, "discard there and back");
	blk_put_response(abi, slot, &rsp);
	blk_get_response(abi, slot, &back);
	check(back.id == rsp.id && back.op == rsp.op && back.status == rsp.status,
	      "response there and back");
}

/* An echo there and back, and rings of both sizes. */
static void test_frames(void)
{
	static const struct net_host a = { { 2, 0, 0, 0, 0, 1 }, { 10, 0, 0, 1 } };
	static const struct net_host b = { { 2, 0, 0, 0, 0, 2 }, { 10, 0, 0, 2 } };
	struct net_host who = { .ip = { 10, 0, 0, 2 } };
	static uint8_t mem[PAGE_BYTES], out[2048], in[2048];
	struct ring r;
	size_t len;

	ring_attach(&r, mem, PAGE_BYTES, NET_TX_ENTRY);
	check(r.nr == NET_RING_ENTRIES, "transmit ring");
	ring_attach(&r, mem, PAGE_BYTES, NET_RX_ENTRY);
	check(r.nr == 256 || r.nr == 512, "receive ring");
	len = frame_arp_request(out, &a, &b);
	len = frame_reply(in, &b, out, len);
	check(frame_arp_answer(in, len, &who) && !memcmp(who.mac, b.mac, 6), "ARP");
	len = frame_echo(out, &a, &b, 7, 9, 501);
	check(len == 543, "length of an echo");
	check(!frame_reply(in, &a, out, len), "an echo for somebody else");
	len = frame_reply(in, &b, out, len);
	check(frame_is_echo_reply(in, len, 7, 9, 501), "echo");
	check(!frame_is_echo_reply(in, len, 7, 10, 501), "another echo");
	in[len - 1] ^= 1;
	check(!frame_is_echo_reply(in, len, 7, 9, 501), "a spoilt echo");
	len = frame_udp(out, &a, &b, 9, 33);
	check(frame_reply(in, &b, out, len) == len, "UDP");
}

/* What options_parse() makes of "blk-front" and up to three words after it. */
static int parse(struct options *opt, const char *a, const char *b, const char *c)
{
	const char * const words[] = { "blk-front", a, b, c };
	char copy[ARRAY_SIZE(words)][32];
	char *argv[ARRAY_SIZE(words) + 1] = { NULL };
	int argc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(words) && words[i]; i++) {
		snprintf(copy[i], sizeof(copy[i]), "%s", words[i]);
		argv[argc++] = copy[i];
	}
	return options_parse(argc, argv, opt);
}

static void test_options(void)
{
	struct options opt;

	check(parse(&opt, "good", NULL, NULL) == 1 && opt.dev == 51728, "defaults");
	check(parse(&opt, "--dev", "51744", "x") == 3 && opt.dev == 51744, "--dev");
	check(parse(&opt, "--seed=0xffffffffffffffff", "x", NULL) == 2 && opt.seed == ~0ULL,
	      "--seed");
	check(parse(&opt, "--dev", "-1", "x") < 0, "negative number");
	check(parse(&opt, "--dev", "12x", "x") < 0, "not a number");
	check(parse(&opt, "--disk", "1", "x") < 0, "disk too small");
	check(parse(&opt, "--nonsense", "x", NULL) < 0, "unknown option");
}

/* Names are unique in a role, fit a shell word, and every case says what it is. */
static void test_tables(const struct role *role)
{
	const struct xcase *seen[512];
	size_t nr = 0;

	for (size_t t = 0; t < role->nr_tables; t++) {
		for (size_t i = 0; i < role->tables[t]->nr; i++) {
			const struct xcase *c = &role->tables[t]->cases[i];

			check(c->name && c->run && c->what && *c->what, "a case is incomplete");
			check(strspn(c->name, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
			      strlen(c->name), c->name);
			check(!strpbrk(c->what, "\t\n"), c->name);
			for (size_t n = 0; n < nr; n++)
				check(strcmp(seen[n]->name, c->name), c->name);
			if (nr < ARRAY_SIZE(seen))
				seen[nr++] = c;
		}
	}
	check(!!role->back + !!role->front + role->store == 1, "a role is one of the ends");
	diag("%s: %zu cases", role->name, nr);
	check(nr > 0, role->name);
}

enum verdict self_test(void)
{
	report_plan(1);
	test_ring();
	test_wire(&blk_abi_64);
	test_wire(&blk_abi_32);
	test_frames();
	test_options();
	test_tables(&role_blk_front);
	test_tables(&role_blk_back);
	test_tables(&role_net_front);
	test_tables(&role_net_back);
	test_tables(&role_store);
	canonical_check(check);
	printf("%s 1 self-test\n", bad ? "not ok" : "ok");
	return bad ? V_FAIL : V_PASS;
}
