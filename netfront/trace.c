// SPDX-License-Identifier: GPL-2.0-only
/* Defines the module's tracepoints. */
#define CREATE_TRACE_POINTS
#include "trace.h"
