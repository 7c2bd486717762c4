/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences of syscore operations. */
#ifndef XENPV_COMPAT_SYSCORE_H
#define XENPV_COMPAT_SYSCORE_H

#include <linux/syscore_ops.h>
#include <compat/generated.h>

/*
 * XPV_DEFINE_SYSCORE(name, fn): have fn(xpv_syscore_arg) called at the very end
 * of a kernel, after all devices were shut down, if it is registered. Who
 * registered last is called first.
 */
#ifdef XPV_HAVE_SYSCORE_DATA
#define xpv_syscore_arg		void *unused
#define xpv_syscore_register	register_syscore
#define xpv_syscore_unregister	unregister_syscore
#define XPV_DEFINE_SYSCORE(name, fn)					\
	static struct syscore name = {					\
		.ops = &(const struct syscore_ops){ .shutdown = fn },	\
	}
#else
#define xpv_syscore_arg		void
#define xpv_syscore_register	register_syscore_ops
#define xpv_syscore_unregister	unregister_syscore_ops
#define XPV_DEFINE_SYSCORE(name, fn)					\
	static struct syscore_ops name = { .shutdown = fn }
#endif

#endif
