/* SPDX-License-Identifier: GPL-2.0-only */
/* The seam: event channels. */
#ifndef XENPV_EVENTS_H
#define XENPV_EVENTS_H

#include <xenpv/xenbus.h>
#include <xen/events.h>
#include <xen/interface/event_channel.h>
#include <asm/xen/hypercall.h>

/**
 * xpv_evtchn_is_bound() - does an event channel have another end?
 * @port: of this domain
 *
 * Xen unbinds the other end when who bound it closes it, dies, or is destroyed
 * with its domain. A peer that only stands still keeps it. A port that nobody
 * has bound yet looks like one whose peer has gone.
 *
 * Return: false if there is none for certain. Context: any.
 */
static inline bool xpv_evtchn_is_bound(evtchn_port_t port)
{
	struct evtchn_status status = { .dom = DOMID_SELF, .port = port };

	return HYPERVISOR_event_channel_op(EVTCHNOP_status, &status) ||
	       status.status == EVTCHNSTAT_interdomain;
}

#endif
