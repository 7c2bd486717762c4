/* SPDX-License-Identifier: GPL-2.0-only */
/* Our definitions against the public headers of Xen, a file of its own for their names. */
#ifndef XPEER_CANONICAL_H
#define XPEER_CANONICAL_H

#include <stdbool.h>

void canonical_check(void (*check)(bool good, const char *what));

#endif
