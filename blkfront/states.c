// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of a device's states and its actions.
 *
 * Initialising  looking for a backend to negotiate with
 * Initialised   rings published
 * Connected     in use
 * Closing       to go when the last user is gone; still in use
 * Closed        not in use; requests fail
 *
 * The disk outlives connections. Requests wait for a new one while the backend
 * may come back, for blkfront_reconnect_timeout seconds at most.
 */
#include "blkfront.h"

/* ms that a backend gets to notice the end of an earlier connection. */
#define BLKFRONT_STALE_WAIT	5000
/* Times that a backend may fail to connect in one outage. */
#define BLKFRONT_ATTEMPTS	10

static struct blkfront_dev *to_blkfront(struct xpv_machine *m)
{
	return container_of(m, struct blkfront_dev, machine);
}

/**
 * blkfront_fail() - everything in flight fails, and all that comes
 * @bf: any
 *
 * Context: process, under machine.act.
 */
void blkfront_fail(struct blkfront_dev *bf)
{
	WRITE_ONCE(bf->failing, true);
	blkfront_outage_fail(bf);
	blkfront_disconnect(bf);
	blkfront_fence_end(bf);
	blkfront_release(bf);
}

/**
 * blkfront_closed() - not in use any more
 * @bf: failing, or without a disk
 *
 * Context: process, under machine.act.
 */
void blkfront_closed(struct blkfront_dev *bf)
{
	WRITE_ONCE(bf->waiting, false);
	xpv_machine_reach(&bf->machine);
	xpv_machine_switch(&bf->machine, XenbusStateClosed);
	xenbus_frontend_closed(bf->dev);	/* wakes who waits for it */
}

/* The end of the disk; its users get errors. */
static void blkfront_kill(struct blkfront_dev *bf)
{
	bool was_dead = bf->dead;

	bf->dead = true;
	blkfront_fail(bf);
	/* If it is just being added, blkfront_disk_add() does this. */
	if (!was_dead && bf->added && !bf->gone)
		blk_mark_disk_dead(bf->disk);
	blkfront_closed(bf);
}

/* A reason to close was told to xenbus; another backend may do better. */
static void blkfront_give_up(struct blkfront_dev *bf)
{
	blkfront_fail(bf);
	blkfront_closed(bf);
}

/**
 * blkfront_broken() - stop the device soon: the backend cannot be trusted
 * @bf: device
 *
 * Context: any.
 */
void blkfront_broken(struct blkfront_dev *bf)
{
	WRITE_ONCE(bf->broken, true);
	xpv_machine_kick(&bf->machine);
}

static void blkfront_act_broken(struct blkfront_dev *bf)
{
	xpv_machine_fatal(&bf->machine, -EPROTO,
			  "backend broke the protocol, disk %s stopped; see debugfs violations",
			  bf->name.disk);
	blkfront_give_up(bf);
}

/*
 * Nothing is wrong, there is just not enough now: the table runs again later.
 * Requests wait meanwhile, but not longer than for any other outage.
 */
static void blkfront_starve(struct blkfront_dev *bf, int err)
{
	if (bf->failing)
		blkfront_release(bf);
	xpv_shortage_wait(&bf->shortage, bf->name.disk, err,
			  1 + BLKIF_MAX_SEGMENTS_PER_REQUEST);
}

static void blkfront_act_negotiate(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);
	int err;

	if (bf->dead)
		return;
	bf->deserted = false;
	if (!bf->disk)
		xpv_machine_reach(m);
	blkfront_disconnect(bf);	/* rings of an earlier attempt */
	if (bf->failing)
		blkfront_release(bf);
	err = blkfront_publish(bf);
	if (err == -ENODEV) {	/* the bus will show us what is there */
		blkfront_disconnect(bf);
		if (bf->failing)
			blkfront_release(bf);
		return;
	}
	if (blkfront_is_short(bf, err)) {
		blkfront_disconnect(bf);
		blkfront_starve(bf, err);
		return;
	}
	xpv_shortage_over(&bf->shortage);
	if (err) {
		blkfront_give_up(bf);
		return;
	}
	xpv_machine_switch(m, XenbusStateInitialised);
	if (xpv_machine_peer_state(m) == XenbusStateConnected)
		xpv_machine_kick(m);
}

/*
 * We are new and the backend is connected: most likely it has not noticed yet
 * that the driver before us went, and will. But it may also have to be taken as
 * it is.
 */
static void blkfront_act_stale(struct xpv_machine *m)
{
	if (to_blkfront(m)->deserted)
		return;
	if (to_blkfront(m)->disk)
		blkfront_act_negotiate(m);
	else if (!m->waiting)
		xpv_machine_deadline(m, BLKFRONT_STALE_WAIT);
}

static void blkfront_act_link(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);
	bool first = !bf->disk;
	int err = blkfront_link(bf);

	if (err == -ENODEV) {
		xpv_machine_peer(m, xenbus_read_driver_state(m->dev->otherend));
		return;
	}
	if (blkfront_is_short(bf, err)) {
		blkfront_starve(bf, err);
		return;
	}
	xpv_shortage_over(&bf->shortage);
	if (err) {
		blkfront_give_up(bf);
		return;
	}
	xpv_machine_reach(m);
	WRITE_ONCE(bf->failing, false);
	xpv_machine_switch(m, XenbusStateConnected);
	blkfront_outage_end(bf);
	blkfront_release(bf);
	if (first)
		queue_work(blkfront_wq, &bf->add_work);
	else
		blkfront_settle(bf);
}

/* The backend wants to negotiate (again), or will. Requests wait. */
static void blkfront_act_reset(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (bf->dead)
		return;
	WRITE_ONCE(bf->waiting, false);
	if (bf->disk && !bf->failing) {
		blkfront_outage_begin(bf, bf->deserted ? "its process died" :
				      xenbus_strstate(xpv_machine_peer_state(m)));
		xpv_machine_deadline(m, blkfront_outage_limit());
	}
	blkfront_disconnect(bf);
	if (bf->failing)
		blkfront_release(bf);
	xpv_machine_switch(m, XenbusStateInitialising);
	if (XPV_IN(InitWait) & BIT(xpv_machine_peer_state(m)) ||
	    XPV_IN(Initialised) & BIT(xpv_machine_peer_state(m)))
		blkfront_act_negotiate(m);
}

/**
 * blkfront_expired() - the backend did not come back in time
 * @m: machine of a device
 *
 * Or it did not come out of an old connection.
 */
void blkfront_expired(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (bf->linked)
		return;
	if (!bf->disk) {
		if (m->dev->state == XenbusStateInitialising &&
		    xpv_machine_peer_state(m) == XenbusStateConnected)
			blkfront_act_negotiate(m);
		return;
	}
	WRITE_ONCE(bf->failing, true);
	blkfront_outage_fail(bf);
	blkfront_fence_end(bf);
	blkfront_release(bf);
}

/*
 * Requests take long, and the store says Connected: has the backend's process
 * died? Then nobody writes to the store, but its end of the event channel is
 * closed. To be looked at before blkfront_disconnect().
 */
static bool blkfront_is_deserted(const struct blkfront_dev *bf)
{
	unsigned int i;

	for (i = 0; bf->linked && i < bf->nr_rings; i++)
		if (!xpv_evtchn_is_bound(bf->rings[i].event.port))
			return true;
	return false;
}

/*
 * Whether a backend that is closed or gone may come back. If its folder is gone
 * its domain has died, or the toolstack has removed the device: then our folder
 * goes as well. But if we were asked to close it is just that.
 */
static bool blkfront_may_return(struct blkfront_dev *bf)
{
	switch (blkfront_backend_fate(bf)) {
	case BLKFRONT_ONLINE:
		return true;
	case BLKFRONT_LOST:
		return bf->disk && bf->dev->state != XenbusStateClosing;
	default:
		return false;
	}
}

/* Closed or gone without having asked: final if the toolstack says so. */
static void blkfront_act_gone(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (blkfront_may_return(bf))
		blkfront_act_reset(m);
	else
		blkfront_kill(bf);
	blkfront_grant_bury(bf, false);
}

/*
 * A new backend could not connect: perhaps it had read of rings that we gave up
 * because there was yet another one. It begins again when we do, after both
 * have closed.
 */
static bool blkfront_try_again(struct blkfront_dev *bf)
{
	if (!bf->lost || bf->attempts >= BLKFRONT_ATTEMPTS ||
	    blkfront_backend_fate(bf) != BLKFRONT_ONLINE)
		return false;
	bf->attempts++;
	blkfront_disconnect(bf);
	xpv_machine_switch(&bf->machine, XenbusStateClosed);
	return true;
}

/*
 * The backend asks us to close. With users, it has to wait for the last; it can
 * insist by closing. (At the end of the system xenbus closes for us.)
 */
static void blkfront_act_close(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (bf->broken) {
		blkfront_act_broken(bf);
		return;
	}
	if (bf->suspect) {
		bf->suspect = false;
		if (xenbus_read_driver_state(m->dev->otherend) !=
		    XenbusStateClosing) {
			blkfront_act_gone(m);
			return;
		}
		/* The last user cannot write what is dirty any more. */
		if (blkfront_is_deserted(bf)) {
			blkfront_kill(bf);
			return;
		}
	}
	if (blkfront_try_again(bf))
		return;
	if (bf->linked && bf->added && disk_openers(bf->disk)) {
		if (bf->waiting)
			return;
		WRITE_ONCE(bf->waiting, true);
		xenbus_dev_error(m->dev, -EBUSY,
				 "%s is in use; closing when it is not",
				 bf->name.disk);
		xpv_machine_switch(m, XenbusStateClosing);
		/* the last user may have gone before it could see @waiting */
		if (disk_openers(bf->disk))
			return;
	}
	blkfront_kill(bf);
}

/* Connected at both ends: said again for a new size, or we want to look. */
static void blkfront_act_look(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);
	u64 sectors;

	if (bf->broken) {
		blkfront_act_broken(bf);
		return;
	}
	if (bf->suspect) {
		enum xenbus_state now;

		bf->suspect = false;
		now = xenbus_read_driver_state(m->dev->otherend);
		if (now != XenbusStateConnected) {
			xpv_machine_peer(m, now);
			return;
		}
		bf->deserted = blkfront_is_deserted(bf);
		if (bf->deserted) {
			blkfront_act_reset(m);
			return;
		}
	}
	if (blkfront_gather_sectors(bf, &sectors) ||
	    sectors == get_capacity(bf->disk))
		return;
	dev_info_ratelimited(&m->dev->dev, "%s: capacity now %llu sectors\n",
			     bf->name.disk, sectors);
	bf->facts.sectors = sectors;
	if (bf->added)
		set_capacity_and_notify(bf->disk, sectors);
	else
		set_capacity(bf->disk, sectors);
}

/* Taken back: the close that was asked for is off. */
static void blkfront_act_stay(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (!bf->linked || bf->broken) {
		blkfront_act_broken(bf);
		return;
	}
	WRITE_ONCE(bf->waiting, false);
	xpv_machine_switch(m, XenbusStateConnected);
}

/* The backend has let go of what we had granted. */
static void blkfront_act_bury(struct xpv_machine *m)
{
	blkfront_grant_bury(to_blkfront(m), false);
}

/* Closed at both ends, or gone: for good, unless requests wait for a backend. */
static void blkfront_act_rest(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	blkfront_grant_bury(bf, false);
	if (bf->lost && blkfront_may_return(bf))
		blkfront_act_reset(m);
}

/* Not connected, and there is nobody to connect to: is anybody to be expected? */
static void blkfront_act_absent(struct xpv_machine *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	bf->deserted = false;
	blkfront_grant_bury(bf, false);
	if (blkfront_may_return(bf)) {
		if (bf->disk && !bf->failing && !m->waiting)
			xpv_machine_deadline(m, blkfront_outage_limit());
		return;
	}
	if (bf->disk)
		blkfront_kill(bf);
	else
		blkfront_give_up(bf);
}

#define XPV_AWAY	(XPV_IN(Closed) | XPV_IN(Unknown))
#define XPV_READY	(XPV_IN(InitWait) | XPV_IN(Initialised))

const struct xpv_rule blkfront_rules[] = {
	{ XPV_IN(Initialising), XPV_READY, blkfront_act_negotiate },
	{ XPV_IN(Initialising), XPV_IN(Connected), blkfront_act_stale },
	{ XPV_IN(Initialising), XPV_IN(Closing), blkfront_act_close },
	{ XPV_IN(Initialising), XPV_AWAY, blkfront_act_absent },

	{ XPV_IN(Initialised), XPV_IN(Connected), blkfront_act_link },
	{ XPV_IN(Initialised), XPV_IN(Initialising), blkfront_act_reset },
	{ XPV_IN(Initialised), XPV_IN(Closing), blkfront_act_close },
	{ XPV_IN(Initialised), XPV_AWAY, blkfront_act_gone },

	{ XPV_IN(Connected), XPV_IN(Connected), blkfront_act_look },
	{ XPV_IN(Connected), XPV_READY | XPV_IN(Initialising),
	  blkfront_act_reset },
	{ XPV_IN(Connected), XPV_IN(Closing), blkfront_act_close },
	{ XPV_IN(Connected), XPV_AWAY, blkfront_act_gone },

	{ XPV_IN(Closing), XPV_IN(Closing), blkfront_act_close },
	{ XPV_IN(Closing), XPV_IN(Connected), blkfront_act_stay },
	{ XPV_IN(Closing), XPV_READY | XPV_IN(Initialising),
	  blkfront_act_reset },
	{ XPV_IN(Closing), XPV_AWAY, blkfront_act_gone },

	{ XPV_IN(Closed), XPV_READY, blkfront_act_reset },
	{ XPV_IN(Closed), XPV_AWAY, blkfront_act_rest },
	{ XPV_IN(Closed), XPV_IN(Initialising), blkfront_act_bury },
	{}
};
