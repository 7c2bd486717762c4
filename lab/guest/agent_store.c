// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands for a guest through xenstore, which works from the first second of a
 * guest to its last, with no device at all.
 *
 * A command N lives under /local/domain/DOMID/data/agent/N:
 *   cmd/0, cmd/1 ...  the command in pieces
 *   go                "SECONDS PIECES", written last by dom0
 *   out/0, out/1 ...  output in pieces, written by the guest
 *   done              "STATUS PIECES", written last by the guest
 * dom0 removes the whole folder afterwards.  A store node holds 2048 bytes and a
 * guest may own 1000 of them: output beyond MAX_PIECES is dropped and said so.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

#define PIECE		1800
#define MAX_PIECES	600

enum {
	XS_DIRECTORY = 1, XS_READ = 2, XS_WATCH = 4, XS_WRITE = 11, XS_RM = 13,
	XS_WATCH_EVENT = 15, XS_ERROR = 16,
};

struct xs_head {
	uint32_t type, req_id, tx_id, len;
};

#define XS_PAYLOAD 4096

static int xs_open(void)
{
	int fd = open("/dev/xen/xenbus", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die(125, "/dev/xen/xenbus: %s", strerror(errno));
	return fd;
}

static void read_all(int fd, void *buf, size_t len)
{
	while (len) {
		ssize_t n = read(fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			die(125, "xenstore connection lost");
		buf = (char *)buf + n;
		len -= n;
	}
}

/* One message; returns its type and a terminated body. */
static int xs_receive(int fd, char *body, size_t *len)
{
	struct xs_head h;

	read_all(fd, &h, sizeof(h));
	if (h.len > XS_PAYLOAD)
		die(125, "xenstore message of %u bytes", h.len);
	read_all(fd, body, h.len);
	body[h.len] = 0;
	if (len)
		*len = h.len;
	return h.type;
}

/*
 * One request and its answer.  @value may hold any bytes.  Returns the length of
 * the answer in @reply (XS_PAYLOAD + 1 bytes, may be NULL) or -1 for an error.
 * Never used on a connection with watches, so that the answer is next.
 */
static long xs_call(int fd, int type, const char *path, const void *value,
		    size_t value_len, char *reply)
{
	static char body[XS_PAYLOAD + 1];
	char msg[sizeof(struct xs_head) + XS_PAYLOAD];
	struct xs_head h = { .type = type };
	size_t plen = strlen(path) + 1, len;

	if (plen + value_len > XS_PAYLOAD)
		die(125, "request too long");
	h.len = plen + value_len;
	memcpy(msg, &h, sizeof(h));
	memcpy(msg + sizeof(h), path, plen);
	if (value_len)
		memcpy(msg + sizeof(h) + plen, value, value_len);
	len = sizeof(h) + h.len;
	if (write(fd, msg, len) != (ssize_t)len)
		return -1;
	if (!reply)
		reply = body;
	if (xs_receive(fd, reply, &len) == XS_ERROR)
		return -1;
	return len;
}

static int xs_write(int fd, const char *path, const char *text)
{
	return xs_call(fd, XS_WRITE, path, text, strlen(text), NULL) < 0 ? -1 : 0;
}

static void xs_watch(int fd, const char *path)
{
	if (xs_call(fd, XS_WATCH, path, "t", 2, NULL) < 0)
		die(125, "cannot watch %s", path);
}

/* ---- the guest's side ---- */

struct store_output {
	struct output base;
	int xs;
	const char *id;
	char buf[PIECE];
	size_t fill;
	unsigned int pieces;
	size_t dropped;
};

static void output_flush(struct store_output *o)
{
	char path[128];

	if (!o->fill)
		return;
	if (o->pieces >= MAX_PIECES) {
		o->dropped += o->fill;
	} else {
		snprintf(path, sizeof(path), "data/agent/%s/out/%u", o->id, o->pieces);
		if (xs_call(o->xs, XS_WRITE, path, o->buf, o->fill, NULL) < 0)
			o->dropped += o->fill;
		else
			o->pieces++;
	}
	o->fill = 0;
}

static void output_add(struct output *base, const char *data, size_t len)
{
	struct store_output *o = (struct store_output *)base;

	while (len) {
		size_t n = PIECE - o->fill;

		if (n > len)
			n = len;
		memcpy(o->buf + o->fill, data, n);
		o->fill += n;
		data += n;
		len -= n;
		if (o->fill == PIECE)
			output_flush(o);
	}
}

static void serve_one(const char *id)
{
	struct store_output o = { .base.add = output_add, .xs = xs_open(), .id = id };
	static char command[MAX_COMMAND + XS_PAYLOAD], reply[XS_PAYLOAD + 1];
	unsigned int pieces, i;
	char path[128], text[64];
	long seconds, n;
	size_t len = 0;
	int status, fd;
	pid_t pid;

	snprintf(path, sizeof(path), "data/agent/%s/go", id);
	if (xs_call(o.xs, XS_READ, path, NULL, 0, reply) < 0 ||
	    sscanf(reply, "%ld %u", &seconds, &pieces) != 2)
		return;
	for (i = 0; i < pieces && len < MAX_COMMAND; i++) {
		snprintf(path, sizeof(path), "data/agent/%s/cmd/%u", id, i);
		n = xs_call(o.xs, XS_READ, path, NULL, 0, reply);
		if (n < 0)
			return;
		memcpy(command + len, reply, n);
		len += n;
	}
	command[len] = 0;

	pid = shell_start(command, &fd);
	status = pid < 0 ? 126 : shell_finish(pid, fd, seconds, &o.base);
	output_flush(&o);
	if (o.dropped) {
		/* the last piece gives way to the notice */
		snprintf(path, sizeof(path), "data/agent/%s/out/%u", id, o.pieces - 1);
		snprintf(text, sizeof(text), "\n[agent: %zu bytes dropped]\n", o.dropped);
		xs_write(o.xs, path, text);
	}
	snprintf(path, sizeof(path), "data/agent/%s/done", id);
	snprintf(text, sizeof(text), "%d %u", status, o.pieces);
	xs_write(o.xs, path, text);
}

int store_serve(void)
{
	char event[XS_PAYLOAD + 1], id[64];
	int fd = xs_open(), ready, end;

	signal(SIGCHLD, SIG_IGN);
	xs_watch(fd, "data/agent");
	ready = xs_open();
	xs_write(ready, "data/agent-ready", "1");
	close(ready);
	for (;;) {
		if (xs_receive(fd, event, NULL) != XS_WATCH_EVENT)
			continue;
		end = 0;
		if (sscanf(event, "data/agent/%63[^/]/go%n", id, &end) != 1 ||
		    !end || event[end])
			continue;
		if (fork() == 0) {
			signal(SIGCHLD, SIG_DFL);
			close(fd);
			serve_one(id);
			_exit(0);
		}
	}
}

/* ---- dom0's side ---- */

/* Wait for an event on @fd, at most a second, so that a dead guest is noticed. */
static void xs_next(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char event[XS_PAYLOAD + 1];

	if (poll(&pfd, 1, 1000) > 0)
		xs_receive(fd, event, NULL);
}

static void check_alive(int xs, int domid)
{
	char path[128];

	snprintf(path, sizeof(path), "/local/domain/%d/domid", domid);
	if (xs_call(xs, XS_READ, path, NULL, 0, NULL) < 0)
		die(125, "domain %d is gone", domid);
}

int store_wait(int domid, long seconds)
{
	long long end = now_ms() + seconds * 1000LL;
	int watch = xs_open(), xs = xs_open();
	char path[128];

	snprintf(path, sizeof(path), "/local/domain/%d/data/agent-ready", domid);
	xs_watch(watch, path);
	while (now_ms() < end) {
		if (xs_call(xs, XS_READ, path, NULL, 0, NULL) >= 0)
			return 0;
		check_alive(xs, domid);
		xs_next(watch);
	}
	return 124;
}

/* Print the output and give the status; -1 while the command runs. */
static int collect(int xs, const char *base, int *status)
{
	char path[160], reply[XS_PAYLOAD + 1];
	unsigned int pieces, i;
	long n;

	snprintf(path, sizeof(path), "%s/done", base);
	if (xs_call(xs, XS_READ, path, NULL, 0, reply) < 0 ||
	    sscanf(reply, "%d %u", status, &pieces) != 2)
		return -1;
	for (i = 0; i < pieces; i++) {
		snprintf(path, sizeof(path), "%s/out/%u", base, i);
		n = xs_call(xs, XS_READ, path, NULL, 0, reply);
		if (n > 0)
			fwrite(reply, 1, n, stdout);
	}
	fflush(stdout);
	return 0;
}

int store_run(int domid, long seconds, const char *command)
{
	/* The guest kills at @seconds; beyond that it is not answering. */
	long long end = now_ms() + seconds * 1000LL + KILL_GRACE_MS + 5000;
	int watch = xs_open(), xs = xs_open(), status = 124;
	size_t len = strlen(command), off;
	char base[96], path[160], text[64];
	unsigned int pieces = 0;

	if (len > MAX_COMMAND)
		die(125, "command of %zu bytes", len);
	snprintf(base, sizeof(base), "/local/domain/%d/data/agent/%d-%lld", domid,
		 getpid(), now_ms());
	for (off = 0; off < len; off += PIECE, pieces++) {
		snprintf(path, sizeof(path), "%s/cmd/%u", base, pieces);
		if (xs_call(xs, XS_WRITE, path, command + off,
			    len - off < PIECE ? len - off : PIECE, NULL) < 0)
			die(125, "cannot write %s", path);
	}
	snprintf(path, sizeof(path), "%s/done", base);
	xs_watch(watch, path);
	snprintf(path, sizeof(path), "%s/go", base);
	snprintf(text, sizeof(text), "%ld %u", seconds, pieces);
	if (xs_write(xs, path, text))
		die(125, "cannot write %s", path);
	while (collect(xs, base, &status)) {
		if (now_ms() > end) {
			fprintf(stderr, "agent: no answer from domain %d\n", domid);
			break;
		}
		check_alive(xs, domid);
		xs_next(watch);
	}
	xs_call(xs, XS_RM, base, NULL, 0, NULL);
	return status;
}
