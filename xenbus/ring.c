// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page shared with xenstored: a ring of bytes each way, and an event
 * channel. The server may write anything there at any time; our own indices are
 * kept here and never read back while connected.
 *
 * Only the comms thread reads and writes, or who starts it.
 */
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <xen/events.h>
#include <xen/interface/hvm/params.h>
#include <xenpv/core.h>
#include <xenpv/peer.h>
#include "store.h"

/* A server with a busy dom0 below it, and still bounded. */
#define XSRING_HANDSHAKE_SECS	30

struct xenstore_domain_interface *xen_store_interface;
EXPORT_SYMBOL_GPL(xen_store_interface);

int xen_store_evtchn;
EXPORT_SYMBOL_GPL(xen_store_evtchn);

DECLARE_WAIT_QUEUE_HEAD(xsring_wait);

/**
 * struct xsring - our side of the connection
 * @irq:      of the event channel
 * @owed:     an event came that xsring_seen() did not answer yet
 * @req_prod: bytes written, free running
 * @rsp_cons: bytes read
 * @req_cons: where the server was when an event was answered
 */
struct xsring {
	int irq;
	bool owed;
	u32 req_prod;
	u32 rsp_cons;
	u32 req_cons;
};

static struct xsring xsring;

/* The page as what it is: the server can write it at any time. */
#define xsring_page \
	((struct xenstore_domain_interface __peer __force *)xen_store_interface)

static irqreturn_t xsring_interrupt(int irq, void *unused)
{
	WRITE_ONCE(xsring.owed, true);
	wake_up(&xsring_wait);
	return IRQ_HANDLED;
}

/**
 * xsring_is_owed() - has an event come since xsring_seen()?
 */
bool xsring_is_owed(void)
{
	return READ_ONCE(xsring.owed);
}

/**
 * xsring_seen() - what an event told of is dealt with, the next may come
 * @useful: there was something to read
 *
 * Until then the port is masked. Events for nothing make this take effect later
 * and later, so that a server that only sends events costs next to nothing.
 * Bytes that it took are something, too: somebody may wait for the room.
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
 * The channel was bound by the toolstack and must outlive us: xen-events knows
 * this port and does not close it.
 */
void xsring_exit(void)
{
	unbind_from_irqhandler(xsring.irq, &xsring_wait);
	memunmap(xen_store_interface);
	xen_store_interface = NULL;
	xen_store_evtchn = 0;
}

/**
 * xsring_rebind() - after a resume elsewhere: another port, the same page
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

static bool xsring_wait_connected(void)
{
	unsigned int secs;

	for (secs = 0; secs < XSRING_HANDSHAKE_SECS && !xs_is_ending(); secs++) {
		if (wait_event_idle_timeout(xsring_wait, xsring_is_connected(),
					    HZ))
			return true;
		xsring_seen(false);
		xsreq_expire();		/* its caller is here meanwhile */
		xsring_notify();	/* an event may have been lost */
	}
	return false;
}

/*
 * Ask for a new ring. A server that says it can do that and does not is left
 * with the old one, as those that never say so. Return: whether it is new.
 */
static bool xsring_renew(void)
{
	u32 features = xpv_peer_read32(&xsring_page->server_features);

	if (!(features & XENSTORE_SERVER_FEATURE_RECONNECTION))
		return false;
	xpv_peer_write32(&xsring_page->connection, XENSTORE_RECONNECT);
	virt_mb();	/* wish before the event */
	xsring_notify();
	if (xsring_wait_connected())
		return true;
	pr_warn("xenbus: store: xenstored offers new connections and makes none\n");
	xpv_peer_write32(&xsring_page->connection, XENSTORE_CONNECTED);
	return false;
}

/**
 * xsring_connect() - begin with the ring as it is, or with a new one
 * @fresh: result: the server has forgotten everything of before; half a
 *         request that it had got, too
 *
 * Firmware used this ring before us, so that its indices are anything.
 *
 * Return: 0, or -ETIMEDOUT if the server does not answer.
 */
int xsring_connect(bool *fresh)
{
	u32 req_cons;

	*fresh = false;
	/* Set by the toolstack of a domain that the server does not know yet. */
	if (!xsring_wait_connected())
		return -ETIMEDOUT;

	*fresh = xsring_renew();
	virt_rmb();	/* indices after the word that says they are set */

	/* What is on its way to us is for somebody else. */
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
 * xsring_error() - has the server given us up?
 *
 * Return: XENSTORE_ERROR_NONE, or why.
 */
u32 xsring_error(void)
{
	u32 features = xpv_peer_read32(&xsring_page->server_features);

	if (!(features & XENSTORE_SERVER_FEATURE_ERROR))
		return XENSTORE_ERROR_NONE;
	return xpv_peer_read32(&xsring_page->error);
}

/* Impossible indices count as something to do: xsring_read() finds them. */
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
 * xsring_read() - take bytes
 * @buf: private memory
 * @len: at most so many
 *
 * Return: how many, 0 if there are none, -EPROTO if the indices are impossible.
 */
int xsring_read(void *buf, u32 len)
{
	u32 at = MASK_XENSTORE_IDX(xsring.rsp_cons), old = xsring.rsp_cons;
	int fill = xswire_fill(xpv_peer_read32(&xsring_page->rsp_prod), old);
	u32 first;

	if (fill <= 0)
		return fill;
	virt_rmb();	/* bytes after the index that covers them */
	len = min_t(u32, len, fill);
	first = min_t(u32, len, XENSTORE_RING_SIZE - at);
	memcpy(buf, (const char __force *)xsring_page->rsp + at, first);
	memcpy(buf + first, (const char __force *)xsring_page->rsp, len - first);
	/* What is checked from now on is the copy, whatever the optimiser thinks. */
	virt_mb();	/* bytes are read before their room is given back */
	xsring.rsp_cons += len;
	xpv_peer_write32(&xsring_page->rsp_cons, xsring.rsp_cons);
	virt_mb();	/* room before the look at whether it was waited for */
	if (xpv_peer_read32(&xsring_page->rsp_prod) - old >= XENSTORE_RING_SIZE)
		xsring_notify();
	return len;
}

/**
 * xsring_write() - put bytes; who wrote has to call xsring_notify() then
 * @buf: bytes
 * @len: how many
 *
 * Return: how many had room, -EPROTO if the indices are impossible.
 */
int xsring_write(const void *buf, u32 len)
{
	u32 at = MASK_XENSTORE_IDX(xsring.req_prod);
	int fill = xswire_fill(xsring.req_prod,
			       xpv_peer_read32(&xsring_page->req_cons));
	u32 first;

	if (fill < 0)
		return fill;
	virt_mb();	/* room is known before it is written to */
	len = min_t(u32, len, XENSTORE_RING_SIZE - fill);
	first = min_t(u32, len, XENSTORE_RING_SIZE - at);
	xpv_peer_store(xsring_page->req + at, buf, first);
	xpv_peer_store(xsring_page->req, buf + first, len - first);
	virt_wmb();	/* bytes before the index that covers them */
	xsring.req_prod += len;
	xpv_peer_write32(&xsring_page->req_prod, xsring.req_prod);
	return len;
}

void xsring_notify(void)
{
	virt_mb();	/* index before the event, also without a hypercall's */
	xsstats_count(XSSTAT_KICKS);
	notify_remote_via_irq(xsring.irq);
}
