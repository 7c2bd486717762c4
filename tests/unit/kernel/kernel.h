/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's API for files that are not pure, as far as a test of one of them
 * needs it: one thread, locks that are only checked. What waits calls
 * kernel_waits(), which the test has, and looks again.
 */
#ifndef UNIT_KERNEL_H
#define UNIT_KERNEL_H

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../shim/linux/types.h"

typedef unsigned short u16;
typedef int s32;
typedef long long s64;
typedef unsigned int gfp_t;
typedef unsigned int __poll_t;

#define U32_MAX		UINT32_MAX
#define S32_MAX		INT32_MAX
#define __user
#define __releases(x)
#define __acquires(x)
#define __printf(a, b)
#define GFP_ATOMIC	1
#define GFP_NOIO	2
#define GFP_KERNEL	4
#define __GFP_HIGH	8
#define __GFP_NOWARN	16
#define HZ		100
#define MODULE_PARM_DESC(a, b)
#define module_param_named(a, b, c, d)
#define EXPORT_SYMBOL_GPL(x)

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define struct_size(p, member, n) (sizeof(*(p)) + sizeof(*(p)->member) * (n))
#define min_t(t, a, b) ((t)(a) < (t)(b) ? (t)(a) : (t)(b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static unsigned long jiffies = 1000;

/* What a thread that waits gives others to do; false: nothing will change. */
static bool kernel_waits(void);

static inline void *ERR_PTR(long err) { return (void *)err; }

static inline long PTR_ERR(const void *p) { return (long)p; }

static inline bool IS_ERR(const void *p) { return (unsigned long)p > -4096UL; }

static inline void *ERR_CAST(const void *p) { return (void *)p; }

static inline void *kmalloc(size_t n, gfp_t gfp) { (void)gfp; return malloc(n); }

static inline void kfree(const void *p) { free((void *)p); }

static inline void *kmemdup(const void *p, size_t n, gfp_t gfp)
{
	return memcpy(kmalloc(n, gfp), p, n);
}

static inline char *kasprintf(gfp_t gfp, const char *fmt, ...)
{
	char *text = kmalloc(256, gfp);
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, 256, fmt, args);
	va_end(args);
	return text;
}

static inline u32 get_random_u32(void) { return 77; }

/* ---- lists ---- */

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD(name) struct list_head name = { &(name), &(name) }

static inline void INIT_LIST_HEAD(struct list_head *l) { l->next = l->prev = l; }

static inline bool list_empty(const struct list_head *l) { return l->next == l; }
#define list_empty_careful list_empty

static inline void list_add_tail(struct list_head *n, struct list_head *l)
{
	n->prev = l->prev;
	n->next = l;
	l->prev->next = n;
	l->prev = n;
}

static inline void list_del(struct list_head *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
}

static inline void list_del_init(struct list_head *n)
{
	list_del(n);
	INIT_LIST_HEAD(n);
}

static inline void list_move_tail(struct list_head *n, struct list_head *l)
{
	list_del(n);
	list_add_tail(n, l);
}

/* @from in front of @to's end, and empty then */
static inline void list_splice_tail_init(struct list_head *from,
					 struct list_head *to)
{
	while (!list_empty(from))
		list_move_tail(from->next, to);
}

#define list_entry(p, type, member) container_of(p, type, member)
#define list_first_entry_or_null(l, type, member) \
	(list_empty(l) ? NULL : list_entry((l)->next, type, member))
#define list_for_each_entry(p, l, member)				\
	for (p = list_entry((l)->next, typeof(*p), member);		\
	     &p->member != (l);						\
	     p = list_entry(p->member.next, typeof(*p), member))
#define list_for_each_entry_safe(p, n, l, member)			\
	for (p = list_entry((l)->next, typeof(*p), member),		\
	     n = list_entry(p->member.next, typeof(*p), member);	\
	     &p->member != (l);						\
	     p = n, n = list_entry(n->member.next, typeof(*n), member))

/* ---- locks, references, waiting ---- */

typedef struct { bool held; } spinlock_t;
#define DEFINE_SPINLOCK(name) spinlock_t name
#define lockdep_assert_held(l) assert((l)->held)

static inline void spin_lock(spinlock_t *l)
{
	assert(!l->held);
	l->held = true;
}

static inline void spin_unlock(spinlock_t *l)
{
	assert(l->held);
	l->held = false;
}

typedef struct { int n; } refcount_t;
static inline void refcount_set(refcount_t *r, int n) { r->n = n; }

static inline void refcount_inc(refcount_t *r)
{
	assert(r->n > 0);
	r->n++;
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	assert(r->n > 0);
	return !--r->n;
}

typedef int wait_queue_head_t;
#define DECLARE_WAIT_QUEUE_HEAD(name) wait_queue_head_t name
static inline void wake_up_all(wait_queue_head_t *wq) { (void)wq; }

struct completion {
	bool done;
};

static inline void init_completion(struct completion *c) { c->done = false; }

static inline void complete(struct completion *c) { c->done = true; }

#define wait_event_idle(wq, cond)					\
do {									\
	(void)(wq);							\
	while (!(cond))							\
		assert(kernel_waits());					\
} while (0)

#define wait_event_idle_timeout(wq, cond, t)				\
({									\
	bool __ok, __more = true;					\
	(void)(wq);							\
	while (!(__ok = (cond)) && __more)				\
		__more = kernel_waits();				\
	if (!__ok)							\
		jiffies += (t);						\
	(long)__ok;							\
})

static inline unsigned long wait_for_completion_timeout(struct completion *c,
							unsigned long t)
{
	bool more = true;

	while (!c->done && more)
		more = kernel_waits();
	if (!c->done)
		jiffies += t;
	return c->done;
}

static inline void wait_for_completion(struct completion *c)
{
	while (!c->done)
		assert(kernel_waits());
}

/* ---- xarray of values ---- */

struct xarray {
	struct { u32 id; void *entry; } slot[64];
};

struct xa_limit {
	u32 max, min;
};

#define DEFINE_XARRAY_ALLOC1(name) struct xarray name
#define XA_LIMIT(_min, _max) ((struct xa_limit){ .min = _min, .max = _max })

static inline void *xa_mk_value(unsigned long v) { return (void *)(v << 1 | 1); }

static inline unsigned long xa_to_value(void *e) { return (unsigned long)e >> 1; }

static inline void *xa_load(struct xarray *xa, u32 id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(xa->slot); i++)
		if (xa->slot[i].entry && xa->slot[i].id == id)
			return xa->slot[i].entry;
	return NULL;
}

static inline int xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry,
				  struct xa_limit limit, u32 *next, gfp_t gfp)
{
	size_t i;

	assert(gfp == GFP_ATOMIC);	/* under a lock */
	for (i = 0; i < ARRAY_SIZE(xa->slot) && xa->slot[i].entry; i++)
		;
	if (i == ARRAY_SIZE(xa->slot))
		return -ENOMEM;
	do {
		if (*next < limit.min || *next > limit.max)
			*next = limit.min;
		*id = (*next)++;
	} while (xa_load(xa, *id));
	xa->slot[i].id = *id;
	xa->slot[i].entry = entry;
	return 0;
}

static inline void *xa_erase(struct xarray *xa, u32 id)
{
	size_t i;
	void *entry;

	for (i = 0; i < ARRAY_SIZE(xa->slot); i++) {
		entry = xa->slot[i].entry;
		if (entry && xa->slot[i].id == id) {
			xa->slot[i].entry = NULL;
			return entry;
		}
	}
	return NULL;
}

static inline void xa_destroy(struct xarray *xa)
{
	memset(xa, 0, sizeof(*xa));
}

#endif
