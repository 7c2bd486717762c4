// SPDX-License-Identifier: GPL-2.0-only
/*
 * Release what rings keep for speed: pages when the system is short of memory,
 * grant references when a device cannot connect for lack of them.
 *
 * A ring keeps what one request of the largest size needs. Pages that the
 * backend still maps are kept, too.
 */
#include "blkfront.h"
#include <compat/shrinker.h>

/* Protects the list of devices; taken before the lock of a ring. */
static DEFINE_SPINLOCK(blkfront_shrink_lock);
static LIST_HEAD(blkfront_shrink_devs);
static struct shrinker *blkfront_shrinker;

/**
 * blkfront_shrink_add() - add a device with rings to the list
 * @bf: device
 */
void blkfront_shrink_add(struct blkfront_dev *bf)
{
	spin_lock(&blkfront_shrink_lock);
	list_add_tail(&bf->shrink, &blkfront_shrink_devs);
	spin_unlock(&blkfront_shrink_lock);
}

/**
 * blkfront_shrink_remove() - remove a device from the list
 * @bf: device; may not have been added
 *
 * Its rings are not used any more when this returns.
 */
void blkfront_shrink_remove(struct blkfront_dev *bf)
{
	spin_lock(&blkfront_shrink_lock);
	list_del_init(&bf->shrink);
	spin_unlock(&blkfront_shrink_lock);
}

static unsigned long blkfront_shrink_count(struct shrinker *s,
					   struct shrink_control *sc)
{
	unsigned long nr = 0;
	struct blkfront_dev *bf;
	unsigned int i;

	spin_lock(&blkfront_shrink_lock);
	list_for_each_entry(bf, &blkfront_shrink_devs, shrink)
		for (i = 0; i < bf->max_rings; i++)
			nr += blkfront_grant_spare(&bf->rings[i]);
	spin_unlock(&blkfront_shrink_lock);
	return nr;
}

/* Rotate the list, so that the first device becomes the last one. */
static unsigned long blkfront_shrink_scan(struct shrinker *s,
					  struct shrink_control *sc)
{
	struct blkfront_dev *bf;
	unsigned long nr = 0;
	LIST_HEAD(bufs);
	unsigned int i;

	spin_lock(&blkfront_shrink_lock);
	list_for_each_entry(bf, &blkfront_shrink_devs, shrink)
		for (i = 0; i < bf->max_rings && nr < sc->nr_to_scan; i++)
			if (blkfront_grant_spare(&bf->rings[i]))
				nr += blkfront_grant_shrink(&bf->rings[i], HZ,
							    sc->nr_to_scan - nr,
							    &bufs);
	if (!list_empty(&blkfront_shrink_devs))
		list_rotate_left(&blkfront_shrink_devs);
	spin_unlock(&blkfront_shrink_lock);
	blkfront_grant_free(&bufs);
	return nr ? nr : SHRINK_STOP;
}

static void blkfront_shrink_relax(void)
{
	struct blkfront_dev *bf;
	LIST_HEAD(bufs);
	unsigned int i;

	spin_lock(&blkfront_shrink_lock);
	list_for_each_entry(bf, &blkfront_shrink_devs, shrink) {
		for (i = 0; i < bf->max_rings; i++) {
			blkfront_grant_shrink(&bf->rings[i], HZ, UINT_MAX,
					      &bufs);
			blkfront_grant_relax(&bf->rings[i]);
		}
	}
	spin_unlock(&blkfront_shrink_lock);
	blkfront_grant_free(&bufs);
}

static struct xpv_cache blkfront_shrink_cache = {
	.relax = blkfront_shrink_relax,
};

/**
 * blkfront_shrink_init() - register the shrinker
 *
 * Return: 0 or a negative error.
 */
int blkfront_shrink_init(void)
{
	blkfront_shrinker = xpv_shrinker_register(blkfront_shrink_count,
						  blkfront_shrink_scan,
						  "xen-blkfront");
	if (!blkfront_shrinker)
		return -ENOMEM;
	xpv_cache_add(&blkfront_shrink_cache);
	return 0;
}

/** blkfront_shrink_exit() - unregister the shrinker */
void blkfront_shrink_exit(void)
{
	xpv_cache_remove(&blkfront_shrink_cache);
	xpv_shrinker_unregister(blkfront_shrinker);
}
