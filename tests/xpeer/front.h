/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frontend of a device, played from inside a guest: what does not depend on the kind of
 * device. blk_front.h and net_front.h have the kinds.
 */
#ifndef XPEER_FRONT_H
#define XPEER_FRONT_H

#include "evtchn.h"
#include "grant.h"
#include "store.h"
#include "xpeer.h"

#define FRONT_QUEUES	8

struct front {
	const struct front_kind	*kind;
	const struct options	*opt;
	struct store		store;
	struct evtchn		evtchn;
	char			dir[STORE_DIR], back[STORE_DIR];
	unsigned int		back_id;
	struct grant_area	pages;		/* scratch of every case */
};

struct front_kind {
	const char	*type;		/* of our directory */
	size_t		size;		/* of its struct, which begins with a struct front */
	struct front	*device;	/* for cases that every kind has */
	uint32_t	pages;		/* of scratch, which the backend may write to or not */
	bool		writable;
	enum xb_state	answer;		/* says that our rings are published */
	const char * const *keys;	/* what we may write, with NULL at the end */
	const char	*offers[2];	/* a backend that is served has one of them */
	const char	*ring_key;
	/* In front_recover() the backend closes before its rings vanish. */
	bool		down_first;

	/* What the device needs for all of its life; NULL nothing. */
	enum verdict	(*open)(struct front *f);
	/* Choose the plain configuration: at first, and again for front_recover(). */
	void		(*plain)(struct front *f);
	/* Does what the backend offers fit the configuration? */
	enum verdict	(*look)(struct front *f);
	/* Rings and event channels; nothing is told to the backend. */
	enum verdict	(*prepare)(struct front *f);
	/* Write our keys; 0 or -errno. */
	int		(*publish)(struct front *f, uint32_t tx);
	/* Post what has to be there before the backend looks; NULL nothing. */
	void		(*post)(struct front *f);
	/* The backend is connected. */
	enum verdict	(*connected)(struct front *f);
	/* What has to be known of the other end for the first request; NULL nothing. */
	enum verdict	(*meet)(struct front *f);
	/* The connection works. */
	enum verdict	(*verify)(struct front *f);
	/* A full ring on its way. */
	void		(*fill)(struct front *f);
	/* Give rings and event channels back; says nothing to the backend. */
	void		(*release)(struct front *f);
	/* Reference and port of the first ring. */
	void		(*first)(struct front *f, uint32_t *ref, int *port);
};

/* front.c; V_PASS, or the verdict to return after it was reported. */
enum verdict front_open(struct front *f, const struct options *opt);
/* From whatever state to "backend waits for us". */
enum verdict front_reset(struct front *f);
/* Write the keys, with up to @nr of them changed; one that we would not write is added. */
enum verdict front_publish(struct front *f, const struct store_key *keys, unsigned int nr);
/* Tell the backend that all is there; the state in which it connects or closes, or -errno. */
int front_answer(struct front *f);
/* The same with requests posted before; the backend has to connect. */
enum verdict front_finish(struct front *f);
/* All of the above but the first, as it is configured. */
enum verdict front_connect(struct front *f);
/* Open, connect in the plain way, and know the other end. */
enum verdict front_start(struct front *f, const struct options *opt);
enum verdict front_meet(struct front *f);
/*
 * The ring is in the state that was wanted: say so in our directory (key "xpeer-phase") and leave
 * it for --linger, so that the other end can be looked at.
 */
void front_linger(struct front *f, const char *phase);
/* The orderly way down; fails if the backend does not follow. */
enum verdict front_close(struct front *f);
/* Closed, connected again in the plain way, verified, closed. */
enum verdict front_recover(struct front *f);

/* front_key.c: rings as configured, but c->key is c->value; then a recovery. */
enum verdict front_try_key(struct front *f, const struct xcase *c);

/* front_state.c */
enum front_states { STATES_RANDOM, STATES_PINGPONG, STATES_RECONFIGURING };
enum front_delete { DELETE_STATE, DELETE_DIR, DELETE_DIR_EARLY, DELETE_RING };

/* c->arg: which states, as fast as the store takes them. */
enum verdict front_run_storm(const struct options *opt, const struct xcase *c);
/* c->value: a state that is none. */
enum verdict front_run_value(const struct options *opt, const struct xcase *c);
/* c->arg: what is deleted. */
enum verdict front_run_delete(const struct options *opt, const struct xcase *c);
/* c->arg: the state in which we are killed, three times. */
enum verdict front_run_kill(const struct options *opt, const struct xcase *c);
/* Closing with a full ring in flight, c->arg times. */
enum verdict front_run_close_in_flight(const struct options *opt, const struct xcase *c);
/* Recovery of what is well, c->arg times. */
enum verdict front_run_cycles(const struct options *opt, const struct xcase *c);
/* Wait until the backend has read all that was written: its state stays for a while. */
void front_settle(struct front *f);
/* Events on @port; meanwhile @work now and then, or NULL. */
enum verdict front_storm(struct front *f, int port, enum verdict (*work)(struct front *f));

#define FRONT_STORM(_name, _states, _what) \
	{ .name = (_name), .flags = CASE_EITHER, .run = front_run_storm, .arg = (_states), \
	  .what = (_what) }
#define FRONT_VALUE(_name, _value, _what) \
	{ .name = (_name), .flags = CASE_EITHER | CASE_LOST, .run = front_run_value, \
	  .value = (_value), .what = (_what) }
#define FRONT_DELETE(_name, _flags, _arg, _what) \
	{ .name = (_name), .flags = (_flags), .run = front_run_delete, .arg = (_arg), \
	  .what = (_what) }
#define FRONT_KILL(_name, _state, _what) \
	{ .name = (_name), .run = front_run_kill, .arg = (_state), .what = (_what) }

#endif
