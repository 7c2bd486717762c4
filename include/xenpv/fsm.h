/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The xenbus state machine: a table maps (own state, peer's state) to an
 * action.
 *
 * The xenwatch thread only records the peer's state. The actions run in a work
 * item of each device, one at a time, so that no device delays another and an
 * action may sleep. Actions allocate memory without I/O, because the disk that
 * they connect may hold swap.
 */
#ifndef XENPV_MACHINE_H
#define XENPV_MACHINE_H

#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <xenpv/trace.h>
#include <compat/xenbus.h>

struct seq_file;
struct xpv_fsm;
struct xpv_instance;

/* A set of states in a rule: XPV_IN(InitWait) | XPV_IN(Initialised). */
#define XPV_IN(state)	BIT(XenbusState##state)
#define XPV_IN_ANY	0xffff

/**
 * struct xpv_rule - one row of the table; the first row that matches is used
 * @mine: set of own states
 * @peer: set of the peer's states
 * @act:  action, in process context; NULL: nothing to do
 */
struct xpv_rule {
	u16 mine;
	u16 peer;
	void (*act)(struct xpv_fsm *m);
};

#define XPV_HISTORY	16

/* A line of the history. */
struct xpv_moment {
	ktime_t when;
	u8 mine;
	u8 peer;
	u8 cause;
};

/**
 * struct xpv_fsm - the state machine of one device
 * @dev:     the device; see xpv_fsm_state() for our own state
 * @rules:   table, ends with a row whose @mine is 0
 * @expired: action when a deadline set by xpv_fsm_deadline() passes
 * @wq:      runs @work and @timer
 * @work:    runs the table
 * @timer:   runs @expired
 * @act:     held over every action
 * @waiting: a deadline is set; under @act
 * @instance: of a frontend that watches its directory, otherwise NULL
 * @write:   with @instance: writes our state to the store
 * @ahead:   with @instance: our state while @dev->state must still be
 *           Initialising, otherwise 0; under the lock of @instance
 * @fatal:   rate limit of the log lines about failed connections
 * @outages: rate limit of the log lines about lost peers
 * @lock:    protects the fields below it
 * @peer:    the peer's state as last read
 * @stopped: no action starts any more
 * @nr:      lines ever written to @history
 * @history: the last XPV_HISTORY changes
 */
struct xpv_fsm {
	struct xenbus_device *dev;
	const struct xpv_rule *rules;
	void (*expired)(struct xpv_fsm *m);
	struct workqueue_struct *wq;
	struct work_struct work;
	struct delayed_work timer;
	struct mutex act;
	bool waiting;
	struct xpv_instance *instance;
	int (*write)(struct xpv_instance *instance, enum xenbus_state state);
	enum xenbus_state ahead;
	struct ratelimit_state fatal;
	struct ratelimit_state outages;
	spinlock_t lock;
	enum xenbus_state peer;
	bool stopped;
	unsigned int nr;
	struct xpv_moment history[XPV_HISTORY];
};

/**
 * xpv_fsm_state() - our own state
 * @m: the machine
 *
 * Return: the state that the store has.
 * Context: any.
 */
static inline enum xenbus_state xpv_fsm_state(const struct xpv_fsm *m)
{
	enum xenbus_state state = READ_ONCE(m->dev->state);
	enum xenbus_state ahead = READ_ONCE(m->ahead);

	/* the bus itself changes dev->state, too, and then that counts */
	return ahead && state == XenbusStateInitialising ? ahead : state;
}

void xpv_fsm_init(struct xpv_fsm *m, struct xenbus_device *dev,
		  const struct xpv_rule *rules,
		  void (*expired)(struct xpv_fsm *m));
void xpv_fsm_queue_alloc(struct xpv_fsm *m);
void xpv_fsm_queue_free(struct xpv_fsm *m);
void xpv_fsm_peer(struct xpv_fsm *m, enum xenbus_state peer);
void xpv_fsm_kick(struct xpv_fsm *m);
void xpv_fsm_look(struct xpv_fsm *m);
int xpv_fsm_switch(struct xpv_fsm *m, enum xenbus_state state);
void xpv_fsm_note(struct xpv_fsm *m, enum xpv_cause cause);
void xpv_fsm_deadline(struct xpv_fsm *m, unsigned int msecs);
void xpv_fsm_reach(struct xpv_fsm *m);
void xpv_fsm_stop(struct xpv_fsm *m);
void xpv_fsm_reattach(struct xpv_fsm *m, struct xenbus_device *dev);
enum xenbus_state xpv_fsm_peer_state(struct xpv_fsm *m);
bool xpv_fsm_may_say(struct xpv_fsm *m);
void xpv_fsm_show(struct seq_file *s, struct xpv_fsm *m);

__printf(3, 4)
void xpv_fsm_fatal(struct xpv_fsm *m, int err, const char *fmt, ...);
void xpv_fsm_refuse(struct xpv_fsm *m, int err, const char *dir,
		    const char *key, const char *want);

#endif
