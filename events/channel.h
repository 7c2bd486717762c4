/* SPDX-License-Identifier: GPL-2.0-only */
/* An event channel and its interrupt. The order of locks is in events.h. */
#ifndef XEN_EVENTS_CHANNEL_H
#define XEN_EVENTS_CHANNEL_H

#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <xen/events.h>
#include <xen/xenbus.h>
#include <xen/interface/xen.h>

struct irq_desc;

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
 * events_channel_free() - free a channel that nobody can find any more
 * @ch: has no interrupt and no port
 *
 * Context: process; may drop the last reference of the device.
 */
static inline void events_channel_free(struct events_channel *ch)
{
	if (ch->dev)
		put_device(&ch->dev->dev);
	kfree(ch);
}

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

#endif
