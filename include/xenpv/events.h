/* SPDX-License-Identifier: GPL-2.0-only */
/* Interface to the event channels of the kernel or of events/. */
#ifndef XENPV_EVENTS_H
#define XENPV_EVENTS_H

#include <xenpv/xenbus.h>
#include <xen/events.h>
#include <xen/interface/event_channel.h>
#include <asm/xen/hypercall.h>

/**
 * xpv_evtchn_is_bound() - test whether an event channel has another end
 * @port: port of this domain
 *
 * Xen unbinds the other end when its owner closes it, dies, or is destroyed
 * with its domain. A peer that only hangs keeps it bound. A port that the peer
 * has not bound yet looks like one whose peer has gone.
 *
 * Return: false if there certainly is no other end.
 * Context: any.
 */
static inline bool xpv_evtchn_is_bound(evtchn_port_t port)
{
	struct evtchn_status status = { .dom = DOMID_SELF, .port = port };

	return HYPERVISOR_event_channel_op(EVTCHNOP_status, &status) ||
	       status.status == EVTCHNSTAT_interdomain;
}

#endif
