/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared pages and event channels that connect two peers: the frontend's side
 * (offer) and the backend's (accept).
 */
#ifndef XENPV_CHANNEL_H
#define XENPV_CHANNEL_H

#include <linux/interrupt.h>
#include <xenpv/events.h>
#include <xenpv/store.h>

/**
 * struct xpv_shared - the pages of one ring
 * @dev:     device, NULL if nothing is set up
 * @vaddr:   mapping, virtually contiguous
 * @refs:    grant references
 * @offered: this end owns the pages and granted them
 */
struct xpv_shared {
	struct xenbus_device *dev;
	void *vaddr;
	struct xpv_refs refs;
	bool offered;
};

/**
 * struct xpv_event - one event channel and its interrupt
 * @port:   our port
 * @irq:    Linux interrupt, 0 if nothing is set up
 * @cookie: argument of the handlers
 */
struct xpv_event {
	evtchn_port_t port;
	int irq;
	void *cookie;
};

int xpv_shared_offer(struct xpv_shared *s, struct xenbus_device *dev,
		     unsigned int nr_pages);
int xpv_shared_accept(struct xpv_shared *s, struct xenbus_device *dev,
		      const struct xpv_refs *refs);
void xpv_shared_close(struct xpv_shared *s);
size_t xpv_shared_size(const struct xpv_shared *s);

int xpv_event_offer(struct xpv_event *e, struct xenbus_device *dev,
		    irq_handler_t handler, const char *name, void *cookie);
int xpv_event_accept(struct xpv_event *e, struct xenbus_device *dev,
		     evtchn_port_t remote, irq_handler_t handler,
		     const char *name, void *cookie);
void xpv_event_close(struct xpv_event *e);

#endif
