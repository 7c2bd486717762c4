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

#define FRONT_QUEUES	8
/* Scratch pages that every case gets: enough for a full ring of one-page requests. */
#define FRONT_PAGES	64
#define FRONT_BIG	48	/* of them data of indirect requests, then come their tables */

/* How the ring's size is told: the two spellings of the protocol's history. */
enum ring_spelling {
	SPELL_ORDER,		/* ring-page-order */
	SPELL_PAGES,		/* num-ring-pages */
	SPELL_BOTH,
};

struct front_config {
	const struct blk_abi	*abi;
	unsigned int		queues;
	unsigned int		order;
	enum ring_spelling	spelling;
	bool			persistent;
};

struct front_queue {
	struct grant_area	area;
	struct ring		ring;
	int			port;
};

/*
 * One key of the frontend's directory that is not what it should be: @value NULL leaves it out.
 * A key that the driver would not write at all is added.
 */
struct front_key {
	const char *key;
	const char *value;
};

struct front {
	const struct options	*opt;
	struct store		store;
	struct evtchn		evtchn;
	char			dir[STORE_DIR], back[STORE_DIR];
	unsigned int		back_id;
	struct front_config	config;
	struct front_queue	queue[FRONT_QUEUES];
	unsigned int		nr_queues;
	struct grant_area	data;		/* FRONT_PAGES pages, writable */
	uint64_t		next_id;
	/* What the backend says, valid after front_connect(). */
	uint64_t		sectors;
	unsigned int		sector_size, max_indirect, max_queues, max_order, max_pages;
	bool			readonly, flush, barrier, discard, persistent;
};

/* blk_front.c; V_PASS, or the verdict to return after it was reported. */
enum verdict front_open(struct front *f, const struct options *opt);
/* From whatever state to "backend waits for us". */
enum verdict front_reset(struct front *f);
/* Rings and event channels; nothing is told to the backend. */
enum verdict front_prepare(struct front *f, const struct front_config *config);
/* Write the keys, with up to @nr of them changed. */
enum verdict front_publish(struct front *f, const struct front_key *keys, unsigned int nr);
/* Tell the backend that all is there, and wait until it is connected too. */
enum verdict front_finish(struct front *f);
/* All of the above. */
enum verdict front_connect(struct front *f, const struct front_config *config);
/* Open, connect in the plain way. */
enum verdict front_start(struct front *f, const struct options *opt);
/* Give rings and event channels back; says nothing to the backend. */
void front_release(struct front *f);
/*
 * The ring is in the state that was wanted: say so in our directory (key "xpeer-phase") and leave
 * it for --linger, so that the other end can be looked at.
 */
void front_linger(struct front *f, const char *phase);
/* The orderly way down; fails if the backend does not follow. */
enum verdict front_close(struct front *f);
/* The plain configuration: one queue, one page. */
extern const struct front_config front_plain;
/* Closed, connected again in the plain way, data verified, closed. */
enum verdict front_recover(struct front *f);

/* blk_front_io.c */
void front_post(struct front_queue *q, const struct front *f, const struct blk_request *req);
void front_push(struct front *f, struct front_queue *q);
/* The next response: 1, or 0 after @ms, or -EPROTO if the producer index is nonsense. */
int front_response(struct front *f, struct front_queue *q, struct blk_response *rsp,
		   unsigned int ms);
/* One request there and back; 0, -ETIMEDOUT or -EPROTO; a wrong id or op is -EBADMSG. */
int front_call(struct front *f, struct front_queue *q, struct blk_request *req, int *status);
/* A request for whole pages of f->data. */
void front_request(struct front *f, struct blk_request *req, enum blk_op op, uint64_t sector,
		   unsigned int page, unsigned int nr);
/* The same by way of indirect pages; segments beyond FRONT_BIG use the pages again. */
void front_indirect(struct front *f, struct blk_request *req, enum blk_op op, uint64_t sector,
		    unsigned int nr);
/* Segment @n of the request made last by front_indirect(). */
struct blk_segment *front_indirect_segment(struct front *f, unsigned int n);
/* The status has to be @want, or with ANY_STATUS one of the protocol. */
#define ANY_STATUS	1000
enum verdict front_expect(struct front *f, struct blk_request *req, int want, const char *what);
/* Write, read and compare on every queue: the connection works. */
enum verdict front_verify(struct front *f);
/* Nothing may be answered for @ms. */
enum verdict front_silent(struct front *f, unsigned int ms);
void front_fill(uint8_t *mem, size_t len, uint64_t seed);
bool front_same(const uint8_t *mem, size_t len, uint64_t seed);

#define FRONT_SCRATCH	2048u	/* first sector that cases write to */

extern const struct case_table blk_front_good, blk_front_ring, blk_front_request,
	blk_front_grant, blk_front_key, blk_front_state;

#endif
