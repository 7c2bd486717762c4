// SPDX-License-Identifier: GPL-2.0-only
/* 6.4: a page pool knows the NAPI that it serves. */
#include <net/page_pool/helpers.h>

void probe(struct page_pool_params *params, struct napi_struct *napi);
void probe(struct page_pool_params *params, struct napi_struct *napi)
{
	params->napi = napi;
}
