// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands for a guest through serial ports of its device model (virtio-serial),
 * which need nothing of Xen in the guest.
 *
 * In the guest a process serves each port named org.xenpv.agent.N, one command
 * at a time; in dom0 the socket N in the guest's folder is the other end. A
 * lock on the file N.lock beside it keeps the port for one command:
 *
 *   to the guest    "run SECONDS LENGTH TAG\n", the command
 *   to dom0         "TAG\n" when it is started, then any number of
 *                   "o LENGTH\n" with output, at last "d STATUS\n"
 *
 * What came late for somebody who has gone is skipped up to one's own tag.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

#define PORT_NAME	"org.xenpv.agent."
#define PORT_SYSFS	"/sys/class/virtio-ports"
#define LINE		128
#define NODE		32
#define MAX_PORTS	16
/* Seconds until one believes that the other end has left in the middle. */
#define PATIENCE	5

/* ---- the guest's side ---- */

struct port {
	struct output base;
	int fd;
	/* nobody reads any more */
	bool gone;
};

/*
 * The other end comes and goes. While it is away a read returns nothing and poll
 * has no event for its return: the driver sends SIGIO, which is blocked.
 */
static void port_away(void)
{
	struct timespec second = { .tv_sec = 1 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigtimedwait(&set, NULL, &second);
}

/*
 * Returns false if the other end left in the middle. Data may be here before the
 * driver has heard that there is a sender, so it is not believed at once.
 */
static bool port_read(struct port *p, char *buf, size_t len, bool first)
{
	unsigned int away = 0;

	while (len) {
		struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
		ssize_t n = read(p->fd, buf, len);

		if (n > 0) {
			buf += n;
			len -= n;
			first = false;
			away = 0;
		} else if (n == 0) {
			if (!first && ++away > PATIENCE)
				return false;
			port_away();
		} else if (errno == EAGAIN) {
			poll(&pfd, 1, 1000);
		} else if (errno != EINTR) {
			_exit(1);
		}
	}
	return true;
}

/* A command can be here before the driver has heard that its sender is. */
static void port_write(struct port *p, const char *data, size_t len)
{
	unsigned int away = 0;

	while (len && !p->gone) {
		struct pollfd pfd = { .fd = p->fd, .events = POLLOUT };
		ssize_t n = write(p->fd, data, len);

		if (n > 0) {
			data += n;
			len -= n;
			away = 0;
		} else if (poll(&pfd, 1, 1000) > 0 && pfd.revents & (POLLHUP | POLLERR)) {
			p->gone = ++away > PATIENCE * 50;
			usleep(20000);
		}
	}
}

static void port_output(struct output *base, const char *data, size_t len)
{
	struct port *p = (struct port *)base;
	char line[LINE];

	port_write(p, line, snprintf(line, sizeof(line), "o %zu\n", len));
	port_write(p, data, len);
}

static void port_one(struct port *p)
{
	static char command[MAX_COMMAND + 1];
	char line[LINE], tag[64], answer[LINE];
	long seconds;
	size_t len = 0;
	int status, out;
	pid_t pid;

	p->gone = false;
	do {
		if (!port_read(p, line + len, 1, len == 0))
			return;
	} while (line[len] != '\n' && ++len < sizeof(line) - 1);
	line[len] = 0;
	if (sscanf(line, "run %ld %zu %63s", &seconds, &len, tag) != 3 || len > MAX_COMMAND ||
	    !port_read(p, command, len, false))
		return;
	command[len] = 0;
	port_write(p, answer, snprintf(answer, sizeof(answer), "%s\n", tag));
	pid = shell_start(command, &out);
	status = pid < 0 ? 126 : shell_finish(pid, out, seconds, &p->base);
	if (pid >= 0)
		close(out);
	port_write(p, answer, snprintf(answer, sizeof(answer), "d %d\n", status));
}

static void port_serve_one(const char *node)
{
	struct port p = { .base.add = port_output };
	char path[LINE];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
	snprintf(path, sizeof(path), "/dev/%s", node);
	p.fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (p.fd < 0)
		die(125, "%s: %s", path, strerror(errno));
	fcntl(p.fd, F_SETOWN, getpid());
	fcntl(p.fd, F_SETFL, O_NONBLOCK | O_ASYNC);
	for (;;)
		port_one(&p);
}

/* Whether the port is one of ours, by its name: its number depends on the order of devices. */
static bool port_is_ours(const char *node)
{
	char path[PATH_MAX], name[LINE] = "";
	FILE *f;

	snprintf(path, sizeof(path), PORT_SYSFS "/%s/name", node);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (!fgets(name, sizeof(name), f))
		name[0] = 0;
	fclose(f);
	return !strncmp(name, PORT_NAME, strlen(PORT_NAME));
}

/* Serve the ports that are not in @served, of @nr; returns how many there are then. */
static unsigned int port_serve_new(char served[][NODE], unsigned int nr)
{
	DIR *dir = opendir(PORT_SYSFS);
	struct dirent *d;
	unsigned int i;

	while (dir && nr < MAX_PORTS && (d = readdir(dir))) {
		if (strlen(d->d_name) >= NODE || !port_is_ours(d->d_name))
			continue;
		for (i = 0; i < nr && strcmp(served[i], d->d_name); i++)
			;
		if (i < nr)
			continue;
		strcpy(served[nr++], d->d_name);
		if (fork() == 0)
			port_serve_one(d->d_name);
	}
	if (dir)
		closedir(dir);
	return nr;
}

/* The driver adds ports one by one while the system starts. */
void port_serve(void)
{
	char served[MAX_PORTS][NODE];
	unsigned int nr = 0, was, quiet = 0;

	if (access(PORT_SYSFS, F_OK))
		return;
	while (quiet < 20) {
		was = nr;
		nr = port_serve_new(served, nr);
		quiet = nr == was ? quiet + 1 : 0;
		usleep(100000);
	}
	while (nr)
		pause();
}

/* ---- dom0's side ---- */

struct client {
	int fd;
	long long end;
	char buf[8192];
	size_t at, fill;
};

/* The next byte, -1 if the guest is gone, -2 if time is over. */
static int client_byte(struct client *c)
{
	while (c->at == c->fill) {
		struct pollfd pfd = { .fd = c->fd, .events = POLLIN };
		long long left = c->end - now_ms();
		ssize_t n;

		if (left <= 0)
			return -2;
		if (poll(&pfd, 1, left) <= 0)
			continue;
		n = read(c->fd, c->buf, sizeof(c->buf));
		if (n <= 0)
			return -1;
		c->at = 0;
		c->fill = n;
	}
	return (unsigned char)c->buf[c->at++];
}

static int client_line(struct client *c, char *line)
{
	size_t len = 0;
	int b;

	while ((b = client_byte(c)) >= 0 && b != '\n') {
		if (len < LINE - 1)
			line[len++] = b;
	}
	line[len] = 0;
	return b < 0 ? b : 0;
}

static int client_follow(struct client *c, const char *tag)
{
	char line[LINE];
	size_t len;
	int b, status;

	do {
		b = client_line(c, line);
	} while (!b && strcmp(line, tag));
	while (!b) {
		b = client_line(c, line);
		if (!b && sscanf(line, "d %d", &status) == 1) {
			fflush(stdout);
			return status;
		}
		if (b || sscanf(line, "o %zu", &len) != 1)
			continue;
		while (len-- && (b = client_byte(c)) >= 0)
			putchar(b);
		fflush(stdout);
		b = b < 0 ? b : 0;
	}
	fflush(stdout);
	if (b == -1)
		die(125, "the guest is gone");
	return 124;
}

/* The first port that nobody else uses. The lock goes with this process. */
static int client_connect(const char *dir, long long end)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char path[PATH_MAX];
	int n, lock, fd;

	for (n = 0; now_ms() < end; n++) {
		snprintf(path, sizeof(path), "%s/%d.lock", dir, n);
		lock = open(path, O_RDWR | O_CLOEXEC);
		if (lock < 0 && n == 0)
			die(125, "%s: %s", path, strerror(errno));
		if (lock < 0) {
			usleep(100000);
			n = -1;
			continue;
		}
		snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%d", dir, n);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (!flock(lock, LOCK_EX | LOCK_NB)) {
			if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
				return fd;
			die(125, "%s: %s", addr.sun_path, strerror(errno));
		}
		close(fd);
		close(lock);
	}
	exit(124);
}

static int client_run(const char *dir, long seconds, const char *command, long long end)
{
	struct client c = { .fd = client_connect(dir, end), .end = end };
	static char message[LINE + MAX_COMMAND];
	size_t len = strlen(command);
	char tag[64];
	int head;

	if (len > MAX_COMMAND)
		die(125, "command of %zu bytes", len);
	snprintf(tag, sizeof(tag), "tag-%d-%lld", getpid(), now_ms());
	head = snprintf(message, LINE, "run %ld %zu %s\n", seconds, len, tag);
	memcpy(message + head, command, len);
	if (write(c.fd, message, head + len) != (ssize_t)(head + len))
		die(125, "cannot write to the guest");
	return client_follow(&c, tag);
}

int port_wait(const char *dir, long seconds)
{
	return client_run(dir, 10, ":", now_ms() + seconds * 1000LL);
}

int port_run(const char *dir, long seconds, const char *command)
{
	/* The guest kills at @seconds; beyond that it is not answering. */
	return client_run(dir, seconds, command,
			  now_ms() + seconds * 1000LL + KILL_GRACE_MS + 5000);
}
