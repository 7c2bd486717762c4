// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read the keys of backend and toolstack; parse.c decides which of them are
 * valid.
 */
#include <linux/etherdevice.h>
#include <linux/slab.h>
#include <xenpv/parse.h>
#include "netfront.h"

static void netfront_key_ignored(struct netfront_dev *nf, const char *key)
{
	xpv_violation(&nf->violations, NETFRONT_BAD_KEY, 0, 1,
		      "key not heeded");
	dev_dbg(&nf->dev->dev, "%s is nonsense\n", key);
}

/* The number of queues: limited by both ends, the user and the CPUs online. */
static unsigned int netfront_queues(struct netfront_dev *nf)
{
	unsigned int most = min(nf->max_queues, num_online_cpus());

	return min3(nf->link.features.queues, most, READ_ONCE(nf->want_queues));
}

/**
 * netfront_outdated() - test whether the connection differs from the settings
 * @nf: connected
 *
 * Return: true if a reconnect would change something.
 */
bool netfront_outdated(struct netfront_dev *nf)
{
	return nf->link.asked_queues != netfront_queues(nf) ||
	       nf->link.xdp != READ_ONCE(nf->want_xdp);
}

/**
 * netfront_read_features() - read the backend's features and decide what to use
 * @nf: @link gets all but what is found out while it is in use
 *
 * Return: 0; -ENODEV if the backend is gone; or -EOPNOTSUPP, which is reported
 * to xenbus.
 * Context: process, under fsm.act.
 */
int netfront_read_features(struct netfront_dev *nf)
{
	struct netfront_keys keys;
	u32 ignored;
	bool usable, trusted;
	int i;

	lockdep_assert_held(&nf->fsm.act);
	for (i = 0; i < NETFRONT_NR_KEYS; i++) {
		keys.val[i] = 0;
		keys.found[i] = xpv_store_find(nf->dev->otherend,
					       netfront_key_name(i),
					       &keys.val[i]);
	}
	/* A backend that is gone is not to blame for missing keys. */
	if (!netfront_backend_there(nf))
		return -ENODEV;
	usable = netfront_parse_keys(&keys, &nf->link.features, &ignored);
	for (i = 0; i < NETFRONT_NR_KEYS; i++)
		if (ignored & BIT(i))
			netfront_key_ignored(nf, netfront_key_name(i));
	if (!usable) {
		xpv_violation(&nf->violations, NETFRONT_BAD_KEY,
			      keys.val[NETFRONT_KEY_RX_COPY], 1,
			      "device closed");
		xpv_fsm_fatal(&nf->fsm, -EOPNOTSUPP,
			      "the backend does not offer feature-rx-copy");
		return -EOPNOTSUPP;
	}
	nf->link.asked_queues = netfront_queues(nf);
	WRITE_ONCE(nf->link.nr_queues, nf->link.asked_queues);
	nf->link.xdp = READ_ONCE(nf->want_xdp);
	nf->link.headroom = nf->link.xdp && nf->link.features.xdp ? XDP_PACKET_HEADROOM : 0;

	/*
	 * The toolstack's setting; if it is invalid, do not trust the backend.
	 */
	if (xpv_store_flag(nf->dev->nodename, "trusted", true, &trusted))
		trusted = false;
	nf->link.bounce = !trusted || !READ_ONCE(netfront_trusted);
	return 0;
}

/**
 * netfront_features_carrier() - read whether the backend has a carrier
 * @nf: connected
 *
 * Return: true also if the key is missing.
 * Context: process.
 */
bool netfront_features_carrier(struct netfront_dev *nf)
{
	bool carrier;

	if (xpv_store_flag(nf->dev->otherend, "carrier", true, &carrier))
		netfront_key_ignored(nf, "carrier");
	return carrier;
}

/**
 * netfront_features_mtu() - read the MTU that the toolstack wants
 * @nf: any
 *
 * Return: bytes; XPV_NETIF_MTU_DEFAULT if there is no valid value.
 * Context: process.
 */
u32 netfront_features_mtu(struct netfront_dev *nf)
{
	u32 mtu = XPV_NETIF_MTU_DEFAULT;
	u64 val;

	if (!xpv_store_uint(nf->dev->nodename, "mtu", 0, U64_MAX, &val) &&
	    !netfront_parse_mtu(val, &mtu))
		dev_info(&nf->dev->dev, "no device can have an MTU of %llu\n",
			 val);
	return mtu;
}

static int netfront_parse_mac(const char *text, size_t len, u8 *mac)
{
	int err = xpv_parse_mac(text, len, mac);

	return err ?: is_valid_ether_addr(mac) ? 0 : -EINVAL;
}

/**
 * netfront_read_mac() - read the address that the toolstack chose
 * @dev: device
 * @mac: 6 bytes for the result
 *
 * Errors are not reported to xenbus.
 *
 * Return: 0 or a negative error.
 * Context: process.
 */
int netfront_read_mac(struct xenbus_device *dev, u8 *mac)
{
	unsigned int len;
	char *text = xenbus_read(XBT_NIL, dev->nodename, "mac", &len);
	int err;

	if (IS_ERR(text))
		return PTR_ERR(text);
	err = netfront_parse_mac(text, len, mac);
	kfree(text);
	return err;
}

/**
 * netfront_features_mac() - read the address that the toolstack chose
 * @nf:  any
 * @mac: 6 bytes for the result
 *
 * Return: 0 or a negative error, which is reported to xenbus.
 * Context: process.
 */
int netfront_features_mac(struct netfront_dev *nf, u8 *mac)
{
	unsigned int len;
	char *text;
	int err;

	text = xenbus_read(XBT_NIL, nf->dev->nodename, "mac", &len);
	if (IS_ERR(text)) {
		xpv_fsm_fatal(&nf->fsm, PTR_ERR(text),
			      "reading key mac");
		return PTR_ERR(text);
	}
	err = netfront_parse_mac(text, len, mac);
	if (err)
		xpv_fsm_fatal(&nf->fsm, err,
			      "key mac is \"%*pE\", which is no address of a device",
			      (int)min(len, 32U), text);
	kfree(text);
	return err;
}

/**
 * netfront_backend_online() - test whether the toolstack keeps the device
 * @nf: a device whose backend is closed or gone
 *
 * Return: true if the backend's directory exists and is not marked for removal:
 * the backend may come back.
 * Context: process.
 */
bool netfront_backend_online(struct netfront_dev *nf)
{
	bool online;

	return !xpv_store_flag(nf->dev->otherend, "online", false, &online) &&
	       online;
}

/**
 * netfront_backend_there() - test whether the backend's directory exists
 * @nf: any
 *
 * Return: true if so.
 * Context: process.
 */
bool netfront_backend_there(struct netfront_dev *nf)
{
	return xenbus_exists(XBT_NIL, nf->dev->otherend, "");
}

/**
 * netfront_backend_lost() - test whether the backend has died
 * @nf: a device whose backend's state cannot be read
 *
 * When a domain dies, the backend's directory is removed. A toolstack that
 * removes the device announces that before, or removes both directories at
 * once.
 *
 * Return: true if nobody asked for the device's removal.
 * Context: process.
 */
bool netfront_backend_lost(struct netfront_dev *nf)
{
	return nf->phase != NETFRONT_PHASE_LEAVING && !netfront_backend_there(nf) &&
	       xenbus_exists(XBT_NIL, nf->dev->nodename, "");
}
