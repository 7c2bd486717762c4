// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of a device, and what follows from them.
 *
 * Initialising  looking for a backend to negotiate with
 * Connected     queues published; in use when the backend is Connected, too
 * Closing       the system goes down
 * Closed        not in use
 *
 * The netdev outlives connections. Without one it soon has no carrier.
 */
#include "netfront.h"

/* ms that a backend gets to notice the end of an earlier connection. */
#define NETFRONT_STALE_WAIT	5000
/* Times that a backend may fail to connect in one outage. */
#define NETFRONT_ATTEMPTS	10
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

/**
 * netfront_closed() - go to Closed, the way a frontend does
 * @nf: disconnected
 *
 * Context: process, under machine.act, or before anybody else knows @nf.
 */
void netfront_closed(struct netfront_dev *nf)
{
	nf->again = false;
	xpv_machine_reach(&nf->machine);
	/* First as it is done where the folder may be another instance's. */
	xpv_machine_switch(&nf->machine, XenbusStateClosed);
	xenbus_frontend_closed(nf->dev);
}

/*
 * A reason to close was told to xenbus, or there is none to go on. A backend that
 * is to stay may offer again soon, for example when its module is loaded again.
 */
static void netfront_give_up(struct netfront_dev *nf)
{
	netfront_disconnect(nf);
	if (!netfront_backend_online(nf))
		netfront_carrier_off(nf);
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

/*
 * The backend is gone without a word, its domain most likely. It may come back, or
 * the device be given to another one: see park.c.
 */
static void netfront_act_lost(struct netfront_dev *nf)
{
	if (nf->dead)
		return;
	netfront_outage_begin(nf, "is gone");
	WRITE_ONCE(nf->lost, true);
	nf->again = false;
	nf->hung = false;
	xpv_machine_reach(&nf->machine);
	netfront_disconnect(nf);
	xpv_machine_switch(&nf->machine, XenbusStateInitialising);
	wake_up_all(&nf->wait);
}

/* Gone by itself, or because the toolstack takes the device away. */
static void netfront_lose_or_close(struct netfront_dev *nf)
{
	if (netfront_backend_lost(nf))
		netfront_act_lost(nf);
	else
		netfront_give_up(nf);
}

/* Nothing is wrong, there is just not enough now: the table runs again later. */
static void netfront_starve(struct netfront_dev *nf, int err)
{
	netfront_disconnect(nf);
	xpv_shortage_wait(&nf->shortage, netdev_name(nf->netdev), err,
			  NETFRONT_QUEUE_REFS);
}

static void netfront_act_negotiate(struct xpv_machine *m)
{
	struct netfront_dev *nf = to_netfront(m);
	int err;

	if (nf->dead)
		return;
	WRITE_ONCE(nf->lost, false);
	nf->leaving = false;
	nf->hung = false;
	xpv_machine_reach(m);
	netfront_disconnect(nf);	/* queues of an earlier attempt */
	err = netfront_publish(nf);
	if (xpv_is_shortage(err) && nf->dev->state != XenbusStateClosing) {
		netfront_starve(nf, err);
		return;
	}
	xpv_shortage_over(&nf->shortage);
	if (err) {
		netfront_lose_or_close(nf);
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

/* It answers no packet: perhaps it hangs, and then it will not see us close either. */
static void netfront_act_stuck(struct netfront_dev *nf)
{
	netfront_outage_begin(nf, "does not answer");
	nf->hung = true;
	netfront_act_again(nf);
}

/*
 * A new backend could not connect: perhaps it had read of queues that we gave up
 * because there was yet another one. It begins again when we do, after both
 * have closed.
 */
static bool netfront_try_again(struct netfront_dev *nf)
{
	struct netfront_outage *o = &nf->outage;

	if (xpv_machine_peer_state(&nf->machine) != XenbusStateClosed ||
	    nf->broken || !o->since || o->attempts >= NETFRONT_ATTEMPTS ||
	    !netfront_backend_online(nf))
		return false;
	o->attempts++;
	return true;
}

/* Closed, by ourselves or by the backend; it may want to talk again. */
static void netfront_act_closed(struct xpv_machine *m)
{
	struct netfront_dev *nf = to_netfront(m);
	u16 peer = BIT(xpv_machine_peer_state(m));

	if (peer & XPV_IN(Unknown) && netfront_backend_lost(nf)) {
		netfront_act_lost(nf);
		return;
	}
	if (nf->again && peer & (XPV_BUSY | XPV_IN(Closing)))
		return;
	if (nf->again || peer & XPV_READY || netfront_try_again(nf)) {
		netfront_act_reset(m);
	} else if (!netfront_backend_online(nf)) {
		nf->leaving = true;
		netfront_carrier_off(nf);
	}
}

/**
 * netfront_expired() - the backend did not react to our closing, or our beginning
 * @m: of a device
 */
void netfront_expired(struct xpv_machine *m)
{
	struct netfront_dev *nf = to_netfront(m);

	if (m->dev->state == XenbusStateClosing)
		netfront_give_up(nf);
	else if (m->dev->state == XenbusStateClosed && nf->again)
		netfront_act_reset(m);
	else if (m->dev->state == XenbusStateInitialising && !nf->hung &&
		 XPV_BUSY & BIT(xpv_machine_peer_state(m)))
		netfront_act_negotiate(m);
	/* Who hangs would not see new queues. It reacts one day, or is replaced. */
}

/* Closed or gone without having asked: it may come back if the toolstack says. */
static void netfront_act_gone(struct xpv_machine *m)
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
 * takes our packets. It lets go of them when it sees us closing.
 */
static void netfront_act_closing(struct xpv_machine *m)
{
	struct netfront_dev *nf = to_netfront(m);

	if (netfront_backend_online(nf))
		netfront_outage_begin(nf, "closes");
	else
		nf->leaving = true;
	netfront_hold(nf);
	if (nf->leaving)
		netfront_carrier_off(nf);
	xpv_machine_deadline(m, NETFRONT_AGAIN_WAIT / 2);
	xpv_machine_switch(m, XenbusStateClosing);
}

static void netfront_act_close(struct xpv_machine *m)
{
	netfront_lose_or_close(to_netfront(m));
}

/* On its way to be ready for us, or asked by the toolstack to go. */
static void netfront_act_leave(struct xpv_machine *m)
{
	struct netfront_dev *nf = to_netfront(m);

	if (nf->lost && xpv_machine_peer_state(m) == XenbusStateUnknown)
		return;
	if (!netfront_backend_online(nf))
		netfront_lose_or_close(nf);
}

static bool netfront_act_broken(struct netfront_dev *nf)
{
	if (!nf->broken)
		return false;
	xpv_machine_fatal(&nf->machine, -EPROTO,
			  "backend broke the protocol, %s stopped; see debugfs violations",
			  netdev_name(nf->netdev));
	netfront_carrier_off(nf);
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
			netfront_act_stuck(nf);
		} else {
			nf->stuck = false;
			xpv_machine_peer(m, now);
		}
		return;
	}
	nf->link_up = netfront_gather_carrier(nf);
	netfront_carrier_update(nf);
}

/* The backend was in use and starts anew; else it is about to connect. */
static void netfront_act_restart(struct xpv_machine *m)
{
	struct netfront_dev *nf = to_netfront(m);

	if (netfront_act_broken(nf) || !nf->linked)
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
	busy = nf->dev->state == XenbusStateConnected && !nf->dead &&
	       !nf->parked;
	if (busy)
		netfront_act_again(nf);
	mutex_unlock(&nf->machine.act);
	if (!busy)
		return 0;

	/* Without a backend the wish is kept for the next one. */
	while (!wait_event_timeout(nf->wait, READ_ONCE(nf->links) != links ||
				   READ_ONCE(nf->dead) || READ_ONCE(nf->lost) ||
				   READ_ONCE(nf->parked),
				   msecs_to_jiffies(NETFRONT_LOOK))) {
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		netfront_look(nf);
	}
	netfront_apply(nf);
	return 0;
}

