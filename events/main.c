// SPDX-License-Identifier: GPL-2.0-only
/*
 * xen-events: event channels for an HVM guest whose kernel has no Xen core. The
 * exit is in the reverse order of the initialisation. Afterwards Xen uses no
 * memory of the guest, and no port is open except xenstore's and the console's,
 * which firmware left open.
 */
#define pr_fmt(fmt) "xen-events: " fmt

#include <linux/cpu.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include "events.h"

static bool fifo;
module_param(fifo, bool, 0444);
MODULE_PARM_DESC(fifo,
		 "FIFO ABI, if Xen has it, instead of the 2-level one (0)");

/*
 * The first control block switches the whole domain to the FIFO ABI, or fails
 * if it is not supported.
 */
static void __init main_choose_abi(void)
{
	struct events_cpu *c;
	unsigned int cpu;
	int err;

	if (!fifo)
		return;
	cpus_read_lock();
	cpu = cpumask_first(cpu_online_mask);
	c = per_cpu_ptr(events_cpus, cpu);
	c->id = events_detect_vcpu(cpu);
	err = events_fifo.cpu_up(c);
	cpus_read_unlock();
	if (err)
		pr_notice("no FIFO ABI (%d), taking the 2-level one\n", err);
	else
		events_abi = &events_fifo;
}

static int __init main_start(void)
{
	int err;

	err = events_detect();
	if (err)
		return err;
	err = events_port_start();
	if (err)
		return err;
	err = events_irq_start();
	if (err)
		goto stop_port;
	err = events_platform_start();
	if (err)
		goto stop_irq;
	err = events_shared_start();
	if (err)
		goto stop_platform;
	err = events_reset_leftover();
	if (err) {
		pr_err("an earlier kernel's event channels can not be reset (%d)\n",
		       err);
		goto stop_shared;
	}
	main_choose_abi();
	err = events_upcall_start();
	if (err)
		goto stop_shared;
	err = events_suspend_start();
	if (err)
		goto stop_upcall;
	events_debugfs_start();
	xen_domain_type = XEN_HVM_DOMAIN;
	pr_info("%s ABI, upcall by %s, %u of %u CPUs\n", events_abi->name,
		events_upcall_name(), cpumask_weight(&events_takers),
		num_online_cpus());
	return 0;

stop_upcall:
	events_upcall_stop();
stop_shared:
	events_abi->stop();
	events_shared_stop();
stop_platform:
	events_platform_stop();
stop_irq:
	events_irq_stop();
stop_port:
	events_port_stop();
	return err;
}

static void __exit main_stop(void)
{
	xen_domain_type = XEN_NATIVE;
	events_debugfs_stop();
	events_suspend_stop();
	events_channel_stop();
	events_shared_mask();
	events_upcall_stop();
	events_abi->stop();
	events_shared_stop();
	events_platform_stop();
	events_irq_stop();
	events_port_stop();
}

module_init(main_start);
module_exit(main_stop);
MODULE_DESCRIPTION("Xen event channels, for kernels without CONFIG_XEN");
MODULE_LICENSE("GPL");
MODULE_VERSION(XENPV_VERSION);
