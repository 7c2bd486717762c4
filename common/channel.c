// SPDX-License-Identifier: GPL-2.0-only
/* Set-up and end of shared pages and event channels, for both roles. */
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/slab.h>
#include <xenpv/channel.h>
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
 * @s:        to fill; zeroed or closed
 * @dev:      frontend device
 * @nr_pages: 1..XPV_MAX_RING_PAGES
 *
 * Other than xenbus_setup_ring(), which closes the device when references are
 * short, this leaves it to the caller what to do.
 *
 * Return: 0; -ENOMEM or -ENOSPC. Context: process.
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
 * struct xpv_trial - mappings made to see whether they can be
 * @map:   operations
 * @unmap: of those that succeeded
 * @page:  where to
 */
struct xpv_trial {
	struct gnttab_map_grant_ref map[XPV_MAX_RING_PAGES];
	struct gnttab_unmap_grant_ref unmap[XPV_MAX_RING_PAGES];
	struct page *page[XPV_MAX_RING_PAGES];
};

/* Map and unmap; false if Xen has no room. Other errors are for who maps next. */
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
 * Is there room to map a ring? xenbus_map_ring_valloc() would close the device if
 * not, though there may be room a moment later.
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
 * @s:    to fill; zeroed or closed
 * @dev:  backend device
 * @refs: references, from xpv_store_refs()
 *
 * Return: 0; -ENOSPC or -ENOMEM if there is no room now, which nobody was told; or
 * another error, then told to xenbus. Context: process.
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
 * Pages that the peer still maps are freed when it lets go of them, not
 * before. Context: process.
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
 * xpv_shared_size() - bytes of the mapping
 * @s: set up
 */
size_t xpv_shared_size(const struct xpv_shared *s)
{
	return (size_t)s->refs.nr * XEN_PAGE_SIZE;
}
EXPORT_SYMBOL_GPL(xpv_shared_size);

/**
 * xpv_event_offer() - allocate a port for the backend to bind
 * @e:       to fill; zeroed or closed
 * @dev:     frontend device
 * @handler: called in interrupt context; somebody must answer each call with
 *           xen_irq_lateeoi() when the work is done
 * @name:    in /proc/interrupts; must stay
 * @cookie:  handler's argument
 *
 * Return: 0 or a negative error. Context: process.
 */
int xpv_event_offer(struct xpv_event *e, struct xenbus_device *dev,
		    irq_handler_t handler, const char *name, void *cookie)
{
	int err = xenbus_alloc_evtchn(dev, &e->port);

	if (err)
		return err;
	err = bind_evtchn_to_irqhandler_lateeoi(e->port, handler, 0, name,
						cookie);
	if (err < 0) {
		xenbus_free_evtchn(dev, e->port);
		return err;
	}
	e->irq = err;
	e->cookie = cookie;
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_event_offer);

/**
 * xpv_event_accept() - bind to a port that the frontend allocated
 * @e:       to fill; zeroed or closed
 * @dev:     backend device; its event statistics count
 * @remote:  the frontend's port
 * @handler: as for xpv_event_offer()
 * @name:    in /proc/interrupts; must stay
 * @cookie:  handler's argument
 *
 * The handler may run before this returns, and then @e does not know the interrupt
 * yet: nobody may answer the event before that.
 *
 * Return: 0 or a negative error. Context: process.
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
 * xpv_event_close() - unbind; no handler runs any more when this returns
 * @e: may be closed already
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
