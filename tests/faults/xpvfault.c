// SPDX-License-Identifier: GPL-2.0-only
/*
 * xpvfault: what the drivers under test ask the kernel for fails, once.
 *
 * Each call that a listed module makes to a listed function is a point, but of one place in the
 * code only the first "few" calls are: the thousandth page of a pool tells no more than the second.
 * Write n to the parameter "nth": counting begins anew, and the n-th point returns an error without
 * having done anything. "seen" says how many points were passed since then, "fired" which one
 * failed. The drivers have no hooks for this: functions of the kernel are probed, and callers
 * are known by their return addresses. A call that is the last thing its function does may be a
 * jump, and then belongs to the caller's caller: such a call is a point only if that is of a
 * listed module.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <asm/ibt.h>

static char *modules = "xen_blkfront,xen_netfront,xen_blkback,xen_netback,xenpv_common";
module_param(modules, charp, 0444);
MODULE_PARM_DESC(modules, "callers, with commas between them");

enum fault_kind {
	FAULT_MEMORY,	/* NULL; no caller that says __GFP_NOFAIL, which is the second argument */
	FAULT_NULL,	/* NULL */
	FAULT_ERROR,	/* a negative error, or a pointer with one */
};

struct fault_point {
	const char *name;
	enum fault_kind kind;
	int err;
	struct kprobe probe;
};

#define MEMORY(fn)	{ .name = #fn, .kind = FAULT_MEMORY }
#define NOTHING(fn)	{ .name = #fn, .kind = FAULT_NULL }
#define ERROR(fn, e)	{ .name = #fn, .kind = FAULT_ERROR, .err = e }

/* A function that this kernel does not have is left out. */
static struct fault_point fault_points[] = {
	/* memory, by the names of 6.1 and of 6.12 */
	MEMORY(kmalloc_trace),
	MEMORY(kmalloc_node_trace),
	MEMORY(kmalloc_large),
	MEMORY(__kmalloc),
	MEMORY(__kmalloc_node),
	MEMORY(__kmalloc_cache_noprof),
	MEMORY(__kmalloc_large_noprof),
	MEMORY(__kmalloc_noprof),
	MEMORY(kvmalloc_node),
	MEMORY(__kvmalloc_node_noprof),
	MEMORY(kmem_cache_alloc),
	MEMORY(kmem_cache_alloc_noprof),
	NOTHING(vmalloc),
	NOTHING(vzalloc),
	NOTHING(vzalloc_noprof),
	NOTHING(kstrdup),
	NOTHING(kstrdup_noprof),
	NOTHING(kasprintf),
	NOTHING(__alloc_pages),
	NOTHING(__alloc_pages_noprof),
	NOTHING(alloc_pages),
	NOTHING(alloc_pages_noprof),
	NOTHING(__get_free_pages),
	NOTHING(get_free_pages_noprof),
	NOTHING(get_zeroed_page),
	NOTHING(get_zeroed_page_noprof),
	NOTHING(__alloc_percpu),
	NOTHING(__alloc_percpu_gfp),
	NOTHING(pcpu_alloc_noprof),
	/* objects of the kernel */
	NOTHING(alloc_workqueue),
	NOTHING(alloc_netdev_mqs),
	ERROR(register_netdev, -ENOMEM),
	ERROR(register_netdevice, -ENOMEM),
	ERROR(kthread_create_on_node, -ENOMEM),
	ERROR(blk_mq_alloc_tag_set, -ENOMEM),
	ERROR(__blk_mq_alloc_disk, -ENOMEM),
	ERROR(device_add_disk, -ENOMEM),
	ERROR(page_pool_create, -ENOMEM),
	ERROR(__xdp_rxq_info_reg, -ENOMEM),
	ERROR(xdp_rxq_info_reg_mem_model, -ENOMEM),
	ERROR(netif_set_real_num_tx_queues, -ENOMEM),
	ERROR(netif_set_real_num_rx_queues, -ENOMEM),
	ERROR(sysfs_create_group, -ENOMEM),
	ERROR(blkdev_get_by_dev, -ENOMEM),
	ERROR(bdev_file_open_by_dev, -ENOMEM),
	/* grants */
	ERROR(gnttab_alloc_grant_references, -ENOSPC),
	ERROR(gnttab_grant_foreign_access, -ENOSPC),
	ERROR(gnttab_alloc_pages, -ENOMEM),
	ERROR(gnttab_map_refs, -ENOMEM),
	ERROR(xenbus_setup_ring, -ENOSPC),
	ERROR(xenbus_map_ring_valloc, -ENOMEM),
	/* event channels */
	ERROR(xpv_event_alloc, -ENOSPC),
	ERROR(bind_evtchn_to_irqhandler_lateeoi, -ENOMEM),
	ERROR(bind_interdomain_evtchn_to_irqhandler_lateeoi, -ENOMEM),
	/* the store */
	ERROR(xenbus_read, -ENOMEM),
	ERROR(xenbus_scanf, -ENOMEM),
	ERROR(xenbus_gather, -ENOMEM),
	ERROR(xenbus_write, -ENOMEM),
	ERROR(xenbus_printf, -ENOMEM),
	ERROR(xenbus_rm, -ENOMEM),
	ERROR(xenbus_directory, -ENOMEM),
	ERROR(xenbus_transaction_start, -ENOSPC),
	ERROR(xenbus_transaction_end, -ENOMEM),
	ERROR(xenbus_watch_path, -E2BIG),
	ERROR(xenbus_watch_pathfmt, -E2BIG),
	ERROR(register_xenbus_watch, -E2BIG),
};

static unsigned int few = 2;
module_param(few, uint, 0644);
MODULE_PARM_DESC(few, "points of one place in the code; 0: all");

/* Places that were passed since nth was written; more than fit have no points. */
#define FAULT_PLACES	512
static struct {
	unsigned long caller;
	unsigned int calls;
} fault_place[FAULT_PLACES];
static unsigned int fault_places;

static DEFINE_RAW_SPINLOCK(fault_lock);
static unsigned int fault_nth, fault_seen;
static struct fault_point *fault_fired;
static unsigned long fault_caller;

/* Not exported; found by a probe that is taken out at once. */
static struct module *(*fault_module_at)(unsigned long addr);

/* What a function that failed does: nothing. The probed one has made no frame yet. */
asm(".pushsection .text\n\t"
	".type xpvfault_return, @function\n"
	"xpvfault_return:\n\t"
	ASM_ENDBR
	ASM_RET
	".size xpvfault_return, .-xpvfault_return\n\t"
	".popsection\n");
extern void xpvfault_return(void);

static bool fault_is_caller(const char *name)
{
	size_t len = strlen(name);
	const char *p;

	for (p = modules; (p = strstr(p, name)); p += len)
		if ((p == modules || p[-1] == ',') && (!p[len] || p[len] == ','))
			return true;
	return false;
}

/* Whether this call is a point. Context: under the lock. */
static bool fault_counts(unsigned long caller)
{
	unsigned int i;

	for (i = 0; i < fault_places; i++)
		if (fault_place[i].caller == caller)
			break;
	if (i == FAULT_PLACES)
		return false;
	if (i == fault_places) {
		fault_place[i].caller = caller;
		fault_place[i].calls = 0;
		fault_places++;
	}
	return ++fault_place[i].calls <= few || !few;
}

/* Context: a probe, no preemption. */
static int fault_before(struct kprobe *probe, struct pt_regs *regs)
{
	struct fault_point *f = container_of(probe, struct fault_point, probe);
	unsigned long caller = *(unsigned long *)regs->sp, flags;
	struct module *m;
	bool hit;

	if (!READ_ONCE(fault_nth))
		return 0;
	if (f->kind == FAULT_MEMORY && regs->si & __GFP_NOFAIL)
		return 0;
	m = fault_module_at(caller);
	if (!m || !fault_is_caller(m->name))
		return 0;
	raw_spin_lock_irqsave(&fault_lock, flags);
	hit = fault_counts(caller) && ++fault_seen == fault_nth && !fault_fired;
	if (hit) {
		fault_fired = f;
		fault_caller = caller;
	}
	raw_spin_unlock_irqrestore(&fault_lock, flags);
	if (!hit)
		return 0;
	regs->ax = f->kind == FAULT_ERROR ? (unsigned long)(long)f->err : 0;
	regs->ip = (unsigned long)xpvfault_return;
	return 1;
}

NOKPROBE_SYMBOL(fault_before);

/* Never called; with it no probe is made into a jump, which could not change where to go on. */
static void fault_after(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

NOKPROBE_SYMBOL(fault_after);

static int fault_nth_set(const char *text, const struct kernel_param *kp)
{
	unsigned long flags;
	unsigned int n;
	int err = kstrtouint(text, 0, &n);

	if (err)
		return err;
	raw_spin_lock_irqsave(&fault_lock, flags);
	fault_seen = 0;
	fault_places = 0;
	fault_fired = NULL;
	WRITE_ONCE(fault_nth, n);
	raw_spin_unlock_irqrestore(&fault_lock, flags);
	return 0;
}

static const struct kernel_param_ops fault_nth_ops = {
	.set = fault_nth_set,
	.get = param_get_uint,
};
module_param_cb(nth, &fault_nth_ops, &fault_nth, 0644);
MODULE_PARM_DESC(nth, "the point that fails; 0: none");
module_param_named(seen, fault_seen, uint, 0444);
MODULE_PARM_DESC(seen, "points since nth was written");

static int fault_fired_get(char *buf, const struct kernel_param *kp)
{
	struct fault_point *f = READ_ONCE(fault_fired);

	return f ? sysfs_emit(buf, "%s in %pS\n", f->name, (void *)fault_caller) :
		   sysfs_emit(buf, "none\n");
}

static const struct kernel_param_ops fault_fired_ops = {
	.get = fault_fired_get,
};
module_param_cb(fired, &fault_fired_ops, NULL, 0444);
MODULE_PARM_DESC(fired, "what failed, and who had called it");

static void fault_remove(unsigned int nr)
{
	while (nr--)
		if (fault_points[nr].probe.addr)
			unregister_kprobe(&fault_points[nr].probe);
}

static int __init fault_init(void)
{
	struct kprobe finder = { .symbol_name = "__module_address" };
	unsigned int i, nr = 0;
	int err = register_kprobe(&finder);

	if (err)
		return err;
	fault_module_at = (void *)finder.addr;
	unregister_kprobe(&finder);

	for (i = 0; i < ARRAY_SIZE(fault_points); i++) {
		struct fault_point *f = &fault_points[i];

		f->probe.symbol_name = f->name;
		f->probe.pre_handler = fault_before;
		f->probe.post_handler = fault_after;
		err = register_kprobe(&f->probe);
		if (err) {
			f->probe.addr = NULL;
			if (err == -ENOENT)
				continue;
			pr_warn("%s: %d\n", f->name, err);
			continue;
		}
		nr++;
	}
	pr_info("%u functions\n", nr);
	return nr ? 0 : -ENOENT;
}

static void __exit fault_exit(void)
{
	fault_remove(ARRAY_SIZE(fault_points));
}

module_init(fault_init);
module_exit(fault_exit);
MODULE_DESCRIPTION("Faults for the tests of the xenpv drivers");
MODULE_LICENSE("GPL");
