// SPDX-License-Identifier: GPL-2.0-only
/* xen-blkfront: disks of a guest. Module parameters, init and exit. */
#include <linux/major.h>
#include <linux/module.h>
#include <xen/platform_pci.h>
#include "blkfront.h"

unsigned int blkfront_max_segs = 32;
module_param_named(max_indirect_segments, blkfront_max_segs, uint, 0444);
MODULE_PARM_DESC(max_indirect_segments,
		 "Segments (of 4 KiB) in one request at most, if the backend takes so many; 11 or less: no indirect requests (default 32)");

unsigned int blkfront_max_queues = 4;
module_param_named(max_queues, blkfront_max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues,
		 "Queues and rings of a disk at most; no more than CPUs online (default 4)");

unsigned int blkfront_poll_queues;
module_param_named(poll_queues, blkfront_poll_queues, uint, 0444);
MODULE_PARM_DESC(poll_queues,
		 "More queues of a disk, for requests of io_uring that polls for their ends. No more than CPUs online (default 0)");

unsigned int blkfront_max_order;
module_param_named(max_ring_page_order, blkfront_max_order, uint, 0444);
MODULE_PARM_DESC(max_ring_page_order,
		 "log2 of the pages of a ring at most, 0 to 4 (default 0)");

bool blkfront_trusted = true;
module_param_named(trusted, blkfront_trusted, bool, 0644);
MODULE_PARM_DESC(trusted,
		 "Backends may see whole pages that data lies in; if not, data is copied. For connections made from now on (default true)");

bool blkfront_persistent = true;
module_param_named(feature_persistent, blkfront_persistent, bool, 0644);
MODULE_PARM_DESC(feature_persistent,
		 "Offer persistent grants to backends. For connections made from now on (default true)");

unsigned int blkfront_request_timeout = 30;
module_param_named(request_timeout, blkfront_request_timeout, uint, 0444);
MODULE_PARM_DESC(request_timeout,
		 "Seconds after which the backend of an unanswered request is looked at, 1 to 3600 (default 30)");

unsigned int blkfront_reconnect_timeout = 60;
module_param_named(reconnect_timeout, blkfront_reconnect_timeout, uint, 0644);
MODULE_PARM_DESC(reconnect_timeout,
		 "Seconds for which requests wait for a backend to come back before they fail, at most 86400; 0: fail at once (default 60)");

static const char *const blkfront_site_names[] = {
	[BLKFRONT_RSP_PROD] = "rsp-prod",
	[BLKFRONT_RSP_ID] = "rsp-id",
	[BLKFRONT_RSP_IDLE] = "rsp-idle",
	[BLKFRONT_RSP_OP] = "rsp-op",
	[BLKFRONT_RSP_STATUS] = "rsp-status",
	[BLKFRONT_GRANT_HELD] = "grant-held",
	[BLKFRONT_BAD_KEY] = "key",
	[BLKFRONT_BAD_FEATURE] = "feature",
};

XPV_DEFINE_SITES(blkfront_sites, blkfront_site_names);

struct workqueue_struct *blkfront_wq;
struct dentry *blkfront_debug;

static void __init blkfront_clamp(unsigned int *val, const char *name,
				  unsigned int min, unsigned int max)
{
	unsigned int want = *val;

	*val = clamp(want, min, max);
	if (*val != want)
		pr_info("xen-blkfront: %s=%u is not within %u..%u, using %u\n",
			name, want, min, max, *val);
}

static int __init blkfront_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;
	if (!xen_has_pv_disk_devices())
		return -ENODEV;	/* the emulated disks were not unplugged */

	blkfront_clamp(&blkfront_max_segs, "max_indirect_segments", 0,
		       BLKFRONT_MAX_SEGS);
	blkfront_clamp(&blkfront_max_queues, "max_queues", 1, 256);
	blkfront_clamp(&blkfront_poll_queues, "poll_queues", 0, 256);
	blkfront_clamp(&blkfront_max_order, "max_ring_page_order", 0,
		       XENBUS_MAX_RING_GRANT_ORDER);
	blkfront_clamp(&blkfront_request_timeout, "request_timeout", 1, 3600);
	blkfront_clamp(&blkfront_reconnect_timeout, "reconnect_timeout", 0,
		       86400);

	blkfront_wq = alloc_workqueue("xen-blkfront",
				      WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!blkfront_wq)
		return -ENOMEM;
	err = register_blkdev(BLKFRONT_MAJOR, "xvd");
	if (err) {
		pr_err("xen-blkfront: cannot get major %d: %d\n",
		       BLKFRONT_MAJOR, err);
		goto no_major;
	}
	err = blkfront_shrink_init();
	if (err)
		goto no_shrinker;
	blkfront_debug = xpv_debug_module("xen-blkfront", &blkfront_sites);
	err = xenbus_register_frontend(&blkfront_driver);
	if (err)
		goto no_driver;
	return 0;

no_driver:
	blkfront_shrink_exit();
	debugfs_remove(blkfront_debug);
no_shrinker:
	unregister_blkdev(BLKFRONT_MAJOR, "xvd");
no_major:
	destroy_workqueue(blkfront_wq);
	return err;
}

static void __exit blkfront_exit(void)
{
	xenbus_unregister_driver(&blkfront_driver);
	xpv_dirs_exit(&blkfront_dirs);
	xpv_lot_clear(&blkfront_lot);
	blkfront_shrink_exit();
	debugfs_remove(blkfront_debug);
	unregister_blkdev(BLKFRONT_MAJOR, "xvd");
	destroy_workqueue(blkfront_wq);
}

module_init(blkfront_init);
module_exit(blkfront_exit);
MODULE_DESCRIPTION("Xen virtual block device frontend");
MODULE_LICENSE("GPL");
MODULE_VERSION(XENPV_VERSION);
MODULE_ALIAS("xen:vbd");
MODULE_ALIAS("xenblk");
MODULE_ALIAS_BLOCKDEV_MAJOR(BLKFRONT_MAJOR);
