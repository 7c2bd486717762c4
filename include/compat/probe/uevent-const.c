// SPDX-License-Identifier: GPL-2.0-only
/* 6.4: uevent() of a xenbus driver takes a const device. */
#include <xen/xenbus.h>

static int probe_uevent(const struct xenbus_device *dev,
			struct kobj_uevent_env *env)
{
	return 0;
}

extern const struct xenbus_driver probe;
const struct xenbus_driver probe = { .uevent = probe_uevent };
