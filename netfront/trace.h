/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints for packets on the rings; the others are in <xenpv/trace.h>. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xen_netfront

#if !defined(NETFRONT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define NETFRONT_TRACE_H

#include <linux/tracepoint.h>
#include <compat/trace.h>

TRACE_EVENT(netfront_tx,
	TP_PROTO(const char *dev, unsigned int queue, unsigned int len,
		 unsigned int slots, unsigned int flags, unsigned int gso),
	TP_ARGS(dev, queue, len, slots, flags, gso),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(unsigned int, queue)
		__field(unsigned int, len)
		__field(unsigned int, slots)
		__field(unsigned int, flags)
		__field(unsigned int, gso)
	),
	TP_fast_assign(
		xpv_assign_str(dev, dev);
		__entry->queue = queue;
		__entry->len = len;
		__entry->slots = slots;
		__entry->flags = flags;
		__entry->gso = gso;
	),
	TP_printk("%s: queue %u: %u bytes in %u slots, flags %#x, gso %u",
		  __get_str(dev), __entry->queue, __entry->len,
		  __entry->slots, __entry->flags, __entry->gso)
);

TRACE_EVENT(netfront_rx,
	TP_PROTO(const char *dev, unsigned int queue, unsigned int len,
		 unsigned int slots, unsigned int flags, int failed),
	TP_ARGS(dev, queue, len, slots, flags, failed),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(unsigned int, queue)
		__field(unsigned int, len)
		__field(unsigned int, slots)
		__field(unsigned int, flags)
		__field(int, failed)
	),
	TP_fast_assign(
		xpv_assign_str(dev, dev);
		__entry->queue = queue;
		__entry->len = len;
		__entry->slots = slots;
		__entry->flags = flags;
		__entry->failed = failed;
	),
	TP_printk("%s: queue %u: %u bytes in %u slots, flags %#x, status %d",
		  __get_str(dev), __entry->queue, __entry->len,
		  __entry->slots, __entry->flags, __entry->failed)
);

TRACE_EVENT(netfront_ctrl,
	TP_PROTO(const char *dev, unsigned int type, unsigned int status,
		 unsigned int data),
	TP_ARGS(dev, type, status, data),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(unsigned int, type)
		__field(unsigned int, status)
		__field(unsigned int, data)
	),
	TP_fast_assign(
		xpv_assign_str(dev, dev);
		__entry->type = type;
		__entry->status = status;
		__entry->data = data;
	),
	TP_printk("%s: control request %u answered with %u, %u",
		  __get_str(dev), __entry->type, __entry->status,
		  __entry->data)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
