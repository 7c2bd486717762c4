// SPDX-License-Identifier: GPL-2.0-only
/* Minors in use: two device numbers must not name the same disk. */
#include <linux/list.h>
#include <linux/mutex.h>
#include "blkfront.h"

static DEFINE_MUTEX(blkfront_name_lock);
static LIST_HEAD(blkfront_names);

/**
 * blkfront_name_take() - claim a device's minors
 * @bf: @bf->name is set
 *
 * Return: 0, or -EBUSY if another device has one of them.
 * Context: process.
 */
int blkfront_name_take(struct blkfront_dev *bf)
{
	struct blkfront_dev *other;
	int err = 0;

	mutex_lock(&blkfront_name_lock);
	list_for_each_entry(other, &blkfront_names, named) {
		if (bf->name.first < other->name.first + other->name.nr &&
		    other->name.first < bf->name.first + bf->name.nr)
			err = -EBUSY;
	}
	if (!err)
		list_add(&bf->named, &blkfront_names);
	mutex_unlock(&blkfront_name_lock);
	return err;
}

/**
 * blkfront_name_put() - release a device's minors
 * @bf: may have none
 *
 * Must not be called before its gendisk was removed from the system.
 *
 * Context: process.
 */
void blkfront_name_put(struct blkfront_dev *bf)
{
	mutex_lock(&blkfront_name_lock);
	list_del_init(&bf->named);
	mutex_unlock(&blkfront_name_lock);
}
