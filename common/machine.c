// SPDX-License-Identifier: GPL-2.0-only
/* The table-driven xenbus state machine. */
#include <linux/export.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <xenpv/machine.h>
#include <xenpv/park.h>
#include <xenpv/store.h>
#include "common.h"

/**
 * xpv_machine_note() - write a line of history
 * @m:     the machine
 * @cause: who changed the state
 *
 * Context: any.
 */
void xpv_machine_note(struct xpv_machine *m, enum xpv_cause cause)
{
	struct xpv_moment *now;
	unsigned long flags;

	spin_lock_irqsave(&m->lock, flags);
	now = &m->history[m->nr++ % XPV_HISTORY];
	now->when = ktime_get();
	now->mine = m->dev->state;
	now->peer = m->peer;
	now->cause = cause;
	spin_unlock_irqrestore(&m->lock, flags);
	trace_xpv_state(dev_name(&m->dev->dev), now->mine, now->peer, cause);
}
EXPORT_SYMBOL_GPL(xpv_machine_note);

static void xpv_machine_act(struct xpv_machine *m)
{
	const struct xpv_rule *rule;
	enum xenbus_state peer;
	unsigned int noio;

	lockdep_assert_held(&m->act);
	/* Memory may have to be freed by writing to the disk that reconnects. */
	noio = memalloc_noio_save();
	peer = xpv_machine_peer_state(m);
	for (rule = m->rules; rule->mine; rule++) {
		if (!(rule->mine & BIT(m->dev->state)) ||
		    !(rule->peer & BIT(peer)))
			continue;
		if (rule->act)
			rule->act(m);
		break;
	}
	memalloc_noio_restore(noio);
}

static void xpv_machine_run(struct work_struct *work)
{
	struct xpv_machine *m = container_of(work, struct xpv_machine, work);

	mutex_lock(&m->act);
	xpv_machine_act(m);
	mutex_unlock(&m->act);
}

static void xpv_machine_timer(struct work_struct *work)
{
	struct xpv_machine *m = container_of(to_delayed_work(work),
					     struct xpv_machine, timer);
	unsigned int noio;

	mutex_lock(&m->act);
	noio = memalloc_noio_save();	/* as above */
	if (m->waiting) {	/* else it was reached while we waited */
		m->waiting = false;
		xpv_machine_note(m, XPV_BY_DEADLINE);
		m->expired(m);
	}
	memalloc_noio_restore(noio);
	mutex_unlock(&m->act);
}

/**
 * xpv_machine_init() - set up a machine; nothing runs before the first kick
 * @m:       zeroed memory
 * @dev:     the device; outlives the machine
 * @rules:   table, static
 * @expired: called in process context when a deadline passes; may be NULL if
 *           xpv_machine_deadline() is never called
 */
void xpv_machine_init(struct xpv_machine *m, struct xenbus_device *dev,
		      const struct xpv_rule *rules,
		      void (*expired)(struct xpv_machine *m))
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
	INIT_WORK(&m->work, xpv_machine_run);
	INIT_DELAYED_WORK(&m->timer, xpv_machine_timer);
}
EXPORT_SYMBOL_GPL(xpv_machine_init);

/**
 * xpv_machine_queue_alloc() - actions run in a queue of the device's own
 * @m: nothing was kicked yet
 *
 * For a backend, whose actions may wait for the I/O of a guest: a queue runs so
 * many work items at once and no more, and when all of these wait for storage
 * that hangs no other device would get on. Without memory for a queue it is the
 * one of all devices. xpv_machine_queue_free() ends it. Context: process.
 */
void xpv_machine_queue_alloc(struct xpv_machine *m)
{
	struct workqueue_struct *wq;

	wq = alloc_workqueue("xpv-%s", WQ_UNBOUND | WQ_FREEZABLE, 0,
			     dev_name(&m->dev->dev));
	if (wq)
		m->wq = wq;
}
EXPORT_SYMBOL_GPL(xpv_machine_queue_alloc);

/**
 * xpv_machine_queue_free() - end of xpv_machine_queue_alloc()
 * @m: stopped for good, or never kicked
 *
 * Not from an action. Context: process.
 */
void xpv_machine_queue_free(struct xpv_machine *m)
{
	if (m->wq != xpv_wq)
		destroy_workqueue(m->wq);
	m->wq = xpv_wq;
}
EXPORT_SYMBOL_GPL(xpv_machine_queue_free);

/**
 * xpv_machine_may_say() - whether to log that the peer went, or came back
 * @m: the machine
 *
 * The limit is the device's own: one for all devices loses a line when several
 * lose a backend in the same instant. Context: under @m->act.
 */
bool xpv_machine_may_say(struct xpv_machine *m)
{
	return __ratelimit(&m->outages);
}
EXPORT_SYMBOL_GPL(xpv_machine_may_say);

/**
 * xpv_machine_peer_state() - the peer's state as last reported
 * @m: the machine
 */
enum xenbus_state xpv_machine_peer_state(struct xpv_machine *m)
{
	return READ_ONCE(m->peer);
}
EXPORT_SYMBOL_GPL(xpv_machine_peer_state);

/**
 * xpv_machine_peer() - the peer's state node was written
 * @m:    the machine
 * @peer: its value now
 *
 * To be called from otherend_changed(). Runs the table also if the value is
 * the old one: a repeated Connected announces a resize. States that follow
 * each other faster than the table runs are seen as the last of them, so a
 * table needs a row for every pair. Context: process; does not block.
 */
void xpv_machine_peer(struct xpv_machine *m, enum xenbus_state peer)
{
	/* A state beyond the protocol is a peer's nonsense: no rule for it. */
	if (peer > XenbusStateReconfigured)
		peer = XenbusStateUnknown;
	WRITE_ONCE(m->peer, peer);
	xpv_machine_note(m, XPV_BY_PEER);
	xpv_machine_kick(m);
}
EXPORT_SYMBOL_GPL(xpv_machine_peer);

/**
 * xpv_machine_kick() - run the table with the states as they are
 * @m: the machine
 *
 * Context: any.
 */
void xpv_machine_kick(struct xpv_machine *m)
{
	unsigned long flags;

	spin_lock_irqsave(&m->lock, flags);
	if (!m->stopped)
		queue_work(m->wq, &m->work);
	spin_unlock_irqrestore(&m->lock, flags);
}
EXPORT_SYMBOL_GPL(xpv_machine_kick);

/**
 * xpv_machine_look() - read the peer's state and run the table, here and now
 * @m: the machine
 *
 * For who cannot wait for the watch and for the workqueue of the machines: after
 * a resume both work again only when all devices have been resumed and processes
 * run. The device must not be resumed, unbound or removed meanwhile.
 * Context: process, without @m->act.
 */
void xpv_machine_look(struct xpv_machine *m)
{
	enum xenbus_state peer;

	mutex_lock(&m->act);
	peer = xenbus_read_driver_state(m->dev->otherend);
	if (peer != xpv_machine_peer_state(m)) {
		WRITE_ONCE(m->peer, peer);
		xpv_machine_note(m, XPV_BY_PEER);
	}
	xpv_machine_act(m);
	mutex_unlock(&m->act);
}
EXPORT_SYMBOL_GPL(xpv_machine_look);

/**
 * xpv_machine_switch() - change our own state, in the store too
 * @m:     the machine
 * @state: new state
 *
 * Of a frontend whose folder is another instance's by now only the device's.
 *
 * Return: 0 or the store's error, with the old state kept. Context: process.
 */
int xpv_machine_switch(struct xpv_machine *m, enum xenbus_state state)
{
	int err = m->own ? xpv_own_switch(m->own, state) :
			   xpv_store_switch(m->dev, state);

	xpv_machine_note(m, XPV_BY_US);
	return err;
}
EXPORT_SYMBOL_GPL(xpv_machine_switch);

/**
 * xpv_machine_fatal() - give up on a connection, and say why
 * @m:   the machine
 * @err: negative error
 * @fmt: text for the store and the log
 *
 * Ends in state Closing. A peer can make us come here as often as it likes, so
 * what goes to the log is limited. Context: process.
 */
void xpv_machine_fatal(struct xpv_machine *m, int err, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	char node[XPV_PATH_MAX];
	va_list args;

	va_start(args, fmt);
	vaf.va = &args;
	if (__ratelimit(&m->fatal)) {
		xenbus_dev_error(m->dev, err, "%pV", &vaf);
	} else {
		/* The same without a line in the log. */
		snprintf(node, sizeof(node), "error/%s", m->dev->nodename);
		xenbus_printf(XBT_NIL, node, "error", "%d %pV", -err, &vaf);
	}
	xpv_machine_switch(m, XenbusStateClosing);
	va_end(args);
}
EXPORT_SYMBOL_GPL(xpv_machine_fatal);

/**
 * xpv_machine_refuse() - give up because of a key that will not do
 * @m:    the machine
 * @err:  what is wrong with it
 * @dir:  directory
 * @key:  key in it
 * @want: what would have been right, for people
 *
 * Context: process.
 */
void xpv_machine_refuse(struct xpv_machine *m, int err, const char *dir,
			const char *key, const char *want)
{
	unsigned int len = 0;
	char *text = xenbus_read(XBT_NIL, dir, key, &len);

	if (IS_ERR(text)) {
		xpv_machine_fatal(m, err, "%s/%s cannot be read, want %s", dir,
				  key, want);
		return;
	}
	xpv_machine_fatal(m, err, "%s/%s is '%*pE', want %s", dir, key,
			  (int)min(len, 32U), text, want);
	kfree(text);
}
EXPORT_SYMBOL_GPL(xpv_machine_refuse);

/**
 * xpv_machine_deadline() - bound the wait for the peer
 * @m:     the machine
 * @msecs: from now; replaces an earlier deadline
 *
 * From an action, or before the first kick.
 */
void xpv_machine_deadline(struct xpv_machine *m, unsigned int msecs)
{
	unsigned long flags;

	m->waiting = true;
	spin_lock_irqsave(&m->lock, flags);
	if (!m->stopped)
		mod_delayed_work(m->wq, &m->timer, msecs_to_jiffies(msecs));
	spin_unlock_irqrestore(&m->lock, flags);
}
EXPORT_SYMBOL_GPL(xpv_machine_deadline);

/**
 * xpv_machine_reach() - what was waited for has come: no deadline any more
 * @m: the machine
 *
 * From an action.
 */
void xpv_machine_reach(struct xpv_machine *m)
{
	m->waiting = false;
	cancel_delayed_work(&m->timer);
}
EXPORT_SYMBOL_GPL(xpv_machine_reach);

/**
 * xpv_machine_stop() - wait for a running action and let none start; for remove()
 * @m: the machine
 *
 * Not from an action.
 */
void xpv_machine_stop(struct xpv_machine *m)
{
	spin_lock_irq(&m->lock);
	m->stopped = true;
	spin_unlock_irq(&m->lock);
	cancel_delayed_work_sync(&m->timer);
	cancel_work_sync(&m->work);
}
EXPORT_SYMBOL_GPL(xpv_machine_stop);

/**
 * xpv_machine_adopt() - go on with another device on the bus; for probe()
 * @m:   stopped
 * @dev: the device; its peer's state is not known yet
 */
void xpv_machine_adopt(struct xpv_machine *m, struct xenbus_device *dev)
{
	m->dev = dev;
	m->waiting = false;
	spin_lock_irq(&m->lock);
	m->peer = XenbusStateUnknown;
	m->stopped = false;
	spin_unlock_irq(&m->lock);
}
EXPORT_SYMBOL_GPL(xpv_machine_adopt);

/**
 * xpv_machine_show() - print the states and the history, oldest line first
 * @s: where to; one header line, then: seconds since boot, mine, peer, cause
 * @m: the machine
 */
void xpv_machine_show(struct seq_file *s, struct xpv_machine *m)
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
		   xenbus_strstate(m->dev->state), xenbus_strstate(m->peer), nr);
	for (i = nr > XPV_HISTORY ? nr - XPV_HISTORY : 0; i < nr; i++) {
		struct xpv_moment *h = &history[i % XPV_HISTORY];

		seq_printf(s, "%lld.%06lld %s %s %s\n",
			   div_s64(ktime_to_us(h->when), USEC_PER_SEC),
			   ktime_to_us(h->when) % USEC_PER_SEC,
			   xenbus_strstate(h->mine), xenbus_strstate(h->peer),
			   causes[h->cause]);
	}
}
EXPORT_SYMBOL_GPL(xpv_machine_show);
