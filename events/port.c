// SPDX-License-Identifier: GPL-2.0-only
/*
 * From Xen's upcall to the handlers of the pending ports.
 *
 * An upcall checks all ports once. An event that comes meanwhile sets the
 * vCPU's pending flag again, and Xen makes another upcall. In between the CPU
 * can do other work, however many events a peer sends.
 */
#include <linux/export.h>
#include <linux/irq.h>
#include <linux/percpu.h>
#include <xen/xenbus.h>
#include <xen/interface/hvm/params.h>
#include "events.h"

/* Channels by port. Read without a lock; freed by RCU. */
DEFINE_XARRAY(events_ports);

struct events_cpu __percpu *events_cpus;

const struct events_abi *events_abi = &events_twolevel;

/*
 * Without vectors the CPU that gets the interrupt acts for vCPU 0, one at a
 * time.
 */
static DEFINE_RAW_SPINLOCK(port_lock);

/**
 * events_port_handle() - run the handler of a pending port
 * @loop: the current round
 * @port: port found by the ABI
 *
 * A port that is not bound is ignored: it was masked before it was unbound, so
 * this is a late event, and another user may be binding it now.
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

/* Returns true if Xen had made an upcall, or ports were pending. */
static bool port_scan(struct events_cpu *c)
{
	struct events_loop loop = { .c = c };
	struct vcpu_info *vcpu = READ_ONCE(c->vcpu);
	bool called;

	if (!vcpu)
		return false;
	/* A full barrier: clear the flag before reading what it announces. */
	called = xchg(&vcpu->evtchn_upcall_pending, 0);
	rcu_read_lock();
	if (!events_abi->scan(c, &loop))
		irq_work_queue(&c->kick);
	rcu_read_unlock();
	c->upcalls += called;
	c->events += loop.nr;
	return called || loop.nr;
}

/**
 * events_port_scan() - handle the pending ports of a vCPU
 * @c: its CPU's state
 *
 * Return: true if there were any.
 * Context: hard interrupt; on that CPU if it has a vector.
 */
bool events_port_scan(struct events_cpu *c)
{
	bool found;

	if (xen_have_vector_callback)
		return port_scan(c);
	raw_spin_lock(&port_lock);
	found = port_scan(c);
	raw_spin_unlock(&port_lock);
	return found;
}

static void port_kicked(struct irq_work *work)
{
	struct events_cpu *c = container_of(work, struct events_cpu, kick);

	events_port_scan(c);
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

/* The toolstack creates these ports for all kernels that run in this domain. */
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
 * events_port_close() - close a port, except for xenstore's and the console's
 * @port: masked, not bound any more
 *
 * Return: 0 or a negative error.
 * Context: any.
 */
int events_port_close(evtchn_port_t port)
{
	struct evtchn_close op = { .port = port };

	if (port_is_fixed(port))
		return 0;
	return HYPERVISOR_event_channel_op(EVTCHNOP_close, &op);
}

/**
 * xen_evtchn_nr_channels() - maximum number of event channels
 *
 * Return: every port is below this.
 */
unsigned int xen_evtchn_nr_channels(void)
{
	return events_abi->ports;
}
EXPORT_SYMBOL_GPL(xen_evtchn_nr_channels);
