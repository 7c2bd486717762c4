// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that Xen takes, and may give to another domain as it is, holds nothing of
 * ours: pages for foreign mappings, and those that the table's frames replace.
 */
#include "kernel/irq.h"
#include "ktap.h"

#define PAGE_SIZE	4096
#define PAGE_KERNEL	0
#define MEMREMAP_WB	0
#define __GFP_ZERO	32
#define module_param(a, b, c)
#define pr_warn_once	pr_warn
#define PAGE_SHIFT	12
#define IS_ENABLED(x)	0
#define PHYS_PFN(x)	((x) >> 12)
#define GRANTS_H
typedef u64 phys_addr_t;
struct seq_file;

struct page { unsigned char data[PAGE_SIZE]; bool foreign, private; };

typedef unsigned int grant_ref_t;
struct grant_frame {
	void *vaddr;
	unsigned long gfn;
	struct page *ram;
	enum { GRANT_FRAME_RAM, GRANT_FRAME_MAPPED, GRANT_FRAME_DOUBT,
	       GRANT_FRAME_HOLE } state;
};

struct xenpv_window { phys_addr_t start; unsigned long nr; };

struct xen_hvm_get_mem_type { int domid; unsigned long pfn; int mem_type; };

enum { DOMID_SELF, HVMOP_get_mem_type, HVMMEM_ram_rw, HVMMEM_mmio_dm,
	XENMAPSPACE_grant_table };
#define seq_printf(s, ...) ((void)(s))
#define HYPERVISOR_hvm_op(op, arg) ((void)(arg), 0)
#define memremap(a, b, c) NULL
#define memunmap(a) ((void)(a))
#define vunmap(a) ((void)(a))
#define GRANT_IDX_STATUS 0x80000000U
#define page_to_pfn(p) ((unsigned long)(p))
#define page_address(p) ((void *)(p)->data)
#define PageForeign(p) ((p)->foreign)
#define PagePrivate(p) ((p)->private)
#define SetPagePrivate(p) ((p)->private = true)
#define ClearPagePrivate(p) ((p)->private = false)
#define set_page_private(p, v) ((void)(p))

/* Free memory is full of what somebody had there. */
static struct page *alloc_page(gfp_t gfp)
{
	struct page *page = calloc(1, sizeof(*page));

	if (!(gfp & __GFP_ZERO))
		memset(page->data, 0xaa, PAGE_SIZE);
	return page;
}

static void __free_page(struct page *page) { free(page); }

/* ---- Xen takes the memory of a page of ours ---- */

static unsigned int taken, dirty;

static int xen_takes(unsigned long gfn)
{
	struct page *page = (struct page *)gfn;
	size_t i;

	taken++;
	for (i = 0; i < PAGE_SIZE; i++) {
		if (page->data[i]) {
			dirty++;
			break;
		}
	}
	return 0;
}

int xenpv_unpopulate(unsigned long gfn) { return xen_takes(gfn); }

int xenpv_populate(unsigned long gfn) { return 0; }

int xenpv_remove_from_physmap(unsigned long gfn) { return 0; }

int xenpv_platform_window(struct xenpv_window *w) { return -ENODEV; }

int xenpv_add_to_physmap(unsigned int space, unsigned long idx, unsigned long gfn)
{
	return xen_takes(gfn);
}

/* ---- an xarray with a mark, by page ---- */

#define XA_MARK_0	0
#define DEFINE_XARRAY(name) struct xarray name
static struct { void *page; bool mark; } pages[8];

static int at(unsigned long pfn)
{
	int i;

	for (i = 0; i < 8; i++)
		if (pages[i].page == (void *)pfn)
			return i;
	return -1;
}

static void *xa_store(struct xarray *xa, unsigned long pfn, void *p, gfp_t gfp)
{
	pages[at(0)].page = p;
	return NULL;
}

#define xa_err(p) ((p) ? -ENOMEM : 0)
static void *xa_find(struct xarray *xa, unsigned long *pfn, unsigned long m, int k)
{
	int i;

	for (i = 0; i < 8; i++)
		if (pages[i].page && pages[i].mark) {
			*pfn = (unsigned long)pages[i].page;
			return pages[i].page;
		}
	return NULL;
}

static void drop(unsigned long pfn) { memset(&pages[at(pfn)], 0, sizeof(pages[0])); }

static void *load(unsigned long pfn) { return at(pfn) < 0 ? NULL : (void *)pfn; }
#define xa_erase(xa, pfn) drop(pfn)
#define xa_load(xa, pfn) load(pfn)
#define xa_clear_mark(xa, pfn, m) (pages[at(pfn)].mark = false)
#define xa_set_mark(xa, pfn, m) (pages[at(pfn)].mark = true)
#define xa_get_mark(xa, pfn, m) (pages[at(pfn)].mark)
#define xa_for_each(xa, pfn, p) \
	for ((pfn) = 0; (pfn) < 1 && ((p) = NULL); (pfn)++)

#define xen_alloc_unpopulated_pages xen_alloc_ballooned_pages
#define xen_free_unpopulated_pages xen_free_ballooned_pages
void xen_free_ballooned_pages(unsigned int nr_pages, struct page **pages);
int xen_alloc_ballooned_pages(unsigned int nr_pages, struct page **pages);
#include "../../grants/pages.c"
#include "../../grants/backing.c"

static bool kernel_waits(void) { return false; }

static int request_irq(unsigned int irq, irq_handler_t handler,
		       unsigned long flags, const char *name, void *dev_id)
{ return 0; }

static void free_irq(unsigned int irq, void *dev_id) { }

static long HYPERVISOR_event_channel_op(int cmd, void *op) { return 0; }

static void mappings(void)
{
	struct page *p[4];

	taken = dirty = 0;
	check_eq(gnttab_alloc_pages(4, p), 0);
	check_eq(taken, 4);
	check_eq(dirty, 0);
	gnttab_free_pages(4, p);
	check_eq(at((unsigned long)p[0]), -1);
}

static void frames_in_ram(void)
{
	struct grant_frame f = {};
	unsigned int max = 32;

	taken = dirty = 0;
	check_eq(grant_backing_init(&max, 0), 0);
	check_eq(grant_backing_prepare(&f, 0, GFP_ATOMIC), 0);
	check_eq(grant_backing_map(&f, 0), 0);
	check_eq(taken, 1);
	check_eq(dirty, 0);
	grant_backing_put(&f);
}

static const struct ktap_case cases[] = {
	{ "pages for foreign mappings", mappings },
	{ "frames of the table in RAM", frames_in_ram },
};

KTAP_MAIN(cases)
