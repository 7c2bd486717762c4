/* SPDX-License-Identifier: GPL-2.0-only */
/* A CPU's state for receiving events, and the ABI of the memory shared with Xen. */
#ifndef XEN_EVENTS_CPU_H
#define XEN_EVENTS_CPU_H

#include <linux/irq_work.h>
#include <linux/ktime.h>
#include <xen/interface/xen.h>
#include "scan.h"

/**
 * struct events_cpu - a CPU's state for receiving events
 * @vcpu:     in the shared page; NULL if this CPU receives none
 * @id:       Xen's vCPU number
 * @cpu:      Linux's CPU number
 * @irq:      interrupt of the upcall vector, 0 if there is none
 * @vector:   vector that was reported to Xen, 0 if none of ours is
 * @load:     number of channels bound here; under events_lock
 * @bound:    2-level ABI: ports of these channels
 * @first:    2-level ABI: port where the next pass begins
 * @fifo:     FIFO ABI: queues
 * @control:  FIFO ABI: control block, which belongs to Xen once it is set
 * @kick:     checks for events again
 * @upcalls:  number of Xen's upcalls
 * @events:   events handled
 * @strays:   events of ports that are not bound
 * @overruns: number of times that handling exceeded event_loop_timeout
 * @virq:     ports of the per-CPU VIRQs
 * @ipi:      ports of the IPIs
 */
struct events_cpu {
	struct vcpu_info *vcpu;
	u32 id;
	unsigned int cpu;
	unsigned int irq;
	u8 vector;
	unsigned int load;
	unsigned long bound[EVENTS_2L_WORDS];
	u32 first;
	struct events_fifo_queues fifo;
	struct evtchn_fifo_control_block *control;
	struct irq_work kick;
	u64 upcalls;
	u64 events;
	u64 strays;
	u64 overruns;
	evtchn_port_t virq[NR_VIRQS];
	evtchn_port_t ipi[XEN_NR_IPIS];
};

/**
 * struct events_loop - one round of handling
 * @c:     the CPU's state
 * @nr:    events handled so far
 * @until: time limit
 * @slow:  the time limit is exceeded
 */
struct events_loop {
	struct events_cpu *c;
	unsigned int nr;
	ktime_t until;
	bool slow;
};

/**
 * struct events_abi - operations on ports in shared memory
 * @name:    name, for people
 * @ports:   all ports are below this
 * @cpu_up:  prepare a vCPU for events; may sleep
 * @reserve: allocate room for a port; may sleep
 * @room:    test whether there is room for a port
 * @mask:    no upcall from now on
 * @unmask:  upcalls from now on, at once if the port is pending
 * @clear:   clear the pending bit
 * @set:     set the pending bit, without an upcall
 * @pending: test the pending bit
 * @move:    change the CPU that handles a masked port; -1: none
 * @scan:    handle pending ports; false if there were too many for one call
 * @resume:  set up again in a new domain, atomic
 * @stop:    give memory back from Xen; all ports are closed or masked
 *
 * Except for @cpu_up, @reserve, @scan, @resume and @stop: any context, under
 * the channel's lock, port below @ports and reserved.
 */
struct events_abi {
	const char *name;
	u32 ports;
	int (*cpu_up)(struct events_cpu *c);
	int (*reserve)(evtchn_port_t port);
	bool (*room)(evtchn_port_t port);
	void (*mask)(evtchn_port_t port);
	void (*unmask)(evtchn_port_t port);
	void (*clear)(evtchn_port_t port);
	void (*set)(evtchn_port_t port);
	bool (*pending)(evtchn_port_t port);
	void (*move)(evtchn_port_t port, int from, int to);
	bool (*scan)(struct events_cpu *c, struct events_loop *loop);
	int (*resume)(void);
	void (*stop)(void);
};

extern const struct events_abi *events_abi;
extern const struct events_abi events_twolevel;
extern const struct events_abi events_fifo;

#endif
