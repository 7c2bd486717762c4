// SPDX-License-Identifier: GPL-2.0-only
/*
 * No control message brings the hash's state out of bounds, and the table gives
 * what the definition gives. Input: messages of 16 bytes, then a packet.
 */
#include <stdlib.h>
#include <string.h>
#include "../../netback/hash.c"

#define must(cond) do { if (!(cond)) abort(); } while (0)
#define QUEUES 4

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check_state(const struct netback_hash *h)
{
	must(h->alg <= XPV_NETIF_HASH_ALG_TOEPLITZ);
	must(!(h->flags & ~XPV_NETIF_HASH_FLAGS));
	must(h->nr_map <= NETBACK_HASH_MAPPING);
}

static void message(struct netback_hash *h,
		    const struct xpv_netif_ctrl_req *req)
{
	u32 page[1024];
	struct netback_ctrl c;
	unsigned int i;

	/* What the frontend's page holds: mostly good entries. */
	for (i = 0; i < 1024; i++)
		page[i] = req->id > 60000 ? req->id : i % QUEUES;
	switch (netback_ctrl_check(h, req, &c)) {
	case NETBACK_CTRL_KEY:
		must(c.len <= NETBACK_HASH_KEY);
		netback_hash_set_key(h, (u8 *)page, c.len, req->id & 1);
		break;
	case NETBACK_CTRL_MAP:
		must(c.off * 4 + c.len <= h->nr_map * 4);
		netback_hash_set_map(h, page, c.len, c.off, QUEUES, &c);
		break;
	case NETBACK_CTRL_REFUSE:
		must(c.status != XPV_NETIF_CTRL_SUCCESS && !c.changed);
		break;
	default:
		break;
	}
	must(c.status <= XPV_NETIF_CTRL_OVERFLOW);
	check_state(h);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct netback_hash h;
	struct xpv_netif_ctrl_req req;
	struct netback_flow flow;
	unsigned int i;
	u32 hash;

	netback_hash_reset(&h);
	for (i = 0; i < 16 && size >= sizeof(req); i++) {
		memcpy(&req, data, sizeof(req));
		req.type %= 16;
		data += sizeof(req);
		size -= sizeof(req);
		message(&h, &req);
	}
	if (!netback_flow_parse(h.flags, data, size, &flow))
		return 0;
	must(flow.len <= NETBACK_HASH_INPUT);
	must(h.flags & 1u << flow.type);
	hash = netback_hash_value(&h, &flow);
	must(hash == netback_hash_plain(h.key, flow.data, flow.len));
	must(netback_hash_queue(&h, hash, QUEUES) < QUEUES);
	must(netback_hash_queue(&h, hash, 1) == 0);
	return 0;
}
