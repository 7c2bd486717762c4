// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device on the bus: its coming and going, and the table of its states.
 *
 * Initialising  looking for a backend to negotiate with
 * Connected     queues published; in use when the backend is Connected, too
 * Closing       the system goes down
 * Closed        not in use
 *
 * The netdev outlives connections. Without one it has no carrier.
 */
#include <linux/etherdevice.h>
#include <linux/slab.h>
#include <xen/platform_pci.h>
#include "netfront.h"

/* ms that a backend gets to notice the end of an earlier connection. */
#define NETFRONT_STALE_WAIT	5000
/* ms between looks at the backend's state when somebody waits. */
#define NETFRONT_LOOK		50

#define XPV_AWAY	(XPV_IN(Closed) | XPV_IN(Unknown))
#define XPV_READY	(XPV_IN(InitWait) | XPV_IN(Initialised))
#define XPV_BUSY	(XPV_IN(Connected) | XPV_IN(Reconfiguring) |	\
			 XPV_IN(Reconfigured))

static struct netfront_dev *to_netfront(struct xpv_machine *m)
{
	return container_of(m, struct netfront_dev, machine);
}

static void netfront_closed(struct netfront_dev *nf)
{
	nf->again = false;
	xpv_machine_reach(&nf->machine);
	xenbus_frontend_closed(nf->dev);
	xpv_machine_note(&nf->machine, XPV_BY_US);
}

/* A reason to close was told to xenbus, or there is none to go on. */
static void netfront_give_up(struct netfront_dev *nf)
{
	netfront_disconnect(nf);
	netfront_closed(nf);
}

/**
 * netfront_broken() - stop the device soon: the backend cannot be trusted
 * @nf: device
 *
 * Context: any.
 */
void netfront_broken(struct netfront_dev *nf)
{
	WRITE_ONCE(nf->broken, true);
	xpv_machine_kick(&nf->machine);
}

static void netfront_act_negotiate(struct xpv_machine *m)
{
	struct netfront_dev *nf = to_netfront(m);

	if (nf->dead)
		return;
	xpv_machine_reach(m);
	netfront_disconnect(nf);	/* queues of an earlier attempt */
	if (netfront_publish(nf)) {
		netfront_give_up(nf);
		return;
	}
	xpv_machine_switch(m, XenbusStateConnected);
	if (xpv_machine_peer_state(m) == XenbusStateConnected)
		xpv_machine_kick(m);
}

/*
 * We begin and the backend is connected: most likely it has not noticed yet
 * that the connection before went, and will. But it may also have to be taken as
 * it is.
 */
static void netfront_act_stale(struct xpv_machine *m)
{
	if (!m->waiting)
		xpv_machine_deadline(m, NETFRONT_STALE_WAIT);
}

/* Begin from the start, now or when the backend is ready. */
static void netfront_act_reset(struct xpv_machine *m)
{
	struct netfront_dev *nf = to_netfront(m);
	u16 peer = BIT(xpv_machine_peer_state(m));

	if (nf->dead)
		return;
	if (nf->linked)
		dev_info_ratelimited(&m->dev->dev,
				     "%s: backend %s, waiting for it\n",
				     netdev_name(nf->netdev),
				     xenbus_strstate(xpv_machine_peer_state(m)));
	nf->again = false;
	xpv_machine_reach(m);
	netfront_disconnect(nf);
	xpv_machine_switch(m, XenbusStateInitialising);
	if (peer & XPV_READY)
		netfront_act_negotiate(m);
	else if (peer & XPV_BUSY)
		netfront_act_stale(m);
}

/*
 * Connect anew, because we want something else. The backend is told first and
 * lets go of our pages; only then is taken back what is in flight.
 */
static void netfront_act_again(struct netfront_dev *nf)
{
	nf->stuck = false;
	netfront_hold(nf);
	nf->again = true;
	xpv_machine_deadline(&nf->machine, NETFRONT_AGAIN_WAIT / 2);
	xpv_machine_switch(&nf->machine, XenbusStateClosed);
}

/* Closed, by ourselves or by the backend; it may want to talk again. */
static void netfront_act_closed(struct xpv_machine *m)
{
	struct netfront_dev *nf = to_netfront(m);
	u16 peer = BIT(xpv_machine_peer_state(m));

	if (nf->again && peer & (XPV_BUSY | XPV_IN(Closing)))
		return;
	if (nf->again || peer & XPV_READY)
		netfront_act_reset(m);
}

/* The backend did not react to our closing, or not to our beginning. */
static void netfront_expired(struct xpv_machine *m)
{
	struct netfront_dev *nf = to_netfront(m);

	if (m->dev->state == XenbusStateClosing)
		netfront_give_up(nf);
	else if (m->dev->state == XenbusStateClosed && nf->again)
		netfront_act_reset(m);
	else if (m->dev->state == XenbusStateInitialising &&
		 XPV_BUSY & BIT(xpv_machine_peer_state(m)))
		netfront_act_negotiate(m);
}

/* Closed or gone without having asked: it may come back if the toolstack says. */
static void netfront_act_gone(struct xpv_machine *m)
{
	struct netfront_dev *nf = to_netfront(m);

	if (netfront_backend_online(nf))
		netfront_act_reset(m);
	else
		netfront_give_up(nf);
}

/*
 * The toolstack has written that the backend closes; the backend itself still
 * takes our packets. It lets go of them when it sees us closing.
 */
static void netfront_act_closing(struct xpv_machine *m)
{
	netfront_hold(to_netfront(m));
	xpv_machine_deadline(m, NETFRONT_AGAIN_WAIT / 2);
	xpv_machine_switch(m, XenbusStateClosing);
}

static void netfront_act_close(struct xpv_machine *m)
{
	netfront_give_up(to_netfront(m));
}

/* On its way to be ready for us, or asked by the toolstack to go. */
static void netfront_act_leave(struct xpv_machine *m)
{
	if (!netfront_backend_online(to_netfront(m)))
		netfront_give_up(to_netfront(m));
}

static bool netfront_act_broken(struct netfront_dev *nf)
{
	if (!nf->broken)
		return false;
	xpv_machine_fatal(&nf->machine, -EPROTO,
			  "backend broke the protocol, %s stopped; see debugfs violations",
			  netdev_name(nf->netdev));
	netfront_give_up(nf);
	return true;
}

/* Connected at both ends, for the first time or because there is a reason. */
static void netfront_act_connected(struct xpv_machine *m)
{
	struct netfront_dev *nf = to_netfront(m);

	if (netfront_act_broken(nf))
		return;
	if (!nf->linked) {
		if (netfront_outdated(nf))
			netfront_act_again(nf);
		else
			netfront_link(nf);
		return;
	}
	if (nf->stuck) {
		enum xenbus_state now;

		now = xenbus_read_driver_state(m->dev->otherend);
		if (now == xpv_machine_peer_state(m)) {
			netfront_act_again(nf);
		} else {
			nf->stuck = false;
			xpv_machine_peer(m, now);
		}
		return;
	}
	nf->link_up = netfront_gather_carrier(nf);
	netfront_update_carrier(nf);
}

/* The backend was in use and starts anew; else it is about to connect. */
static void netfront_act_restart(struct xpv_machine *m)
{
	struct netfront_dev *nf = to_netfront(m);

	if (!netfront_act_broken(nf) && nf->linked)
		netfront_act_reset(m);
}

static const struct xpv_rule netfront_rules[] = {
	{ XPV_IN(Initialising), XPV_READY, netfront_act_negotiate },
	{ XPV_IN(Initialising), XPV_BUSY, netfront_act_stale },
	{ XPV_IN(Initialising), XPV_AWAY | XPV_IN(Closing),
	  netfront_act_leave },

	{ XPV_IN(Connected), XPV_BUSY, netfront_act_connected },
	{ XPV_IN(Connected), XPV_READY | XPV_IN(Initialising),
	  netfront_act_restart },
	{ XPV_IN(Connected), XPV_IN(Closing), netfront_act_closing },
	{ XPV_IN(Connected), XPV_AWAY, netfront_act_gone },

	{ XPV_IN(Closing), XPV_IN_ANY, netfront_act_close },
	{ XPV_IN(Closed), XPV_IN_ANY, netfront_act_closed },
	{}
};

static void netfront_changed(struct xenbus_device *dev,
			     enum xenbus_state backend)
{
	struct netfront_dev *nf = dev_get_drvdata(&dev->dev);

	xpv_machine_peer(&nf->machine, backend);
}

/*
 * See for ourselves what the backend's state is: the thread that would tell us
 * may be waiting for the lock that our caller holds.
 */
static void netfront_look(struct netfront_dev *nf)
{
	struct xpv_machine *m = &nf->machine;
	enum xenbus_state now;
	int tries;

	for (tries = 0; tries < 3; tries++) {
		now = xenbus_read_driver_state(m->dev->otherend);
		if (now == xpv_machine_peer_state(m))
			return;
		xpv_machine_peer(m, now);
	}
}

/**
 * netfront_renegotiate() - connect anew, with what is wanted by now
 * @nf: any
 *
 * Waits until that is done, NETFRONT_AGAIN_WAIT at most. Without a connection
 * there is nothing to do, the next one will have it. Context: process, under
 * RTNL.
 *
 * Return: 0 or -ETIMEDOUT.
 */
int netfront_renegotiate(struct netfront_dev *nf)
{
	unsigned long end = jiffies + msecs_to_jiffies(NETFRONT_AGAIN_WAIT);
	unsigned int links;
	bool busy;

	mutex_lock(&nf->machine.act);
	links = nf->links;
	busy = nf->dev->state == XenbusStateConnected && !nf->dead;
	if (busy)
		netfront_act_again(nf);
	mutex_unlock(&nf->machine.act);
	if (!busy)
		return 0;

	while (!wait_event_timeout(nf->wait, READ_ONCE(nf->links) != links ||
				   READ_ONCE(nf->dead),
				   msecs_to_jiffies(NETFRONT_LOOK))) {
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		netfront_look(nf);
	}
	netfront_apply(nf);
	return 0;
}

/* The backend's carrier changed. */
static void netfront_watched(struct xenbus_watch *watch, const char *path,
			     const char *token)
{
	struct netfront_dev *nf = container_of(watch, struct netfront_dev,
					       watch);

	xpv_machine_kick(&nf->machine);
}

/* One event is as good as many, and a backend could make very many. */
static bool netfront_will_watch(struct xenbus_watch *watch, const char *path,
				const char *token)
{
	return !watch->nr_pending;
}

static int netfront_watch(struct netfront_dev *nf)
{
	return xenbus_watch_pathfmt(nf->dev, &nf->watch, netfront_will_watch,
				    netfront_watched, "%s/carrier",
				    nf->dev->otherend);
}

static void netfront_unwatch(struct netfront_dev *nf)
{
	if (!nf->watch.node)
		return;
	unregister_xenbus_watch(&nf->watch);
	kfree(nf->watch.node);
	nf->watch.node = NULL;
}

static struct netfront_dev *netfront_alloc(struct xenbus_device *dev)
{
	unsigned int max = clamp(READ_ONCE(netfront_max_queues), 1U,
				 min_t(unsigned int, num_online_cpus(),
				       NETFRONT_MAX_QUEUES));
	struct net_device *netdev;
	struct netfront_dev *nf;
	unsigned int i;

	netdev = alloc_etherdev_mq(sizeof(*nf), max);
	if (!netdev)
		return NULL;
	nf = netdev_priv(netdev);
	nf->dev = dev;
	nf->netdev = netdev;
	nf->max_queues = max;
	nf->want_queues = max;
	nf->nr_queues = 1;
	nf->queues = kvcalloc(max, sizeof(*nf->queues), GFP_KERNEL);
	if (!nf->queues) {
		free_netdev(netdev);
		return NULL;
	}
	for (i = 0; i < max; i++)
		netfront_queue_init(&nf->queues[i], nf, i);
	init_waitqueue_head(&nf->wait);
	INIT_WORK(&nf->apply_work, netfront_apply_work);
	INIT_DELAYED_WORK(&nf->announce, netfront_announce);
	spin_lock_init(&nf->ctrl.lock);
	init_completion(&nf->ctrl.done);
	netfront_rss_init(nf);
	netfront_mcast_init(nf);
	xpv_machine_init(&nf->machine, dev, netfront_rules, netfront_expired);
	return nf;
}

static void netfront_free(struct netfront_dev *nf)
{
	unsigned int i;

	netfront_held_forget(nf);
	xpv_violations_free(&nf->violations);
	for (i = 0; i < nf->max_queues; i++)
		netif_napi_del(&nf->queues[i].napi);
	kvfree(nf->queues);
	free_netdev(nf->netdev);
}

static int netfront_register(struct netfront_dev *nf)
{
	u8 mac[ETH_ALEN];
	int err;

	err = netfront_gather_mac(nf, mac);
	if (err)
		return err;
	eth_hw_addr_set(nf->netdev, mac);
	netfront_netdev_setup(nf);
	err = register_netdev(nf->netdev);
	if (err) {
		xpv_machine_fatal(&nf->machine, err, "registering the netdev");
		return err;
	}
	nf->registered = true;
	return 0;
}

static int netfront_probe(struct xenbus_device *dev,
			  const struct xenbus_device_id *id)
{
	struct netfront_dev *nf;
	int err;

	nf = netfront_alloc(dev);
	if (!nf)
		return -ENOMEM;
	err = xpv_violations_init(&nf->violations, &netfront_sites, &dev->dev);
	if (err) {
		netfront_free(nf);
		return err;
	}
	dev_set_drvdata(&dev->dev, nf);
	netfront_debug_create(nf);
	if (netfront_register(nf)) {
		/*
		 * Not an error of the probe, for then xenbus would put that
		 * into the store in place of the reason.
		 */
		nf->dead = true;
		netfront_closed(nf);
		return 0;
	}
	netfront_watch(nf);
	/* After another driver it is Closed, and so is the backend. */
	if (dev->state != XenbusStateInitialising)
		xpv_machine_switch(&nf->machine, XenbusStateInitialising);
	/* The backend's state comes through its watch, now or later. */
	return 0;
}

/* The end, at the wish of the toolstack or of somebody here. */
static void netfront_remove(struct xenbus_device *dev)
{
	struct netfront_dev *nf = dev_get_drvdata(&dev->dev);

	netfront_unwatch(nf);
	xpv_machine_stop(&nf->machine);
	mutex_lock(&nf->machine.act);
	WRITE_ONCE(nf->dead, true);
	netfront_disconnect(nf);
	mutex_unlock(&nf->machine.act);
	wake_up_all(&nf->wait);		/* whoever waits holds RTNL */

	if (nf->registered)
		unregister_netdev(nf->netdev);
	cancel_work_sync(&nf->apply_work);
	cancel_delayed_work_sync(&nf->announce);
	cancel_delayed_work_sync(&nf->mcast.work);
	debugfs_remove(nf->debug);
	dev_set_drvdata(&dev->dev, NULL);
	netfront_free(nf);
}

/*
 * In a new place after a migration, or where we were: there is a new backend,
 * and it knows nothing of us. Nothing had to be done at the suspend: an old ring
 * that nobody serves does no harm.
 */
static int netfront_resume(struct xenbus_device *dev)
{
	struct netfront_dev *nf = dev_get_drvdata(&dev->dev);

	netfront_unwatch(nf);
	mutex_lock(&nf->machine.act);
	xpv_machine_peer(&nf->machine, XenbusStateUnknown); /* until it is known */
	nf->again = false;
	netfront_disconnect(nf);
	mutex_unlock(&nf->machine.act);
	if (nf->registered)
		netfront_watch(nf);
	return 0;
}

static const struct xenbus_device_id netfront_ids[] = {
	{ "vif" },
	{ "" }
};

struct xenbus_driver netfront_driver = {
	.ids = netfront_ids,
	.probe = netfront_probe,
	.remove = netfront_remove,
	.resume = netfront_resume,
	.otherend_changed = netfront_changed,
};
