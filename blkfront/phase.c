// SPDX-License-Identifier: GPL-2.0-only
/* The phase of a disk, and which phase may follow which. */
#include "blkfront.h"

#define TO(phase)	BIT(BLKFRONT_PHASE_##phase)

static const unsigned int blkfront_phases[] = {
	[BLKFRONT_PHASE_DOWN] = TO(LINKED) | TO(LOST) | TO(FAILING) | TO(DEAD) |
				TO(GONE),
	/* a resume leads to Down */
	[BLKFRONT_PHASE_LINKED] = TO(DOWN) | TO(CLOSING) | TO(LOST) |
				  TO(FAILING) | TO(DEAD) | TO(GONE),
	[BLKFRONT_PHASE_CLOSING] = TO(DOWN) | TO(LINKED) | TO(LOST) |
				   TO(FAILING) | TO(DEAD) | TO(GONE),
	[BLKFRONT_PHASE_LOST] = TO(LINKED) | TO(FAILING) | TO(DEAD) | TO(GONE),
	/* a backend may come late */
	[BLKFRONT_PHASE_FAILING] = TO(LINKED) | TO(DEAD) | TO(GONE),
	[BLKFRONT_PHASE_DEAD] = TO(GONE),
	[BLKFRONT_PHASE_GONE] = 0,
};

/**
 * blkfront_phase_set() - change the phase
 * @bf:   device
 * @next: new phase; may be the current one
 *
 * A change that the table does not allow is a bug of this driver.
 *
 * Context: process, under fsm.act.
 */
void blkfront_phase_set(struct blkfront_dev *bf, enum blkfront_phase next)
{
	lockdep_assert_held(&bf->fsm.act);
	if (bf->phase == next)
		return;
	WARN_ONCE(!(blkfront_phases[bf->phase] & BIT(next)),
		  "%s: phase %d cannot follow %d\n", bf->name.disk, next,
		  bf->phase);
	WRITE_ONCE(bf->phase, next);
}
