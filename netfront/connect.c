// SPDX-License-Identifier: GPL-2.0-only
/*
 * Set up the queues, publish them to the backend, use them, and give them up.
 */
#include "netfront.h"

/*
 * Our keys that describe a connection. Those that are not rewritten are stale.
 */
static bool netfront_key_is_stale(const char *key)
{
	static const char *const keys[] = {
		"tx-ring-ref", "rx-ring-ref", "event-channel",
		"event-channel-tx", "event-channel-rx", "ctrl-ring-ref",
		"event-channel-ctrl", "multi-queue-num-queues",
		"request-multicast-control", "xdp-headroom",
	};

	return !strncmp(key, "queue-", 6) ||
	       match_string(keys, ARRAY_SIZE(keys), key) >= 0;
}

static int netfront_write_queue(struct netfront_dev *nf,
				struct xenbus_transaction xbt, unsigned int i)
{
	struct netfront_queue *q = &nf->queues[i];
	char path[XPV_PATH_MAX];
	int err;

	err = xpv_store_queue_path(path, nf->dev->nodename, i, nf->link.nr_queues);
	if (!err)
		err = xpv_store_write_refs(xbt, path, "tx-ring-ref", true,
					   &q->tx_ring.refs);
	if (!err)
		err = xpv_store_write_refs(xbt, path, "rx-ring-ref", true,
					   &q->rx_ring.refs);
	if (!err && !nf->link.features.split)
		return xenbus_printf(xbt, path, "event-channel", "%u",
				     q->tx_event.port);
	if (!err)
		err = xenbus_printf(xbt, path, "event-channel-tx", "%u",
				    q->tx_event.port);
	if (!err)
		err = xenbus_printf(xbt, path, "event-channel-rx", "%u",
				    q->rx_event.port);
	return err;
}

/* Write our features, and which of the backend's features we use. */
static int netfront_write_features(struct netfront_dev *nf,
				   struct xenbus_transaction xbt)
{
	/*
	 * An XDP program needs packets that fit into a page and have complete
	 * checksums.
	 */
	bool xdp = nf->link.xdp;
	const struct xpv_number keys[] = {
		{ "request-rx-copy", 1 },
		{ "feature-rx-notify", 1 },
		{ "feature-sg", 1 },
		{ "feature-gso-tcpv4", !xdp },
		{ "feature-gso-tcpv6", !xdp },
		{ "feature-no-csum-offload", xdp },
		{ "feature-ipv6-csum-offload", !xdp },
		{ "multi-queue-num-queues", nf->link.nr_queues, nf->link.nr_queues == 1 },
		{ "request-multicast-control", 0, !nf->link.features.mcast },
		{ "xdp-headroom", nf->link.headroom, !nf->link.features.xdp },
	};

	return xpv_store_write_numbers(xbt, nf->dev->nodename, keys,
				       ARRAY_SIZE(keys));
}

static int netfront_write_keys(void *data, struct xenbus_transaction xbt)
{
	struct netfront_dev *nf = data;
	const char *dir = nf->dev->nodename;
	unsigned int i;
	int err;

	err = xpv_instance_check(xbt, nf->dev);
	if (!err)
		err = xpv_store_clean(xbt, dir, netfront_key_is_stale);
	if (!err)
		err = netfront_write_features(nf, xbt);
	for (i = 0; i < nf->link.nr_queues && !err; i++)
		err = netfront_write_queue(nf, xbt, i);
	if (err || !nf->ctrl.event.irq)
		return err;
	err = xpv_store_write_refs(xbt, dir, "ctrl-ring-ref", true,
				   &nf->ctrl.ring.refs);
	if (!err)
		err = xenbus_printf(xbt, dir, "event-channel-ctrl", "%u",
				    nf->ctrl.event.port);
	return err;
}

/* An additional queue must leave references for other devices. */
static int netfront_open_queue(struct netfront_queue *q)
{
	int err = netfront_queue_open(q);

	if (err == -ENOSPC && !q->index) {
		netfront_queue_close(q);
		xpv_caches_relax();
		err = netfront_queue_open(q);
	}
	if (!err && q->index && !xpv_shortage_spare())
		err = -ENOSPC;
	return err;
}

/* Open as many queues as references and memory allow. */
static int netfront_open_queues(struct netfront_dev *nf)
{
	unsigned int i;
	int err;

	for (i = 0; i < nf->link.nr_queues; i++) {
		err = netfront_open_queue(&nf->queues[i]);
		if (!err)
			continue;
		if (!i || !xpv_shortage_is(&nf->shortage, err))
			return err;
		netfront_queue_close(&nf->queues[i]);
		WRITE_ONCE(nf->link.nr_queues, i);
		dev_info(&nf->dev->dev,
			 "%s: %u of %u queues, for want of %s\n",
			 netdev_name(nf->netdev), i, nf->link.asked_queues,
			 err == -ENOSPC ? "grant references" :
			 err == -ENFILE ? "event channels" : "memory");
	}
	return 0;
}

/**
 * netfront_publish() - set up queues and publish them to the backend
 * @nf: disconnected
 *
 * What was set up before an error remains; netfront_disconnect() closes it.
 *
 * Return: 0; -ENODEV if the backend or the device is gone; an error of
 * xpv_shortage_is() if there is not enough for one queue; or another negative
 * error, which is reported to xenbus.
 * Context: process, under fsm.act.
 */
int netfront_publish(struct netfront_dev *nf)
{
	int err;

	lockdep_assert_held(&nf->fsm.act);
	/* A backend that comes and goes must not use up our memory. */
	if (atomic_read(&nf->unrevoked) > NETFRONT_MAX_UNREVOKED) {
		xpv_fsm_fatal(&nf->fsm, -EBUSY,
			      "backend keeps too many pages mapped");
		return -EBUSY;
	}
	err = netfront_read_features(nf);
	if (err)
		return err;
	err = netfront_open_queues(nf);
	if (xpv_shortage_is(&nf->shortage, err))
		return err;
	if (err) {
		xpv_fsm_fatal(&nf->fsm, err, "setting up queues");
		return err;
	}
	if (nf->link.features.ctrl) {
		err = netfront_ctrl_open(nf);
		if (err && !xpv_shortage_is(&nf->shortage, err))
			return err;
		if (err) {	/* the control ring is optional */
			netfront_ctrl_close(nf);
			nf->link.features.ctrl = false;
		}
	}
	err = xpv_store_update(netfront_write_keys, nf);
	if (err == -ENOENT || err == -ESTALE)
		return -ENODEV;
	if (err)
		xpv_fsm_fatal(&nf->fsm, err, "writing keys");
	return err;	/* the state is Closing now */
}

/**
 * netfront_link() - use the queues that the backend has connected to
 * @nf: published
 *
 * netfront_apply(), which takes RTNL, tells the netdev later.
 *
 * Context: process, under fsm.act.
 */
void netfront_link(struct netfront_dev *nf)
{
	const struct netfront_features *f = &nf->link.features;
	unsigned int i;

	lockdep_assert_held(&nf->fsm.act);
	nf->ctrl.up = nf->link.features.ctrl;
	netfront_rss_link(nf);
	netfront_static_link(nf);
	for (i = 0; i < nf->link.nr_queues; i++)
		netfront_queue_start(&nf->queues[i]);
	netfront_phase_set(nf, NETFRONT_PHASE_LINKED);
	nf->link.applied = false;
	nf->link.carrier = netfront_features_carrier(nf);
	netfront_carrier_place(nf);
	trace_xpv_connect(dev_name(&nf->dev->dev), nf->link.nr_queues, 1,
			  f->split | f->sg << 1 | f->gso4 << 2 | f->gso6 << 3 |
			  f->csum4 << 4 | f->csum6 << 5 | f->mcast << 6 |
			  f->ctrl << 7 | f->xdp << 8 | nf->link.bounce << 9);
	WRITE_ONCE(nf->links, nf->links + 1);
	netfront_outage_end(nf);
	queue_work(netfront_wq, &nf->apply_work);
	netfront_mcast_link(nf);
	wake_up_all(&nf->wait);
}

/**
 * netfront_hold() - stop using the queues, but leave them as they are
 * @nf: any
 *
 * While the carrier stays on, packets to send wait; after that they are
 * dropped. This does not wait for the backend.
 *
 * Context: process, under fsm.act.
 */
void netfront_hold(struct netfront_dev *nf)
{
	unsigned int i;

	lockdep_assert_held(&nf->fsm.act);
	netfront_phase_leave(nf, NETFRONT_PHASE_LINKED);
	netfront_carrier_hold(nf);
	for (i = 0; i < nf->max_queues; i++)
		netfront_queue_hold(&nf->queues[i]);
}

/**
 * netfront_disconnect() - give up the queues, in whatever state they are
 * @nf: any
 *
 * Context: process, under fsm.act.
 */
void netfront_disconnect(struct netfront_dev *nf)
{
	unsigned int i;

	lockdep_assert_held(&nf->fsm.act);
	netfront_hold(nf);
	netfront_ctrl_close(nf);
	for (i = 0; i < nf->max_queues; i++)
		netfront_queue_close(&nf->queues[i]);
	nf->link.halted = false;
	nf->link.stuck = false;
}
