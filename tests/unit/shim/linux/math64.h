/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_MATH64_H
#define SHIM_MATH64_H

#include "types.h"

typedef long long s64;

static inline u64 div64_u64(u64 a, u64 b)
{
	return a / b;
}

#endif
