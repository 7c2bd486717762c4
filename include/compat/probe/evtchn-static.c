// SPDX-License-Identifier: GPL-2.0-only
/*
 * evtchn_make_refcounted() has an argument for ports that must not be closed.
 */
#include <linux/types.h>
#include <linux/interrupt.h>
#include <xen/events.h>

int evtchn_make_refcounted(evtchn_port_t evtchn, bool is_static);
