/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences: tracepoint definitions. */
#ifndef XENPV_COMPAT_TRACE_H
#define XENPV_COMPAT_TRACE_H

#include <compat/generated.h>

#ifdef XPV_HAVE_ASSIGN_STR_1
#define xpv_assign_str(field, src) __assign_str(field)
#else
#define xpv_assign_str(field, src) __assign_str(field, src)
#endif

#endif
