// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of a channel: a port gets an interrupt, users are added and removed, a
 * resume invalidates the port or replaces it.
 *
 * Ports do not survive a resume in a new domain. Channels do, until their
 * drivers have unbound them; by then the port's number may belong to another
 * channel.
 */
#define pr_fmt(fmt) "xen-events: " fmt

#include <linux/export.h>
#include <linux/irq.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <xen/xenbus.h>
#include <xen/xen-ops.h>
#include "events.h"

/* Protects the bindings and their numbers of users. */
DEFINE_MUTEX(events_bind_lock);

/*
 * Number of domains that this guest has run in; a port belongs to one of them.
 */
unsigned int events_epoch;

/*
 * The system shuts down: no port can be bound any more. Under events_bind_lock.
 */
bool events_gone;

/**
 * events_channel_alloc() - allocate a channel without a port
 * @kind:   kind of its events
 * @source: VIRQ or IPI number
 *
 * Until it has an interrupt, events_channel_free() frees it.
 *
 * Return: the channel, or NULL if there is no memory.
 */
struct events_channel *events_channel_alloc(enum events_kind kind, u32 source)
{
	struct events_channel *ch = kzalloc(sizeof(*ch), GFP_KERNEL);

	if (!ch)
		return NULL;
	raw_spin_lock_init(&ch->lock);
	ch->reasons = EVENTS_MASK_IRQ;
	ch->cpu = -1;
	ch->kind = kind;
	ch->source = source;
	ch->refs = 1;
	INIT_LIST_HEAD(&ch->list);
	events_eoi_init(ch);
	return ch;
}

/**
 * events_channel_find() - find the channel of a VIRQ or IPI
 * @kind:   kind of the channel
 * @source: its number
 * @cpu:    its CPU, if each CPU has one
 *
 * Return: the channel, or NULL if it is not bound.
 * Context: under events_bind_lock.
 */
struct events_channel *events_channel_find(enum events_kind kind, u32 source,
					   unsigned int cpu)
{
	struct events_channel *ch;

	lockdep_assert_held(&events_bind_lock);
	list_for_each_entry(ch, &events_channels, list)
		if (ch->kind == kind && ch->source == source &&
		    (!ch->fixed || ch->cpu == (int)cpu))
			return ch;
	return NULL;
}

/* Where the port of a per-CPU channel is stored, NULL for other channels. */
static evtchn_port_t *channel_slot(const struct events_channel *ch)
{
	struct events_cpu *c;

	if (!ch->fixed)
		return NULL;
	c = per_cpu_ptr(events_cpus, ch->cpu);
	return ch->kind == EVENTS_VIRQ ? &c->virq[ch->source] :
					 &c->ipi[ch->source];
}

/* Under the channel's lock, or while a resume runs on one CPU. */
static void channel_set_port(struct events_channel *ch, evtchn_port_t port)
{
	evtchn_port_t *slot = channel_slot(ch);

	ch->port = port;
	if (slot)
		WRITE_ONCE(*slot, port);
}

/*
 * Connect a channel with its port; under the channel's lock, or while a resume
 * runs on one CPU.
 */
static void channel_attach(struct events_channel *ch, evtchn_port_t port)
{
	channel_set_port(ch, port);
	events_abi->mask(port);
	if (ch->cpu >= 0)
		events_abi->move(port, -1, ch->cpu);
}

/* The port stays masked, and nothing uses it for this channel any more. */
static void channel_detach(struct events_channel *ch)
{
	lockdep_assert_held(&ch->lock);
	events_abi->mask(ch->port);
	events_abi->move(ch->port, ch->cpu, -1);
	channel_set_port(ch, 0);
}

static void channel_forget(struct events_channel *ch, evtchn_port_t port)
{
	xa_cmpxchg(&events_ports, port, ch, NULL, 0);
}

/*
 * Make the channel visible to events. The port is masked, like all ports that
 * are not bound.
 */
static int channel_publish(struct events_channel *ch, evtchn_port_t port,
			   unsigned int epoch)
{
	unsigned long flags;
	int err = events_abi->reserve(port);

	if (!err)
		err = xa_insert(&events_ports, port, ch, GFP_KERNEL);
	if (err)
		return err;
	raw_spin_lock_irqsave(&events_lock, flags);
	raw_spin_lock(&ch->lock);
	if (epoch == events_epoch) {
		channel_attach(ch, port);
		if (ch->cpu >= 0) {
			per_cpu_ptr(events_cpus, ch->cpu)->load++;
			if (ch->fixed &&
			    !cpumask_test_cpu(ch->cpu, &events_takers))
				ch->reasons |= EVENTS_MASK_CPU;
		}
		list_add_tail(&ch->list, &events_channels);
	} else {
		err = -EAGAIN;
	}
	raw_spin_unlock(&ch->lock);
	raw_spin_unlock_irqrestore(&events_lock, flags);
	if (err)
		channel_forget(ch, port);
	return err;
}

/*
 * The number is valid in this domain only while the epoch is the same; no
 * resume may come in between.
 */
static void channel_close(evtchn_port_t port, unsigned int epoch)
{
	unsigned long flags;
	int err = 0;

	raw_spin_lock_irqsave(&events_lock, flags);
	if (epoch == events_epoch)
		err = events_port_close(port);
	raw_spin_unlock_irqrestore(&events_lock, flags);
	if (err)
		pr_warn("port %u not closed (%d)\n", port, err);
}

/**
 * events_channel_open() - give a channel its interrupt and its port
 * @ch:    new; freed on failure
 * @port:  port of this domain
 * @own:   close the port on failure
 * @epoch: events_epoch when the port was allocated
 *
 * Return: the interrupt or a negative error.
 * Context: process, under events_bind_lock.
 */
int events_channel_open(struct events_channel *ch, evtchn_port_t port, bool own,
			unsigned int epoch)
{
	int err = events_irq_alloc(ch);

	lockdep_assert_held(&events_bind_lock);
	if (err) {
		events_channel_free(ch);
	} else {
		err = channel_publish(ch, port, epoch);
		if (!err)
			return ch->irq;
		events_irq_free(ch);
	}
	if (own)
		channel_close(port, epoch);
	return err;
}

/**
 * events_channel_put() - remove a user
 * @ch:    channel; the user's handler was removed
 * @close: close the port with the last user
 *
 * The order matters: the number may be allocated as another port as soon as it
 * is closed.
 *
 * Context: process, under events_bind_lock.
 */
void events_channel_put(struct events_channel *ch, bool close)
{
	unsigned long flags;
	unsigned int epoch;
	evtchn_port_t port;

	lockdep_assert_held(&events_bind_lock);
	if (--ch->refs)
		return;
	raw_spin_lock_irqsave(&events_lock, flags);
	list_del_init(&ch->list);
	raw_spin_lock(&ch->lock);
	epoch = events_epoch;
	port = ch->port;
	if (port)
		channel_detach(ch);
	if (ch->cpu >= 0)
		per_cpu_ptr(events_cpus, ch->cpu)->load--;
	raw_spin_unlock(&ch->lock);
	raw_spin_unlock_irqrestore(&events_lock, flags);
	if (port) {
		channel_forget(ch, port);
		if (close && !ch->keep)
			channel_close(port, epoch);
	}
	timer_delete_sync(&ch->eoi);
	if (ch->dev)
		atomic_dec(&ch->dev->event_channels);
	events_irq_free(ch);
}

/**
 * events_channel_make() - allocate the port of a VIRQ or IPI
 * @ch:   the channel
 * @vcpu: its vCPU
 * @port: result
 *
 * Return: 0 or a negative error.
 * Context: any.
 */
int events_channel_make(const struct events_channel *ch, u32 vcpu,
			evtchn_port_t *port)
{
	struct evtchn_bind_virq virq = { .virq = ch->source, .vcpu = vcpu };
	struct evtchn_bind_ipi ipi = { .vcpu = vcpu };
	int err;

	if (ch->kind == EVENTS_VIRQ) {
		err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_virq, &virq);
		*port = virq.port;
	} else {
		err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_ipi, &ipi);
		*port = ipi.port;
	}
	return err;
}

/*
 * Give a port to a channel without one; Xen still notifies @vcpu of it. A
 * pending EOI of the previous port is dropped. Under the channel's lock, or
 * while a resume runs on one CPU.
 */
static int channel_renew(struct events_channel *ch, evtchn_port_t port,
			 u32 vcpu)
{
	struct evtchn_bind_vcpu op = { .port = port };
	int err = 0;

	channel_attach(ch, port);
	ch->reasons &= ~EVENTS_MASK_EOI;
	if (ch->cpu >= 0) {
		op.vcpu = per_cpu_ptr(events_cpus, ch->cpu)->id;
		if (op.vcpu != vcpu)
			err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_vcpu,
							  &op);
	}
	if (!err && !ch->reasons)
		events_abi->unmask(port);
	return err;
}

/**
 * rebind_evtchn_irq() - give an interrupt another port
 * @evtchn: open port of this domain, not bound
 * @irq:    interrupt whose port is gone, or will be closed
 *
 * For users that survive a suspend: xenstore's port may have another number
 * then.
 *
 * Context: process.
 */
void rebind_evtchn_irq(evtchn_port_t evtchn, int irq)
{
	struct events_channel *ch = events_irq_channel(irq);
	unsigned long flags;
	unsigned int epoch;
	evtchn_port_t old;
	int err;

	if (!ch)
		return;
	mutex_lock(&events_bind_lock);
	if (events_gone)
		goto out;
	raw_spin_lock_irqsave(&ch->lock, flags);
	epoch = events_epoch;
	old = ch->port;
	if (old && old != evtchn)
		channel_detach(ch);
	raw_spin_unlock_irqrestore(&ch->lock, flags);
	if (old == evtchn)
		goto out;
	if (old) {
		channel_forget(ch, old);
		channel_close(old, epoch);
	}
	err = events_abi->reserve(evtchn);
	if (!err)
		err = xa_insert(&events_ports, evtchn, ch, GFP_KERNEL);
	if (!err) {
		raw_spin_lock_irqsave(&ch->lock, flags);
		err = channel_renew(ch, evtchn, 0);
		raw_spin_unlock_irqrestore(&ch->lock, flags);
	}
	if (err)
		pr_err("interrupt %d does not get port %u (%d)\n", irq, evtchn,
		       err);
out:
	mutex_unlock(&events_bind_lock);
}
EXPORT_SYMBOL_GPL(rebind_evtchn_irq);

static void channel_resume(struct events_channel *ch)
{
	evtchn_port_t port;
	u32 vcpu;
	int err;

	if (ch->kind == EVENTS_INTERDOMAIN)
		return;
	vcpu = per_cpu_ptr(events_cpus, ch->cpu)->id;
	err = events_channel_make(ch, vcpu, &port);
	if (err && !ch->fixed) {
		/* Xen creates global VIRQs on vCPU 0 only. */
		vcpu = 0;
		err = events_channel_make(ch, vcpu, &port);
	}
	if (!err && !events_abi->room(port))
		err = -ENOSPC;
	if (!err)
		err = xa_insert(&events_ports, port, ch, GFP_ATOMIC);
	if (!err)
		err = channel_renew(ch, port, vcpu);
	if (err)
		pr_err("interrupt %u is dead after resume (%d)\n", ch->irq,
		       err);
}

/**
 * events_channel_resume() - allocate ports again after all were lost
 *
 * Interdomain ports wait for their drivers.
 *
 * Context: one CPU runs, interrupts off, and no CPU was stopped inside of a raw
 * spinlock.
 */
void events_channel_resume(void)
{
	struct events_channel *ch;
	evtchn_port_t port;

	events_epoch++;
	list_for_each_entry(ch, &events_channels, list) {
		port = ch->port;
		channel_set_port(ch, 0);
		if (port)
			channel_forget(ch, port);
	}
	list_for_each_entry(ch, &events_channels, list)
		channel_resume(ch);
}

/**
 * events_channel_stop() - close the remaining ports
 *
 * There are none if all users are gone; at a shutdown the next kernel would
 * find these ports in use.
 *
 * Context: any, nobody binds any more.
 */
void events_channel_stop(void)
{
	struct events_channel *ch;
	unsigned long flags;
	evtchn_port_t port;

	raw_spin_lock_irqsave(&events_lock, flags);
	list_for_each_entry(ch, &events_channels, list) {
		raw_spin_lock(&ch->lock);
		port = ch->port;
		if (port)
			channel_detach(ch);
		raw_spin_unlock(&ch->lock);
		if (port && !ch->keep)
			events_port_close(port);
	}
	raw_spin_unlock_irqrestore(&events_lock, flags);
}
