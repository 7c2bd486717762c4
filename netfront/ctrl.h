/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is said to the backend beside packets: the control ring, how packets are
 * spread over queues, pages that stay mapped, the multicast filter.
 */
#ifndef NETFRONT_CTRL_H
#define NETFRONT_CTRL_H

#include <linux/completion.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/workqueue.h>
#include <xenpv/channel.h>
#include <xenpv/ring.h>
#include "parse.h"

struct netfront_dev;

/**
 * struct netfront_ctrl - the control ring; one request at a time
 * @up:     connected
 * @halted: not used any more until the next connection
 * @ring:   shared page
 * @event:  event channel
 * @lock:   protects the fields below
 * @half:   private half
 * @open:   @req waits for its response
 * @req:    the request
 * @result: enum netfront_ctrl_result
 * @data:   data of the response
 * @done:   completed when the response has come
 * @name:   name of the interrupt
 */
struct netfront_ctrl {
	bool up;
	bool halted;
	struct xpv_shared ring;
	struct xpv_event event;
	spinlock_t lock;
	struct xpv_ring half;
	bool open;
	struct xpv_netif_ctrl_req req;
	enum netfront_ctrl_result result;
	u32 data;
	struct completion done;
	char name[24];
};

/**
 * struct netfront_rss - how the backend shall distribute packets to queues
 * @on:    hashing is wanted
 * @types: hash types, bits 1 << XPV_NETIF_HASH_*
 * @can:   hash types that this backend supports
 * @size:  entries of the table; 0: this backend has none
 * @set:   the user chose @table; otherwise it is distributed evenly
 * @table: maps a hash to a queue
 * @key:   key of the Toeplitz hash
 */
struct netfront_rss {
	bool on;
	u32 types;
	u32 can;
	u32 size;
	bool set;
	u32 table[NETFRONT_MAX_MAPPING];
	u8 key[NETFRONT_KEY_BYTES];
};

#define NETFRONT_MAX_MCAST	60	/* Linux's backend allows 64 */
/**
 * struct netfront_mcast - the backend's list of multicast addresses
 * @on:      the backend filters by it
 * @failed:  the backend refused an address: do not filter
 * @known:   addresses in the list, @nr of them
 * @nr:      number of addresses
 * @answers: responses that are outstanding
 * @work:    updates the list
 */
struct netfront_mcast {
	bool on;
	bool failed;
	u8 known[NETFRONT_MAX_MCAST][ETH_ALEN];
	unsigned int nr;
	atomic_t answers;
	struct delayed_work work;
};

/* ctrl.c */
int netfront_ctrl_open(struct netfront_dev *nf);
void netfront_ctrl_close(struct netfront_dev *nf);
int netfront_ctrl_call(struct netfront_dev *nf, u16 type, const u32 *args,
		       u32 *data);
int netfront_ctrl_call_page(struct netfront_dev *nf, u16 type,
			    const void *bytes, size_t len, u32 *args,
			    unsigned int at);

/* static.c */
void netfront_static_link(struct netfront_dev *nf);

/* rss.c */
void netfront_rss_init(struct netfront_dev *nf);
void netfront_rss_link(struct netfront_dev *nf);
int netfront_rss_program(struct netfront_dev *nf);
void netfront_rss_spread(struct netfront_dev *nf, u32 *table);

/* mcast.c */
void netfront_mcast_init(struct netfront_dev *nf);
void netfront_mcast_link(struct netfront_dev *nf);
void netfront_mcast_answer(struct netfront_dev *nf, bool okay);
void netfront_set_rx_mode(struct net_device *netdev);

#endif
