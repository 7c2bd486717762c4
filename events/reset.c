// SPDX-License-Identifier: GPL-2.0-only
/*
 * EVTCHNOP_reset, the only way out of the FIFO ABI. It closes every port of the
 * domain, including the two that the toolstack created: xenstore's and the
 * console's. These are created again, to the same remote ports, which Xen keeps
 * unbound for us. The other end of a connected port does not notice.
 */
#define pr_fmt(fmt) "xen-events: " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <xen/interface/hvm/params.h>
#include "events.h"

/**
 * struct reset_port - a port to create again
 * @param:  HVM parameter that holds its number
 * @port:   its number, 0 if there is none
 * @status: its status before the reset
 */
struct reset_port {
	u32 param;
	evtchn_port_t port;
	struct evtchn_status status;
};

static void reset_look(struct reset_port *p)
{
	u64 port;

	p->port = 0;
	if (xenpv_hvm_param_get(p->param, &port) || !port || port > U32_MAX)
		return;
	p->status.dom = DOMID_SELF;
	p->status.port = port;
	if (!HYPERVISOR_event_channel_op(EVTCHNOP_status, &p->status))
		p->port = port;
}

static int reset_make(const struct reset_port *p, evtchn_port_t *port)
{
	struct evtchn_bind_interdomain bind = {
		.remote_dom = p->status.u.interdomain.dom,
		.remote_port = p->status.u.interdomain.port,
	};
	struct evtchn_alloc_unbound wait = {
		.dom = DOMID_SELF,
		.remote_dom = p->status.u.unbound.dom,
	};
	int err;

	switch (p->status.status) {
	case EVTCHNSTAT_interdomain:
		err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain,
						  &bind);
		*port = bind.local_port;
		return err;
	case EVTCHNSTAT_unbound:
		err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound,
						  &wait);
		*port = wait.port;
		return err;
	default:
		return -EINVAL;
	}
}

static void reset_again(const struct reset_port *p)
{
	evtchn_port_t port;
	int err;

	if (!p->port)
		return;
	err = reset_make(p, &port);
	if (!err && port != p->port)
		err = xenpv_hvm_param_set(p->param, port);
	if (err)
		pr_err("port %u of HVM parameter %u is lost (%d)\n", p->port,
		       p->param, err);
}

/**
 * events_reset() - close all ports and return to the 2-level ABI
 *
 * Return: 0 or a negative error; nothing has changed on an error.
 * Context: any, no port is in use.
 */
int events_reset(void)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	struct reset_port p[2] = {
		{ .param = HVM_PARAM_STORE_EVTCHN },
		{ .param = HVM_PARAM_CONSOLE_EVTCHN },
	};
	int err;

	reset_look(&p[0]);
	reset_look(&p[1]);
	/*
	 * Xen allocates low numbers first: in this order each port gets its own
	 * again.
	 */
	if (p[0].port > p[1].port)
		swap(p[0], p[1]);
	err = HYPERVISOR_event_channel_op(EVTCHNOP_reset, &reset);
	if (err)
		return err;
	reset_again(&p[0]);
	reset_again(&p[1]);
	return 0;
}

/**
 * events_reset_leftover() - leave the FIFO ABI of an earlier kernel
 *
 * A kernel that crashed did not do that, and its control blocks and event words
 * are in memory that is not ours. To detect the FIFO ABI, this asks to expand
 * the array by a frame with an invalid number: only the FIFO ABI knows the
 * operation.
 *
 * Return: 0 or a negative error.
 * Context: any, no port is bound.
 */
int events_reset_leftover(void)
{
	struct evtchn_expand_array op = { .array_gfn = ~0ULL };
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_expand_array, &op);

	if (err != -EINVAL && err != -ENOSPC)
		return 0;
	pr_info("an earlier kernel has left the FIFO ABI on; closing its ports\n");
	return events_reset();
}
