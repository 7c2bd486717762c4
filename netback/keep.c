// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an administrator has set on an interface, for the next one of the same
 * device. The interface goes when the module is unloaded, so the settings are kept
 * in the store, in the directory "kept" of the device's directory. What belongs to
 * others (qdiscs, flags of a bridge port) is lost.
 */
#include <linux/rtnetlink.h>
#include "netback.h"

/* The bits of the keys below, in this order: add new ones at the end. */
static const netdev_features_t netback_keep_offloads[] = {
	NETIF_F_SG, NETIF_F_FRAGLIST, NETIF_F_IP_CSUM, NETIF_F_IPV6_CSUM,
	NETIF_F_TSO, NETIF_F_TSO6, NETIF_F_GSO, NETIF_F_GRO,
	NETIF_F_GRO_FRAGLIST, NETIF_F_GRO_UDP_FWD,
};

/* The keys of the directory. */
enum {
	NETBACK_KEEP_MTU,
	NETBACK_KEEP_LEN,
	NETBACK_KEEP_OFFLOADS,	/* those that are on */
	NETBACK_KEEP_KNOWN,	/* those that are on or off */
	NETBACK_KEEP_KEYS,
};

struct netback_keep {
	const char *device;
	char dir[XPV_PATH_MAX];
	struct xpv_number key[NETBACK_KEEP_KEYS];
};

static void netback_keep_init(struct netback_keep *k, struct netback_dev *be)
{
	k->device = be->xdev->nodename;
	snprintf(k->dir, sizeof(k->dir), "%s/kept", k->device);
	memset(k->key, 0, sizeof(k->key));
	k->key[NETBACK_KEEP_MTU].key = "mtu";
	k->key[NETBACK_KEEP_LEN].key = "tx-queue-len";
	k->key[NETBACK_KEEP_OFFLOADS].key = "offloads";
	k->key[NETBACK_KEEP_KNOWN].key = "offloads-known";
}

/* If the device's own directory is gone, a write would create it again. */
static int netback_keep_write(void *data, struct xenbus_transaction xbt)
{
	struct netback_keep *k = data;
	unsigned int i;
	int err = 0;

	if (!xenbus_exists(xbt, k->device, "state"))
		return 0;
	for (i = 0; i < NETBACK_KEEP_KEYS && !err; i++)
		err = xenbus_printf(xbt, k->dir, k->key[i].key, "%llu",
				    k->key[i].val);
	return err;
}

/**
 * netback_keep_save() - an interface will go, but its device stays
 * @be: device with an interface
 *
 * Context: process, no RTNL.
 */
void netback_keep_save(struct netback_dev *be)
{
	struct net_device *net = be->net;
	struct netback_keep k;
	u64 wanted = 0;
	unsigned int i;
	int err;

	netback_keep_init(&k, be);
	rtnl_lock();
	k.key[NETBACK_KEEP_MTU].val = be->mtu ? : net->mtu;
	k.key[NETBACK_KEEP_LEN].val = net->tx_queue_len;
	for (i = 0; i < ARRAY_SIZE(netback_keep_offloads); i++) {
		if (net->wanted_features & netback_keep_offloads[i])
			wanted |= BIT_ULL(i);
	}
	rtnl_unlock();
	k.key[NETBACK_KEEP_OFFLOADS].val = wanted;
	k.key[NETBACK_KEEP_KNOWN].val = BIT_ULL(i) - 1;
	err = xpv_store_update(netback_keep_write, &k);
	if (err)
		dev_warn(&be->xdev->dev,
			 "settings of %s are lost: error %d\n", net->name, err);
}

static void netback_keep_apply(struct net_device *net,
			       const struct netback_keep *k)
{
	netdev_features_t on = 0, known = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(netback_keep_offloads); i++) {
		if (!(k->key[NETBACK_KEEP_KNOWN].val & BIT_ULL(i)))
			continue;
		known |= netback_keep_offloads[i];
		if (k->key[NETBACK_KEEP_OFFLOADS].val & BIT_ULL(i))
			on |= netback_keep_offloads[i];
	}
	rtnl_lock();
	net->tx_queue_len = k->key[NETBACK_KEEP_LEN].val;
	dev_set_mtu(net, k->key[NETBACK_KEEP_MTU].val);
	known &= net->hw_features;
	net->wanted_features = (net->wanted_features & ~known) | (on & known);
	netdev_update_features(net);
	rtnl_unlock();
}

/**
 * netback_keep_restore() - set on an interface what was set on the one before
 * @be:  device
 * @net: its new interface, which is down
 *
 * Context: process, no RTNL.
 */
void netback_keep_restore(struct netback_dev *be, struct net_device *net)
{
	static const u64 max[NETBACK_KEEP_KEYS] = {
		[NETBACK_KEEP_MTU] = ETH_MAX_MTU,
		[NETBACK_KEEP_LEN] = INT_MAX,
		[NETBACK_KEEP_OFFLOADS] = U64_MAX,
		[NETBACK_KEEP_KNOWN] = U64_MAX,
	};
	struct netback_keep k;
	unsigned int i;
	int err = 0;

	netback_keep_init(&k, be);
	for (i = 0; i < NETBACK_KEEP_KEYS && !err; i++)
		err = xpv_store_uint(k.dir, k.key[i].key, 0, max[i],
				     &k.key[i].val);
	if (!err)
		netback_keep_apply(net, &k);
	if (err != -ENOENT)
		xenbus_rm(XBT_NIL, k.device, "kept");
}
