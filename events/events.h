/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private header of xen-events. Channels are in channel.h, CPUs and the ABI of
 * the memory shared with Xen in cpu.h.
 *
 * Locks, outermost first: events_bind_lock (mutex: bindings), an interrupt
 * descriptor's lock, events_lock (list of channels, load of CPUs), a channel's
 * lock (its port, the reasons why it is masked, its CPU). The handling of an
 * event only takes the last of these, and no lock that channels share.
 */
#ifndef XEN_EVENTS_H
#define XEN_EVENTS_H

#include <linux/xarray.h>
#include <xen/xen.h>
#include <xen/events.h>
#include <xen/interface/xen.h>
#include <xenpv/core.h>
#include "channel.h"
#include "cpu.h"

struct pci_dev;

/* detect.c */
int events_detect(void);
u32 events_detect_vcpu(unsigned int cpu);

/* shared.c */
int events_shared_start(void);
int events_shared_resume(void);
void events_shared_mask(void);
void events_shared_stop(void);
struct vcpu_info *events_shared_vcpu(u32 id);

/* reset.c */
int events_reset(void);
int events_reset_leftover(void);

/* port.c */
extern struct xarray events_ports;
extern struct events_cpu __percpu *events_cpus;

int events_port_start(void);
void events_port_stop(void);
void events_port_handle(struct events_loop *loop, evtchn_port_t port);
bool events_port_scan(struct events_cpu *c);
int events_port_close(evtchn_port_t port);

/* eoi.c */
void events_eoi_limit(struct events_loop *loop);

/* upcall.c */
int events_upcall_start(void);
void events_upcall_stop(void);
void events_upcall_resume(void);
const char *events_upcall_name(void);

/* vector.c */
int events_vector_start(void);
void events_vector_stop(void);
int events_vector_alloc(struct events_cpu *c);
void events_vector_free(struct events_cpu *c);
int events_vector_tell(const struct events_cpu *c);
void events_vector_park(struct events_cpu *c);

/* platform.c */
int events_platform_start(void);
void events_platform_stop(void);
struct pci_dev *events_platform_device(void);

/* intx.c */
int events_intx_start(void);
void events_intx_stop(void);
int events_intx_tell(void);

/* cpu.c */
int events_cpu_start(void);
void events_cpu_stop(void);

/* suspend.c */
int events_suspend_start(void);
void events_suspend_stop(void);

/* debugfs.c */
void events_debugfs_start(void);
void events_debugfs_stop(void);

#endif
