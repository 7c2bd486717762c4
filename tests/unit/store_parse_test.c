// SPDX-License-Identifier: GPL-2.0-only
/* Store values as people and hostile peers write them. */
#include <stdlib.h>
#include <string.h>
#include "ktap.h"
#include "../../common/parse.c"

static int parse(const char *s, u64 *val)
{
	return xpv_parse_uint(s, strlen(s), val);
}

static void numbers(void)
{
	u64 v;

	check_eq(parse("0", &v), 0);
	check_eq(v, 0);
	check_eq(parse("4294967296", &v), 0);
	check_eq(v, 4294967296);
	check_eq(parse(" 12\n", &v), 0);
	check_eq(v, 12);
	check_eq(parse("007", &v), 0);
	check_eq(v, 7);
}

static void limits(void)
{
	u64 v = 5;

	check_eq(parse("18446744073709551615", &v), 0);
	check(v == ~(u64)0);
	v = 5;
	check_eq(parse("18446744073709551616", &v), -ERANGE);
	check_eq(parse("99999999999999999999999999", &v), -ERANGE);
	check_eq(v, 5);
}

static void garbage(void)
{
	static const char *const bad[] = {
		"", " ", "\n", "-1", "+1", "0x10", "1 2", "1a", "a", "1:", "1/", ":", "/", "1.5",
		"\xff", "1\xff",
	};
	u64 v = 5;
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_eq(parse(bad[i], &v), -EINVAL);
	check_eq(xpv_parse_uint("1\0002", 3, &v), -EINVAL);
	check_eq(v, 5);
}

static void not_terminated(void)
{
	char s[2] = { '4', '2' };
	u64 v;

	check_eq(xpv_parse_uint(s, 2, &v), 0);
	check_eq(v, 42);
	check_eq(xpv_parse_uint(s, 0, &v), -EINVAL);
}

/* Some toolstacks write the NUL of a string, too. */
static void nul_behind(void)
{
	u64 v = 5;

	check_eq(xpv_parse_uint("1", 2, &v), 0);
	check_eq(v, 1);
	check_eq(xpv_parse_uint("27\n\0", 4, &v), 0);
	check_eq(v, 27);
	check_eq(xpv_parse_uint("8\r\n", 3, &v), 0);
	check_eq(v, 8);
	check_eq(xpv_parse_uint("\0\0", 2, &v), -EINVAL);
	check_eq(xpv_parse_uint("\0001", 2, &v), -EINVAL);
	check_eq(v, 8);
}

/* From memory that ends where the text does. */
static u64 mac_value(const char *text)
{
	size_t len = strlen(text);
	char *copy = memcpy(malloc(len + 1), text, len);
	u8 m[6];
	u64 val = 0;
	int i;

	copy = realloc(copy, len ? len : 1);
	if (xpv_parse_mac(copy, len, m))
		val = ~(u64)0;
	for (i = 0; i < 6 && val != ~(u64)0; i++)
		val = val << 8 | m[i];
	free(copy);
	return val;
}

static int mac_of(const char *text, size_t len)
{
	static const u8 want[6] = { 0x00, 0x16, 0x3e, 0xab, 0xcd, 0x0f };
	static const u8 none[6] = { 9, 9, 9, 9, 9, 9 };
	u8 got[6] = { 9, 9, 9, 9, 9, 9 };
	int err = xpv_parse_mac(text, len, got);

	check(!memcmp(got, err ? none : want, sizeof(got)));
	return err;
}

static int mac(const char *text)
{
	return mac_of(text, strlen(text));
}

static void macs(void)
{
	static const char *const bad[] = {
		"", "somewhere", "00:16:3e:ab:cd", "00:16:3e:ab:cd:",
		"00:16:3e:ab:cd:0f:00", "00:16:3e:ab:cd:0f0", "000:16:3e:ab:cd:0f",
		"00:16:3e:ab:cd:0g", "00:16:3e:ab:cd:/f", "00:16:3e:ab:cd::f",
		"00:16:3e:ab:cd:`f", "00:16:3e:ab:cd:@f", "00-16-3e-ab-cd-0f",
		"00:16:3e:ab:cd:0f x", "00:16: 3e:ab:cd:0f", "::::::",
		"00:16:3e:ab:cd;0f", ":00:16:3e:ab:cd:0f",
	};
	char *empty = calloc(1, 1);
	unsigned int i;
	u8 m[6];

	/* not even the byte behind a text of none is read */
	check_eq(mac_of(empty + 1, 0), -EINVAL);
	free(empty);
	check_eq(mac("00:16:3e:ab:cd:0f"), 0);
	check_eq(mac("00:16:3E:AB:CD:0F"), 0);
	check_eq(mac("0:16:3e:ab:cd:f"), 0);
	check_eq(mac("00:16:3e:ab:cd:0f\n"), 0);
	check_eq(mac(" 00:16:3e:ab:cd:0f \t\r\n"), 0);
	check_eq(mac_of("00:16:3e:ab:cd:0f", 18), 0);
	check_eq(mac_of("00:16:3e:ab:cd:0f99", 17), 0);
	check_eq(mac_of("00:16:3e:ab:cd:0f\0009", 19), -EINVAL);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_eq(mac(bad[i]), -EINVAL);
	check(mac_value("90:1a:2b:3c:4d:5e") == 0x901a2b3c4d5e);
	check(mac_value("F6:07:89:AF:fa:a0") == 0xf60789affaa0);
	check(mac_value("2:0:0:9:f:F") == 0x020000090f0f);
	check(mac_value("00:16:3e:ab:cd:g0") == ~(u64)0);
	check(mac_value("00:16:3e:ab:cd:G0") == ~(u64)0);
	check(mac_value("00:16:3e:ab:cd:0:") == ~(u64)0);
	check(mac_value("00:16:3e:ab:cd") == ~(u64)0);
	check(mac_value("") == ~(u64)0);
	check(mac_value("\n \t") == ~(u64)0);
	/* Whether a device may have it is for others to say. */
	check_eq(xpv_parse_mac("ff:ff:ff:ff:ff:99", 17, m), 0);
	check_eq(m[0], 0xff);
	check_eq(m[5], 0x99);
	check_eq(xpv_parse_mac("0:0:0:0:0:0", 11, m), 0);
	check_eq(m[0] | m[5], 0);
}

static void orders(void)
{
	unsigned int order = 77;

	check_eq(xpv_parse_order(0, &order), -ERANGE);
	check_eq(order, 77);
	check_eq(xpv_parse_order(1, &order), 0);
	check_eq(order, 0);
	check_eq(xpv_parse_order(15, &order), 0);
	check_eq(order, 3);
	check_eq(xpv_parse_order(16, &order), 0);
	check_eq(order, 4);
	check_eq(xpv_parse_order(~(u64)0, &order), 0);
	check_eq(order, 63);
}

static const struct ktap_case cases[] = {
	{ "numbers", numbers },
	{ "limits of 64 bits", limits },
	{ "what is no number", garbage },
	{ "text without a NUL", not_terminated },
	{ "a NUL behind a number", nul_behind },
	{ "addresses of network devices", macs },
	{ "page counts to orders", orders },
};

KTAP_MAIN(cases)
