// SPDX-License-Identifier: GPL-2.0-only
/* Set-up and end of shared pages and event channels, for both roles. */
#include <linux/export.h>
#include <xenpv/channel.h>

/**
 * xpv_shared_offer() - allocate zeroed pages and grant them to the backend
 * @s:        to fill; zeroed or closed
 * @dev:      frontend device
 * @nr_pages: 1..XPV_MAX_RING_PAGES
 *
 * Return: 0 or a negative error, then reported by xenbus. Context: process.
 */
int xpv_shared_offer(struct xpv_shared *s, struct xenbus_device *dev,
		     unsigned int nr_pages)
{
	int err = xenbus_setup_ring(dev, GFP_NOIO | __GFP_HIGH, &s->vaddr,
				    nr_pages, s->refs.ref);

	if (err)
		return err;
	s->dev = dev;
	s->refs.nr = nr_pages;
	s->offered = true;
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_shared_offer);

/**
 * xpv_shared_accept() - map the pages a frontend granted
 * @s:    to fill; zeroed or closed
 * @dev:  backend device
 * @refs: references, from xpv_store_refs()
 *
 * Return: 0 or a negative error. Context: process.
 */
int xpv_shared_accept(struct xpv_shared *s, struct xenbus_device *dev,
		      const struct xpv_refs *refs)
{
	int err;

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
		xenbus_teardown_ring(&s->vaddr, s->refs.nr, s->refs.ref);
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
