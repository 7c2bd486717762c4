/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences of buffers that somebody wants to have back. */
#ifndef XENPV_COMPAT_UBUF_H
#define XENPV_COMPAT_UBUF_H

#include <linux/skbuff.h>
#include <compat/generated.h>

/* XPV_DEFINE_UBUF(name, fn): what xpv_ubuf_init() takes; fn is called as
 * fn(skb or NULL, ubuf, true if nobody copied the data).
 */
#ifdef XPV_HAVE_UBUF_OPS
#define XPV_DEFINE_UBUF(name, fn)					\
	static const struct ubuf_info_ops name = { .complete = fn }
typedef const struct ubuf_info_ops xpv_ubuf_ops;

static inline void xpv_ubuf_init(struct ubuf_info *ubuf, xpv_ubuf_ops *ops)
{
	ubuf->ops = ops;
	refcount_set(&ubuf->refcnt, 1);
	ubuf->flags = SKBFL_ZEROCOPY_FRAG;
}
#else
typedef void (*const xpv_ubuf_ops)(struct sk_buff *skb, struct ubuf_info *ubuf,
				   bool success);
#define XPV_DEFINE_UBUF(name, fn)					\
	static xpv_ubuf_ops name = fn

static inline void xpv_ubuf_init(struct ubuf_info *ubuf, xpv_ubuf_ops *ops)
{
	ubuf->callback = *ops;
	refcount_set(&ubuf->refcnt, 1);
	ubuf->flags = SKBFL_ZEROCOPY_FRAG;
}
#endif

#endif
