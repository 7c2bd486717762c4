// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run commands in a guest.
 *
 * The lab tests disks and network interfaces, so neither may carry the
 * commands. One program plays both ends:
 *
 *   agent serve                  in the guest: wait for commands, for ever
 *   agent wait GUEST SECONDS     in dom0: until the guest's agent is up
 *   agent run GUEST SECONDS CMD  in dom0: run CMD there, print its output and
 *                                exit with its status
 *
 * GUEST is a domain number for guests that are reached through xenstore
 * (agent_store.c). An HVM guest without a Xen core has no xenstore, and one that
 * unloads its core loses it: those have serial ports in their device model, and
 * GUEST is the folder of the sockets behind them (agent_port.c).
 *
 * Exit status of "wait" and "run" besides the command's own: 124 out of time,
 * 125 the guest is gone or the way to it refused.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

void die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("agent: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(status);
}

long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Returns 0 at the end of the pipe, 1 after data, -1 when there is none now. */
static int output_pull(struct output *o, int fd)
{
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n > 0) {
		o->add(o, buf, n);
		return 1;
	}
	return n == 0 ? 0 : -1;
}

pid_t shell_start(const char *command, int *out)
{
	int p[2];
	pid_t pid;

	if (pipe2(p, O_CLOEXEC))
		return -1;
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		setsid();
		dup2(null, 0);
		dup2(p[1], 1);
		dup2(p[1], 2);
		execl("/bin/bash", "bash", "-c", command, NULL);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(p[1]);
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	*out = p[0];
	return pid;
}

/*
 * Output is followed until the shell itself is gone: a program it left in the
 * background may keep the pipe open.
 */
int shell_finish(pid_t pid, int fd, long seconds, struct output *o)
{
	long long end = now_ms() + seconds * 1000LL;
	int status = 0, open_pipe = 1, killed = 0;

	for (;;) {
		struct pollfd pfd = { .fd = open_pipe ? fd : -1, .events = POLLIN };

		poll(&pfd, 1, 50);
		if (open_pipe && pfd.revents && output_pull(o, fd) == 0)
			open_pipe = 0;
		if (waitpid(pid, &status, WNOHANG) == pid)
			break;
		if (now_ms() < end)
			continue;
		if (killed)
			return 124;
		kill(-pid, SIGKILL);
		killed = 1;
		end = now_ms() + KILL_GRACE_MS;
	}
	while (open_pipe && output_pull(o, fd) > 0)
		;
	if (killed)
		return 124;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int serve(void)
{
	mlockall(MCL_CURRENT | MCL_FUTURE);
	port_serve();
	return store_serve();
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "", *guest = argc > 2 ? argv[2] : "";

	if (argc == 2 && !strcmp(how, "serve"))
		return serve();
	if (argc == 4 && !strcmp(how, "wait"))
		return *guest == '/' ? port_wait(guest, atol(argv[3])) :
				       store_wait(atoi(guest), atol(argv[3]));
	if (argc == 5 && !strcmp(how, "run"))
		return *guest == '/' ? port_run(guest, atol(argv[3]), argv[4]) :
				       store_run(atoi(guest), atol(argv[3]), argv[4]);
	fprintf(stderr, "usage: agent serve | wait GUEST SECONDS | run GUEST SECONDS COMMAND\n");
	return 2;
}
