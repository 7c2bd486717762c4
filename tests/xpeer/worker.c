// SPDX-License-Identifier: GPL-2.0-only
/* A second thread that does one thing again and again. */
#include "worker.h"

static void *work(void *arg)
{
	struct worker *w = arg;

	while (!atomic_load(&w->stop))
		w->turn(w->arg);
	return NULL;
}

enum verdict worker_start(struct worker *w, void (*turn)(void *arg), void *arg)
{
	atomic_init(&w->stop, false);
	w->turn = turn;
	w->arg = arg;
	return pthread_create(&w->thread, NULL, work, w) ? broken("no thread") : V_PASS;
}

void worker_stop(struct worker *w)
{
	atomic_store(&w->stop, true);
	pthread_join(w->thread, NULL);
}
