/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private header of xen-events.
 *
 * Locks, outermost first: events_bind_lock (mutex: bindings), an interrupt
 * descriptor's lock, events_lock (list of channels, load of CPUs), a channel's
 * lock (its port, the reasons why it is masked, its CPU). The handling of an
 * event only takes the last of these, and no lock that channels share.
 */
#ifndef XEN_EVENTS_H
#define XEN_EVENTS_H

#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <xen/xen.h>
#include <xen/events.h>
#include <xen/interface/xen.h>
#include <xenpv/core.h>
#include "scan.h"

struct irq_desc;
struct pci_dev;

/* Reasons why a port is masked; it is unmasked when no reason is left. */
#define EVENTS_MASK_IRQ	BIT(0)	/* the interrupt is disabled */
#define EVENTS_MASK_EOI	BIT(1)	/* xen_irq_lateeoi() is pending */
#define EVENTS_MASK_CPU	BIT(2)	/* bound to a CPU that is offline */

enum events_kind {
	EVENTS_INTERDOMAIN,
	EVENTS_VIRQ,
	EVENTS_IPI,
};

/**
 * struct events_channel - one event channel and its interrupt
 * @lock:     protects the members up to @dev; taken with interrupts off
 * @port:     0 if it is invalid or being unbound: then nothing accesses Xen's
 *            bits
 * @reasons:  EVENTS_MASK_*
 * @late:     the driver ends each event with xen_irq_lateeoi()
 * @slow:     the next EOI is delayed, because handling took too long
 * @spurious: successive events without work, at most 255
 * @cpu:      CPU whose vCPU it is bound to, -1: none yet
 * @dev:      device that gets the statistics; a reference, may be NULL
 * @desc:     descriptor of the interrupt
 * @eoi:      unmasks later
 * @events:   events handled
 * @delays:   delayed EOIs
 * @kind:     kind of its events
 * @source:   VIRQ or IPI number
 * @fixed:    it cannot leave its CPU
 * @refs:     users; under events_bind_lock
 * @counted:  evtchn_get() may add users
 * @keep:     the port must never be closed
 * @irq:      number of the interrupt
 * @hwirq:    its number in our irq domain
 * @list:     entry in events_channels; while it is there, it counts as load of
 *            @cpu
 * @release:  frees everything when no CPU can access it
 */
struct events_channel {
	raw_spinlock_t lock;
	evtchn_port_t port;
	u8 reasons;
	bool late;
	bool slow;
	u8 spurious;
	int cpu;
	struct xenbus_device *dev;
	struct irq_desc *desc;
	struct timer_list eoi;
	u64 events;
	u64 delays;
	enum events_kind kind;
	u32 source;
	bool fixed;
	unsigned int refs;
	bool counted;
	bool keep;
	unsigned int irq;
	unsigned int hwirq;
	struct list_head list;
	struct rcu_work release;
};

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

struct events_loop;

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

/* detect.c */
int events_detect(void);
u32 events_detect_vcpu(unsigned int cpu);

/* shared.c */
int events_shared_start(void);
int events_shared_resume(void);
void events_shared_mask(void);
void events_shared_stop(void);
struct vcpu_info *events_shared_vcpu(u32 id);

/* reset.c */
int events_reset(void);
int events_reset_leftover(void);

/* port.c */
extern struct xarray events_ports;
extern struct events_cpu __percpu *events_cpus;

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

int events_port_start(void);
void events_port_stop(void);
void events_port_handle(struct events_loop *loop, evtchn_port_t port);
bool events_port_scan(struct events_cpu *c);
int events_port_close(evtchn_port_t port);

/* irq.c */
extern struct list_head events_channels;
extern raw_spinlock_t events_lock;
extern struct cpumask events_takers;

int events_irq_start(void);
void events_irq_stop(void);
int events_irq_alloc(struct events_channel *ch);
void events_irq_free(struct events_channel *ch);
struct events_channel *events_irq_channel(unsigned int irq);
void events_irq_mask_for(struct events_channel *ch, u8 reason);
void events_irq_unmask_for(struct events_channel *ch, u8 reason);
int events_irq_leave(unsigned int cpu);
void events_irq_enter(unsigned int cpu);

/* channel.c */
extern struct mutex events_bind_lock;
extern unsigned int events_epoch;
extern bool events_gone;

struct events_channel *events_channel_alloc(enum events_kind kind, u32 source);
void events_channel_free(struct events_channel *ch);
struct events_channel *events_channel_find(enum events_kind kind, u32 source,
					   unsigned int cpu);
int events_channel_make(const struct events_channel *ch, u32 vcpu,
			evtchn_port_t *port);
int events_channel_open(struct events_channel *ch, evtchn_port_t port, bool own,
			unsigned int epoch);
void events_channel_put(struct events_channel *ch, bool close);
void events_channel_resume(void);
void events_channel_stop(void);

/* eoi.c */
void events_eoi_init(struct events_channel *ch);
void events_eoi_limit(struct events_loop *loop);

/* upcall.c */
int events_upcall_start(void);
void events_upcall_stop(void);
void events_upcall_resume(void);
bool events_upcall_takes(u32 vcpu);
int events_upcall_cpu(struct events_cpu *c);
void events_upcall_cpu_stop(struct events_cpu *c);
bool events_upcall_scan(struct events_cpu *c);
const char *events_upcall_name(void);

/* vector.c */
int events_vector_start(void);
void events_vector_stop(void);
int events_vector_alloc(struct events_cpu *c);
void events_vector_free(struct events_cpu *c);
int events_vector_tell(const struct events_cpu *c);
void events_vector_park(struct events_cpu *c);

/* platform.c */
int events_platform_start(void);
void events_platform_stop(void);
struct pci_dev *events_platform_device(void);

/* intx.c */
int events_intx_start(void);
void events_intx_stop(void);
int events_intx_tell(void);

/* cpu.c */
int events_cpu_start(void);
void events_cpu_stop(void);

/* suspend.c */
int events_suspend_start(void);
void events_suspend_stop(void);

/* debugfs.c */
void events_debugfs_start(void);
void events_debugfs_stop(void);

#endif
