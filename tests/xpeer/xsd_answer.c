// SPDX-License-Identifier: GPL-2.0-only
/* Wrong answers, to what a process in the guest asks and to what its kernel does. */
#include <stdio.h>
#include "xsd.h"

#define MENDS_MS	20000
#define ENDS_MS		15000	/* a request that has its answer */
#define MORE_MS		4000	/* until the guest asks for more, if it does */
#define MAX_PARTS	1000
#define ANY_STATUS	-1

/* What differs from a right answer; @type 0: the one that was asked for. */
struct answer {
	uint32_t type, id_add, tx_add;
	uint32_t times;		/* 0: once */
	bool right;		/* a right one follows */
	int status;		/* of who asked: 0, 1 or any */
	uint32_t len;
	const char *body;
};

#define TEXT(s)		.len = sizeof(s) - 1, .body = s

static enum verdict answer(struct xsd *x, const struct xsd_request *r, const struct answer *a)
{
	uint32_t type = a->type ?: r->h.type;
	enum verdict v = V_PASS;

	for (uint32_t i = 0; i < (a->times ?: 1) && !v; i++)
		v = xsd_send(x, type, r->h.req_id + a->id_add, r->h.tx_id + a->tx_add, a->body,
			     a->len);
	if (!v && a->right)
		v = xsd_send(x, r->h.type, r->h.req_id, r->h.tx_id, "77", 2);
	return v;
}

/* xenstore-read in the guest. */
static enum verdict run_ask(const struct options *opt, const struct xcase *c)
{
	const struct answer *a = c->data;
	struct xsd_request r;
	struct xsd x;
	int status;
	enum verdict v = xsd_open(&x, opt, c) ?: xsd_stop(&x);

	if (v)
		return v;
	v = xsd_ask(&x, "ask") ?: xsd_next(&x, XS_READ, &r) ?: answer(&x, &r, a) ?:
	    xsd_asked(&x, ENDS_MS, &status);
	if (v)
		return v;
	if (a->status != ANY_STATUS && a->status != status)
		return fail("who asked got status %d instead of %d", status, a->status);
	return xsd_end(&x, MENDS_MS);
}

/* The kernel of the guest looks at its devices, and at control/. */
static enum verdict run_kernel(const struct options *opt, const struct xcase *c)
{
	const struct answer *a = c->data;
	struct xsd_request r;
	struct xsd x;
	enum verdict v = xsd_open(&x, opt, c) ?: xsd_stop(&x);

	if (v)
		return v;
	v = xsd_events(&x, "device") ?: xsd_next(&x, (int)c->arg, &r) ?: answer(&x, &r, a) ?:
	    xsd_taken(&x);
	return v ?: xsd_end(&x, MENDS_MS);
}

/* Of the other end of a device; nothing but the path tells which request that is. */
static enum verdict run_state(const struct options *opt, const struct xcase *c)
{
	static const char state[] = "/state";
	struct xsd_request r;
	struct xsd x;
	enum verdict v = xsd_open(&x, opt, c) ?: xsd_stop(&x) ?: xsd_events(&x, "device");

	v = v ?: xsd_next(&x, XS_READ, &r);
	while (!v && (r.h.len <= sizeof(state) || strcmp(r.body + r.h.len - sizeof(state), state)))
		v = xsd_keep(&x, &r) ?: xsd_next(&x, XS_READ, &r);
	return v ?: answer(&x, &r, c->data) ?: xsd_taken(&x) ?: xsd_end(&x, MENDS_MS);
}

/* A listing too long for a message comes in pieces: @key of the case is each, %u its number. */
static enum verdict run_parts(const struct options *opt, const struct xcase *c)
{
	struct options brief = *opt;
	struct xsd_request r;
	struct xsd x;
	enum verdict v = xsd_open(&x, opt, c) ?: xsd_stop(&x);
	unsigned int nr = 0;

	if (v)
		return v;
	v = xsd_events(&x, "device") ?: xsd_next(&x, XS_DIRECTORY, &r) ?:
	    xsd_send(&x, XS_ERROR, r.h.req_id, 0, "E2BIG", 6);
	if (v)
		return v;
	brief.wait_ms = MORE_MS;
	x.opt = &brief;
	while (nr < MAX_PARTS && !v && xsd_more(&x, XS_DIRECTORY_PART, &r)) {
		char body[64];
		int len;

		nr++;
		len = snprintf(body, sizeof(body), c->key, nr);
		/* In the table a '|' stands for a NUL, which would end the text. */
		for (int i = 0; i < len; i++)
			if (body[i] == '|')
				body[i] = 0;
		v = xsd_send(&x, XS_DIRECTORY_PART, r.h.req_id, 0, body, (uint32_t)len);
	}
	x.opt = opt;
	diag("%u pieces asked for", nr);
	if (v)
		return v;
	if (!nr || nr >= MAX_PARTS)
		return fail("the guest asks for %u pieces of a listing without end", nr);
	return xsd_end(&x, MENDS_MS);
}

#define ASK(n, where, text, ...)					\
	{ .name = n, .site = where, .run = run_ask, .what = text,	\
	  .data = &(const struct answer){ __VA_ARGS__ } }
#define KERNEL(n, where, asked, text, ...)				\
	{ .name = n, .site = where, .run = run_kernel, .arg = asked, .what = text, \
	  .data = &(const struct answer){ __VA_ARGS__ } }
#define STATE_IS(n, text, ...)						\
	{ .name = n, .site = "replies", .run = run_state, .what = text,	\
	  .data = &(const struct answer){ __VA_ARGS__ } }
#define PARTS(n, text, body)						\
	{ .name = n, .site = "bad-reply", .run = run_parts, .what = text, .key = body }

static const struct xcase cases[] = {
	ASK("good", "replies", "an answer as it should be", .status = 0, TEXT("77")),
	ASK("answer-type-write", "bad-type", "the answer to another kind of request",
	    .type = XS_WRITE, .status = 1, TEXT("OK\0")),
	ASK("answer-type-unknown", "bad-type", "an answer of a type that does not exist",
	    .type = 77, .status = 1, TEXT("77")),
	ASK("answer-id-other", "bad-id", "the answer has another number, then the right one",
	    .id_add = 1, .right = true, .status = 0, TEXT("66")),
	ASK("answer-twice", "bad-id", "the same answer twice", .times = 2, .status = 0, TEXT("77")),
	ASK("answer-tx", "bad-transaction", "the answer belongs to a transaction",
	    .tx_add = 4711, .status = 1, TEXT("77")),
	ASK("answer-nuls", "replies", "an answer with NULs in it", .status = 0, TEXT("7\0\0007\0")),
	ASK("answer-empty", "replies", "an answer of no byte", .status = 0),
	ASK("error-no-nul", "errors", "an error whose name does not end",
	    .type = XS_ERROR, .status = 1, TEXT("EACCES")),
	ASK("error-empty", "errors", "an error without a name",
	    .type = XS_ERROR, .status = ANY_STATUS),
	KERNEL("kernel-error-unknown", "unknown-error", XS_DIRECTORY, "an error that nobody knows",
	       .type = XS_ERROR, TEXT("EWEIRD\0")),
	KERNEL("kernel-error-empty", "unknown-error", XS_DIRECTORY, "an error without a name",
	       .type = XS_ERROR),
	KERNEL("kernel-error-long", "unknown-error", XS_DIRECTORY, "an error and more behind it",
	       .type = XS_ERROR, TEXT("EINVALID and more")),
	KERNEL("kernel-type", "bad-type", XS_DIRECTORY, "another type than the kernel asked for",
	       .type = XS_READ, TEXT("vbd\0")),
	KERNEL("names-strange", "replies", XS_DIRECTORY, "directories that nobody can have made",
	       TEXT("\0..\0.\0vbd/1\0%s%n\0v\nbd\0vbd-1\0\0\x80\xff\0vif")),
	KERNEL("names-empty", "replies", XS_DIRECTORY, "a listing of empty names",
	       TEXT("\0\0\0\0\0\0\0\0\0\0\0\0")),
	KERNEL("names-none", "replies", XS_DIRECTORY, "a listing of nothing", .len = 0),
	KERNEL("tx-id-0", "bad-reply", XS_TRANSACTION_START, "transaction 0, which stands for none",
	       TEXT("0\0")),
	KERNEL("tx-id-garbage", "bad-reply", XS_TRANSACTION_START, "a transaction without a number",
	       TEXT("abc\0")),
	KERNEL("tx-id-large", "bad-reply", XS_TRANSACTION_START, "one of more than 32 bits",
	       TEXT("4294967296\0")),
	KERNEL("tx-id-empty", "bad-reply", XS_TRANSACTION_START, "one without anything", .len = 0),
	KERNEL("tx-unknown", "errors", XS_TRANSACTION_START, "one that the store does not know",
	       TEXT("4711\0")),
	STATE_IS("state-large", "the other end is in state 99999", TEXT("99999")),
	STATE_IS("state-negative", "the other end is in state -5", TEXT("-5")),
	STATE_IS("state-garbage", "the state of the other end is no number", TEXT("four\0\0")),
	PARTS("parts-empty", "a piece of nothing that is not the last", "1|"),
	PARTS("parts-open", "a piece whose last name does not end", "1|vbd"),
	PARTS("parts-no-generation", "a piece that belongs to no generation", "|vbd|"),
	PARTS("parts-generation-only", "a generation that does not end", "12345"),
	PARTS("parts-endless", "a name in each piece, and no end", "1|n%u|"),
};

const struct case_table xsd_answer_table = { cases, ARRAY_SIZE(cases) };
