// SPDX-License-Identifier: GPL-2.0-only
/* Store values as people and hostile peers write them. */
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
	{ "page counts to orders", orders },
};

KTAP_MAIN(cases)
