// SPDX-License-Identifier: GPL-2.0-only
/*
 * The link, as user space sees it. A connection that is replaced within a few
 * seconds (resume, `ethtool -L`, XDP, a backend that starts again) is no loss of
 * link, for network managers give up addresses when they hear of one: the carrier
 * stays on and the transmit queues are stopped. If it takes longer than the
 * parameter carrier_delay the carrier goes off.
 *
 * An interface that comes back in another network is the opposite: whoever set
 * it up has to hear of that. It gets a uevent, and loses its carrier for a moment.
 */
#include <linux/if.h>
#include <linux/kobject.h>
#include <linux/slab.h>
#include "netfront.h"

/* An hour. */
#define NETFRONT_MAX_CARRIER_DELAY	3600000U
/* How long an off carrier is shown at most, in case nobody looks. */
#define NETFRONT_FLAP_WAIT		(3 * HZ)

static unsigned long netfront_carrier_delay_jiffies(void)
{
	return msecs_to_jiffies(min(READ_ONCE(netfront_carrier_delay),
				    NETFRONT_MAX_CARRIER_DELAY));
}

/**
 * netfront_carrier_off() - the link is lost: tell so at once
 * @nf: any
 *
 * Context: process, under machine.act.
 */
void netfront_carrier_off(struct netfront_dev *nf)
{
	lockdep_assert_held(&nf->machine.act);
	nf->carrier.kept = false;
	netif_carrier_off(nf->netdev);
}

/**
 * netfront_carrier_hold() - the connection is given up, but perhaps for a moment
 * @nf: no longer linked; its queues are stopped next if @nf->carrier.kept
 *
 * Context: process, under machine.act.
 */
void netfront_carrier_hold(struct netfront_dev *nf)
{
	unsigned long delay = netfront_carrier_delay_jiffies();

	lockdep_assert_held(&nf->machine.act);
	if (nf->carrier.kept)
		return;		/* since longer, and the time runs */
	if (!delay || nf->dead || !netif_carrier_ok(nf->netdev)) {
		netfront_carrier_off(nf);
		return;
	}
	nf->carrier.kept = true;
	nf->carrier.until = jiffies + delay;
	mod_delayed_work(netfront_wq, &nf->carrier.work,
			 min_t(unsigned long, delay, HZ));
}

/**
 * netfront_carrier_update() - have a carrier if the backend has one
 * @nf: any; without a connection that the netdev knows of nothing changes
 *
 * Context: process, under machine.act.
 */
void netfront_carrier_update(struct netfront_dev *nf)
{
	lockdep_assert_held(&nf->machine.act);
	if (!nf->linked || !nf->applied || nf->carrier.flap)
		return;
	/* A backend that has just come may have its own interface up soon. */
	if (!nf->link_up && nf->carrier.kept)
		return;
	nf->carrier.kept = false;
	if (nf->link_up)
		netif_carrier_on(nf->netdev);
	else
		netif_carrier_off(nf->netdev);
}

/**
 * netfront_carrier_place() - look which network the backend is in
 * @nf: linked to a new backend
 *
 * That is another one if the backend is another domain, or says that it has
 * another bridge. After a resume numbers of domains mean nothing. Context:
 * process, under machine.act.
 */
void netfront_carrier_place(struct netfront_dev *nf)
{
	struct netfront_carrier *c = &nf->carrier;
	domid_t domid = nf->dev->otherend_id;
	char *bridge;

	lockdep_assert_held(&nf->machine.act);
	if (c->domid != DOMID_INVALID && c->domid != domid)
		c->moved = true;
	c->domid = domid;

	bridge = xenbus_read(XBT_NIL, nf->dev->otherend, "bridge", NULL);
	if (IS_ERR(bridge))
		return;		/* not every network has one */
	if (*c->bridge && strncmp(c->bridge, bridge, sizeof(c->bridge) - 1))
		c->moved = true;
	strscpy(c->bridge, bridge, sizeof(c->bridge));
	kfree(bridge);
}

/**
 * netfront_carrier_moved() - begin to tell user space of another network
 * @nf: linked, and its netdev knows
 *
 * Return: false if it is the same network; true: netfront_carrier_tell() is due,
 * without machine.act. Context: process, under machine.act.
 */
bool netfront_carrier_moved(struct netfront_dev *nf)
{
	struct netfront_carrier *c = &nf->carrier;

	lockdep_assert_held(&nf->machine.act);
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
 * netfront_carrier_tell() - a uevent: the interface is in another network
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

/* The carrier was off for long enough if the system has noticed. */
static bool netfront_carrier_shown(struct netfront_dev *nf)
{
	return !netif_running(nf->netdev) ||
	       READ_ONCE(nf->netdev->operstate) != IF_OPER_UP ||
	       time_after_eq(jiffies, nf->carrier.until);
}

/* The watchdog looks at queues that are stopped for long: these are on purpose. */
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

	mutex_lock(&nf->machine.act);
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
	if (again && !nf->dead)
		mod_delayed_work(netfront_wq, &c->work, again);
	mutex_unlock(&nf->machine.act);
}

/**
 * netfront_carrier_init() - before the first connection
 * @nf: device
 */
void netfront_carrier_init(struct netfront_dev *nf)
{
	nf->carrier.domid = DOMID_INVALID;
	INIT_DELAYED_WORK(&nf->carrier.work, netfront_carrier_work);
}
