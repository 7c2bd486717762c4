// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulated disks and network cards of this domain, as the kernel sees them.
 *
 * They are found in the device tree of sysfs, so that this needs no symbols of
 * their drivers: PCI device, libata port, SCSI device, disk.
 */
#include <linux/async.h>
#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/major.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/sysfs.h>
#include <net/net_namespace.h>
#include "bus.h"

/* udev opens each new disk for a short time. */
#define XENBUS_EMULATED_TRIES	20
#define XENBUS_EMULATED_PAUSE	100

/* The most devices that xenbus_emulated_unplug_idle() locks at a time. */
#define XENBUS_EMULATED_MAX	32

/* The class of NVMe controllers, without the programming interface. */
#define XENBUS_EMULATED_NVME	(PCI_CLASS_STORAGE_EXPRESS >> 8)

/**
 * xenbus_emulated_is() - test whether a PCI device is emulated
 * @pdev: the device
 *
 * QEMU's devices name their vendor unless they imitate a real one.
 *
 * Return: true if so.
 */
bool xenbus_emulated_is(const struct pci_dev *pdev)
{
	return pdev->subsystem_vendor == PCI_VENDOR_ID_REDHAT_QUMRANET ||
	       pdev->subsystem_vendor == PCI_VENDOR_ID_XEN;
}

/**
 * struct xenbus_emulated_walk - a walk down from a disk controller
 * @class:  class of the controller, PCI_CLASS_STORAGE_* or XENBUS_EMULATED_NVME
 * @first:  libata's number of its first port
 * @port:   current port
 * @target: current SCSI target
 * @act:    called for each disk; a result other than 0 ends the walk
 * @slot:   slot of the disk; SATA ports and NVMe namespaces count as IDE slots
 * @data:   for @act
 */
struct xenbus_emulated_walk {
	unsigned int class;
	unsigned int first;
	unsigned int port;
	unsigned int target;
	int (*act)(struct xenbus_emulated_walk *w, struct device *disk);
	struct xenbus_slot slot;
	void *data;
};

static int xenbus_emulated_first(struct device *d, void *data)
{
	struct xenbus_emulated_walk *w = data;
	unsigned int port;

	if (!xenbus_parse_port(dev_name(d), &port))
		w->first = min(w->first, port);
	return 0;
}

/*
 * The number of an NVMe disk's namespace, 0 if it is unknown. Neither its name
 * nor its driver tells that number, but an attribute that it has in sysfs.
 */
static unsigned int xenbus_emulated_nsid(struct device *disk)
{
	const struct attribute_group *const *group = disk->groups;
	struct device_attribute *nsid = NULL;
	struct attribute **attr;
	unsigned int nr = 0;
	char *text;

	for (; group && *group && !nsid; group++)
		for (attr = (*group)->attrs; attr && *attr; attr++)
			if (!strcmp((*attr)->name, "nsid"))
				nsid = container_of(*attr, struct device_attribute,
						    attr);
	text = (char *)get_zeroed_page(GFP_KERNEL);
	if (text && nsid && nsid->show && nsid->show(disk, nsid, text) > 0 &&
	    kstrtouint(text, 10, &nr))
		nr = 0;
	free_page((unsigned long)text);
	return nr;
}

static void xenbus_emulated_slot(struct xenbus_emulated_walk *w,
				 struct device *disk)
{
	w->slot.kind = XENBUS_SLOT_IDE;
	switch (w->class) {
	case PCI_CLASS_STORAGE_IDE:
		w->slot.nr = (w->port - w->first) * 2 + w->target;
		break;
	case PCI_CLASS_STORAGE_SATA:
		w->slot.nr = w->port - w->first;
		break;
	case XENBUS_EMULATED_NVME:
		/* toolstacks begin with namespace 1, which is xvda */
		w->slot.nr = xenbus_emulated_nsid(disk) - 1;
		break;
	default:
		w->slot.kind = XENBUS_SLOT_SCSI;
		w->slot.nr = w->target;
	}
}

static int xenbus_emulated_step(struct device *d, void *data)
{
	struct xenbus_emulated_walk *w = data;

	xenbus_parse_port(dev_name(d), &w->port);
	if (d->bus && !strcmp(d->bus->name, "scsi"))
		xenbus_parse_target(dev_name(d), &w->target);
	/* Skip partitions, which are below the disk, and CD-ROMs. */
	if (d->class && !strcmp(d->class->name, "block")) {
		if (MAJOR(d->devt) == SCSI_CDROM_MAJOR)
			return 0;
		xenbus_emulated_slot(w, d);
		return w->act(w, d);
	}
	return device_for_each_child(d, w, xenbus_emulated_step);
}

static int xenbus_emulated_disks(int (*act)(struct xenbus_emulated_walk *w,
					    struct device *disk), void *data)
{
	struct pci_dev *pdev = NULL;
	int ret = 0;

	for_each_pci_dev(pdev) {
		struct xenbus_emulated_walk w = {
			.class = pdev->class >> 8,
			.first = UINT_MAX,
			.act = act,
			.data = data,
		};

		if (pdev->class >> 16 != PCI_BASE_CLASS_STORAGE ||
		    !xenbus_emulated_is(pdev))
			continue;
		device_for_each_child(&pdev->dev, &w, xenbus_emulated_first);
		ret = device_for_each_child(&pdev->dev, &w,
					    xenbus_emulated_step);
		if (ret) {
			pci_dev_put(pdev);
			break;
		}
	}
	return ret;
}

struct xenbus_emulated_search {
	const struct xenbus_slot *slot;
	char *name;
	size_t size;
};

static int xenbus_emulated_match(struct xenbus_emulated_walk *w,
				 struct device *disk)
{
	struct xenbus_emulated_search *s = w->data;

	if (w->slot.kind != s->slot->kind || w->slot.nr != s->slot->nr)
		return 0;
	strscpy(s->name, dev_name(disk), s->size);
	return 1;
}

/**
 * xenbus_emulated_disk() - find an emulated disk in a slot
 * @slot: the slot
 * @name: result: the disk's name
 * @size: size of @name
 *
 * Waits for drivers that look for disks asynchronously.
 *
 * Return: true if there is one. Context: process.
 */
bool xenbus_emulated_disk(const struct xenbus_slot *slot, char *name,
			  size_t size)
{
	struct xenbus_emulated_search s = { slot, name, size };

	/* Some drivers look for their disks asynchronously, after probe(). */
	if (!current_is_async())
		async_synchronize_full();
	return xenbus_emulated_disks(xenbus_emulated_match, &s);
}

/* True if unplugging @mask, XENBUS_UNPLUG_*, takes this disk. */
static bool xenbus_emulated_goes(const struct xenbus_emulated_walk *w,
				 unsigned int mask)
{
	switch (w->class) {
	case PCI_CLASS_STORAGE_IDE:
		return mask & XENBUS_UNPLUG_DISKS ||
		       (mask & XENBUS_UNPLUG_AUX_DISKS && w->slot.nr);
	case PCI_CLASS_STORAGE_SCSI:
		return mask & XENBUS_UNPLUG_DISKS;
	case XENBUS_EMULATED_NVME:
		return mask & XENBUS_UNPLUG_NVME;
	default:
		return false;
	}
}

static int xenbus_emulated_busy(struct xenbus_emulated_walk *w,
				struct device *disk)
{
	struct gendisk *gd = dev_to_disk(disk);
	unsigned int tries;
	unsigned int *mask = w->data;

	if (!xenbus_emulated_goes(w, *mask))
		return 0;
	for (tries = 0; disk_openers(gd); tries++) {
		if (tries == XENBUS_EMULATED_TRIES) {
			pr_err("xenbus: %s is in use\n", dev_name(disk));
			return -EBUSY;
		}
		msleep(XENBUS_EMULATED_PAUSE);
	}
	return 0;
}

static int xenbus_emulated_free(struct xenbus_emulated_walk *w,
				struct device *disk)
{
	unsigned int *mask = w->data;

	if (!xenbus_emulated_goes(w, *mask))
		return 0;
	pr_info("xenbus: letting go of the emulated disk %s\n", dev_name(disk));
	/* that of an NVMe disk is the controller: see xenbus_hold_nvme() */
	if (w->class != XENBUS_EMULATED_NVME)
		device_release_driver(disk->parent);
	return 0;
}

static void xenbus_emulated_remove(unsigned int class)
{
	struct pci_dev *pdev = NULL;

	while ((pdev = pci_get_class(class, pdev)))
		if (xenbus_emulated_is(pdev))
			pci_stop_and_remove_bus_device_locked(pdev);
}

/* A SCSI controller is unplugged with its disks. */
static void xenbus_emulated_remove_controllers(void)
{
	xenbus_emulated_remove(PCI_CLASS_STORAGE_SCSI << 8);
}

/**
 * xenbus_emulated_free_disks() - unbind the drivers of disks to be unplugged
 * @mask: which ones, XENBUS_UNPLUG_*
 *
 * Return: 0, or -EBUSY if one is mounted or open otherwise; then all stay
 * bound.
 */
int xenbus_emulated_free_disks(unsigned int mask)
{
	int err = xenbus_emulated_disks(xenbus_emulated_busy, &mask);

	if (err)
		return err;
	xenbus_emulated_disks(xenbus_emulated_free, &mask);
	if (mask & XENBUS_UNPLUG_DISKS)
		xenbus_emulated_remove_controllers();
	return 0;
}

static void xenbus_emulated_unlock(struct pci_dev **locked, unsigned int nr)
{
	while (nr--) {
		device_unlock(&locked[nr]->dev);
		pci_dev_put(locked[nr]);
	}
}

/*
 * Lock the emulated devices of a class if none of them has a driver.
 *
 * Return: how many are locked; 0 if there are none, or if one of them has a driver
 * or may be getting one.
 */
static unsigned int xenbus_emulated_lock(unsigned int base,
					 struct pci_dev **locked)
{
	struct pci_dev *pdev = NULL;
	unsigned int nr = 0;

	for_each_pci_dev(pdev) {
		if (pdev->class >> 16 != base || !xenbus_emulated_is(pdev))
			continue;
		if (nr < XENBUS_EMULATED_MAX && device_trylock(&pdev->dev)) {
			locked[nr++] = pci_dev_get(pdev);
			if (!pdev->dev.driver)
				continue;
		}
		pci_dev_put(pdev);
		xenbus_emulated_unlock(locked, nr);
		return 0;
	}
	return nr;
}

/**
 * xenbus_emulated_unplug_idle() - unplug devices if none of them has a driver
 * @nics:   network cards, or else disks
 * @unplug: unplugs all of them
 *
 * The devices are locked meanwhile, so that none of them gets a driver.
 *
 * Return: whether they were unplugged.
 */
bool xenbus_emulated_unplug_idle(bool nics, void (*unplug)(void))
{
	struct pci_dev *locked[XENBUS_EMULATED_MAX];
	unsigned int nr;

	nr = xenbus_emulated_lock(nics ? PCI_BASE_CLASS_NETWORK :
					 PCI_BASE_CLASS_STORAGE, locked);
	if (!nr)
		return false;
	unplug();
	xenbus_emulated_unlock(locked, nr);
	if (nics)
		xenbus_emulated_remove(PCI_CLASS_NETWORK_ETHERNET << 8);
	else
		xenbus_emulated_remove_controllers();
	return true;
}

/* Call @act for the interfaces of emulated cards until it returns true. */
static bool xenbus_emulated_nics(bool (*act)(const struct net_device *nd,
					     const void *data),
				 const void *data)
{
	const struct net_device *nd;
	struct net *net;
	bool found = false;

	rcu_read_lock();
	for_each_net_rcu(net) {
		for_each_netdev_rcu(net, nd) {
			if (!nd->dev.parent || !dev_is_pci(nd->dev.parent) ||
			    !xenbus_emulated_is(to_pci_dev(nd->dev.parent)))
				continue;
			found = act(nd, data);
			if (found)
				goto out;
		}
	}
out:
	rcu_read_unlock();
	return found;
}

struct xenbus_emulated_mac {
	const u8 *mac;
	char *name;
	size_t size;
};

static bool xenbus_emulated_has_mac(const struct net_device *nd,
				    const void *data)
{
	const struct xenbus_emulated_mac *m = data;

	if (nd->addr_len != ETH_ALEN ||
	    (memcmp(nd->perm_addr, m->mac, ETH_ALEN) &&
	     memcmp(nd->dev_addr, m->mac, ETH_ALEN)))
		return false;
	strscpy(m->name, nd->name, m->size);
	return true;
}

/**
 * xenbus_emulated_nic() - find an emulated card with an address
 * @mac:  ETH_ALEN bytes
 * @name: result: the interface's name
 * @size: size of @name
 *
 * Return: true if there is one.
 */
bool xenbus_emulated_nic(const u8 *mac, char *name, size_t size)
{
	const struct xenbus_emulated_mac m = { mac, name, size };

	return xenbus_emulated_nics(xenbus_emulated_has_mac, &m);
}

static bool xenbus_emulated_is_up(const struct net_device *nd,
				  const void *data)
{
	if (!(nd->flags & IFF_UP))
		return false;
	pr_err("xenbus: %s is up\n", nd->name);
	return true;
}

/**
 * xenbus_emulated_remove_nics() - remove the cards that are to be unplugged
 *
 * Return: 0, or -EBUSY if an interface is up; then all stay.
 */
int xenbus_emulated_remove_nics(void)
{
	if (xenbus_emulated_nics(xenbus_emulated_is_up, NULL))
		return -EBUSY;
	xenbus_emulated_remove(PCI_CLASS_NETWORK_ETHERNET << 8);
	return 0;
}
