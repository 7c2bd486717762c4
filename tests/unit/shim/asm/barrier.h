/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_BARRIER_H
#define SHIM_BARRIER_H

#define virt_mb() __sync_synchronize()
#define virt_rmb() __sync_synchronize()
#define virt_wmb() __sync_synchronize()

#endif
