/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Conversion between skbs and the network protocol, the same at both ends, and
 * compile-time checks that <wire/netif.h> agrees with the kernel's header.
 */
#ifndef XENPV_NETIF_SKB_H
#define XENPV_NETIF_SKB_H

#include <linux/build_bug.h>
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/io/netif.h>
#include <xenpv/netif.h>

static_assert(XPV_NETIF_SLOTS_MIN == XEN_NETIF_NR_SLOTS_MIN);
static_assert(XPV_NETIF_MAX_PACKET == XEN_NETIF_MAX_TX_SIZE);
static_assert(XPV_NETIF_ETH_HLEN == ETH_HLEN);
static_assert(XPV_NETIF_XDP_HEADROOM_MAX == XEN_NETIF_MAX_XDP_HEADROOM);
static_assert(XEN_NETTXF_csum_blank == XPV_NETIF_TX_CSUM_BLANK);
static_assert(XEN_NETTXF_data_validated == XPV_NETIF_TX_DATA_VALIDATED);
static_assert(XEN_NETTXF_more_data == XPV_NETIF_TX_MORE_DATA);
static_assert(XEN_NETTXF_extra_info == XPV_NETIF_TX_EXTRA_INFO);
static_assert(XEN_NETRXF_csum_blank == XPV_NETIF_RX_CSUM_BLANK);
static_assert(XEN_NETRXF_data_validated == XPV_NETIF_RX_DATA_VALIDATED);
static_assert(XEN_NETRXF_more_data == XPV_NETIF_RX_MORE_DATA);
static_assert(XEN_NETRXF_extra_info == XPV_NETIF_RX_EXTRA_INFO);
static_assert((int)XPV_NETIF_RSP_DROPPED == XEN_NETIF_RSP_DROPPED);
static_assert((int)XPV_NETIF_RSP_ERROR == XEN_NETIF_RSP_ERROR);
static_assert((int)XPV_NETIF_RSP_NULL == XEN_NETIF_RSP_NULL);
static_assert((int)XPV_NETIF_EXTRA_GSO == XEN_NETIF_EXTRA_TYPE_GSO);
static_assert((int)XPV_NETIF_EXTRA_MCAST_ADD == XEN_NETIF_EXTRA_TYPE_MCAST_ADD);
static_assert((int)XPV_NETIF_EXTRA_MCAST_DEL == XEN_NETIF_EXTRA_TYPE_MCAST_DEL);
static_assert((int)XPV_NETIF_EXTRA_HASH == XEN_NETIF_EXTRA_TYPE_HASH);
static_assert((int)XPV_NETIF_EXTRA_XDP == XEN_NETIF_EXTRA_TYPE_XDP);
static_assert((int)XPV_NETIF_EXTRA_TYPES == XEN_NETIF_EXTRA_TYPE_MAX);
static_assert(XPV_NETIF_EXTRA_MORE == XEN_NETIF_EXTRA_FLAG_MORE);
static_assert((int)XPV_NETIF_GSO_TCPV4 == XEN_NETIF_GSO_TYPE_TCPV4);
static_assert((int)XPV_NETIF_GSO_TCPV6 == XEN_NETIF_GSO_TYPE_TCPV6);
static_assert(XPV_NETIF_GSO_SIZE_MAX + 1 == GSO_BY_FRAGS);
static_assert((int)XPV_NETIF_HASH_IPV4 == _XEN_NETIF_CTRL_HASH_TYPE_IPV4);
static_assert((int)XPV_NETIF_HASH_IPV6_TCP == _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP);
static_assert((int)XPV_NETIF_HASH_ALG_TOEPLITZ ==
	      XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ);
static_assert((int)XPV_NETIF_CTRL_GET_HASH_FLAGS ==
	      XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS);
static_assert((int)XPV_NETIF_CTRL_SET_HASH_ALG ==
	      XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM);
static_assert((int)XPV_NETIF_CTRL_OVERFLOW ==
	      XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW);
static_assert(sizeof(struct xpv_netif_tx_req) ==
	      sizeof(struct xen_netif_tx_request));
static_assert(sizeof(struct xpv_netif_tx_req) == XPV_NETIF_TX_ENTRY);
static_assert(sizeof(struct xpv_netif_tx_rsp) ==
	      sizeof(struct xen_netif_tx_response));
static_assert(sizeof(struct xpv_netif_rx_req) ==
	      sizeof(struct xen_netif_rx_request));
static_assert(sizeof(struct xpv_netif_rx_rsp) == XPV_NETIF_RX_ENTRY);
static_assert(sizeof(struct xpv_netif_extra) ==
	      sizeof(struct xen_netif_extra_info));
static_assert(sizeof(struct xpv_netif_ctrl_req) == XPV_NETIF_CTRL_ENTRY);
static_assert(sizeof(struct xpv_netif_ctrl_rsp) ==
	      sizeof(struct xen_netif_ctrl_response));

/* The checksum state of an skb to report to the peer. */
static inline enum xpv_netif_csum xpv_netif_skb_csum(const struct sk_buff *skb)
{
	switch (skb->ip_summed) {
	case CHECKSUM_PARTIAL:
		return XPV_NETIF_CSUM_BLANK;
	case CHECKSUM_UNNECESSARY:
		return XPV_NETIF_CSUM_GOOD;
	default:
		return XPV_NETIF_CSUM_NONE;
	}
}

/* The GSO type of an skb on the wire; XPV_NETIF_GSO_NONE without GSO. */
static inline unsigned int xpv_netif_skb_gso(const struct sk_buff *skb)
{
	unsigned int type = skb_shinfo(skb)->gso_type;

	if (!skb_is_gso(skb))
		return XPV_NETIF_GSO_NONE;
	if (type & SKB_GSO_TCPV4)
		return XPV_NETIF_GSO_TCPV4;
	if (type & SKB_GSO_TCPV6)
		return XPV_NETIF_GSO_TCPV6;
	return XPV_NETIF_GSO_NONE;
}

/**
 * xpv_netif_csum_is_plain() - test whether the other end will find a blank
 * checksum
 * @skb: packet to send that has one; its network header is set
 *
 * The protocol does not say where the checksum is. The other end looks for TCP
 * or UDP behind the first IP header, so it does not find a checksum in an inner
 * packet of a tunnel. Such packets come from packet sockets and from nested
 * guests.
 *
 * Return: true if the other end finds it.
 */
static inline bool xpv_netif_csum_is_plain(const struct sk_buff *skb)
{
	int at = skb_network_offset(skb);
	const struct ipv6hdr *ip6;
	const struct iphdr *ip;
	struct ipv6hdr ip6_buf;
	struct iphdr ip_buf;
	u8 proto;

	if (skb->protocol == htons(ETH_P_IP)) {
		ip = skb_header_pointer(skb, at, sizeof(ip_buf), &ip_buf);
		if (!ip || ip_is_fragment(ip))
			return false;
		proto = ip->protocol;
		at += ip->ihl * 4;
	} else if (skb->protocol == htons(ETH_P_IPV6)) {
		ip6 = skb_header_pointer(skb, at, sizeof(ip6_buf), &ip6_buf);
		if (!ip6)
			return false;
		proto = ip6->nexthdr;
		at += sizeof(*ip6);
	} else {
		return false;
	}
	if (skb_checksum_start_offset(skb) != at)
		return false;
	return (proto == IPPROTO_TCP &&
		skb->csum_offset == offsetof(struct tcphdr, check)) ||
	       (proto == IPPROTO_UDP &&
		skb->csum_offset == offsetof(struct udphdr, check));
}

/**
 * xpv_netif_features_check() - which offloads the other end can do for a packet
 * @skb:      packet to send
 * @features: features of the device, for this packet
 *
 * For ndo_features_check(). If the other end would not find a checksum, the
 * stack fills it in and segments the packet.
 *
 * Return: the features left.
 */
static inline netdev_features_t
xpv_netif_features_check(struct sk_buff *skb, netdev_features_t features)
{
	features = vlan_features_check(skb, features);
	if (skb->ip_summed == CHECKSUM_PARTIAL && !xpv_netif_csum_is_plain(skb))
		features &= ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	return features;
}

/**
 * xpv_netif_skb_set_gso() - apply a checked GSO extra info to an skb
 * @skb: received from the peer
 * @e:   XPV_NETIF_EXTRA_GSO
 *
 * SKB_GSO_DODGY makes the stack check the headers and count the segments when
 * it needs them.
 */
static inline void xpv_netif_skb_set_gso(struct sk_buff *skb,
					 const struct xpv_netif_extra *e)
{
	skb_shinfo(skb)->gso_size = e->u.gso.size;
	skb_shinfo(skb)->gso_type = SKB_GSO_DODGY |
		(e->u.gso.type == XPV_NETIF_GSO_TCPV4 ? SKB_GSO_TCPV4 :
							SKB_GSO_TCPV6);
	skb_shinfo(skb)->gso_segs = 0;
}

/**
 * xpv_netif_skb_set_csum() - apply the peer's checksum flags to an skb
 * @skb:   received, with GSO set and network header set; the linear part holds
 *         the headers, or they can be pulled into it
 * @csum:  from the flags
 * @fixed: set if a GSO packet came without a blank checksum, which is then
 *         computed: old frontends send such packets
 *
 * The peer is only trusted about which checksums are blank: a packet that has
 * no checksum to fill in is refused.
 *
 * Return: 0, or a negative error: drop the packet.
 */
static inline int xpv_netif_skb_set_csum(struct sk_buff *skb,
					 enum xpv_netif_csum csum, bool *fixed)
{
	bool anew = false;

	*fixed = false;
	if (csum == XPV_NETIF_CSUM_GOOD)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	else if (csum == XPV_NETIF_CSUM_BLANK)
		skb->ip_summed = CHECKSUM_PARTIAL;
	else
		skb->ip_summed = CHECKSUM_NONE;
	if (skb_is_gso(skb) && skb->ip_summed != CHECKSUM_PARTIAL) {
		skb->ip_summed = CHECKSUM_PARTIAL;
		*fixed = true;
		anew = true;
	}
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return 0;
	return skb_checksum_setup(skb, anew);
}

#endif
