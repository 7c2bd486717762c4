// SPDX-License-Identifier: GPL-2.0-only
/* xen-netback: network interfaces of this domain whose other end is a guest. */
#include <linux/cpumask.h>
#include <linux/module.h>
#include "netback.h"

/* A parameter that is limited to its bounds, whatever is written to it. */
struct netback_param {
	const char *name;
	unsigned int *val;
	unsigned int min;
	unsigned int max;
};

static int netback_param_set(const char *text, const struct kernel_param *kp)
{
	const struct netback_param *p = kp->arg;
	unsigned int val;
	int err = kstrtouint(text, 0, &val);

	if (err)
		return err;
	if (val < p->min || val > p->max) {
		pr_warn("xen-netback: %s=%u is out of %u..%u, clamped\n",
			p->name, val, p->min, p->max);
		val = clamp(val, p->min, p->max);
	}
	WRITE_ONCE(*p->val, val);
	return 0;
}

static int netback_param_get(char *buf, const struct kernel_param *kp)
{
	const struct netback_param *p = kp->arg;

	return sysfs_emit(buf, "%u\n", READ_ONCE(*p->val));
}

static const struct kernel_param_ops netback_param_ops = {
	.set = netback_param_set,
	.get = netback_param_get,
};

#define NETBACK_PARAM(_name, var, def, _min, _max, perm, text)		\
	unsigned int var = def;						\
	static const struct netback_param var##_param = {		\
		.name = #_name, .val = &(var), .min = _min, .max = _max,	\
	};								\
	module_param_cb(_name, &netback_param_ops, (void *)&var##_param, perm); \
	__MODULE_PARM_TYPE(_name, "uint");				\
	MODULE_PARM_DESC(_name, text)

NETBACK_PARAM(rx_drain_timeout_msecs, netback_rx_drain_ms, 10000, 1, 600000,
	      0444,
	      "Drop packets that the guest had no room for so long (10000)");
NETBACK_PARAM(rx_stall_timeout_msecs, netback_rx_stall_ms, 60000, 0, 3600000,
	      0444,
	      "Take the link down if the guest had no room for so long, 0: never (60000)");
NETBACK_PARAM(max_queues, netback_max_queues, 0, 1, NETBACK_QUEUES_MAX, 0644,
	      "Queues offered for an interface (online CPUs, at most 8)");
NETBACK_PARAM(fatal_skb_slots, netback_fatal_slots, 20, NETBACK_SLOTS,
	      NETBACK_FATAL_MAX, 0444,
	      "A packet with more slots disables the interface (20)");
NETBACK_PARAM(hash_cache_size, netback_hash_cache, 64, 0, 1 << 20, 0644,
	      "0: hash bit by bit instead of with a table for each interface (64)");
NETBACK_PARAM(tx_copy_max, netback_tx_copy_max, 4096, 0, XPV_NETIF_MAX_PACKET,
	      0644,
	      "Longer packets may be mapped instead of copied if that saves a copy (4096)");

/*
 * A page for each slot of both rings, and the pages of a frontend's small
 * packets.
 */
NETBACK_PARAM(max_static_grants, netback_max_static_grants, 528, 0, 1024, 0644,
	      "Pages of a queue that may stay mapped, 0: none (528)");
/* A quarter of what Xen lets a domain map by default. */
NETBACK_PARAM(max_static_grants_total, netback_max_static_total, 65536, 0,
	      1 << 24, 0644,
	      "Pages of all queues together that may stay mapped (65536)");

bool netback_separate_irq = true;
module_param_named(separate_tx_rx_irq, netback_separate_irq, bool, 0644);
MODULE_PARM_DESC(separate_tx_rx_irq, "Offer an event channel for either direction (true)");

bool netback_provides_xdp = true;
module_param_named(provides_xdp_headroom, netback_provides_xdp, bool, 0644);
MODULE_PARM_DESC(provides_xdp_headroom, "Offer room for XDP in front of packets (true)");

XPV_DEFINE_SITES(netback_sites, netback_site_names);
struct dentry *netback_debug_root;
struct workqueue_struct *netback_wq;

static int __init netback_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;
	if (!netback_max_queues)
		netback_max_queues = min(num_online_cpus(), 8U);

	netback_wq = alloc_workqueue("xen-netback", WQ_UNBOUND, 0);
	if (!netback_wq)
		return -ENOMEM;
	netback_debug_root = xpv_debug_module("xen-netback", &netback_sites);
	err = netback_device_register();
	if (err) {
		debugfs_remove(netback_debug_root);
		destroy_workqueue(netback_wq);
	}
	return err;
}

static void __exit netback_exit(void)
{
	netback_device_unregister();
	/* Finish the end of devices that have vanished. */
	flush_workqueue(netback_wq);
	netback_zc_exit();
	destroy_workqueue(netback_wq);
	debugfs_remove(netback_debug_root);
	rcu_barrier();	/* for kfree_rcu() and call_rcu() */
}

module_init(netback_init);
module_exit(netback_exit);
MODULE_DESCRIPTION("Xen paravirtual network backend");
MODULE_LICENSE("GPL");
MODULE_VERSION(XENPV_VERSION);
MODULE_ALIAS("xen-backend:vif");
