// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suspend of the domain: save, migrate, checkpoint.
 *
 * The device model saves emulated devices, so only PV devices are told. Nothing
 * has to be frozen: rings stay as they are, and a driver that wakes up in
 * another domain sets up new ones and repeats its requests.
 */
#include <linux/cpumask.h>
#include <linux/notifier.h>
#include <linux/stop_machine.h>
#include <linux/syscore_ops.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/interface/sched.h>
#include <xen/xen-ops.h>
#include "bus.h"

static RAW_NOTIFIER_HEAD(xenbus_suspend_chain);

/**
 * xen_resume_notifier_register() - get called after a resume in a new domain
 * @nb: called in process context, before xenstore can be used again
 */
void xen_resume_notifier_register(struct notifier_block *nb)
{
	raw_notifier_chain_register(&xenbus_suspend_chain, nb);
}
EXPORT_SYMBOL_GPL(xen_resume_notifier_register);

/**
 * xen_resume_notifier_unregister() - undo xen_resume_notifier_register()
 * @nb: registered
 */
void xen_resume_notifier_unregister(struct notifier_block *nb)
{
	raw_notifier_chain_unregister(&xenbus_suspend_chain, nb);
}
EXPORT_SYMBOL_GPL(xen_resume_notifier_unregister);

/*
 * All other CPUs spin with interrupts off, so nobody uses a grant or an event
 * channel while their tables change. The clocks are suspended because the wall
 * clock will have moved on.
 *
 * The hypercall returns 0 in a new domain and 1 in the old one, which
 * continues.
 */
static int xenbus_suspend_stopped(void *data)
{
	struct sched_shutdown op = { .reason = SHUTDOWN_suspend };
	int *result = data;
	int err;

	err = syscore_suspend();
	if (err)
		return err;
	err = gnttab_suspend();
	if (!err) {
		xen_arch_pre_suspend();
		*result = HYPERVISOR_sched_op(SCHEDOP_shutdown, &op);
		xen_arch_post_suspend(*result != 0);
		err = gnttab_resume();
		if (!*result)
			xen_irq_resume();
	}
	syscore_resume();
	return err;
}

/*
 * Runs in the callback of the watch on control/shutdown, in that watch's lane.
 * Calls @resumed in a new domain, before devices resume.
 */
void xenbus_suspend(void (*resumed)(void))
{
	int err, result = 1;

	err = xs_lanes_pause();
	if (err) {
		pr_err("xenbus: no suspend, a driver is busy: %d\n", err);
		return;
	}
	pr_info("xenbus: suspending\n");
	bus_for_each_dev(&xenbus_frontend.type, NULL, NULL,
			 xenbus_device_suspend);
	xs_suspend();
	err = stop_machine(xenbus_suspend_stopped, &result, cpumask_of(0));
	if (err)
		pr_err("xenbus: suspending failed: %d\n", err);
	if (result) {
		xs_suspend_cancel();
		pr_info("xenbus: resumed in the same domain: %d\n", result);
	} else {
		raw_notifier_call_chain(&xenbus_suspend_chain, 0, NULL);
		xs_resume();
		xenbus_unplug_again();
		resumed();
		bus_for_each_dev(&xenbus_frontend.type, NULL, NULL,
				 xenbus_device_resume);
		pr_info("xenbus: resumed in a new domain\n");
	}
	xs_lanes_resume();
}
