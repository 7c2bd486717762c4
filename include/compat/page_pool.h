/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences of page pools. */
#ifndef XENPV_COMPAT_PAGE_POOL_H
#define XENPV_COMPAT_PAGE_POOL_H

#include <compat/generated.h>

#ifdef XPV_HAVE_PAGE_POOL_DIR
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

#endif
