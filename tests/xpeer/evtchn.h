/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels. One file per process is enough: ports are numbers in it. */
#ifndef XPEER_EVTCHN_H
#define XPEER_EVTCHN_H

#include <stdint.h>

struct evtchn {
	int fd;
};

int evtchn_open(struct evtchn *e);
void evtchn_close(struct evtchn *e);
/* A port that @domid may bind to; the port or -errno. */
int evtchn_alloc(struct evtchn *e, unsigned int domid);
/* Bind to a port that @domid has allocated for us; the local port or -errno. */
int evtchn_bind(struct evtchn *e, unsigned int domid, uint32_t port);
int evtchn_unbind(struct evtchn *e, uint32_t port);
int evtchn_notify(struct evtchn *e, uint32_t port);
/* Wait for an event on any port and take all that are pending; how many there were. */
int evtchn_wait(struct evtchn *e, unsigned int ms);

#endif
