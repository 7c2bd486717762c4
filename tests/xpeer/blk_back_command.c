// SPDX-License-Identifier: GPL-2.0-only
/* The guest's I/O, by the command of --io. */
#include "blk_back.h"

enum verdict back_io_start(struct back *b, const char *want)
{
	return command_start(b->opt, b->xcase, want, b->sectors, &b->io);
}

bool back_io_done(struct back *b)
{
	return command_done(&b->io);
}

enum verdict back_io(struct back *b, const char *want)
{
	enum verdict v = back_io_start(b, want);

	if (v)
		return v;
	if (!back_serve(b, b->opt->wait_ms, back_io_done))
		return fail("the guest's %s does not end within %u ms", want, b->opt->wait_ms);
	diag("the guest's %s ended with status %d", want, b->io.status);
	return V_PASS;
}
