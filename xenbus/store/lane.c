// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lanes: the jobs of a lane run in order and one at a time; those of different
 * lanes run in parallel. Each device has a lane, so that its events are handled
 * in order, and events of another device do not delay them.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "store.h"

#define XSLANE_PAUSE_SECS	30

/**
 * struct xs_lane - one lane
 * @all:    entry in the list of all lanes
 * @refs:   one for the owner, one for each watch and job, one while @work is
 *          queued
 * @work:   runs the jobs
 * @jobs:   jobs, in order
 * @runner: task that runs a job now
 */
struct xs_lane {
	struct list_head all;
	refcount_t refs;
	struct work_struct work;
	struct list_head jobs;
	struct task_struct *runner;
};

/* protects all of these, and the lanes */
static DEFINE_SPINLOCK(xslane_lock);
static LIST_HEAD(xslane_all);
static unsigned int xslane_running;
static bool xslane_paused;

static DECLARE_WAIT_QUEUE_HEAD(xslane_idle);
static struct workqueue_struct *xslane_wq;

void xslane_get(struct xs_lane *lane)
{
	refcount_inc(&lane->refs);
}

/**
 * xs_lane_put() - release a lane
 * @lane: its queued jobs still run
 *
 * Context: process.
 */
void xs_lane_put(struct xs_lane *lane)
{
	bool last;

	spin_lock(&xslane_lock);
	last = refcount_dec_and_test(&lane->refs);
	if (last)
		list_del(&lane->all);
	spin_unlock(&xslane_lock);
	if (last)
		kfree(lane);
}

/* Under the lock. */
static void xslane_start(struct xs_lane *lane)
{
	lockdep_assert_held(&xslane_lock);
	if (queue_work(xslane_wq, &lane->work))
		xslane_get(lane);
}

static struct xs_job *xslane_begin(struct xs_lane *lane)
{
	struct xs_job *job = NULL;

	spin_lock(&xslane_lock);
	if (!xslane_paused)
		job = list_first_entry_or_null(&lane->jobs, struct xs_job,
					       list);
	if (job) {
		list_del_init(&job->list);
		job->queued = false;
		lane->runner = current;
		xslane_running++;
	}
	spin_unlock(&xslane_lock);
	return job;
}

static void xslane_end(struct xs_lane *lane)
{
	spin_lock(&xslane_lock);
	lane->runner = NULL;
	xslane_running--;
	if (xslane_paused)
		wake_up_all(&xslane_idle);
	spin_unlock(&xslane_lock);
}

static void xslane_work(struct work_struct *work)
{
	struct xs_lane *lane = container_of(work, struct xs_lane, work);
	struct xs_job *job;

	while ((job = xslane_begin(lane))) {
		job->fn(job);	/* the job may be freed */
		xslane_end(lane);
		xs_lane_put(lane);	/* the job's reference */
		cond_resched();
	}
	xs_lane_put(lane);		/* the work item's reference */
}

/**
 * xs_lane_create() - create a lane
 *
 * Return: the lane, to be released by xs_lane_put(); NULL without memory.
 * Context: process.
 */
struct xs_lane *xs_lane_create(void)
{
	struct xs_lane *lane = kzalloc(sizeof(*lane), XS_GFP);

	if (!lane)
		return NULL;
	refcount_set(&lane->refs, 1);
	INIT_WORK(&lane->work, xslane_work);
	INIT_LIST_HEAD(&lane->jobs);
	spin_lock(&xslane_lock);
	list_add_tail(&lane->all, &xslane_all);
	spin_unlock(&xslane_lock);
	return lane;
}

/**
 * xs_lane_queue() - queue a job behind the others
 * @lane: the lane
 * @job:  must remain valid until it starts
 *
 * Return: false if it was queued already and has not started.
 * Context: process.
 */
bool xs_lane_queue(struct xs_lane *lane, struct xs_job *job)
{
	bool queue;

	spin_lock(&xslane_lock);
	queue = !job->queued;
	if (queue) {
		job->queued = true;
		list_add_tail(&job->list, &lane->jobs);
		xslane_get(lane);
		xslane_start(lane);
	}
	spin_unlock(&xslane_lock);
	return queue;
}

/**
 * xslane_cancel() - remove a job from the queue
 * @lane: lane of the job
 * @job:  the job
 *
 * The caller holds a reference to the lane besides the job's.
 *
 * Return: false if it is not queued; it may be running.
 */
bool xslane_cancel(struct xs_lane *lane, struct xs_job *job)
{
	bool queued;

	spin_lock(&xslane_lock);
	queued = job->queued;
	if (queued) {
		job->queued = false;
		list_del_init(&job->list);
	}
	spin_unlock(&xslane_lock);
	if (queued)
		xs_lane_put(lane);
	return queued;
}

/**
 * xslane_is_current() - test whether a job of this lane is the caller
 * @lane: the lane
 *
 * Return: true if so.
 */
bool xslane_is_current(struct xs_lane *lane)
{
	return READ_ONCE(lane->runner) == current;
}

/* True if nothing runs except, perhaps, the calling job. */
static bool xslane_is_idle(void)
{
	unsigned int others;
	struct xs_lane *lane;

	spin_lock(&xslane_lock);
	others = xslane_running;
	list_for_each_entry(lane, &xslane_all, all)
		if (lane->runner == current)
			others--;
	spin_unlock(&xslane_lock);
	return !others;
}

/**
 * xs_lanes_pause() - start no more jobs, and wait for those that run
 *
 * Does not wait for the caller's own job.
 *
 * Return: 0; -EBUSY if something still runs after half a minute; then nothing
 * is paused.
 * Context: process.
 */
int xs_lanes_pause(void)
{
	spin_lock(&xslane_lock);
	xslane_paused = true;
	spin_unlock(&xslane_lock);
	if (wait_event_idle_timeout(xslane_idle, xslane_is_idle(),
				    XSLANE_PAUSE_SECS * HZ))
		return 0;
	xs_lanes_resume();
	return -EBUSY;
}

/**
 * xs_lanes_resume() - undo xs_lanes_pause()
 *
 * Context: process.
 */
void xs_lanes_resume(void)
{
	struct xs_lane *lane;

	spin_lock(&xslane_lock);
	xslane_paused = false;
	list_for_each_entry(lane, &xslane_all, all)
		if (!list_empty(&lane->jobs))
			xslane_start(lane);
	spin_unlock(&xslane_lock);
}

int xslane_init(void)
{
	/* A disk that holds swap may have to reconnect. */
	xslane_wq = alloc_workqueue("xenwatch", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return xslane_wq ? 0 : -ENOMEM;
}

/* All lanes were released: wait until their last jobs are done. */
void xslane_exit(void)
{
	destroy_workqueue(xslane_wq);
}
