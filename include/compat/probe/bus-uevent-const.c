// SPDX-License-Identifier: GPL-2.0-only
/* 6.3: uevent() of a bus takes a const device. */
#include <linux/device.h>

static int probe_uevent(const struct device *dev, struct kobj_uevent_env *env)
{
	return 0;
}

extern const struct bus_type probe;
const struct bus_type probe = { .uevent = probe_uevent };
