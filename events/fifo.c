// SPDX-License-Identifier: GPL-2.0-only
/*
 * The FIFO ABI: a word for each port, linked into queues of 16 priorities for
 * each vCPU. It has more than 4096 ports and preserves the order, but Xen keeps
 * the pages until all ports of the domain are reset, see reset.c.
 */
#define pr_fmt(fmt) "xen-events: " fmt

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include "events.h"

static_assert(EVENTS_FIFO_LINK == EVTCHN_FIFO_LINK_MASK);
static_assert(EVENTS_FIFO_QUEUES == EVTCHN_FIFO_MAX_QUEUES);
static_assert(EVENTS_FIFO_PENDING == 1U << EVTCHN_FIFO_PENDING);
static_assert(EVENTS_FIFO_MASKED == 1U << EVTCHN_FIFO_MASKED);
static_assert(EVENTS_FIFO_LINKED == 1U << EVTCHN_FIFO_LINKED);
static_assert(EVENTS_FIFO_BUSY == 1U << EVTCHN_FIFO_BUSY);
static_assert(EVENTS_FIFO_PAGES * EVENTS_FIFO_PAGE_WORDS ==
	      EVTCHN_FIFO_NR_CHANNELS);

/* Events handled in one call before the CPU may do something else. */
#define FIFO_BUDGET	1024

static struct events_fifo_array fifo_array;

static int fifo_control(struct events_cpu *c)
{
	struct evtchn_init_control op = {
		.control_gfn = PHYS_PFN(virt_to_phys(c->control)),
		.vcpu = c->id,
	};

	memset(c->control, 0, PAGE_SIZE);
	memset(&c->fifo, 0, sizeof(c->fifo));
	c->fifo.ready = &c->control->ready;
	c->fifo.head = c->control->head;
	return HYPERVISOR_event_channel_op(EVTCHNOP_init_control, &op);
}

/*
 * Xen accepts a control block only once, so a CPU that comes back has one
 * already.
 */
static int fifo_cpu_up(struct events_cpu *c)
{
	int err;

	if (c->control)
		return 0;
	c->control = (void *)get_zeroed_page(GFP_KERNEL);
	if (!c->control)
		return -ENOMEM;
	err = fifo_control(c);
	if (err) {
		free_page((unsigned long)c->control);
		c->control = NULL;
	}
	return err;
}

static bool fifo_room(evtchn_port_t port)
{
	return port && events_fifo_word(&fifo_array, port);
}

static int fifo_expand(u32 page)
{
	struct evtchn_expand_array op = {
		.array_gfn = PHYS_PFN(virt_to_phys(fifo_array.page[page])),
	};
	unsigned int i;

	for (i = 0; i < EVENTS_FIFO_PAGE_WORDS; i++)
		fifo_array.page[page][i] = EVENTS_FIFO_MASKED;
	return HYPERVISOR_event_channel_op(EVTCHNOP_expand_array, &op);
}

/*
 * A link to a new word may be followed at once. So set the page before the
 * number that covers it, and both before telling Xen. No resume may come in
 * between.
 */
static int fifo_grow(u32 *page)
{
	u32 nr = fifo_array.nr;
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&events_lock, flags);
	fifo_array.page[nr] = page;
	smp_store_release(&fifo_array.nr, nr + 1);	/* set the page first */
	err = fifo_expand(nr);
	if (err)
		WRITE_ONCE(fifo_array.nr, nr);
	raw_spin_unlock_irqrestore(&events_lock, flags);
	return err;
}

/* Under events_bind_lock, or before anybody binds a port. */
static int fifo_reserve(evtchn_port_t port)
{
	if (!port || port >= EVTCHN_FIFO_NR_CHANNELS)
		return -ENOSPC;
	while (!fifo_room(port)) {
		unsigned long page = get_zeroed_page(GFP_KERNEL);
		int err;

		if (!page)
			return -ENOMEM;
		err = fifo_grow((u32 *)page);
		if (err) {
			free_page(page);
			return err;
		}
	}
	return 0;
}

static void fifo_mask(evtchn_port_t port)
{
	events_fifo_change(events_fifo_word(&fifo_array, port), 0,
			   EVENTS_FIFO_MASKED);
}

static void fifo_unmask(evtchn_port_t port)
{
	struct evtchn_unmask op = { .port = port };

	if (!events_fifo_open(events_fifo_word(&fifo_array, port)))
		HYPERVISOR_event_channel_op(EVTCHNOP_unmask, &op);
}

static void fifo_clear(evtchn_port_t port)
{
	events_fifo_change(events_fifo_word(&fifo_array, port),
			   EVENTS_FIFO_PENDING, 0);
}

static void fifo_set(evtchn_port_t port)
{
	events_fifo_change(events_fifo_word(&fifo_array, port), 0,
			   EVENTS_FIFO_PENDING);
}

static bool fifo_pending(evtchn_port_t port)
{
	return READ_ONCE(*events_fifo_word(&fifo_array, port)) &
	       EVENTS_FIFO_PENDING;
}

/*
 * The CPU that finds a port in its queue handles it, wherever it was moved
 * since.
 */
static void fifo_move(evtchn_port_t port, int from, int to)
{
}

static bool fifo_scan(struct events_cpu *c, struct events_loop *loop)
{
	u32 port;

	while (loop->nr < FIFO_BUDGET &&
	       events_fifo_next(&c->fifo, &fifo_array, &port))
		events_port_handle(loop, port);
	return !events_fifo_more(&c->fifo);
}

static void fifo_free(void)
{
	int cpu;
	u32 i;

	for_each_possible_cpu(cpu) {
		struct events_cpu *c = per_cpu_ptr(events_cpus, cpu);

		free_page((unsigned long)c->control);
		c->control = NULL;
	}
	for (i = 0; i < fifo_array.nr; i++)
		free_page((unsigned long)fifo_array.page[i]);
	fifo_array.nr = 0;
}

/*
 * The Xen of the new domain may not support this ABI. The first control block
 * shows whether it does; from then on there is no way back.
 */
static int fifo_resume(void)
{
	u32 nr = fifo_array.nr, i;
	bool known = false;
	int cpu, err;

	for_each_possible_cpu(cpu) {
		struct events_cpu *c = per_cpu_ptr(events_cpus, cpu);

		if (!c->control)
			continue;
		err = fifo_control(c);
		if (err && !known) {
			fifo_free();
			return err;
		}
		if (err)
			pr_err("FIFO: no events on CPU %d after resume (%d)\n",
			       cpu, err);
		known = true;
	}
	for (i = 0; i < nr; i++) {
		err = fifo_expand(i);
		if (err) {
			pr_err("FIFO: %u of %u pages after resume (%d)\n", i,
			       nr, err);
			break;
		}
	}
	while (nr > i)
		free_page((unsigned long)fifo_array.page[--nr]);
	fifo_array.nr = i;
	return 0;
}

/* The pages are ours again only after a reset. */
static void fifo_stop(void)
{
	int err = events_reset();

	if (err)
		pr_warn("FIFO: Xen keeps %u pages (%d)\n", fifo_array.nr, err);
	else
		fifo_free();
}

const struct events_abi events_fifo = {
	.name = "FIFO",
	.ports = EVTCHN_FIFO_NR_CHANNELS,
	.cpu_up = fifo_cpu_up,
	.reserve = fifo_reserve,
	.room = fifo_room,
	.mask = fifo_mask,
	.unmask = fifo_unmask,
	.clear = fifo_clear,
	.set = fifo_set,
	.pending = fifo_pending,
	.move = fifo_move,
	.scan = fifo_scan,
	.resume = fifo_resume,
	.stop = fifo_stop,
};
