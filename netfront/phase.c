// SPDX-License-Identifier: GPL-2.0-only
/* The phase of an interface, and which phase may follow which. */
#include "netfront.h"

#define TO(phase)	BIT(NETFRONT_PHASE_##phase)

static const unsigned int netfront_phases[] = {
	[NETFRONT_PHASE_DOWN] = TO(LINKED) | TO(RECONNECT) | TO(HUNG) |
				TO(LOST) | TO(LEAVING) | TO(DETACHED) | TO(DEAD),
	/* whatever follows, the queues are given up before */
	[NETFRONT_PHASE_LINKED] = TO(DOWN) | TO(DETACHED) | TO(DEAD),
	[NETFRONT_PHASE_RECONNECT] = TO(DOWN) | TO(LOST) | TO(LEAVING) |
				     TO(DETACHED) | TO(DEAD),
	[NETFRONT_PHASE_HUNG] = TO(DOWN) | TO(LOST) | TO(LEAVING) |
				TO(DETACHED) | TO(DEAD),
	[NETFRONT_PHASE_LOST] = TO(DOWN) | TO(LEAVING) | TO(DETACHED) | TO(DEAD),
	[NETFRONT_PHASE_LEAVING] = TO(DOWN) | TO(DETACHED) | TO(DEAD),
	/* unless another device comes in time */
	[NETFRONT_PHASE_DETACHED] = TO(DOWN) | TO(DEAD),
	[NETFRONT_PHASE_DEAD] = 0,
};

/**
 * netfront_phase_set() - change the phase
 * @nf:   device
 * @next: new phase; may be the current one
 *
 * A change that the table does not allow is a bug of this driver.
 *
 * Context: process, under fsm.act.
 */
void netfront_phase_set(struct netfront_dev *nf, enum netfront_phase next)
{
	lockdep_assert_held(&nf->fsm.act);
	if (nf->phase == next)
		return;
	WARN_ONCE(!(netfront_phases[nf->phase] & BIT(next)),
		  "%s: phase %d cannot follow %d\n", netdev_name(nf->netdev),
		  next, nf->phase);
	WRITE_ONCE(nf->phase, next);
}

/**
 * netfront_phase_leave() - go Down if that is the phase
 * @nf:    device
 * @phase: nothing happens in another phase
 *
 * Context: process, under fsm.act.
 */
void netfront_phase_leave(struct netfront_dev *nf, enum netfront_phase phase)
{
	lockdep_assert_held(&nf->fsm.act);
	if (nf->phase == phase)
		netfront_phase_set(nf, NETFRONT_PHASE_DOWN);
}
