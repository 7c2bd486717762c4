/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private header of xen-netback: a device. Its queues are in queue.h, their two
 * directions in transmit.h and receive.h, the control ring in ctrl.h, the
 * interface in vif.h, the counters in stats.h.
 *
 * "tx" is what the guest transmits and we receive, "rx" is what it receives, as
 * in the protocol and the in-tree driver. Each queue has a NAPI instance for
 * either direction, and only that instance uses the direction's ring.
 */
#ifndef NETBACK_H
#define NETBACK_H

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/ratelimit.h>
#include <compat/xenbus.h>
#include <xenpv/backend.h>
#include <xenpv/channel.h>
#include <xenpv/debug.h>
#include <xenpv/grant.h>
#include <xenpv/fsm.h>
#include <xenpv/netif_skb.h>
#include <xenpv/ring.h>
#include <xenpv/violation.h>
#include "ctrl.h"
#include "parse.h"
#include "queue.h"
#include "vif.h"

/* A grant covers one page; nothing here splits pages. */
static_assert(PAGE_SIZE == XEN_PAGE_SIZE);

#define NETBACK_QUEUES_MAX	64	/* maximum of parameter max_queues */

/*
 * Limit of successive checks of a ring that promises work and has none; an
 * index that only moves forward never causes one.
 */
#define NETBACK_MAX_VAIN	64

/* The device and queue of a debugfs file. */
struct netback_ring_file {
	struct netback_dev *be;
	unsigned int index;
};

/**
 * struct netback_link - what the frontend of one connection accepts
 * @sg:           packets of several slots
 * @gso4:         large packets of TCP over IPv4
 * @gso6:         large packets of TCP over IPv6
 * @csum4:        blank checksums of IPv4
 * @csum6:        blank checksums of IPv6
 * @rx_notify:    it sends an event when it has posted buffers
 * @filter:       multicast packets only if they match the list of addresses
 * @xdp_headroom: bytes to leave free before received data
 *
 * netback_connect() reads them. @filter and @xdp_headroom follow the store
 * while the connection is in use, and are read without a lock.
 */
struct netback_link {
	bool sg;
	bool gso4;
	bool gso6;
	bool csum4;
	bool csum6;
	bool rx_notify;
	bool filter;
	unsigned int xdp_headroom;
};

/**
 * struct netback_dev - a backend device
 * @xdev:         device on the xenbus; we hold a reference
 * @otherend:     the frontend's directory; a copy that outlives the one in
 *                @xdev
 * @domid:        the frontend's domain
 * @handle:       number of the interface
 * @fsm:          state machine
 * @backend:      life cycle
 * @violations:   violation counts
 * @debug:        directory in debugfs
 * @rings:        arguments of the debugfs files io_ring_q*
 * @mcast_watch:  watch of the frontend's request-multicast-control
 * @again:        the script has already run, for an earlier or for a later
 *                interface
 * @tries:        attempts to create the interface by its name
 * @buried:       queues of its last connection, still to be freed
 * @patience:     time limit of a connection that ends, jiffies
 * @net:          interface, NULL before InitWait
 * @max_queues:   number of queues offered
 * @stats:        counters of each queue
 * @queues:       queues of the connection, NULL without one; changed under RTNL
 * @up:           the queues are being served; under RTNL
 * @disabled:     the frontend is hostile or broken
 * @stalled:      number of stalled queues
 * @mac:          the guest's address
 * @mtu:          the interface's MTU before a frontend without scatter-gather
 *                came, or 0
 * @link:         what the frontend of this connection accepts
 * @rate_changed: the key "rate" was written
 * @carrier:      what we told the frontend: 0, 1, or -1: nothing
 * @tell_carrier: @carrier may have to be announced
 * @limit:        rate limit
 * @mcast:        list of addresses
 * @nr_mcast:     number of addresses
 * @mcast_lock:   protects changes of the list
 * @ctrl:         control ring
 * @steer:        the frontend's hash, NULL if it wants none
 */
struct netback_dev {
	struct xenbus_device *xdev;
	char *otherend;
	domid_t domid;
	unsigned int handle;
	struct xpv_fsm fsm;
	struct xpv_backend backend;
	struct xpv_violations violations;
	struct dentry *debug;
	struct netback_ring_file *rings;
	struct xenbus_watch mcast_watch;
	bool again;
	unsigned int tries;
	struct netback_queues *buried;
	unsigned long patience;
	struct net_device *net;
	unsigned int max_queues;
	struct netback_stats *stats;

	struct netback_queues __rcu *queues;
	bool up;
	bool disabled;
	atomic_t stalled;

	u8 mac[ETH_ALEN];
	int mtu;
	struct netback_link link;
	bool rate_changed;
	int carrier;
	bool tell_carrier;

	struct netback_credit limit;
	struct list_head mcast;
	unsigned int nr_mcast;
	spinlock_t mcast_lock;
	struct netback_ctrl_ring ctrl;
	struct netback_steer __rcu *steer;
};

/* main.c */
extern bool netback_separate_irq;
extern unsigned int netback_rx_drain_ms;
extern unsigned int netback_rx_stall_ms;
extern unsigned int netback_max_queues;
extern unsigned int netback_fatal_slots;
extern unsigned int netback_hash_cache;
extern unsigned int netback_tx_copy_max;
extern unsigned int netback_max_static_grants;
extern unsigned int netback_max_static_total;
extern bool netback_provides_xdp;
extern struct dentry *netback_debug_root;
extern struct workqueue_struct *netback_wq;
extern struct xpv_sites netback_sites;

/* device.c */
int netback_device_register(void);
void netback_device_unregister(void);

/* hotplug.c */
int netback_hotplug_uevent(xpv_uevent_dev *dev, struct kobj_uevent_env *env);
int netback_hotplug_create(struct netback_dev *be);
void netback_hotplug_forget(struct netback_dev *be);
bool netback_hotplug_is_done(struct netback_dev *be);

/* keep.c */
void netback_keep_save(struct netback_dev *be);
void netback_keep_restore(struct netback_dev *be, struct net_device *net);

/* connect.c */
int netback_connect(struct netback_dev *be);
struct netback_queues *netback_connect_detach(struct netback_dev *be);
void netback_connect_free(struct netback_dev *be, struct netback_queues *qs);
void netback_disconnect(struct netback_dev *be);
bool netback_connect_is_stale(struct netback_dev *be);
void netback_connect_headroom(struct netback_dev *be);
void netback_connect_filter(struct netback_dev *be);

/* disable.c */
void netback_disable(struct netback_dev *be, const struct netback_fault *fault);
bool netback_disable_vain(struct netback_queue *q, unsigned int vain);

/* debugfs.c */
void netback_debugfs_add(struct netback_dev *be);

#endif
