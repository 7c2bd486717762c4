// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parsers for store values. No kernel calls: tests/unit compiles this file,
 * too.
 */
#ifdef __KERNEL__
#include <linux/export.h>
#include <linux/string.h>
#else
#include <string.h>
#define EXPORT_SYMBOL_GPL(sym)
#endif
#include <xenpv/parse.h>

static int xpv_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * The end of a value without trailing NULs and blanks: some programs write the
 * NUL of their string, or a newline.
 */
static const char *xpv_parse_end(const char *s, const char *end)
{
	while (end > s && (!end[-1] || xpv_is_blank(end[-1])))
		end--;
	return end;
}

/**
 * xpv_parse_uint() - parse a decimal number
 * @s:   text, not necessarily NUL-terminated
 * @len: bytes of @s
 * @val: result, untouched on error
 *
 * Blanks around the number are allowed, because people write keys by hand. NULs
 * behind it are allowed, because some toolstacks write those. Anything else is
 * an error.
 *
 * Return: 0, -EINVAL if it is no number, -ERANGE if it needs more than 64 bits.
 */
int xpv_parse_uint(const char *s, size_t len, u64 *val)
{
	const char *end = xpv_parse_end(s, s + len);
	u64 v = 0;

	while (s < end && xpv_is_blank(*s))
		s++;
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
 * xpv_parse_order() - convert a number of pages to an order
 * @pages: pages of a ring
 * @order: the largest order that needs no more than @pages
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

static int xpv_parse_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/**
 * xpv_parse_mac() - parse a MAC address
 * @text: not necessarily NUL-terminated
 * @len:  bytes of @text
 * @mac:  6 bytes for the result, untouched on error
 *
 * An address is six groups of one or two hexadecimal digits with colons between
 * them. Blanks around it and NULs behind it are allowed. The caller checks
 * whether a device may have this address.
 *
 * Return: 0, or -EINVAL if it is no address.
 */
int xpv_parse_mac(const char *text, size_t len, u8 *mac)
{
	const char *end = xpv_parse_end(text, text + len), *s = text;
	unsigned int i;
	u8 m[6];

	while (s < end && xpv_is_blank(*s))
		s++;
	for (i = 0; i < sizeof(m); i++) {
		unsigned int val = 0, digits = 0;
		int digit;

		if (i && (s == end || *s++ != ':'))
			return -EINVAL;
		while (s < end && (digit = xpv_parse_hex(*s)) >= 0) {
			if (++digits > 2)
				return -EINVAL;
			val = val << 4 | digit;
			s++;
		}
		if (!digits)
			return -EINVAL;
		m[i] = val;
	}
	if (s != end)
		return -EINVAL;
	memcpy(mac, m, sizeof(m));
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_parse_mac);
