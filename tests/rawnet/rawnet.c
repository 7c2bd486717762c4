// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames with blank checksums, as a guest's guest or a container sends them, and what arrives.
 *
 *   rawnet send IFACE MAC    one frame of each kind to that address, its UDP checksum blank and to
 *                            be filled in by whoever sends it (PACKET_VNET_HDR)
 *   rawnet see IFACE SECONDS a line for each such frame that arrives: its kind, and "sum" if the
 *                            checksum is there and right, "blank" if the kernel says that it is
 *                            still to be filled in, else "bad"
 *
 * Kinds: ip4, ip6: UDP in IP. ipip: UDP in IPv4 in IPv4. vlan: ip4 with a tag.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MARK	"rawnet-"
#define PAYLOAD	41	/* odd, and longer than the mark and a kind */

static const char * const kinds[] = { "ip4", "ip6", "ipip", "vlan" };

static void die(const char *what)
{
	fprintf(stderr, "rawnet: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint32_t add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? p[i] : p[i] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* The sum of the pseudo header, which a blank checksum holds. */
static uint16_t pseudo(const void *addresses, size_t len, size_t udp_len)
{
	return fold(add((uint32_t)(udp_len + IPPROTO_UDP), addresses, len));
}

static uint8_t *put_ip4(uint8_t *p, uint8_t proto, size_t payload, const char *from, const char *to)
{
	struct iphdr ip = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = proto,
		.tot_len = htons((uint16_t)(sizeof(ip) + payload)),
	};

	inet_pton(AF_INET, from, &ip.saddr);
	inet_pton(AF_INET, to, &ip.daddr);
	ip.check = htons((uint16_t)~fold(add(0, &ip, sizeof(ip))));
	memcpy(p, &ip, sizeof(ip));
	return p + sizeof(ip);
}

static uint8_t *put_ip6(uint8_t *p, size_t payload)
{
	struct ip6_hdr ip = { 0 };

	ip.ip6_flow = htonl(6u << 28);
	ip.ip6_plen = htons((uint16_t)payload);
	ip.ip6_nxt = IPPROTO_UDP;
	ip.ip6_hlim = 64;
	inet_pton(AF_INET6, "fd7a::1", &ip.ip6_src);
	inet_pton(AF_INET6, "fd7a::2", &ip.ip6_dst);
	memcpy(p, &ip, sizeof(ip));
	return p + sizeof(ip);
}

/* A frame with a header of virtio before it; returns the length of both. */
static size_t make(uint8_t *buf, const char *kind, const uint8_t *from, const uint8_t *to)
{
	size_t udp_len = sizeof(struct udphdr) + PAYLOAD;
	bool v6 = !strcmp(kind, "ip6");
	struct virtio_net_hdr hdr = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_offset = 6 };
	struct udphdr udp = { 0 };
	uint8_t *frame = buf + sizeof(hdr), *p = frame, *ip;
	uint16_t type = htons(v6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP), tag[2];

	memcpy(p, to, 6);
	memcpy(p + 6, from, 6);
	p += 12;
	if (!strcmp(kind, "vlan")) {
		tag[0] = htons(ETHERTYPE_VLAN);
		tag[1] = htons(7);
		memcpy(p, tag, sizeof(tag));
		p += sizeof(tag);
	}
	memcpy(p, &type, sizeof(type));
	p += sizeof(type);
	if (!strcmp(kind, "ipip"))
		p = put_ip4(p, IPPROTO_IPIP, sizeof(struct iphdr) + udp_len, "10.78.9.1",
			    "10.78.9.2");
	ip = p;
	p = v6 ? put_ip6(p, udp_len) : put_ip4(p, IPPROTO_UDP, udp_len, "10.78.8.1", "10.78.8.2");

	udp.source = htons(7777);
	udp.dest = htons(7778);
	udp.len = htons((uint16_t)udp_len);
	udp.check = htons(v6 ? pseudo(ip + 8, 32, udp_len) : pseudo(ip + 12, 8, udp_len));
	hdr.csum_start = (uint16_t)(p - frame);
	memcpy(buf, &hdr, sizeof(hdr));
	memcpy(p, &udp, sizeof(udp));
	p += sizeof(udp);
	memset(p, 'x', PAYLOAD);
	snprintf((char *)p, PAYLOAD, MARK "%s", kind);
	return (size_t)(p + PAYLOAD - buf);
}

static int packet_socket(const char *iface, uint16_t proto)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_protocol = htons(proto),
		.sll_ifindex = (int)if_nametoindex(iface),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, htons(proto)), on = 1;

	if (fd < 0 || !to.sll_ifindex || bind(fd, (struct sockaddr *)&to, sizeof(to)))
		die(iface);
	if (!proto && setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)))
		die("PACKET_VNET_HDR");
	if (proto && setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)))
		die("PACKET_AUXDATA");
	return fd;
}

static int send_all(const char *iface, const char *mac)
{
	uint8_t buf[512], to[6];
	struct ifreq ifr = { 0 };
	int fd = packet_socket(iface, 0);

	if (sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &to[0], &to[1], &to[2], &to[3], &to[4],
		   &to[5]) != 6)
		die(mac);
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", iface);
	if (ioctl(fd, SIOCGIFHWADDR, &ifr))
		die(iface);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = make(buf, kinds[i], (uint8_t *)ifr.ifr_hwaddr.sa_data, to);

		if (send(fd, buf, len, 0) != (ssize_t)len)
			die(kinds[i]);
	}
	return 0;
}

/* What became of the checksum of a frame that may be one of ours. */
static const char *judge(const uint8_t *p, const uint8_t *end, bool blank)
{
	const uint8_t *at = memmem(p, (size_t)(end - p), MARK, strlen(MARK));
	size_t udp_len = sizeof(struct udphdr) + PAYLOAD;
	uint16_t sum, check;
	bool v6;

	if (!at || at - p < 42 || at + PAYLOAD > end)
		return NULL;
	at -= sizeof(struct udphdr);
	v6 = at - p >= 54 && at[-40] >> 4 == 6;
	sum = v6 ? pseudo(at - 32, 32, udp_len) : pseudo(at - 8, 8, udp_len);
	check = (uint16_t)(at[6] << 8 | at[7]);
	if (blank)
		return check == sum ? "blank" : "bad";
	return check && fold(add(sum, at, udp_len)) == 0xffff ? "sum" : "bad";
}

static void see_one(int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
		struct cmsghdr align;
	} control;
	uint8_t frame[2048];
	struct sockaddr_ll from;
	struct iovec iov = { frame, sizeof(frame) };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(fd, &msg, 0);
	const char *what;
	bool blank = false;
	uint8_t *at;

	if (len < 0)
		die("recvmsg");
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA)
			blank = ((struct tpacket_auxdata *)CMSG_DATA(c))->tp_status &
				TP_STATUS_CSUMNOTREADY;
	}
	if (from.sll_pkttype == PACKET_OUTGOING)
		return;
	what = judge(frame, frame + len, blank);
	if (!what)
		return;
	at = memmem(frame, (size_t)len, MARK, strlen(MARK));
	printf("%.4s %s\n", at + strlen(MARK), what);
}

static int see(const char *iface, double seconds)
{
	int fd = packet_socket(iface, ETH_P_ALL);
	struct timespec now;
	double end, left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	end = (double)now.tv_sec + (double)now.tv_nsec / 1e9 + seconds;
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		clock_gettime(CLOCK_MONOTONIC, &now);
		left = end - (double)now.tv_sec - (double)now.tv_nsec / 1e9;
		if (left <= 0 || poll(&p, 1, (int)(left * 1000) + 1) <= 0)
			return 0;
		see_one(fd);
	}
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 4 && !strcmp(argv[1], "send"))
		return send_all(argv[2], argv[3]);
	if (argc == 4 && !strcmp(argv[1], "see"))
		return see(argv[2], atof(argv[3]));
	fprintf(stderr, "usage: rawnet send IFACE MAC | see IFACE SECONDS\n");
	return 2;
}
