/* SPDX-License-Identifier: GPL-2.0-only */
/* The seam: event channels. */
#ifndef XENPV_EVENTS_H
#define XENPV_EVENTS_H

#include <xenpv/xenbus.h>
#include <xen/events.h>

#endif
