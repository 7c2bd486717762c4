// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of a device, and the actions that follow from them.
 *
 *   Initialising  looks for a backend to negotiate with
 *   Connected     queues are published; in use when the backend is Connected,
 *   too
 *   Closing       the system shuts down
 *   Closed        not in use
 *
 * The netdev outlives connections. Without one its carrier soon goes off.
 */
#include <linux/rtnetlink.h>
#include "netfront.h"

/* Time, in ms, for a backend to notice the end of an earlier connection. */
#define NETFRONT_STALE_WAIT	5000
/* Maximum number of failed connections in one outage. */
#define NETFRONT_ATTEMPTS	10
/* Interval, in ms, of checks of the backend's state while somebody waits. */
#define NETFRONT_LOOK		50

#define XPV_AWAY	(XPV_IN(Closed) | XPV_IN(Unknown))
#define XPV_READY	(XPV_IN(InitWait) | XPV_IN(Initialised))
#define XPV_BUSY	(XPV_IN(Connected) | XPV_IN(Reconfiguring) |	\
			 XPV_IN(Reconfigured))

static struct netfront_dev *to_netfront(struct xpv_fsm *m)
{
	return container_of(m, struct netfront_dev, fsm);
}

/* True if it was closed in order to reconnect. */
static bool netfront_reconnects(const struct netfront_dev *nf)
{
	return nf->phase == NETFRONT_PHASE_RECONNECT ||
	       nf->phase == NETFRONT_PHASE_HUNG;
}

/**
 * netfront_closed() - go to Closed, like a frontend does
 * @nf: disconnected
 *
 * Context: process, under fsm.act.
 */
void netfront_closed(struct netfront_dev *nf)
{
	if (netfront_reconnects(nf))
		netfront_phase_set(nf, NETFRONT_PHASE_DOWN);
	xpv_fsm_reach(&nf->fsm);
	/*
	 * This function first, because the directory may belong to another
	 * instance.
	 */
	xpv_fsm_switch(&nf->fsm, XenbusStateClosed);
	xenbus_frontend_closed(nf->dev);
}

/*
 * The reason was reported to xenbus, or there is no reason to continue. If the
 * backend stays, it may offer a connection again soon, for example when its
 * module is reloaded.
 */
static void netfront_give_up(struct netfront_dev *nf)
{
	netfront_disconnect(nf);
	if (!netfront_backend_online(nf))
		netfront_carrier_off(nf);
	netfront_closed(nf);
}

/*
 * The backend vanished; most likely its domain has died. It may come back, or
 * the device may be given to another backend: see detach.c.
 */
static void netfront_act_lost(struct netfront_dev *nf)
{
	if (netfront_is_dead(nf))
		return;
	netfront_outage_begin(nf, "is gone");
	xpv_fsm_reach(&nf->fsm);
	netfront_disconnect(nf);
	netfront_phase_set(nf, NETFRONT_PHASE_LOST);
	xpv_fsm_switch(&nf->fsm, XenbusStateInitialising);
	wake_up_all(&nf->wait);
}

/* The backend vanished, or the toolstack removes the device. */
static void netfront_lose_or_close(struct netfront_dev *nf)
{
	if (netfront_backend_lost(nf))
		netfront_act_lost(nf);
	else
		netfront_give_up(nf);
}

/*
 * Resources are short for now, which is no error: the table runs again later.
 */
static void netfront_starve(struct netfront_dev *nf, int err)
{
	netfront_disconnect(nf);
	xpv_shortage_wait(&nf->shortage, netdev_name(nf->netdev), err,
			  NETFRONT_QUEUE_REFS);
}

static void netfront_act_negotiate(struct xpv_fsm *m)
{
	struct netfront_dev *nf = to_netfront(m);
	int err;

	if (netfront_is_dead(nf))
		return;
	netfront_phase_set(nf, NETFRONT_PHASE_DOWN);
	xpv_fsm_reach(m);
	/* closes queues of an earlier attempt */
	netfront_disconnect(nf);
	err = netfront_publish(nf);
	if (xpv_shortage_is(&nf->shortage, err)) {
		netfront_starve(nf, err);
		return;
	}
	xpv_shortage_over(&nf->shortage);
	if (err) {
		netfront_lose_or_close(nf);
		return;
	}
	xpv_fsm_switch(m, XenbusStateConnected);
	if (xpv_fsm_peer_state(m) == XenbusStateConnected)
		xpv_fsm_kick(m);
}

/*
 * We start, but the backend is connected. Most likely it has not noticed yet
 * that the previous connection is gone. But it may also have to be used as it
 * is.
 */
static void netfront_act_stale(struct xpv_fsm *m)
{
	if (!m->waiting)
		xpv_fsm_deadline(m, NETFRONT_STALE_WAIT);
}

/* Start from the beginning, now or when the backend is ready. */
static void netfront_act_reset(struct xpv_fsm *m)
{
	struct netfront_dev *nf = to_netfront(m);
	u16 peer = BIT(xpv_fsm_peer_state(m));

	if (netfront_is_dead(nf))
		return;
	netfront_phase_leave(nf, NETFRONT_PHASE_RECONNECT);
	xpv_fsm_reach(m);
	netfront_disconnect(nf);
	xpv_fsm_switch(m, XenbusStateInitialising);
	if (peer & XPV_READY)
		netfront_act_negotiate(m);
	else if (peer & XPV_BUSY)
		netfront_act_stale(m);
}

/*
 * Reconnect, because our settings have changed. The backend is told first and
 * unmaps our pages; only then requests in flight are taken back. @phase:
 * Reconnect or Hung.
 */
static void netfront_act_reconnect(struct netfront_dev *nf,
				   enum netfront_phase phase)
{
	nf->link.stuck = false;
	netfront_hold(nf);
	netfront_phase_set(nf, phase);
	xpv_fsm_deadline(&nf->fsm, NETFRONT_RECONNECT_WAIT / 2);
	xpv_fsm_switch(&nf->fsm, XenbusStateClosed);
}

/*
 * The backend sends no responses: perhaps it hangs, and then it will not notice
 * that we close either.
 */
static void netfront_act_stuck(struct netfront_dev *nf)
{
	netfront_outage_begin(nf, "does not answer");
	netfront_act_reconnect(nf, NETFRONT_PHASE_HUNG);
}

/*
 * A new backend could not connect. Perhaps it had read the keys of queues that
 * we gave up because yet another backend came. It restarts when we do, after
 * both ends have closed.
 */
static bool netfront_may_reconnect(struct netfront_dev *nf)
{
	struct netfront_outage *o = &nf->outage;

	if (xpv_fsm_peer_state(&nf->fsm) != XenbusStateClosed ||
	    nf->link.halted || !o->since || o->attempts >= NETFRONT_ATTEMPTS ||
	    !netfront_backend_online(nf))
		return false;
	o->attempts++;
	return true;
}

/* Closed, by ourselves or by the backend, which may want to reconnect. */
static void netfront_act_closed(struct xpv_fsm *m)
{
	struct netfront_dev *nf = to_netfront(m);
	u16 peer = BIT(xpv_fsm_peer_state(m));

	if (peer & XPV_IN(Unknown) && netfront_backend_lost(nf)) {
		netfront_act_lost(nf);
		return;
	}
	if (netfront_reconnects(nf) && peer & (XPV_BUSY | XPV_IN(Closing)))
		return;
	if (netfront_reconnects(nf) || peer & XPV_READY ||
	    netfront_may_reconnect(nf)) {
		netfront_act_reset(m);
	} else if (!netfront_backend_online(nf)) {
		if (!netfront_is_dead(nf))
			netfront_phase_set(nf, NETFRONT_PHASE_LEAVING);
		netfront_carrier_off(nf);
	}
}

/**
 * netfront_expired() - the backend did not react to our close or our start
 * @m: machine of a device
 */
void netfront_expired(struct xpv_fsm *m)
{
	struct netfront_dev *nf = to_netfront(m);

	if (xpv_fsm_state(m) == XenbusStateClosing)
		netfront_give_up(nf);
	else if (xpv_fsm_state(m) == XenbusStateClosed &&
		 netfront_reconnects(nf))
		netfront_act_reset(m);
	else if (xpv_fsm_state(m) == XenbusStateInitialising &&
		 nf->phase != NETFRONT_PHASE_HUNG &&
		 XPV_BUSY & BIT(xpv_fsm_peer_state(m)))
		netfront_act_negotiate(m);
	/*
	 * A backend that hangs would not see new queues. It reacts some day, or
	 * is replaced.
	 */
}

/*
 * Closed or gone without a request to close: it may come back if the toolstack
 * keeps it.
 */
static void netfront_act_gone(struct xpv_fsm *m)
{
	struct netfront_dev *nf = to_netfront(m);

	if (!netfront_backend_online(nf)) {
		netfront_lose_or_close(nf);
		return;
	}
	netfront_outage_begin(nf, "is closed");
	netfront_act_reset(m);
}

/*
 * The toolstack has written that the backend closes; the backend itself still
 * serves our queues. It unmaps them when it sees that we close.
 */
static void netfront_act_closing(struct xpv_fsm *m)
{
	struct netfront_dev *nf = to_netfront(m);
	bool online = netfront_backend_online(nf);

	if (online)
		netfront_outage_begin(nf, "closes");
	netfront_hold(nf);
	if (!online) {
		netfront_phase_set(nf, NETFRONT_PHASE_LEAVING);
		netfront_carrier_off(nf);
	}
	xpv_fsm_deadline(m, NETFRONT_RECONNECT_WAIT / 2);
	xpv_fsm_switch(m, XenbusStateClosing);
}

static void netfront_act_close(struct xpv_fsm *m)
{
	netfront_lose_or_close(to_netfront(m));
}

/* The backend prepares for us, or the toolstack asked it to close. */
static void netfront_act_leave(struct xpv_fsm *m)
{
	struct netfront_dev *nf = to_netfront(m);

	if (nf->phase == NETFRONT_PHASE_LOST &&
	    xpv_fsm_peer_state(m) == XenbusStateUnknown)
		return;
	if (!netfront_backend_online(nf))
		netfront_lose_or_close(nf);
}

static bool netfront_act_halt(struct netfront_dev *nf)
{
	if (!nf->link.halted)
		return false;
	xpv_fsm_fatal(&nf->fsm, -EPROTO,
		      "backend broke the protocol, %s stopped; see debugfs violations",
		      netdev_name(nf->netdev));
	netfront_carrier_off(nf);
	netfront_give_up(nf);
	return true;
}

/* Connected at both ends, for the first time or for another reason. */
static void netfront_act_connected(struct xpv_fsm *m)
{
	struct netfront_dev *nf = to_netfront(m);

	if (netfront_act_halt(nf))
		return;
	if (!netfront_is_linked(nf)) {
		if (netfront_outdated(nf))
			netfront_act_reconnect(nf, NETFRONT_PHASE_RECONNECT);
		else
			netfront_link(nf);
		return;
	}
	if (nf->link.stuck) {
		enum xenbus_state now;

		now = xpv_driver_state(m->dev->otherend);
		if (now == xpv_fsm_peer_state(m)) {
			netfront_act_stuck(nf);
		} else {
			nf->link.stuck = false;
			xpv_fsm_peer(m, now);
		}
		return;
	}
	nf->link.carrier = netfront_features_carrier(nf);
	netfront_carrier_update(nf);
}

/* The backend was in use and restarts; or it is about to connect. */
static void netfront_act_restart(struct xpv_fsm *m)
{
	struct netfront_dev *nf = to_netfront(m);

	if (netfront_act_halt(nf) || !netfront_is_linked(nf))
		return;
	netfront_outage_begin(nf, "starts anew");
	netfront_act_reset(m);
}

const struct xpv_rule netfront_rules[] = {
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

/*
 * Read the backend's state directly: the thread that would report it may be
 * waiting for the lock that our caller holds.
 */
static void netfront_look(struct netfront_dev *nf)
{
	struct xpv_fsm *m = &nf->fsm;
	enum xenbus_state now;
	int tries;

	for (tries = 0; tries < 3; tries++) {
		now = xpv_driver_state(m->dev->otherend);
		if (now == xpv_fsm_peer_state(m))
			return;
		xpv_fsm_peer(m, now);
	}
}

/* True if nothing is to be expected of this device. */
static bool netfront_is_over(const struct netfront_dev *nf)
{
	switch (READ_ONCE(nf->phase)) {
	case NETFRONT_PHASE_LOST:
	case NETFRONT_PHASE_DETACHED:
	case NETFRONT_PHASE_DEAD:
		return true;
	default:
		return false;
	}
}

/**
 * netfront_renegotiate() - reconnect with the current settings
 * @nf: any
 *
 * Waits until that is done, at most NETFRONT_RECONNECT_WAIT. Without a connection
 * there is nothing to do: the next one will use the settings.
 *
 * Return: 0 or -ETIMEDOUT.
 * Context: process, under RTNL.
 */
int netfront_renegotiate(struct netfront_dev *nf)
{
	unsigned long end = jiffies + msecs_to_jiffies(NETFRONT_RECONNECT_WAIT);
	unsigned int links;
	bool busy;

	ASSERT_RTNL();
	mutex_lock(&nf->fsm.act);
	links = nf->links;
	busy = xpv_fsm_state(&nf->fsm) == XenbusStateConnected &&
	       !netfront_is_over(nf);
	if (busy)
		netfront_act_reconnect(nf, NETFRONT_PHASE_RECONNECT);
	mutex_unlock(&nf->fsm.act);
	if (!busy)
		return 0;

	/* Without a backend the settings are kept for the next one. */
	while (!wait_event_timeout(nf->wait, READ_ONCE(nf->links) != links ||
				   netfront_is_over(nf),
				   msecs_to_jiffies(NETFRONT_LOOK))) {
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		netfront_look(nf);
	}
	netfront_apply(nf);
	return 0;
}
