// SPDX-License-Identifier: GPL-2.0-only
/* The command of --io, which makes the guest do something while we serve it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "xpeer.h"

static void set_number(const char *name, unsigned long long n)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", n);
	setenv(name, text, 1);
}

enum verdict command_start(const struct options *opt, const struct xcase *c, const char *want,
			   uint64_t sectors, struct command *cmd)
{
	if (!opt->io)
		return skip("wants --io");
	fflush(stdout);
	cmd->status = -1;
	cmd->pid = fork();
	if (cmd->pid < 0)
		return broken("fork: %s", strerror(errno));
	if (cmd->pid)
		return V_PASS;
	setenv("XPEER_CASE", c->name, 1);
	setenv("XPEER_WANT", want, 1);
	set_number("XPEER_DOMID", opt->domid);
	set_number("XPEER_DEV", opt->dev);
	set_number("XPEER_SECTORS", sectors);
	/* KTAP is on standard output. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execl("/bin/sh", "sh", "-c", opt->io, NULL);
	_exit(127);
}

bool command_done(struct command *cmd)
{
	int status;

	if (!cmd->pid)
		return true;
	if (waitpid(cmd->pid, &status, WNOHANG) != cmd->pid)
		return false;
	cmd->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	cmd->pid = 0;
	return true;
}
