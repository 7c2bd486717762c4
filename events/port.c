// SPDX-License-Identifier: GPL-2.0-only
/*
 * From Xen's upcall to the handlers of the ports that are pending.
 *
 * An upcall looks at everything once. What comes meanwhile sets the vCPU's
 * pending flag again, Xen calls again for that, and in between the CPU gets to
 * do something else, however many events a peer sends.
 */
#include <linux/export.h>
#include <linux/irq.h>
#include <linux/percpu.h>
#include <xen/xenbus.h>
#include <xen/interface/hvm/params.h>
#include "events.h"

/* Channels by port. Read without a lock; they are freed by RCU. */
DEFINE_XARRAY(events_ports);

struct events_cpu __percpu *events_cpus;

const struct events_abi *events_abi = &events_twolevel;

static void port_kicked(struct irq_work *work)
{
	struct events_cpu *c = container_of(work, struct events_cpu, kick);

	events_upcall_scan(c);
}

int events_port_start(void)
{
	int cpu;

	events_cpus = alloc_percpu(struct events_cpu);
	if (!events_cpus)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct events_cpu *c = per_cpu_ptr(events_cpus, cpu);

		c->cpu = cpu;
		init_irq_work(&c->kick, port_kicked);
	}
	return 0;
}

void events_port_stop(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		irq_work_sync(&per_cpu_ptr(events_cpus, cpu)->kick);
	free_percpu(events_cpus);
	xa_destroy(&events_ports);
}

/**
 * events_port_handle() - run the handler of a pending port
 * @loop: the round it is part of
 * @port: what the ABI found
 *
 * A port that nobody is bound to is left alone: it was masked before it was
 * unbound, so this is an echo, and somebody may be binding to it just now.
 *
 * Context: hard interrupt.
 */
void events_port_handle(struct events_loop *loop, evtchn_port_t port)
{
	struct events_channel *ch = xa_load(&events_ports, port);

	events_eoi_limit(loop);
	if (!ch) {
		loop->c->strays++;
		return;
	}
	if (ch->dev)
		atomic_inc(&ch->dev->events);
	ch->events++;
	if (loop->slow)
		WRITE_ONCE(ch->slow, true);
	generic_handle_irq_desc(ch->desc);
}

/**
 * events_port_scan() - handle what is pending for a vCPU
 * @c: whose
 *
 * Return: whether Xen had called. Context: hard interrupt, on that CPU or
 * otherwise one at a time.
 */
bool events_port_scan(struct events_cpu *c)
{
	struct events_loop loop = { .c = c };
	struct vcpu_info *vcpu = READ_ONCE(c->vcpu);
	bool called;

	if (!vcpu)
		return false;
	/* A full barrier: the flag first, then what it announces. */
	called = xchg(&vcpu->evtchn_upcall_pending, 0);
	rcu_read_lock();
	if (!events_abi->scan(c, &loop))
		irq_work_queue(&c->kick);
	rcu_read_unlock();
	c->upcalls += called;
	c->events += loop.nr;
	return called || loop.nr;
}

/* The toolstack made these for all who will ever run in this domain. */
static bool port_is_fixed(evtchn_port_t port)
{
	u64 value;

	if (!xenpv_hvm_param_get(HVM_PARAM_STORE_EVTCHN, &value) &&
	    value == port)
		return true;
	return !xenpv_hvm_param_get(HVM_PARAM_CONSOLE_EVTCHN, &value) &&
	       value == port;
}

/**
 * events_port_close() - close a port unless it is xenstore's or the console's
 * @port: masked, nobody's any more
 *
 * Return: 0 or a negative error. Context: any.
 */
int events_port_close(evtchn_port_t port)
{
	struct evtchn_close op = { .port = port };

	if (port_is_fixed(port))
		return 0;
	return HYPERVISOR_event_channel_op(EVTCHNOP_close, &op);
}

/**
 * xen_evtchn_nr_channels() - how many event channels there can be
 *
 * Return: every port is below this.
 */
unsigned int xen_evtchn_nr_channels(void)
{
	return events_abi->ports;
}
EXPORT_SYMBOL_GPL(xen_evtchn_nr_channels);
