/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences: the event channel API. */
#ifndef XENPV_COMPAT_EVTCHN_H
#define XENPV_COMPAT_EVTCHN_H

#include <compat/generated.h>

/* The arguments of evtchn_make_refcounted(), and the value of the second. */
#ifdef XPV_HAVE_EVTCHN_STATIC
#define xpv_evtchn_counted_args	evtchn_port_t evtchn, bool is_static
#define xpv_evtchn_is_static	is_static
#else
#define xpv_evtchn_counted_args	evtchn_port_t evtchn
#define xpv_evtchn_is_static	false
#endif

#endif
