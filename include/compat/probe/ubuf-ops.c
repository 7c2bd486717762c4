// SPDX-License-Identifier: GPL-2.0-only
/* 6.10: the callback of a struct ubuf_info is in a table. */
#include <linux/skbuff.h>

static void probe_complete(struct sk_buff *skb, struct ubuf_info *ubuf,
			   bool success)
{
}

extern const struct ubuf_info_ops probe;
const struct ubuf_info_ops probe = { .complete = probe_complete };
