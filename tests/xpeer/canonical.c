// SPDX-License-Identifier: GPL-2.0-only
/* Our definitions against the public headers of Xen, where these are installed. */
#include <errno.h>

#include "abi.h"
#include "blk_wire.h"
#include "canonical.h"
#include "net_wire.h"
#include "ring.h"
#include "xpeer.h"

#if __has_include("xen/io/blkif.h") && __has_include("xen/sys/gntdev.h")
#define __XEN_INTERFACE_VERSION__ 0x00040d00
#define xen_mb()	__sync_synchronize()
#define xen_rmb()	__sync_synchronize()
#define xen_wmb()	__sync_synchronize()
/* The wire's message types are an enum with the names of ours. */
#define XS_DIRECTORY		CANON_DIRECTORY
#define XS_READ			CANON_READ
#define XS_TRANSACTION_START	CANON_TRANSACTION_START
#define XS_TRANSACTION_END	CANON_TRANSACTION_END
#define XS_WRITE		CANON_WRITE
#define XS_MKDIR		CANON_MKDIR
#define XS_RM			CANON_RM
#define XS_SET_PERMS		CANON_SET_PERMS
#define XS_WATCH_EVENT		CANON_WATCH_EVENT
#define XS_ERROR		CANON_ERROR
#define XS_RESET_WATCHES	CANON_RESET_WATCHES
#define XS_DIRECTORY_PART	CANON_DIRECTORY_PART
#include <xen/xen.h>
#include <xen/io/blkif.h>
#include <xen/io/netif.h>
#include <xen/io/xs_wire.h>
#undef XS_DIRECTORY
#undef XS_READ
#undef XS_TRANSACTION_START
#undef XS_TRANSACTION_END
#undef XS_WRITE
#undef XS_MKDIR
#undef XS_RM
#undef XS_SET_PERMS
#undef XS_WATCH_EVENT
#undef XS_ERROR
#undef XS_RESET_WATCHES
#undef XS_DIRECTORY_PART
#include <xen/sys/evtchn.h>
#include <xen/sys/gntalloc.h>
#include <xen/sys/gntdev.h>
#include <xen/sys/privcmd.h>

#define SAME(ours, theirs)	check((long long)(ours) == (long long)(theirs), #ours)

static void check_ioctls(void (*check)(bool good, const char *what))
{
	SAME(EVTCHN_BIND_INTERDOMAIN, IOCTL_EVTCHN_BIND_INTERDOMAIN);
	SAME(EVTCHN_BIND_UNBOUND, IOCTL_EVTCHN_BIND_UNBOUND_PORT);
	SAME(EVTCHN_UNBIND, IOCTL_EVTCHN_UNBIND);
	SAME(EVTCHN_NOTIFY, IOCTL_EVTCHN_NOTIFY);
	SAME(GNTALLOC_ALLOC, IOCTL_GNTALLOC_ALLOC_GREF);
	SAME(GNTALLOC_DEALLOC, IOCTL_GNTALLOC_DEALLOC_GREF);
	SAME(GNTDEV_MAP, IOCTL_GNTDEV_MAP_GRANT_REF);
	SAME(GNTDEV_UNMAP, IOCTL_GNTDEV_UNMAP_GRANT_REF);
	SAME(GNTDEV_COPY, IOCTL_GNTDEV_GRANT_COPY);
	SAME(offsetof(struct gntalloc_alloc, ref),
	     offsetof(struct ioctl_gntalloc_alloc_gref, gref_ids));
	SAME(offsetof(struct gntdev_map, ref), offsetof(struct ioctl_gntdev_map_grant_ref, refs));
	SAME(sizeof(struct gntdev_copy_segment),
	     sizeof(struct ioctl_gntdev_grant_copy_segment));
	SAME(PRIVCMD_HYPERCALL, IOCTL_PRIVCMD_HYPERCALL);
	SAME(GNTCOPY_SOURCE_REF, GNTCOPY_source_gref);
	SAME(GNTCOPY_DEST_REF, GNTCOPY_dest_gref);
}

static void check_store(void (*check)(bool good, const char *what))
{
	SAME(XS_DIRECTORY, CANON_DIRECTORY);
	SAME(XS_READ, CANON_READ);
	SAME(XS_TRANSACTION_START, CANON_TRANSACTION_START);
	SAME(XS_TRANSACTION_END, CANON_TRANSACTION_END);
	SAME(XS_WRITE, CANON_WRITE);
	SAME(XS_MKDIR, CANON_MKDIR);
	SAME(XS_RM, CANON_RM);
	SAME(XS_SET_PERMS, CANON_SET_PERMS);
	SAME(XS_WATCH_EVENT, CANON_WATCH_EVENT);
	SAME(XS_ERROR, CANON_ERROR);
	SAME(XS_RESET_WATCHES, CANON_RESET_WATCHES);
	SAME(XS_DIRECTORY_PART, CANON_DIRECTORY_PART);
	SAME(offsetof(struct xs_page, rsp), offsetof(struct xenstore_domain_interface, rsp));
	SAME(offsetof(struct xs_page, rsp_cons),
	     offsetof(struct xenstore_domain_interface, rsp_cons));
	SAME(offsetof(struct xs_page, connection),
	     offsetof(struct xenstore_domain_interface, connection));
	SAME(offsetof(struct xs_page, error), offsetof(struct xenstore_domain_interface, error));
	SAME(XS_FEATURE_RECONNECT, XENSTORE_SERVER_FEATURE_RECONNECTION);
	SAME(XS_FEATURE_ERROR, XENSTORE_SERVER_FEATURE_ERROR);
	SAME(sizeof(struct xs_header), sizeof(struct xsd_sockmsg));
	SAME(XS_PAYLOAD_MAX, XENSTORE_PAYLOAD_MAX);
}

static void check_block(void (*check)(bool good, const char *what))
{
	SAME(RING_REQ_EVENT, offsetof(struct blkif_sring, req_event));
	SAME(RING_RSP_PROD, offsetof(struct blkif_sring, rsp_prod));
	SAME(RING_RSP_EVENT, offsetof(struct blkif_sring, rsp_event));
	SAME(RING_HEADER, offsetof(struct blkif_sring, ring));
	SAME(blk_abi_64.entry, sizeof(((struct blkif_sring *)0)->ring[0]));
	SAME(blk_abi_64.id, offsetof(struct blkif_request, id));
	SAME(blk_abi_64.sector, offsetof(struct blkif_request, sector_number));
	SAME(blk_abi_64.seg, offsetof(struct blkif_request, seg));
	SAME(blk_abi_64.discard_nr, offsetof(struct blkif_request_discard, nr_sectors));
	SAME(blk_abi_64.indirect_handle, offsetof(struct blkif_request_indirect, handle));
	SAME(blk_abi_64.indirect_gref, offsetof(struct blkif_request_indirect, indirect_grefs));
	SAME(offsetof(struct blk_response64, status), offsetof(struct blkif_response, status));
	SAME(BLK_BARRIER, BLKIF_OP_WRITE_BARRIER);
	SAME(BLK_FLUSH, BLKIF_OP_FLUSH_DISKCACHE);
	SAME(BLK_DISCARD, BLKIF_OP_DISCARD);
	SAME(BLK_INDIRECT, BLKIF_OP_INDIRECT);
	SAME(BLK_EOPNOTSUPP, BLKIF_RSP_EOPNOTSUPP);
	SAME(BLK_SEGMENTS, BLKIF_MAX_SEGMENTS_PER_REQUEST);
}

static void check_net(void (*check)(bool good, const char *what))
{
	SAME(NET_TX_ENTRY, sizeof(((struct netif_tx_sring *)0)->ring[0]));
	SAME(NET_RX_ENTRY, sizeof(((struct netif_rx_sring *)0)->ring[0]));
	SAME(NET_CTRL_ENTRY, sizeof(((struct xen_netif_ctrl_sring *)0)->ring[0]));
	SAME(RING_HEADER, offsetof(struct netif_tx_sring, ring));
	SAME(sizeof(union net_tx_slot), sizeof(struct netif_tx_request));
	SAME(sizeof(union net_rx_slot), sizeof(struct netif_rx_response));
	SAME(offsetof(struct net_tx_req, flags), offsetof(struct netif_tx_request, flags));
	SAME(offsetof(struct net_tx_req, id), offsetof(struct netif_tx_request, id));
	SAME(offsetof(struct net_tx_req, size), offsetof(struct netif_tx_request, size));
	SAME(offsetof(struct net_rx_req, gref), offsetof(struct netif_rx_request, gref));
	SAME(offsetof(struct net_rx_rsp, status), offsetof(struct netif_rx_response, status));
	SAME(offsetof(struct net_extra, u.gso.type), offsetof(struct netif_extra_info, u.gso.type));
	SAME(offsetof(struct net_extra, u.hash.value),
	     offsetof(struct netif_extra_info, u.hash.value));
	SAME(TX_CSUM_BLANK, NETTXF_csum_blank);
	SAME(TX_MORE, NETTXF_more_data);
	SAME(TX_EXTRA, NETTXF_extra_info);
	SAME(RX_CSUM_BLANK, NETRXF_csum_blank);
	SAME(RX_MORE, NETRXF_more_data);
	SAME(RX_EXTRA, NETRXF_extra_info);
	SAME(NET_DROPPED, NETIF_RSP_DROPPED);
	SAME(NET_NULL, NETIF_RSP_NULL);
	SAME(EXTRA_HASH, XEN_NETIF_EXTRA_TYPE_HASH);
	SAME(CTRL_SET_MAPPING, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING);
	SAME(CTRL_SET_HASH_ALGORITHM, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM);
	SAME(CTRL_OVERFLOW, XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW);
	SAME(sizeof(struct net_ctrl_rsp), sizeof(struct xen_netif_ctrl_response));
}

void canonical_check(void (*check)(bool good, const char *what))
{
	check_ioctls(check);
	check_store(check);
	check_block(check);
	check_net(check);
	diag("layouts compared with the canonical headers");
}

#else

void canonical_check(void (*check)(bool good, const char *what))
{
	(void)check;
	diag("no canonical headers here: layouts not compared");
}

#endif
