/* SPDX-License-Identifier: GPL-2.0-only */
/* The backend of a block device, played from the backend's domain, with a disk in memory. */
#ifndef XPEER_BLK_BACK_H
#define XPEER_BLK_BACK_H

#include <sys/types.h>

#include "blk_wire.h"
#include "evtchn.h"
#include "grant.h"
#include "ring.h"
#include "store.h"
#include "xpeer.h"

#define BACK_QUEUES	16
#define BACK_INDIRECT	256	/* segments of an indirect request that we serve */
#define BACK_HELD	1024
#define BACK_KEPT	4096	/* persistent grants */

struct back;

struct back_queue {
	struct grant_map	map;
	struct ring		ring;
	int			port;
};

/* A request that was taken and not answered yet. */
struct back_held {
	struct back_queue	*q;
	struct blk_request	req;
	int			status;
};

struct back_kept {
	uint32_t		ref;
	struct grant_map	map;
};

/* A key of the backend that is not what it should be; @value NULL leaves it out. */
struct back_key {
	const char *key;
	const char *value;
};

typedef void back_reply_fn(struct back *b, struct back_queue *q, const struct blk_request *req,
			   int status);

struct back {
	const struct options	*opt;
	const struct xcase	*xcase;
	struct store		store;
	struct evtchn		evtchn;
	unsigned int		self;		/* our own domain */
	char			dir[STORE_DIR], front[STORE_DIR], error[STORE_DIR];
	const struct back_key	*keys;
	unsigned int		nr_keys;
	bool			created, persistent;
	uint8_t			*disk;
	uint64_t		sectors;	/* what the guest is told */
	uint64_t		capacity;	/* what is there: more, for growing */
	const struct blk_abi	*abi;
	struct back_queue	queue[BACK_QUEUES];
	unsigned int		nr_queues;
	struct back_held	held[BACK_HELD];
	unsigned int		nr_held;
	struct back_kept	kept[BACK_KEPT];
	/* How requests are answered; a case puts its own here. */
	back_reply_fn		*reply;
	unsigned int		fired;		/* how often a case did what it is for */
	unsigned long long	served[256];	/* by operation */
	struct command		io;		/* makes the guest do I/O */
};

/* blk_back.c: V_PASS, or the verdict to return after it was reported. */
enum verdict back_open(struct back *b, const struct options *opt, const struct xcase *c);
/* Nodes of both ends in one transaction, states Initialising. */
enum verdict back_create(struct back *b);
/* Limits and state InitWait; then the frontend's answer within the bound: its state. */
enum verdict back_offer(struct back *b);
int back_wait_front(struct back *b, unsigned int mask, unsigned int ms);
/* Read what the frontend has published, map the rings. */
enum verdict back_attach(struct back *b);
/* Properties of the disk and state Connected. */
enum verdict back_announce(struct back *b);
/* All of the above and waiting until the frontend is connected, too. */
enum verdict back_connect(struct back *b);
/* The orderly end; the frontend has to follow. Rings stay mapped until it has. */
enum verdict back_stop(struct back *b);
/* Rings, ports and persistent grants; the nodes of both ends. Without a word to anyone. */
void back_release(struct back *b);
void back_remove(struct back *b);
/* A new device under the same number connects, serves and goes: the guest has survived. */
enum verdict back_recover(struct back *b);

/* blk_back_io.c */
back_reply_fn back_reply;
/* Serve for @ms or until @done says so. */
bool back_serve(struct back *b, unsigned int ms, bool (*done)(struct back *b));
void back_hold(struct back *b, struct back_queue *q, const struct blk_request *req, int status);
/* The right response to a request. */
struct blk_response back_response(const struct blk_request *req, int status);
/* Make @rsp the next response; back_flush() publishes it. */
void back_respond(struct back_queue *q, const struct blk_response *rsp);
void back_flush(struct back *b, struct back_queue *q);
void back_forget_grants(struct back *b);
/* Properties of one request's segments; the number of segments or -errno. */
int back_segments(struct back *b, const struct blk_request *req, struct blk_segment *seg);

/* blk_back_command.c: --io */
enum verdict back_io_start(struct back *b, const char *want);
bool back_io_done(struct back *b);
/* Serve until the command ends; its exit status is in b->io_status. */
enum verdict back_io(struct back *b, const char *want);

extern const struct case_table blk_back_good, blk_back_response, blk_back_key,
	blk_back_state;

#endif
