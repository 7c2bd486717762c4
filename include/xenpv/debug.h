/* SPDX-License-Identifier: GPL-2.0-only */
/* debugfs: /sys/kernel/debug/<module>/<device>/. */
#ifndef XENPV_DEBUG_H
#define XENPV_DEBUG_H

#include <linux/debugfs.h>
#include <xenpv/fsm.h>
#include <xenpv/violation.h>

struct dentry *xpv_debug_module(const char *module, struct xpv_sites *sites);
struct dentry *xpv_debug_named(struct dentry *root, const char *name,
			       struct xpv_fsm *m, struct xpv_violations *v);
struct dentry *xpv_debug_device(struct dentry *root, struct xpv_fsm *m,
				struct xpv_violations *v);

#endif
