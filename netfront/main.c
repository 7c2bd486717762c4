// SPDX-License-Identifier: GPL-2.0-only
/*
 * xen-netfront: network interfaces of a guest. Module parameters, init and
 * exit.
 */
#include <linux/module.h>
#include <xen/platform_pci.h>
#include "netfront.h"

#define NETFRONT_DEFAULT_QUEUES	8

unsigned int netfront_max_queues;
module_param_named(max_queues, netfront_max_queues, uint, 0644);
MODULE_PARM_DESC(max_queues,
		 "Queues of a device at most, no more than CPUs online when it connects. For devices that appear from now on (default 8)");

bool netfront_trusted = true;
module_param_named(trusted, netfront_trusted, bool, 0644);
MODULE_PARM_DESC(trusted,
		 "Backends may see whole pages that data lies in; if not, data is copied. For connections made from now on (default true)");

bool netfront_static_grants = true;
module_param_named(static_grants, netfront_static_grants, bool, 0644);
MODULE_PARM_DESC(static_grants,
		 "Copy packets to and from pages that a backend keeps mapped, if it offers that. For connections made from now on (default true)");

unsigned int netfront_reconnect_timeout = 60;
module_param_named(reconnect_timeout, netfront_reconnect_timeout, uint, 0644);
MODULE_PARM_DESC(reconnect_timeout,
		 "Seconds for which an interface that was taken away without its backend waits for another one, at most 86400; 0: it goes at once (default 60)");

unsigned int netfront_carrier_delay = 5000;
module_param_named(carrier_delay, netfront_carrier_delay, uint, 0644);
MODULE_PARM_DESC(carrier_delay,
		 "Milliseconds for which an interface keeps its carrier without a connection, at most 3600000; 0: it loses it at once (default 5000)");

static const char *const netfront_site_names[] = {
	[NETFRONT_TX_PROD] = "tx-prod",
	[NETFRONT_TX_ID] = "tx-id",
	[NETFRONT_TX_IDLE] = "tx-idle",
	[NETFRONT_TX_NULL] = "tx-null",
	[NETFRONT_TX_STATUS] = "tx-status",
	[NETFRONT_RX_PROD] = "rx-prod",
	[NETFRONT_RX_RANGE] = "rx-range",
	[NETFRONT_RX_SLOTS] = "rx-slots",
	[NETFRONT_RX_EXTRA] = "rx-extra",
	[NETFRONT_RX_STATUS] = "rx-status",
	[NETFRONT_RX_FRAME] = "rx-frame",
	[NETFRONT_RING_RACE] = "ring-race",
	[NETFRONT_CTRL_PROD] = "ctrl-prod",
	[NETFRONT_CTRL_RSP] = "ctrl-rsp",
	[NETFRONT_CTRL_SILENT] = "ctrl-silent",
	[NETFRONT_GRANT_HELD] = "grant-held",
	[NETFRONT_BAD_KEY] = "key",
};

XPV_DEFINE_SITES(netfront_sites, netfront_site_names);

struct workqueue_struct *netfront_wq;
struct dentry *netfront_debug;

static int __init netfront_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;
	if (!xen_has_pv_nic_devices())
		return -ENODEV;	/* the emulated ones were not unplugged */
	if (!netfront_max_queues)
		netfront_max_queues = min_t(unsigned int, num_possible_cpus(),
					    NETFRONT_DEFAULT_QUEUES);

	netfront_wq = alloc_workqueue("xen-netfront", WQ_UNBOUND, 0);
	if (!netfront_wq)
		return -ENOMEM;
	netfront_debug = xpv_debug_module("xen-netfront", &netfront_sites);
	err = xenbus_register_frontend(&netfront_driver);
	if (err) {
		debugfs_remove(netfront_debug);
		destroy_workqueue(netfront_wq);
	}
	return err;
}

static void __exit netfront_exit(void)
{
	xenbus_unregister_driver(&netfront_driver);
	xpv_dirs_exit(&netfront_dirs);
	netfront_detach_exit();
	debugfs_remove(netfront_debug);
	netfront_unrevoked_exit();
	destroy_workqueue(netfront_wq);
}

module_init(netfront_init);
module_exit(netfront_exit);
MODULE_DESCRIPTION("Xen virtual network device frontend");
MODULE_LICENSE("GPL");
MODULE_VERSION(XENPV_VERSION);
MODULE_ALIAS("xen:vif");
MODULE_ALIAS("xennet");
