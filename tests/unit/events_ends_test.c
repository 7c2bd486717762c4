// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one kernel leaves to the next: the FIFO ABI of one that crashed; and what is
 * refused, for nothing would be left.
 */
#include "kernel/platform.h"
#define XENPV_CORE_H
typedef u64 phys_addr_t;
#include "ktap.h"
#include "../../events/events.h"
int xenpv_hvm_param_get(u32 index, u64 *value);
int xenpv_hvm_param_set(u32 index, u64 value);
int xen_set_callback_via(u64 via);
void xen_setup_features(void);
#include "../../events/reset.c"
#include "../../events/suspend.c"

static bool kernel_waits(void) { return false; }

static int request_irq(unsigned int irq, irq_handler_t handler,
		       unsigned long flags, const char *name, void *dev_id)
{ return 0; }

static void free_irq(unsigned int irq, void *dev_id) { }

/* ---- Xen: ports of a domain, and which ABI it is in ---- */

static bool fifo, full;
static int no_fifo_err;
static struct evtchn_status ports[16];
static u64 params[32];
static unsigned int resets;

static u32 new_port(void)
{
	u32 p = 1;

	while (ports[p].status)
		p++;
	return p;
}

static long HYPERVISOR_event_channel_op(int cmd, void *op)
{
	struct evtchn_bind_interdomain *bind = op;
	struct evtchn_alloc_unbound *wait = op;
	struct evtchn_status *st = op;

	switch (cmd) {
	case EVTCHNOP_expand_array:
		if (!fifo)
			return no_fifo_err;
		return full ? -ENOSPC : -EINVAL;	/* no such frame */
	case EVTCHNOP_status:
		st->status = ports[st->port].status;
		st->u = ports[st->port].u;
		return 0;
	case EVTCHNOP_reset:
		memset(ports, 0, sizeof(ports));
		fifo = false;
		resets++;
		return 0;
	case EVTCHNOP_bind_interdomain:
		bind->local_port = new_port();
		ports[bind->local_port].status = EVTCHNSTAT_interdomain;
		ports[bind->local_port].u.interdomain.port = bind->remote_port;
		return 0;
	case EVTCHNOP_alloc_unbound:
		wait->port = new_port();
		ports[wait->port].status = EVTCHNSTAT_unbound;
		return 0;
	}
	return -EINVAL;
}

int xenpv_hvm_param_get(u32 i, u64 *v) { *v = params[i]; return 0; }

int xenpv_hvm_param_set(u32 i, u64 v) { params[i] = v; return 0; }

/* Of the rest of the module. */
static struct events_cpu cpus[UNIT_CPUS];
struct events_cpu *events_cpus = cpus;
struct mutex events_bind_lock;
bool events_gone;
static bool gone_before_stop;
static int abi_resume(void) { return 0; }

static void abi_stop(void) { }

const struct events_abi events_twolevel = { .resume = abi_resume, .stop = abi_stop };
const struct events_abi *events_abi = &events_twolevel;
void events_channel_stop(void) { gone_before_stop = events_gone; }

void events_channel_resume(void) { }

void events_shared_mask(void) { }

void events_shared_stop(void) { }

int events_shared_resume(void) { return 0; }

void events_upcall_resume(void) { }

void events_vector_park(struct events_cpu *c) { }

int xen_set_callback_via(u64 via) { return 0; }

void xen_setup_features(void) { }

static void crashed(bool in_fifo)
{
	memset(ports, 0, sizeof(ports));
	fifo = in_fifo;
	full = false;
	resets = 0;
	params[HVM_PARAM_STORE_EVTCHN] = 2;
	params[HVM_PARAM_CONSOLE_EVTCHN] = 1;
	ports[1].status = EVTCHNSTAT_unbound;
	ports[2].status = EVTCHNSTAT_interdomain;
	ports[2].u.interdomain.port = 7;
	ports[9].status = EVTCHNSTAT_interdomain;
}

static void leftover(void)
{
	crashed(true);
	check_eq(events_reset_leftover(), 0);
	check_eq(resets, 1);
	check(!fifo);
	/* Those of the toolstack are there again, the crashed kernel's are not. */
	check_eq(params[HVM_PARAM_CONSOLE_EVTCHN], 1);
	check_eq(params[HVM_PARAM_STORE_EVTCHN], 2);
	check_eq(ports[2].u.interdomain.port, 7);
	check_eq(ports[9].status, 0);
	crashed(true);
	full = true;
	check_eq(events_reset_leftover(), 0);
	check_eq(resets, 1);
}

static void nothing_left(void)
{
	static const int errs[] = { -EOPNOTSUPP, -ENOSYS, -EPERM };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errs); i++) {
		no_fifo_err = errs[i];
		crashed(false);
		check_eq(events_reset_leftover(), 0);
		check_eq(resets, 0);
		check_eq(ports[9].status, EVTCHNSTAT_interdomain);
	}
}

static void refused(void)
{
	static const unsigned long others[] = {
		PM_POST_HIBERNATION, PM_POST_SUSPEND, PM_POST_RESTORE,
	};
	static const unsigned long states[] = {
		PM_HIBERNATION_PREPARE, PM_SUSPEND_PREPARE, PM_RESTORE_PREPARE,
	};
	size_t i;

	check_eq(events_suspend_start(), 0);
	check(unit_pm && unit_driver->driver.suppress_bind_attrs);
	for (i = 0; i < ARRAY_SIZE(states); i++)
		check_eq(notifier_to_errno(unit_pm->notifier_call(unit_pm, states[i], NULL)),
			 -EOPNOTSUPP);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		check_eq(unit_pm->notifier_call(unit_pm, others[i], NULL),
			 NOTIFY_DONE);
	unit_driver->shutdown(&unit_platform);
	check(gone_before_stop);
	events_suspend_stop();
	check(!unit_pm && !unit_driver);
}

static const struct ktap_case cases[] = {
	{ "the FIFO ABI of a kernel that crashed", leftover },
	{ "the 2-level ABI, or a Xen without FIFO", nothing_left },
	{ "suspend by the guest itself is refused", refused },
};

KTAP_MAIN(cases)
