// SPDX-License-Identifier: GPL-2.0-only
/* Parsing of store values. No kernel calls: tests/unit compiles this too. */
#ifdef __KERNEL__
#include <linux/export.h>
#else
#define EXPORT_SYMBOL_GPL(sym)
#endif
#include <xenpv/parse.h>

static int xpv_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/**
 * xpv_parse_uint() - a decimal number and nothing else
 * @s:   text, need not end in a NUL
 * @len: bytes of it
 * @val: result, untouched on error
 *
 * Blanks around the number are allowed: people write keys by hand.
 *
 * Return: 0, -EINVAL if it is no number, -ERANGE if it needs more than 64 bits.
 */
int xpv_parse_uint(const char *s, size_t len, u64 *val)
{
	const char *end = s + len;
	u64 v = 0;

	while (s < end && xpv_is_blank(*s))
		s++;
	while (end > s && xpv_is_blank(end[-1]))
		end--;
	if (s == end)
		return -EINVAL;

	for (; s < end; s++) {
		unsigned int digit = (unsigned char)*s - '0';

		if (digit > 9)
			return -EINVAL;
		if (v > (~(u64)0 - digit) / 10)
			return -ERANGE;
		v = v * 10 + digit;
	}
	*val = v;
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_parse_uint);

/**
 * xpv_parse_order() - page count to order
 * @pages: of a ring
 * @order: the largest order that needs no more pages
 *
 * Return: 0, or -ERANGE if @pages is 0.
 */
int xpv_parse_order(u64 pages, unsigned int *order)
{
	unsigned int o = 0;

	if (!pages)
		return -ERANGE;
	while (pages >>= 1)
		o++;
	*order = o;
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_parse_order);
