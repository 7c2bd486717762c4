// SPDX-License-Identifier: GPL-2.0-only
/* What follows from a violation of the protocol: the device is closed. */
#include "netfront.h"

/* Stop the device soon. */
static void netfront_halt(struct netfront_dev *nf)
{
	WRITE_ONCE(nf->link.halted, true);
	xpv_fsm_kick(&nf->fsm);
}

/**
 * netfront_queue_break() - stop a queue after a violation
 * @q:     polled
 * @site:  site of the violation
 * @value: the backend's value
 * @bound: the limit that it violates
 */
void netfront_queue_break(struct netfront_queue *q, enum netfront_site site,
			  u64 value, u64 bound)
{
	q->halted = true;
	xpv_violation(&q->nf->violations, site, value, bound, "device closed");
	netfront_halt(q->nf);
}
