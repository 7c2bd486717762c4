// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of the system: power off, reboot, kexec.
 *
 * The driver core shuts down devices in the reverse order of their
 * registration: first the frontends one after the other, then the device of
 * this file, which is older, and last the platform device of xen-events.
 */
#include <linux/jiffies.h>
#include <linux/platform_device.h>
#include "bus.h"

/*
 * Time limit for all frontends together, because many backends may be silent.
 */
#define XENBUS_NOTIFY_CLOSE	(10 * HZ)

static unsigned long xenbus_notify_end;
static struct platform_device *xenbus_notify_device;

/*
 * Deadline of the wait for backends, in jiffies. The driver core shuts down one
 * device after the other.
 */
unsigned long xenbus_notify_deadline(void)
{
	if (!xenbus_notify_end)
		xenbus_notify_end = (jiffies + XENBUS_NOTIFY_CLOSE) | 1;
	return xenbus_notify_end;
}

/* The next kernel has no handlers yet: no events may come to it. */
static void xenbus_notify_shutdown(struct platform_device *pdev)
{
	xs_shutdown();
}

static struct platform_driver xenbus_notify_driver = {
	.shutdown = xenbus_notify_shutdown,
	.driver.name = "xenbus",
	.driver.suppress_bind_attrs = true,
};

int xenbus_notify_start(void)
{
	int err = platform_driver_register(&xenbus_notify_driver);

	if (err)
		return err;
	xenbus_notify_device = platform_device_register_simple("xenbus", -1,
							       NULL, 0);
	if (IS_ERR(xenbus_notify_device)) {
		platform_driver_unregister(&xenbus_notify_driver);
		return PTR_ERR(xenbus_notify_device);
	}
	return 0;
}

void xenbus_notify_stop(void)
{
	platform_device_unregister(xenbus_notify_device);
	platform_driver_unregister(&xenbus_notify_driver);
}
