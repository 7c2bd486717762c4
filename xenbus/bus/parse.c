// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parsers of paths, names and parameters. No kernel calls: tests/unit compiles
 * this file, too.
 */
#include "parse.h"

/*
 * The characters that xenstored allows in a node's name. The dash is only
 * allowed in the last component, because dashes join the components of a
 * device's name: no two devices may get the same name.
 */
#define XENBUS_PARSE_NAME	"-0123456789_@" \
				"abcdefghijklmnopqrstuvwxyz" \
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* True if @n more bytes and a NUL fit behind @used of @size. */
static bool xenbus_parse_fits(size_t used, size_t n, size_t size)
{
	return n < size && used < size - n;
}

/**
 * xenbus_parse_node() - find the device that a path belongs to
 * @path:   path of a watch event
 * @root:   root of the bus: "device" or "backend"
 * @levels: components behind @root that identify a device: type and id, or
 *          type, domain and id
 * @name:   result
 *
 * Return: 0; XENBUS_NODE_ABOVE if the path is @root or between it and devices,
 * so that any of them may be affected; -EINVAL if it cannot belong to a device.
 */
int xenbus_parse_node(const char *path, const char *root, unsigned int levels,
		      struct xenbus_name *name)
{
	size_t at = strlen(root), used = 0, n;
	unsigned int i;
	bool last;

	if (strncmp(path, root, at))
		return -EINVAL;
	for (i = 0; i < levels; i++) {
		if (!path[at])
			return XENBUS_NODE_ABOVE;
		if (path[at++] != '/')
			return -EINVAL;
		n = strcspn(path + at, "/");
		last = i + 1 == levels;
		/* skip the dash of the set, except for the last component */
		if (!n || strspn(path + at, &XENBUS_PARSE_NAME[!last]) < n)
			return -EINVAL;
		if (!i) {
			if (!xenbus_parse_fits(0, n, sizeof(name->type)))
				return -EINVAL;
			memcpy(name->type, path + at, n);
			name->type[n] = '\0';
		} else {
			if (!xenbus_parse_fits(used, n + 1, sizeof(name->id)))
				return -EINVAL;
			if (used)
				name->id[used++] = '-';
			memcpy(name->id + used, path + at, n);
			used += n;
			name->id[used] = '\0';
		}
		at += n;
	}
	if (at >= sizeof(name->node))
		return -EINVAL;
	memcpy(name->node, path, at);
	name->node[at] = '\0';
	name->leaf = path[at] ? path + at + 1 : "";
	return 0;
}

/**
 * xenbus_parse_is_telling() - test whether a write may concern the bus
 * @leaf: from xenbus_parse_node()
 *
 * Most writes in a device's directory are for its driver. But a device is
 * complete only when it has a state, and its removal removes the directory.
 *
 * Return: true if a device may have been added, removed or replaced.
 */
bool xenbus_parse_is_telling(const char *leaf)
{
	static const char *const telling[] = {
		"", "state", "backend", "backend-id", "frontend", "frontend-id",
		NULL
	};
	const char *const *t;

	for (t = telling; *t; t++)
		if (!strcmp(leaf, *t))
			return true;
	return false;
}

/**
 * xenbus_parse_unplug() - parse the parameter unplug
 * @s:    words with commas between them
 * @mask: result, XENBUS_UNPLUG_*; untouched on error
 *
 * Return: 0, or -EINVAL for an unknown word, or for "never" or "auto" with another
 * word.
 */
int xenbus_parse_unplug(const char *s, unsigned int *mask)
{
	static const struct {
		const char *word;
		unsigned int mask;
	} words[] = {
		{ "never", 0 },
		{ "auto", XENBUS_UNPLUG_AUTO },
		{ "nics", XENBUS_UNPLUG_NICS },
		{ "aux-ide-disks", XENBUS_UNPLUG_AUX_DISKS },
		{ "ide-disks", XENBUS_UNPLUG_DISKS },
		{ "nvme-disks", XENBUS_UNPLUG_NVME },
		{ "all", XENBUS_UNPLUG_DISKS | XENBUS_UNPLUG_NICS |
			 XENBUS_UNPLUG_AUX_DISKS | XENBUS_UNPLUG_NVME },
		{ NULL, 0 }
	};
	bool never = false;
	unsigned int m = 0, i;
	size_t n;

	for (;;) {
		n = strcspn(s, ",\n");
		for (i = 0; words[i].word; i++)
			if (strlen(words[i].word) == n &&
			    !strncmp(words[i].word, s, n))
				break;
		if (!words[i].word)
			return -EINVAL;
		never |= !words[i].mask;
		m |= words[i].mask;
		s += n;
		if (*s != ',')
			break;
		s++;
	}
	if ((never && m) ||
	    (m & XENBUS_UNPLUG_AUTO && m != XENBUS_UNPLUG_AUTO))
		return -EINVAL;
	*mask = m;
	return 0;
}

#define VDEV_EXTENDED	0x10000000U
#define VDEV_MAJOR_IDE0	3
#define VDEV_MAJOR_SD	8
#define VDEV_MAJOR_IDE1	22
#define VDEV_MAJOR_XVD	202

/**
 * xenbus_parse_slot() - the slot of the emulated twin of a PV disk
 * @vdev: its virtual-device number, xen-vbd-interface(7)
 * @slot: result: xvda and hda are number 0, sda is SCSI target 0
 *
 * Return: 0, or -ENOENT if toolstacks emulate no twin of it.
 */
int xenbus_parse_slot(u32 vdev, struct xenbus_slot *slot)
{
	u32 minor = vdev & 0xff;

	slot->kind = XENBUS_SLOT_IDE;
	if (vdev >> 28 == VDEV_EXTENDED >> 28)
		slot->nr = (vdev & ~VDEV_EXTENDED) >> 8;
	else if (vdev >> 8 == VDEV_MAJOR_XVD)
		slot->nr = minor >> 4;
	else if (vdev >> 8 == VDEV_MAJOR_IDE0 && minor < 128)
		slot->nr = minor >> 6;
	else if (vdev >> 8 == VDEV_MAJOR_IDE1 && minor < 128)
		slot->nr = 2 + (minor >> 6);
	else if (vdev >> 8 == VDEV_MAJOR_SD)
		slot->nr = minor >> 4;
	else
		return -ENOENT;

	if (vdev >> 8 == VDEV_MAJOR_SD)
		slot->kind = XENBUS_SLOT_SCSI;
	return 0;
}

/*
 * Parse up to 9 digits at @s up to @end; returns the text behind them, or NULL.
 */
static const char *xenbus_parse_digits(const char *s, char end,
				       unsigned int *val)
{
	unsigned int v = 0, n = 0;

	while (*s >= '0' && *s <= '9' && n++ < 9)
		v = v * 10 + (*s++ - '0');
	if (!n || *s != end)
		return NULL;
	*val = v;
	return s;
}

/**
 * xenbus_parse_port() - parse the number in the name of a libata port
 * @name: "ata1"
 * @port: result
 *
 * Return: 0 or -EINVAL.
 */
int xenbus_parse_port(const char *name, unsigned int *port)
{
	if (strncmp(name, "ata", 3))
		return -EINVAL;
	return xenbus_parse_digits(name + 3, '\0', port) ? 0 : -EINVAL;
}

/**
 * xenbus_parse_target() - parse the target in a SCSI device's name
 * @name:   "host:channel:target:lun"
 * @target: result
 *
 * Return: 0 or -EINVAL.
 */
int xenbus_parse_target(const char *name, unsigned int *target)
{
	unsigned int val, t = 0, i;

	for (i = 0; i < 4; i++) {
		name = xenbus_parse_digits(name, i < 3 ? ':' : '\0', &val);
		if (!name)
			return -EINVAL;
		if (i == 2)
			t = val;
		if (i < 3)
			name++;
	}
	*target = t;
	return 0;
}
