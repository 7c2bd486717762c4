/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints of the backend: a packet in either direction. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xen_netback

#if !defined(NETBACK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define NETBACK_TRACE_H

#include <linux/tracepoint.h>
#include <compat/trace.h>
#include "netback.h"

TRACE_EVENT(netback_tx,
	TP_PROTO(const struct netback_queue *q, const struct netback_pkt *pkt,
		 int err),
	TP_ARGS(q, pkt, err),
	TP_STRUCT__entry(
		__string(dev, q->be->net->name)
		__field(unsigned int, queue)
		__field(unsigned int, len)
		__field(unsigned int, slots)
		__field(unsigned int, copies)
		__field(unsigned int, maps)
		__field(unsigned int, flags)
		__field(int, err)
	),
	TP_fast_assign(
		xpv_assign_str(dev, q->be->net->name);
		__entry->queue = q->index;
		__entry->len = pkt->chain.len;
		__entry->slots = pkt->chain.nr;
		__entry->copies = pkt->nr_ops;
		__entry->maps = pkt->nr_maps;
		__entry->flags = pkt->chain.flags;
		__entry->err = err;
	),
	TP_printk("%s: queue %u from guest: %u bytes in %u slots, flags %#x, %u copies, %u maps: %d",
		  __get_str(dev), __entry->queue, __entry->len, __entry->slots,
		  __entry->flags, __entry->copies, __entry->maps, __entry->err)
);

TRACE_EVENT(netback_rx,
	TP_PROTO(const struct netback_queue *q, unsigned int len,
		 unsigned int slots, bool packed),
	TP_ARGS(q, len, slots, packed),
	TP_STRUCT__entry(
		__string(dev, q->be->net->name)
		__field(unsigned int, queue)
		__field(unsigned int, len)
		__field(unsigned int, slots)
		__field(bool, packed)
	),
	TP_fast_assign(
		xpv_assign_str(dev, q->be->net->name);
		__entry->queue = q->index;
		__entry->len = len;
		__entry->slots = slots;
		__entry->packed = packed;
	),
	TP_printk("%s: queue %u to guest: %u bytes in %u slots%s",
		  __get_str(dev), __entry->queue, __entry->len, __entry->slots,
		  __entry->packed ? "" : ", a piece in each")
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
