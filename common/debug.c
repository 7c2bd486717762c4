// SPDX-License-Identifier: GPL-2.0-only
/* The debugfs files that every driver has. */
#include <linux/export.h>
#include <linux/seq_file.h>
#include <xenpv/debug.h>

static int totals_show(struct seq_file *s, void *unused)
{
	xpv_sites_show(s, s->private);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(totals);

static int violations_show(struct seq_file *s, void *unused)
{
	xpv_violations_show(s, s->private);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(violations);

static int state_show(struct seq_file *s, void *unused)
{
	xpv_fsm_show(s, s->private);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

/**
 * xpv_debug_module() - create a module's debugfs directory
 * @module: name, as in `modprobe`
 * @sites:  the module's sites; their totals are shown
 *
 * Return: what debugfs_create_dir() returned. The caller removes it with
 * debugfs_remove().
 */
struct dentry *xpv_debug_module(const char *module, struct xpv_sites *sites)
{
	struct dentry *root = debugfs_create_dir(module, NULL);

	debugfs_create_file("violations", 0400, root, sites, &totals_fops);
	return root;
}
EXPORT_SYMBOL_GPL(xpv_debug_module);

/**
 * xpv_debug_named() - create a device's debugfs directory
 * @root: directory from xpv_debug_module()
 * @name: name of the new directory
 * @m:    the device's state machine, whose history is shown
 * @v:    the device's violation counts
 *
 * @m and @v must remain valid until debugfs_remove() of the result has
 * returned.
 *
 * Return: what debugfs_create_dir() returned.
 */
struct dentry *xpv_debug_named(struct dentry *root, const char *name,
			       struct xpv_fsm *m, struct xpv_violations *v)
{
	struct dentry *dir = debugfs_create_dir(name, root);

	debugfs_create_file("state", 0400, dir, m, &state_fops);
	debugfs_create_file("violations", 0400, dir, v, &violations_fops);
	return dir;
}
EXPORT_SYMBOL_GPL(xpv_debug_named);

/**
 * xpv_debug_device() - create a debugfs directory with the device's xenbus name
 * @root: directory from xpv_debug_module()
 * @m:    the device's state machine
 * @v:    the device's violation counts
 *
 * Return: as for xpv_debug_named().
 */
struct dentry *xpv_debug_device(struct dentry *root, struct xpv_fsm *m,
				struct xpv_violations *v)
{
	return xpv_debug_named(root, dev_name(&m->dev->dev), m, v);
}
EXPORT_SYMBOL_GPL(xpv_debug_device);
