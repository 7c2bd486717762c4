// SPDX-License-Identifier: GPL-2.0-only
/*
 * xenpv-common: code shared by the split drivers: state machine, store keys,
 * set-up of rings and events, violation counts, tracepoints.
 */
#include <linux/module.h>
#include <linux/workqueue.h>
#include "common.h"

#define CREATE_TRACE_POINTS
#include <xenpv/trace.h>

EXPORT_TRACEPOINT_SYMBOL_GPL(xpv_state);
EXPORT_TRACEPOINT_SYMBOL_GPL(xpv_connect);
EXPORT_TRACEPOINT_SYMBOL_GPL(xpv_notify);
EXPORT_TRACEPOINT_SYMBOL_GPL(xpv_grant);
EXPORT_TRACEPOINT_SYMBOL_GPL(xpv_lost);
EXPORT_TRACEPOINT_SYMBOL_GPL(xpv_found);
EXPORT_TRACEPOINT_SYMBOL_GPL(xpv_violation);

struct workqueue_struct *xpv_wq;

static int __init xpv_init(void)
{
	/*
	 * Used by frontends, whose actions do not wait for a peer; backends
	 * have a queue each. WQ_MEM_RECLAIM: a disk that holds swap may have to
	 * reconnect. Freezable, so that no action uses the store while it is
	 * down in a suspend.
	 */
	xpv_wq = alloc_workqueue("xenpv", WQ_UNBOUND | WQ_MEM_RECLAIM |
				 WQ_FREEZABLE | WQ_SYSFS, 0);
	return xpv_wq ? 0 : -ENOMEM;
}

static void __exit xpv_exit(void)
{
	destroy_workqueue(xpv_wq);
}

module_init(xpv_init);
module_exit(xpv_exit);
MODULE_DESCRIPTION("Common parts of the xenpv split drivers");
MODULE_LICENSE("GPL");
MODULE_VERSION(XENPV_VERSION);
