// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP programs for tests/lab/net-xdp.sh, one object each, chosen by a macro. None uses a map, so
 * that "ip link set dev X xdp obj FILE sec xdp" is all it takes.
 */
#include <linux/bpf.h>

#define SEC(name)	__attribute__((section(name), used))

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define UNUSED		__attribute__((unused))

/* Helpers are called by number. */
static UNUSED long (*adjust_head)(struct xdp_md *ctx, int delta) = (void *)44;
static UNUSED long (*redirect)(u32 ifindex, u64 flags) = (void *)23;

#define ETH_HLEN	14
#define IP_HLEN		20
#define UDP_HLEN	8

/* A UDP datagram over IPv4 to @port, else NULL: where the frame begins. */
static inline UNUSED u8 *udp_to(struct xdp_md *ctx, u16 port)
{
	u8 *p = (u8 *)(long)ctx->data, *end = (u8 *)(long)ctx->data_end;

	if (p + ETH_HLEN + IP_HLEN + UDP_HLEN > end)
		return 0;
	if (p[12] != 8 || p[13] || p[14] != 0x45 || p[23] != 17)
		return 0;
	return p[36] == port >> 8 && p[37] == (port & 255) ? p : 0;
}

static inline UNUSED void swap(u8 *a, u8 *b, int len)
{
#pragma unroll
	for (int i = 0; i < len; i++) {
		u8 t = a[i];

		a[i] = b[i];
		b[i] = t;
	}
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
#if defined(PROG_PASS)
	return XDP_PASS;
#elif defined(PROG_DROP)
	/* Port 7002 is dropped, the rest lives. */
	return udp_to(ctx, 7002) ? XDP_DROP : XDP_PASS;
#elif defined(PROG_TX)
	/* Port 7002 is sent back to where it came from. */
	u8 *p = udp_to(ctx, 7002);

	if (!p)
		return XDP_PASS;
	swap(p, p + 6, 6);
	swap(p + 26, p + 30, 4);
	swap(p + 34, p + 36, 2);
	/* a UDP checksum of 0 is none; it might have been a partial one */
	p[40] = 0;
	p[41] = 0;
	return XDP_TX;
#elif defined(PROG_REDIRECT)
	/* To the interface whose number differs in the last bit, ARP and all. */
	return redirect(ctx->ingress_ifindex ^ 1, 0);
#elif defined(PROG_HEAD)
	/* The headroom that was agreed on: grow to the front, write there, shrink again. */
	u8 *p;

	if (adjust_head(ctx, -128))
		return XDP_ABORTED;
	p = (u8 *)(long)ctx->data;
	if (p + 128 > (u8 *)(long)ctx->data_end)
		return XDP_ABORTED;
#pragma unroll
	for (int i = 0; i < 128; i++)
		p[i] = i;
	return adjust_head(ctx, 128) ? XDP_ABORTED : XDP_PASS;
#elif defined(PROG_ABORTED)
	return udp_to(ctx, 7002) ? XDP_ABORTED : XDP_PASS;
#else
	/* An action that does not exist: counted as invalid, dropped. */
	return udp_to(ctx, 7002) ? 77 : XDP_PASS;
#endif
}

char _license[] SEC("license") = "GPL";
