/* SPDX-License-Identifier: GPL-2.0-only */
/* Types for the files that user space compiles, too: unit tests and fuzzers. */
#ifndef XENPV_TYPES_H
#define XENPV_TYPES_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
typedef unsigned char u8;
typedef unsigned short u16;
typedef short s16;
typedef unsigned int u32;
typedef unsigned long long u64;
#endif

#endif
