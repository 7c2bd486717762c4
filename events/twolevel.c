// SPDX-License-Identifier: GPL-2.0-only
/* The 2-level ABI: a bit for each port in the shared info page. */
#include <linux/errno.h>
#include <linux/percpu.h>
#include <asm/sync_bitops.h>
#include <asm/xen/hypervisor.h>
#include "events.h"

static_assert(EVENTS_2L_PORTS == EVTCHN_2L_NR_CHANNELS);

#define twolevel_pending_bits	(HYPERVISOR_shared_info->evtchn_pending)
#define twolevel_mask_bits	(HYPERVISOR_shared_info->evtchn_mask)

static int twolevel_cpu_up(struct events_cpu *c)
{
	return 0;
}

static bool twolevel_room(evtchn_port_t port)
{
	return port && port < EVENTS_2L_PORTS;
}

static int twolevel_reserve(evtchn_port_t port)
{
	return twolevel_room(port) ? 0 : -ENOSPC;
}

static void twolevel_mask(evtchn_port_t port)
{
	sync_set_bit(port, twolevel_mask_bits);
}

/*
 * An event that came while the port was masked made no upcall. If it comes
 * after the bit is cleared, it does; if it came before, that is detected here.
 * Only Xen can make the missing upcall, and it does so only for a masked port.
 */
static void twolevel_unmask(evtchn_port_t port)
{
	struct evtchn_unmask op = { .port = port };

	sync_clear_bit(port, twolevel_mask_bits);
	if (!sync_test_bit(port, twolevel_pending_bits))
		return;
	sync_set_bit(port, twolevel_mask_bits);
	HYPERVISOR_event_channel_op(EVTCHNOP_unmask, &op);
}

static void twolevel_clear(evtchn_port_t port)
{
	sync_clear_bit(port, twolevel_pending_bits);
}

static void twolevel_set(evtchn_port_t port)
{
	sync_set_bit(port, twolevel_pending_bits);
}

static bool twolevel_pending(evtchn_port_t port)
{
	return sync_test_bit(port, twolevel_pending_bits);
}

/*
 * A selector bit covers 64 ports that may belong to different CPUs. Each CPU
 * checks its own, and Xen notifies each CPU.
 */
static void twolevel_move(evtchn_port_t port, int from, int to)
{
	if (from >= 0)
		clear_bit(port, per_cpu_ptr(events_cpus, from)->bound);
	if (to >= 0)
		set_bit(port, per_cpu_ptr(events_cpus, to)->bound);
}

static bool twolevel_scan(struct events_cpu *c, struct events_loop *loop)
{
	struct shared_info *s = HYPERVISOR_shared_info;
	struct events_2l w = {
		.pending = (const u64 *)s->evtchn_pending,
		.mask = (const u64 *)s->evtchn_mask,
		.bound = (const u64 *)c->bound,
	};
	u32 port;

	events_2l_start(&w, xchg(&c->vcpu->evtchn_pending_sel, 0), c->first);
	while (events_2l_next(&w, &port)) {
		c->first = port + 1;
		events_port_handle(loop, port);
	}
	/* each port is handled at most once, so it is never too much */
	return true;
}

static int twolevel_resume(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(events_cpus, cpu)->bound, 0,
		       sizeof(events_cpus->bound));
	return 0;
}

/* Masking the ports is enough. */
static void twolevel_stop(void)
{
}

const struct events_abi events_twolevel = {
	.name = "2-level",
	.ports = EVENTS_2L_PORTS,
	.cpu_up = twolevel_cpu_up,
	.reserve = twolevel_reserve,
	.room = twolevel_room,
	.mask = twolevel_mask,
	.unmask = twolevel_unmask,
	.clear = twolevel_clear,
	.set = twolevel_set,
	.pending = twolevel_pending,
	.move = twolevel_move,
	.scan = twolevel_scan,
	.resume = twolevel_resume,
	.stop = twolevel_stop,
};
