/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The backend of a device, played from the backend's domain: what does not depend on the kind of
 * device. blk_back.h and net_back.h have the kinds.
 */
#ifndef XPEER_BACK_H
#define XPEER_BACK_H

#include "evtchn.h"
#include "ring.h"
#include "store.h"
#include "xpeer.h"

struct back {
	const struct back_kind	*kind;
	const struct options	*opt;
	const struct xcase	*xcase;
	struct store		store;
	struct evtchn		evtchn;
	unsigned int		self;		/* our own domain */
	char			dir[STORE_DIR], front[STORE_DIR], error[STORE_DIR];
	const struct store_key	*keys;		/* the case's own */
	unsigned int		nr_keys;
	unsigned int		fired;		/* how often a case did what it is for */
	uint64_t		sectors;	/* of a disk: what the guest is told */
	struct command		io;		/* makes the guest do I/O */
};

struct back_kind {
	const char	*type;		/* of the frontend's directory */
	size_t		size;		/* of its struct, which begins with a struct back */
	struct back	*device;	/* for cases that every kind has */
	enum xb_state	answer;		/* of a frontend that has published its rings */
	unsigned int	settle_ms;	/* what the guest does by itself with a new device */
	/* What --io does to use the device, and to keep it busy, which it is after @busy_ms. */
	const char	*use, *busy;
	unsigned int	busy_ms;
	/* For verdicts: the name of such a command, and what is wrong if it fails. */
	const char	*command, *fails, *fails_anew;

	enum verdict	(*open)(struct back *b);
	/* Serve as a good backend does: at first, and again for back_recover(). */
	void		(*behave)(struct back *b);
	/* Nodes of both ends beyond those that all devices have; 0 or -errno. */
	int		(*create)(struct back *b, uint32_t tx);
	/* Write what we offer; read what the frontend has published, map the rings. */
	enum verdict	(*offer)(struct back *b);
	enum verdict	(*attach)(struct back *b);
	/* Write the device's properties; NULL if it has none. */
	enum verdict	(*announce)(struct back *b);
	/* Requests that are there. */
	void		(*serve)(struct back *b);
	/* Rings, ports and persistent grants. Without a word to anyone. */
	void		(*release)(struct back *b);
	/* The guest has connected to a device with a strange key. */
	void		(*accepted)(struct back *b);
};

typedef bool back_done_fn(struct back *b);

/* back.c: V_PASS, or the verdict to return after it was reported. */
enum verdict back_open(struct back *b, const struct options *opt, const struct xcase *c);
/* The case's own value of a key, else @value; 0 or -errno. */
int back_put(struct back *b, uint32_t tx, const char *dir, const char *key, const char *value);
/* The same for many keys of the backend's directory. */
int back_put_all(struct back *b, const struct store_key *keys, size_t nr);
/* Nodes of both ends in one transaction, states Initialising. */
enum verdict back_create(struct back *b);
/* What we offer and state InitWait. */
enum verdict back_offer(struct back *b);
/* Properties of the device and state Connected. */
enum verdict back_announce(struct back *b);
/* Serve for @ms or until @done says so, which is returned. */
bool back_serve(struct back *b, unsigned int ms, back_done_fn *done);
/* Serve until the frontend's state is one of @mask: the state, or -ETIMEDOUT. */
int back_wait_front(struct back *b, unsigned int mask, unsigned int ms);
/* Until it has published its rings, or closes; then, until it is connected, or closes. */
int back_wait_answer(struct back *b);
int back_wait_connected(struct back *b);
/* All of the above, from creation to connection. */
enum verdict back_connect(struct back *b);
/* Ask the frontend to close, as the toolstack does; its state, or -ETIMEDOUT. */
int back_withdraw(struct back *b);
/* The orderly end; the frontend has to follow. Rings stay mapped until it has. */
enum verdict back_stop(struct back *b);
/* The nodes of both ends; with the rings, too. Without a word to anyone. */
void back_remove(struct back *b);
void back_vanish(struct back *b);
/* A new device under the same number connects, serves and goes: the guest has survived. */
enum verdict back_recover(struct back *b);
/* --io with that want; its status is in b->io.status. */
enum verdict back_io_start(struct back *b, const char *want);
bool back_io_done(struct back *b);
/* Serve until it has ended: back_io_end() after a start, back_io() does both. */
enum verdict back_io_end(struct back *b);
enum verdict back_io(struct back *b, const char *want);
/* --io, if there is one, uses the device and has to succeed. */
enum verdict back_use(struct back *b);

/* back_attack.c */
/* While --io uses the device: bytes of the @slots youngest responses are wrong for an instant. */
enum verdict back_flip(struct back *b, struct ring *r, unsigned int first, unsigned int len,
		       unsigned int slots);
/* The frontend sees the responses there are, and then this index alone. */
void back_bad_prod(struct back *b, struct ring *r, uint64_t port, enum bad_prod how);
/* The device goes while some of the guest's pages are mapped here, which end with recovery. */
enum verdict back_go_mapped(struct back *b);

/* back_key.c: a case with c->key set to c->value. */
enum verdict back_run_key(const struct options *opt, const struct xcase *c);

/* back_state.c */
extern const struct case_table back_state;
enum verdict back_run_storm(const struct options *opt, const struct xcase *c);
/* Events on those ports and no work, then the device is used. */
enum verdict back_storm(struct back *b, const int *port, unsigned int nr);

#endif
