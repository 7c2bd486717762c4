/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parsers for store values: pure functions, which the unit tests compile, too.
 */
#ifndef XENPV_PARSE_H
#define XENPV_PARSE_H

#include <xenpv/types.h>

/* How a key was found. */
enum xpv_found {
	XPV_FOUND_NOTHING,
	XPV_FOUND_NUMBER,
	XPV_FOUND_GARBAGE,
};

int xpv_parse_uint(const char *s, size_t len, u64 *val);
int xpv_parse_mac(const char *text, size_t len, u8 *mac);
int xpv_parse_order(u64 pages, unsigned int *order);

#endif
