/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interface between the two halves of xenbus.ko: the xenstore client
 * (store/) and the buses above it (bus/).
 */
#ifndef XENBUS_XENBUS_H
#define XENBUS_XENBUS_H

#include <linux/list.h>
#include <linux/types.h>

struct dentry;

/*
 * The client: ring with xenstored, requests, watches. After xs_init() every
 * function of <xen/xenbus.h> that reads or writes the store works. xs_exit()
 * requires that every watch is unregistered; it makes xenstored drop this
 * domain's watches and transactions.
 *
 * xs_init() returns 0; -ENODEV if the domain has no store; or another negative
 * errno.
 */
int xs_init(void);
void xs_exit(void);

/*
 * /dev/xen/xenbus: init after xs_init(), exit after xsproc_exit() and before
 * xs_exit().
 */
int xsdev_init(void);
void xsdev_exit(void);

/* /proc/xen/{xenbus,capabilities}; after xs_init(). */
int xsproc_init(void);
void xsproc_exit(void);

/*
 * Create the statistics of the client in @dir, the module's debugfs directory.
 * The caller removes that before xs_exit().
 */
void xsdebug_init(struct dentry *dir);

/*
 * Lanes (lane.c; used by the upper half). Callbacks of watches in one lane run
 * one at a time, in the order of their events; those of different lanes run in
 * parallel. Drivers rely on this order for all watches of one device. So each
 * device has a lane, which xenbus_watch_path() (client.c, upper half) uses.
 * register_xenbus_watch() gives a watch a lane of its own.
 *
 * unregister_xenbus_watch() drops pending events and waits for a running
 * callback of that watch, but not for the rest of its lane. It does not wait if
 * it is called from that callback or from anything else that runs in the same
 * lane: a callback may unregister any watch of its lane and free its memory
 * before it returns.
 *
 * xs_lane_queue() runs job->fn in the lane after what is already queued there;
 * it returns false if the job was queued and has not started yet. fn may free
 * the job. A lane is freed when it was released by xs_lane_put() and its last
 * watch and job are gone; callers need not wait for that.
 */
struct xs_lane;
struct xenbus_watch;

struct xs_job {
	struct list_head list;
	bool queued;
	void (*fn)(struct xs_job *job);
};

struct xs_lane *xs_lane_create(void);	/* NULL: no memory */
void xs_lane_put(struct xs_lane *lane);
int xs_lane_watch(struct xs_lane *lane, struct xenbus_watch *watch);
bool xs_lane_queue(struct xs_lane *lane, struct xs_job *job);

/*
 * For a suspend: no callback and no job starts until xs_lanes_resume(); new
 * ones wait. Waits for those that run, except for the caller's own (the
 * shutdown watch suspends from its callback). Call it before the devices'
 * suspend(), and call xs_lanes_resume() after their resume(): the kernel's
 * single xenwatch thread gives drivers the same guarantee.
 *
 * Returns 0; -EBUSY if something still runs after half a minute; then nothing
 * is paused.
 */
int xs_lanes_pause(void);
void xs_lanes_resume(void);

/*
 * A watch queues 256 events. If more come, or memory is short, one event with
 * the path of the watch's own node represents the lost ones: anything below it
 * may have changed. So a bus has to scan when it gets the path that it watches.
 */

/*
 * Before a reboot or kexec, when all devices are closed: makes xenstored drop
 * our watches and transactions, and lets later requests fail (-ESHUTDOWN), so
 * that the next kernel finds the ring idle. Waits for seconds at most.
 * (store.c)
 */
void xs_shutdown(void);

#endif
