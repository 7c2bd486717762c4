// SPDX-License-Identifier: GPL-2.0-only
/*
 * Backends when the system goes down.
 *
 * What a guest has granted must be unmapped before a kexec: the memory where it
 * is mapped belongs to the next kernel then. But a disk that hangs, or a packet
 * that somebody keeps, must not keep the machine from going down.
 */
#include <linux/export.h>
#include <linux/jiffies.h>
#include <xen/xen.h>
#include <xenpv/halt.h>

/* For all devices together, beginning with the first. */
#define XPV_HALT_SECS	10

/**
 * xpv_halt_init() - prepare a device for xpv_halt()
 * @h:  part of the device
 * @fn: ends the device's connection, then completes @h's @done
 */
void xpv_halt_init(struct xpv_halt *h, work_func_t fn)
{
	INIT_WORK(&h->work, fn);
	init_completion(&h->done);
}
EXPORT_SYMBOL_GPL(xpv_halt_init);

/**
 * xpv_halt() - end a connection within a limited time; for a driver's shutdown()
 * @h:   from xpv_halt_init()
 * @wq:  where its function runs
 * @dev: for the log
 *
 * Its function may still run when this returns: cancel @h's @work before the
 * device is freed. In the control domain this does nothing: there is no kexec
 * there that guests survive.
 *
 * Context: process, with the device locked; for one device at a time, because
 * the system shuts its devices down one by one.
 */
void xpv_halt(struct xpv_halt *h, struct workqueue_struct *wq,
	      struct device *dev)
{
	static unsigned long end;
	unsigned long now = jiffies;

	if (xen_initial_domain())
		return;
	if (!end)
		end = (now + XPV_HALT_SECS * HZ) | 1;
	queue_work(wq, &h->work);
	if (!wait_for_completion_timeout(&h->done, time_before(now, end) ?
						   end - now : 1))
		dev_warn(dev, "did not end in time; what is mapped stays mapped\n");
}
EXPORT_SYMBOL_GPL(xpv_halt);
