// SPDX-License-Identifier: GPL-2.0-only
/*
 * xenpv-common: what the split drivers share - state machine, store keys, ring
 * and event set-up, violation counts, tracepoints.
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
	 * For frontends, whose actions wait for nobody; backends have a queue
	 * each. A disk that swap lives on may have to reconnect: WQ_MEM_RECLAIM.
	 * Frozen over a suspend, so that no action meets a dead store.
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
