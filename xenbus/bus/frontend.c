// SPDX-License-Identifier: GPL-2.0-only
/* The bus "xen": devices of this domain whose backend is in another domain. */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include "bus.h"

/* Time limit of a backend for each step of closing. */
#define XENBUS_FRONTEND_CLOSE	(5 * HZ)

#define XENBUS_IN(state)	BIT(XenbusState##state)

/* A state from the store may be any number. */
static bool xenbus_frontend_is_in(enum xenbus_state state, unsigned int states)
{
	return (unsigned int)state < BITS_PER_TYPE(states) &&
	       BIT(state) & states;
}

/*
 * Wait until the state at @path is one of @states, or there is none. This polls
 * without a watch, because no callback is needed elsewhere.
 */
bool xenbus_frontend_await(const char *path, unsigned int states,
			   unsigned long end)
{
	enum xenbus_state state;

	for (;;) {
		state = xenbus_read_driver_state(path);
		if (state == XenbusStateUnknown ||
		    xenbus_frontend_is_in(state, states))
			return true;
		if (time_after(jiffies, end))
			return false;
		msleep(20);
	}
}

/*
 * Close step by step, because the backend only unmaps our pages when it is
 * told.
 */
static int xenbus_frontend_close(const char *node, const char *backend)
{
	int err = xenbus_client_write_state(node, XenbusStateClosing);

	if (err)
		return err;
	xenbus_frontend_await(backend, XENBUS_IN(Closing) | XENBUS_IN(Closed) |
			      XENBUS_IN(InitWait),
			      jiffies + XENBUS_FRONTEND_CLOSE);
	err = xenbus_client_write_state(node, XenbusStateClosed);
	if (err)
		return err;
	if (!xenbus_frontend_await(backend, XENBUS_IN(Closed) |
				   XENBUS_IN(InitWait),
				   jiffies + XENBUS_FRONTEND_CLOSE))
		pr_warn("xenbus: %s: the backend does not close an earlier connection\n",
			node);
	return 0;
}

/*
 * The firmware, a kernel before a kexec, or this module before it was unloaded
 * used the device. Reset it.
 */
static bool xenbus_frontend_renew(const char *node)
{
	unsigned int busy = XENBUS_IN(Initialised) | XENBUS_IN(Connected) |
			    XENBUS_IN(Closing) | XENBUS_IN(Reconfiguring) |
			    XENBUS_IN(Reconfigured);
	char *backend = xenbus_read(XBT_NIL, node, "backend", NULL);
	enum xenbus_state peer;
	int err = 0;

	if (IS_ERR(backend))
		return false;
	peer = xenbus_read_driver_state(backend);
	if (!xenbus_read_unsigned(backend, "online", 1)) {
		kfree(backend);		/* it is being detached */
		return false;
	}
	if (xenbus_frontend_is_in(peer, busy))
		err = xenbus_frontend_close(node, backend);
	if (!err)
		err = xenbus_client_write_state(node, XenbusStateInitialising);
	kfree(backend);
	return !err;
}

/*
 * A device that appears after the module was loaded is only new in state
 * Initialising. In any other state it is being removed, and so will be its
 * directory.
 */
static bool xenbus_frontend_accept(const struct xenbus_name *name, bool settled,
				   enum xenbus_state *state)
{
	/*
	 * The first console is described elsewhere; this node has no backend.
	 */
	if (!strcmp(name->type, "console") && !strcmp(name->id, "0"))
		return false;
	if (*state == XenbusStateInitialising)
		return true;
	if (settled || !xenbus_frontend_renew(name->node))
		return false;
	*state = XenbusStateInitialising;
	return true;
}

/*
 * The system shuts down, perhaps for a kexec: make the backend unmap our pages.
 */
static void xenbus_frontend_shutdown(struct device *d)
{
	struct xenbus_device *dev = to_xenbus_device(d);
	unsigned long end = xenbus_notify_deadline();

	if (!d->driver || dev->state == XenbusStateInitialising ||
	    dev->state == XenbusStateClosed)
		return;
	reinit_completion(&dev->down);
	xenbus_switch_state(dev, XenbusStateClosing);
	if (time_after(end, jiffies))
		wait_for_completion_timeout(&dev->down, end - jiffies);
	if (dev->state != XenbusStateClosed)
		xenbus_frontend_closed(dev);
	if (!xenbus_frontend_await(dev->otherend, XENBUS_IN(Closed) |
				   XENBUS_IN(InitWait), end))
		dev_info(d, "backend did not close in time\n");
}

struct xenbus_bus xenbus_frontend = {
	.type = {
		.name = "xen",
		.match = xenbus_bus_match,
		.uevent = xenbus_bus_uevent,
		.probe = xenbus_device_probe,
		.remove = xenbus_device_remove,
		.shutdown = xenbus_frontend_shutdown,
		.dev_groups = xenbus_bus_groups,
	},
	.root = "device",
	.levels = 2,
	.path_key = "backend",
	.id_key = "backend-id",
	.accept = xenbus_frontend_accept,
};

/**
 * __xenbus_register_frontend() - register a driver for frontend devices
 * @drv:      must remain valid until xenbus_unregister_driver()
 * @owner:    its module
 * @mod_name: the module's name
 *
 * Existing devices are probed before this returns.
 *
 * Return: 0 or a negative error.
 * Context: process.
 */
int __xenbus_register_frontend(struct xenbus_driver *drv, struct module *owner,
			       const char *mod_name)
{
	return xenbus_bus_register(&xenbus_frontend, drv, owner, mod_name);
}
EXPORT_SYMBOL_GPL(__xenbus_register_frontend);

int xenbus_frontend_start(void)
{
	return xenbus_bus_start(&xenbus_frontend);
}

void xenbus_frontend_stop(void)
{
	xenbus_bus_stop(&xenbus_frontend);
}
