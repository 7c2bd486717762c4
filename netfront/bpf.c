// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP programs come and go. The reconnect for XDP asks the backend to leave room
 * before packets, and for no packets that do not fit into a page.
 */
#include <linux/bpf.h>
#include <linux/rtnetlink.h>
#include "netfront.h"

static int netfront_bpf_attach(struct netfront_dev *nf, struct bpf_prog *prog,
			       struct netlink_ext_ack *extack)
{
	struct bpf_prog *old = rtnl_dereference(nf->prog);
	int err;

	if (prog && nf->netdev->mtu > NETFRONT_XDP_MTU) {
		NL_SET_ERR_MSG_MOD(extack, "MTU is too large for XDP");
		return -EINVAL;
	}
	if (!old == !prog) {
		rcu_assign_pointer(nf->prog, prog);
		goto put;
	}
	if (!prog)
		rcu_assign_pointer(nf->prog, NULL);
	WRITE_ONCE(nf->want_xdp, prog);
	err = netfront_renegotiate(nf);
	if (err && prog) {
		WRITE_ONCE(nf->want_xdp, false);
		NL_SET_ERR_MSG_MOD(extack, "the backend does not answer");
		return err;
	}
	if (prog)
		rcu_assign_pointer(nf->prog, prog);
	netfront_update_mtu(nf);
put:
	if (old)
		bpf_prog_put(old);
	return 0;
}

/**
 * netfront_bpf() - attach or detach a program; see ndo_bpf
 * @netdev: device
 * @bpf:    command
 *
 * Return: 0 or a negative error.
 */
int netfront_bpf(struct net_device *netdev, struct netdev_bpf *bpf)
{
	struct netfront_dev *nf = netdev_priv(netdev);

	switch (bpf->command) {
	case XDP_SETUP_PROG:
		return netfront_bpf_attach(nf, bpf->prog, bpf->extack);
	default:
		return -EINVAL;
	}
}
