// SPDX-License-Identifier: GPL-2.0-only
/* Whatever xpv_parse_uint() accepts, printing gives the same digits back. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../common/parse.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	char digits[32];
	u64 v = 0x5a5a;
	int len;

	if (xpv_parse_uint(s, size, &v)) {
		if (v != 0x5a5a)
			abort();
		return 0;
	}
	len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)v);
	while (size && (*s == ' ' || *s == '\t' || *s == '\n'))
		s++, size--;
	while (size && (s[size - 1] == ' ' || s[size - 1] == '\t' ||
			s[size - 1] == '\n'))
		size--;
	while (size > 1 && *s == '0')
		s++, size--;
	if (size != (size_t)len || memcmp(s, digits, len))
		abort();
	return 0;
}
