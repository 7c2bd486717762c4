/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercalls of an HVM guest, in place of the kernel's <asm/xen/hypercall.h>,
 * which calls through a page of code that only a kernel with CONFIG_XEN sets
 * up.
 *
 * A hypercall here is the instruction itself, so that no module needs memory
 * that is both writable and executable. The number is in rax, arguments are in
 * rdi, rsi, rdx (none here has more), the result is in rax. Xen may destroy the
 * argument registers (debug builds do), so they are outputs as well. Pointers
 * are linear addresses of ours.
 */
#ifndef XENPV_CORE_HYPERCALL_H
#define XENPV_CORE_HYPERCALL_H

#include <linux/types.h>
#include <asm/alternative.h>
#include <asm/cpufeatures.h>
#include <xen/interface/xen.h>

#ifndef CONFIG_X86_64
#error "the stand-alone core is for x86-64"
#endif

static __always_inline long xenpv_hypercall2(unsigned int nr, unsigned long a1,
					     unsigned long a2)
{
	unsigned long rax = nr;

	asm volatile(ALTERNATIVE("vmcall", "vmmcall", X86_FEATURE_VMMCALL)
		     : "+a" (rax), "+D" (a1), "+S" (a2)
		     : : "memory");
	return (long)rax;
}

static __always_inline long xenpv_hypercall3(unsigned int nr, unsigned long a1,
					     unsigned long a2, unsigned long a3)
{
	unsigned long rax = nr;

	asm volatile(ALTERNATIVE("vmcall", "vmmcall", X86_FEATURE_VMMCALL)
		     : "+a" (rax), "+D" (a1), "+S" (a2), "+d" (a3)
		     : : "memory");
	return (long)rax;
}

static inline int HYPERVISOR_event_channel_op(int cmd, void *arg)
{
	return xenpv_hypercall2(__HYPERVISOR_event_channel_op, cmd,
				(unsigned long)arg);
}

static inline int HYPERVISOR_xen_version(int cmd, void *arg)
{
	return xenpv_hypercall2(__HYPERVISOR_xen_version, cmd,
				(unsigned long)arg);
}

static inline long HYPERVISOR_memory_op(unsigned int cmd, void *arg)
{
	return xenpv_hypercall2(__HYPERVISOR_memory_op, cmd,
				(unsigned long)arg);
}

static inline int HYPERVISOR_hvm_op(int op, void *arg)
{
	return xenpv_hypercall2(__HYPERVISOR_hvm_op, op, (unsigned long)arg);
}

static inline int HYPERVISOR_sched_op(int cmd, void *arg)
{
	return xenpv_hypercall2(__HYPERVISOR_sched_op, cmd,
				(unsigned long)arg);
}

static inline int HYPERVISOR_physdev_op(int cmd, void *arg)
{
	return xenpv_hypercall2(__HYPERVISOR_physdev_op, cmd,
				(unsigned long)arg);
}

static inline int HYPERVISOR_vm_assist(unsigned int cmd, unsigned int type)
{
	return xenpv_hypercall2(__HYPERVISOR_vm_assist, cmd, type);
}

static inline int HYPERVISOR_grant_table_op(unsigned int cmd, void *uop,
					    unsigned int count)
{
	return xenpv_hypercall3(__HYPERVISOR_grant_table_op, cmd,
				(unsigned long)uop, count);
}

static inline int HYPERVISOR_vcpu_op(int cmd, int vcpu, void *arg)
{
	return xenpv_hypercall3(__HYPERVISOR_vcpu_op, cmd, vcpu,
				(unsigned long)arg);
}

static inline int HYPERVISOR_console_io(int cmd, int count, char *str)
{
	return xenpv_hypercall3(__HYPERVISOR_console_io, cmd, count,
				(unsigned long)str);
}

#endif
