// SPDX-License-Identifier: GPL-2.0-only
/* Set up and tear down shared pages and event channels, for both roles. */
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/slab.h>
#include <xenpv/channel.h>
#include <xenpv/events.h>
#include <xenpv/grant.h>

static void xpv_shared_revoke(struct xpv_shared *s)
{
	unsigned int i;

	for (i = 0; i < s->refs.nr; i++)
		gnttab_end_foreign_access(s->refs.ref[i],
					  virt_to_page(s->vaddr +
						       i * XEN_PAGE_SIZE));
}

/**
 * xpv_shared_offer() - allocate zeroed pages and grant them to the backend
 * @s:        filled here; zeroed or closed before
 * @dev:      frontend device
 * @nr_pages: 1..XPV_MAX_RING_PAGES
 *
 * Unlike xenbus_setup_ring(), this does not close the device if there are too
 * few grant references. The caller decides what to do.
 *
 * Return: 0; -ENOMEM or -ENOSPC.
 * Context: process.
 */
int xpv_shared_offer(struct xpv_shared *s, struct xenbus_device *dev,
		     unsigned int nr_pages)
{
	size_t size = nr_pages * XEN_PAGE_SIZE;
	grant_ref_t head;
	unsigned int i;
	void *vaddr;
	int err;

	BUILD_BUG_ON(PAGE_SIZE != XEN_PAGE_SIZE);
	vaddr = alloc_pages_exact(size, GFP_NOIO | __GFP_HIGH | __GFP_ZERO |
				  __GFP_NOWARN);
	if (!vaddr)
		return -ENOMEM;
	err = gnttab_alloc_grant_references(nr_pages, &head);
	if (err) {
		free_pages_exact(vaddr, size);
		return err;
	}
	for (i = 0; i < nr_pages; i++) {
		int ref = gnttab_claim_grant_reference(&head);

		gnttab_grant_foreign_access_ref(ref, dev->otherend_id,
						virt_to_gfn(vaddr +
							    i * XEN_PAGE_SIZE),
						0);
		s->refs.ref[i] = ref;
	}
	s->vaddr = vaddr;
	s->dev = dev;
	s->refs.nr = nr_pages;
	s->offered = true;
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_shared_offer);

/**
 * struct xpv_trial - mappings that test whether Xen has room for a ring
 * @map:   map operations
 * @unmap: unmap operations for the mappings that succeeded
 * @page:  pages to map to
 */
struct xpv_trial {
	struct gnttab_map_grant_ref map[XPV_MAX_RING_PAGES];
	struct gnttab_unmap_grant_ref unmap[XPV_MAX_RING_PAGES];
	struct page *page[XPV_MAX_RING_PAGES];
};

/*
 * Map and unmap. Return false if Xen has no room; the real mapping reports all
 * other errors.
 */
static bool xpv_trial_fits(struct xpv_trial *t, struct xenbus_device *dev,
			   const struct xpv_refs *refs)
{
	unsigned int i, nr = 0;
	bool fits = true;

	for (i = 0; i < refs->nr; i++) {
		gnttab_set_map_op(&t->map[i], xpv_grant_addr(t->page[i]),
				  GNTMAP_host_map, refs->ref[i],
				  dev->otherend_id);
		t->map[i].status = GNTST_general_error;
	}
	gnttab_map_refs(t->map, NULL, t->page, refs->nr);
	for (i = 0; i < refs->nr; i++) {
		struct page *page = t->page[i];

		if (t->map[i].status == GNTST_okay) {
			gnttab_set_unmap_op(&t->unmap[nr], xpv_grant_addr(page),
					    GNTMAP_host_map, t->map[i].handle);
			t->unmap[nr].status = GNTST_general_error;
			t->page[nr++] = page;
			continue;
		}
		gnttab_free_pages(1, &page);
		if (xpv_grant_is_space(t->map[i].status))
			fits = false;
	}
	if (!nr)
		return fits;
	gnttab_unmap_refs(t->unmap, NULL, t->page, nr);
	for (i = 0; i < nr; i++)
		if (t->unmap[i].status == GNTST_okay)
			gnttab_free_pages(1, &t->page[i]);
	return fits;
}

/*
 * Test whether there is room to map a ring. xenbus_map_ring_valloc() would
 * close the device if there is none, although there may be room a moment later.
 */
static int xpv_shared_try(struct xenbus_device *dev, const struct xpv_refs *refs)
{
	struct xpv_trial *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int err;

	if (!t)
		return -ENOMEM;
	err = gnttab_alloc_pages(refs->nr, t->page);
	if (!err && !xpv_trial_fits(t, dev, refs))
		err = -ENOSPC;
	kfree(t);
	return err;
}

/**
 * xpv_shared_accept() - map the pages a frontend granted
 * @s:    filled here; zeroed or closed before
 * @dev:  backend device
 * @refs: references, from xpv_store_refs()
 *
 * Return: 0; -ENOSPC or -ENOMEM if there is no room now, which is not reported
 * to xenbus; or another error, which is reported to xenbus.
 * Context: process.
 */
int xpv_shared_accept(struct xpv_shared *s, struct xenbus_device *dev,
		      const struct xpv_refs *refs)
{
	int err;

	err = xpv_shared_try(dev, refs);
	if (err)
		return err;
	s->refs = *refs;
	err = xenbus_map_ring_valloc(dev, s->refs.ref, s->refs.nr, &s->vaddr);
	if (err)
		return err;
	s->dev = dev;
	s->offered = false;
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_shared_accept);

/**
 * xpv_shared_close() - unmap, or revoke and free
 * @s: may be closed already
 *
 * Pages that the peer still maps are freed only when the peer unmaps them.
 * Context: process.
 */
void xpv_shared_close(struct xpv_shared *s)
{
	if (!s->dev)
		return;
	if (s->offered)
		xpv_shared_revoke(s);
	else
		xenbus_unmap_ring_vfree(s->dev, s->vaddr);
	memset(s, 0, sizeof(*s));
}
EXPORT_SYMBOL_GPL(xpv_shared_close);

/**
 * xpv_shared_size() - size of the mapping
 * @s: shared pages, set up
 *
 * Return: bytes.
 */
size_t xpv_shared_size(const struct xpv_shared *s)
{
	return (size_t)s->refs.nr * XEN_PAGE_SIZE;
}
EXPORT_SYMBOL_GPL(xpv_shared_size);

/*
 * Allocate a port that the backend can bind to. xenbus_alloc_evtchn() closes the
 * device when the domain has no port left, although one may be free a moment
 * later. Other errors are reported to xenbus.
 */
static noinline int xpv_event_alloc(struct xenbus_device *dev,
				    evtchn_port_t *port)
{
	struct evtchn_alloc_unbound op = {
		.dom = DOMID_SELF,
		.remote_dom = dev->otherend_id,
	};
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &op);

	if (!err)
		*port = op.port;
	else if (err != -ENOSPC && err != -ENOMEM)
		xenbus_dev_fatal(dev, err, "allocating event channel");
	return err;
}

/**
 * xpv_event_offer() - allocate a port for the backend to bind
 * @e:       filled here; zeroed or closed before
 * @dev:     frontend device
 * @handler: called in interrupt context; the driver must call xen_irq_lateeoi()
 *           once for each call when the work is done
 * @name:    name in /proc/interrupts; must remain valid until xpv_event_close()
 * @cookie:  argument of @handler
 *
 * Return: 0; -ENFILE if there is no event channel or interrupt left; -ENOMEM; or
 * another negative error. The first two are not reported to xenbus.
 * Context: process.
 */
int xpv_event_offer(struct xpv_event *e, struct xenbus_device *dev,
		    irq_handler_t handler, const char *name, void *cookie)
{
	int err = xpv_event_alloc(dev, &e->port);

	if (err)
		return err == -ENOSPC ? -ENFILE : err;
	err = bind_evtchn_to_irqhandler_lateeoi(e->port, handler, 0, name,
						cookie);
	if (err < 0) {
		xenbus_free_evtchn(dev, e->port);
		return err == -ENOSPC ? -ENFILE : err;
	}
	e->irq = err;
	e->cookie = cookie;
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_event_offer);

/**
 * xpv_event_accept() - bind to a port that the frontend allocated
 * @e:       filled here; zeroed or closed before
 * @dev:     backend device; its event statistics are updated
 * @remote:  the frontend's port
 * @handler: as for xpv_event_offer()
 * @name:    name in /proc/interrupts; must remain valid until xpv_event_close()
 * @cookie:  argument of @handler
 *
 * The handler may run before this function returns, when @e->irq is not set
 * yet. The caller must not send an EOI before this function has returned.
 *
 * Return: 0 or a negative error.
 * Context: process.
 */
int xpv_event_accept(struct xpv_event *e, struct xenbus_device *dev,
		     evtchn_port_t remote, irq_handler_t handler,
		     const char *name, void *cookie)
{
	int err = bind_interdomain_evtchn_to_irqhandler_lateeoi(dev, remote,
								handler, 0,
								name, cookie);

	if (err < 0)
		return err;
	e->irq = err;
	e->cookie = cookie;
	e->port = remote;
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_event_accept);

/**
 * xpv_event_close() - unbind an event channel
 * @e: may be closed already
 *
 * No handler runs any more when this returns.
 *
 * Context: process.
 */
void xpv_event_close(struct xpv_event *e)
{
	if (!e->irq)
		return;
	unbind_from_irqhandler(e->irq, e->cookie);
	e->irq = 0;
}
EXPORT_SYMBOL_GPL(xpv_event_close);
