// SPDX-License-Identifier: GPL-2.0-only
/*
 * Upcall by the platform device's interrupt, for vCPU 0 alone. The line is
 * level-triggered: Xen asserts it as long as the vCPU's pending flag is set.
 * The handler clears the flag before the EOI, and Xen asserts the line again if
 * another event comes.
 */
#define pr_fmt(fmt) "xen-events: " fmt

#include <linux/delay.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <xen/interface/hvm/params.h>
#include "../events.h"

/* CALLBACK_IRQ by line, and by pin of a device. */
#define INTX_MAX_GSI	16
#define INTX_TYPE_PCI	BIT_ULL(56)

static struct events_cpu *intx_cpu;

/* The line may be shared, so return whether the interrupt was for us. */
static irqreturn_t intx_handler(int irq, void *data)
{
	return IRQ_RETVAL(events_port_scan(data));
}

/**
 * xen_set_callback_via() - tell Xen how to notify vCPU 0 if it has no vector
 * @via: value of HVM_PARAM_CALLBACK_IRQ
 *
 * Return: 0 or a negative error.
 * Context: any.
 */
int xen_set_callback_via(uint64_t via)
{
	return xenpv_hvm_param_set(HVM_PARAM_CALLBACK_IRQ, via);
}
EXPORT_SYMBOL_GPL(xen_set_callback_via);

/**
 * events_intx_tell() - tell Xen which interrupt to assert
 *
 * Return: 0 or a negative error.
 * Context: any.
 */
int events_intx_tell(void)
{
	struct pci_dev *pdev = events_platform_device();
	u64 via = pdev->irq;

	if (pdev->irq >= INTX_MAX_GSI)
		via = INTX_TYPE_PCI | (u64)pci_domain_nr(pdev->bus) << 32 |
		      pdev->bus->number << 16 | pdev->devfn << 8 |
		      (pdev->pin - 1);
	return xen_set_callback_via(via);
}

/* Time limit for the test interrupt in ms; normally it comes at once. */
#define INTX_TRIES	200

static bool intx_comes(evtchn_port_t port)
{
	u64 before = READ_ONCE(intx_cpu->upcalls);
	struct evtchn_send send = { .port = port };
	unsigned int i;

	events_abi->move(port, -1, intx_cpu->cpu);
	events_abi->unmask(port);
	HYPERVISOR_event_channel_op(EVTCHNOP_send, &send);
	for (i = 0; i < INTX_TRIES; i++) {
		if (READ_ONCE(intx_cpu->upcalls) != before)
			break;
		usleep_range(1000, 2000);
	}
	events_abi->mask(port);
	events_abi->clear(port);
	events_abi->move(port, intx_cpu->cpu, -1);
	return i < INTX_TRIES;
}

/*
 * Send an event to ourselves. If an earlier load has told Xen of vectors, Xen
 * keeps using them whatever it is told later, and only a missing interrupt
 * shows that.
 */
static int intx_try(void)
{
	struct evtchn_bind_ipi ipi = { .vcpu = intx_cpu->id };
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_ipi, &ipi);

	if (err)
		return err;
	err = events_abi->reserve(ipi.port);
	if (!err && !intx_comes(ipi.port)) {
		pr_err("the platform device's interrupt does not come; did an earlier load use vectors?\n");
		err = -EIO;
	}
	events_port_close(ipi.port);
	intx_cpu->strays = 0;	/* this port was not bound */
	return err;
}

/**
 * events_intx_start() - request the platform device's interrupt
 *
 * Return: 0 or a negative error.
 */
int events_intx_start(void)
{
	struct pci_dev *pdev = events_platform_device();
	int err;

	if (!pdev || !pdev->irq || !pdev->pin || cpumask_empty(&events_takers))
		return -ENODEV;
	intx_cpu = per_cpu_ptr(events_cpus, cpumask_first(&events_takers));
	err = request_irq(pdev->irq, intx_handler, IRQF_SHARED | IRQF_NO_THREAD,
			  "xen-events", intx_cpu);
	if (err)
		return err;
	err = events_intx_tell();
	if (!err)
		err = intx_try();
	if (err)
		events_intx_stop();
	return err;
}

void events_intx_stop(void)
{
	xen_set_callback_via(0);
	free_irq(events_platform_device()->irq, intx_cpu);
}
