// SPDX-License-Identifier: GPL-2.0-only
/*
 * The location of the table's frames in the guest's physical memory.
 *
 * They are either in the memory window of Xen's platform device or in place of
 * RAM. The window costs no RAM but has no direct mapping: the kernel's ioremap
 * variants map it uncached where the firmware's MTRRs say so, which halves the
 * speed of every grant on AMD. So only vmap_pfn() is suitable, if this kernel
 * has it. In place of RAM, Xen frees the page beneath; so the page is allocated
 * first, and gets new memory before it is freed.
 */
#define pr_fmt(fmt) "xen-grants: " fmt

#include <linux/io.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <xen/interface/hvm/hvm_op.h>
#include <xen/interface/memory.h>
#include "grants.h"

static char *frames = "auto";
module_param(frames, charp, 0444);
MODULE_PARM_DESC(frames, "where the grant table is: auto, bar or ram (default: auto)");

static struct {
	struct xenpv_window window;
	void *vaddr;		/* mapping of the window; NULL: RAM */
	bool remapped;		/* mapped by memremap() */
	unsigned int lost;	/* pages of RAM that did not get memory back */
} backing;

/* Write-back, whatever the MTRRs say. */
static void *backing_vmap(unsigned int nr)
{
#if IS_ENABLED(CONFIG_VMAP_PFN)
	unsigned long pfn = PHYS_PFN(backing.window.start);
	unsigned long *pfns;
	unsigned int i;
	void *vaddr;

	pfns = kvmalloc_array(nr, sizeof(*pfns), GFP_KERNEL);
	if (!pfns)
		return NULL;
	for (i = 0; i < nr; i++) {
		/* A window next to RAM may have page structures. */
		if (pfn_valid(pfn + i)) {
			kvfree(pfns);
			return NULL;
		}
		pfns[i] = pfn + i;
	}
	vaddr = vmap_pfn(pfns, nr, PAGE_KERNEL);
	kvfree(pfns);
	return vaddr;
#else
	return NULL;
#endif
}

/**
 * grant_backing_init() - choose between the window and RAM
 * @max:    maximum number of frames of the table; reduced to what fits
 * @status: number of status frames that version 2 needs for these
 *
 * Return: 0 or a negative error.
 */
int grant_backing_init(unsigned int *max, unsigned int status)
{
	bool bar = !strcmp(frames, "bar");
	unsigned long nr;
	int err;

	if (!bar && strcmp(frames, "auto") && strcmp(frames, "ram")) {
		pr_err("frames=%s: must be auto, bar or ram\n", frames);
		return -EINVAL;
	}
	if (!strcmp(frames, "ram"))
		return 0;

	err = xenpv_platform_window(&backing.window);
	if (err || backing.window.nr <= status) {
		if (bar)
			pr_err("frames=bar: no room in the platform device\n");
		return bar ? err ?: -ENOSPC : 0;
	}
	nr = min_t(unsigned long, *max, backing.window.nr - status);
	backing.vaddr = backing_vmap(nr + status);
	if (!backing.vaddr && bar) {
		backing.vaddr = memremap(backing.window.start,
					 (nr + status) << PAGE_SHIFT,
					 MEMREMAP_WB);
		backing.remapped = backing.vaddr;
		if (!backing.vaddr)
			return -ENOMEM;
	}
	if (backing.vaddr)
		*max = nr;
	return 0;
}

/** grant_backing_exit() - called after the last grant_backing_put() */
void grant_backing_exit(void)
{
	if (backing.remapped)
		memunmap(backing.vaddr);
	else if (backing.vaddr)
		vunmap(backing.vaddr);
	backing.vaddr = NULL;
	if (backing.lost)
		pr_warn("%u pages could not be given memory again and are lost\n",
			backing.lost);
}

/**
 * grant_backing_name() - name of the location, for people
 *
 * Return: static string.
 */
const char *grant_backing_name(void)
{
	return backing.vaddr ? "platform device" : "RAM";
}

/**
 * grant_backing_prepare() - give a frame its location, without mapping it
 * @f:    zeroed
 * @slot: slot of the window; each frame has one
 * @gfp:  GFP flags
 *
 * Return: 0 or a negative error.
 */
int grant_backing_prepare(struct grant_frame *f, unsigned int slot, gfp_t gfp)
{
	if (backing.vaddr) {
		f->gfn = PHYS_PFN(backing.window.start) + slot;
		f->vaddr = backing.vaddr + ((size_t)slot << PAGE_SHIFT);
		return 0;
	}
	/*
	 * Cleared, because Xen may give this memory to another domain as it is.
	 */
	f->ram = alloc_page(gfp | __GFP_ZERO);
	if (!f->ram)
		return -ENOMEM;
	f->gfn = page_to_pfn(f->ram);
	f->vaddr = page_address(f->ram);
	return 0;
}

/**
 * grant_backing_map() - make Xen map a frame at its location
 * @f:   prepared; or mapped, then it is mapped there again
 * @idx: index of the frame, with GRANT_IDX_STATUS
 *
 * Return: 0 or a negative error.
 */
int grant_backing_map(struct grant_frame *f, unsigned long idx)
{
	int err = xenpv_add_to_physmap(XENMAPSPACE_grant_table, idx, f->gfn);

	if (!err)
		f->state = GRANT_FRAME_MAPPED;
	else if (f->state == GRANT_FRAME_RAM)
		f->state = GRANT_FRAME_DOUBT;
	return err;
}

/* After a failed mapping: Xen may or may not have freed the page before. */
static void backing_settle(struct grant_frame *f)
{
	struct xen_hvm_get_mem_type type = {
		.domid = DOMID_SELF,
		.pfn = f->gfn,
	};

	if (HYPERVISOR_hvm_op(HVMOP_get_mem_type, &type))
		return;
	if (type.mem_type == HVMMEM_ram_rw)
		f->state = GRANT_FRAME_RAM;
	else if (type.mem_type == HVMMEM_mmio_dm)
		f->state = GRANT_FRAME_HOLE;
}

/**
 * grant_backing_unmap() - unmap a frame and put memory in its place
 * @f: prepared
 */
void grant_backing_unmap(struct grant_frame *f)
{
	if (f->state == GRANT_FRAME_MAPPED && !xenpv_remove_from_physmap(f->gfn))
		f->state = GRANT_FRAME_HOLE;
	if (f->state == GRANT_FRAME_DOUBT && f->ram)
		backing_settle(f);
	if (f->state == GRANT_FRAME_HOLE && f->ram && !xenpv_populate(f->gfn))
		f->state = GRANT_FRAME_RAM;
}

/**
 * grant_backing_put() - undo grant_backing_prepare() and _map()
 * @f: zeroed or prepared
 *
 * A page that may have no memory is leaked.
 */
void grant_backing_put(struct grant_frame *f)
{
	if (!f->vaddr)
		return;
	grant_backing_unmap(f);
	if (f->ram) {
		if (f->state == GRANT_FRAME_RAM)
			__free_page(f->ram);
		else
			backing.lost++;
	}
	f->vaddr = NULL;
}

/**
 * grant_backing_lost() - pages of RAM that did not get memory back
 *
 * Return: their number.
 */
unsigned int grant_backing_lost(void)
{
	return backing.lost;
}
