/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private header of xen-netfront: a device. Its queues are in queue.h, their two
 * directions in tx.h and rx.h, the control ring in ctrl.h, the netdev in netdev.h,
 * outages and carrier in outage.h, the counters in stats.h.
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
#include "netdev.h"
#include "outage.h"
#include "parse.h"
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
 * @nr_queues:    queues in use
 * @asked_queues: queues that this connection would have with enough references
 * @want_queues:  limit of queues set by `ethtool -L`
 * @queues:       @max_queues queues
 * @speed:        speed of the link as set by ethtool
 * @duplex:       duplex of the link as set by ethtool
 * @features:     features of this backend
 * @headroom:     space before received packets, as told to the backend
 * @bounce:       the backend is not trusted with pages of skbs
 * @linked:       rings are connected
 * @reconnect:    closed in order to reconnect
 * @dead:         will not be connected any more
 * @halted:       a queue is broken; the state machine must close the connection
 * @stuck:        a queue makes no progress; the state machine must reconnect
 * @hung:         closed because of that, and the backend has not reacted yet
 * @lost:         the backend's directory vanished without an orderly close
 * @leaving:      the toolstack is removing the device
 * @detached:     detached; @dev is the previous device
 * @registered:   @netdev is registered
 * @link_up:      the backend's carrier
 * @applied:      the netdev has been told of this connection
 * @links:        number of connections so far
 * @wait:         wait queue for a change of @links
 * @apply_work:   tells the netdev
 * @announce:     notifies the neighbours
 * @want_xdp:     the next connection shall suit XDP
 * @for_xdp:      this connection suits XDP
 * @prog:         XDP program
 * @ctrl:         control ring
 * @rss:          hash settings
 * @mcast:        multicast filter
 * @statics:      static grants: pages that the backend keeps mapped
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
	unsigned int nr_queues;
	unsigned int asked_queues;
	unsigned int want_queues;
	struct netfront_queue *queues;
	u32 speed;
	u8 duplex;
	struct netfront_features features;
	unsigned int headroom;
	bool bounce;

	bool linked;
	bool reconnect;
	bool dead;
	bool halted;
	bool stuck;
	bool hung;
	bool lost;
	bool leaving;
	bool detached;
	bool registered;
	bool link_up;
	bool applied;
	unsigned int links;
	wait_queue_head_t wait;
	struct work_struct apply_work;
	struct delayed_work announce;

	bool want_xdp;
	bool for_xdp;
	struct bpf_prog __rcu *prog;
	struct netfront_ctrl ctrl;
	struct netfront_rss rss;
	struct netfront_mcast mcast;
	unsigned int statics;
	atomic_t unrevoked;
	struct netfront_outage outage;
	struct netfront_carrier carrier;
	struct xenbus_watch watch;
	struct xpv_instance instance;
	struct xpv_detached detach_entry;
	char *place;
};

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

/* states.c */
extern const struct xpv_rule netfront_rules[];
void netfront_expired(struct xpv_fsm *m);
void netfront_closed(struct netfront_dev *nf);
int netfront_renegotiate(struct netfront_dev *nf);

/* features.c */
int netfront_read_features(struct netfront_dev *nf);
bool netfront_outdated(struct netfront_dev *nf);
bool netfront_features_carrier(struct netfront_dev *nf);
u32 netfront_features_mtu(struct netfront_dev *nf);
int netfront_features_mac(struct netfront_dev *nf, u8 *mac);
int netfront_read_mac(struct xenbus_device *dev, u8 *mac);
bool netfront_backend_online(struct netfront_dev *nf);
bool netfront_backend_there(struct netfront_dev *nf);
bool netfront_backend_lost(struct netfront_dev *nf);

/* connect.c */
int netfront_publish(struct netfront_dev *nf);
void netfront_link(struct netfront_dev *nf);
void netfront_hold(struct netfront_dev *nf);
void netfront_disconnect(struct netfront_dev *nf);

#endif
