// SPDX-License-Identifier: GPL-2.0-only
/* The control ring: one request and its response at a time. */
#include <linux/slab.h>
#include <xenpv/events.h>
#include <xenpv/grant.h>
#include "netfront.h"
#include "trace.h"

/* Time limit for a response of the backend. */
#define NETFRONT_CTRL_WAIT	(3 * HZ)

static void netfront_ctrl_break(struct netfront_dev *nf,
				enum netfront_site site, u64 value, u64 bound)
{
	WRITE_ONCE(nf->ctrl.halted, true);
	xpv_violation(&nf->violations, site, value, bound,
		      "control ring not used any more");
}

/* Checks of the ring per event, if its index changes meanwhile. */
#define NETFRONT_CTRL_LOOKS	8

/* Handle the response to the open request; false if the response is invalid. */
static bool netfront_ctrl_answer(struct netfront_dev *nf,
				 const struct xpv_netif_ctrl_rsp *rsp)
{
	struct netfront_ctrl *ctrl = &nf->ctrl;

	trace_netfront_ctrl(dev_name(&nf->dev->dev), rsp->type, rsp->status,
			    rsp->data);
	ctrl->result = netfront_parse_ctrl(&ctrl->req, rsp);
	if (!ctrl->open || ctrl->result >= NETFRONT_CTRL_STATUS) {
		netfront_ctrl_break(nf, NETFRONT_CTRL_RSP,
				    ctrl->result == NETFRONT_CTRL_ID ? rsp->id :
				    ctrl->result == NETFRONT_CTRL_TYPE ?
				    rsp->type : rsp->status, ctrl->req.id);
		return false;
	}
	ctrl->data = rsp->data;
	ctrl->open = false;
	return true;
}

/* Take the responses on the ring; true if one of them completes the request. */
static bool netfront_ctrl_take(struct netfront_dev *nf)
{
	struct xpv_ring *half = &nf->ctrl.half;
	struct xpv_netif_ctrl_rsp rsp;
	bool worked = false;
	u32 n;

	if (!xpv_front_pending(half, &n)) {
		netfront_ctrl_break(nf, NETFRONT_CTRL_PROD, n,
				    half->pub - half->cons);
		return false;
	}
	for (; n && !nf->ctrl.halted; n--) {
		xpv_peer_fetch(&rsp, xpv_ring_entry(half, half->cons),
			       sizeof(rsp));
		half->cons++;
		worked |= netfront_ctrl_answer(nf, &rsp);
	}
	return worked;
}

static irqreturn_t netfront_ctrl_event(int irq, void *cookie)
{
	struct netfront_dev *nf = cookie;
	struct netfront_ctrl *ctrl = &nf->ctrl;
	unsigned int looks = 0;
	unsigned long flags;
	bool worked = false;

	spin_lock_irqsave(&ctrl->lock, flags);
	while (!ctrl->halted) {
		worked |= netfront_ctrl_take(nf);
		if (ctrl->halted || !xpv_front_arm(&ctrl->half))
			break;
		if (++looks == NETFRONT_CTRL_LOOKS)
			netfront_ctrl_break(nf, NETFRONT_RING_RACE, looks,
					    NETFRONT_CTRL_LOOKS);
	}
	spin_unlock_irqrestore(&ctrl->lock, flags);
	if (worked || ctrl->halted)
		complete(&ctrl->done);
	/* The event of a broken ring gets no EOI, so it stays masked. */
	if (!ctrl->halted)
		xen_irq_lateeoi(irq, worked ? 0 : XEN_EOI_FLAG_SPURIOUS);
	return IRQ_HANDLED;
}

/**
 * netfront_ctrl_open() - set up the control ring
 * @nf: not connected
 *
 * After an error netfront_ctrl_close() frees what was allocated.
 *
 * Return: 0 or a negative error.
 * Context: process, under fsm.act.
 */
int netfront_ctrl_open(struct netfront_dev *nf)
{
	struct netfront_ctrl *ctrl = &nf->ctrl;
	int err;

	lockdep_assert_held(&nf->fsm.act);
	err = xpv_shared_offer(&ctrl->ring, nf->dev, 1);
	if (err)
		return err;
	xpv_sring_init(ctrl->ring.vaddr);
	xpv_ring_attach(&ctrl->half, ctrl->ring.vaddr, PAGE_SIZE,
			XPV_NETIF_CTRL_ENTRY);
	ctrl->halted = false;
	ctrl->open = false;
	snprintf(ctrl->name, sizeof(ctrl->name), "vif%.8s-control",
		 strrchr(nf->dev->nodename, '/') + 1);
	return xpv_event_offer(&ctrl->event, nf->dev, netfront_ctrl_event,
			       ctrl->name, nf);
}

/**
 * netfront_ctrl_close() - give up the control ring
 * @nf: any
 *
 * Context: process, under fsm.act.
 */
void netfront_ctrl_close(struct netfront_dev *nf)
{
	lockdep_assert_held(&nf->fsm.act);
	nf->ctrl.up = false;
	WRITE_ONCE(nf->link.statics, 0);
	xpv_event_close(&nf->ctrl.event);
	xpv_shared_close(&nf->ctrl.ring);
	nf->ctrl.half.sring = NULL;
}

static void netfront_ctrl_send(struct netfront_dev *nf, u16 type,
			       const u32 *args)
{
	struct netfront_ctrl *ctrl = &nf->ctrl;
	bool notify;

	spin_lock_irq(&ctrl->lock);
	reinit_completion(&ctrl->done);
	ctrl->req.id++;
	ctrl->req.type = type;
	memcpy(ctrl->req.data, args, sizeof(ctrl->req.data));
	ctrl->open = true;
	xpv_peer_store(xpv_ring_entry(&ctrl->half, ctrl->half.prod),
		       &ctrl->req, sizeof(ctrl->req));
	ctrl->half.prod++;
	notify = xpv_front_publish(&ctrl->half);
	spin_unlock_irq(&ctrl->lock);
	if (notify)
		notify_remote_via_irq(ctrl->event.irq);
}

/**
 * netfront_ctrl_call() - send a request to the backend and wait for the
 * response
 * @nf:   any
 * @type: XPV_NETIF_CTRL_*
 * @args: three arguments
 * @data: result: data of the response; may be NULL
 *
 * Return: 0; -EOPNOTSUPP, -EINVAL or -E2BIG as the backend says; -ENODEV if
 * there is no control ring; -ETIMEDOUT, after which the ring is not used any
 * more.
 * Context: process, under fsm.act.
 */
int netfront_ctrl_call(struct netfront_dev *nf, u16 type, const u32 *args,
		       u32 *data)
{
	struct netfront_ctrl *ctrl = &nf->ctrl;

	lockdep_assert_held(&nf->fsm.act);
	if (!ctrl->up || READ_ONCE(ctrl->halted))
		return -ENODEV;
	netfront_ctrl_send(nf, type, args);
	wait_for_completion_timeout(&ctrl->done, NETFRONT_CTRL_WAIT);

	spin_lock_irq(&ctrl->lock);
	if (ctrl->open && !ctrl->halted)
		netfront_ctrl_break(nf, NETFRONT_CTRL_SILENT, type,
				    NETFRONT_CTRL_WAIT / HZ);
	spin_unlock_irq(&ctrl->lock);
	if (ctrl->halted)
		return -ETIMEDOUT;
	if (data)
		*data = ctrl->data;
	switch (ctrl->result) {
	case NETFRONT_CTRL_OKAY:
		return 0;
	case NETFRONT_CTRL_NOTSUPP:
		return -EOPNOTSUPP;
	case NETFRONT_CTRL_OVERFLOW:
		return -E2BIG;
	default:
		return -EINVAL;
	}
}

/**
 * netfront_ctrl_call_page() - netfront_ctrl_call() with a page of data
 * @nf:    any
 * @type:  XPV_NETIF_CTRL_*, one of whose arguments is a page
 * @bytes: content of that page
 * @len:   length of @bytes, up to a page
 * @args:  all three arguments
 * @at:    index of the argument that becomes the page
 *
 * Return: as netfront_ctrl_call(), or -ENOMEM, -ENOSPC.
 * Context: process, under fsm.act.
 */
int netfront_ctrl_call_page(struct netfront_dev *nf, u16 type,
			    const void *bytes, size_t len, u32 *args,
			    unsigned int at)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	int err;

	lockdep_assert_held(&nf->fsm.act);
	if (!page)
		return -ENOMEM;
	memcpy(page_address(page), bytes, len);
	err = gnttab_grant_foreign_access(nf->dev->otherend_id,
					  xen_page_to_gfn(page), 1);
	if (err < 0) {
		__free_page(page);
		return err;
	}
	args[at] = err;
	err = netfront_ctrl_call(nf, type, args, NULL);
	netfront_hold_page(nf, args[at], page);
	return err;
}
