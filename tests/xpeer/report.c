// SPDX-License-Identifier: GPL-2.0-only
/*
 * KTAP output. Each line is written whole and at once: the reader may be a serial console that
 * carries kernel messages too, and a case may be killed at any moment.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "xpeer.h"

static void line(const char *head, const char *fmt, va_list ap)
{
	char buf[1024];
	int len;

	len = snprintf(buf, sizeof(buf), "%s", head);
	len += vsnprintf(buf + len, sizeof(buf) - len - 1, fmt, ap);
	if (len > (int)sizeof(buf) - 2)
		len = sizeof(buf) - 2;
	buf[len++] = '\n';
	fflush(stdout);
	if (write(STDOUT_FILENO, buf, len) != len)
		return;	/* nobody listens: the exit status still tells */
}

void diag(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("# ", fmt, ap);
	va_end(ap);
}

enum verdict fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("# FAIL: ", fmt, ap);
	va_end(ap);
	return V_FAIL;
}

enum verdict broken(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("# ERROR: ", fmt, ap);
	va_end(ap);
	return V_ERROR;
}

enum verdict skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("# SKIP: ", fmt, ap);
	va_end(ap);
	return V_SKIP;
}

static void put(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("", fmt, ap);
	va_end(ap);
}

void report_plan(unsigned int nr)
{
	put("KTAP version 1");
	put("1..%u", nr);
}

void report_case(unsigned int nr, const struct xcase *c, enum verdict v)
{
	const char *tail = "";

	if (v == V_SKIP)
		tail = " # SKIP";
	else if (v == V_ERROR)
		tail = " # environment";
	put("%s %u %s%s", v == V_PASS || v == V_SKIP ? "ok" : "not ok", nr, c->name, tail);
}
