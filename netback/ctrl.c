// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control ring. Messages are rare and may need a copy from the guest, so a
 * work item serves them, at most a ring full at a time.
 */
#include <linux/slab.h>
#include "netback.h"

static irqreturn_t netback_ctrl_event(int irq, void *cookie)
{
	struct netback_ctrl_ring *c = cookie;

	WRITE_ONCE(c->fired, true);
	queue_work(netback_wq, &c->work);
	return IRQ_HANDLED;
}

static struct netback_dev *netback_ctrl_of(struct netback_ctrl_ring *c)
{
	return container_of(c, struct netback_dev, ctrl);
}

/* Publish the new state to the data path. */
static int netback_ctrl_apply(struct netback_dev *be)
{
	struct netback_hash *h = &be->ctrl.state;
	struct netback_steer *s = NULL, *old;

	if (h->alg != XPV_NETIF_HASH_ALG_NONE && h->flags) {
		s = kmalloc(sizeof(*s), GFP_KERNEL);
		if (!s)
			return -ENOMEM;
		s->hash = *h;
	}
	/*
	 * Only the work item changes it, or its owner after the work item has
	 * stopped.
	 */
	old = rcu_replace_pointer(be->steer, s, true);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

/* Set up a copy between a page of the guest's and our private page. */
static int netback_ctrl_copy_op(struct netback_dev *be, struct gnttab_copy *op,
				u32 gref)
{
	op->status = GNTST_general_error;
	gnttab_batch_copy(op, 1);
	if (op->status == GNTST_okay)
		return 0;
	xpv_violation(&be->violations, NETBACK_SITE_CTRL_GRANT, gref, 0,
		      "message refused");
	return -EFAULT;
}

/* Copy a key, a mapping or a list from the guest. */
static int netback_ctrl_copy(struct netback_dev *be, u32 gref, u32 len)
{
	struct gnttab_copy op = {
		.source.u.ref = gref,
		.source.domid = be->domid,
		.dest.u.gmfn = virt_to_gfn(be->ctrl.page),
		.dest.domid = DOMID_SELF,
		.len = len,
		.flags = GNTCOPY_source_gref,
	};

	return len ? netback_ctrl_copy_op(be, &op, gref) : 0;
}

/* Copy a list with its results to the guest. */
static int netback_ctrl_copy_back(struct netback_dev *be, u32 gref, u32 len)
{
	struct gnttab_copy op = {
		.source.u.gmfn = virt_to_gfn(be->ctrl.page),
		.source.domid = DOMID_SELF,
		.dest.u.ref = gref,
		.dest.domid = be->domid,
		.len = len,
		.flags = GNTCOPY_dest_gref,
	};

	return netback_ctrl_copy_op(be, &op, gref);
}

static u32 netback_ctrl_set(struct netback_dev *be, enum netback_ctrl_do what,
			    struct netback_ctrl *m)
{
	struct netback_ctrl_ring *c = &be->ctrl;
	u32 status;

	if (netback_ctrl_copy(be, m->gref, m->len))
		return XPV_NETIF_CTRL_INVALID;
	if (what == NETBACK_CTRL_KEY) {
		netback_hash_set_key(&c->state, c->page, m->len,
				     READ_ONCE(netback_hash_cache));
		m->changed = true;
		return XPV_NETIF_CTRL_SUCCESS;
	}
	status = netback_hash_set_map(&c->state, c->page, m->len, m->off,
				      be->net->real_num_tx_queues, m);
	m->changed = status == XPV_NETIF_CTRL_SUCCESS;
	if (!m->changed)
		xpv_violation(&be->violations, NETBACK_SITE_CTRL_VALUE,
			      m->value, m->bound, "message refused");
	return status;
}

/*
 * The queue exists until the control ring, and with it this work item, is
 * closed.
 */
static struct netback_queue *netback_ctrl_queue(struct netback_dev *be, u32 i)
{
	struct netback_queue *q = NULL;
	struct netback_queues *qs;

	rcu_read_lock();
	qs = rcu_dereference(be->queues);
	if (qs && i < qs->nr)
		q = qs->q[i];
	rcu_read_unlock();
	return q;
}

/* Static grants: report their limit, or process a list of them. */
static void netback_ctrl_grefs(struct netback_dev *be,
			       const struct xpv_netif_ctrl_req *req,
			       struct netback_ctrl *m)
{
	struct netback_queue *q = netback_ctrl_queue(be, req->data[0]);
	u32 gref = req->data[1], nr = req->data[2];
	u32 len = nr * sizeof(struct xpv_netif_gref);
	bool list = req->type != XPV_NETIF_CTRL_GET_GREF_SIZE;

	memset(m, 0, sizeof(*m));
	m->status = XPV_NETIF_CTRL_INVALID;
	if (!q || (list && (!nr || nr > NETBACK_STATIC_LIST))) {
		xpv_violation(&be->violations, NETBACK_SITE_CTRL_VALUE,
			      q ? nr : req->data[0],
			      q ? NETBACK_STATIC_LIST : be->max_queues - 1,
			      "message refused");
		return;
	}
	if (!list) {
		m->status = XPV_NETIF_CTRL_SUCCESS;
		m->data = netback_static_room(q);
		return;
	}
	if (netback_ctrl_copy(be, gref, len))
		return;
	m->status = netback_static_message(q, req->type, be->ctrl.page, nr,
					   &m->data);
	if (req->type == XPV_NETIF_CTRL_DEL_GREFS &&
	    netback_ctrl_copy_back(be, gref, len))
		m->status = XPV_NETIF_CTRL_INVALID;
}

static bool netback_ctrl_is_about_grefs(u16 type)
{
	return type >= XPV_NETIF_CTRL_GET_GREF_SIZE &&
	       type <= XPV_NETIF_CTRL_DEL_GREFS && netback_static_limit();
}

static enum netback_ctrl_do
netback_ctrl_look(struct netback_dev *be, const struct xpv_netif_ctrl_req *req,
		  struct netback_ctrl *m)
{
	if (!netback_ctrl_is_about_grefs(req->type))
		return netback_ctrl_check(&be->ctrl.state, req, m);
	netback_ctrl_grefs(be, req, m);
	return NETBACK_CTRL_ANSWER;
}

static void netback_ctrl_message(struct netback_dev *be,
				 const struct xpv_netif_ctrl_req *req,
				 struct xpv_netif_ctrl_rsp *rsp)
{
	struct netback_ctrl_ring *c = &be->ctrl;
	enum netback_ctrl_do what;
	struct netback_ctrl m;

	what = netback_ctrl_look(be, req, &m);
	if (what == NETBACK_CTRL_REFUSE)
		xpv_violation(&be->violations,
			      m.status == XPV_NETIF_CTRL_NOT_SUPPORTED ?
			      NETBACK_SITE_CTRL_TYPE : NETBACK_SITE_CTRL_VALUE,
			      m.value, m.bound, "message refused");
	else if (what != NETBACK_CTRL_ANSWER)
		m.status = netback_ctrl_set(be, what, &m);
	if (m.changed && netback_ctrl_apply(be))
		m.status = XPV_NETIF_CTRL_INVALID;
	c->requests++;
	c->refused += m.status != XPV_NETIF_CTRL_SUCCESS;
	rsp->id = req->id;
	rsp->type = req->type;
	rsp->status = m.status;
	rsp->data = m.data;
}

/* Serve at most a ring full of messages; returns their number. */
static unsigned int netback_ctrl_round(struct netback_dev *be)
{
	struct netback_ctrl_ring *c = &be->ctrl;
	struct xpv_netif_ctrl_req req;
	struct xpv_netif_ctrl_rsp rsp;
	unsigned int done;
	u32 nr;

	if (!xpv_back_pending(&c->ring, &nr)) {
		c->stopped = true;
		xpv_violation(&be->violations, NETBACK_SITE_CTRL_PROD,
			      c->ring.cons + nr, c->ring.prod + c->ring.size,
			      "control ring stopped until the frontend reconnects");
		return 0;
	}
	for (done = 0; done < nr; done++) {
		xpv_peer_fetch(&req, xpv_ring_entry(&c->ring, c->ring.cons++),
			       sizeof(req));
		netback_ctrl_message(be, &req, &rsp);
		xpv_peer_store(xpv_ring_entry(&c->ring, c->ring.prod++), &rsp,
			       sizeof(rsp));
		cond_resched();
	}
	if (done && xpv_back_publish(&c->ring))
		notify_remote_via_irq(c->ev.irq);
	return done;
}

static void netback_ctrl_work(struct work_struct *work)
{
	struct netback_ctrl_ring *c = container_of(work,
						   struct netback_ctrl_ring,
						   work);
	struct netback_dev *be = netback_ctrl_of(c);
	unsigned int done;
	bool fired;

	/* Pairs with netback_ctrl_open(). The EOI is delayed until then. */
	if (smp_load_acquire(&c->stopped))
		return;
	fired = xchg(&c->fired, false);
	done = netback_ctrl_round(be);
	if (c->stopped)
		return;
	if (xpv_back_arm(&c->ring)) {
		/* Let other work items run first. */
		if (fired)
			WRITE_ONCE(c->fired, true);
		queue_work(netback_wq, work);
	} else if (fired) {
		xen_irq_lateeoi(c->ev.irq, done ? 0 : XEN_EOI_FLAG_SPURIOUS);
	}
}

/**
 * netback_ctrl_init() - initialise; before the first connection
 * @be: device
 */
void netback_ctrl_init(struct netback_dev *be)
{
	INIT_WORK(&be->ctrl.work, netback_ctrl_work);
}

static int netback_ctrl_attach(struct netback_dev *be)
{
	struct netback_ctrl_ring *c = &be->ctrl;
	u32 nr;

	xpv_ring_attach(&c->ring, c->shared.vaddr, xpv_shared_size(&c->shared),
			XPV_NETIF_CTRL_ENTRY);
	c->ring.prod = xpv_peer_read32(&c->ring.sring->rsp_prod);
	c->ring.pub = c->ring.prod;
	c->ring.cons = c->ring.prod;
	if (xpv_back_pending(&c->ring, &nr))
		return 0;
	xpv_violation(&be->violations, NETBACK_SITE_CTRL_PROD,
		      c->ring.cons + nr, c->ring.prod + c->ring.size,
		      "connection refused");
	return -EIO;
}

/**
 * netback_ctrl_open() - connect to a frontend's control ring
 * @be:   device, queues connected
 * @ref:  page
 * @port: event channel
 *
 * After an error netback_ctrl_close() undoes what was done.
 *
 * Return: 0, or a negative error.
 */
int netback_ctrl_open(struct netback_dev *be, u32 ref, evtchn_port_t port)
{
	struct xpv_refs refs = { .nr = 1, .ref = { ref } };
	struct netback_ctrl_ring *c = &be->ctrl;
	int err;

	c->page = (void *)get_zeroed_page(GFP_KERNEL);
	if (!c->page)
		return -ENOMEM;
	/* The first event may come before its interrupt's number is known. */
	c->stopped = true;
	err = xpv_shared_accept(&c->shared, be->xdev, &refs);
	if (!err)
		err = netback_ctrl_attach(be);
	if (!err)
		err = xpv_event_accept(&c->ev, be->xdev, port,
				       netback_ctrl_event, "xen-netback-ctrl",
				       c);
	if (err)
		return err;
	smp_store_release(&c->stopped, false);	/* after c->ev is set */
	queue_work(netback_wq, &c->work);
	return 0;
}

/**
 * netback_ctrl_close() - close the control ring and drop its settings
 * @be: device
 *
 * A new frontend starts without a hash: an inherited one would steer its
 * packets in a way that it did not ask for.
 */
void netback_ctrl_close(struct netback_dev *be)
{
	struct netback_ctrl_ring *c = &be->ctrl;

	xpv_event_close(&c->ev);
	/* The work item may queue itself again while it finds messages. */
	c->stopped = true;
	cancel_work_sync(&c->work);
	xpv_shared_close(&c->shared);
	free_page((unsigned long)c->page);
	c->page = NULL;
	c->fired = false;
	netback_hash_reset(&c->state);
	netback_ctrl_apply(be);
	c->stopped = false;
}
