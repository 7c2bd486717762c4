// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event channels as interrupts: an irq_chip on top of the ABI's masks, an
 * irq_domain that allocates the numbers, and the choice of each channel's CPU.
 */
#include <linux/export.h>
#include <linux/idr.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/slab.h>
#include "events.h"

LIST_HEAD(events_channels);
DEFINE_RAW_SPINLOCK(events_lock);

/* CPUs that can receive events. */
struct cpumask events_takers;

static struct irq_domain *irq_ports;
static struct fwnode_handle *irq_fwnode;
static struct workqueue_struct *irq_release_wq;
static DEFINE_IDA(irq_numbers);

/* Mask a port and record the reason; under the channel's lock. */
void events_irq_mask_for(struct events_channel *ch, u8 reason)
{
	lockdep_assert_held(&ch->lock);
	if (!ch->reasons && ch->port)
		events_abi->mask(ch->port);
	ch->reasons |= reason;
}

/* Remove a reason; unmask if it was the last one. Under the channel's lock. */
void events_irq_unmask_for(struct events_channel *ch, u8 reason)
{
	lockdep_assert_held(&ch->lock);
	if (!(ch->reasons & reason))
		return;
	ch->reasons &= ~reason;
	if (!ch->reasons && ch->port)
		events_abi->unmask(ch->port);
}

static void irq_clear(struct events_channel *ch)
{
	if (ch->port)
		events_abi->clear(ch->port);
}

static void irq_chip_mask(struct irq_data *d)
{
	struct events_channel *ch = irq_data_get_irq_chip_data(d);
	unsigned long flags;

	raw_spin_lock_irqsave(&ch->lock, flags);
	events_irq_mask_for(ch, EVENTS_MASK_IRQ);
	raw_spin_unlock_irqrestore(&ch->lock, flags);
}

static void irq_chip_unmask(struct irq_data *d)
{
	struct events_channel *ch = irq_data_get_irq_chip_data(d);
	unsigned long flags;

	raw_spin_lock_irqsave(&ch->lock, flags);
	events_irq_unmask_for(ch, EVENTS_MASK_IRQ);
	raw_spin_unlock_irqrestore(&ch->lock, flags);
}

/*
 * The handler is about to run; with late EOI the port stays masked until the
 * EOI.
 */
static void irq_chip_ack(struct irq_data *d)
{
	struct events_channel *ch = irq_data_get_irq_chip_data(d);
	unsigned long flags;

	raw_spin_lock_irqsave(&ch->lock, flags);
	if (ch->late)
		events_irq_mask_for(ch, EVENTS_MASK_EOI);
	irq_clear(ch);
	raw_spin_unlock_irqrestore(&ch->lock, flags);
}

/* The handler does not run now; the interrupt core remembers the event. */
static void irq_chip_mask_ack(struct irq_data *d)
{
	struct events_channel *ch = irq_data_get_irq_chip_data(d);
	unsigned long flags;

	raw_spin_lock_irqsave(&ch->lock, flags);
	events_irq_mask_for(ch, EVENTS_MASK_IRQ);
	irq_clear(ch);
	raw_spin_unlock_irqrestore(&ch->lock, flags);
}

/* The last handler was removed, so nobody will send a pending EOI. */
static void irq_chip_shutdown(struct irq_data *d)
{
	struct events_channel *ch = irq_data_get_irq_chip_data(d);
	unsigned long flags;

	raw_spin_lock_irqsave(&ch->lock, flags);
	events_irq_mask_for(ch, EVENTS_MASK_IRQ);
	ch->reasons &= ~EVENTS_MASK_EOI;
	raw_spin_unlock_irqrestore(&ch->lock, flags);
}

static int irq_chip_retrigger(struct irq_data *d)
{
	struct events_channel *ch = irq_data_get_irq_chip_data(d);
	unsigned long flags;
	evtchn_port_t port;

	raw_spin_lock_irqsave(&ch->lock, flags);
	port = ch->port;
	if (port) {
		events_abi->mask(port);
		events_abi->set(port);
		if (!ch->reasons)
			events_abi->unmask(port);
	}
	raw_spin_unlock_irqrestore(&ch->lock, flags);
	return port != 0;
}

/*
 * Record the CPU of a channel. It counts as load there while it is in the list;
 * its interrupt can be moved before and after that.
 */
static void irq_set_cpu(struct events_channel *ch, int cpu)
{
	lockdep_assert_held(&events_lock);
	lockdep_assert_held(&ch->lock);
	if (!list_empty(&ch->list)) {
		if (ch->cpu >= 0)
			per_cpu_ptr(events_cpus, ch->cpu)->load--;
		per_cpu_ptr(events_cpus, cpu)->load++;
	}
	ch->cpu = cpu;
}

/*
 * Make Xen notify another vCPU. No event is lost while the port is masked:
 * unmasking notifies the new vCPU of pending events.
 */
static int irq_bind_vcpu(struct events_channel *ch, int cpu)
{
	struct evtchn_bind_vcpu op = { .port = ch->port };
	int err = 0;

	if (ch->port) {
		op.vcpu = per_cpu_ptr(events_cpus, cpu)->id;
		events_abi->mask(ch->port);
		err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_vcpu, &op);
		if (!err)
			events_abi->move(ch->port, ch->cpu, cpu);
	}
	if (!err)
		irq_set_cpu(ch, cpu);
	if (ch->port && !ch->reasons)
		events_abi->unmask(ch->port);
	return err;
}

/* The current CPU if it is allowed, else the one with the fewest channels. */
static int irq_pick(const struct events_channel *ch, const struct cpumask *mask)
{
	unsigned int load, least = UINT_MAX;
	int cpu, best = -1;

	for_each_cpu_and(cpu, mask, &events_takers) {
		if (cpu == ch->cpu)
			return cpu;
		load = per_cpu_ptr(events_cpus, cpu)->load;
		if (load < least) {
			least = load;
			best = cpu;
		}
	}
	return best;
}

static int irq_place(struct events_channel *ch, const struct cpumask *mask)
{
	unsigned long flags;
	int cpu, err = 0;

	raw_spin_lock_irqsave(&events_lock, flags);
	cpu = irq_pick(ch, mask);
	raw_spin_lock(&ch->lock);
	if (cpu < 0)
		err = -EINVAL;
	else if (cpu != ch->cpu)
		err = irq_bind_vcpu(ch, cpu);
	raw_spin_unlock(&ch->lock);
	raw_spin_unlock_irqrestore(&events_lock, flags);
	return err ? err : cpu;
}

static int irq_chip_affinity(struct irq_data *d, const struct cpumask *mask,
			     bool force)
{
	struct events_channel *ch = irq_data_get_irq_chip_data(d);
	int cpu;

	if (ch->fixed)
		return -EINVAL;
	cpu = irq_place(ch, mask);
	if (cpu < 0)
		return cpu;
	irq_data_update_effective_affinity(d, cpumask_of(cpu));
	return IRQ_SET_MASK_OK;
}

/* Set the affinity first, because a channel without a CPU gets no events. */
static unsigned int irq_chip_startup(struct irq_data *d)
{
	struct events_channel *ch = irq_data_get_irq_chip_data(d);
	int cpu;

	if (ch->cpu < 0) {
		cpu = irq_place(ch, &events_takers);
		if (cpu >= 0)
			irq_data_update_effective_affinity(d, cpumask_of(cpu));
	}
	irq_chip_unmask(d);
	return 0;
}

/* irqbalance detects these by "xen-dyn" in the name. */
static struct irq_chip irq_port_chip = {
	.name = "xen-dyn-event",
	.irq_startup = irq_chip_startup,
	.irq_shutdown = irq_chip_shutdown,
	.irq_mask = irq_chip_mask,
	.irq_unmask = irq_chip_unmask,
	.irq_ack = irq_chip_ack,
	.irq_mask_ack = irq_chip_mask_ack,
	.irq_set_affinity = irq_chip_affinity,
	.irq_retrigger = irq_chip_retrigger,
	.flags = IRQCHIP_SKIP_SET_WAKE | IRQCHIP_AFFINITY_PRE_STARTUP,
};

static int irq_port_map(struct irq_domain *d, unsigned int irq,
			irq_hw_number_t hwirq)
{
	irq_set_chip_and_handler_name(irq, &irq_port_chip, handle_edge_irq, NULL);
	irq_set_status_flags(irq, IRQ_MOVE_PCNTXT);
	return 0;
}

static const struct irq_domain_ops irq_port_ops = {
	.map = irq_port_map,
};

/**
 * events_irq_alloc() - allocate the interrupt of a channel
 * @ch: channel that nobody else can find before this returns
 *
 * The number in our irq domain is not the port: after a resume an invalid
 * channel may still exist when its port number belongs to another channel.
 *
 * Return: 0 or a negative error.
 * Context: process.
 */
int events_irq_alloc(struct events_channel *ch)
{
	int id = ida_alloc(&irq_numbers, GFP_KERNEL);

	if (id < 0)
		return id;
	ch->hwirq = id;
	ch->irq = irq_create_mapping(irq_ports, id);
	if (!ch->irq) {
		ida_free(&irq_numbers, id);
		return -ENOSPC;
	}
	ch->desc = irq_data_to_desc(irq_get_irq_data(ch->irq));
	if (ch->fixed)
		irq_set_status_flags(ch->irq, IRQ_PER_CPU | IRQ_NO_BALANCING);
	irq_set_chip_data(ch->irq, ch);
	return 0;
}

static void irq_release(struct work_struct *work)
{
	struct events_channel *ch = container_of(to_rcu_work(work),
						 struct events_channel,
						 release);

	irq_dispose_mapping(ch->irq);
	ida_free(&irq_numbers, ch->hwirq);
	events_channel_free(ch);
}

/**
 * events_irq_free() - free a channel and its interrupt
 * @ch: without port and handler, not in any list
 *
 * Another CPU may just have found it, so it is freed by RCU.
 */
void events_irq_free(struct events_channel *ch)
{
	INIT_RCU_WORK(&ch->release, irq_release);
	queue_rcu_work(irq_release_wq, &ch->release);
}

/**
 * events_irq_channel() - the channel of an interrupt
 * @irq: any number
 *
 * Return: the channel, NULL if the interrupt is not ours.
 */
struct events_channel *events_irq_channel(unsigned int irq)
{
	struct irq_data *d = irq_get_irq_data(irq);

	return d && d->domain == irq_ports ? irq_data_get_irq_chip_data(d) :
					      NULL;
}

/**
 * events_irq_leave() - move all channels away from a CPU
 * @cpu: receives no events from now on
 *
 * Channels fixed to the CPU stay and are masked. When the CPU goes offline, the
 * interrupt core moves the others once more, by their affinity.
 *
 * Return: 0, or -EBUSY if no other CPU can receive events.
 */
int events_irq_leave(unsigned int cpu)
{
	struct events_channel *ch;
	unsigned long flags;
	int to, err = 0;

	raw_spin_lock_irqsave(&events_lock, flags);
	cpumask_clear_cpu(cpu, &events_takers);
	list_for_each_entry(ch, &events_channels, list) {
		if (ch->cpu != (int)cpu)
			continue;
		to = ch->fixed ? -1 : irq_pick(ch, &events_takers);
		raw_spin_lock(&ch->lock);
		if (ch->fixed)
			events_irq_mask_for(ch, EVENTS_MASK_CPU);
		else if (to < 0 || irq_bind_vcpu(ch, to))
			err = -EBUSY;
		raw_spin_unlock(&ch->lock);
	}
	if (err)
		cpumask_set_cpu(cpu, &events_takers);
	raw_spin_unlock_irqrestore(&events_lock, flags);
	return err;
}

/**
 * events_irq_enter() - a CPU receives events from now on
 * @cpu: set up
 */
void events_irq_enter(unsigned int cpu)
{
	struct events_channel *ch;
	unsigned long flags;

	raw_spin_lock_irqsave(&events_lock, flags);
	cpumask_set_cpu(cpu, &events_takers);
	list_for_each_entry(ch, &events_channels, list) {
		if (ch->cpu != (int)cpu || !ch->fixed)
			continue;
		raw_spin_lock(&ch->lock);
		events_irq_unmask_for(ch, EVENTS_MASK_CPU);
		raw_spin_unlock(&ch->lock);
	}
	raw_spin_unlock_irqrestore(&events_lock, flags);
}

int events_irq_start(void)
{
	irq_release_wq = alloc_workqueue("xen-events", WQ_UNBOUND, 0);
	if (!irq_release_wq)
		return -ENOMEM;
	irq_fwnode = irq_domain_alloc_named_fwnode("xen-events");
	if (irq_fwnode)
		irq_ports = irq_domain_create_tree(irq_fwnode, &irq_port_ops,
						   NULL);
	if (irq_ports)
		return 0;
	if (irq_fwnode)
		irq_domain_free_fwnode(irq_fwnode);
	destroy_workqueue(irq_release_wq);
	return -ENOMEM;
}

void events_irq_stop(void)
{
	rcu_barrier();	/* afterwards all releases are in the queue */
	destroy_workqueue(irq_release_wq);
	irq_domain_remove(irq_ports);
	irq_domain_free_fwnode(irq_fwnode);
}
