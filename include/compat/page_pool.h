/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences: page pools. */
#ifndef XENPV_COMPAT_PAGE_POOL_H
#define XENPV_COMPAT_PAGE_POOL_H

#include <compat/generated.h>

#ifdef XPV_HAVE_PAGE_POOL_DIR
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

/* Pages that this NAPI's skbs release may go directly to the pool's cache. */
static inline void xpv_page_pool_of_napi(struct page_pool_params *params,
					 struct napi_struct *napi)
{
#ifdef XPV_HAVE_PAGE_POOL_NAPI
	params->napi = napi;
#endif
}

#endif
