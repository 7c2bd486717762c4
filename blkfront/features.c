// SPDX-License-Identifier: GPL-2.0-only
/* Read the backend's features; parse.c decides which of them are valid. */
#include <linux/slab.h>
#include "blkfront.h"

/* Report a key and its text in the store with xenbus_dev_fatal(). */
static void blkfront_key_fatal(struct blkfront_dev *bf, const char *key,
			       u64 min, u64 max, int err)
{
	unsigned int len;
	char *text = xenbus_read(XBT_NIL, bf->dev->otherend, key, &len);

	if (IS_ERR(text))
		xpv_fsm_fatal(&bf->fsm, err,
			      "backend's key %s is missing, allowed: %llu..%llu",
			      key, min, max);
	else
		xpv_fsm_fatal(&bf->fsm, err,
			      "backend's key %s is \"%*pE\", allowed: %llu..%llu%s",
			      key, (int)min(len, 32U), text, min, max,
			      strstr(key, "size") ? ", a power of two" : "");
	if (!IS_ERR(text))
		kfree(text);
}

static void blkfront_key_ignored(struct blkfront_dev *bf, const char *key,
				 u64 val)
{
	xpv_violation(&bf->violations, BLKFRONT_BAD_FEATURE, val, 0,
		      "offer not taken");
	dev_dbg(&bf->dev->dev, "%s is nonsense\n", key);
}

/**
 * blkfront_read_offer() - read what is needed before rings are set up
 * @bf: gets @nr_rings, @order, @persistent (our offer) and @bounce
 *
 * An invalid value counts as a missing one.
 *
 * Context: process.
 */
void blkfront_read_offer(struct blkfront_dev *bf)
{
	struct xenbus_device *dev = bf->dev;
	u64 queues = 1;
	bool trusted;
	int err;

	bf->link.order = 0;
	if (xpv_store_max_order(dev->otherend, &bf->link.order))
		blkfront_key_ignored(bf, "max-ring-page-order", 0);
	bf->link.order = min(bf->link.order, blkfront_max_order);

	err = xpv_store_uint(dev->otherend, "multi-queue-max-queues", 1,
			     U32_MAX, &queues);
	if (err && err != -ENOENT)
		blkfront_key_ignored(bf, "multi-queue-max-queues", 0);
	bf->link.nr_rings = min3(queues, (u64)bf->max_rings, (u64)num_online_cpus());

	bf->link.persistent = READ_ONCE(blkfront_persistent);

	/*
	 * The toolstack's setting; if it is invalid, do not trust the backend.
	 */
	if (xpv_store_flag(dev->nodename, "trusted", true, &trusted))
		trusted = false;
	bf->link.bounce = !trusted || !READ_ONCE(blkfront_trusted);
}

/**
 * blkfront_read_features() - read the features of a connected backend
 * @bf: gets @features, cleared before, and @persistent
 *
 * Return: 0; -ENODEV if the backend is not connected any more; or another
 * negative error, which is reported to xenbus, if the disk cannot be used.
 * Context: process.
 */
int blkfront_read_features(struct blkfront_dev *bf)
{
	struct blkfront_features features;
	struct blkfront_keys keys;
	struct blkfront_bad bad;
	u32 ignored;
	int err, i;

	for (i = 0; i < BLKFRONT_NR_KEYS; i++) {
		keys.val[i] = 0;
		keys.found[i] = xpv_store_find(bf->dev->otherend,
					       blkfront_key_name(i),
					       &keys.val[i]);
	}
	err = blkfront_parse_keys(&keys, blkfront_max_segs, &features, &bad,
				  &ignored);
	for (i = 0; i < BLKFRONT_NR_KEYS; i++)
		if (ignored & BIT(i))
			blkfront_key_ignored(bf, blkfront_key_name(i),
					     keys.val[i]);
	if (err) {
		/*
		 * The backend is gone, which is no error of the keys: it may
		 * come back.
		 */
		if (xpv_driver_state(bf->dev->otherend) !=
		    XenbusStateConnected)
			return -ENODEV;
		xpv_violation(&bf->violations, BLKFRONT_BAD_KEY,
			      keys.val[bad.key], bad.max, "device closed");
		blkfront_key_fatal(bf, blkfront_key_name(bad.key), bad.min,
				   bad.max, err);
		return err;
	}
	err = 0;
	if (bf->disk)
		err = blkfront_parse_adapt(&features,
					   bf->link.features.block_size);
	if (err) {
		xpv_violation(&bf->violations, BLKFRONT_BAD_KEY,
			      features.block_size, bf->link.features.block_size,
			      "device closed");
		blkfront_key_fatal(bf, "sector-size", BLKFRONT_SECTOR,
				   bf->link.features.block_size, err);
		return err;
	}
	bf->link.features = features;
	bf->link.persistent &= features.persistent;
	bf->link.revoked = 0;
	return 0;
}

/**
 * blkfront_read_serial() - read the disk's serial number
 * @bf: first connection, no disk yet; gets @serial
 *
 * It stays as long as the disk does. Who knows a disk by its serial number has
 * to find it after the move to a host whose toolstack writes none.
 *
 * Context: process.
 */
void blkfront_read_serial(struct blkfront_dev *bf)
{
	unsigned int len;
	char *text = xenbus_read(XBT_NIL, bf->dev->otherend, "serial", &len);

	if (IS_ERR(text))
		return;
	if (blkfront_parse_serial(text, len, bf->serial))
		blkfront_key_ignored(bf, "serial", len);
	kfree(text);
}

/**
 * blkfront_read_sectors() - read the current capacity
 * @bf:      connected
 * @sectors: result, in 512-byte units, whole blocks
 *
 * Return: 0, or a negative error if the key is no valid capacity. The error is
 * counted and the old capacity remains.
 * Context: process.
 */
int blkfront_read_sectors(struct blkfront_dev *bf, u64 *sectors)
{
	u64 val = 0;
	int err = xpv_store_uint(bf->dev->otherend, "sectors", 0,
				 BLKFRONT_MAX_SECTORS, &val);

	if (err) {
		xpv_violation(&bf->violations, BLKFRONT_BAD_KEY, val,
			      BLKFRONT_MAX_SECTORS, "old capacity kept");
		return err;
	}
	*sectors = round_down(val, bf->link.features.block_size / BLKFRONT_SECTOR);
	return 0;
}

/**
 * blkfront_backend_fate() - find out what happens to a closed or lost backend
 * @bf: its device
 *
 * Return: whether the toolstack keeps it, removes it, or whether nothing is
 * left of it that could tell.
 * Context: process.
 */
enum blkfront_fate blkfront_backend_fate(struct blkfront_dev *bf)
{
	u64 online;
	int err = xpv_store_uint(bf->dev->otherend, "online", 0, U64_MAX,
				 &online);

	if (!err)
		return online ? BLKFRONT_ONLINE : BLKFRONT_OFFLINE;
	if (err == -EINVAL || err == -ERANGE)
		return BLKFRONT_OFFLINE;
	/*
	 * The parent cannot be read either, so we have no access and cannot
	 * tell.
	 */
	return xpv_driver_state(bf->dev->otherend) ==
	       XenbusStateUnknown ? BLKFRONT_LOST : BLKFRONT_OFFLINE;
}
