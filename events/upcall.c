// SPDX-License-Identifier: GPL-2.0-only
/* Xen's upcall: the choice between the two ways, and their common code. */
#define pr_fmt(fmt) "xen-events: " fmt

#include <linux/export.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <xen/interface/hvm/params.h>
#include "events.h"

static const char *const upcall_ways[] = { "auto", "vector", "intx" };

enum { UPCALL_AUTO, UPCALL_VECTOR, UPCALL_INTX };

static char *upcall = "auto";
module_param(upcall, charp, 0444);
MODULE_PARM_DESC(upcall,
		 "how Xen tells of events: vector (of each CPU), intx (of the platform device, one CPU), auto: vector if it can be had");

/* Each CPU gets upcalls by a vector of its own. */
bool xen_have_vector_callback;
EXPORT_SYMBOL_GPL(xen_have_vector_callback);

/* Any value but 0 tells the toolstack that this guest has PV drivers. */
#define UPCALL_VIA_UNUSED	1

const char *events_upcall_name(void)
{
	return upcall_ways[xen_have_vector_callback ? UPCALL_VECTOR :
						      UPCALL_INTX];
}

static int upcall_start_vector(void)
{
	int err = events_vector_start();

	if (err)
		return err;
	xen_have_vector_callback = true;
	err = events_cpu_start();
	if (err)
		goto stop;
	err = cpumask_empty(&events_takers) ? -ENODEV :
	      xen_set_callback_via(UPCALL_VIA_UNUSED);
	if (!err)
		return 0;
	events_cpu_stop();
stop:
	xen_have_vector_callback = false;
	events_vector_stop();
	return err;
}

static int upcall_start_intx(void)
{
	int err = events_cpu_start();

	if (err)
		return err;
	err = events_intx_start();
	if (err) {
		pr_err("the platform device's interrupt can not be used (%d)\n",
		       err);
		events_cpu_stop();
	}
	return err;
}

/**
 * events_upcall_start() - set up Xen's upcalls
 *
 * Return: 0 or a negative error.
 */
int events_upcall_start(void)
{
	int way = match_string(upcall_ways, ARRAY_SIZE(upcall_ways), upcall);
	int err;

	if (way < 0) {
		pr_err("upcall=%s is none of auto, vector, intx\n", upcall);
		return -EINVAL;
	}
	if (way == UPCALL_INTX)
		return upcall_start_intx();
	err = upcall_start_vector();
	if (!err)
		return 0;
	pr_notice("no vectors for upcalls (%d)\n", err);
	return way == UPCALL_VECTOR ? err : upcall_start_intx();
}

/* No port is open any more. */
void events_upcall_stop(void)
{
	if (xen_have_vector_callback) {
		events_cpu_stop();
		xen_set_callback_via(0);
		events_vector_stop();
		xen_have_vector_callback = false;
	} else {
		events_intx_stop();
		events_cpu_stop();
	}
}

/**
 * events_upcall_resume() - set up the upcalls again in a new domain
 *
 * Context: one CPU runs, interrupts off.
 */
void events_upcall_resume(void)
{
	int cpu, err = 0;

	if (xen_have_vector_callback) {
		for_each_cpu(cpu, &events_takers)
			err = err ?: events_vector_tell(per_cpu_ptr(events_cpus,
								    cpu));
		err = err ?: xen_set_callback_via(UPCALL_VIA_UNUSED);
	} else {
		err = events_intx_tell();
	}
	if (err)
		pr_err("Xen does not call after resume (%d)\n", err);
}
