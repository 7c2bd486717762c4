/* SPDX-License-Identifier: GPL-2.0-only */
/* What events/reset.c and events/suspend.c need besides irq.h. */
#ifndef UNIT_PLATFORM_H
#define UNIT_PLATFORM_H

#include "irq.h"

#define swap(a, b) do { typeof(a) __t = a; a = b; b = __t; } while (0)
#define pr_crit(...)	kernel_says(__VA_ARGS__)

#define DOMID_SELF			0x7ff0
#define HVM_PARAM_STORE_EVTCHN		2
#define HVM_PARAM_CONSOLE_EVTCHN	18
#define EVTCHNSTAT_unbound		1
#define EVTCHNSTAT_interdomain		2

struct evtchn_status {
	int dom;
	u32 port, status;
	union {
		struct { int dom; } unbound;
		struct { int dom; u32 port; } interdomain;
	} u;
};

struct evtchn_alloc_unbound { int dom, remote_dom; u32 port; };

struct evtchn_reset { int dom; };

struct evtchn_expand_array { u64 array_gfn; };

enum { EVTCHNOP_status = 100, EVTCHNOP_alloc_unbound, EVTCHNOP_reset,
	EVTCHNOP_expand_array };

#define NOTIFY_DONE	0
#define notifier_from_errno(err) (0x8000 | (1 - (err)))
#define notifier_to_errno(ret) (1 - ((ret) & 0x7fff))
enum { PM_HIBERNATION_PREPARE = 1, PM_POST_HIBERNATION, PM_SUSPEND_PREPARE,
	PM_POST_SUSPEND, PM_RESTORE_PREPARE, PM_POST_RESTORE };

struct platform_device { int unused; };

struct platform_driver {
	struct { const char *name; bool suppress_bind_attrs; } driver;
	void (*shutdown)(struct platform_device *dev);
};

static struct notifier_block *unit_pm;
static struct platform_driver *unit_driver;
static struct platform_device unit_platform;

#define PLATFORM_DEVID_NONE (-1)
#define platform_driver_register(d) (unit_driver = (d), 0)
#define platform_driver_unregister(d) (unit_driver = NULL)
#define platform_device_register_simple(a, b, c, d) (&unit_platform)
#define platform_device_unregister(d) do { } while (0)
#define register_pm_notifier(nb) (unit_pm = (nb), 0)
#define unregister_pm_notifier(nb) (unit_pm = NULL)
#define on_each_cpu(fn, data, wait) fn(data)
#define for_each_possible_cpu(c) for ((c) = 0; (c) < UNIT_CPUS; (c)++)

#endif
