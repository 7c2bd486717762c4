// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a domain and of a kernel. After a suspend this may be a new domain
 * without anything that was set up in Xen. xenbus calls the functions in the
 * order in which they are defined here, on the only CPU that runs. After a
 * kexec it is the old domain with a new kernel, which must not find leftovers.
 */
#define pr_fmt(fmt) "xen-events: " fmt

#include <linux/export.h>
#include <linux/notifier.h>
#include <linux/platform_device.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <linux/suspend.h>
#include <xen/features.h>
#include <xen/xen-ops.h>
#include "events.h"

/**
 * xen_arch_pre_suspend() - before SCHEDOP_shutdown
 *
 * All that the new domain needs is in memory, so there is nothing to save.
 */
void xen_arch_pre_suspend(void)
{
}
EXPORT_SYMBOL_GPL(xen_arch_pre_suspend);

/**
 * xen_arch_post_suspend() - after SCHEDOP_shutdown: restore page and upcalls
 * @suspend_cancelled: this is the old domain, where nothing was lost
 */
void xen_arch_post_suspend(int suspend_cancelled)
{
	int err;

	if (suspend_cancelled)
		return;
	xen_setup_features();
	err = events_shared_resume();
	if (err)
		pr_crit("no shared info page after resume (%d)\n", err);
	events_upcall_resume();
}
EXPORT_SYMBOL_GPL(xen_arch_post_suspend);

/** xen_irq_resume() - in a new domain: allocate the ports again that can be */
void xen_irq_resume(void)
{
	int err = events_abi->resume();

	if (err) {
		pr_warn("no %s ABI after resume (%d)\n", events_abi->name, err);
		events_abi = &events_twolevel;
		events_abi->resume();
	}
	events_channel_resume();
}
EXPORT_SYMBOL_GPL(xen_irq_resume);

static void suspend_nothing(void *unused)
{
}

/*
 * Devices were shut down, but threads and other CPUs still run. Channels must
 * have no ports before the memory of the ports is released, and no CPU may be
 * handling events.
 */
static void suspend_for_good(struct platform_device *dev)
{
	int cpu;

	mutex_lock(&events_bind_lock);
	events_gone = true;
	mutex_unlock(&events_bind_lock);
	events_channel_stop();
	events_shared_mask();
	for_each_possible_cpu(cpu) {
		struct events_cpu *c = per_cpu_ptr(events_cpus, cpu);

		events_vector_park(c);
		WRITE_ONCE(c->vcpu, NULL);
	}
	xen_set_callback_via(0);
	on_each_cpu(suspend_nothing, NULL, true);
	events_abi->stop();
	events_shared_stop();
}

/*
 * This is no syscore operation, because kernels before 6.9 do not call these at
 * a kexec. A device has the right place in the order: after all that were
 * registered later, which are those of grants and xenbus.
 */
static struct platform_driver suspend_driver = {
	.driver.name = "xen-events",
	.driver.suppress_bind_attrs = true,
	.shutdown = suspend_for_good,
};

/*
 * After a suspend to RAM or to disk, Xen and the backends would not know the
 * kernel's state any more: the shared info page, the grant table, ports,
 * connections. Nothing restores those, so it is refused before any device is
 * suspended.
 */
static int suspend_refuse(struct notifier_block *nb, unsigned long event,
			  void *unused)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		pr_warn("suspend to RAM or disk is refused; the toolstack can save this domain\n");
		return notifier_from_errno(-EOPNOTSUPP);
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block suspend_notifier = {
	.notifier_call = suspend_refuse,
};

static struct platform_device *suspend_device;

int events_suspend_start(void)
{
	int err = platform_driver_register(&suspend_driver);

	if (err)
		return err;
	suspend_device = platform_device_register_simple("xen-events",
							 PLATFORM_DEVID_NONE,
							 NULL, 0);
	if (IS_ERR(suspend_device)) {
		err = PTR_ERR(suspend_device);
		goto driver;
	}
	err = register_pm_notifier(&suspend_notifier);
	if (!err)
		return 0;
	platform_device_unregister(suspend_device);
driver:
	platform_driver_unregister(&suspend_driver);
	return err;
}

void events_suspend_stop(void)
{
	unregister_pm_notifier(&suspend_notifier);
	platform_device_unregister(suspend_device);
	platform_driver_unregister(&suspend_driver);
}
