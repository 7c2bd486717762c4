/* SPDX-License-Identifier: GPL-2.0-only */
/* Parsing of store values: pure, also compiled by the unit tests. */
#ifndef XENPV_PARSE_H
#define XENPV_PARSE_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stddef.h>
typedef unsigned long long u64;
#endif

int xpv_parse_uint(const char *s, size_t len, u64 *val);
int xpv_parse_order(u64 pages, unsigned int *order);

#endif
