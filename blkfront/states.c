// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of a device's states and its actions.
 *
 *   Initialising  looks for a backend to negotiate with
 *   Initialised   rings are published
 *   Connected     in use
 *   Closing       will close when the last user is gone; still in use
 *   Closed        not in use; requests fail
 *
 * The disk outlives connections. While the backend may come back, requests wait
 * for a new connection, for blkfront_reconnect_timeout seconds at most.
 */
#include "blkfront.h"

/* Time, in ms, for a backend to notice the end of an earlier connection. */
#define BLKFRONT_STALE_WAIT	5000
/* Maximum number of failed connections in one outage. */
#define BLKFRONT_ATTEMPTS	10

static struct blkfront_dev *to_blkfront(struct xpv_fsm *m)
{
	return container_of(m, struct blkfront_dev, fsm);
}

/**
 * blkfront_fail() - fail all requests, those in flight and new ones
 * @bf: any
 *
 * Context: process, under fsm.act.
 */
void blkfront_fail(struct blkfront_dev *bf)
{
	lockdep_assert_held(&bf->fsm.act);
	blkfront_outage_fail(bf);
	blkfront_disconnect(bf);
	blkfront_fence_end(bf);
	blkfront_release(bf);
}

/**
 * blkfront_closed() - the device is not in use any more
 * @bf: failing, or without a disk
 *
 * Context: process, under fsm.act.
 */
void blkfront_closed(struct blkfront_dev *bf)
{
	lockdep_assert_held(&bf->fsm.act);
	xpv_fsm_reach(&bf->fsm);
	xpv_fsm_switch(&bf->fsm, XenbusStateClosed);
	xenbus_frontend_closed(bf->dev);	/* wakes a waiting remove() */
}

/* Kill the disk; its users get errors. */
static void blkfront_kill(struct blkfront_dev *bf)
{
	blkfront_fail(bf);
	if (!blkfront_is_dead(bf)) {
		blkfront_phase_set(bf, BLKFRONT_PHASE_DEAD);
		/* If the disk is being added, blkfront_disk_add() does this. */
		if (bf->added)
			blk_mark_disk_dead(bf->disk);
	}
	blkfront_closed(bf);
}

/* The reason was reported to xenbus; another backend may work. */
static void blkfront_give_up(struct blkfront_dev *bf)
{
	blkfront_fail(bf);
	blkfront_closed(bf);
}

static void blkfront_act_halt(struct blkfront_dev *bf)
{
	xpv_fsm_fatal(&bf->fsm, -EPROTO,
		      "backend broke the protocol, disk %s stopped; see debugfs violations",
		      bf->name.disk);
	blkfront_give_up(bf);
}

/*
 * Resources are short for now, which is no error: the table runs again later.
 * Requests wait meanwhile, but not longer than in any other outage.
 */
static void blkfront_starve(struct blkfront_dev *bf, int err)
{
	if (blkfront_is_failing(bf))
		blkfront_release(bf);
	xpv_shortage_wait(&bf->shortage, bf->name.disk, err,
			  1 + BLKIF_MAX_SEGMENTS_PER_REQUEST);
}

static void blkfront_act_negotiate(struct xpv_fsm *m)
{
	struct blkfront_dev *bf = to_blkfront(m);
	int err;

	if (blkfront_is_dead(bf))
		return;
	bf->deserted = false;
	if (!bf->disk)
		xpv_fsm_reach(m);
	blkfront_disconnect(bf);	/* closes rings of an earlier attempt */
	if (blkfront_is_failing(bf))
		blkfront_release(bf);
	err = blkfront_publish(bf);
	if (err == -ENODEV) {	/* the bus will report the new instance */
		blkfront_disconnect(bf);
		if (blkfront_is_failing(bf))
			blkfront_release(bf);
		return;
	}
	if (xpv_shortage_is(&bf->shortage, err)) {
		blkfront_disconnect(bf);
		blkfront_starve(bf, err);
		return;
	}
	xpv_shortage_over(&bf->shortage);
	if (err) {
		blkfront_give_up(bf);
		return;
	}
	xpv_fsm_switch(m, XenbusStateInitialised);
	if (xpv_fsm_peer_state(m) == XenbusStateConnected)
		xpv_fsm_kick(m);
}

/*
 * We are new, but the backend is connected. Most likely it has not noticed yet
 * that the previous driver is gone. But it may also have to be used as it is.
 */
static void blkfront_act_stale(struct xpv_fsm *m)
{
	if (to_blkfront(m)->deserted)
		return;
	if (to_blkfront(m)->disk)
		blkfront_act_negotiate(m);
	else if (!m->waiting)
		xpv_fsm_deadline(m, BLKFRONT_STALE_WAIT);
}

static void blkfront_act_link(struct xpv_fsm *m)
{
	struct blkfront_dev *bf = to_blkfront(m);
	bool first = !bf->disk, lost;
	int err = blkfront_link(bf);

	if (err == -ENODEV) {
		xpv_fsm_peer(m, xpv_driver_state(m->dev->otherend));
		return;
	}
	if (xpv_shortage_is(&bf->shortage, err)) {
		blkfront_starve(bf, err);
		return;
	}
	xpv_shortage_over(&bf->shortage);
	if (err) {
		blkfront_give_up(bf);
		return;
	}
	xpv_fsm_reach(m);
	lost = bf->phase == BLKFRONT_PHASE_LOST;
	blkfront_phase_set(bf, BLKFRONT_PHASE_LINKED);
	xpv_fsm_switch(m, XenbusStateConnected);
	if (lost)
		blkfront_outage_end(bf);
	blkfront_release(bf);
	if (first)
		queue_work(blkfront_wq, &bf->add_work);
	else
		blkfront_settle(bf);
}

/*
 * The backend negotiates, again or for the first time, or soon will. Requests
 * wait.
 */
static void blkfront_act_reset(struct xpv_fsm *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (blkfront_is_dead(bf))
		return;
	if (bf->disk && !blkfront_is_failing(bf)) {
		blkfront_outage_begin(bf, bf->deserted ? "its process died" :
				      xenbus_strstate(xpv_fsm_peer_state(m)));
		xpv_fsm_deadline(m, blkfront_outage_limit());
	}
	blkfront_disconnect(bf);
	if (blkfront_is_failing(bf))
		blkfront_release(bf);
	xpv_fsm_switch(m, XenbusStateInitialising);
	if (XPV_IN(InitWait) & BIT(xpv_fsm_peer_state(m)) ||
	    XPV_IN(Initialised) & BIT(xpv_fsm_peer_state(m)))
		blkfront_act_negotiate(m);
}

/**
 * blkfront_expired() - the backend did not reconnect in time
 * @m: machine of a device
 *
 * Or it did not leave an old connection in time.
 */
void blkfront_expired(struct xpv_fsm *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (blkfront_is_linked(bf))
		return;
	if (!bf->disk) {
		if (xpv_fsm_state(m) == XenbusStateInitialising &&
		    xpv_fsm_peer_state(m) == XenbusStateConnected)
			blkfront_act_negotiate(m);
		return;
	}
	blkfront_outage_fail(bf);
	blkfront_fence_end(bf);
	blkfront_release(bf);
}

/*
 * Requests take long, but the store says Connected: the backend's process may
 * have died. Then nobody writes to the store, but its end of the event channel
 * is closed. Must be tested before blkfront_disconnect().
 */
static bool blkfront_is_deserted(const struct blkfront_dev *bf)
{
	unsigned int i;

	for (i = 0; blkfront_is_linked(bf) && i < bf->link.nr_rings; i++)
		if (!xpv_evtchn_is_bound(bf->rings[i].event.port))
			return true;
	return false;
}

/*
 * True if a backend that is closed or gone may come back. If its directory is
 * gone, its domain has died, or the toolstack has removed the device; in the
 * latter case our directory goes as well. But if we were asked to close, this
 * is the orderly end.
 */
static bool blkfront_may_return(struct blkfront_dev *bf)
{
	switch (blkfront_backend_fate(bf)) {
	case BLKFRONT_ONLINE:
		return true;
	case BLKFRONT_LOST:
		return bf->disk && xpv_fsm_state(&bf->fsm) != XenbusStateClosing;
	default:
		return false;
	}
}

/* Closed or gone without a request to close: final if the toolstack says so. */
static void blkfront_act_gone(struct xpv_fsm *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (blkfront_may_return(bf))
		blkfront_act_reset(m);
	else
		blkfront_kill(bf);
	blkfront_grant_free_unrevoked(bf, false);
}

/*
 * A new backend could not connect. Perhaps it had read the keys of rings that
 * we gave up because yet another backend came. It restarts when we do, after
 * both ends have closed.
 */
static bool blkfront_may_reconnect(struct blkfront_dev *bf)
{
	if (bf->phase != BLKFRONT_PHASE_LOST ||
	    bf->attempts >= BLKFRONT_ATTEMPTS ||
	    blkfront_backend_fate(bf) != BLKFRONT_ONLINE)
		return false;
	bf->attempts++;
	blkfront_disconnect(bf);
	xpv_fsm_switch(&bf->fsm, XenbusStateClosed);
	return true;
}

/*
 * The backend asks us to close. It has to wait for the last user of the disk;
 * it can force the end by closing itself. (At shutdown xenbus closes for us.)
 */
static void blkfront_act_close(struct xpv_fsm *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (bf->link.halted) {
		blkfront_act_halt(bf);
		return;
	}
	if (bf->link.suspect) {
		bf->link.suspect = false;
		if (xpv_driver_state(m->dev->otherend) !=
		    XenbusStateClosing) {
			blkfront_act_gone(m);
			return;
		}
		/* The last user cannot write dirty data any more. */
		if (blkfront_is_deserted(bf)) {
			blkfront_kill(bf);
			return;
		}
	}
	if (blkfront_may_reconnect(bf))
		return;
	if (blkfront_is_linked(bf) && bf->added && disk_openers(bf->disk)) {
		if (bf->phase == BLKFRONT_PHASE_CLOSING)
			return;
		blkfront_phase_set(bf, BLKFRONT_PHASE_CLOSING);
		xenbus_dev_error(m->dev, -EBUSY,
				 "%s is in use; closing when it is not",
				 bf->name.disk);
		xpv_fsm_switch(m, XenbusStateClosing);
		/* the last user may have closed before it could see the phase */
		if (disk_openers(bf->disk))
			return;
	}
	blkfront_kill(bf);
}

/* Connected at both ends: announced again for a resize, or we want to check. */
static void blkfront_act_look(struct xpv_fsm *m)
{
	struct blkfront_dev *bf = to_blkfront(m);
	u64 sectors;

	if (bf->link.halted) {
		blkfront_act_halt(bf);
		return;
	}
	if (bf->link.suspect) {
		enum xenbus_state now;

		bf->link.suspect = false;
		now = xpv_driver_state(m->dev->otherend);
		if (now != XenbusStateConnected) {
			xpv_fsm_peer(m, now);
			return;
		}
		bf->deserted = blkfront_is_deserted(bf);
		if (bf->deserted) {
			blkfront_act_reset(m);
			return;
		}
	}
	if (blkfront_read_sectors(bf, &sectors) ||
	    sectors == get_capacity(bf->disk))
		return;
	dev_info_ratelimited(&m->dev->dev, "%s: capacity now %llu sectors\n",
			     bf->name.disk, sectors);
	bf->link.features.sectors = sectors;
	if (bf->added)
		set_capacity_and_notify(bf->disk, sectors);
	else
		set_capacity(bf->disk, sectors);
}

/* The backend is Connected again: the request to close was withdrawn. */
static void blkfront_act_stay(struct xpv_fsm *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	if (!blkfront_is_linked(bf) || bf->link.halted) {
		blkfront_act_halt(bf);
		return;
	}
	blkfront_phase_set(bf, BLKFRONT_PHASE_LINKED);
	xpv_fsm_switch(m, XenbusStateConnected);
}

/* The backend has unmapped our grants. */
static void blkfront_act_free_unrevoked(struct xpv_fsm *m)
{
	blkfront_grant_free_unrevoked(to_blkfront(m), false);
}

/* Closed at both ends, or gone: final, unless requests wait for a backend. */
static void blkfront_act_rest(struct xpv_fsm *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	blkfront_grant_free_unrevoked(bf, false);
	if (bf->phase == BLKFRONT_PHASE_LOST && blkfront_may_return(bf))
		blkfront_act_reset(m);
}

/* Not connected and no backend: decide whether to wait for one. */
static void blkfront_act_absent(struct xpv_fsm *m)
{
	struct blkfront_dev *bf = to_blkfront(m);

	bf->deserted = false;
	blkfront_grant_free_unrevoked(bf, false);
	if (blkfront_may_return(bf)) {
		if (bf->disk && !blkfront_is_failing(bf) && !m->waiting)
			xpv_fsm_deadline(m, blkfront_outage_limit());
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
	{ XPV_IN(Closed), XPV_IN(Initialising), blkfront_act_free_unrevoked },
	{}
};
