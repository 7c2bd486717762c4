/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints for requests on the ring; the others are in <xenpv/trace.h>. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xen_blkfront

#if !defined(BLKFRONT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define BLKFRONT_TRACE_H

#include <linux/tracepoint.h>
#include <xen/interface/io/blkif.h>
#include <compat/trace.h>

#define blkfront_show_op(op)						\
	__print_symbolic(op,						\
		{ BLKIF_OP_READ, "read" },				\
		{ BLKIF_OP_WRITE, "write" },				\
		{ BLKIF_OP_WRITE_BARRIER, "barrier" },			\
		{ BLKIF_OP_FLUSH_DISKCACHE, "flush" },			\
		{ BLKIF_OP_DISCARD, "discard" },			\
		{ BLKIF_OP_INDIRECT, "indirect" })

TRACE_EVENT(blkfront_request,
	TP_PROTO(const char *dev, unsigned int ring, u64 id, u8 op, u64 sector,
		 unsigned int bytes, unsigned int segs, unsigned int indirect),
	TP_ARGS(dev, ring, id, op, sector, bytes, segs, indirect),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(u64, id)
		__field(u64, sector)
		__field(unsigned int, ring)
		__field(unsigned int, bytes)
		__field(unsigned int, segs)
		__field(unsigned int, indirect)
		__field(u8, op)
	),
	TP_fast_assign(
		xpv_assign_str(dev, dev);
		__entry->id = id;
		__entry->sector = sector;
		__entry->ring = ring;
		__entry->bytes = bytes;
		__entry->segs = segs;
		__entry->indirect = indirect;
		__entry->op = op;
	),
	TP_printk("%s: ring %u id %#llx %s sector %llu, %u bytes, %u segments, %u indirect pages",
		  __get_str(dev), __entry->ring, __entry->id,
		  blkfront_show_op(__entry->op), __entry->sector,
		  __entry->bytes, __entry->segs, __entry->indirect)
);

TRACE_EVENT(blkfront_response,
	TP_PROTO(const char *dev, unsigned int ring, u64 id, u8 op,
		 int status),
	TP_ARGS(dev, ring, id, op, status),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(u64, id)
		__field(unsigned int, ring)
		__field(int, status)
		__field(u8, op)
	),
	TP_fast_assign(
		xpv_assign_str(dev, dev);
		__entry->id = id;
		__entry->ring = ring;
		__entry->status = status;
		__entry->op = op;
	),
	TP_printk("%s: ring %u id %#llx %s status %d", __get_str(dev),
		  __entry->ring, __entry->id, blkfront_show_op(__entry->op),
		  __entry->status)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
