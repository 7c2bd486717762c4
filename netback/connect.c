// SPDX-License-Identifier: GPL-2.0-only
/* Read the frontend's keys and connect to its rings. */
#include <linux/slab.h>
#include "netback.h"

/* How long the end of a connection waits for its packets, in milliseconds. */
#define NETBACK_PATIENCE	2000

/* Report an invalid key: its name, its value and the valid values. */
static int netback_connect_refuse(struct netback_dev *be, int err,
				  const char *dir, const char *key, u64 max,
				  const char *want)
{
	u64 val = 0;

	if (xpv_store_is_wrong(err)) {
		xpv_store_find(dir, key, &val);
		xpv_violation(&be->violations, NETBACK_SITE_KEY, val, max,
			      "connection refused");
	}
	xpv_fsm_refuse(&be->fsm, err, dir, key, want);
	return err;
}

static int netback_connect_flag(struct netback_dev *be, const char *key,
				bool *val)
{
	int err = xpv_store_flag(be->otherend, key, false, val);

	if (err)
		netback_connect_refuse(be, err, be->otherend, key, 1, "0 or 1");
	return err;
}

/* Read the frontend's features; a missing key means no. */
static int netback_connect_features(struct netback_dev *be)
{
	bool copy, no_csum;
	const struct {
		const char *key;
		bool *val;
	} flags[] = {
		{ "request-rx-copy", &copy },
		{ "feature-rx-notify", &be->link.rx_notify },
		{ "feature-sg", &be->link.sg },
		{ "feature-gso-tcpv4", &be->link.gso4 },
		{ "feature-gso-tcpv6", &be->link.gso6 },
		{ "feature-no-csum-offload", &no_csum },
		{ "feature-ipv6-csum-offload", &be->link.csum6 },
	};
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		err = netback_connect_flag(be, flags[i].key, flags[i].val);
		if (err)
			return err;
	}
	be->link.csum4 = !no_csum;
	if (copy)
		return 0;
	return netback_connect_refuse(be, -EINVAL, be->otherend,
				      "request-rx-copy", 1,
				      "1: pages are not flipped any more");
}

/**
 * netback_connect_headroom() - read the headroom that the frontend wants for
 * XDP
 * @be: device
 *
 * Context: process.
 */
void netback_connect_headroom(struct netback_dev *be)
{
	u64 room = 0;
	int err;

	if (READ_ONCE(netback_provides_xdp)) {
		err = xpv_store_uint(be->otherend, "xdp-headroom", 0,
				     XPV_NETIF_XDP_HEADROOM_MAX, &room);
		if (err == -ERANGE || err == -EINVAL || room > NETBACK_XDP_MAX) {
			xpv_violation(&be->violations, NETBACK_SITE_KEY, room,
				      NETBACK_XDP_MAX, "no room for XDP");
			room = 0;
		}
	}
	WRITE_ONCE(be->link.xdp_headroom, room);
}

/**
 * netback_connect_filter() - read whether to filter multicast packets
 * @be: device
 *
 * The frontend may change this at any time.
 *
 * Context: process.
 */
void netback_connect_filter(struct netback_dev *be)
{
	bool filter;

	if (xpv_store_flag(be->otherend, "request-multicast-control", false,
			   &filter))
		xpv_violation(&be->violations, NETBACK_SITE_KEY, 0, 1,
			      "multicast is not filtered");
	WRITE_ONCE(be->link.filter, filter);
}

/**
 * struct netback_keys - a queue's keys
 * @tx_ref:  page of the transmit ring
 * @rx_ref:  page of the receive ring
 * @tx_port: event channel
 * @rx_port: event channel of the receive ring, 0 if both rings share one
 */
struct netback_keys {
	u64 tx_ref;
	u64 rx_ref;
	u64 tx_port;
	u64 rx_port;
};

/* Report nothing, because this also tests whether the keys have changed. */
static int netback_connect_keys(const char *dir, struct netback_keys *k,
				const char **bad)
{
	int err;

	*bad = "tx-ring-ref";
	err = xpv_store_uint(dir, *bad, 0, U32_MAX, &k->tx_ref);
	if (err)
		return err;
	*bad = "rx-ring-ref";
	err = xpv_store_uint(dir, *bad, 0, U32_MAX, &k->rx_ref);
	if (err)
		return err;
	*bad = "event-channel-tx";
	err = xpv_store_uint(dir, *bad, 1, U32_MAX, &k->tx_port);
	if (!err) {
		*bad = "event-channel-rx";
		return xpv_store_uint(dir, *bad, 1, U32_MAX, &k->rx_port);
	}
	if (err != -ENOENT)
		return err;
	*bad = "event-channel";
	k->rx_port = 0;
	return xpv_store_uint(dir, *bad, 1, U32_MAX, &k->tx_port);
}

static struct netback_queue *netback_connect_queue(struct netback_dev *be,
						   unsigned int index,
						   unsigned int nr)
{
	struct netback_keys k = { };
	struct netback_queue *q;
	char dir[XPV_PATH_MAX];
	const char *bad;
	int err;

	err = xpv_store_queue_path(dir, be->otherend, index, nr);
	if (err) {
		xpv_fsm_fatal(&be->fsm, err, "%s is too long",
			      be->otherend);
		return ERR_PTR(err);
	}
	err = netback_connect_keys(dir, &k, &bad);
	if (err) {
		netback_connect_refuse(be, err, dir, bad, U32_MAX,
				       strstr(bad, "ref") ? "a grant" :
				       "an event channel");
		return ERR_PTR(err);
	}
	q = netback_queue_open(be, index, k.tx_ref, k.rx_ref, k.tx_port,
			       k.rx_port);
	if (IS_ERR(q) && PTR_ERR(q) != -ENOSPC)
		xpv_fsm_fatal(&be->fsm, PTR_ERR(q),
			      "connecting to rings %llu, %llu and event channels %llu, %llu of %s",
			      k.tx_ref, k.rx_ref, k.tx_port, k.rx_port,
			      dir);
	return q;
}

/**
 * netback_connect_free() - close queues
 * @be: device
 * @qs: from netback_connect_detach(), or NULL
 *
 * Waits for packets in flight, with a short limit.
 *
 * Context: process, no RTNL.
 */
void netback_connect_free(struct netback_dev *be, struct netback_queues *qs)
{
	unsigned int i;

	if (!qs)
		return;
	be->patience = jiffies + msecs_to_jiffies(NETBACK_PATIENCE);
	for (i = 0; i < qs->nr; i++)
		netback_queue_close(qs->q[i]);
	kfree(qs);
}

static struct netback_queues *netback_connect_queues(struct netback_dev *be)
{
	struct netback_queues *qs;
	struct netback_queue *q;
	unsigned int nr, i;
	char want[40];
	int err;

	err = xpv_store_queues(be->otherend, be->max_queues, &nr);
	if (err) {
		snprintf(want, sizeof(want), "1..%u", be->max_queues);
		netback_connect_refuse(be, err, be->otherend,
				       "multi-queue-num-queues",
				       be->max_queues, want);
		return ERR_PTR(err);
	}
	qs = kzalloc(struct_size(qs, q, nr), GFP_KERNEL);
	if (!qs) {
		xpv_fsm_fatal(&be->fsm, -ENOMEM,
			      "allocating %u queues", nr);
		return ERR_PTR(-ENOMEM);
	}
	for (i = 0; i < nr; i++) {
		q = netback_connect_queue(be, i, nr);
		if (IS_ERR(q)) {
			netback_connect_free(be, qs);
			return ERR_CAST(q);
		}
		qs->q[i] = q;
		qs->nr = i + 1;
	}
	return qs;
}

/* There is a control ring if the key of its page exists. */
static int netback_connect_ctrl(struct netback_dev *be)
{
	u64 ref, port;
	int err;

	err = xpv_store_uint(be->otherend, "ctrl-ring-ref", 0, U32_MAX, &ref);
	if (err == -ENOENT)
		return 0;
	if (err)
		return netback_connect_refuse(be, err, be->otherend,
					      "ctrl-ring-ref", U32_MAX,
					      "a grant");
	err = xpv_store_uint(be->otherend, "event-channel-ctrl", 1, U32_MAX,
			     &port);
	if (err)
		return netback_connect_refuse(be, err, be->otherend,
					      "event-channel-ctrl", U32_MAX,
					      "an event channel");
	err = netback_ctrl_open(be, ref, port);
	if (err && err != -ENOSPC)
		xpv_fsm_fatal(&be->fsm, err,
			      "connecting to control ring %llu and event channel %llu",
			      ref, port);
	return err;
}

/**
 * netback_connect() - connect to a frontend that has written its keys
 * @be: device
 *
 * Nothing remains open after an error.
 *
 * Return: 0; -ENOSPC if there is no room to map the rings now, and the state is
 * still InitWait; or a negative error, which has been reported.
 * Context: process.
 */
int netback_connect(struct netback_dev *be)
{
	struct netback_queues *qs;
	int err;

	WRITE_ONCE(be->disabled, false);
	err = netback_connect_features(be);
	if (err)
		return err;
	netback_connect_headroom(be);
	netback_connect_filter(be);
	netback_credit_read(be);
	qs = netback_connect_queues(be);
	if (IS_ERR(qs))
		return PTR_ERR(qs);
	netback_vif_start(be, qs);
	err = netback_connect_ctrl(be);
	if (err) {
		netback_disconnect(be);
		return err;
	}
	trace_xpv_connect(dev_name(&be->xdev->dev), qs->nr, 1,
			  be->net->features);
	dev_info_ratelimited(&be->xdev->dev, "%s: %u queues%s%s%s%s\n",
			     be->net->name, qs->nr,
			     qs->q[0]->tx_event != qs->q[0]->rx_event ?
			     ", split event channels" : "",
			     be->link.sg ? ", scatter-gather" : "",
			     be->link.gso4 || be->link.gso6 ? ", GSO" : "",
			     be->ctrl.page ? ", control ring" : "");
	return 0;
}

/**
 * netback_connect_is_stale() - test whether the frontend has offered other
 * rings
 * @be: device, connected
 *
 * A frontend that closes and reconnects without waiting for us may finish
 * before we look. Then its state is what we expect, but its keys are not.
 *
 * Return: true if so.
 * Context: process.
 */
bool netback_connect_is_stale(struct netback_dev *be)
{
	struct netback_queues *qs = rcu_dereference_protected(be->queues, true);
	struct netback_keys k = { };
	char dir[XPV_PATH_MAX];
	struct netback_queue *q;
	const char *bad;

	if (!qs || xpv_store_queue_path(dir, be->otherend, 0, qs->nr) ||
	    netback_connect_keys(dir, &k, &bad))
		return false;
	q = qs->q[0];
	return k.tx_ref != q->tx_shared.refs.ref[0] ||
	       k.rx_ref != q->rx_shared.refs.ref[0] ||
	       k.tx_port != q->event[0].ev.port ||
	       k.rx_port != q->event[1].ev.port;
}

/**
 * netback_connect_detach() - stop serving the frontend
 * @be: device
 *
 * Return: the queues, for netback_connect_free(), which may wait; NULL if not
 * connected.
 * Context: process, no RTNL.
 */
struct netback_queues *netback_connect_detach(struct netback_dev *be)
{
	struct netback_queues *qs = rcu_dereference_protected(be->queues, true);

	if (!qs)
		return NULL;
	netback_vif_stop(be);
	netback_ctrl_close(be);
	netback_mcast_reset(be);
	WRITE_ONCE(be->link.filter, false);
	WRITE_ONCE(be->link.xdp_headroom, 0);
	return qs;
}

/**
 * netback_disconnect() - close a connection, complete or not
 * @be: device
 *
 * Waits for packets in flight, with a short limit.
 *
 * Context: process.
 */
void netback_disconnect(struct netback_dev *be)
{
	netback_connect_free(be, netback_connect_detach(be));
}
