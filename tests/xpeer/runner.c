// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each case runs in a process of its own. Its end closes the device files, so grants and event
 * channels of one case cannot leak into the next, and a case that hangs or crashes is a verdict
 * and not the end of the run.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "xpeer.h"

/* How long a killed process may need to leave the kernel. */
#define REAP_MS		5000

static bool reap(pid_t pid, int *status, unsigned int ms)
{
	uint64_t end = now_ms() + ms;

	for (;;) {
		pid_t got = waitpid(pid, status, WNOHANG);

		if (got == pid)
			return true;
		if (got < 0 && errno != EINTR)
			return false;
		if (now_ms() >= end)
			return false;
		sleep_ms(5);
	}
}

enum verdict run_case(const struct options *opt, const struct xcase *c)
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return broken("fork: %s", strerror(errno));
	if (!pid) {
		enum verdict v;

		/* A group of its own, so that helpers it started end with it. */
		setpgid(0, 0);
		v = c->run(opt, c);
		fflush(stdout);
		_exit(v);
	}
	setpgid(pid, pid);
	if (!reap(pid, &status, opt->case_ms)) {
		kill(-pid, SIGKILL);
		if (!reap(pid, &status, REAP_MS))
			return fail("not ended after %u ms, and cannot be killed", opt->case_ms);
		return fail("not ended after %u ms", opt->case_ms);
	}
	kill(-pid, SIGKILL);
	if (WIFSIGNALED(status))
		return fail("died of signal %d", WTERMSIG(status));
	switch (WEXITSTATUS(status)) {
	case V_PASS:
	case V_FAIL:
	case V_ERROR:
	case V_SKIP:
		return (enum verdict)WEXITSTATUS(status);
	}
	return fail("ended with status %d", WEXITSTATUS(status));
}
