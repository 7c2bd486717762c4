/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints that all drivers share: what happens between two peers. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xenpv

#if !defined(XENPV_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define XENPV_TRACE_H

#include <linux/tracepoint.h>
#include <xenpv/xenbus.h>
#include <compat/trace.h>

#define xpv_show_state(s)						\
	__print_symbolic(s,						\
		{ XenbusStateUnknown, "Unknown" },			\
		{ XenbusStateInitialising, "Initialising" },		\
		{ XenbusStateInitWait, "InitWait" },			\
		{ XenbusStateInitialised, "Initialised" },		\
		{ XenbusStateConnected, "Connected" },			\
		{ XenbusStateClosing, "Closing" },			\
		{ XenbusStateClosed, "Closed" },			\
		{ XenbusStateReconfiguring, "Reconfiguring" },		\
		{ XenbusStateReconfigured, "Reconfigured" })

#define xpv_show_cause(c)						\
	__print_symbolic(c,						\
		{ XPV_BY_PEER, "peer" },				\
		{ XPV_BY_US, "us" },					\
		{ XPV_BY_DEADLINE, "deadline" })

#ifndef XPV_CAUSES
#define XPV_CAUSES
/* Cause of a line in a device's state history. */
enum xpv_cause {
	XPV_BY_PEER,
	XPV_BY_US,
	XPV_BY_DEADLINE,
};

/* Kinds of grant operations, for counts and traces. */
enum xpv_grant_op {
	XPV_GRANT_MAP,
	XPV_GRANT_UNMAP,
	XPV_GRANT_COPY,
	XPV_GRANT_ACCESS,
	XPV_GRANT_END,
};
#endif

TRACE_EVENT(xpv_state,
	TP_PROTO(const char *dev, int mine, int peer, int cause),
	TP_ARGS(dev, mine, peer, cause),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(int, mine)
		__field(int, peer)
		__field(int, cause)
	),
	TP_fast_assign(
		xpv_assign_str(dev, dev);
		__entry->mine = mine;
		__entry->peer = peer;
		__entry->cause = cause;
	),
	TP_printk("%s: mine %s peer %s by %s", __get_str(dev),
		  xpv_show_state(__entry->mine),
		  xpv_show_state(__entry->peer),
		  xpv_show_cause(__entry->cause))
);

TRACE_EVENT(xpv_connect,
	TP_PROTO(const char *dev, unsigned int queues, unsigned int pages,
		 unsigned int features),
	TP_ARGS(dev, queues, pages, features),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(unsigned int, queues)
		__field(unsigned int, pages)
		__field(unsigned int, features)
	),
	TP_fast_assign(
		xpv_assign_str(dev, dev);
		__entry->queues = queues;
		__entry->pages = pages;
		__entry->features = features;
	),
	TP_printk("%s: %u queues of %u ring pages, features %#x",
		  __get_str(dev), __entry->queues, __entry->pages,
		  __entry->features)
);

TRACE_EVENT(xpv_notify,
	TP_PROTO(const char *dev, unsigned int queue, unsigned int prod,
		 bool sent),
	TP_ARGS(dev, queue, prod, sent),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(unsigned int, queue)
		__field(unsigned int, prod)
		__field(bool, sent)
	),
	TP_fast_assign(
		xpv_assign_str(dev, dev);
		__entry->queue = queue;
		__entry->prod = prod;
		__entry->sent = sent;
	),
	TP_printk("%s: queue %u at %u: event %s", __get_str(dev),
		  __entry->queue, __entry->prod,
		  __entry->sent ? "sent" : "suppressed")
);

TRACE_EVENT(xpv_grant,
	TP_PROTO(const char *dev, int op, unsigned int count,
		 unsigned int failed),
	TP_ARGS(dev, op, count, failed),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(int, op)
		__field(unsigned int, count)
		__field(unsigned int, failed)
	),
	TP_fast_assign(
		xpv_assign_str(dev, dev);
		__entry->op = op;
		__entry->count = count;
		__entry->failed = failed;
	),
	TP_printk("%s: %s %u, %u failed", __get_str(dev),
		  __print_symbolic(__entry->op,
			{ XPV_GRANT_MAP, "map" },
			{ XPV_GRANT_UNMAP, "unmap" },
			{ XPV_GRANT_COPY, "copy" },
			{ XPV_GRANT_ACCESS, "grant" },
			{ XPV_GRANT_END, "revoke" }),
		  __entry->count, __entry->failed)
);

TRACE_EVENT(xpv_lost,
	TP_PROTO(const char *dev, const char *name, const char *why),
	TP_ARGS(dev, name, why),
	TP_STRUCT__entry(
		__string(dev, dev)
		__string(name, name)
		__string(why, why)
	),
	TP_fast_assign(
		xpv_assign_str(dev, dev);
		xpv_assign_str(name, name);
		xpv_assign_str(why, why);
	),
	TP_printk("%s: %s: backend %s", __get_str(dev), __get_str(name),
		  __get_str(why))
);

TRACE_EVENT(xpv_found,
	TP_PROTO(const char *dev, const char *name, s64 msecs, u64 dropped),
	TP_ARGS(dev, name, msecs, dropped),
	TP_STRUCT__entry(
		__string(dev, dev)
		__string(name, name)
		__field(s64, msecs)
		__field(u64, dropped)
	),
	TP_fast_assign(
		xpv_assign_str(dev, dev);
		xpv_assign_str(name, name);
		__entry->msecs = msecs;
		__entry->dropped = dropped;
	),
	TP_printk("%s: %s: backend after %lld ms, %llu dropped",
		  __get_str(dev), __get_str(name), __entry->msecs,
		  __entry->dropped)
);

TRACE_EVENT(xpv_violation,
	TP_PROTO(const char *dev, const char *site, u64 value, u64 bound),
	TP_ARGS(dev, site, value, bound),
	TP_STRUCT__entry(
		__string(dev, dev)
		__string(site, site)
		__field(u64, value)
		__field(u64, bound)
	),
	TP_fast_assign(
		xpv_assign_str(dev, dev);
		xpv_assign_str(site, site);
		__entry->value = value;
		__entry->bound = bound;
	),
	TP_printk("%s: %s: got %llu, bound %llu", __get_str(dev),
		  __get_str(site), __entry->value, __entry->bound)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH xenpv
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
