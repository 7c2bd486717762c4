// SPDX-License-Identifier: GPL-2.0-only
/* The API by interrupt: send, test, poll, priorities, references. */
#include <linux/export.h>
#include <linux/percpu.h>
#include <xen/interface/sched.h>
#include <compat/evtchn.h>
#include "events.h"

static evtchn_port_t notify_port(unsigned int irq)
{
	struct events_channel *ch = events_irq_channel(irq);

	return ch ? READ_ONCE(ch->port) : 0;
}

/**
 * notify_remote_via_irq() - send an event to the other end
 * @irq: bound; nothing is sent if its port is invalid
 *
 * Context: any.
 */
void notify_remote_via_irq(int irq)
{
	evtchn_port_t port = notify_port(irq);

	if (port)
		notify_remote_via_evtchn(port);
}
EXPORT_SYMBOL_GPL(notify_remote_via_irq);

/**
 * xen_send_IPI_one() - send an IPI
 * @cpu:    destination
 * @vector: bound there by bind_ipi_to_irqhandler()
 *
 * Context: any.
 */
void xen_send_IPI_one(unsigned int cpu, enum ipi_vector vector)
{
	evtchn_port_t port = READ_ONCE(per_cpu_ptr(events_cpus,
						   cpu)->ipi[vector]);

	if (port)
		notify_remote_via_evtchn(port);
}
EXPORT_SYMBOL_GPL(xen_send_IPI_one);

/**
 * irq_from_evtchn() - the interrupt of a port
 * @evtchn: any number
 *
 * Return: the interrupt, 0 if the port is not bound.
 */
unsigned int irq_from_evtchn(evtchn_port_t evtchn)
{
	struct events_channel *ch;
	unsigned int irq;

	rcu_read_lock();
	ch = xa_load(&events_ports, evtchn);
	irq = ch ? ch->irq : 0;
	rcu_read_unlock();
	return irq;
}
EXPORT_SYMBOL_GPL(irq_from_evtchn);

/**
 * irq_evtchn_from_virq() - the interrupt and port of a VIRQ
 * @cpu:    CPU of the VIRQ
 * @virq:   VIRQ_*, bound for each CPU
 * @evtchn: result: its port, 0 if it has none
 *
 * Return: the interrupt, 0 if there is none.
 */
int irq_evtchn_from_virq(unsigned int cpu, unsigned int virq,
			 evtchn_port_t *evtchn)
{
	*evtchn = READ_ONCE(per_cpu_ptr(events_cpus, cpu)->virq[virq]);
	return *evtchn ? irq_from_evtchn(*evtchn) : 0;
}
EXPORT_SYMBOL_GPL(irq_evtchn_from_virq);

/**
 * xen_set_irq_priority() - set the priority of events (FIFO ABI)
 * @irq:      bound
 * @priority: XEN_IRQ_PRIORITY_MAX (0) to _MIN (15)
 *
 * Return: 0 or a negative error, -ENOSYS with the 2-level ABI.
 */
int xen_set_irq_priority(unsigned int irq, unsigned int priority)
{
	struct evtchn_set_priority op = {
		.port = notify_port(irq),
		.priority = priority,
	};

	return HYPERVISOR_event_channel_op(EVTCHNOP_set_priority, &op);
}
EXPORT_SYMBOL_GPL(xen_set_irq_priority);

/**
 * xen_clear_irq_pending() - drop an event, before polling for the next one
 * @irq: bound
 */
void xen_clear_irq_pending(int irq)
{
	struct events_channel *ch = events_irq_channel(irq);
	unsigned long flags;

	if (!ch)
		return;
	raw_spin_lock_irqsave(&ch->lock, flags);
	if (ch->port)
		events_abi->clear(ch->port);
	raw_spin_unlock_irqrestore(&ch->lock, flags);
}
EXPORT_SYMBOL_GPL(xen_clear_irq_pending);

/**
 * xen_test_irq_pending() - test for an event
 * @irq: bound
 *
 * Return: true if there is one.
 */
bool xen_test_irq_pending(int irq)
{
	struct events_channel *ch = events_irq_channel(irq);
	bool pending = false;
	unsigned long flags;

	if (!ch)
		return false;
	raw_spin_lock_irqsave(&ch->lock, flags);
	if (ch->port)
		pending = events_abi->pending(ch->port);
	raw_spin_unlock_irqrestore(&ch->lock, flags);
	return pending;
}
EXPORT_SYMBOL_GPL(xen_test_irq_pending);

/**
 * xen_poll_irq_timeout() - yield the CPU until there is an event
 * @irq:     bound, normally disabled
 * @timeout: Xen's system time in ns at which to stop waiting, 0: never
 */
void xen_poll_irq_timeout(int irq, u64 timeout)
{
	evtchn_port_t port = notify_port(irq);
	struct sched_poll poll = { .nr_ports = 1, .timeout = timeout };

	if (!port)
		return;
	set_xen_guest_handle(poll.ports, &port);
	HYPERVISOR_sched_op(SCHEDOP_poll, &poll);
}
EXPORT_SYMBOL_GPL(xen_poll_irq_timeout);

/**
 * xen_poll_irq() - yield the CPU until there is an event
 * @irq: bound, normally disabled
 */
void xen_poll_irq(int irq)
{
	xen_poll_irq_timeout(irq, 0);
}
EXPORT_SYMBOL_GPL(xen_poll_irq);

static int notify_make_refcounted(evtchn_port_t evtchn, bool keep)
{
	struct events_channel *ch;
	int err = -ENOENT;

	mutex_lock(&events_bind_lock);
	ch = xa_load(&events_ports, evtchn);
	if (ch) {
		ch->counted = true;
		ch->keep |= keep;
		err = 0;
	}
	mutex_unlock(&events_bind_lock);
	return err;
}

/*
 * evtchn_make_refcounted(): allow evtchn_get() to add users to a bound port.
 * Newer kernels have a second argument: never close the port. Returns 0 or a
 * negative error. Context: process.
 */
int evtchn_make_refcounted(xpv_evtchn_counted_args)
{
	return notify_make_refcounted(evtchn, xpv_evtchn_is_static);
}
EXPORT_SYMBOL_GPL(evtchn_make_refcounted);

/**
 * evtchn_get() - add a user
 * @evtchn: bound and refcounted
 *
 * Return: 0 or a negative error.
 * Context: process.
 */
int evtchn_get(evtchn_port_t evtchn)
{
	struct events_channel *ch;
	int err = -ENOENT;

	mutex_lock(&events_bind_lock);
	ch = xa_load(&events_ports, evtchn);
	if (ch) {
		err = -EINVAL;
		if (ch->counted) {
			ch->refs++;
			err = 0;
		}
	}
	mutex_unlock(&events_bind_lock);
	return err;
}
EXPORT_SYMBOL_GPL(evtchn_get);

/**
 * evtchn_put() - remove a user; the port is closed with the last one
 * @evtchn: from evtchn_get()
 *
 * Context: process.
 */
void evtchn_put(evtchn_port_t evtchn)
{
	struct events_channel *ch;

	mutex_lock(&events_bind_lock);
	ch = xa_load(&events_ports, evtchn);
	if (ch)
		events_channel_put(ch, true);
	mutex_unlock(&events_bind_lock);
}
EXPORT_SYMBOL_GPL(evtchn_put);
