/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parsers of names and parameters: pure functions, which the unit tests
 * compile, too.
 */
#ifndef XENBUS_PARSE_H
#define XENBUS_PARSE_H

#include <xenpv/types.h>

#define XENBUS_TYPE_MAX	32	/* as in struct xenbus_device_id */
#define XENBUS_ID_MAX	32
#define XENBUS_NODE_MAX	96	/* root, type, id, three slashes, NUL */

#define XENBUS_NODE_ABOVE	1

/**
 * struct xenbus_name - the device that a path belongs to
 * @node: its directory
 * @type: "vbd", "vif", ...
 * @id:   the part behind the type in its directory's path, joined by dashes
 * @leaf: rest of the path behind @node and its slash; "" for @node itself
 */
struct xenbus_name {
	char node[XENBUS_NODE_MAX];
	char type[XENBUS_TYPE_MAX];
	char id[XENBUS_ID_MAX];
	const char *leaf;
};

int xenbus_parse_node(const char *path, const char *root, unsigned int levels,
		      struct xenbus_name *name);
bool xenbus_parse_is_telling(const char *leaf);

/* What to unplug; the numbers are those of the unplug protocol. */
#define XENBUS_UNPLUG_DISKS	0x1
#define XENBUS_UNPLUG_NICS	0x2
#define XENBUS_UNPLUG_AUX_DISKS	0x4
/* Not bits of the protocol: unplug what has no driver; NVMe disks. */
#define XENBUS_UNPLUG_AUTO	0x100
#define XENBUS_UNPLUG_NVME	0x200

int xenbus_parse_unplug(const char *s, unsigned int *mask);

/*
 * Where the emulated twin of a PV disk is plugged in. XENBUS_SLOT_IDE: xvda is
 * number 0; its twin is an IDE disk (0 to 3), on a SATA port, or the NVMe
 * namespace of that number + 1.
 */
enum xenbus_slot_kind {
	XENBUS_SLOT_IDE,
	XENBUS_SLOT_SCSI,
};

struct xenbus_slot {
	enum xenbus_slot_kind kind;
	unsigned int nr;
};

int xenbus_parse_slot(u32 vdev, struct xenbus_slot *slot);
int xenbus_parse_port(const char *name, unsigned int *port);
int xenbus_parse_target(const char *name, unsigned int *target);

#endif
