// SPDX-License-Identifier: GPL-2.0-only
/* The command of --io, which makes the guest do something while we serve it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blk_back.h"

static void set_number(const char *name, unsigned long long n)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", n);
	setenv(name, text, 1);
}

enum verdict back_io_start(struct back *b, const char *want)
{
	if (!b->opt->io)
		return skip("wants --io");
	fflush(stdout);
	b->io_status = -1;
	b->io = fork();
	if (b->io < 0)
		return broken("fork: %s", strerror(errno));
	if (b->io)
		return V_PASS;
	setenv("XPEER_CASE", b->xcase->name, 1);
	setenv("XPEER_WANT", want, 1);
	set_number("XPEER_DOMID", b->opt->domid);
	set_number("XPEER_DEV", b->opt->dev);
	set_number("XPEER_SECTORS", b->sectors);
	/* KTAP is on standard output. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execl("/bin/sh", "sh", "-c", b->opt->io, NULL);
	_exit(127);
}

bool back_io_done(struct back *b)
{
	int status;

	if (!b->io)
		return true;
	if (waitpid(b->io, &status, WNOHANG) != b->io)
		return false;
	b->io_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	b->io = 0;
	return true;
}

enum verdict back_io(struct back *b, const char *want)
{
	enum verdict v = back_io_start(b, want);

	if (v)
		return v;
	if (!back_serve(b, b->opt->wait_ms, back_io_done))
		return fail("the guest's %s does not end within %u ms", want, b->opt->wait_ms);
	diag("the guest's %s ended with status %d", want, b->io_status);
	return V_PASS;
}
