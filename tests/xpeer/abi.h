/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's Xen device files and the xenstore wire, as far as xpeer speaks them.
 *
 * Own definitions: the program has to build where no Xen package is installed and has to run
 * where no Xen library is. selftest.c compares with the canonical headers where they exist.
 */
#ifndef XPEER_ABI_H
#define XPEER_ABI_H

#include <stdint.h>
#include <sys/ioctl.h>

/* /dev/xen/evtchn */
struct evtchn_bind_interdomain {
	uint32_t remote_domain, remote_port;
};

struct evtchn_domain {
	uint32_t remote_domain;
};

struct evtchn_port {
	uint32_t port;
};

#define EVTCHN_BIND_INTERDOMAIN	_IOC(_IOC_NONE, 'E', 1, sizeof(struct evtchn_bind_interdomain))
#define EVTCHN_BIND_UNBOUND	_IOC(_IOC_NONE, 'E', 2, sizeof(struct evtchn_domain))
#define EVTCHN_UNBIND		_IOC(_IOC_NONE, 'E', 3, sizeof(struct evtchn_port))
#define EVTCHN_NOTIFY		_IOC(_IOC_NONE, 'E', 4, sizeof(struct evtchn_port))

/* /dev/xen/gntalloc */
struct gntalloc_alloc {
	uint16_t domid;
	uint16_t flags;
	uint32_t count;
	uint64_t index;
	uint32_t ref[1];
};

struct gntalloc_dealloc {
	uint64_t index;
	uint32_t count;
};

#define GNTALLOC_WRITABLE	1
#define GNTALLOC_ALLOC		_IOC(_IOC_NONE, 'G', 5, sizeof(struct gntalloc_alloc))
#define GNTALLOC_DEALLOC	_IOC(_IOC_NONE, 'G', 6, sizeof(struct gntalloc_dealloc))

/* /dev/xen/gntdev */
struct gntdev_ref {
	uint32_t domid;
	uint32_t ref;
};

struct gntdev_map {
	uint32_t count;
	uint32_t pad;
	uint64_t index;
	struct gntdev_ref ref[1];
};

struct gntdev_unmap {
	uint64_t index;
	uint32_t count;
	uint32_t pad;
};

union gntdev_copy_end {
	void *virt;
	struct {
		uint32_t ref;
		uint16_t offset;
		uint16_t domid;
	} foreign;
};

struct gntdev_copy_segment {
	union gntdev_copy_end source, dest;
	uint16_t len;
	uint16_t flags;
	int16_t status;
};

struct gntdev_copy {
	unsigned int count;
	struct gntdev_copy_segment *segments;
};

#define GNTDEV_MAP		_IOC(_IOC_NONE, 'G', 0, sizeof(struct gntdev_map))
#define GNTDEV_UNMAP		_IOC(_IOC_NONE, 'G', 1, sizeof(struct gntdev_unmap))
#define GNTDEV_COPY		_IOC(_IOC_NONE, 'G', 8, sizeof(struct gntdev_copy))
#define GNTCOPY_SOURCE_REF	1
#define GNTCOPY_DEST_REF	2

/* /dev/xen/privcmd */
struct privcmd_call {
	uint64_t op;
	uint64_t arg[5];
};

#define PRIVCMD_HYPERCALL	_IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_call))

/* /dev/xen/xenbus */
enum xs_type {
	XS_DIRECTORY		= 1,
	XS_READ			= 2,
	XS_TRANSACTION_START	= 6,
	XS_TRANSACTION_END	= 7,
	XS_WRITE		= 11,
	XS_MKDIR		= 12,
	XS_RM			= 13,
	XS_SET_PERMS		= 14,
	XS_WATCH_EVENT		= 15,
	XS_ERROR		= 16,
	XS_RESET_WATCHES	= 21,
	XS_DIRECTORY_PART	= 22,
};

struct xs_header {
	uint32_t type;
	uint32_t req_id;
	uint32_t tx_id;
	uint32_t len;
};

#define XS_PAYLOAD_MAX		4096
#define XS_RING_BYTES		1024

/* What a guest shares with xenstored. */
struct xs_page {
	char req[XS_RING_BYTES], rsp[XS_RING_BYTES];
	uint32_t req_cons, req_prod, rsp_cons, rsp_prod;
	uint32_t features, connection, error;
};

#define XS_FEATURE_RECONNECT	1
#define XS_FEATURE_ERROR	2
#define XS_CONNECTED		0
#define XS_RECONNECT		1

/* State of either end of a device. */
enum xb_state {
	XB_UNKNOWN	= 0,
	XB_INITIALISING	= 1,
	XB_INIT_WAIT	= 2,
	XB_INITIALISED	= 3,
	XB_CONNECTED	= 4,
	XB_CLOSING	= 5,
	XB_CLOSED	= 6,
	XB_RECONFIGURING = 7,
	XB_RECONFIGURED	= 8,
};

#endif
