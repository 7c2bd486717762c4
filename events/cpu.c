// SPDX-License-Identifier: GPL-2.0-only
/* CPU hotplug. */
#define pr_fmt(fmt) "xen-events: " fmt

#include <linux/cpuhotplug.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include "events.h"

static int cpu_state;

/* Unloading: the last CPU may leave, too. */
static bool cpu_all_leave;

static int cpu_set_up(struct events_cpu *c)
{
	struct vcpu_info *vcpu = events_shared_vcpu(c->id);
	int err;

	if (!vcpu)
		return -ENOSPC;
	err = events_abi->cpu_up(c);
	if (err)
		return err;
	WRITE_ONCE(c->vcpu, vcpu);
	err = xen_have_vector_callback ? events_vector_alloc(c) : 0;
	if (err)
		WRITE_ONCE(c->vcpu, NULL);
	return err;
}

/* True if a vCPU can receive events. */
static bool cpu_takes(u32 vcpu)
{
	return xen_have_vector_callback || !vcpu;
}

/*
 * If a CPU cannot receive events it can still be used: other CPUs receive them.
 */
static int cpu_comes(unsigned int cpu)
{
	struct events_cpu *c = per_cpu_ptr(events_cpus, cpu);
	int err;

	c->id = events_detect_vcpu(cpu);
	if (!cpu_takes(c->id))
		return 0;
	err = cpu_set_up(c);
	if (err) {
		pr_notice("CPU %u (vCPU %u) takes no events (%d)\n", cpu,
			  c->id, err);
		return 0;
	}
	events_irq_enter(cpu);
	irq_work_queue(&c->kick);
	return 0;
}

/*
 * Runs on the CPU. Events announced to it before its ports were moved are
 * handled here, before the vector is freed.
 */
static int cpu_goes(unsigned int cpu)
{
	struct events_cpu *c = per_cpu_ptr(events_cpus, cpu);
	int err;

	if (!c->vcpu)
		return 0;
	if (!cpu_all_leave && cpumask_weight(&events_takers) == 1)
		return -EBUSY;
	err = events_irq_leave(cpu);
	if (err && !cpu_all_leave)
		return err;
	irq_work_queue(&c->kick);
	irq_work_sync(&c->kick);
	events_vector_free(c);
	WRITE_ONCE(c->vcpu, NULL);
	return 0;
}

int events_cpu_start(void)
{
	int state;

	cpu_all_leave = false;
	state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "xen/events:online",
				  cpu_comes, cpu_goes);
	if (state < 0)
		return state;
	cpu_state = state;
	return 0;
}

void events_cpu_stop(void)
{
	cpu_all_leave = true;
	cpuhp_remove_state(cpu_state);
}
