// SPDX-License-Identifier: GPL-2.0-only
/* What is parsed of a path, put together again, is the path. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../xenbus/bus/parse.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool cond)
{
	if (!cond)
		abort();
}

static void node(const char *path, const char *root, unsigned int levels)
{
	struct xenbus_name name;
	const char *s;
	size_t len;
	int ret;

	memset(&name, 0xa5, sizeof(name));
	ret = xenbus_parse_node(path, root, levels, &name);
	if (ret) {
		must(ret == XENBUS_NODE_ABOVE || ret == -EINVAL);
		return;
	}
	len = strlen(name.node);
	must(len < sizeof(name.node) && !strncmp(path, name.node, len));
	must(path[len] ? path[len] == '/' && name.leaf == path + len + 1 :
			 !*name.leaf);
	s = name.node + strlen(root) + 1;
	must(!strncmp(s, name.type, strlen(name.type)));
	s += strlen(name.type) + 1;
	must(*name.type && *name.id && strlen(s) == strlen(name.id));
	must(!strchr(name.type, '-'));
	for (len = 0; s[len]; len++)
		must(s[len] == name.id[len] ||
		     (s[len] == '/' && name.id[len] == '-'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xenbus_slot slot;
	unsigned int val = 77;
	char *s = malloc(size + 1);
	u32 vdev;

	memcpy(s, data, size);
	s[size] = '\0';
	node(s, "device", 2);
	node(s, "backend", 3);
	must(xenbus_parse_unplug(s, &val) ? val == 77 :
	     !(val & ~(7 | XENBUS_UNPLUG_NVME)) ||
	     val == XENBUS_UNPLUG_AUTO);
	xenbus_parse_is_telling(s);
	xenbus_parse_port(s, &val);
	xenbus_parse_target(s, &val);
	if (size >= sizeof(vdev)) {
		memcpy(&vdev, data, sizeof(vdev));
		if (!xenbus_parse_slot(vdev, &slot))
			must(slot.nr < (slot.kind == XENBUS_SLOT_SCSI ?
					16 : 1 << 20));
	}
	free(s);
	return 0;
}
