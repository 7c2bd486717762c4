/* SPDX-License-Identifier: GPL-2.0-only */
/* The backend of a block device, with a disk in memory. */
#ifndef XPEER_BLK_BACK_H
#define XPEER_BLK_BACK_H

#include "back.h"
#include "blk_wire.h"
#include "grant.h"
#include "ring.h"

#define BB_QUEUES	16
#define BB_INDIRECT	256	/* segments of an indirect request that we serve */
#define BB_HELD		1024
#define BB_KEPT		4096	/* persistent grants */

struct bb;

struct bb_queue {
	struct grant_map	map;
	struct ring		ring;
	int			port;
};

/* A request that was taken and not answered yet. */
struct bb_held {
	struct bb_queue		*q;
	struct blk_request	req;
	int			status;
};

struct bb_kept {
	uint32_t		ref;
	struct grant_map	map;
};

typedef void bb_reply_fn(struct bb *b, struct bb_queue *q, const struct blk_request *req,
			 int status);

struct bb {
	struct back		dev;
	bool			persistent;
	uint8_t			*disk;
	uint64_t		capacity;	/* what is there: more, for growing */
	const struct blk_abi	*abi;
	struct bb_queue		queue[BB_QUEUES];
	unsigned int		nr_queues;
	struct bb_held		held[BB_HELD];
	unsigned int		nr_held;
	struct bb_kept		kept[BB_KEPT];
	/* How requests are answered; a case puts its own here. */
	bb_reply_fn		*reply;
	unsigned long long	served[256];	/* by operation */
};

/* The block device whose first member that is. */
static inline struct bb *to_bb(struct back *dev)
{
	return (struct bb *)dev;
}

/* blk_back_io.c */
bb_reply_fn bb_reply;
void bb_serve(struct back *dev);
void bb_hold(struct bb *b, struct bb_queue *q, const struct blk_request *req, int status);
/* The right response to a request. */
struct blk_response bb_response(const struct blk_request *req, int status);
/* Make @rsp the next response; bb_flush() publishes it. */
void bb_respond(struct bb_queue *q, const struct blk_response *rsp);
void bb_flush(struct bb *b, struct bb_queue *q);
void bb_forget_grants(struct bb *b);
/* Properties of one request's segments; the number of segments or -errno. */
int bb_segments(struct bb *b, const struct blk_request *req, struct blk_segment *seg);

extern const struct case_table blk_back_good, blk_back_response, blk_back_key,
	blk_back_state;

#endif
