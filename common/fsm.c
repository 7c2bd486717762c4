// SPDX-License-Identifier: GPL-2.0-only
/* The table-driven xenbus state machine. */
#include <linux/export.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <xenpv/fsm.h>
#include <xenpv/store.h>
#include "common.h"

/**
 * xpv_fsm_note() - add a line to the history
 * @m:     the machine
 * @cause: the cause of the change
 *
 * Context: any.
 */
void xpv_fsm_note(struct xpv_fsm *m, enum xpv_cause cause)
{
	struct xpv_moment *now;
	unsigned long flags;

	spin_lock_irqsave(&m->lock, flags);
	now = &m->history[m->nr++ % XPV_HISTORY];
	now->when = ktime_get();
	now->mine = xpv_fsm_state(m);
	now->peer = m->peer;
	now->cause = cause;
	spin_unlock_irqrestore(&m->lock, flags);
	trace_xpv_state(dev_name(&m->dev->dev), now->mine, now->peer, cause);
}
EXPORT_SYMBOL_GPL(xpv_fsm_note);

static void xpv_fsm_act(struct xpv_fsm *m)
{
	const struct xpv_rule *rule;
	enum xenbus_state mine, peer;
	unsigned int noio;

	lockdep_assert_held(&m->act);
	/* Reclaim may have to write to the disk that reconnects here. */
	noio = memalloc_noio_save();
	mine = xpv_fsm_state(m);
	peer = xpv_fsm_peer_state(m);
	for (rule = m->rules; rule->mine; rule++) {
		if (!(rule->mine & BIT(mine)) ||
		    !(rule->peer & BIT(peer)))
			continue;
		if (rule->act)
			rule->act(m);
		break;
	}
	memalloc_noio_restore(noio);
}

static void xpv_fsm_run(struct work_struct *work)
{
	struct xpv_fsm *m = container_of(work, struct xpv_fsm, work);

	mutex_lock(&m->act);
	xpv_fsm_act(m);
	mutex_unlock(&m->act);
}

static void xpv_fsm_timer(struct work_struct *work)
{
	struct xpv_fsm *m = container_of(to_delayed_work(work),
					 struct xpv_fsm, timer);
	unsigned int noio;

	mutex_lock(&m->act);
	noio = memalloc_noio_save();	/* as above */
	/* The state may have been reached while we waited for the lock. */
	if (m->waiting) {
		m->waiting = false;
		xpv_fsm_note(m, XPV_BY_DEADLINE);
		m->expired(m);
	}
	memalloc_noio_restore(noio);
	mutex_unlock(&m->act);
}

/**
 * xpv_fsm_init() - set up a state machine
 * @m:       zeroed memory
 * @dev:     the device; must outlive the machine
 * @rules:   table, static
 * @expired: called in process context when a deadline passes; may be NULL if
 *           xpv_fsm_deadline() is never called
 *
 * No action runs before the first kick.
 */
void xpv_fsm_init(struct xpv_fsm *m, struct xenbus_device *dev,
		  const struct xpv_rule *rules,
		  void (*expired)(struct xpv_fsm *m))
{
	m->dev = dev;
	m->wq = xpv_wq;
	m->rules = rules;
	m->expired = expired;
	m->peer = XenbusStateUnknown;
	mutex_init(&m->act);
	spin_lock_init(&m->lock);
	ratelimit_state_init(&m->fatal, 10 * HZ, 20);
	ratelimit_set_flags(&m->fatal, RATELIMIT_MSG_ON_RELEASE);
	ratelimit_state_init(&m->outages, 10 * HZ, 20);
	INIT_WORK(&m->work, xpv_fsm_run);
	INIT_DELAYED_WORK(&m->timer, xpv_fsm_timer);
}
EXPORT_SYMBOL_GPL(xpv_fsm_init);

/**
 * xpv_fsm_queue_alloc() - give the machine a workqueue of its own
 * @m: not kicked yet
 *
 * For a backend, whose actions may wait for a guest's I/O. A workqueue runs a
 * limited number of work items at once. If all of them waited for storage that
 * hangs, no other device could make progress. Without memory for a workqueue
 * the machine uses the shared one. Free it with xpv_fsm_queue_free().
 *
 * Context: process.
 */
void xpv_fsm_queue_alloc(struct xpv_fsm *m)
{
	struct workqueue_struct *wq;

	wq = alloc_workqueue("xpv-%s", WQ_UNBOUND | WQ_FREEZABLE, 0,
			     dev_name(&m->dev->dev));
	if (wq)
		m->wq = wq;
}
EXPORT_SYMBOL_GPL(xpv_fsm_queue_alloc);

/**
 * xpv_fsm_queue_free() - free the machine's own workqueue
 * @m: stopped for good, or never kicked
 *
 * Must not be called from an action.
 *
 * Context: process.
 */
void xpv_fsm_queue_free(struct xpv_fsm *m)
{
	if (m->wq != xpv_wq)
		destroy_workqueue(m->wq);
	m->wq = xpv_wq;
}
EXPORT_SYMBOL_GPL(xpv_fsm_queue_free);

/**
 * xpv_fsm_may_say() - rate-limit the log lines about a lost or returned
 * peer
 * @m: the machine
 *
 * The limit is per device: a limit shared by all devices would lose lines when
 * several devices lose a backend at the same time.
 *
 * Return: true if the caller may log.
 * Context: under @m->act, or when nobody else uses the device.
 */
bool xpv_fsm_may_say(struct xpv_fsm *m)
{
	return __ratelimit(&m->outages);
}
EXPORT_SYMBOL_GPL(xpv_fsm_may_say);

/**
 * xpv_fsm_peer_state() - the peer's state as last reported
 * @m: the machine
 *
 * Return: the state.
 */
enum xenbus_state xpv_fsm_peer_state(struct xpv_fsm *m)
{
	return READ_ONCE(m->peer);
}
EXPORT_SYMBOL_GPL(xpv_fsm_peer_state);

/**
 * xpv_fsm_peer() - the peer's state node was written
 * @m:    the machine
 * @peer: its new value
 *
 * Called from otherend_changed(). Runs the table even if the value did not
 * change: a repeated Connected announces a resize. If states change faster than
 * the table runs, only the last one is seen. So a table needs a row for every
 * pair of states.
 *
 * Context: process; does not block.
 */
void xpv_fsm_peer(struct xpv_fsm *m, enum xenbus_state peer)
{
	/* The protocol has no such state, so no rule matches it. */
	if (peer > XenbusStateReconfigured)
		peer = XenbusStateUnknown;
	WRITE_ONCE(m->peer, peer);
	xpv_fsm_note(m, XPV_BY_PEER);
	xpv_fsm_kick(m);
}
EXPORT_SYMBOL_GPL(xpv_fsm_peer);

/**
 * xpv_fsm_kick() - run the table with the current states
 * @m: the machine
 *
 * Context: any.
 */
void xpv_fsm_kick(struct xpv_fsm *m)
{
	unsigned long flags;

	spin_lock_irqsave(&m->lock, flags);
	if (!m->stopped)
		queue_work(m->wq, &m->work);
	spin_unlock_irqrestore(&m->lock, flags);
}
EXPORT_SYMBOL_GPL(xpv_fsm_kick);

/**
 * xpv_fsm_look() - read the peer's state and run the table synchronously
 * @m: the machine
 *
 * For callers that cannot wait for the watch and the machine's workqueue: after
 * a resume both work again only when all devices have been resumed and
 * processes run. The device must not be resumed, unbound or removed meanwhile.
 *
 * Context: process, without @m->act.
 */
void xpv_fsm_look(struct xpv_fsm *m)
{
	enum xenbus_state peer;

	mutex_lock(&m->act);
	peer = xpv_driver_state(m->dev->otherend);
	if (peer != xpv_fsm_peer_state(m)) {
		WRITE_ONCE(m->peer, peer);
		xpv_fsm_note(m, XPV_BY_PEER);
	}
	xpv_fsm_act(m);
	mutex_unlock(&m->act);
}
EXPORT_SYMBOL_GPL(xpv_fsm_look);

/**
 * xpv_fsm_switch() - change our own state, also in the store
 * @m:     the machine
 * @state: new state
 *
 * If a frontend's directory already belongs to another instance, only the
 * device's state changes.
 *
 * Return: 0 or the store's error; the old state is kept on an error.
 * Context: process.
 */
int xpv_fsm_switch(struct xpv_fsm *m, enum xenbus_state state)
{
	int err = m->instance ? m->write(m->instance, state) :
			   xpv_store_switch(m->dev, state);

	xpv_fsm_note(m, XPV_BY_US);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_fsm_switch);

/**
 * xpv_fsm_fatal() - give up a connection and report why
 * @m:   the machine
 * @err: negative error
 * @fmt: text for the store and the log
 *
 * The state is Closing afterwards. A peer can cause this as often as it likes,
 * so the log lines are rate-limited.
 *
 * Context: process.
 */
void xpv_fsm_fatal(struct xpv_fsm *m, int err, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	char node[XPV_PATH_MAX];
	va_list args;

	va_start(args, fmt);
	vaf.va = &args;
	if (__ratelimit(&m->fatal)) {
		xenbus_dev_error(m->dev, err, "%pV", &vaf);
	} else {
		/* Report to the store only, not to the log. */
		snprintf(node, sizeof(node), "error/%s", m->dev->nodename);
		xenbus_printf(XBT_NIL, node, "error", "%d %pV", -err, &vaf);
	}
	xpv_fsm_switch(m, XenbusStateClosing);
	va_end(args);
}
EXPORT_SYMBOL_GPL(xpv_fsm_fatal);

/**
 * xpv_fsm_refuse() - give up a connection because of an invalid key
 * @m:    the machine
 * @err:  negative error
 * @dir:  directory of the key
 * @key:  the key
 * @want: text for people: which values are valid
 *
 * Context: process.
 */
void xpv_fsm_refuse(struct xpv_fsm *m, int err, const char *dir,
		    const char *key, const char *want)
{
	unsigned int len = 0;
	char *text = xenbus_read(XBT_NIL, dir, key, &len);

	if (IS_ERR(text)) {
		xpv_fsm_fatal(m, err, "%s/%s cannot be read, want %s", dir,
			      key, want);
		return;
	}
	xpv_fsm_fatal(m, err, "%s/%s is '%*pE', want %s", dir, key,
		      (int)min(len, 32U), text, want);
	kfree(text);
}
EXPORT_SYMBOL_GPL(xpv_fsm_refuse);

/**
 * xpv_fsm_deadline() - limit the wait for the peer
 * @m:     the machine
 * @msecs: milliseconds from now; replaces an earlier deadline
 *
 * Context: an action, or before the first kick.
 */
void xpv_fsm_deadline(struct xpv_fsm *m, unsigned int msecs)
{
	unsigned long flags;

	m->waiting = true;
	spin_lock_irqsave(&m->lock, flags);
	if (!m->stopped)
		mod_delayed_work(m->wq, &m->timer, msecs_to_jiffies(msecs));
	spin_unlock_irqrestore(&m->lock, flags);
}
EXPORT_SYMBOL_GPL(xpv_fsm_deadline);

/**
 * xpv_fsm_reach() - cancel the deadline
 * @m: the machine
 *
 * The state that the machine waited for has been reached.
 *
 * Context: an action.
 */
void xpv_fsm_reach(struct xpv_fsm *m)
{
	m->waiting = false;
	cancel_delayed_work(&m->timer);
}
EXPORT_SYMBOL_GPL(xpv_fsm_reach);

/**
 * xpv_fsm_stop() - stop the machine; for remove()
 * @m: the machine
 *
 * Waits for a running action. No action starts afterwards.
 *
 * Context: process, but not an action.
 */
void xpv_fsm_stop(struct xpv_fsm *m)
{
	spin_lock_irq(&m->lock);
	m->stopped = true;
	spin_unlock_irq(&m->lock);
	cancel_delayed_work_sync(&m->timer);
	cancel_work_sync(&m->work);
}
EXPORT_SYMBOL_GPL(xpv_fsm_stop);

/**
 * xpv_fsm_reattach() - continue with another device on the bus; for probe()
 * @m:   stopped
 * @dev: the new device; its peer's state is not known yet
 */
void xpv_fsm_reattach(struct xpv_fsm *m, struct xenbus_device *dev)
{
	m->dev = dev;
	m->ahead = XenbusStateUnknown;
	m->waiting = false;
	spin_lock_irq(&m->lock);
	m->peer = XenbusStateUnknown;
	m->stopped = false;
	spin_unlock_irq(&m->lock);
}
EXPORT_SYMBOL_GPL(xpv_fsm_reattach);

/**
 * xpv_fsm_show() - print the states and the history
 * @s: seq_file to print to
 * @m: the machine
 *
 * Prints one header line, then the history, oldest line first: seconds since
 * boot, own state, peer's state, cause.
 */
void xpv_fsm_show(struct seq_file *s, struct xpv_fsm *m)
{
	static const char *const causes[] = {
		[XPV_BY_PEER] = "peer",
		[XPV_BY_US] = "us",
		[XPV_BY_DEADLINE] = "deadline",
	};
	struct xpv_moment history[XPV_HISTORY];
	unsigned int nr, i;

	spin_lock_irq(&m->lock);
	memcpy(history, m->history, sizeof(history));
	nr = m->nr;
	spin_unlock_irq(&m->lock);

	seq_printf(s, "mine %s peer %s changes %u\n",
		   xenbus_strstate(xpv_fsm_state(m)), xenbus_strstate(m->peer),
		   nr);
	for (i = nr > XPV_HISTORY ? nr - XPV_HISTORY : 0; i < nr; i++) {
		struct xpv_moment *h = &history[i % XPV_HISTORY];

		seq_printf(s, "%lld.%06lld %s %s %s\n",
			   div_s64(ktime_to_us(h->when), USEC_PER_SEC),
			   ktime_to_us(h->when) % USEC_PER_SEC,
			   xenbus_strstate(h->mine), xenbus_strstate(h->peer),
			   causes[h->cause]);
	}
}
EXPORT_SYMBOL_GPL(xpv_fsm_show);
