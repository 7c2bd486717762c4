// SPDX-License-Identifier: GPL-2.0-only
/* Producer indices that cannot be right. */
#include "ring.h"
#include "xpeer.h"

uint32_t ring_bad_rsp_prod(const struct ring *r, enum bad_prod how, uint64_t seed)
{
	switch (how) {
	case PROD_OVER:
		return r->rsp_prod + r->nr + 1;
	case PROD_BACK:
		return r->rsp_prod - 2;
	case PROD_FAR:
		return r->rsp_prod + 0x80000000u;
	case PROD_EARLY:
		return ring_get(r, RING_REQ_PROD) + 1;
	default:
		return r->rsp_prod + r->nr * 2 + ((uint32_t)rnd(&seed) >> 2);
	}
}

uint32_t ring_bad_req_prod(const struct ring *r, enum bad_prod how, uint64_t seed)
{
	uint32_t far;

	switch (how) {
	case PROD_OVER:
		/* A receive ring has requests that nobody has taken yet: beyond all of them. */
		return r->req_prod + r->nr + 1;
	case PROD_BACK:
		return r->rsp_cons - 1;
	case PROD_FAR:
		return r->req_prod + 0x80000000u;
	default:
		do {
			far = (uint32_t)rnd(&seed);
		} while (far <= 2 * r->nr || far > 0xffffffffu - 2 * r->nr);
		return r->req_prod + far;
	}
}
