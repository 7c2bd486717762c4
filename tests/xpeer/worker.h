/* SPDX-License-Identifier: GPL-2.0-only */
/* A second thread that does one thing again and again, mostly to what the first has published. */
#ifndef XPEER_WORKER_H
#define XPEER_WORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "xpeer.h"

struct worker {
	pthread_t	thread;
	atomic_bool	stop;
	void		(*turn)(void *arg);
	void		*arg;
};

enum verdict worker_start(struct worker *w, void (*turn)(void *arg), void *arg);
void worker_stop(struct worker *w);

#endif
