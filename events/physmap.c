// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest frames and HVM parameters: requests of the three core modules to Xen.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <xen/interface/hvm/hvm_op.h>
#include <xen/interface/hvm/params.h>
#include <xen/interface/memory.h>
#include <asm/xen/hypercall.h>
#include <xenpv/core.h>

/**
 * xenpv_add_to_physmap() - map one of Xen's pages into our memory
 * @space: XENMAPSPACE_shared_info or _grant_table
 * @idx:   index of the page
 * @gfn:   guest frame; RAM that is there returns to Xen, and its content is
 *         lost
 *
 * The page is removed from the frame where it was mapped before.
 *
 * Return: 0 or a negative error.
 * Context: any.
 */
int xenpv_add_to_physmap(unsigned int space, unsigned long idx,
			 unsigned long gfn)
{
	struct xen_add_to_physmap xatp = {
		.domid = DOMID_SELF,
		.space = space,
		.idx = idx,
		.gpfn = gfn,
	};

	return HYPERVISOR_memory_op(XENMEM_add_to_physmap, &xatp);
}
EXPORT_SYMBOL_GPL(xenpv_add_to_physmap);

/**
 * xenpv_remove_from_physmap() - unmap one of Xen's pages
 * @gfn: frame of xenpv_add_to_physmap(); a hole afterwards
 *
 * Return: 0 or a negative error, -ENOSYS from emulations of Xen.
 * Context: any.
 */
int xenpv_remove_from_physmap(unsigned long gfn)
{
	struct xen_remove_from_physmap xrfp = {
		.domid = DOMID_SELF,
		.gpfn = gfn,
	};

	return HYPERVISOR_memory_op(XENMEM_remove_from_physmap, &xrfp);
}
EXPORT_SYMBOL_GPL(xenpv_remove_from_physmap);

static int physmap_reservation(unsigned int op, unsigned long gfn)
{
	xen_pfn_t frame = gfn;
	struct xen_memory_reservation r = {
		.nr_extents = 1,
		.domid = DOMID_SELF,
	};
	long done;

	set_xen_guest_handle(r.extent_start, &frame);
	done = HYPERVISOR_memory_op(op, &r);
	if (done < 0)
		return done;
	return done == 1 ? 0 : -ENOMEM;
}

/**
 * xenpv_populate() - fill a hole with RAM
 * @gfn: the hole
 *
 * Return: 0, -ENOMEM if Xen has no memory for us now, or another negative
 * error.
 * Context: any.
 */
int xenpv_populate(unsigned long gfn)
{
	return physmap_reservation(XENMEM_populate_physmap, gfn);
}
EXPORT_SYMBOL_GPL(xenpv_populate);

/**
 * xenpv_unpopulate() - give a frame of RAM to Xen and leave a hole
 * @gfn: our own, unused frame; its content is lost
 *
 * Return: 0 or a negative error.
 * Context: any.
 */
int xenpv_unpopulate(unsigned long gfn)
{
	return physmap_reservation(XENMEM_decrease_reservation, gfn);
}
EXPORT_SYMBOL_GPL(xenpv_unpopulate);

/**
 * xenpv_hvm_param_get() - read a parameter of this domain
 * @index: HVM_PARAM_*
 * @value: result
 *
 * Return: 0 or a negative error.
 * Context: any.
 */
int xenpv_hvm_param_get(u32 index, u64 *value)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF, .index = index };
	int err = HYPERVISOR_hvm_op(HVMOP_get_param, &p);

	if (err < 0)
		return err;
	*value = p.value;
	return 0;
}
EXPORT_SYMBOL_GPL(xenpv_hvm_param_get);

/**
 * xenpv_hvm_param_set() - write a parameter of this domain
 * @index: HVM_PARAM_*
 * @value: new value
 *
 * Return: 0 or a negative error.
 * Context: any.
 */
int xenpv_hvm_param_set(u32 index, u64 value)
{
	struct xen_hvm_param p = {
		.domid = DOMID_SELF,
		.index = index,
		.value = value,
	};

	return HYPERVISOR_hvm_op(HVMOP_set_param, &p);
}
EXPORT_SYMBOL_GPL(xenpv_hvm_param_set);
