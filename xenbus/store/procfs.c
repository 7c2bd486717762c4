// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/xen, for xenstore-utils and old scripts. These are plain procfs files:
 * there is nothing to mount.
 */
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include "store.h"

static struct proc_dir_entry *xsproc_dir;

/* procfs takes no module reference for an open file. */
static int xsproc_open(struct inode *inode, struct file *file)
{
	int err;

	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	err = xsdev_open(inode, file);
	if (err)
		module_put(THIS_MODULE);
	return err;
}

/* Removing the entry waits for this function's caller in procfs. */
static int xsproc_release(struct inode *inode, struct file *file)
{
	int err = xsdev_release(inode, file);

	module_put(THIS_MODULE);
	return err;
}

static const struct proc_ops xsproc_ops = {
	.proc_open = xsproc_open,
	.proc_release = xsproc_release,
	.proc_read = xsdev_read,
	.proc_write = xsdev_write,
	.proc_poll = xsdev_poll,
};

/*
 * dom0's file contains control_d. This core never runs in dom0, so the file is
 * empty.
 */
static int xsproc_capabilities(struct seq_file *s, void *unused)
{
	return 0;
}

int xsproc_init(void)
{
	xsproc_dir = proc_mkdir("xen", NULL);
	if (!xsproc_dir)
		return -ENOMEM;
	if (proc_create("xenbus", 0600, xsproc_dir, &xsproc_ops) &&
	    proc_create_single("capabilities", 0444, xsproc_dir,
			       xsproc_capabilities))
		return 0;
	xsproc_exit();
	return -ENOMEM;
}

void xsproc_exit(void)
{
	proc_remove(xsproc_dir);
}
