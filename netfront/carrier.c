// SPDX-License-Identifier: GPL-2.0-only
/*
 * The carrier that user space sees. If a connection is replaced within a few
 * seconds (resume, `ethtool -L`, XDP, a backend that restarts), the carrier
 * stays on and the transmit queues are stopped, because network managers give
 * up addresses when the carrier goes off. If it takes longer than the parameter
 * carrier_delay, the carrier goes off.
 *
 * The opposite holds if an interface comes back in another network: its user
 * has to be told. It gets a uevent, and the carrier goes off for a moment.
 */
#include <linux/if.h>
#include <linux/kobject.h>
#include <linux/slab.h>
#include "netfront.h"

/* One hour, in ms. */
#define NETFRONT_MAX_CARRIER_DELAY	3600000U
/*
 * Maximum time for which the carrier is off for a move, in case nobody looks.
 */
#define NETFRONT_FLAP_WAIT		(3 * HZ)

static unsigned long netfront_carrier_delay_jiffies(void)
{
	return msecs_to_jiffies(min(READ_ONCE(netfront_carrier_delay),
				    NETFRONT_MAX_CARRIER_DELAY));
}

/**
 * netfront_carrier_off() - the link is lost: turn the carrier off at once
 * @nf: any
 *
 * Context: process, under fsm.act.
 */
void netfront_carrier_off(struct netfront_dev *nf)
{
	lockdep_assert_held(&nf->fsm.act);
	nf->carrier.kept = false;
	netif_carrier_off(nf->netdev);
}

/**
 * netfront_carrier_hold() - the connection is given up, perhaps for a moment
 * @nf: no longer linked; the caller then stops its queues if @nf->carrier.kept
 *
 * Context: process, under fsm.act.
 */
void netfront_carrier_hold(struct netfront_dev *nf)
{
	unsigned long delay = netfront_carrier_delay_jiffies();

	lockdep_assert_held(&nf->fsm.act);
	if (nf->carrier.kept)
		/* it has been kept for some time, and the timer runs */
		return;
	if (!delay || netfront_is_dead(nf) || !netif_carrier_ok(nf->netdev)) {
		netfront_carrier_off(nf);
		return;
	}
	nf->carrier.kept = true;
	nf->carrier.until = jiffies + delay;
	mod_delayed_work(netfront_wq, &nf->carrier.work,
			 min_t(unsigned long, delay, HZ));
}

/**
 * netfront_carrier_update() - make the carrier follow the backend's
 * @nf: any; nothing changes without a connection that the netdev knows of
 *
 * Context: process, under fsm.act.
 */
void netfront_carrier_update(struct netfront_dev *nf)
{
	lockdep_assert_held(&nf->fsm.act);
	if (!netfront_is_linked(nf) || !nf->link.applied || nf->carrier.flap)
		return;
	/* The interface of a new backend may be up soon. */
	if (!nf->link.carrier && nf->carrier.kept)
		return;
	nf->carrier.kept = false;
	if (nf->link.carrier)
		netif_carrier_on(nf->netdev);
	else
		netif_carrier_off(nf->netdev);
}

/**
 * netfront_carrier_place() - find out which network the backend is in
 * @nf: linked to a new backend
 *
 * It is another network if the backend is another domain or names another
 * bridge. After a resume the domain's number tells nothing.
 *
 * Context: process, under fsm.act.
 */
void netfront_carrier_place(struct netfront_dev *nf)
{
	struct netfront_carrier *c = &nf->carrier;
	domid_t domid = nf->dev->otherend_id;
	char *bridge;

	lockdep_assert_held(&nf->fsm.act);
	if (c->domid != DOMID_INVALID && c->domid != domid)
		c->moved = true;
	c->domid = domid;

	bridge = xenbus_read(XBT_NIL, nf->dev->otherend, "bridge", NULL);
	if (IS_ERR(bridge))
		return;		/* not every backend names one */
	if (*c->bridge && strncmp(c->bridge, bridge, sizeof(c->bridge) - 1))
		c->moved = true;
	strscpy(c->bridge, bridge, sizeof(c->bridge));
	kfree(bridge);
}

/**
 * netfront_carrier_moved() - start to tell user space of another network
 * @nf: linked, and its netdev was told
 *
 * Return: false if it is the same network; true if the caller has to call
 * netfront_carrier_tell(), without fsm.act.
 * Context: process, under fsm.act.
 */
bool netfront_carrier_moved(struct netfront_dev *nf)
{
	struct netfront_carrier *c = &nf->carrier;

	lockdep_assert_held(&nf->fsm.act);
	if (!c->moved)
		return false;
	c->moved = false;
	if (netif_carrier_ok(nf->netdev) && netif_running(nf->netdev)) {
		netfront_carrier_off(nf);
		c->flap = true;
		c->until = jiffies + NETFRONT_FLAP_WAIT;
		mod_delayed_work(netfront_wq, &c->work, HZ / 10);
	}
	return true;
}

/**
 * netfront_carrier_tell() - send a uevent: the interface is in another network
 * @nf: registered
 *
 * Context: process.
 */
void netfront_carrier_tell(struct netfront_dev *nf)
{
	char changed[] = "XENPV_NETWORK=changed";
	char *env[2] = { changed };

	netdev_info(nf->netdev, "the backend is in another network\n");
	kobject_uevent_env(&nf->netdev->dev.kobj, KOBJ_CHANGE, env);
}

/* The carrier was off for long enough once the system has noticed it. */
static bool netfront_carrier_shown(struct netfront_dev *nf)
{
	return !netif_running(nf->netdev) ||
	       READ_ONCE(nf->netdev->operstate) != IF_OPER_UP ||
	       time_after_eq(jiffies, nf->carrier.until);
}

/*
 * The watchdog reports queues that are stopped for long. These are stopped on
 * purpose.
 */
static void netfront_carrier_calm(struct netfront_dev *nf)
{
	unsigned int i;

	for (i = 0; i < nf->max_queues; i++)
		txq_trans_cond_update(netfront_txq(&nf->queues[i]));
}

static void netfront_carrier_work(struct work_struct *work)
{
	struct netfront_dev *nf = container_of(to_delayed_work(work),
					       struct netfront_dev,
					       carrier.work);
	struct netfront_carrier *c = &nf->carrier;
	unsigned long again = 0;

	mutex_lock(&nf->fsm.act);
	if (c->flap) {
		if (netfront_carrier_shown(nf)) {
			c->flap = false;
			netfront_carrier_update(nf);
			mod_delayed_work(netfront_wq, &nf->announce, HZ / 10);
		} else {
			again = HZ / 10;
		}
	} else if (c->kept) {
		if (time_before(jiffies, c->until)) {
			netfront_carrier_calm(nf);
			again = clamp_t(unsigned long, c->until - jiffies, 1,
					HZ);
		} else {
			netfront_carrier_off(nf);
		}
	}
	if (again && !netfront_is_dead(nf))
		mod_delayed_work(netfront_wq, &c->work, again);
	mutex_unlock(&nf->fsm.act);
}

/**
 * netfront_carrier_init() - initialise; before the first connection
 * @nf: device
 */
void netfront_carrier_init(struct netfront_dev *nf)
{
	nf->carrier.domid = DOMID_INVALID;
	INIT_DELAYED_WORK(&nf->carrier.work, netfront_carrier_work);
}
