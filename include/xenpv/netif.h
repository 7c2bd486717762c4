/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The network protocol as both ends use it: checksums and slots. Pure functions
 * over private memory, which the unit tests compile, too. Functions that need an
 * skb are in <xenpv/netif_skb.h>.
 */
#ifndef XENPV_NETIF_H
#define XENPV_NETIF_H

#include <wire/netif.h>
#include <xenpv/netif_extra.h>

/* State of a checksum, as the flags of either direction tell it. */
enum xpv_netif_csum {
	XPV_NETIF_CSUM_NONE,	/* not checked: complete and unverified */
	/* verified, or the data never left this machine */
	XPV_NETIF_CSUM_GOOD,
	XPV_NETIF_CSUM_BLANK,	/* pseudo header only: still to be filled in */
};

static inline enum xpv_netif_csum xpv_netif_tx_csum(u16 flags)
{
	if (flags & XPV_NETIF_TX_CSUM_BLANK)
		return XPV_NETIF_CSUM_BLANK;
	return flags & XPV_NETIF_TX_DATA_VALIDATED ? XPV_NETIF_CSUM_GOOD :
						     XPV_NETIF_CSUM_NONE;
}

static inline enum xpv_netif_csum xpv_netif_rx_csum(u16 flags)
{
	if (flags & XPV_NETIF_RX_CSUM_BLANK)
		return XPV_NETIF_CSUM_BLANK;
	return flags & XPV_NETIF_RX_DATA_VALIDATED ? XPV_NETIF_CSUM_GOOD :
						     XPV_NETIF_CSUM_NONE;
}

/* A blank checksum of local data counts as verified, too: set both flags. */
static inline u16 xpv_netif_tx_csum_flags(enum xpv_netif_csum csum)
{
	switch (csum) {
	case XPV_NETIF_CSUM_BLANK:
		return XPV_NETIF_TX_CSUM_BLANK | XPV_NETIF_TX_DATA_VALIDATED;
	case XPV_NETIF_CSUM_GOOD:
		return XPV_NETIF_TX_DATA_VALIDATED;
	default:
		return 0;
	}
}

static inline u16 xpv_netif_rx_csum_flags(enum xpv_netif_csum csum)
{
	switch (csum) {
	case XPV_NETIF_CSUM_BLANK:
		return XPV_NETIF_RX_CSUM_BLANK | XPV_NETIF_RX_DATA_VALIDATED;
	case XPV_NETIF_CSUM_GOOD:
		return XPV_NETIF_RX_DATA_VALIDATED;
	default:
		return 0;
	}
}

/**
 * xpv_netif_pieces() - count the pages that a range of memory touches
 * @offset: offset of its first byte in a page or compound page
 * @len:    bytes
 *
 * Return: ring slots that the range takes, 0 if @len is 0.
 */
static inline unsigned int xpv_netif_pieces(unsigned long offset,
					    unsigned long len)
{
	if (!len)
		return 0;
	offset %= XPV_NETIF_PAGE_BYTES;
	return (offset + len + XPV_NETIF_PAGE_BYTES - 1) / XPV_NETIF_PAGE_BYTES;
}

#endif
