// SPDX-License-Identifier: GPL-2.0-only
/* What is accepted gives the same digits when it is printed. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../common/parse.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void one_mac(const char *s, size_t size)
{
	u8 mac[6], again[6];
	char text[18];

	if (xpv_parse_mac(s, size, mac))
		return;
	if (size < 11)
		abort();
	snprintf(text, sizeof(text), "%x:%x:%02x:%x:%02x:%x", mac[0], mac[1],
		 mac[2], mac[3], mac[4], mac[5]);
	if (xpv_parse_mac(text, strlen(text), again) || memcmp(mac, again, 6))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	char digits[32];
	u64 v = 0x5a5a;
	int len;

	one_mac(s, size);
	if (xpv_parse_uint(s, size, &v)) {
		if (v != 0x5a5a)
			abort();
		return 0;
	}
	len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)v);
	while (size && is_blank(*s))
		s++, size--;
	while (size && (!s[size - 1] || is_blank(s[size - 1])))
		size--;
	while (size > 1 && *s == '0')
		s++, size--;
	if (size != (size_t)len || memcmp(s, digits, len))
		abort();
	return 0;
}
