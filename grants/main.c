// SPDX-License-Identifier: GPL-2.0-only
/* xen-grants: the guest's grant table, and mappings of other domains' pages. */
#define pr_fmt(fmt) "xen-grants: " fmt

#include <linux/export.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include "grants.h"

/*
 * How long an unload waits for domains that still use our pages. This is longer
 * than a backend needs to close, but limited: the peer of a hung backend must
 * be able to unload. Pages that are in use then are never freed.
 */
#define MAIN_UNLOAD_MSECS	5000
#define MAIN_SHUTDOWN_MSECS	1000

/**
 * gnttab_max_grant_frames() - maximum number of frames of the table
 *
 * Return: the number.
 */
unsigned int gnttab_max_grant_frames(void)
{
	return grant_table.max;
}
EXPORT_SYMBOL_GPL(gnttab_max_grant_frames);

/*
 * Before kexec and reboot: the next kernel must find memory where this kernel's
 * memory map says so. This is a device because of its place in the order: after
 * all that were registered later, the xenbus devices, and before that of
 * xen-events, which is the first.
 */
static void main_shutdown(struct platform_device *dev)
{
	unsigned int nr;

	grant_deferred_wait(MAIN_SHUTDOWN_MSECS);
	nr = grant_deferred_exit();
	if (nr)
		pr_warn("%u grants are still in use by other domains\n", nr);
	grant_pages_shutdown();
	grant_table_shutdown();
}

static struct platform_driver main_driver = {
	.driver.name = "xen-grants",
	.driver.suppress_bind_attrs = true,
	.shutdown = main_shutdown,
};

static struct platform_device *main_device;

struct workqueue_struct *grant_wq;

static int main_register(void)
{
	int err = platform_driver_register(&main_driver);

	if (err)
		return err;
	main_device = platform_device_register_simple("xen-grants",
						      PLATFORM_DEVID_NONE,
						      NULL, 0);
	if (!IS_ERR(main_device))
		return 0;
	platform_driver_unregister(&main_driver);
	return PTR_ERR(main_device);
}

/**
 * gnttab_init() - set up the table
 *
 * Return: 0 or a negative error.
 * Context: process.
 */
int gnttab_init(void)
{
	int err = grant_table_init();

	if (err) {
		pr_err("no grant table: error %d\n", err);
		return err;
	}
	err = main_register();
	if (err) {
		grant_deferred_exit();
		grant_table_exit();
		return err;
	}
	grant_debugfs_init();
	pr_info("version %u, %u of %u frames, in %s\n", grant_table.version,
		grant_table.nr, grant_table.max, grant_backing_name());
	if (grant_table.reclaimed || grant_table.leftover)
		pr_info("left by an earlier user: %u grants taken back, %u still in use\n",
			grant_table.reclaimed, grant_table.leftover);
	return 0;
}

static int __init main_init(void)
{
	int err;

	grant_wq = alloc_workqueue("xen-grants", WQ_MEM_RECLAIM, 0);
	if (!grant_wq)
		return -ENOMEM;
	err = gnttab_init();
	if (err)
		destroy_workqueue(grant_wq);
	return err;
}

static void __exit main_exit(void)
{
	unsigned int nr;

	grant_debugfs_exit();
	platform_device_unregister(main_device);
	platform_driver_unregister(&main_driver);
	grant_deferred_wait(MAIN_UNLOAD_MSECS);
	nr = grant_deferred_exit();
	if (nr)
		pr_warn("%u grants are still in use by other domains, their pages are lost\n",
			nr);
	destroy_workqueue(grant_wq);
	grant_pages_exit();
	grant_table_exit();
}

module_init(main_init);
module_exit(main_exit);

MODULE_DESCRIPTION("Xen grant tables for kernels without a Xen core");
MODULE_LICENSE("GPL");
MODULE_VERSION(XENPV_VERSION);
