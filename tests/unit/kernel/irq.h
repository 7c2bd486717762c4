/* SPDX-License-Identifier: GPL-2.0-only */
/* Of the kernel's interrupts and of Xen what events/{channel,bind,irq}.c need. */
#ifndef UNIT_IRQ_H
#define UNIT_IRQ_H

#include "thread.h"

#define BIT(n)		(1U << (n))
#define U8_MAX		255
#define __percpu
#define DEFINE_MUTEX(name) struct mutex name
#define DEFINE_RAW_SPINLOCK(name) raw_spinlock_t name
#define DEFINE_IDA(name) struct ida name

typedef spinlock_t raw_spinlock_t;
struct mutex { bool held; };

struct timer_list { int unused; };

struct work_struct { int unused; };

struct rcu_work { struct work_struct work; struct rcu_work *next; };

struct irq_work { int unused; };

struct workqueue_struct { int unused; };

struct fwnode_handle { int unused; };

struct ida { int last; };

typedef long long ktime_t;
typedef u64 irq_hw_number_t;
typedef int atomic_t;

#define raw_spin_lock_init(l) ((l)->held = false)
#define raw_spin_lock spin_lock
#define raw_spin_unlock spin_unlock
#define raw_spin_lock_irqsave(l, f) ((f) = 0, spin_lock(l))
#define raw_spin_unlock_irqrestore(l, f) ((void)(f), spin_unlock(l))

static inline void mutex_lock(struct mutex *m)
{
	assert(!m->held);
	m->held = true;
}

static inline void mutex_unlock(struct mutex *m)
{
	assert(m->held);
	m->held = false;
}

static inline void *kzalloc(size_t n, gfp_t gfp) { return calloc(1, n); }

static inline void timer_delete_sync(struct timer_list *t) { }

static inline void atomic_inc(atomic_t *a) { ++*a; }

static inline void atomic_dec(atomic_t *a) { --*a; }

static inline int ida_alloc(struct ida *i, gfp_t gfp) { return i->last++; }

static inline void ida_free(struct ida *i, int id) { }

/* ---- CPUs ---- */

#define UNIT_CPUS	2

struct cpumask { unsigned int bits; };
#define cpumask_test_cpu(c, m) ((m)->bits >> (c) & 1)
#define cpumask_set_cpu(c, m) ((m)->bits |= BIT(c))
#define cpumask_clear_cpu(c, m) ((m)->bits &= ~BIT(c))
#define for_each_cpu_and(c, a, b)					\
	for ((c) = 0; (c) < UNIT_CPUS; (c)++)				\
		if ((a)->bits & (b)->bits & BIT(c))
#define per_cpu_ptr(p, c) (&(p)[c])

static struct cpumask unit_masks[UNIT_CPUS] = { { 1 }, { 2 } };
#define cpumask_of(c) (&unit_masks[c])
static inline bool cpu_possible(unsigned int c) { return c < UNIT_CPUS; }

/* ---- devices ---- */

struct device { int refs; };

struct xenbus_device {
	struct device dev;
	int otherend_id;
	atomic_t event_channels;
};

static inline void get_device(struct device *d)
{
	assert(d->refs > 0);
	d->refs++;
}

static inline void put_device(struct device *d)
{
	assert(d->refs > 0);
	d->refs--;
}

/* ---- interrupts ---- */

typedef int irqreturn_t;
typedef irqreturn_t (*irq_handler_t)(int, void *);
struct irq_desc { int unused; };

struct irq_domain { int unused; };

struct irq_data { struct irq_domain *domain; void *chip_data; struct irq_desc desc; };

struct irq_chip {
	const char *name;
	unsigned int (*irq_startup)(struct irq_data *d);
	void (*irq_shutdown)(struct irq_data *d);
	void (*irq_mask)(struct irq_data *d);
	void (*irq_unmask)(struct irq_data *d);
	void (*irq_ack)(struct irq_data *d);
	void (*irq_mask_ack)(struct irq_data *d);
	int (*irq_set_affinity)(struct irq_data *d, const struct cpumask *m,
				bool force);
	int (*irq_retrigger)(struct irq_data *d);
	unsigned int flags;
};

struct irq_domain_ops {
	int (*map)(struct irq_domain *d, unsigned int irq, irq_hw_number_t hw);
};

#define IRQCHIP_SKIP_SET_WAKE		1
#define IRQCHIP_AFFINITY_PRE_STARTUP	2
#define IRQ_SET_MASK_OK			0
#define IRQ_MOVE_PCNTXT			1
#define IRQ_PER_CPU			2
#define IRQ_NO_BALANCING		4
#define IRQF_PERCPU			8

static struct irq_domain unit_domain;
static struct irq_data unit_irq[64];

#define irq_set_chip_and_handler_name(irq, chip, handler, name) ((void)(chip))
#define irq_set_status_flags(irq, flags) do { } while (0)
#define irq_domain_alloc_named_fwnode(name) NULL
#define irq_domain_free_fwnode(f) do { } while (0)
#define irq_domain_create_tree(f, ops, x) (&unit_domain)
#define irq_domain_remove(d) do { } while (0)
#define alloc_workqueue(name, flags, n) NULL
#define destroy_workqueue(wq) do { } while (0)
#define rcu_barrier() do { } while (0)
#define handle_edge_irq NULL
#define WQ_UNBOUND 0

static inline unsigned int irq_create_mapping(struct irq_domain *d, int hw)
{
	unit_irq[hw + 1].domain = d;
	return hw + 1;
}

static inline void irq_dispose_mapping(unsigned int irq)
{
	unit_irq[irq].domain = NULL;
}

static inline struct irq_data *irq_get_irq_data(unsigned int irq)
{
	return irq < 64 && unit_irq[irq].domain ? &unit_irq[irq] : NULL;
}

#define irq_data_to_desc(d) (&(d)->desc)
#define irq_data_get_irq_chip_data(d) ((d)->chip_data)
#define irq_set_chip_data(irq, data) (unit_irq[irq].chip_data = (data))
#define irq_data_update_effective_affinity(d, m) do { } while (0)

/* The test's: what the interrupt core does. */
static int request_irq(unsigned int irq, irq_handler_t handler,
		       unsigned long flags, const char *name, void *dev_id);
static void free_irq(unsigned int irq, void *dev_id);

/* Releases wait for the test to run them. */
static struct rcu_work *unit_releases;
static void (*unit_release)(struct work_struct *work);
#define INIT_RCU_WORK(w, fn) (unit_release = (fn))
#define to_rcu_work(w) container_of(w, struct rcu_work, work)

static inline void queue_rcu_work(struct workqueue_struct *wq,
				  struct rcu_work *w)
{
	w->next = unit_releases;
	unit_releases = w;
}

/* ---- Xen ---- */

typedef u32 evtchn_port_t;
#define NR_VIRQS		24
#define XEN_NR_IPIS		8
enum ipi_vector { UNIT_IPI };

struct vcpu_info { int unused; };

struct evtchn_fifo_control_block { int unused; };

struct evtchn_bind_virq { u32 virq, vcpu, port; };

struct evtchn_bind_ipi { u32 vcpu, port; };

struct evtchn_bind_vcpu { u32 port, vcpu; };

struct evtchn_bind_interdomain { int remote_dom; u32 remote_port, local_port; };

enum { EVTCHNOP_bind_virq, EVTCHNOP_bind_ipi, EVTCHNOP_bind_vcpu,
	EVTCHNOP_bind_interdomain };
#define xen_vcpu_nr(c) (c)
static long HYPERVISOR_event_channel_op(int cmd, void *op);

static inline int xa_insert(struct xarray *xa, u32 id, void *entry, gfp_t gfp)
{
	size_t i;

	if (xa_load(xa, id))
		return -EBUSY;
	for (i = 0; i < ARRAY_SIZE(xa->slot) && xa->slot[i].entry; i++)
		;
	assert(i < ARRAY_SIZE(xa->slot));
	xa->slot[i].id = id;
	xa->slot[i].entry = entry;
	return 0;
}

static inline void xa_cmpxchg(struct xarray *xa, u32 id, void *old, void *new,
			      gfp_t gfp)
{
	if (xa_load(xa, id) == old)
		xa_erase(xa, id);
}

#endif
