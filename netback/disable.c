// SPDX-License-Identifier: GPL-2.0-only
/* The end of service for a frontend that is hostile or broken. */
#include "netback.h"

/**
 * netback_disable() - the frontend is hostile or broken
 * @be:    device
 * @fault: what it did
 *
 * No packet is taken from it or given to it until it reconnects. Events get no
 * EOI any more, so that no more of them come.
 *
 * Context: any.
 */
void netback_disable(struct netback_dev *be, const struct netback_fault *fault)
{
	struct netback_queues *qs;
	unsigned int i;

	xpv_violation(&be->violations, fault->site, fault->value, fault->bound,
		      "interface disabled until the frontend reconnects");
	if (xchg(&be->disabled, true))
		return;
	netif_carrier_off(be->net);
	/* The NAPIs drop the packets they hold: others may wait for those. */
	rcu_read_lock();
	qs = rcu_dereference(be->queues);
	for (i = 0; qs && i < qs->nr; i++)
		napi_schedule(&qs->q[i]->rx_napi);
	rcu_read_unlock();
}

/**
 * netback_disable_vain() - a ring promised work that was not there
 * @q:    queue
 * @vain: number of successive checks without work
 *
 * An index that moves back and forth would make us check the ring forever.
 *
 * Return: true if the limit is reached; then the interface is disabled.
 */
bool netback_disable_vain(struct netback_queue *q, unsigned int vain)
{
	struct netback_fault fault = {
		.site = NETBACK_SITE_RING_RACE,
		.value = vain,
		.bound = NETBACK_MAX_VAIN,
	};

	if (vain <= NETBACK_MAX_VAIN)
		return false;
	netback_disable(q->be, &fault);
	return true;
}
