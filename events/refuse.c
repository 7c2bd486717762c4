// SPDX-License-Identifier: GPL-2.0-only
/*
 * xen-events for a kernel that has its own Xen core: it only explains why it
 * cannot be loaded.
 */
#include <linux/module.h>

static int __init refuse_init(void)
{
	pr_err("xen-events: this kernel has its own Xen core; xen-events is for kernels without\n");
	return -EBUSY;
}

module_init(refuse_init);
MODULE_DESCRIPTION("Xen event channels, for kernels without CONFIG_XEN");
MODULE_LICENSE("GPL");
MODULE_VERSION(XENPV_VERSION);
