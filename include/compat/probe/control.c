// SPDX-License-Identifier: GPL-2.0-only
/* Compiles on every kernel; if it does not, the probing itself is broken. */
#include <linux/module.h>
#include <linux/blk-mq.h>
#include <xen/xenbus.h>
