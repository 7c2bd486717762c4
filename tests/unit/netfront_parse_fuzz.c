// SPDX-License-Identifier: GPL-2.0-only
/* Whatever gets through is within what the driver builds on. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../netfront/parse.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

static void one_chain(const struct netfront_chain *c)
{
	unsigned int i, last = 0;
	u32 len = 0;

	must(c->slots >= 1 && c->slots <= XPV_NETIF_RING_ENTRIES);
	must(c->nr <= c->nr_data && c->nr <= NETFRONT_MAX_PIECES);
	must(c->nr_data + c->nr_extra == c->slots);
	must(c->failed <= 0);
	must(c->bad || c->nr_data <= NETFRONT_MAX_PIECES);
	must(c->bad <= NETFRONT_BAD_EXTRA);
	for (i = 0; i < c->nr; i++) {
		const struct netfront_piece *p = &c->piece[i];

		must(p->len && p->offset + p->len <= XPV_NETIF_PAGE_BYTES);
		must(p->slot < c->slots);
		must(!i || p->slot > last);
		last = p->slot;
		len += p->len;
	}
	must(len == c->len);
}

/* Responses as a ring would hold them, packets one behind the other. */
static void one_ring(const uint8_t *data, size_t size)
{
	struct netfront_chain c;
	struct xpv_netif_rx_rsp rsp;
	unsigned int fed = 0;

	netfront_chain_init(&c);
	for (; size >= sizeof(rsp); data += sizeof(rsp), size -= sizeof(rsp)) {
		enum netfront_fed how;

		memcpy(&rsp, data, sizeof(rsp));
		how = netfront_chain_feed(&c, &rsp);
		must(c.slots == ++fed);
		must(fed <= XPV_NETIF_RING_ENTRIES);
		if (how == NETFRONT_FED_ENDLESS)
			return;
		if (how == NETFRONT_FED_PART)
			continue;
		one_chain(&c);
		netfront_chain_init(&c);
		fed = 0;
	}
}

static void one_set(const struct netfront_keys *keys)
{
	struct netfront_features f;
	u32 ignored;
	bool usable;

	usable = netfront_parse_keys(keys, &f, &ignored);
	must(f.queues >= 1 && f.queues <= NETFRONT_MAX_QUEUES);
	must(f.sg || (!f.gso4 && !f.gso6));
	must(ignored < 1U << NETFRONT_NR_KEYS);
	must(!usable || keys->found[NETFRONT_KEY_RX_COPY] == XPV_FOUND_NUMBER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct {
		struct netfront_keys keys;
		struct xpv_netif_ctrl_req req;
		struct xpv_netif_ctrl_rsp rsp;
		u64 mtu;
		u32 mapping;
	} in;
	u32 mtu = 0;
	int i;

	if (!size)
		return 0;
	if (data[0] % 3 == 0) {
		one_ring(data + 1, size - 1);
		return 0;
	}
	memset(&in, 0, sizeof(in));
	memcpy(&in, data + 1, size - 1 < sizeof(in) ? size - 1 : sizeof(in));
	for (i = 0; i < NETFRONT_NR_KEYS; i++)
		in.keys.found[i] %= 3;
	one_set(&in.keys);
	if (netfront_parse_mtu(in.mtu, &mtu))
		must(mtu >= 68 && mtu <= XPV_NETIF_MTU_MAX);
	must(netfront_parse_mapping_size(in.mapping) <= NETFRONT_MAX_MAPPING);
	must(netfront_parse_mapping_size(in.mapping) <= in.mapping);
	must(netfront_parse_ctrl(&in.req, &in.rsp) <= NETFRONT_CTRL_TYPE);
	netfront_parse_sent(in.mtu);
	return 0;
}
