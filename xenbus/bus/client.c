// SPDX-License-Identifier: GPL-2.0-only
/* Functions for drivers: states, errors, watches, event channels. */
#include <linux/export.h>
#include <linux/slab.h>
#include <xen/events.h>
#include "bus.h"

#define XENBUS_CLIENT_TRIES	100
#define XENBUS_CLIENT_SECS	60

/**
 * xenbus_strstate() - name of a state
 * @state: any value
 *
 * Return: static string.
 */
const char *xenbus_strstate(enum xenbus_state state)
{
	static const char *const names[] = {
		[XenbusStateUnknown] = "Unknown",
		[XenbusStateInitialising] = "Initialising",
		[XenbusStateInitWait] = "InitWait",
		[XenbusStateInitialised] = "Initialised",
		[XenbusStateConnected] = "Connected",
		[XenbusStateClosing] = "Closing",
		[XenbusStateClosed] = "Closed",
		[XenbusStateReconfiguring] = "Reconfiguring",
		[XenbusStateReconfigured] = "Reconfigured",
	};

	return (unsigned int)state < ARRAY_SIZE(names) ? names[state] :
							 "INVALID";
}
EXPORT_SYMBOL_GPL(xenbus_strstate);

/**
 * xenbus_read_driver_state() - read the state of a device
 * @path: its directory, ours or the other end's
 *
 * Return: the state, which may be any number if the other end wrote it;
 * XenbusStateUnknown if there is none.
 * Context: process.
 */
enum xenbus_state xenbus_read_driver_state(const char *path)
{
	int state;

	if (xenbus_scanf(XBT_NIL, path, "state", "%d", &state) != 1)
		return XenbusStateUnknown;
	return state;
}
EXPORT_SYMBOL_GPL(xenbus_read_driver_state);

/*
 * Write a state only if there is one: this must not recreate a removed
 * directory. Returns 0, -ENOENT if the directory was removed, or the store's
 * error.
 */
int xenbus_client_write_state(const char *node, enum xenbus_state state)
{
	unsigned long end = jiffies + XENBUS_CLIENT_SECS * HZ;
	struct xenbus_transaction xbt;
	unsigned int tries;
	int err, is;

	for (tries = 0; tries < XENBUS_CLIENT_TRIES; tries++) {
		err = xenbus_transaction_start(&xbt);
		if (err)
			return err;
		err = xenbus_scanf(xbt, node, "state", "%d", &is);
		if (err == 1 || err == -ERANGE)	/* any text, a number or not */
			err = xenbus_printf(xbt, node, "state", "%d", state);
		if (err) {
			xenbus_transaction_end(xbt, 1);
			err = err < 0 ? err : -ENOENT;
		} else {
			err = xenbus_transaction_end(xbt, 0);
		}
		/*
		 * Somebody else wrote the key, or the connection was lost
		 * meanwhile.
		 */
		if (err != -EAGAIN || time_after(jiffies, end))
			return err;
	}
	return -EAGAIN;
}

/**
 * xenbus_switch_state() - change a device's own state
 * @dev:   device
 * @state: new state
 *
 * Changes @dev, and the store if @dev's directory still exists.
 *
 * Return: 0 or the store's error; the old state is kept on an error.
 * Context: process; not by two threads at a time for one device.
 */
int xenbus_switch_state(struct xenbus_device *dev, enum xenbus_state state)
{
	int err = 0;

	if (state == dev->state)
		return 0;
	if (!READ_ONCE(to_xenbus_entry(dev)->replaced))
		err = xenbus_client_write_state(dev->nodename, state);
	if (err && err != -ENOENT && err != -ESHUTDOWN) {
		xenbus_dev_error(dev, err, "writing new state");
		return err;
	}
	dev->state = state;
	return 0;
}
EXPORT_SYMBOL_GPL(xenbus_switch_state);

/**
 * xenbus_frontend_closed() - a frontend has closed its connection
 * @dev: frontend device
 *
 * Return: 0.
 * Context: process.
 */
int xenbus_frontend_closed(struct xenbus_device *dev)
{
	xenbus_switch_state(dev, XenbusStateClosed);
	complete(&dev->down);
	return 0;
}
EXPORT_SYMBOL_GPL(xenbus_frontend_closed);

static __printf(3, 0)
void xenbus_client_error(struct xenbus_device *dev, int err, const char *fmt,
			 va_list args)
{
	char *text = kvasprintf(GFP_NOIO, fmt, args);
	char *path = kasprintf(GFP_NOIO, "error/%s", dev->nodename);

	dev_err(&dev->dev, "%d %s\n", -err, text ?: fmt);
	/* Only for people in the control domain; nothing depends on it. */
	if (path && text)
		xenbus_printf(XBT_NIL, path, "error", "%d %s", -err, text);
	kfree(path);
	kfree(text);
}

/**
 * xenbus_dev_error() - report an error to the log and the store
 * @dev: device
 * @err: negative error
 * @fmt: what failed, without a newline
 *
 * Context: process.
 */
void xenbus_dev_error(struct xenbus_device *dev, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	xenbus_client_error(dev, err, fmt, args);
	va_end(args);
}
EXPORT_SYMBOL_GPL(xenbus_dev_error);

/**
 * xenbus_dev_fatal() - report an error that ends the connection
 * @dev: device; its state becomes Closing
 * @err: negative error
 * @fmt: what failed, without a newline
 *
 * Context: process.
 */
void xenbus_dev_fatal(struct xenbus_device *dev, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	xenbus_client_error(dev, err, fmt, args);
	va_end(args);
	xenbus_switch_state(dev, XenbusStateClosing);
}
EXPORT_SYMBOL_GPL(xenbus_dev_fatal);

/**
 * xenbus_watch_path() - watch a path for a device
 * @dev:         device
 * @path:        path; must remain valid until the watch is unregistered
 * @watch:       filled here
 * @will_handle: may be NULL
 * @callback:    called in process context, never at the same time as that of
 *               another watch of @dev
 *
 * Return: 0 or a negative error, which is reported to the store; @watch is
 * cleared on an error.
 * Context: process.
 */
int xenbus_watch_path(struct xenbus_device *dev, const char *path,
		      struct xenbus_watch *watch,
		      bool (*will_handle)(struct xenbus_watch *, const char *,
					  const char *),
		      void (*callback)(struct xenbus_watch *, const char *,
				       const char *))
{
	struct xenbus_entry *e = to_xenbus_entry(dev);
	int err;

	watch->node = path;
	watch->will_handle = will_handle;
	watch->callback = callback;
	err = xs_lane_watch(e->place->lane, watch);
	if (err) {
		watch->node = NULL;
		watch->will_handle = NULL;
		watch->callback = NULL;
		xenbus_dev_fatal(dev, err, "adding watch on %s", path);
	}
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_watch_path);

/**
 * xenbus_watch_pathfmt() - watch a formatted path for a device
 * @dev:         device
 * @watch:       filled here; whoever unregisters it frees @watch->node with
 *               kfree()
 * @will_handle: as for xenbus_watch_path()
 * @callback:    as for xenbus_watch_path()
 * @pathfmt:     format of the path
 *
 * Return: as xenbus_watch_path().
 * Context: process.
 */
int xenbus_watch_pathfmt(struct xenbus_device *dev, struct xenbus_watch *watch,
			 bool (*will_handle)(struct xenbus_watch *,
					     const char *, const char *),
			 void (*callback)(struct xenbus_watch *, const char *,
					  const char *),
			 const char *pathfmt, ...)
{
	va_list args;
	char *path;
	int err;

	va_start(args, pathfmt);
	path = kvasprintf(GFP_NOIO | __GFP_HIGH, pathfmt, args);
	va_end(args);
	if (!path) {
		xenbus_dev_fatal(dev, -ENOMEM, "no memory for a watch");
		return -ENOMEM;
	}
	err = xenbus_watch_path(dev, path, watch, will_handle, callback);
	if (err)
		kfree(path);
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_watch_pathfmt);

/**
 * xenbus_alloc_evtchn() - allocate a port that the other end can bind to
 * @dev:  device
 * @port: result; xenbus_free_evtchn(), or unbinding its interrupt, closes it
 *
 * Return: 0 or a negative error, which is reported to the store.
 * Context: process.
 */
int xenbus_alloc_evtchn(struct xenbus_device *dev, evtchn_port_t *port)
{
	struct evtchn_alloc_unbound op = {
		.dom = DOMID_SELF,
		.remote_dom = dev->otherend_id,
	};
	int err;

	err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &op);
	if (err)
		xenbus_dev_fatal(dev, err, "allocating event channel");
	else
		*port = op.port;
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_alloc_evtchn);

/**
 * xenbus_free_evtchn() - close a port that no interrupt is bound to
 * @dev:  device
 * @port: from xenbus_alloc_evtchn()
 *
 * Return: 0 or a negative error, which is reported to the store.
 * Context: process.
 */
int xenbus_free_evtchn(struct xenbus_device *dev, evtchn_port_t port)
{
	struct evtchn_close op = { .port = port };
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_close, &op);

	if (err)
		xenbus_dev_error(dev, err, "freeing event channel %u", port);
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_free_evtchn);
