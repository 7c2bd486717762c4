/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private header of the upper half of xenbus.ko: buses, devices, control,
 * unplug.
 */
#ifndef XENBUS_BUS_H
#define XENBUS_BUS_H

#include <linux/kref.h>
#include <linux/wait.h>
#include <xenpv/xenbus.h>
#include <compat/xenbus.h>
#include "parse.h"
#include "../xenbus.h"

struct pci_dev;

/**
 * struct xenbus_bus - one of the two buses
 * @type:      for the driver core
 * @root:      the directory of the store that the bus mirrors
 * @levels:    see xenbus_parse_node()
 * @path_key:  key in a device's directory that names the other end's directory
 * @id_key:    key with the domain of the other end
 * @accept:    a directory was found; @settled: it was created after the module
 *             was loaded. May change its state. Returns false if it is no
 *             device, or not yet
 * @watch:     watch of @root
 * @lock:      protects the members below
 * @places:    directories of devices in the store
 * @nr_places: number of places
 * @busy:      jobs queued or running
 * @devices:   devices that were not released yet
 * @settled:   the devices that existed when the module was loaded were found
 * @idle:      woken when @busy or @devices becomes 0
 */
struct xenbus_bus {
	struct bus_type type;
	const char *root;
	unsigned int levels;
	const char *path_key;
	const char *id_key;
	bool (*accept)(const struct xenbus_name *name, bool settled,
		       enum xenbus_state *state);
	struct xenbus_watch watch;
	struct mutex lock;
	struct list_head places;
	unsigned int nr_places;
	unsigned int busy;
	unsigned int devices;
	bool settled;
	wait_queue_head_t idle;
};

/**
 * struct xenbus_place - a directory where a device is, or may be soon
 * @list:  entry in the bus's list of places
 * @refs:  references of the list and the device
 * @bus:   its bus
 * @lane:  lane of the device
 * @job:   does what was asked
 * @asked: tasks of @job, see scan.c; under the bus's lock
 * @dev:   the device; only used in the lane, with a reference
 * @name:  name, from the path
 */
struct xenbus_place {
	struct list_head list;
	struct kref refs;
	struct xenbus_bus *bus;
	struct xs_lane *lane;
	struct xs_job job;
	unsigned int asked;
	struct xenbus_device *dev;
	struct xenbus_name name;
};

/**
 * struct xenbus_entry - a device and the bus's private data
 * @dev:      the device that drivers use
 * @place:    its directory; a reference
 * @replaced: the directory belongs to another device now: do not write to it
 * @leaving:  the watch of the other end is being unregistered
 * @earlier:  previous @dev.otherend, because other threads may still read that
 *            string
 * @type:     memory of @dev.devicetype
 * @node:     memory of @dev.nodename
 */
struct xenbus_entry {
	struct xenbus_device dev;
	struct xenbus_place *place;
	bool replaced;
	bool leaving;
	const char *earlier;
	char type[XENBUS_TYPE_MAX];
	char node[XENBUS_NODE_MAX];
};

static inline struct xenbus_entry *to_xenbus_entry(struct xenbus_device *dev)
{
	return container_of(dev, struct xenbus_entry, dev);
}

extern struct xenbus_bus xenbus_frontend;
extern struct xenbus_bus xenbus_backend;

/* bus.c */
extern const struct attribute_group *xenbus_bus_groups[];
int xenbus_bus_match(struct device *d, xpv_bus_driver *drv);
int xenbus_bus_uevent(xpv_bus_dev *d, struct kobj_uevent_env *env);
int xenbus_bus_start(struct xenbus_bus *bus);
void xenbus_bus_stop(struct xenbus_bus *bus);
int xenbus_bus_register(struct xenbus_bus *bus, struct xenbus_driver *drv,
			struct module *owner, const char *mod_name);

/* frontend.c */
int xenbus_frontend_start(void);
void xenbus_frontend_stop(void);
bool xenbus_frontend_await(const char *path, unsigned int states,
			   unsigned long end);

/* backend.c */
int xenbus_backend_start(void);
void xenbus_backend_stop(void);

/* scan.c */
int xenbus_scan_start(struct xenbus_bus *bus);
void xenbus_scan_stop(struct xenbus_bus *bus);
bool xenbus_scan_settle(struct xenbus_bus *bus, unsigned long timeout);

/* place.c */
void xenbus_place_put(struct xenbus_place *place);
void xenbus_place_released(struct xenbus_place *place);

/* device.c */
const struct xenbus_device_id *
xenbus_device_match(const struct xenbus_device *dev,
		    const struct xenbus_driver *drv);
struct xenbus_device *xenbus_device_create(struct xenbus_bus *bus,
					   struct xenbus_place *place,
					   const struct xenbus_name *name,
					   enum xenbus_state state);
int xenbus_device_probe(struct device *d);
void xenbus_device_remove(struct device *d);
int xenbus_device_suspend(struct device *d, void *data);
int xenbus_device_resume(struct device *d, void *data);
bool xenbus_device_is_replaced(struct xenbus_device *dev);

/* client.c */
int xenbus_client_write_state(const char *node, enum xenbus_state state);

/* control.c */
int xenbus_control_start(void);
void xenbus_control_stop(void);

/* suspend.c */
void xenbus_suspend(void (*resumed)(void));

/* emulated.c */
bool xenbus_emulated_is(const struct pci_dev *pdev);
bool xenbus_emulated_unplug_idle(bool nics, void (*unplug)(void));
bool xenbus_emulated_disk(const struct xenbus_slot *slot, char *name,
			  size_t size);
bool xenbus_emulated_nic(const u8 *mac, char *name, size_t size);
int xenbus_emulated_free_disks(unsigned int mask);
int xenbus_emulated_remove_nics(void);

/* hold.c */
void xenbus_hold_idle(bool nics);
void xenbus_hold_nvme(void);
void xenbus_hold_release(void);

/* unplug.c */
int xenbus_unplug_start(void);
void xenbus_unplug_again(void);

/* twin.c */
bool xenbus_twin_in_use(struct xenbus_device *dev);

/* notify.c */
int xenbus_notify_start(void);
void xenbus_notify_stop(void);
unsigned long xenbus_notify_deadline(void);

#endif
