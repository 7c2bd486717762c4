// SPDX-License-Identifier: GPL-2.0-only
/*
 * framesum FILE: a line for each Ethernet frame of a capture file: its kind, its length and a hash
 * of its bytes, so that captures from two machines can be compared with diff.
 *
 * The checksum of TCP, UDP and ICMPv6 is left out of the hash: with checksum offload a frame may
 * carry a partial one on one side of a device and a whole one on the other, and both are right.
 *
 * Two captures never begin and end at the same moment, so only what lies between two frames with a
 * mark in them counts; without exactly two the status is 1.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PCAP_MAGIC	0xa1b2c3d4u
#define PCAP_ETHERNET	1
#define MAX_FRAME	(256 * 1024)
#define MARK		"framesum-mark"

static uint8_t frame[MAX_FRAME];

static unsigned int be16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint64_t fnv(const uint8_t *p, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3ULL;
	return h;
}

/* The name of a protocol above IP; clears its checksum. */
static const char *transport(unsigned int proto, uint8_t *p, size_t len)
{
	static const struct {
		unsigned int proto, csum;
		const char *name;
	} known[] = {
		{ 1, 0, "icmp" }, { 2, 0, "igmp" }, { 6, 16, "tcp" }, { 17, 6, "udp" },
		{ 58, 2, "icmp6" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].proto != proto)
			continue;
		if (known[i].csum && len >= known[i].csum + 2)
			memset(p + known[i].csum, 0, 2);
		return known[i].name;
	}
	return "other";
}

static void print_frame(uint8_t *p, size_t len, bool whole)
{
	unsigned int type = len >= 14 ? be16(p + 12) : 0, at = 14;
	const char *net = "ether", *up = "";
	bool vlan = type == 0x8100;

	if (vlan && len >= 18) {
		type = be16(p + 16);
		at = 18;
	}
	if (type == 0x0806) {
		net = "arp";
	} else if (type == 0x0800 && len >= at + 20) {
		unsigned int head = (p[at] & 15) * 4;
		bool part = be16(p + at + 6) & 0x3fff;

		net = part ? "ip-part" : "ip";
		/* In the middle of a datagram those bytes are data. */
		if (!part && len >= at + head)
			up = transport(p[at + 9], p + at + head, len - at - head);
	} else if (type == 0x86dd && len >= at + 40) {
		bool part = p[at + 6] == 44;

		net = part ? "ip6-part" : "ip6";
		if (!part)
			up = transport(p[at + 6], p + at + 40, len - at - 40);
	}
	printf("%s%s%s%s %zu %016llx%s\n", vlan ? "vlan-" : "", net, *up ? "-" : "", up, len,
	       (unsigned long long)fnv(p, len), whole ? "" : " cut");
}

int main(int argc, char **argv)
{
	uint32_t head[6], rec[4];
	FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
	unsigned int marks = 0;

	if (!f || fread(head, sizeof(head), 1, f) != 1 || head[0] != PCAP_MAGIC ||
	    (head[5] & 0xffff) != PCAP_ETHERNET) {
		fprintf(stderr, "framesum: no capture of Ethernet frames\n");
		return 2;
	}
	while (fread(rec, sizeof(rec), 1, f) == 1) {
		if (rec[2] > sizeof(frame) || fread(frame, 1, rec[2], f) != rec[2]) {
			fprintf(stderr, "framesum: the file is cut\n");
			return 1;
		}
		if (memmem(frame, rec[2], MARK, strlen(MARK)))
			marks++;
		else if (marks == 1)
			print_frame(frame, rec[2], rec[2] == rec[3]);
	}
	if (marks != 2)
		fprintf(stderr, "framesum: %u marks, want 2\n", marks);
	return marks != 2;
}
