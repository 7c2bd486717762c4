/* SPDX-License-Identifier: GPL-2.0-only */
/* The frontend of a block device, played from inside a guest. */
#ifndef XPEER_BLK_FRONT_H
#define XPEER_BLK_FRONT_H

#include "blk_wire.h"
#include "evtchn.h"
#include "grant.h"
#include "ring.h"
#include "store.h"
#include "xpeer.h"

#define BF_QUEUES	8
/* Scratch pages that every case gets: enough for a full ring of one-page requests. */
#define BF_PAGES	64
#define BF_BIG	48	/* of them data of indirect requests, then come their tables */

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

/*
 * One key of the frontend's directory that is not what it should be: @value NULL leaves it out.
 * A key that the driver would not write at all is added.
 */
struct bf_key {
	const char *key;
	const char *value;
};

struct bf {
	const struct options	*opt;
	struct store		store;
	struct evtchn		evtchn;
	char			dir[STORE_DIR], back[STORE_DIR];
	unsigned int		back_id;
	struct bf_config	config;
	struct bf_queue	queue[BF_QUEUES];
	unsigned int		nr_queues;
	struct grant_area	data;		/* BF_PAGES pages, writable */
	uint64_t		next_id;
	/* What the backend says, valid after bf_connect(). */
	uint64_t		sectors;
	unsigned int		sector_size, max_indirect, max_queues, max_order, max_pages;
	bool			readonly, flush, barrier, discard, persistent;
};

/* blk_front.c; V_PASS, or the verdict to return after it was reported. */
enum verdict bf_open(struct bf *f, const struct options *opt);
/* From whatever state to "backend waits for us". */
enum verdict bf_reset(struct bf *f);
/* Rings and event channels; nothing is told to the backend. */
enum verdict bf_prepare(struct bf *f, const struct bf_config *config);
/* Write the keys, with up to @nr of them changed. */
enum verdict bf_publish(struct bf *f, const struct bf_key *keys, unsigned int nr);
/* Tell the backend that all is there, and wait until it is connected too. */
enum verdict bf_finish(struct bf *f);
/* All of the above. */
enum verdict bf_connect(struct bf *f, const struct bf_config *config);
/* Open, connect in the plain way. */
enum verdict bf_start(struct bf *f, const struct options *opt);
/* Give rings and event channels back; says nothing to the backend. */
void bf_release(struct bf *f);
/*
 * The ring is in the state that was wanted: say so in our directory (key "xpeer-phase") and leave
 * it for --linger, so that the other end can be looked at.
 */
void bf_linger(struct bf *f, const char *phase);
/* The orderly way down; fails if the backend does not follow. */
enum verdict bf_close(struct bf *f);
/* The plain configuration: one queue, one page. */
extern const struct bf_config bf_plain;
/* Closed, connected again in the plain way, data verified, closed. */
enum verdict bf_recover(struct bf *f);

/* blk_front_io.c */
void bf_post(struct bf_queue *q, const struct bf *f, const struct blk_request *req);
void bf_push(struct bf *f, struct bf_queue *q);
/* The next response: 1, or 0 after @ms, or -EPROTO if the producer index is nonsense. */
int bf_response(struct bf *f, struct bf_queue *q, struct blk_response *rsp,
		unsigned int ms);
/* One request there and back; 0, -ETIMEDOUT or -EPROTO; a wrong id or op is -EBADMSG. */
int bf_call(struct bf *f, struct bf_queue *q, struct blk_request *req, int *status);
/* A request for whole pages of f->data. */
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
enum verdict bf_verify(struct bf *f);
/* Nothing may be answered for @ms. */
enum verdict bf_silent(struct bf *f, unsigned int ms);
void bf_fill(uint8_t *mem, size_t len, uint64_t seed);
bool bf_same(const uint8_t *mem, size_t len, uint64_t seed);

#define BF_SCRATCH	2048u	/* first sector that cases write to */

extern const struct case_table blk_front_good, blk_front_ring, blk_front_request,
	blk_front_grant, blk_front_key, blk_front_state;

#endif
