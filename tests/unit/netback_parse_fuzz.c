// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever netback lets through stays in its pages and adds up, and a chain
 * ends. Input: slots of 12 bytes each; the same bytes as headers and keys.
 */
#include <stdlib.h>
#include <string.h>
#include "../../common/parse.c"
#include "../../netback/parse.c"

#define must(cond) do { if (!(cond)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check_good(const struct netback_chain *c)
{
	unsigned int i, sum = 0;

	must(c->nr >= 1 && c->nr <= NETBACK_SLOTS);
	must(c->len >= XPV_NETIF_ETH_HLEN && c->len <= XPV_NETIF_MAX_PACKET);
	for (i = 0; i < c->nr; i++) {
		must(c->piece[i].offset + c->piece[i].size <=
		     XPV_NETIF_PAGE_BYTES);
		sum += c->piece[i].size;
	}
	must(sum == c->len);
}

static void check_extras(const struct netback_chain *c)
{
	const struct xpv_netif_extra *e;
	unsigned int type;

	must(c->nr_extra <= XPV_NETIF_EXTRAS_MAX + 1);
	for (type = 0; type < XPV_NETIF_EXTRA_TYPES; type++) {
		e = xpv_netif_extra_of(&c->extras, type);
		must(!e || e->type == type);
	}
	e = xpv_netif_extra_of(&c->extras, XPV_NETIF_EXTRA_GSO);
	must(!e || (e->u.gso.size && e->u.gso.type >= 1 && e->u.gso.type <= 2));
	must(!e || c->bad || (e->u.gso.size >= 8 && e->u.gso.size < 0xffff));
	e = xpv_netif_extra_of(&c->extras, XPV_NETIF_EXTRA_HASH);
	must(!e || e->u.hash.type < XPV_NETIF_HASH_TYPES);
}

/* One packet; the bytes it took. */
static size_t one(const u8 *data, size_t size, unsigned int fatal)
{
	struct xpv_netif_tx_req req;
	struct xpv_netif_extra e;
	enum netback_want want;
	struct netback_chain c;
	size_t used = sizeof(req);

	memset(&c, 0xa5, sizeof(c));
	memcpy(&req, data, sizeof(req));
	want = netback_chain_begin(&c, &req, fatal);
	while (want == NETBACK_WANT_EXTRA || want == NETBACK_WANT_SLOT) {
		if (size - used < sizeof(req)) {
			want = netback_chain_short(&c);
			break;
		}
		memcpy(&req, data + used, sizeof(req));
		memcpy(&e, data + used, sizeof(e));
		used += sizeof(req);
		want = want == NETBACK_WANT_SLOT ?
		       netback_chain_slot(&c, &req) :
		       netback_chain_extra(&c, &e);
		must(c.nr <= fatal);
	}
	must(want == NETBACK_WANT_NOTHING || want == NETBACK_WANT_DISABLE);
	must(used == (c.nr + c.nr_extra) * sizeof(req) ||
	     want == NETBACK_WANT_DISABLE);
	if (want == NETBACK_WANT_DISABLE || c.bad) {
		must(c.bad && c.fault.site < NETBACK_SITES);
		return want == NETBACK_WANT_DISABLE ? size : used;
	}
	must(!c.odd || c.fault.site < NETBACK_SITES);
	check_extras(&c);
	if (!netback_chain_is_mcast(&c))
		check_good(&c);
	return used;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned int fatal, len = netback_parse_headers(data, size);
	u64 bytes, usecs;

	must(len <= size && (!len || len >= 42));
	if (!netback_parse_rate((const char *)data, size, &bytes, &usecs))
		must(bytes && usecs && bytes <= NETBACK_RATE_MAX &&
		     usecs <= 0xffffffff);
	if (!size)
		return 0;
	fatal = NETBACK_SLOTS + data[0] % (NETBACK_FATAL_MAX - NETBACK_SLOTS + 1);
	data++;
	size--;
	while (size >= sizeof(struct xpv_netif_tx_req)) {
		size_t used = one(data, size, fatal);

		data += used;
		size -= used;
	}
	return 0;
}
