// SPDX-License-Identifier: GPL-2.0-only
/* All devices of the driver, to make them release what they do not need now. */
#include "blkback.h"

/* All devices, until they are freed; under blkback_squeeze_lock. */
static LIST_HEAD(blkback_squeeze_list);
static DEFINE_MUTEX(blkback_squeeze_lock);

/**
 * blkback_squeeze_add() - add a device
 * @be: device, initialised
 *
 * Context: process.
 */
void blkback_squeeze_add(struct blkback_dev *be)
{
	mutex_lock(&blkback_squeeze_lock);
	list_add(&be->list, &blkback_squeeze_list);
	mutex_unlock(&blkback_squeeze_lock);
}

/**
 * blkback_squeeze_del() - remove a device that will be freed
 * @be: device
 *
 * Context: process.
 */
void blkback_squeeze_del(struct blkback_dev *be)
{
	mutex_lock(&blkback_squeeze_lock);
	list_del(&be->list);
	mutex_unlock(&blkback_squeeze_lock);
}

/**
 * blkback_squeeze() - make a device release what is idle
 * @be: device
 *
 * The threads release free pages and idle grants, and cache no free pages for a
 * moment. Within that moment there is nothing more to release.
 *
 * Context: process.
 */
void blkback_squeeze(struct blkback_dev *be)
{
	unsigned long until = jiffies +
			      msecs_to_jiffies(READ_ONCE(blkback_squeeze_ms));
	unsigned int i;

	if (time_before(jiffies, READ_ONCE(be->squeezed))) {
		WRITE_ONCE(be->squeezed, until);
		return;
	}
	if (!mutex_trylock(&be->rings_lock))
		return;
	WRITE_ONCE(be->squeezed, until);
	for (i = 0; i < be->nr_rings; i++) {
		WRITE_ONCE(be->rings[i]->squeeze, true);
		blkback_ring_kick(be->rings[i]);
	}
	mutex_unlock(&be->rings_lock);
}

/**
 * blkback_squeeze_all() - make all devices release what is idle
 *
 * Context: process.
 */
void blkback_squeeze_all(void)
{
	struct blkback_dev *be;

	/* A device is being added or removed: the next call will succeed. */
	if (!mutex_trylock(&blkback_squeeze_lock))
		return;
	list_for_each_entry(be, &blkback_squeeze_list, list)
		blkback_squeeze(be);
	mutex_unlock(&blkback_squeeze_lock);
}
