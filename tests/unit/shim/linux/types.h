/* SPDX-License-Identifier: GPL-2.0-only */
/* What <xenpv/ring.h> needs of the kernel, for user space. */
#ifndef SHIM_TYPES_H
#define SHIM_TYPES_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define __force
#define READ_ONCE(x) (*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile typeof(x) *)&(x) = (v))

static inline unsigned long rounddown_pow_of_two(unsigned long n)
{
	return 1UL << (sizeof(n) * 8 - 1 - __builtin_clzl(n));
}

#endif
