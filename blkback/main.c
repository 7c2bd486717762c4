// SPDX-License-Identifier: GPL-2.0-only
/* xen-blkback: serves block devices of this domain to other domains. */
#include <linux/cpumask.h>
#include <linux/module.h>
#include "blkback.h"

/* A parameter that is limited to its bounds, whatever is written to it. */
struct blkback_param {
	const char *name;
	unsigned int *val;
	unsigned int min;
	unsigned int max;
};

static int blkback_param_set(const char *text, const struct kernel_param *kp)
{
	const struct blkback_param *p = kp->arg;
	unsigned int val;
	int err = kstrtouint(text, 0, &val);

	if (err)
		return err;
	if (val < p->min || val > p->max) {
		pr_warn("xen-blkback: %s=%u is out of %u..%u, clamped\n",
			p->name, val, p->min, p->max);
		val = clamp(val, p->min, p->max);
	}
	WRITE_ONCE(*p->val, val);
	return 0;
}

static int blkback_param_get(char *buf, const struct kernel_param *kp)
{
	const struct blkback_param *p = kp->arg;

	return sysfs_emit(buf, "%u\n", READ_ONCE(*p->val));
}

static const struct kernel_param_ops blkback_param_ops = {
	.set = blkback_param_set,
	.get = blkback_param_get,
};

#define BLKBACK_PARAM(_name, var, def, _min, _max, perm, text)		\
	unsigned int var = def;						\
	static const struct blkback_param var##_param = {		\
		.name = #_name, .val = &(var), .min = _min, .max = _max,	\
	};								\
	module_param_cb(_name, &blkback_param_ops, (void *)&var##_param, perm); \
	__MODULE_PARM_TYPE(_name, "uint");				\
	MODULE_PARM_DESC(_name, text)

BLKBACK_PARAM(max_buffer_pages, blkback_max_buffer_pages, 1024, 0, 1 << 20,
	      0644, "Free pages kept by a ring (1024)");
BLKBACK_PARAM(max_mapped_pages, blkback_max_mapped_pages, 8192,
	      BLKBACK_INDIRECT_SEGS, 1 << 20, 0644,
	      "Pages of a frontend that a ring maps at a time, besides persistent ones (8192)");
BLKBACK_PARAM(max_persistent_grants, blkback_max_persistent_grants, 1056, 0,
	      1 << 20, 0644,
	      "Grants that stay mapped, for each ring (1056)");
BLKBACK_PARAM(persistent_grant_unused_seconds, blkback_persistent_unused, 60, 0,
	      86400, 0644,
	      "Unmap persistent grants unused for so long, 0: never (60)");
BLKBACK_PARAM(max_queues, blkback_max_queues, 0, 1, 1024, 0644,
	      "Queues offered for a disk (number of online CPUs)");
BLKBACK_PARAM(max_ring_page_order, blkback_max_ring_page_order, 4, 0,
	      XENBUS_MAX_RING_GRANT_ORDER, 0444,
	      "Ring size offered, log2 of pages (4)");
BLKBACK_PARAM(log_stats, blkback_log_stats, 0, 0, 1, 0644,
	      "Log each ring's statistics every 10 seconds (0)");
BLKBACK_PARAM(poll_usecs, blkback_poll_usecs, 50, 0, 1000, 0644,
	      "Look at an empty ring for so long before asking for an event, 0: not at all (50)");
BLKBACK_PARAM(buffer_squeeze_duration_ms, blkback_squeeze_ms, 1000, 0, 60000,
	      0644,
	      "Keep no free pages for so long after memory ran short (1000)");

bool blkback_feature_persistent = true;
module_param_named(feature_persistent, blkback_feature_persistent, bool, 0644);
MODULE_PARM_DESC(feature_persistent, "Offer persistent grants (true)");

XPV_DEFINE_SITES(blkback_sites, blkback_site_names);
struct dentry *blkback_debug_root;
struct workqueue_struct *blkback_wq;
/*
 * Separate, because the end of a device, in blkback_wq, waits for its discards.
 */
struct workqueue_struct *blkback_discard_wq;

static int __init blkback_init_queues(void)
{
	blkback_wq = alloc_workqueue("xen-blkback",
				     WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!blkback_wq)
		return -ENOMEM;
	blkback_discard_wq = alloc_workqueue("xen-blkback-discard",
					     WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (blkback_discard_wq)
		return 0;
	destroy_workqueue(blkback_wq);
	return -ENOMEM;
}

static void blkback_end_queues(void)
{
	/* Waits for the end of the devices that still have I/O. */
	destroy_workqueue(blkback_wq);
	/* After the last ring is closed, nothing is queued any more. */
	destroy_workqueue(blkback_discard_wq);
}

static int __init blkback_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;
	if (!blkback_max_queues)
		blkback_max_queues = num_online_cpus();

	err = blkback_init_queues();
	if (err)
		return err;
	blkback_debug_root = xpv_debug_module("xen-blkback", &blkback_sites);
	err = blkback_device_register();
	if (err) {
		debugfs_remove(blkback_debug_root);
		blkback_end_queues();
	}
	return err;
}

static void __exit blkback_exit(void)
{
	blkback_device_unregister();
	blkback_end_queues();
	debugfs_remove(blkback_debug_root);
}

module_init(blkback_init);
module_exit(blkback_exit);
MODULE_DESCRIPTION("Xen paravirtual block device backend");
MODULE_LICENSE("GPL");
MODULE_VERSION(XENPV_VERSION);
MODULE_ALIAS("xen-backend:vbd");
