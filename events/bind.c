// SPDX-License-Identifier: GPL-2.0-only
/* Bind ports to interrupts and unbind them: the kernel's API. */
#define pr_fmt(fmt) "xen-events: " fmt

#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <xen/xenbus.h>
#include <xen/xen-ops.h>
#include "events.h"

static int bind_port(evtchn_port_t port, bool late)
{
	unsigned int epoch = READ_ONCE(events_epoch);
	struct events_channel *ch;
	int ret;

	mutex_lock(&events_bind_lock);
	ch = xa_load(&events_ports, port);
	if (events_gone) {
		ret = -ESHUTDOWN;
	} else if (ch) {
		ret = -EBUSY;
		if (ch->kind == EVENTS_INTERDOMAIN && ch->late == late) {
			ch->refs++;
			ret = ch->irq;
		}
	} else {
		ch = events_channel_alloc(EVENTS_INTERDOMAIN, 0);
		ret = -ENOMEM;
		if (ch) {
			ch->late = late;
			ret = events_channel_open(ch, port, false, epoch);
		}
	}
	mutex_unlock(&events_bind_lock);
	return ret;
}

/* On failure the port remains with the caller, who passed it in. */
static int bind_request(int irq, bool own, irq_handler_t handler,
			unsigned long flags, const char *name, void *dev_id)
{
	int err;

	if (irq < 0)
		return irq;
	err = request_irq(irq, handler, flags, name, dev_id);
	if (!err)
		return irq;
	mutex_lock(&events_bind_lock);
	events_channel_put(events_irq_channel(irq), own);
	mutex_unlock(&events_bind_lock);
	return err;
}

/**
 * bind_evtchn_to_irq() - bind a port to an interrupt
 * @evtchn: open port of this domain
 *
 * Each call adds a user, which is removed by unbind_from_irqhandler() or
 * evtchn_put(). The port is closed with the last user.
 *
 * Return: the interrupt or a negative error.
 * Context: process.
 */
int bind_evtchn_to_irq(evtchn_port_t evtchn)
{
	return bind_port(evtchn, false);
}
EXPORT_SYMBOL_GPL(bind_evtchn_to_irq);

/**
 * bind_evtchn_to_irq_lateeoi() - bind_evtchn_to_irq() with xen_irq_lateeoi()
 * @evtchn: open port of this domain
 *
 * Return: the interrupt or a negative error.
 * Context: process.
 */
int bind_evtchn_to_irq_lateeoi(evtchn_port_t evtchn)
{
	return bind_port(evtchn, true);
}
EXPORT_SYMBOL_GPL(bind_evtchn_to_irq_lateeoi);

/**
 * bind_evtchn_to_irqhandler() - handle the events of a port
 * @evtchn:   open port of this domain; remains open on failure
 * @handler:  called in interrupt context
 * @irqflags: flags of request_irq()
 * @devname:  name in /proc/interrupts; must remain valid while bound
 * @dev_id:   argument of @handler
 *
 * Return: the interrupt or a negative error.
 * Context: process.
 */
int bind_evtchn_to_irqhandler(evtchn_port_t evtchn, irq_handler_t handler,
			      unsigned long irqflags, const char *devname,
			      void *dev_id)
{
	return bind_request(bind_port(evtchn, false), false, handler,
			    irqflags, devname, dev_id);
}
EXPORT_SYMBOL_GPL(bind_evtchn_to_irqhandler);

/**
 * bind_evtchn_to_irqhandler_lateeoi() - bind_evtchn_to_irqhandler() with
 * xen_irq_lateeoi()
 * @evtchn:   see bind_evtchn_to_irqhandler()
 * @handler:  called in interrupt context; each call needs one xen_irq_lateeoi()
 * @irqflags: flags of request_irq()
 * @devname:  name in /proc/interrupts; must remain valid while bound
 * @dev_id:   argument of @handler
 *
 * Return: the interrupt or a negative error.
 * Context: process.
 */
int bind_evtchn_to_irqhandler_lateeoi(evtchn_port_t evtchn,
				      irq_handler_t handler,
				      unsigned long irqflags,
				      const char *devname, void *dev_id)
{
	return bind_request(bind_port(evtchn, true), false, handler,
			    irqflags, devname, dev_id);
}
EXPORT_SYMBOL_GPL(bind_evtchn_to_irqhandler_lateeoi);

/**
 * bind_interdomain_evtchn_to_irq_lateeoi() - connect to a peer's port
 * @dev:         device whose peer owns the port, and which gets the statistics
 * @remote_port: port that the peer allocated for us
 *
 * Return: the interrupt or a negative error.
 * Context: process.
 */
int bind_interdomain_evtchn_to_irq_lateeoi(struct xenbus_device *dev,
					   evtchn_port_t remote_port)
{
	struct evtchn_bind_interdomain bind = {
		.remote_dom = dev->otherend_id,
		.remote_port = remote_port,
	};
	struct events_channel *ch;
	unsigned int epoch;
	int ret;

	ch = events_channel_alloc(EVENTS_INTERDOMAIN, 0);
	if (!ch)
		return -ENOMEM;
	ch->late = true;
	/* A CPU may still count an event there after the driver has unbound. */
	get_device(&dev->dev);
	ch->dev = dev;
	mutex_lock(&events_bind_lock);
	epoch = READ_ONCE(events_epoch);
	ret = events_gone ? -ESHUTDOWN :
	      HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain, &bind);
	if (ret)
		events_channel_free(ch);
	else
		ret = events_channel_open(ch, bind.local_port, true, epoch);
	if (ret >= 0)
		atomic_inc(&dev->event_channels);
	mutex_unlock(&events_bind_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(bind_interdomain_evtchn_to_irq_lateeoi);

/**
 * bind_interdomain_evtchn_to_irqhandler_lateeoi() - connect to a peer's port
 * and handle its events
 * @dev:         device whose peer owns the port, and which gets the statistics
 * @remote_port: port that the peer allocated for us
 * @handler:     called in interrupt context; each call needs one
 *               xen_irq_lateeoi()
 * @irqflags:    flags of request_irq()
 * @devname:     name in /proc/interrupts; must remain valid while bound
 * @dev_id:      argument of @handler
 *
 * Return: the interrupt or a negative error.
 * Context: process.
 */
int bind_interdomain_evtchn_to_irqhandler_lateeoi(struct xenbus_device *dev,
						  evtchn_port_t remote_port,
						  irq_handler_t handler,
						  unsigned long irqflags,
						  const char *devname,
						  void *dev_id)
{
	int irq = bind_interdomain_evtchn_to_irq_lateeoi(dev, remote_port);

	return bind_request(irq, true, handler, irqflags, devname, dev_id);
}
EXPORT_SYMBOL_GPL(bind_interdomain_evtchn_to_irqhandler_lateeoi);

static int bind_source(enum events_kind kind, u32 source, unsigned int cpu,
		       bool fixed)
{
	struct events_channel *ch;
	evtchn_port_t port;
	unsigned int epoch;
	int ret;

	if (!cpu_possible(cpu) || !per_cpu_ptr(events_cpus, cpu)->vcpu)
		return -EINVAL;
	mutex_lock(&events_bind_lock);
	ret = -ESHUTDOWN;
	if (events_gone)
		goto out;
	ch = events_channel_find(kind, source, cpu);
	if (ch) {
		ch->refs++;
		ret = ch->irq;
		goto out;
	}
	ret = -ENOMEM;
	ch = events_channel_alloc(kind, source);
	if (!ch)
		goto out;
	ch->fixed = fixed;
	ch->cpu = cpu;
	epoch = READ_ONCE(events_epoch);
	ret = events_channel_make(ch, xen_vcpu_nr(cpu), &port);
	if (ret)
		events_channel_free(ch);
	else
		ret = events_channel_open(ch, port, true, epoch);
out:
	mutex_unlock(&events_bind_lock);
	return ret;
}

/**
 * bind_virq_to_irq() - bind a VIRQ to an interrupt
 * @virq:   VIRQ_*
 * @cpu:    CPU of a per-CPU VIRQ; otherwise the first CPU that handles it
 * @percpu: each vCPU has such a VIRQ
 *
 * Return: the interrupt or a negative error.
 * Context: process.
 */
int bind_virq_to_irq(unsigned int virq, unsigned int cpu, bool percpu)
{
	if (virq >= NR_VIRQS)
		return -EINVAL;
	return bind_source(EVENTS_VIRQ, virq, cpu, percpu);
}
EXPORT_SYMBOL_GPL(bind_virq_to_irq);

/**
 * bind_virq_to_irqhandler() - handle a VIRQ
 * @virq:     VIRQ_*
 * @cpu:      see bind_virq_to_irq()
 * @handler:  called in interrupt context
 * @irqflags: flags of request_irq(); IRQF_PERCPU: each vCPU has such a VIRQ
 * @devname:  name in /proc/interrupts; must remain valid while bound
 * @dev_id:   argument of @handler
 *
 * Return: the interrupt or a negative error.
 * Context: process.
 */
int bind_virq_to_irqhandler(unsigned int virq, unsigned int cpu,
			    irq_handler_t handler, unsigned long irqflags,
			    const char *devname, void *dev_id)
{
	int irq = bind_virq_to_irq(virq, cpu, irqflags & IRQF_PERCPU);

	return bind_request(irq, true, handler, irqflags, devname, dev_id);
}
EXPORT_SYMBOL_GPL(bind_virq_to_irqhandler);

/**
 * bind_ipi_to_irqhandler() - handle an IPI sent by xen_send_IPI_one()
 * @ipi:      number of the IPI
 * @cpu:      CPU that receives it
 * @handler:  called in interrupt context
 * @irqflags: flags of request_irq()
 * @devname:  name in /proc/interrupts; must remain valid while bound
 * @dev_id:   argument of @handler
 *
 * Return: the interrupt or a negative error.
 * Context: process.
 */
int bind_ipi_to_irqhandler(enum ipi_vector ipi, unsigned int cpu,
			   irq_handler_t handler, unsigned long irqflags,
			   const char *devname, void *dev_id)
{
	int irq;

	if (ipi >= XEN_NR_IPIS)
		return -EINVAL;
	irq = bind_source(EVENTS_IPI, ipi, cpu, true);
	return bind_request(irq, true, handler, irqflags, devname, dev_id);
}
EXPORT_SYMBOL_GPL(bind_ipi_to_irqhandler);

/**
 * unbind_from_irqhandler() - remove a handler and a user
 * @irq:    any of our interrupts
 * @dev_id: argument of the handler
 *
 * No handler runs any more when this returns. The port is closed with its last
 * user, unless a resume has invalidated it.
 *
 * Context: process.
 */
void unbind_from_irqhandler(unsigned int irq, void *dev_id)
{
	struct events_channel *ch = events_irq_channel(irq);

	if (!ch) {
		pr_err("interrupt %u is not an event channel's\n", irq);
		return;
	}
	free_irq(irq, dev_id);
	mutex_lock(&events_bind_lock);
	events_channel_put(ch, true);
	mutex_unlock(&events_bind_lock);
}
EXPORT_SYMBOL_GPL(unbind_from_irqhandler);
