// SPDX-License-Identifier: GPL-2.0-only
/* The state nodes of the two ends of a device. */
#include <errno.h>

#include "store.h"
#include "xpeer.h"

#define POLL_MS		10

enum xb_state state_get(struct store *s, const char *dir)
{
	uint64_t n = store_number(s, dir, "state", XB_UNKNOWN);

	return n > XB_RECONFIGURED ? XB_UNKNOWN : (enum xb_state)n;
}

int state_set(struct store *s, const char *dir, enum xb_state state)
{
	return store_writef(s, 0, dir, "state", "%d", (int)state);
}

int state_wait(struct store *s, const char *dir, unsigned int mask, unsigned int ms)
{
	uint64_t end = now_ms() + ms;

	for (;;) {
		enum xb_state state = state_get(s, dir);

		if (mask & (1u << state))
			return (int)state;
		if (now_ms() >= end)
			return -ETIMEDOUT;
		sleep_ms(POLL_MS);
	}
}

const char *state_name(int state)
{
	static const char * const names[] = {
		"Unknown", "Initialising", "InitWait", "Initialised", "Connected",
		"Closing", "Closed", "Reconfiguring", "Reconfigured",
	};

	if (state < 0 || state >= (int)ARRAY_SIZE(names))
		return "(none)";
	return names[state];
}
