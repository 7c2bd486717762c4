/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a backend's connection when the system goes down. */
#ifndef XENPV_HALT_H
#define XENPV_HALT_H

#include <linux/completion.h>
#include <linux/device.h>
#include <linux/workqueue.h>

/**
 * struct xpv_halt - part of a backend device
 * @work: ends its connection
 * @done: completed when @work has done so
 */
struct xpv_halt {
	struct work_struct work;
	struct completion done;
};

void xpv_halt_init(struct xpv_halt *h, work_func_t fn);
void xpv_halt(struct xpv_halt *h, struct workqueue_struct *wq,
	      struct device *dev);

#endif
