/* SPDX-License-Identifier: GPL-2.0-only */
/* Outages of the backend, and what the netdev's carrier is meanwhile. */
#ifndef NETFRONT_OUTAGE_H
#define NETFRONT_OUTAGE_H

#include <linux/ktime.h>
#include <linux/workqueue.h>
#include <xen/interface/xen.h>

struct netfront_dev;

/**
 * struct netfront_outage - outages of the backend
 * @since:    start of the current one; 0: there is a backend
 * @before:   packets dropped before the current one
 * @attempts: failed connections in the current one
 * @count:    number of outages
 * @longest:  duration of the longest one, ms
 * @dropped:  packets dropped in all outages
 */
struct netfront_outage {
	ktime_t since;
	u64 before;
	unsigned int attempts;
	unsigned int count;
	s64 longest;
	u64 dropped;
};

/**
 * struct netfront_carrier - the carrier as told to user space
 * @kept:   the carrier stays on, though there is no usable connection yet;
 *          without a connection the transmit queues are stopped
 * @flap:   the carrier is off for a moment, though there is a connection
 * @moved:  the network is another one, and user space was not told yet
 * @domid:  backend of the last connection; DOMID_INVALID: not known
 * @bridge: bridge of that backend; empty: not known
 * @until:  end of @kept or @flap, in jiffies
 * @work:   ends @kept or @flap
 *
 * Under fsm.act.
 */
struct netfront_carrier {
	bool kept;
	bool flap;
	bool moved;
	domid_t domid;
	char bridge[32];
	unsigned long until;
	struct delayed_work work;
};

/* outage.c */
void netfront_outage_begin(struct netfront_dev *nf, const char *why);
void netfront_outage_end(struct netfront_dev *nf);
void netfront_outage_fail(struct netfront_dev *nf);

/* carrier.c */
void netfront_carrier_init(struct netfront_dev *nf);
void netfront_carrier_hold(struct netfront_dev *nf);
void netfront_carrier_off(struct netfront_dev *nf);
void netfront_carrier_update(struct netfront_dev *nf);
void netfront_carrier_place(struct netfront_dev *nf);
bool netfront_carrier_moved(struct netfront_dev *nf);
void netfront_carrier_tell(struct netfront_dev *nf);

#endif
