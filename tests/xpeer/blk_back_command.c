// SPDX-License-Identifier: GPL-2.0-only
/* The guest's I/O, by the command of --io. */
#include "blk_back.h"

enum verdict bb_io_start(struct bb *b, const char *want)
{
	return command_start(b->opt, b->xcase, want, b->sectors, &b->io);
}

bool bb_io_done(struct bb *b)
{
	return command_done(&b->io);
}

enum verdict bb_io(struct bb *b, const char *want)
{
	enum verdict v = bb_io_start(b, want);

	if (v)
		return v;
	if (!bb_serve(b, b->opt->wait_ms, bb_io_done))
		return fail("the guest's %s does not end within %u ms", want, b->opt->wait_ms);
	diag("the guest's %s ended with status %d", want, b->io.status);
	return V_PASS;
}
