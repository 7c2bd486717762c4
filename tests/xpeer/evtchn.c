// SPDX-License-Identifier: GPL-2.0-only
/* Event channels over /dev/xen/evtchn. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "abi.h"
#include "evtchn.h"

int evtchn_open(struct evtchn *e)
{
	e->fd = open("/dev/xen/evtchn", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return e->fd < 0 ? -errno : 0;
}

void evtchn_close(struct evtchn *e)
{
	if (e->fd >= 0)
		close(e->fd);
	e->fd = -1;
}

int evtchn_alloc(struct evtchn *e, unsigned int domid)
{
	struct evtchn_domain d = { .remote_domain = domid };
	int port = ioctl(e->fd, EVTCHN_BIND_UNBOUND, &d);

	return port < 0 ? -errno : port;
}

int evtchn_bind(struct evtchn *e, unsigned int domid, uint32_t port)
{
	struct evtchn_bind_interdomain b = { .remote_domain = domid, .remote_port = port };
	int local = ioctl(e->fd, EVTCHN_BIND_INTERDOMAIN, &b);

	return local < 0 ? -errno : local;
}

int evtchn_unbind(struct evtchn *e, uint32_t port)
{
	struct evtchn_port p = { .port = port };

	return ioctl(e->fd, EVTCHN_UNBIND, &p) ? -errno : 0;
}

int evtchn_notify(struct evtchn *e, uint32_t port)
{
	struct evtchn_port p = { .port = port };

	return ioctl(e->fd, EVTCHN_NOTIFY, &p) ? -errno : 0;
}

int evtchn_wait(struct evtchn *e, unsigned int ms)
{
	struct pollfd p = { .fd = e->fd, .events = POLLIN };
	uint32_t ports[64];
	int total = 0;

	if (poll(&p, 1, (int)ms) <= 0)
		return 0;
	for (;;) {
		ssize_t n = read(e->fd, ports, sizeof(ports));

		if (n <= 0)
			return total;
		total += (int)(n / (ssize_t)sizeof(ports[0]));
		/* Writing the ports back unmasks them. */
		if (write(e->fd, ports, (size_t)n) != n)
			return -errno;
	}
}
