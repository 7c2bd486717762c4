// SPDX-License-Identifier: GPL-2.0-only
/* Definitions of the tracepoints. */
#include "netback.h"	/* first: it includes others' tracepoints */

#define CREATE_TRACE_POINTS
#include "trace.h"
