// SPDX-License-Identifier: GPL-2.0-only
/* Paths of watch events, names in sysfs, and the parameter unplug. */
#include <string.h>
#include "ktap.h"
#include "../../xenbus/bus/parse.c"

static struct xenbus_name name;

static int frontend(const char *path)
{
	memset(&name, 0xa5, sizeof(name));
	return xenbus_parse_node(path, "device", 2, &name);
}

static int backend(const char *path)
{
	memset(&name, 0xa5, sizeof(name));
	return xenbus_parse_node(path, "backend", 3, &name);
}

static void name_is(const char *node, const char *type, const char *id,
		    const char *leaf)
{
	check(!strcmp(name.node, node));
	check(!strcmp(name.type, type));
	check(!strcmp(name.id, id));
	check(!strcmp(name.leaf, leaf));
}

static void frontends(void)
{
	check_eq(frontend("device/vbd/51712"), 0);
	name_is("device/vbd/51712", "vbd", "51712", "");
	check_eq(frontend("device/vif/0/state"), 0);
	name_is("device/vif/0", "vif", "0", "state");
	check_eq(frontend("device/vif/0/queue-1/tx-ring-ref"), 0);
	name_is("device/vif/0", "vif", "0", "queue-1/tx-ring-ref");
}

static void backends(void)
{
	check_eq(backend("backend/vbd/1/51712"), 0);
	name_is("backend/vbd/1/51712", "vbd", "1-51712", "");
	check_eq(backend("backend/vif/12/0/online"), 0);
	name_is("backend/vif/12/0", "vif", "12-0", "online");
}

static void above(void)
{
	check_eq(frontend("device"), XENBUS_NODE_ABOVE);
	check_eq(frontend("device/vbd"), XENBUS_NODE_ABOVE);
	check_eq(backend("backend"), XENBUS_NODE_ABOVE);
	check_eq(backend("backend/vbd"), XENBUS_NODE_ABOVE);
	check_eq(backend("backend/vbd/1"), XENBUS_NODE_ABOVE);
}

static void elsewhere(void)
{
	static const char *const bad[] = {
		"", "dev", "devices", "device-model/vbd/1", "/device/vbd/1",
		"backend/vbd/1/2", "device/", "device//", "device//1",
		"device/vbd/", "device/vbd//state", "@releaseDomain",
		/* names that no xenstored knows */
		"device/v bd/1", "device/vbd/1\n", "device/../1", "device/vbd/.",
		"device/vbd/%s", "device/v\x80/1", "device/vbd/\x1b[m",
		/* vbd-1-2 is device/vbd/1-2 */
		"device/vbd-1/2",
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_eq(frontend(bad[i]), -EINVAL);
	check_eq(backend("backend/vbd//1"), -EINVAL);
	check_eq(backend("backend/vbd/1-2/3"), -EINVAL);
	check_eq(backend("backend/vbd/1/2-3"), 0);
	check_eq(frontend("device/vbd/1-2"), 0);
}

/* One byte less than the room, and one more. */
static void lengths(void)
{
	char path[256];

	strcpy(path, "device/");
	memset(path + 7, 't', XENBUS_TYPE_MAX - 1);
	strcpy(path + 7 + XENBUS_TYPE_MAX - 1, "/1");
	check_eq(frontend(path), 0);
	check_eq(strlen(name.type), XENBUS_TYPE_MAX - 1);
	memset(path + 7, 't', XENBUS_TYPE_MAX);
	strcpy(path + 7 + XENBUS_TYPE_MAX, "/1");
	check_eq(frontend(path), -EINVAL);

	/* of an id alone a byte less: there is room for a dash */
	strcpy(path, "device/t/");
	memset(path + 9, '2', XENBUS_ID_MAX - 2);
	strcpy(path + 9 + XENBUS_ID_MAX - 2, "/state");
	check_eq(frontend(path), 0);
	check_eq(strlen(name.id), XENBUS_ID_MAX - 2);
	check_eq(strlen(name.node), 9 + XENBUS_ID_MAX - 2);
	check(!strcmp(name.leaf, "state"));
	path[9 + XENBUS_ID_MAX - 2] = '2';
	check_eq(frontend(path), -EINVAL);

	/* a root so long that the node has no room */
	memset(path, 'r', 92);
	strcpy(path + 92, "/t/1");
	path[200] = '\0';
	memset(path + 100, 'r', 92);
	path[192] = '\0';
	check_eq(xenbus_parse_node(path, path + 100, 2, &name), -EINVAL);
	memset(path, 'r', 91);
	strcpy(path + 91, "/t/1");
	path[191] = '\0';
	check_eq(xenbus_parse_node(path, path + 100, 2, &name), 0);
	check_eq(strlen(name.node), XENBUS_NODE_MAX - 1);

	strcpy(path, "backend/vbd/1/");
	memset(path + 14, '2', 64);
	path[14 + XENBUS_ID_MAX - 3] = '\0';
	check_eq(backend(path), 0);
	check_eq(strlen(name.id), XENBUS_ID_MAX - 1);
	path[14 + XENBUS_ID_MAX - 3] = '2';
	path[14 + XENBUS_ID_MAX - 2] = '\0';
	check_eq(backend(path), -EINVAL);
}

static void values(void)
{
	check_eq(XENBUS_TYPE_MAX, 32);
	check_eq(XENBUS_ID_MAX, 32);
	check_eq(XENBUS_NODE_MAX, 96);
	check_eq(XENBUS_NODE_ABOVE, 1);
	/* the unplug protocol's: hvm-emulated-unplug of Xen */
	check_eq(XENBUS_UNPLUG_DISKS, 1);
	check_eq(XENBUS_UNPLUG_NICS, 2);
	check_eq(XENBUS_UNPLUG_AUX_DISKS, 4);
	/* ours */
	check_eq(XENBUS_UNPLUG_AUTO, 0x100);
	check_eq(XENBUS_UNPLUG_NVME, 0x200);
}

static void telling(void)
{
	check(xenbus_parse_is_telling(""));
	check(xenbus_parse_is_telling("state"));
	check(xenbus_parse_is_telling("backend"));
	check(xenbus_parse_is_telling("frontend-id"));
	check(!xenbus_parse_is_telling("ring-ref"));
	check(!xenbus_parse_is_telling("state/"));
	check(!xenbus_parse_is_telling("statex"));
}

static void unplug_is(const char *s, unsigned int want)
{
	unsigned int mask = 77;

	check_eq(xenbus_parse_unplug(s, &mask), 0);
	check_eq(mask, want);
}

static void unplug(void)
{
	unplug_is("never", 0);
	unplug_is("auto", 0x100);
	unplug_is("never\n", 0);
	unplug_is("nics", 2);
	unplug_is("aux-ide-disks", 4);
	unplug_is("ide-disks", 1);
	unplug_is("all", 0x207);
	unplug_is("nvme-disks", 0x200);
	unplug_is("nics,aux-ide-disks", 6);
	unplug_is("ide-disks,nics,nics", 3);
}

static void unplug_bad(void)
{
	static const char *const bad[] = {
		"", ",", "nics,", ",nics", "nic", "nicss", "all disks", "Nics",
		"never,nics", "all,never", "1", "auto,nics", "all,auto",
		"never,auto",
	};
	unsigned int mask = 77, i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_eq(xenbus_parse_unplug(bad[i], &mask), -EINVAL);
	check_eq(mask, 77);
}

static void slot_is(u32 vdev, enum xenbus_slot_kind kind, unsigned int nr)
{
	struct xenbus_slot slot;

	check_eq(xenbus_parse_slot(vdev, &slot), 0);
	check_eq(slot.kind, kind);
	check_eq(slot.nr, nr);
}

static void slots(void)
{
	struct xenbus_slot slot;

	slot_is(202 << 8, XENBUS_SLOT_IDE, 0);			/* xvda */
	slot_is(202 << 8 | 1, XENBUS_SLOT_IDE, 0);		/* xvda1 */
	slot_is(202 << 8 | 48, XENBUS_SLOT_IDE, 3);		/* xvdd */
	slot_is(202 << 8 | 64, XENBUS_SLOT_IDE, 4);		/* xvde */
	slot_is(1 << 28 | 1 << 8, XENBUS_SLOT_IDE, 1);
	slot_is(1 << 28 | 26 << 8, XENBUS_SLOT_IDE, 26);	/* xvdaa */
	slot_is(202 << 8 | 63, XENBUS_SLOT_IDE, 3);		/* xvdd15 */
	slot_is(1 << 28 | 3 << 8 | 255, XENBUS_SLOT_IDE, 3);
	slot_is(1 << 28 | 4 << 8, XENBUS_SLOT_IDE, 4);
	check_eq(xenbus_parse_slot(3 << 28 | 1 << 8, &slot), -ENOENT);
	check_eq(xenbus_parse_slot(3 << 8 | 1 << 16, &slot), -ENOENT);
	check_eq(xenbus_parse_slot(2 << 8, &slot), -ENOENT);
	check_eq(xenbus_parse_slot(4 << 8, &slot), -ENOENT);
	check_eq(xenbus_parse_slot(7 << 8, &slot), -ENOENT);
	check_eq(xenbus_parse_slot(9 << 8, &slot), -ENOENT);
	check_eq(xenbus_parse_slot(21 << 8, &slot), -ENOENT);
	check_eq(xenbus_parse_slot(23 << 8, &slot), -ENOENT);
	check_eq(xenbus_parse_slot(201 << 8, &slot), -ENOENT);
	check_eq(xenbus_parse_slot(203 << 8, &slot), -ENOENT);
	slot_is(3 << 8 | 63, XENBUS_SLOT_IDE, 0);
	slot_is(8 << 8 | 16, XENBUS_SLOT_SCSI, 1);		/* sdb */
	slot_is(3 << 8, XENBUS_SLOT_IDE, 0);			/* hda */
	slot_is(3 << 8 | 64, XENBUS_SLOT_IDE, 1);		/* hdb */
	slot_is(22 << 8, XENBUS_SLOT_IDE, 2);			/* hdc */
	slot_is(22 << 8 | 64, XENBUS_SLOT_IDE, 3);		/* hdd */
	slot_is(3 << 8 | 127, XENBUS_SLOT_IDE, 1);		/* hdb63 */
	slot_is(22 << 8 | 127, XENBUS_SLOT_IDE, 3);		/* hdd63 */
	check_eq(xenbus_parse_slot(3 << 8 | 128, &slot), -ENOENT);
	check_eq(xenbus_parse_slot(22 << 8 | 128, &slot), -ENOENT);
	check_eq(xenbus_parse_slot(33 << 8, &slot), -ENOENT);	/* hde */
	slot_is(8 << 8, XENBUS_SLOT_SCSI, 0);			/* sda */
	slot_is(8 << 8 | 240, XENBUS_SLOT_SCSI, 15);		/* sdp */
	check_eq(xenbus_parse_slot(65 << 8, &slot), -ENOENT);
	check_eq(xenbus_parse_slot(0, &slot), -ENOENT);
	check_eq(xenbus_parse_slot(2 << 28, &slot), -ENOENT);
	check_eq(xenbus_parse_slot(~0U, &slot), -ENOENT);
}

static void sysfs(void)
{
	unsigned int val = 77;

	check_eq(xenbus_parse_port("ata12", &val), 0);
	check_eq(val, 12);
	check_eq(xenbus_parse_port("ata999999999", &val), 0);
	check_eq(val, 999999999);
	check_eq(xenbus_parse_port("ata0", &val), 0);
	check_eq(val, 0);
	check_eq(xenbus_parse_port("ata8097531246", &val), -EINVAL);
	check_eq(xenbus_parse_target("9:8:7:6", &val), 0);
	check_eq(val, 7);
	check_eq(xenbus_parse_target("1:2:345:9", &val), 0);
	check_eq(val, 345);
	check_eq(xenbus_parse_target("1:0:3:0", &val), 0);
	check_eq(val, 3);
	val = 77;
	check_eq(xenbus_parse_port("ata", &val), -EINVAL);
	check_eq(xenbus_parse_port("ata1x", &val), -EINVAL);
	check_eq(xenbus_parse_port("ata1/", &val), -EINVAL);
	check_eq(xenbus_parse_port("ata/1", &val), -EINVAL);
	check_eq(xenbus_parse_port("ata:", &val), -EINVAL);
	check_eq(xenbus_parse_port("atb1", &val), -EINVAL);
	check_eq(xenbus_parse_port("at1", &val), -EINVAL);
	check_eq(xenbus_parse_port("ata1234567890", &val), -EINVAL);
	check_eq(xenbus_parse_target("1:2::4", &val), -EINVAL);
	check_eq(xenbus_parse_target("1:2:3:", &val), -EINVAL);
	check_eq(xenbus_parse_target("1:2:3:4x", &val), -EINVAL);
	check_eq(xenbus_parse_port("host0", &val), -EINVAL);
	check_eq(xenbus_parse_port("ata99999999999", &val), -EINVAL);
	check_eq(xenbus_parse_target("target0:0:0", &val), -EINVAL);
	check_eq(xenbus_parse_target("0:0:0", &val), -EINVAL);
	check_eq(xenbus_parse_target("0:0:0:0:0", &val), -EINVAL);
	check_eq(xenbus_parse_target("", &val), -EINVAL);
	check_eq(val, 77);
}

static const struct ktap_case cases[] = {
	{ "frontend paths", frontends },
	{ "backend paths", backends },
	{ "paths above devices", above },
	{ "paths of no device", elsewhere },
	{ "longest names", lengths },
	{ "values", values },
	{ "keys that tell of a device", telling },
	{ "unplug", unplug },
	{ "unplug that makes no sense", unplug_bad },
	{ "slots of emulated disks", slots },
	{ "names in sysfs", sysfs },
};

KTAP_MAIN(cases)
