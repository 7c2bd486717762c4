// SPDX-License-Identifier: GPL-2.0-only
/* Syscore operations have an argument and a structure of their own. */
#include <linux/syscore_ops.h>

struct syscore probe;
