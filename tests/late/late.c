// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device whose resume callback reads a disk, as that of a device does which loads its firmware
 * again. It is resumed after the devices that were there before it. For tests only.
 */
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/workqueue.h>

#define LATE_WAIT	20	/* s, and then the resume goes on all the same */
#define LATE_PLACE	(8 << 20)

static char *disk = "/dev/xvdb";
module_param(disk, charp, 0444);

static struct platform_device *late_dev;
static struct file *late_file;
static DECLARE_COMPLETION(late_done);
static ssize_t late_got;

static void late_read(struct work_struct *work)
{
	static char buf[512];
	loff_t pos = LATE_PLACE;

	late_got = kernel_read(late_file, buf, sizeof(buf), &pos);
	complete(&late_done);
}

static DECLARE_WORK(late_work, late_read);

static int late_resume(struct device *dev)
{
	reinit_completion(&late_done);
	queue_work(system_unbound_wq, &late_work);
	if (wait_for_completion_timeout(&late_done, LATE_WAIT * HZ))
		dev_info(dev, "read %zd bytes in the resume\n", late_got);
	else
		dev_info(dev, "read nothing in %d s of the resume\n", LATE_WAIT);
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(late_pm, NULL, late_resume);

static struct platform_driver late_driver = {
	.driver = { .name = "late", .pm = pm_sleep_ptr(&late_pm) },
};

static int __init late_init(void)
{
	int err;

	late_file = filp_open(disk, O_RDONLY | O_LARGEFILE, 0);
	if (IS_ERR(late_file))
		return PTR_ERR(late_file);
	err = platform_driver_register(&late_driver);
	if (err)
		goto no_driver;
	late_dev = platform_device_register_simple("late", -1, NULL, 0);
	err = PTR_ERR_OR_ZERO(late_dev);
	if (err)
		goto no_device;
	return 0;

no_device:
	platform_driver_unregister(&late_driver);
no_driver:
	filp_close(late_file, NULL);
	return err;
}

static void __exit late_exit(void)
{
	platform_device_unregister(late_dev);
	platform_driver_unregister(&late_driver);
	flush_work(&late_work);
	filp_close(late_file, NULL);
}

module_init(late_init);
module_exit(late_exit);
MODULE_DESCRIPTION("Test: a resume that reads a disk");
MODULE_LICENSE("GPL");
