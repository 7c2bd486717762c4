// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of event channels: whose device they hold, where they count as load,
 * and that none is bound when the kernel goes down.
 */
#include "kernel/irq.h"
#define XENPV_CORE_H
typedef u64 phys_addr_t;
#include "ktap.h"
#include "../../events/irq.c"
#include "../../events/channel.c"
#include "../../events/bind.c"

static bool kernel_waits(void) { return false; }

static struct events_cpu cpus[UNIT_CPUS];
struct events_cpu *events_cpus = cpus;
struct xarray events_ports;

/* ---- Xen ---- */

static u32 next_port = 10;
static unsigned int open_ports;
static bool page_is_gone;	/* the shared info page */

static long HYPERVISOR_event_channel_op(int cmd, void *op)
{
	switch (cmd) {
	case EVTCHNOP_bind_interdomain:
		((struct evtchn_bind_interdomain *)op)->local_port = next_port++;
		break;
	case EVTCHNOP_bind_virq:
		((struct evtchn_bind_virq *)op)->port = next_port++;
		break;
	case EVTCHNOP_bind_ipi:
		((struct evtchn_bind_ipi *)op)->port = next_port++;
		break;
	default:
		return 0;
	}
	open_ports++;
	return 0;
}

int events_port_close(evtchn_port_t port) { open_ports--; return 0; }

void events_eoi_init(struct events_channel *ch) { }

static int abi_reserve(evtchn_port_t port) { return 0; }

static bool abi_room(evtchn_port_t port) { return true; }

static void abi_port(evtchn_port_t port) { assert(!page_is_gone); }

static void abi_move(evtchn_port_t port, int from, int to) { assert(!page_is_gone); }

static const struct events_abi abi = {
	.name = "test", .reserve = abi_reserve, .room = abi_room,
	.mask = abi_port, .unmask = abi_port, .clear = abi_port, .set = abi_port,
	.move = abi_move,
};

const struct events_abi *events_abi = &abi;

/* ---- the interrupt core ---- */

static int request_err;

static int request_irq(unsigned int irq, irq_handler_t handler,
		       unsigned long flags, const char *name, void *dev_id)
{
	if (!request_err)
		irq_chip_startup(irq_get_irq_data(irq));
	return request_err;
}

static void free_irq(unsigned int irq, void *dev_id)
{
	irq_chip_shutdown(irq_get_irq_data(irq));
}

/* A grace period of RCU has passed. */
static void grace(void)
{
	struct rcu_work *w;

	while ((w = unit_releases)) {
		unit_releases = w->next;
		unit_release(&w->work);
	}
}

static void start(void)
{
	irq_ports = &unit_domain;
	events_takers.bits = 3;
	cpus[0] = (struct events_cpu){ .cpu = 0, .id = 0 };
	cpus[1] = (struct events_cpu){ .cpu = 1, .id = 1 };
	cpus[0].vcpu = cpus[1].vcpu = (struct vcpu_info *)cpus;
	irq_numbers.last = 0;
	request_err = 0;
	check_eq(open_ports, 0);
	check(list_empty(&events_channels));
	check(!unit_releases);
}

static irqreturn_t handler(int irq, void *data) { return 0; }

static int bind_one(struct xenbus_device *dev)
{
	return bind_interdomain_evtchn_to_irqhandler_lateeoi(dev, 5, handler, 0,
							     "test", dev);
}

/* /proc/irq/N/smp_affinity */
static int move(int irq, int cpu)
{
	struct irq_data *d = irq_get_irq_data(irq);

	return d ? irq_chip_affinity(d, cpumask_of(cpu), false) : -EINVAL;
}

/* ---- tests ---- */

static void load(void)
{
	struct xenbus_device dev = { .dev = { 1 } };
	int a, b;

	start();
	a = bind_one(&dev);
	b = bind_one(&dev);
	check_eq(cpus[0].load, 1);
	check_eq(cpus[1].load, 1);
	check_eq(move(b, 0), 0);
	check_eq(cpus[0].load, 2);
	check_eq(cpus[1].load, 0);
	unbind_from_irqhandler(b, &dev);
	check_eq(cpus[0].load, 1);
	/* Until RCU lets it go the interrupt can be moved by user space. */
	check_eq(move(b, 1), 0);
	check_eq(move(b, 0), 0);
	check_eq(move(b, 1), 0);
	check_eq(cpus[0].load, 1);
	check_eq(cpus[1].load, 0);
	grace();
	check_eq(move(b, 1), -EINVAL);
	unbind_from_irqhandler(a, &dev);
	grace();
	check_eq(cpus[0].load, 0);
	check_eq(cpus[1].load, 0);
	check_eq(dev.dev.refs, 1);
}

/* The driver has unbound, a CPU is still looking at the channel. */
static void device(void)
{
	struct xenbus_device dev = { .dev = { 1 } };
	int irq;

	start();
	irq = bind_one(&dev);
	check_eq(dev.dev.refs, 2);
	check_eq(dev.event_channels, 1);
	unbind_from_irqhandler(irq, &dev);
	check_eq(dev.event_channels, 0);
	check_eq(dev.dev.refs, 2);
	grace();
	check_eq(dev.dev.refs, 1);
}

static void request_fails(void)
{
	struct xenbus_device dev = { .dev = { 1 } };

	start();
	request_err = -ENOMEM;
	check_eq(bind_one(&dev), -ENOMEM);
	grace();
	check_eq(dev.dev.refs, 1);
	check_eq(dev.event_channels, 0);
	check_eq(open_ports, 0);
	check_eq(cpus[0].load + cpus[1].load, 0);
}

/* The page is gone: whoever binds now is told so, and Xen is not asked. */
static void shutdown(void)
{
	struct xenbus_device dev = { .dev = { 1 } };
	int irq;

	start();
	irq = bind_one(&dev);
	mutex_lock(&events_bind_lock);
	events_gone = true;
	mutex_unlock(&events_bind_lock);
	events_channel_stop();
	check_eq(open_ports, 0);
	page_is_gone = true;
	check_eq(bind_one(&dev), -ESHUTDOWN);
	check_eq(bind_evtchn_to_irq(9), -ESHUTDOWN);
	check_eq(bind_virq_to_irq(1, 0, false), -ESHUTDOWN);
	rebind_evtchn_irq(9, irq);
	check_eq(open_ports, 0);
	check_eq(move(irq, 1), 0);
	unbind_from_irqhandler(irq, &dev);
	grace();
	check_eq(dev.dev.refs, 1);
	page_is_gone = false;
	events_gone = false;
}

static const struct ktap_case cases[] = {
	{ "load of processors", load },
	{ "a device outlives its channels", device },
	{ "an interrupt that cannot be had", request_fails },
	{ "nothing is bound after the shutdown", shutdown },
};

KTAP_MAIN(cases)
