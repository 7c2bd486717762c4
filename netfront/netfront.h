/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private header of xen-netfront: a device. What becomes of it is in phase.h, its
 * connection in link.h, its queues are in queue.h, their two directions in tx.h
 * and rx.h, the control ring in ctrl.h, the netdev in netdev.h, outages and
 * carrier in outage.h, the counters in stats.h.
 *
 * The netdev outlives its connections. Its queues exist as long as it does; a
 * queue that is not up drops the packets it gets.
 *
 * Locks, in this order: RTNL; fsm.act, which serialises connecting,
 * disconnecting, the control ring and everything else that follows a change of
 * state; the lock of a transmit queue, under which requests are produced.
 * Responses of both directions are only consumed by the queue's NAPI, or under
 * fsm.act when NAPI is disabled. An action of the machine never takes RTNL,
 * because its holder may wait for the machine.
 */
#ifndef NETFRONT_H
#define NETFRONT_H

#include <linux/bpf.h>
#include <linux/netdevice.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <xenpv/channel.h>
#include <xenpv/debug.h>
#include <xenpv/fsm.h>
#include <xenpv/netif_skb.h>
#include <xenpv/detach.h>
#include <xenpv/ring.h>
#include <xenpv/shortage.h>
#include <xenpv/violation.h>
#include "ctrl.h"
#include "link.h"
#include "netdev.h"
#include "outage.h"
#include "parse.h"
#include "phase.h"
#include "queue.h"

/*
 * How long RTNL's holder waits for a new connection, and a closed connection
 * for the backend to notice that.
 */
#define NETFRONT_RECONNECT_WAIT	10000	/* ms */

/**
 * struct netfront_dev - a device, private data of its netdev
 * @dev:          device on the bus
 * @netdev:       network device
 * @fsm:          state machine
 * @shortage:     waits for grant references to connect with
 * @violations:   violations of its backend
 * @debug:        directory in debugfs
 * @max_queues:   capacity of @queues
 * @want_queues:  limit of queues set by `ethtool -L`
 * @queues:       @max_queues queues
 * @speed:        speed of the link as set by ethtool
 * @duplex:       duplex of the link as set by ethtool
 * @phase:        what becomes of it; while detached, @dev is the previous device
 * @link:         facts of this connection
 * @registered:   @netdev is registered
 * @links:        number of connections so far
 * @wait:         wait queue for a change of @links
 * @apply_work:   tells the netdev
 * @announce:     notifies the neighbours
 * @want_xdp:     the next connection shall suit XDP
 * @prog:         XDP program
 * @ctrl:         control ring
 * @rss:          hash settings
 * @mcast:        multicast filter
 * @unrevoked:    number of unrevoked pages, see unrevoked.c
 * @outage:       outages
 * @carrier:      see carrier.c
 * @watch:        watch of the backend's carrier, if there is one
 * @instance:     detects another instance in our directory
 * @detach_entry: used by detach.c
 * @place:        used by detach.c: "DEVPATH_OLD=..." or NULL
 */
struct netfront_dev {
	struct xenbus_device *dev;
	struct net_device *netdev;
	struct xpv_fsm fsm;
	struct xpv_shortage shortage;
	struct xpv_violations violations;
	struct dentry *debug;

	unsigned int max_queues;
	unsigned int want_queues;
	struct netfront_queue *queues;
	u32 speed;
	u8 duplex;

	enum netfront_phase phase;
	struct netfront_link link;
	bool registered;
	unsigned int links;
	wait_queue_head_t wait;
	struct work_struct apply_work;
	struct delayed_work announce;

	bool want_xdp;
	struct bpf_prog __rcu *prog;
	struct netfront_ctrl ctrl;
	struct netfront_rss rss;
	struct netfront_mcast mcast;
	atomic_t unrevoked;
	struct netfront_outage outage;
	struct netfront_carrier carrier;
	struct xenbus_watch watch;
	struct xpv_instance instance;
	struct xpv_detached detach_entry;
	char *place;
};

static inline bool netfront_is_linked(const struct netfront_dev *nf)
{
	return READ_ONCE(nf->phase) == NETFRONT_PHASE_LINKED;
}

static inline bool netfront_is_dead(const struct netfront_dev *nf)
{
	return READ_ONCE(nf->phase) == NETFRONT_PHASE_DEAD;
}

static inline struct netdev_queue *netfront_txq(struct netfront_queue *q)
{
	return netdev_get_tx_queue(q->nf->netdev, q->index);
}

/* main.c */
extern struct workqueue_struct *netfront_wq;
extern struct dentry *netfront_debug;
extern struct xpv_sites netfront_sites;
extern unsigned int netfront_max_queues;
extern unsigned int netfront_reconnect_timeout;
extern unsigned int netfront_carrier_delay;
extern bool netfront_trusted;
extern bool netfront_static_grants;

/* device.c */
extern struct xenbus_driver netfront_driver;
extern struct xpv_dirs netfront_dirs;

/* alloc.c */
struct netfront_dev *netfront_alloc(struct xenbus_device *dev);
void netfront_free(struct netfront_dev *nf);
void netfront_destroy(struct netfront_dev *nf);

/* detach.c */
bool netfront_detach_wanted(struct netfront_dev *nf,
			    const struct xpv_instance_fate *fate);
bool netfront_detach(struct netfront_dev *nf);
struct netfront_dev *netfront_reattach(struct xenbus_device *dev);
void netfront_detach_exit(void);

#endif
