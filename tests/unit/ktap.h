/* SPDX-License-Identifier: GPL-2.0-only */
/* KTAP for the unit tests: check() in test functions, run by ktap_run(). */
#ifndef KTAP_H
#define KTAP_H

#include <stdbool.h>
#include <stdio.h>

struct ktap_case {
	const char *name;
	void (*run)(void);
};

static bool ktap_failed;

/* Both values in one place, so that a failure says what was seen. */
#define check_eq(got, want)						\
do {									\
	long long __got = (long long)(got), __want = (long long)(want);	\
	if (__got != __want) {						\
		printf("# %s:%d: %s is %lld, want %lld\n", __FILE__,	\
		       __LINE__, #got, __got, __want);			\
		ktap_failed = true;					\
	}								\
} while (0)

#define check(cond)							\
do {									\
	if (!(cond)) {							\
		printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond);	\
		ktap_failed = true;					\
	}								\
} while (0)

static int ktap_run(const struct ktap_case *cases, unsigned int nr)
{
	unsigned int i, bad = 0;

	printf("TAP version 13\n1..%u\n", nr);
	for (i = 0; i < nr; i++) {
		ktap_failed = false;
		cases[i].run();
		printf("%sok %u - %s\n", ktap_failed ? "not " : "", i + 1,
		       cases[i].name);
		bad += ktap_failed;
	}
	return bad ? 1 : 0;
}

#define KTAP_MAIN(cases)						\
int main(void)								\
{									\
	return ktap_run(cases, sizeof(cases) / sizeof((cases)[0]));	\
}

#endif
