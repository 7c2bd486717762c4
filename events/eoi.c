// SPDX-License-Identifier: GPL-2.0-only
/*
 * Late answers. A port bound with one of the *_lateeoi functions is masked
 * when its handler starts and stays so until the driver has dealt with the
 * event and says so. A peer can thus have one event at a time under way, and
 * if its events come for nothing, the answers wait longer and longer: what a
 * peer can make this guest do is bounded by what it really gives it to do.
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

/* Reading the clock for each event would cost more than it saves. */
#define EOI_LOOK_EVERY	256

/**
 * events_eoi_limit() - note an event, and when there are too many in a row
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
 * An event for nothing now and then is normal, and each device has a threshold
 * for what is. Beyond it the delay doubles up to a second.
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
 * xen_irq_lateeoi() - the event is dealt with, the next may come
 * @irq:       bound with one of the *_lateeoi functions
 * @eoi_flags: XEN_EOI_FLAG_SPURIOUS if there was nothing to do
 *
 * Without effect if no answer is owed. Not after unbinding. Context: any.
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
