// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page shared with xenstored: a byte ring for each direction, and an event
 * channel. The server may write anything there at any time. Our own indices are
 * kept in private memory and never read back while connected.
 *
 * Only the comms thread, or whoever starts it, reads and writes the ring.
 */
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <xen/events.h>
#include <xen/interface/hvm/params.h>
#include <xenpv/core.h>
#include <xenpv/peer.h>
#include "store.h"

/* Limit of a handshake: enough for a server in a busy dom0. */
#define XSRING_HANDSHAKE_SECS	30

struct xenstore_domain_interface *xen_store_interface;
EXPORT_SYMBOL_GPL(xen_store_interface);

int xen_store_evtchn;
EXPORT_SYMBOL_GPL(xen_store_evtchn);

/* The comms thread sleeps here. */
DECLARE_WAIT_QUEUE_HEAD(xsring_wait);
bool xsring_woken;

static enum xsring_state xsring_connection;

/**
 * struct xsring - our side of the connection
 * @irq:      interrupt of the event channel
 * @owed:     an event came for which xsring_seen() sent no EOI yet
 * @req_prod: bytes written, free running
 * @rsp_cons: bytes read, free running
 * @req_cons: the server's index at the last EOI
 */
struct xsring {
	int irq;
	bool owed;
	u32 req_prod;
	u32 rsp_cons;
	u32 req_cons;
};

static struct xsring xsring;

/* The page as shared memory: the server can write it at any time. */
#define xsring_page \
	((struct xenstore_domain_interface __peer __force *)xen_store_interface)

static irqreturn_t xsring_interrupt(int irq, void *unused)
{
	WRITE_ONCE(xsring.owed, true);
	wake_up(&xsring_wait);
	return IRQ_HANDLED;
}

enum xsring_state xsring_state(void)
{
	return READ_ONCE(xsring_connection);
}

void xsring_set_state(enum xsring_state state)
{
	WRITE_ONCE(xsring_connection, state);
	wake_up_all(&xsring_wait);
}

/**
 * xsring_wake() - wake the thread to send a request or to check the ring
 *
 * Context: any.
 */
void xsring_wake(void)
{
	WRITE_ONCE(xsring_woken, true);
	wake_up(&xsring_wait);
}

/* True if a module is being unloaded; what is built in is no module. */
static bool xsring_goes(struct module *self)
{
	return self && !module_is_live(self);
}

/**
 * xsring_is_ending() - test whether waiting for xenstored makes no sense any more
 *
 * Return: true if so.
 */
bool xsring_is_ending(void)
{
	return system_state > SYSTEM_RUNNING || xsring_goes(THIS_MODULE);
}

/**
 * xsring_is_owed() - test whether an event came since xsring_seen()
 *
 * Return: true if so.
 */
bool xsring_is_owed(void)
{
	return READ_ONCE(xsring.owed);
}

/**
 * xsring_seen() - an event was handled: send its EOI
 * @useful: there was something to read
 *
 * Until then the port is masked. Events without work delay the EOI more and
 * more, so that a server that only sends events costs next to nothing. Bytes
 * that the server consumed count as work, because somebody may wait for the
 * room.
 */
void xsring_seen(bool useful)
{
	u32 req_cons;

	if (!xsring_is_owed())
		return;
	WRITE_ONCE(xsring.owed, false);
	req_cons = xpv_peer_read32(&xsring_page->req_cons);
	if (req_cons != xsring.req_cons)
		useful = true;
	xsring.req_cons = req_cons;
	if (!useful)
		xsstats_count(XSSTAT_EVENTS_IDLE);
	xen_irq_lateeoi(xsring.irq, useful ? 0 : XEN_EOI_FLAG_SPURIOUS);
}

static int xsring_find(u64 *pfn, u64 *port)
{
	int err = xenpv_hvm_param_get(HVM_PARAM_STORE_PFN, pfn);

	if (!err)
		err = xenpv_hvm_param_get(HVM_PARAM_STORE_EVTCHN, port);
	if (err)
		return err;
	if (!*pfn || !*port) {
		pr_err("xenbus: store: none was set up for this domain\n");
		return -ENODEV;
	}
	if (*pfn == U64_MAX) {
		pr_err("xenbus: store: not set up yet\n");
		return -ENODEV;
	}
	if (*pfn > PHYS_PFN(PHYS_ADDR_MAX) || *port > INT_MAX)
		return -EINVAL;
	return 0;
}

/**
 * xsring_init() - find and map the page, bind the event channel
 *
 * Return: 0; -ENODEV if there is no store; or a negative errno.
 */
int xsring_init(void)
{
	u64 pfn, port;
	int err;

	err = xsring_find(&pfn, &port);
	if (err)
		return err;
	xen_store_interface = memremap(PFN_PHYS(pfn), PAGE_SIZE, MEMREMAP_WB);
	if (!xen_store_interface)
		return -ENOMEM;
	xen_store_evtchn = port;
	err = bind_evtchn_to_irqhandler_lateeoi(port, xsring_interrupt, 0,
						"xenbus", &xsring_wait);
	if (err < 0)
		goto unmap;
	xsring.irq = err;
	return 0;

unmap:
	memunmap(xen_store_interface);
	xen_store_interface = NULL;
	xen_store_evtchn = 0;
	return err;
}

/**
 * xsring_exit() - undo xsring_init()
 *
 * The toolstack bound the channel, which must outlive us: xen-events knows this
 * port and does not close it.
 */
void xsring_exit(void)
{
	unbind_from_irqhandler(xsring.irq, &xsring_wait);
	memunmap(xen_store_interface);
	xen_store_interface = NULL;
	xen_store_evtchn = 0;
}

/**
 * xsring_rebind() - use the new port after a resume in another domain
 *
 * The page is the same.
 *
 * Return: 0 or a negative errno.
 */
int xsring_rebind(void)
{
	u64 pfn, port;
	int err = xsring_find(&pfn, &port);

	if (err)
		return err;
	xen_store_evtchn = port;
	rebind_evtchn_irq(port, xsring.irq);
	return 0;
}

static bool xsring_is_connected(void)
{
	return xpv_peer_read32(&xsring_page->connection) == XENSTORE_CONNECTED;
}

static bool xsring_wait_connected(void (*tick)(void))
{
	unsigned int secs;

	for (secs = 0; secs < XSRING_HANDSHAKE_SECS && !xsring_is_ending(); secs++) {
		if (wait_event_idle_timeout(xsring_wait, xsring_is_connected(),
					    HZ))
			return true;
		xsring_seen(false);
		tick();
		xsring_notify();	/* an event may have been lost */
	}
	return false;
}

/*
 * Ask for a new ring. A server that announces this feature but does not do it
 * keeps the old ring, like a server without the feature. Returns true if the
 * ring is new.
 */
static bool xsring_renew(void (*tick)(void))
{
	u32 features = xpv_peer_read32(&xsring_page->server_features);

	if (!(features & XENSTORE_SERVER_FEATURE_RECONNECTION))
		return false;
	xpv_peer_write32(&xsring_page->connection, XENSTORE_RECONNECT);
	virt_mb();	/* write the request before the event */
	xsring_notify();
	if (xsring_wait_connected(tick))
		return true;
	pr_warn("xenbus: store: xenstored offers new connections and makes none\n");
	xpv_peer_write32(&xsring_page->connection, XENSTORE_CONNECTED);
	return false;
}

/**
 * xsring_connect() - start with the ring as it is, or with a new one
 * @fresh: result: the server has dropped all earlier state, including a
 *         half-received request
 * @tick:  called each second while this waits
 *
 * Firmware used this ring before us, so its indices can have any value.
 *
 * Return: 0, or -ETIMEDOUT if the server does not answer.
 */
int xsring_connect(bool *fresh, void (*tick)(void))
{
	u32 req_cons;

	*fresh = false;
	/*
	 * The toolstack sets this for a domain that the server does not know
	 * yet.
	 */
	if (!xsring_wait_connected(tick))
		return -ETIMEDOUT;

	*fresh = xsring_renew(tick);
	virt_rmb();	/* read the indices after the flag that they are set */

	/* Responses that are on their way are for somebody else. */
	xsring.rsp_cons = xpv_peer_read32(&xsring_page->rsp_prod);
	xpv_peer_write32(&xsring_page->rsp_cons, xsring.rsp_cons);

	xsring.req_prod = xpv_peer_read32(&xsring_page->req_prod);
	req_cons = xpv_peer_read32(&xsring_page->req_cons);
	if (xswire_fill(xsring.req_prod, req_cons) < 0) {
		xsring.req_prod = req_cons;
		xpv_peer_write32(&xsring_page->req_prod, req_cons);
	}
	return 0;
}

/**
 * xsring_error() - read whether the server has given up the connection
 *
 * Return: XENSTORE_ERROR_NONE, or the reason.
 */
u32 xsring_error(void)
{
	u32 features = xpv_peer_read32(&xsring_page->server_features);

	if (!(features & XENSTORE_SERVER_FEATURE_ERROR))
		return XENSTORE_ERROR_NONE;
	return xpv_peer_read32(&xsring_page->error);
}

/* Impossible indices count as something to read: xsring_read() reports them. */
bool xsring_readable(void)
{
	return xpv_peer_read32(&xsring_page->rsp_prod) != xsring.rsp_cons;
}

bool xsring_writable(void)
{
	return xswire_fill(xsring.req_prod,
			   xpv_peer_read32(&xsring_page->req_cons)) !=
	       XENSTORE_RING_SIZE;
}

/**
 * xsring_read() - read bytes
 * @buf: private memory
 * @len: maximum number of bytes
 *
 * Return: number of bytes, 0 if there are none, -EPROTO if the indices are
 * impossible.
 */
int xsring_read(void *buf, u32 len)
{
	u32 at = MASK_XENSTORE_IDX(xsring.rsp_cons), old = xsring.rsp_cons;
	int fill = xswire_fill(xpv_peer_read32(&xsring_page->rsp_prod), old);
	u32 first;

	if (fill <= 0)
		return fill;
	virt_rmb();	/* read bytes after the index that covers them */
	len = min_t(u32, len, fill);
	first = min_t(u32, len, XENSTORE_RING_SIZE - at);
	memcpy(buf, (const char __force *)xsring_page->rsp + at, first);
	memcpy(buf + first, (const char __force *)xsring_page->rsp, len - first);
	/* From here on only the private copy is used. */
	virt_mb();	/* read bytes before their room is released */
	xsring.rsp_cons += len;
	xpv_peer_write32(&xsring_page->rsp_cons, xsring.rsp_cons);
	/* release the room before checking whether the server waits for it */
	virt_mb();
	if (xpv_peer_read32(&xsring_page->rsp_prod) - old >= XENSTORE_RING_SIZE)
		xsring_notify();
	return len;
}

/**
 * xsring_write() - write bytes; the caller then calls xsring_notify()
 * @buf: bytes
 * @len: number of bytes
 *
 * Return: number of bytes that had room, -EPROTO if the indices are impossible.
 */
int xsring_write(const void *buf, u32 len)
{
	u32 at = MASK_XENSTORE_IDX(xsring.req_prod);
	int fill = xswire_fill(xsring.req_prod,
			       xpv_peer_read32(&xsring_page->req_cons));
	u32 first;

	if (fill < 0)
		return fill;
	virt_mb();	/* read the room before it is written to */
	len = min_t(u32, len, XENSTORE_RING_SIZE - fill);
	first = min_t(u32, len, XENSTORE_RING_SIZE - at);
	xpv_peer_store(xsring_page->req + at, buf, first);
	xpv_peer_store(xsring_page->req, buf + first, len - first);
	virt_wmb();	/* write bytes before the index that covers them */
	xsring.req_prod += len;
	xpv_peer_write32(&xsring_page->req_prod, xsring.req_prod);
	return len;
}

void xsring_notify(void)
{
	/* write the index before the event, even if that needs no hypercall */
	virt_mb();
	xsstats_count(XSSTAT_KICKS);
	notify_remote_via_irq(xsring.irq);
}
