/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to xenpv-common.ko. */
#ifndef XENPV_COMMON_H
#define XENPV_COMMON_H

struct workqueue_struct;

extern struct workqueue_struct *xpv_wq;

#endif
