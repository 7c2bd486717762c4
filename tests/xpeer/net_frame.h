/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames made and answered by hand: ARP, ICMP echo, UDP and TCP over IPv4. */
#ifndef XPEER_NET_FRAME_H
#define XPEER_NET_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_ETH	14u
#define FRAME_IP	20u
#define FRAME_ECHO	8u	/* header of ICMP echo and of UDP */
#define FRAME_TCP	20u
/* Before the payload of an echo. */
#define FRAME_ECHO_HEAD	(FRAME_ETH + FRAME_IP + FRAME_ECHO)

struct net_host {
	uint8_t mac[6];
	uint8_t ip[4];
};

/* All return the length of the frame; no padding, for a vif needs none. */
size_t frame_arp_request(uint8_t *p, const struct net_host *from, const struct net_host *to);
size_t frame_echo(uint8_t *p, const struct net_host *from, const struct net_host *to, uint16_t id,
		  uint16_t seq, size_t payload);
size_t frame_udp(uint8_t *p, const struct net_host *from, const struct net_host *to,
		 uint16_t port, size_t payload);
/* A segment to a port where nobody listens; the checksum is the pseudo header's. */
size_t frame_tcp(uint8_t *p, const struct net_host *from, const struct net_host *to,
		 size_t payload);
/* The answer of @self to a frame; 0 if there is none to give. */
size_t frame_reply(uint8_t *out, const struct net_host *self, const uint8_t *in, size_t len);
/* From an ARP reply to us: the sender's MAC address into @who if its IP address is @who's. */
bool frame_arp_answer(const uint8_t *p, size_t len, struct net_host *who);
/* An echo reply with that id and sequence number, and the payload that was sent. */
bool frame_is_echo_reply(const uint8_t *p, size_t len, uint16_t id, uint16_t seq, size_t payload);
void frame_fill(uint8_t *p, size_t len, uint32_t seed);

#endif
