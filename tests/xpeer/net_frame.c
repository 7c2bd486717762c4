// SPDX-License-Identifier: GPL-2.0-only
/* Frames made and answered by hand. */
#include <string.h>

#include "net_frame.h"

#define TYPE_IP		0x0800
#define TYPE_ARP	0x0806
#define PROTO_ICMP	1
#define PROTO_TCP	6
#define PROTO_UDP	17

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static unsigned int get16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static uint32_t sum16(const uint8_t *p, size_t len, uint32_t sum)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += get16(p + i);
	if (len & 1)
		sum += (uint32_t)p[len - 1] << 8;
	return sum;
}

static unsigned int fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

void frame_fill(uint8_t *p, size_t len, uint32_t seed)
{
	uint32_t v = seed * 2654435761u + 1;

	for (size_t i = 0; i < len; i++) {
		v = v * 1664525u + 1013904223u;
		p[i] = (uint8_t)(v >> 24);
	}
}

static void put_eth(uint8_t *p, const uint8_t *to, const uint8_t *from, unsigned int type)
{
	memcpy(p, to, 6);
	memcpy(p + 6, from, 6);
	put16(p + 12, type);
}

static void put_ip(uint8_t *p, const struct net_host *from, const struct net_host *to,
		   unsigned int proto, size_t payload)
{
	memset(p, 0, FRAME_IP);
	p[0] = 0x45;
	put16(p + 2, FRAME_IP + (unsigned int)payload);
	p[8] = 64;
	p[9] = (uint8_t)proto;
	memcpy(p + 12, from->ip, 4);
	memcpy(p + 16, to->ip, 4);
	put16(p + 10, ~fold(sum16(p, FRAME_IP, 0)));
}

size_t frame_arp_request(uint8_t *p, const struct net_host *from, const struct net_host *to)
{
	static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };

	put_eth(p, all, from->mac, TYPE_ARP);
	p += FRAME_ETH;
	put16(p, 1);
	put16(p + 2, TYPE_IP);
	p[4] = 6;
	p[5] = 4;
	put16(p + 6, 1);
	memcpy(p + 8, from->mac, 6);
	memcpy(p + 14, from->ip, 4);
	memset(p + 18, 0, 6);
	memcpy(p + 24, to->ip, 4);
	return FRAME_ETH + 28;
}

size_t frame_echo(uint8_t *p, const struct net_host *from, const struct net_host *to, uint16_t id,
		  uint16_t seq, size_t payload)
{
	uint8_t *icmp = p + FRAME_ETH + FRAME_IP;

	put_eth(p, to->mac, from->mac, TYPE_IP);
	put_ip(p + FRAME_ETH, from, to, PROTO_ICMP, FRAME_ECHO + payload);
	memset(icmp, 0, FRAME_ECHO);
	icmp[0] = 8;
	put16(icmp + 4, id);
	put16(icmp + 6, seq);
	frame_fill(icmp + FRAME_ECHO, payload, seq);
	put16(icmp + 2, ~fold(sum16(icmp, FRAME_ECHO + payload, 0)));
	return FRAME_ECHO_HEAD + payload;
}

static uint32_t pseudo(const struct net_host *from, const struct net_host *to, unsigned int proto,
		       size_t len)
{
	return sum16(from->ip, 4, sum16(to->ip, 4, proto + (uint32_t)len));
}

size_t frame_udp(uint8_t *p, const struct net_host *from, const struct net_host *to,
		 uint16_t port, size_t payload)
{
	uint8_t *udp = p + FRAME_ETH + FRAME_IP;
	size_t len = FRAME_ECHO + payload;
	unsigned int sum;

	put_eth(p, to->mac, from->mac, TYPE_IP);
	put_ip(p + FRAME_ETH, from, to, PROTO_UDP, len);
	put16(udp, port);
	put16(udp + 2, port);
	put16(udp + 4, (unsigned int)len);
	put16(udp + 6, 0);
	frame_fill(udp + FRAME_ECHO, payload, (uint32_t)payload);
	sum = ~fold(sum16(udp, len, pseudo(from, to, PROTO_UDP, len))) & 0xffff;
	put16(udp + 6, sum ? sum : 0xffff);
	return FRAME_ECHO_HEAD + payload;
}

size_t frame_tcp(uint8_t *p, const struct net_host *from, const struct net_host *to,
		 size_t payload)
{
	uint8_t *tcp = p + FRAME_ETH + FRAME_IP;
	size_t len = FRAME_TCP + payload;

	put_eth(p, to->mac, from->mac, TYPE_IP);
	put_ip(p + FRAME_ETH, from, to, PROTO_TCP, len);
	memset(tcp, 0, FRAME_TCP);
	put16(tcp, 4242);
	put16(tcp + 2, 9);
	tcp[12] = 5 << 4;
	tcp[13] = 0x10;		/* ACK: a listener would answer, nobody is one */
	put16(tcp + 14, 1000);
	put16(tcp + 16, fold(pseudo(from, to, PROTO_TCP, len)));
	frame_fill(tcp + FRAME_TCP, payload, (uint32_t)payload);
	return FRAME_ETH + FRAME_IP + len;
}

static size_t reply_arp(uint8_t *out, const struct net_host *self, const uint8_t *in, size_t len)
{
	const uint8_t *arp = in + FRAME_ETH;

	if (len < FRAME_ETH + 28 || get16(arp + 6) != 1 || memcmp(arp + 24, self->ip, 4))
		return 0;
	memcpy(out, in, FRAME_ETH + 28);
	put_eth(out, in + 6, self->mac, TYPE_ARP);
	put16(out + FRAME_ETH + 6, 2);
	memcpy(out + FRAME_ETH + 18, arp + 8, 10);
	memcpy(out + FRAME_ETH + 8, self->mac, 6);
	memcpy(out + FRAME_ETH + 14, self->ip, 4);
	return FRAME_ETH + 28;
}

/* Turned round: checksums stay right, but for those that never were. */
static size_t reply_ip(uint8_t *out, const struct net_host *self, const uint8_t *in, size_t len)
{
	const uint8_t *ip = in + FRAME_ETH;
	uint8_t *up = out + FRAME_ETH + FRAME_IP;
	size_t payload;

	if (len < FRAME_ECHO_HEAD || ip[0] != 0x45 || memcmp(ip + 16, self->ip, 4) ||
	    (get16(ip + 6) & 0x3fff) || get16(ip + 2) < FRAME_IP + FRAME_ECHO ||
	    get16(ip + 2) > len - FRAME_ETH)
		return 0;
	payload = get16(ip + 2) - FRAME_IP;
	memcpy(out, in, FRAME_ETH + FRAME_IP + payload);
	put_eth(out, in + 6, self->mac, TYPE_IP);
	memcpy(out + FRAME_ETH + 12, ip + 16, 4);
	memcpy(out + FRAME_ETH + 16, ip + 12, 4);
	if (ip[9] == PROTO_ICMP && up[0] == 8) {
		up[0] = 0;
		put16(up + 2, 0);
		put16(up + 2, ~fold(sum16(up, payload, 0)));
	} else if (ip[9] == PROTO_UDP) {
		memcpy(up, in + FRAME_ETH + FRAME_IP + 2, 2);
		memcpy(up + 2, in + FRAME_ETH + FRAME_IP, 2);
		/* what came may have had a blank checksum; none is right too */
		put16(up + 6, 0);
	} else {
		return 0;
	}
	return FRAME_ETH + FRAME_IP + payload;
}

size_t frame_reply(uint8_t *out, const struct net_host *self, const uint8_t *in, size_t len)
{
	if (len < FRAME_ETH)
		return 0;
	switch (get16(in + 12)) {
	case TYPE_ARP:
		return reply_arp(out, self, in, len);
	case TYPE_IP:
		return reply_ip(out, self, in, len);
	}
	return 0;
}

bool frame_arp_answer(const uint8_t *p, size_t len, struct net_host *who)
{
	if (len < FRAME_ETH + 28 || get16(p + 12) != TYPE_ARP ||
	    get16(p + FRAME_ETH + 6) != 2 || memcmp(p + FRAME_ETH + 14, who->ip, 4))
		return false;
	memcpy(who->mac, p + FRAME_ETH + 8, 6);
	return true;
}

bool frame_is_echo_reply(const uint8_t *p, size_t len, uint16_t id, uint16_t seq, size_t payload)
{
	const uint8_t *icmp = p + FRAME_ETH + FRAME_IP;
	static uint8_t want[65536];

	if (len < FRAME_ECHO_HEAD + payload || get16(p + 12) != TYPE_IP ||
	    p[FRAME_ETH + 9] != PROTO_ICMP || icmp[0] != 0 || get16(icmp + 4) != id ||
	    get16(icmp + 6) != seq || get16(p + FRAME_ETH + 2) != FRAME_IP + FRAME_ECHO + payload)
		return false;
	frame_fill(want, payload, seq);
	return !memcmp(icmp + FRAME_ECHO, want, payload);
}
