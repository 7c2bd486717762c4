/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_ATOMIC_H
#define SHIM_ATOMIC_H

/* A test may have its own. */
#ifndef sync_cmpxchg
#define sync_cmpxchg(p, old, new) __sync_val_compare_and_swap(p, old, new)
#endif

#endif
