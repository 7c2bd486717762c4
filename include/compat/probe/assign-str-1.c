// SPDX-License-Identifier: GPL-2.0-only
/* 6.10: __assign_str() takes the field only. */
#include <linux/module.h>
#include <linux/tracepoint.h>
#define CREATE_TRACE_POINTS
#include "assign-str-1.h"
