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

#define BB_QUEUES	16
#define BB_INDIRECT	256	/* segments of an indirect request that we serve */
#define BB_HELD	1024
#define BB_KEPT	4096	/* persistent grants */

struct bb;

struct bb_queue {
	struct grant_map	map;
	struct ring		ring;
	int			port;
};

/* A request that was taken and not answered yet. */
struct bb_held {
	struct bb_queue	*q;
	struct blk_request	req;
	int			status;
};

struct bb_kept {
	uint32_t		ref;
	struct grant_map	map;
};

/* A key of the backend that is not what it should be; @value NULL leaves it out. */
struct bb_key {
	const char *key;
	const char *value;
};

typedef void bb_reply_fn(struct bb *b, struct bb_queue *q, const struct blk_request *req,
			   int status);

struct bb {
	const struct options	*opt;
	const struct xcase	*xcase;
	struct store		store;
	struct evtchn		evtchn;
	unsigned int		self;		/* our own domain */
	char			dir[STORE_DIR], front[STORE_DIR], error[STORE_DIR];
	const struct bb_key	*keys;
	unsigned int		nr_keys;
	bool			created, persistent;
	uint8_t			*disk;
	uint64_t		sectors;	/* what the guest is told */
	uint64_t		capacity;	/* what is there: more, for growing */
	const struct blk_abi	*abi;
	struct bb_queue	queue[BB_QUEUES];
	unsigned int		nr_queues;
	struct bb_held	held[BB_HELD];
	unsigned int		nr_held;
	struct bb_kept	kept[BB_KEPT];
	/* How requests are answered; a case puts its own here. */
	bb_reply_fn		*reply;
	unsigned int		fired;		/* how often a case did what it is for */
	unsigned long long	served[256];	/* by operation */
	struct command		io;		/* makes the guest do I/O */
};

/* blk_back.c: V_PASS, or the verdict to return after it was reported. */
enum verdict bb_open(struct bb *b, const struct options *opt, const struct xcase *c);
/* Nodes of both ends in one transaction, states Initialising. */
enum verdict bb_create(struct bb *b);
/* Limits and state InitWait; then the frontend's answer within the bound: its state. */
enum verdict bb_offer(struct bb *b);
int bb_wait_front(struct bb *b, unsigned int mask, unsigned int ms);
/* Read what the frontend has published, map the rings. */
enum verdict bb_attach(struct bb *b);
/* Properties of the disk and state Connected. */
enum verdict bb_announce(struct bb *b);
/* All of the above and waiting until the frontend is connected, too. */
enum verdict bb_connect(struct bb *b);
/* The orderly end; the frontend has to follow. Rings stay mapped until it has. */
enum verdict bb_stop(struct bb *b);
/* Rings, ports and persistent grants; the nodes of both ends. Without a word to anyone. */
void bb_release(struct bb *b);
void bb_remove(struct bb *b);
/* A new device under the same number connects, serves and goes: the guest has survived. */
enum verdict bb_recover(struct bb *b);

/* blk_back_io.c */
bb_reply_fn bb_reply;
/* Serve for @ms or until @done says so. */
bool bb_serve(struct bb *b, unsigned int ms, bool (*done)(struct bb *b));
void bb_hold(struct bb *b, struct bb_queue *q, const struct blk_request *req, int status);
/* The right response to a request. */
struct blk_response bb_response(const struct blk_request *req, int status);
/* Make @rsp the next response; bb_flush() publishes it. */
void bb_respond(struct bb_queue *q, const struct blk_response *rsp);
void bb_flush(struct bb *b, struct bb_queue *q);
void bb_forget_grants(struct bb *b);
/* Properties of one request's segments; the number of segments or -errno. */
int bb_segments(struct bb *b, const struct blk_request *req, struct blk_segment *seg);

/* blk_back_command.c: --io */
enum verdict bb_io_start(struct bb *b, const char *want);
bool bb_io_done(struct bb *b);
/* Serve until the command ends; its exit status is in b->io_status. */
enum verdict bb_io(struct bb *b, const char *want);

extern const struct case_table blk_back_good, blk_back_response, blk_back_key,
	blk_back_state;

#endif
