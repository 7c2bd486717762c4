/* SPDX-License-Identifier: GPL-2.0-only */
/* The frontend of a block device; its contents are overwritten. */
#ifndef XPEER_BLK_FRONT_H
#define XPEER_BLK_FRONT_H

#include "blk_wire.h"
#include "front.h"
#include "ring.h"

/* Scratch pages that every case gets: enough for a full ring of one-page requests. */
#define BF_PAGES	64
#define BF_BIG		48	/* of them data of indirect requests, then come their tables */

/* How the ring's size is told: the two spellings of the protocol's history. */
enum ring_spelling {
	SPELL_ORDER,		/* ring-page-order */
	SPELL_PAGES,		/* num-ring-pages */
	SPELL_BOTH,
};

struct bf_config {
	const struct blk_abi	*abi;
	unsigned int		queues;
	unsigned int		order;
	enum ring_spelling	spelling;
	bool			persistent;
};

struct bf_queue {
	struct grant_area	area;
	struct ring		ring;
	int			port;
};

struct bf {
	struct front		dev;
	struct bf_config	config;
	struct bf_queue		queue[FRONT_QUEUES];
	unsigned int		nr_queues;
	uint64_t		next_id;
	/* What the backend says, valid after front_connect(). */
	uint64_t		sectors;
	unsigned int		sector_size, max_indirect;
	bool			readonly, flush, barrier, discard, persistent;
};

/* The block device whose first member that is. */
static inline struct bf *to_bf(struct front *dev)
{
	return (struct bf *)dev;
}

/* blk_front_io.c */
void bf_post(struct bf_queue *q, const struct bf *f, const struct blk_request *req);
void bf_push(struct bf *f, struct bf_queue *q);
/* The next response: 1, or 0 after @ms, or -EPROTO if the producer index is nonsense. */
int bf_response(struct bf *f, struct bf_queue *q, struct blk_response *rsp, unsigned int ms);
/* One request there and back; 0, -ETIMEDOUT or -EPROTO; a wrong id or op is -EBADMSG. */
int bf_call(struct bf *f, struct bf_queue *q, struct blk_request *req, int *status);
/* A request for whole pages of f->dev.pages. */
void bf_request(struct bf *f, struct blk_request *req, enum blk_op op, uint64_t sector,
		unsigned int page, unsigned int nr);
/* The same by way of indirect pages; segments beyond BF_BIG use the pages again. */
void bf_indirect(struct bf *f, struct blk_request *req, enum blk_op op, uint64_t sector,
		 unsigned int nr);
/* Segment @n of the request made last by bf_indirect(). */
struct blk_segment *bf_indirect_segment(struct bf *f, unsigned int n);
/* The status has to be @want, or with ANY_STATUS one of the protocol. */
#define ANY_STATUS	1000
enum verdict bf_expect(struct bf *f, struct blk_request *req, int want, const char *what);
/* Write, read and compare on every queue: the connection works. */
enum verdict bf_verify(struct front *dev);
/* Nothing may be answered for @ms. */
enum verdict bf_silent(struct bf *f, unsigned int ms);
void bf_fill(uint8_t *mem, size_t len, uint64_t seed);
bool bf_same(const uint8_t *mem, size_t len, uint64_t seed);

#define BF_SCRATCH	2048u	/* first sector that cases write to */

extern const struct case_table blk_front_good, blk_front_ring, blk_front_request,
	blk_front_grant, blk_front_key, blk_front_state;

#endif
