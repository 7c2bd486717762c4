/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints of the backend: a request and its response on the ring. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xen_blkback

#if !defined(BLKBACK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define BLKBACK_TRACE_H

#include <linux/tracepoint.h>
#include <compat/trace.h>
#include "blkback.h"

#define blkback_show_op(op)						\
	__print_symbolic(op,						\
		{ BLKBACK_OP_READ, "read" },				\
		{ BLKBACK_OP_WRITE, "write" },				\
		{ BLKBACK_OP_BARRIER, "barrier" },			\
		{ BLKBACK_OP_FLUSH, "flush" },				\
		{ BLKBACK_OP_DISCARD, "discard" })

TRACE_EVENT(blkback_request,
	TP_PROTO(const struct blkback_ring *ring, const struct blkback_cmd *cmd),
	TP_ARGS(ring, cmd),
	TP_STRUCT__entry(
		__string(dev, dev_name(&ring->be->xdev->dev))
		__field(unsigned int, queue)
		__field(u64, id)
		__field(u64, sector)
		__field(unsigned int, segs)
		__field(u8, op)
		__field(bool, indirect)
	),
	TP_fast_assign(
		xpv_assign_str(dev, dev_name(&ring->be->xdev->dev));
		__entry->queue = ring->index;
		__entry->id = cmd->id;
		__entry->sector = cmd->sector;
		__entry->segs = cmd->nr_segs;
		__entry->op = cmd->op;
		__entry->indirect = cmd->indirect;
	),
	TP_printk("%s: queue %u id %llu %s%s sector %llu segments %u",
		  __get_str(dev), __entry->queue, __entry->id,
		  __entry->indirect ? "indirect " : "",
		  blkback_show_op(__entry->op), __entry->sector, __entry->segs)
);

TRACE_EVENT(blkback_response,
	TP_PROTO(const struct blkback_ring *ring, u64 id, u8 op, int status),
	TP_ARGS(ring, id, op, status),
	TP_STRUCT__entry(
		__string(dev, dev_name(&ring->be->xdev->dev))
		__field(unsigned int, queue)
		__field(u64, id)
		__field(u8, op)
		__field(int, status)
	),
	TP_fast_assign(
		xpv_assign_str(dev, dev_name(&ring->be->xdev->dev));
		__entry->queue = ring->index;
		__entry->id = id;
		__entry->op = op;
		__entry->status = status;
	),
	TP_printk("%s: queue %u id %llu %s status %d", __get_str(dev),
		  __entry->queue, __entry->id, blkback_show_op(__entry->op),
		  __entry->status)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
