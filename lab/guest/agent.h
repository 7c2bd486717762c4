/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two ways of reaching a guest share: see agent.c. */
#ifndef LAB_AGENT_H
#define LAB_AGENT_H

#include <stddef.h>
#include <sys/types.h>

#define MAX_COMMAND	(64 * 1024)
/* A killed command that does not die (a task stuck in the kernel) is left alone. */
#define KILL_GRACE_MS	3000

/* Where a command's output goes. */
struct output {
	void (*add)(struct output *o, const char *data, size_t len);
};

void die(int status, const char *fmt, ...);
long long now_ms(void);

/* Start @command in a shell; *@out is what it prints. Returns its process or -1. */
pid_t shell_start(const char *command, int *out);
/* Hand its output on until it ends or @seconds are over; returns its status, 124 out of time. */
int shell_finish(pid_t pid, int fd, long seconds, struct output *o);

/* agent_store.c */
int store_serve(void);
int store_wait(int domid, long seconds);
int store_run(int domid, long seconds, const char *command);

/* agent_port.c; port_serve() returns when the machine has no such ports. */
void port_serve(void);
int port_wait(const char *dir, long seconds);
int port_run(const char *dir, long seconds, const char *command);

#endif
