/* SPDX-License-Identifier: GPL-2.0-only */
/* What grants/word.h needs of Xen's ABI, for user space. */
#ifndef SHIM_GRANT_TABLE_H
#define SHIM_GRANT_TABLE_H

#include <stdint.h>

#define GTF_permit_access	1U
#define GTF_readonly		4U
#define GTF_reading		8U
#define GTF_writing		16U

typedef uint16_t domid_t;
typedef uint16_t grant_status_t;

struct grant_entry_v1 {
	uint16_t flags;
	domid_t domid;
	uint32_t frame;
};

struct grant_entry_header {
	uint16_t flags;
	domid_t domid;
};

union grant_entry_v2 {
	struct grant_entry_header hdr;
	struct {
		struct grant_entry_header hdr;
		uint32_t pad0;
		uint64_t frame;
	} full_page;
	uint32_t spacer[4];
};

#endif
