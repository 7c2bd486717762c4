/* SPDX-License-Identifier: GPL-2.0-only */
/* The ABI that xenbus/store/wire.c needs of the kernel's header, for user space. */
#ifndef SHIM_XS_WIRE_H
#define SHIM_XS_WIRE_H

#include <errno.h>
#include <stdint.h>

enum xsd_sockmsg_type {
	XS_READ = 2,
	XS_TRANSACTION_START = 6,
	XS_TRANSACTION_END = 7,
	XS_WRITE = 11,
	XS_WATCH_EVENT = 15,
	XS_ERROR = 16,
	XS_RESET_WATCHES = 21,
};

struct xsd_sockmsg {
	uint32_t type;
	uint32_t req_id;
	uint32_t tx_id;
	uint32_t len;
};

#define XENSTORE_RING_SIZE 1024
#define XENSTORE_PAYLOAD_MAX 4096

static const struct {
	int errnum;
	const char *errstring;
} xsd_errors[] = {
	{ EINVAL, "EINVAL" },
	{ EACCES, "EACCES" },
	{ EEXIST, "EEXIST" },
	{ ENOENT, "ENOENT" },
	{ ENOMEM, "ENOMEM" },
	{ EIO, "EIO" },
	{ EAGAIN, "EAGAIN" },
	{ E2BIG, "E2BIG" },
};

#endif
