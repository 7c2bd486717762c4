// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shared info page: pending bits, masks and the state of each vCPU.
 *
 * It is mapped in place of one of our pages. That must be RAM, which is mapped
 * write-back. Xen's pages in the platform device's BAR are not write-back on
 * every machine, and each event accesses this page. Xen gets the RAM meanwhile,
 * and we ask for it at the end.
 */
#define pr_fmt(fmt) "xen-events: " fmt

#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <asm/xen/hypervisor.h>
#include <xen/interface/hvm/params.h>
#include <xen/interface/memory.h>
#include "../events.h"

struct shared_info *HYPERVISOR_shared_info;
EXPORT_SYMBOL_GPL(HYPERVISOR_shared_info);

static struct page *shared_page;

/*
 * Xen uses a 32-bit or a 64-bit layout of this page, depending on the mode of
 * the guest at the last write of this parameter, which was firmware's. Zero,
 * which means no delivery, would do as well, but not everything that emulates
 * Xen accepts a zero.
 */
static void shared_latch(void)
{
	if (xenpv_hvm_param_set(HVM_PARAM_CALLBACK_IRQ, 0))
		xenpv_hvm_param_set(HVM_PARAM_CALLBACK_IRQ, 1);
}

/**
 * events_shared_mask() - mask all ports
 *
 * Pending bits remain, so that a user who binds a port later notices earlier
 * events.
 */
void events_shared_mask(void)
{
	struct shared_info *s = HYPERVISOR_shared_info;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(s->evtchn_mask); i++)
		WRITE_ONCE(s->evtchn_mask[i], ~0UL);
	for (i = 0; i < MAX_VIRT_CPUS; i++) {
		WRITE_ONCE(s->vcpu_info[i].evtchn_upcall_mask, 0);
		xchg(&s->vcpu_info[i].evtchn_upcall_pending, 0);
		xchg(&s->vcpu_info[i].evtchn_pending_sel, 0);
	}
}

static int shared_map(void)
{
	int err;

	shared_latch();
	err = xenpv_add_to_physmap(XENMAPSPACE_shared_info, 0,
				   page_to_pfn(shared_page));
	if (!err)
		events_shared_mask();
	return err;
}

/**
 * events_shared_start() - map the page, all ports masked
 *
 * Return: 0 or a negative error.
 */
int events_shared_start(void)
{
	int err;

	shared_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!shared_page)
		return -ENOMEM;
	HYPERVISOR_shared_info = page_address(shared_page);
	err = shared_map();
	if (!err)
		return 0;
	pr_err("no shared info page (%d)\n", err);
	HYPERVISOR_shared_info = NULL;
	__free_page(shared_page);
	return err;
}

/**
 * events_shared_resume() - map the page in a new domain
 *
 * Return: 0 or a negative error.
 * Context: one CPU runs, interrupts off.
 */
int events_shared_resume(void)
{
	return shared_map();
}

/*
 * Context: process, or the shutdown of this kernel. Every port is masked: Xen
 * keeps the page and its bits.
 */
void events_shared_stop(void)
{
	unsigned long gfn = page_to_pfn(shared_page);
	int err;

	if (!HYPERVISOR_shared_info)
		return;
	WRITE_ONCE(HYPERVISOR_shared_info, NULL);
	err = xenpv_remove_from_physmap(gfn);
	if (!err)
		err = xenpv_populate(gfn);
	if (err)
		pr_warn("Xen did not give a page back (%d): one page lost\n",
			err);
	else
		__free_page(shared_page);
}

/**
 * events_shared_vcpu() - the state of a vCPU in the shared page
 * @id: Xen's number of the vCPU
 *
 * The page has room for 32 vCPUs. The state of others could be placed
 * elsewhere, but never be withdrawn, and then this module could not be
 * unloaded.
 *
 * Return: the state, NULL if there is no room, or no page any more.
 */
struct vcpu_info *events_shared_vcpu(u32 id)
{
	struct shared_info *s = READ_ONCE(HYPERVISOR_shared_info);

	return s && id < MAX_VIRT_CPUS ? &s->vcpu_info[id] : NULL;
}
