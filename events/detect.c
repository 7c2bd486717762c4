// SPDX-License-Identifier: GPL-2.0-only
/*
 * Detect whether this is an HVM guest of Xen, the version of Xen, and each
 * CPU's vCPU.
 */
#define pr_fmt(fmt) "xen-events: " fmt

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>
#include <asm/xen/cpuid.h>
#include <asm/xen/hypervisor.h>
#include <xen/features.h>
#include <xen/interface/xen.h>
#include <xen/interface/version.h>
#include <xen/xen-ops.h>
#include "events.h"

enum xen_domain_type xen_domain_type = XEN_NATIVE;
EXPORT_SYMBOL_GPL(xen_domain_type);

u8 xen_features[XENFEAT_NR_SUBMAPS * 32];
EXPORT_SYMBOL_GPL(xen_features);

DEFINE_PER_CPU(u32, xen_vcpu_id);
EXPORT_PER_CPU_SYMBOL_GPL(xen_vcpu_id);

static u32 detect_base;
static unsigned int detect_version;

/**
 * xen_running_on_version_or_later() - compare Xen's version
 * @major: first number
 * @minor: second number
 *
 * Return: true if Xen has this version or a later one.
 */
bool xen_running_on_version_or_later(unsigned int major, unsigned int minor)
{
	return detect_version >= (major << 16 | minor);
}
EXPORT_SYMBOL_GPL(xen_running_on_version_or_later);

/**
 * xen_setup_features() - read the features that Xen offers to this guest
 *
 * Called again after a migration, because it may be another Xen.
 */
void xen_setup_features(void)
{
	struct xen_feature_info fi;
	unsigned int i, j;

	for (i = 0; i < XENFEAT_NR_SUBMAPS; i++) {
		fi.submap_idx = i;
		if (HYPERVISOR_xen_version(XENVER_get_features, &fi) < 0)
			return;
		for (j = 0; j < 32; j++)
			xen_features[i * 32 + j] = fi.submap >> j & 1;
	}
}

/*
 * The address of Xen's leaves depends on other interfaces that it emulates
 * (viridian).
 */
static int detect_cpuid(void)
{
	u32 eax, sig[4] = {};

	if (!boot_cpu_has(X86_FEATURE_HYPERVISOR)) {
		pr_err("this is no virtual machine; xen-events is for HVM guests of Xen\n");
		return -ENODEV;
	}
	detect_base = xen_cpuid_base();
	if (detect_base)
		return 0;
	cpuid(XEN_CPUID_FIRST_LEAF, &eax, &sig[0], &sig[1], &sig[2]);
	pr_err("the hypervisor is \"%.12s\", not Xen\n", (char *)sig);
	return -ENODEV;
}

/**
 * events_detect() - detect Xen and its features
 *
 * Return: 0, or -ENODEV if this module cannot be used; the reason was logged.
 */
int events_detect(void)
{
	int err = detect_cpuid();
	int version;

	if (err)
		return err;
	version = HYPERVISOR_xen_version(XENVER_version, NULL);
	if (version < 0) {
		pr_err("Xen does not answer hypercalls (%d)\n", version);
		return -ENODEV;
	}
	detect_version = version;
	xen_setup_features();
	if (!xen_feature(XENFEAT_auto_translated_physmap)) {
		pr_err("this is a PV guest; xen-events is for HVM guests\n");
		return -ENODEV;
	}
	if (xen_feature(XENFEAT_dom0)) {
		pr_err("this is dom0; xen-events is for HVM guests\n");
		return -ENODEV;
	}
	pr_info("Xen %u.%u, CPUID leaves at %#x\n", detect_version >> 16,
		detect_version & 0xffff, detect_base);
	return 0;
}

/* Leaves differ between vCPUs, so each CPU must read its own. */
static void detect_vcpu_here(void *unused)
{
	u32 eax = 0, id = 0, other, max;

	max = cpuid_eax(detect_base);
	if (max >= detect_base + 4)
		cpuid_count(detect_base + 4, 0, &eax, &id, &other, &other);
	if (!(eax & XEN_HVM_CPUID_VCPU_ID_PRESENT))
		id = cpu_acpi_id(smp_processor_id());
	this_cpu_write(xen_vcpu_id, id);
}

/**
 * events_detect_vcpu() - the vCPU number of a CPU
 * @cpu: online
 *
 * Return: Xen's number, XEN_VCPU_ID_INVALID if the CPU could not be asked.
 * Context: process.
 */
u32 events_detect_vcpu(unsigned int cpu)
{
	per_cpu(xen_vcpu_id, cpu) = XEN_VCPU_ID_INVALID;
	smp_call_function_single(cpu, detect_vcpu_here, NULL, true);
	return per_cpu(xen_vcpu_id, cpu);
}
