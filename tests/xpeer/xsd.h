/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A xenstored that breaks every rule, against a guest's client. The real one is stopped (SIGSTOP)
 * while we write into the guest's ring in its place, and goes on afterwards: what the guest asked
 * meanwhile and we did not answer is in the ring for it then.
 */
#ifndef XPEER_XSD_H
#define XPEER_XSD_H

#include <string.h>
#include "abi.h"
#include "grant.h"
#include "xpeer.h"

/* What the watches of a guest may have for tokens: small numbers, as its client counts. */
#define XSD_TOKENS		24

struct xsd {
	const struct options	*opt;
	const struct xcase	*xcase;
	struct grant_map	map;
	volatile struct xs_page	*page;
	int			privcmd;
	uint32_t		port;		/* the real server's, in this domain */
	bool			stopped;
	uint32_t		features;	/* as the real server has them */
	/* Requests that are not ours to answer, whole, for the real server. */
	char			kept[XS_RING_BYTES];
	uint32_t		nr_kept;
	struct command		io;
};

struct xsd_request {
	struct xs_header	h;
	char			body[XS_PAYLOAD_MAX + 1];
};

/* The ring of the guest, nothing stopped yet; a case ends with xsd_end(). */
enum verdict xsd_open(struct xsd *x, const struct options *opt, const struct xcase *c);
/* Stop the real server when the ring is at rest; let it go on. */
enum verdict xsd_stop(struct xsd *x);
enum verdict xsd_go(struct xsd *x);
void xsd_notify(struct xsd *x);

/* Bytes for the guest, as it makes room; and a message with a header in front. */
enum verdict xsd_put(struct xsd *x, const void *bytes, size_t len);
enum verdict xsd_send(struct xsd *x, uint32_t type, uint32_t id, uint32_t tx, const void *body,
		      uint32_t len);
/* One event for each of the tokens that a watch of the guest may have. */
enum verdict xsd_events(struct xsd *x, const char *path);
/* The guest has read all that was sent. */
enum verdict xsd_taken(struct xsd *x);
/* The guest's next request of a type (-1: any); those before it are kept. */
enum verdict xsd_next(struct xsd *x, int type, struct xsd_request *r);
/* The same where there may be none. */
bool xsd_more(struct xsd *x, int type, struct xsd_request *r);
/* One that came from there is for the real server after all. */
enum verdict xsd_keep(struct xsd *x, const struct xsd_request *r);

/* Have the guest run what XPEER_WANT says, see tests/lab/core-hostile.sh. */
enum verdict xsd_ask(struct xsd *x, const char *want);
/* Its status, if it ends in time. */
enum verdict xsd_asked(struct xsd *x, unsigned int ms, int *status);
/* The real server goes on, and the guest has its answers, in @ms at most. */
enum verdict xsd_end(struct xsd *x, unsigned int ms);

extern const struct case_table xsd_message_table;
extern const struct case_table xsd_answer_table;
extern const struct case_table xsd_ring_table;

#endif
