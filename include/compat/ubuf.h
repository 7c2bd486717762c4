/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Version differences: user buffers of skbs, with a callback at the last use.
 */
#ifndef XENPV_COMPAT_UBUF_H
#define XENPV_COMPAT_UBUF_H

#include <linux/skbuff.h>
#include <compat/generated.h>

/*
 * XPV_DEFINE_UBUF(name, fn): defines the callback for xpv_ubuf_init(); fn is
 * called as fn(skb or NULL, ubuf, true if nobody copied the data).
 */
#ifdef XPV_HAVE_UBUF_OPS
#define XPV_DEFINE_UBUF(name, fn)					\
	static const struct ubuf_info_ops name = { .complete = fn }
#define xpv_ubuf_set(ubuf, name)	((ubuf)->ops = &(name))
#else
#define XPV_DEFINE_UBUF(name, fn)					\
	static void (*const name)(struct sk_buff *, struct ubuf_info *,	\
				  bool) = fn
#define xpv_ubuf_set(ubuf, name)	((ubuf)->callback = (name))
#endif

/* One reference, for the first skb. */
#define xpv_ubuf_init(ubuf, name)					\
do {									\
	struct ubuf_info *__u = (ubuf);					\
									\
	xpv_ubuf_set(__u, name);					\
	refcount_set(&__u->refcnt, 1);					\
	__u->flags = SKBFL_ZEROCOPY_FRAG;				\
} while (0)

#endif
