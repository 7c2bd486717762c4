// SPDX-License-Identifier: GPL-2.0-only
/*
 * Upcall by an interrupt vector for each vCPU.
 *
 * A small irq domain above the CPUs' vector domain has one interrupt per CPU,
 * which never moves. When its vector is known, Xen is told. Xen sends it as an
 * edge to the local APIC, which needs an EOI: the parent's ack.
 *
 * Xen cannot be made to forget a vector, and it sends the vector not only for
 * events but also whenever the callback is changed. So before a vector is
 * freed, Xen is told another one that every kernel, also the next one after a
 * kexec, accepts silently: the platform IPI, which is otherwise unused.
 */
#define pr_fmt(fmt) "xen-events: " fmt

#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <asm/hw_irq.h>
#include <asm/irq_vectors.h>
#include <asm/irqdomain.h>
#include <xen/interface/hvm/hvm_op.h>
#include "../events.h"

static struct irq_domain *vector_domain;
static struct fwnode_handle *vector_fwnode;

static int vector_tell(const struct events_cpu *c, u8 vector)
{
	struct xen_hvm_evtchn_upcall_vector op = {
		.vcpu = c->id,
		.vector = vector,
	};

	return HYPERVISOR_hvm_op(HVMOP_set_evtchn_upcall_vector, &op);
}

/**
 * events_vector_tell() - tell Xen the vector of a vCPU
 * @c: its CPU's state; has a vector
 *
 * Return: 0 or a negative error.
 * Context: any.
 */
int events_vector_tell(const struct events_cpu *c)
{
	return vector_tell(c, c->vector);
}

/**
 * events_vector_park() - make Xen send a harmless vector instead of ours
 * @c: any; no port of its vCPU is open
 *
 * Context: any.
 */
void events_vector_park(struct events_cpu *c)
{
	if (c->vector && vector_tell(c, X86_PLATFORM_IPI_VECTOR))
		pr_warn("vCPU %u: Xen keeps the vector %u\n", c->id, c->vector);
	c->vector = 0;
}

static irqreturn_t vector_handler(int irq, void *data)
{
	events_port_scan(data);
	return IRQ_HANDLED;
}

static struct irq_chip vector_chip = {
	.name = "xen-upcall",
	.irq_ack = irq_chip_ack_parent,
	.flags = IRQCHIP_SKIP_SET_WAKE,
};

static int vector_domain_alloc(struct irq_domain *d, unsigned int irq,
			       unsigned int nr, void *arg)
{
	struct irq_alloc_info *info = arg;
	struct events_cpu *c = info->data;
	int err = irq_domain_alloc_irqs_parent(d, irq, nr, arg);

	if (!err)
		irq_domain_set_info(d, irq, c->cpu, &vector_chip, c,
				    handle_edge_irq, NULL, NULL);
	return err;
}

/* The parent is activated first, so the vector is known. */
static int vector_domain_activate(struct irq_domain *d, struct irq_data *data,
				  bool reserve)
{
	struct events_cpu *c = irq_data_get_irq_chip_data(data);
	u8 vector = irqd_cfg(data)->vector;
	int err = vector_tell(c, vector);

	if (!err)
		c->vector = vector;
	return err;
}

/* Before the parent gives the vector to somebody else. */
static void vector_domain_deactivate(struct irq_domain *d,
				     struct irq_data *data)
{
	events_vector_park(irq_data_get_irq_chip_data(data));
}

static const struct irq_domain_ops vector_domain_ops = {
	.alloc = vector_domain_alloc,
	.free = irq_domain_free_irqs_common,
	.activate = vector_domain_activate,
	.deactivate = vector_domain_deactivate,
};

/**
 * events_vector_alloc() - allocate a vector on a CPU and tell Xen
 * @c: state of a CPU that is online
 *
 * Return: 0 or a negative error.
 * Context: process.
 */
int events_vector_alloc(struct events_cpu *c)
{
	const struct cpumask *here = cpumask_of(c->cpu);
	struct irq_alloc_info info = { .mask = here, .data = c };
	struct irq_affinity_desc *affinity;
	int irq, err;

	affinity = kzalloc(sizeof(*affinity), GFP_KERNEL);
	if (!affinity)
		return -ENOMEM;
	cpumask_copy(&affinity->mask, here);
	irq = __irq_domain_alloc_irqs(vector_domain, -1, 1,
				      cpu_to_node(c->cpu), &info, false,
				      affinity);
	kfree(affinity);
	if (irq < 0)
		return irq;
	err = request_irq(irq, vector_handler, IRQF_NOBALANCING |
			  IRQF_NO_THREAD | IRQF_NO_SUSPEND | IRQF_PERCPU,
			  "xen-upcall", c);
	if (err)
		irq_dispose_mapping(irq);
	else
		c->irq = irq;
	return err;
}

/**
 * events_vector_free() - free a vector
 * @c: no port of its vCPU is open
 *
 * Context: process.
 */
void events_vector_free(struct events_cpu *c)
{
	if (!c->irq)
		return;
	events_vector_park(c);
	free_irq(c->irq, c);
	irq_dispose_mapping(c->irq);
	c->irq = 0;
}

int events_vector_start(void)
{
	vector_fwnode = irq_domain_alloc_named_fwnode("xen-upcall");
	if (!vector_fwnode)
		return -ENOMEM;
	vector_domain = irq_domain_create_hierarchy(x86_vector_domain, 0, 0,
						    vector_fwnode,
						    &vector_domain_ops, NULL);
	if (vector_domain)
		return 0;
	irq_domain_free_fwnode(vector_fwnode);
	return -ENOMEM;
}

void events_vector_stop(void)
{
	irq_domain_remove(vector_domain);
	irq_domain_free_fwnode(vector_fwnode);
}
