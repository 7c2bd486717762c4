// SPDX-License-Identifier: GPL-2.0-only
/*
 * Settings for the backend's distribution of packets to queues: hash types, key
 * and table, sent over the control ring. They are stored here and sent again
 * for each connection.
 *
 * Off by default: hashing costs the backend time, and a slot per packet.
 */
#include <linux/netdevice.h>
#include "netfront.h"

/**
 * netfront_rss_init() - initialise; before the first connection
 * @nf: device
 */
void netfront_rss_init(struct netfront_dev *nf)
{
	nf->rss.types = XPV_NETIF_HASH_FLAGS;
	netdev_rss_key_fill(nf->rss.key, sizeof(nf->rss.key));
}

/**
 * netfront_rss_spread() - fill the default table
 * @nf:    any
 * @table: result, @nf->rss.size entries
 */
void netfront_rss_spread(struct netfront_dev *nf, u32 *table)
{
	unsigned int i;

	for (i = 0; i < nf->rss.size; i++)
		table[i] = i % nf->link.nr_queues;
}

static int netfront_rss_call(struct netfront_dev *nf, u16 type, u32 arg,
			     u32 *data)
{
	const u32 args[3] = { arg };

	return netfront_ctrl_call(nf, type, args, data);
}

static int netfront_rss_off(struct netfront_dev *nf)
{
	return netfront_rss_call(nf, XPV_NETIF_CTRL_SET_HASH_ALG,
				 XPV_NETIF_HASH_ALG_NONE, NULL);
}

static int netfront_rss_types(struct netfront_dev *nf)
{
	struct netfront_rss *rss = &nf->rss;
	int err;

	err = netfront_rss_call(nf, XPV_NETIF_CTRL_GET_HASH_FLAGS, 0,
				&rss->can);
	if (err)
		return err;
	rss->can &= XPV_NETIF_HASH_FLAGS;
	if (!(rss->types & rss->can))
		return -EOPNOTSUPP;
	return netfront_rss_call(nf, XPV_NETIF_CTRL_SET_HASH_FLAGS,
				 rss->types & rss->can, NULL);
}

static int netfront_rss_table(struct netfront_dev *nf)
{
	struct netfront_rss *rss = &nf->rss;
	u32 args[3] = { 0, rss->size, 0 };
	int err;

	if (!rss->size)
		return 0;
	err = netfront_rss_call(nf, XPV_NETIF_CTRL_SET_MAPPING_SIZE, rss->size,
				NULL);
	if (err)
		return err;
	return netfront_ctrl_call_page(nf, XPV_NETIF_CTRL_SET_MAPPING,
				       rss->table,
				       rss->size * sizeof(*rss->table), args,
				       0);
}

/**
 * netfront_rss_program() - send the settings of @nf->rss to the backend
 * @nf: linked
 *
 * Return: 0 or a negative error, with hashing off.
 * Context: process, under fsm.act.
 */
int netfront_rss_program(struct netfront_dev *nf)
{
	struct netfront_rss *rss = &nf->rss;
	u32 args[3] = { 0, sizeof(rss->key), 0 };
	int err;

	lockdep_assert_held(&nf->fsm.act);
	if (!rss->on)
		return netfront_rss_off(nf);
	if (!rss->set)
		netfront_rss_spread(nf, rss->table);
	err = netfront_rss_call(nf, XPV_NETIF_CTRL_SET_HASH_ALG,
				XPV_NETIF_HASH_ALG_TOEPLITZ, NULL);
	if (!err)
		err = netfront_rss_types(nf);
	if (!err)
		err = netfront_ctrl_call_page(nf, XPV_NETIF_CTRL_SET_HASH_KEY,
					      rss->key, sizeof(rss->key), args,
					      0);
	if (!err)
		err = netfront_rss_table(nf);
	if (err)
		netfront_rss_off(nf);
	return err;
}

/* Drop a table that was made for more queues or another size. */
static void netfront_rss_check(struct netfront_dev *nf, u32 size)
{
	struct netfront_rss *rss = &nf->rss;
	unsigned int i;

	if (size != rss->size)
		rss->set = false;
	rss->size = size;
	for (i = 0; i < size; i++)
		if (rss->table[i] >= nf->link.nr_queues)
			rss->set = false;
}

/**
 * netfront_rss_link() - send all settings to a new backend
 * @nf: has a control ring, or not
 *
 * A backend may remember settings of an earlier frontend, so hashing is also
 * switched off explicitly.
 *
 * Context: process, under fsm.act.
 */
void netfront_rss_link(struct netfront_dev *nf)
{
	u32 data = 0;
	int err;

	lockdep_assert_held(&nf->fsm.act);
	if (!nf->ctrl.up) {
		nf->rss.size = 0;
		return;
	}
	netfront_rss_off(nf);
	if (netfront_rss_call(nf, XPV_NETIF_CTRL_GET_MAPPING_SIZE, 0, &data))
		data = 0;
	netfront_rss_check(nf, netfront_parse_mapping_size(data));
	if (!nf->rss.on)
		return;
	err = netfront_rss_program(nf);
	if (err)
		dev_warn_ratelimited(&nf->dev->dev,
				     "%s: the backend does not take the hash settings: %d\n",
				     netdev_name(nf->netdev), err);
}
