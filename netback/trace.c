// SPDX-License-Identifier: GPL-2.0-only
/* Defines the module's tracepoints. */
#include "netback.h"	/* first: it includes others' tracepoints */

#define CREATE_TRACE_POINTS
#include "trace.h"
