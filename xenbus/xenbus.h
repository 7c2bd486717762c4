/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two halves of xenbus.ko know of each other: the xenstore client
 * below (ring, request, xs, watch, dev, procfs) and the buses above it.
 */
#ifndef XENBUS_XENBUS_H
#define XENBUS_XENBUS_H

#include <linux/list.h>
#include <linux/types.h>

struct dentry;

/*
 * The client: ring with xenstored, requests, watches. After xs_init() every
 * function of <xen/xenbus.h> that reads or writes the store works. xs_exit()
 * wants every watch unregistered; it takes what xenstored keeps for this
 * domain (watches, transactions) back.
 *
 * xs_init(): 0; -ENODEV if the domain has no store; other negative errno.
 */
int xs_init(void);
void xs_exit(void);

/* /dev/xen/xenbus; after xs_init(), ends after xsproc_exit(), before xs_exit(). */
int xsdev_init(void);
void xsdev_exit(void);

/* /proc/xen/{xenbus,capabilities}; after xs_init(). */
int xsproc_init(void);
void xsproc_exit(void);

/*
 * The statistics of the client as files in @dir, the module's debugfs folder,
 * which the caller removes with all that is in it, before xs_exit().
 */
void xsstats_init(struct dentry *dir);

/*
 * Lanes (watch.c; asked for by the upper half). Callbacks of watches in one
 * lane run one at a time, in the order of their events; those of different
 * lanes in parallel. Drivers, ours and others, count on that for all watches of
 * one device: each device has a lane, and xenbus_watch_path() (client.c, upper
 * half) uses it. register_xenbus_watch() itself gives a watch a lane of its own.
 *
 * unregister_xenbus_watch() drops events not yet delivered and waits for a
 * running callback of that watch (only of that one, not for the rest of its
 * lane), unless it is called from that very callback or from anything else that
 * runs in the same lane: a callback may unregister any watch of its lane and
 * free its memory before it returns.
 *
 * xs_lane_queue() runs job->fn in the lane after what is queued there already;
 * false: it was queued and has not begun yet. fn may free the job. A lane ends
 * when it was put and the last watch and job in it are gone; callers need not
 * wait for that.
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
 * For a suspend: no callback and no job begins any more until xs_lanes_resume();
 * what comes meanwhile waits. Waits for those that run, but for the caller's own
 * (the shutdown watch suspends from its callback). To be called before the
 * devices' suspend(), and resumed after their resume(): the kernel's single
 * xenwatch thread gave drivers the same.
 *
 * Return: 0; -EBUSY if something still runs after half a minute; then nothing
 * is paused.
 */
int xs_lanes_pause(void);
void xs_lanes_resume(void);

/*
 * A watch keeps 256 events. If more come, or memory is short, what is lost is
 * told by one event with the path of the watch's own node: whatever is below it
 * may have changed. So a bus has to scan when it gets the path it watches.
 */

/*
 * Before a reboot or kexec, when all devices are closed: has xenstored drop our
 * watches and transactions and keeps requests from being sent after that
 * (-ESHUTDOWN), so that the next kernel finds the ring at rest. Waits for
 * seconds at most. (store.c)
 */
void xs_shutdown(void);

#endif
