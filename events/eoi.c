// SPDX-License-Identifier: GPL-2.0-only
/*
 * Late EOIs. A port bound by one of the *_lateeoi functions is masked when its
 * handler starts. It remains masked until the driver has handled the event and
 * calls xen_irq_lateeoi(). So a peer can have one event at a time in flight. If
 * its events come without work, the EOIs are delayed more and more. This limits
 * the load that a peer can cause to the work it really provides.
 */
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <xen/xenbus.h>
#include "events.h"

static uint event_loop_timeout = 2;
module_param(event_loop_timeout, uint, 0644);
MODULE_PARM_DESC(event_loop_timeout,
		 "jiffies of event handling in a row after which answers are delayed (2)");

static uint event_eoi_delay = 10;
module_param(event_eoi_delay, uint, 0644);
MODULE_PARM_DESC(event_eoi_delay,
		 "jiffies by which answers are delayed then (10)");

/*
 * Events between two reads of the clock, which would be expensive for each
 * event.
 */
#define EOI_LOOK_EVERY	256

/**
 * events_eoi_limit() - count an event, and detect too many in a row
 * @loop: the round
 */
void events_eoi_limit(struct events_loop *loop)
{
	if (++loop->nr % EOI_LOOK_EVERY || loop->slow)
		return;
	if (!loop->until) {
		u64 ms = jiffies_to_msecs(READ_ONCE(event_loop_timeout));

		loop->until = ktime_add_ms(ktime_get(), ms);
	} else if (ktime_after(ktime_get(), loop->until)) {
		loop->slow = true;
		loop->c->overruns++;
	}
}

/*
 * Some events without work are normal; each device has a threshold for their
 * number. Beyond it the delay doubles up to a second.
 */
static unsigned long eoi_spurious(struct events_channel *ch)
{
	struct xenbus_device *dev = ch->dev;
	unsigned int threshold = dev ? READ_ONCE(dev->spurious_threshold) : 1;
	unsigned int over;

	if (dev)
		atomic_inc(&dev->spurious_events);
	if (ch->spurious < U8_MAX)
		ch->spurious++;
	if (ch->spurious <= threshold)
		return 0;
	over = ch->spurious - threshold - 1;
	return over < 16 ? min_t(unsigned long, 1UL << over, HZ) : HZ;
}

static unsigned long eoi_delay(struct events_channel *ch, bool spurious)
{
	unsigned long delay = 0;

	if (spurious)
		delay = eoi_spurious(ch);
	else
		ch->spurious = 0;
	if (ch->slow) {
		ch->slow = false;
		delay = max_t(unsigned long, delay,
			      READ_ONCE(event_eoi_delay));
	}
	return delay;
}

/**
 * xen_irq_lateeoi() - an event was handled: allow the next one
 * @irq:       bound by one of the *_lateeoi functions
 * @eoi_flags: XEN_EOI_FLAG_SPURIOUS if there was no work
 *
 * Has no effect if no EOI is pending. Must not be called after unbinding.
 *
 * Context: any.
 */
void xen_irq_lateeoi(unsigned int irq, unsigned int eoi_flags)
{
	struct events_channel *ch = events_irq_channel(irq);
	unsigned long flags, delay;

	if (!ch)
		return;
	raw_spin_lock_irqsave(&ch->lock, flags);
	if (ch->port && ch->reasons & EVENTS_MASK_EOI &&
	    !timer_pending(&ch->eoi)) {
		delay = eoi_delay(ch, eoi_flags & XEN_EOI_FLAG_SPURIOUS);
		if (delay) {
			ch->delays++;
			if (ch->dev)
				atomic_add(delay, &ch->dev->jiffies_eoi_delayed);
			mod_timer(&ch->eoi, jiffies + delay);
		} else {
			events_irq_unmask_for(ch, EVENTS_MASK_EOI);
		}
	}
	raw_spin_unlock_irqrestore(&ch->lock, flags);
}
EXPORT_SYMBOL_GPL(xen_irq_lateeoi);

static void eoi_expired(struct timer_list *t)
{
	struct events_channel *ch = from_timer(ch, t, eoi);
	unsigned long flags;

	raw_spin_lock_irqsave(&ch->lock, flags);
	events_irq_unmask_for(ch, EVENTS_MASK_EOI);
	raw_spin_unlock_irqrestore(&ch->lock, flags);
}

void events_eoi_init(struct events_channel *ch)
{
	timer_setup(&ch->eoi, eoi_expired, 0);
}
