/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences of pages. */
#ifndef XENPV_COMPAT_PAGE_H
#define XENPV_COMPAT_PAGE_H

#include <linux/mm.h>

/* A page of a compound page: kernels without nth_page() have them in a row. */
#ifdef nth_page
#define xpv_nth_page(page, n)	nth_page(page, n)
#else
#define xpv_nth_page(page, n)	((page) + (n))
#endif

#endif
