// SPDX-License-Identifier: GPL-2.0-only
/* Messages that nobody asked for. */
#include "xsd.h"

#define FLOOD_ROUNDS	300

#define MENDS_MS	20000	/* a connection that begins anew */

/* @len is what the header says, @size what there is. */
struct message {
	uint32_t type, id, tx, len, size;
	const char *body;
};

#define BODY(s)		.len = sizeof(s) - 1, .size = sizeof(s) - 1, .body = s

static enum verdict run_message(const struct options *opt, const struct xcase *c)
{
	const struct message *m = c->data;
	struct xs_header h = { m->type, m->id, m->tx, m->len };
	struct xsd x;
	enum verdict v = xsd_open(&x, opt, c) ?: xsd_stop(&x);

	if (v)
		return v;
	v = xsd_put(&x, &h, sizeof(h)) ?: xsd_put(&x, m->body, m->size) ?: xsd_taken(&x);
	return v ?: xsd_end(&x, (unsigned int)c->arg ?: MENDS_MS);
}

static enum verdict run_half_head(const struct options *opt, const struct xcase *c)
{
	struct xsd x;
	enum verdict v = xsd_open(&x, opt, c) ?: xsd_stop(&x);

	return v ?: xsd_put(&x, "\017\0\0", 3) ?: xsd_taken(&x) ?: xsd_end(&x, MENDS_MS);
}

/* A path as long as a message can carry; for whoever has a watch. */
static enum verdict run_long_path(const struct options *opt, const struct xcase *c)
{
	char path[XS_PAYLOAD_MAX - 4];
	struct xsd x;
	enum verdict v = xsd_open(&x, opt, c) ?: xsd_stop(&x);

	memset(path, 'p', sizeof(path));
	memcpy(path, c->key, strlen(c->key));
	path[sizeof(path) - 1] = 0;
	return v ?: xsd_events(&x, path) ?: xsd_taken(&x) ?: xsd_end(&x, MENDS_MS);
}

/* More events than a watch keeps; their callbacks wait for answers meanwhile. */
static enum verdict run_flood(const struct options *opt, const struct xcase *c)
{
	struct xsd x;
	enum verdict v = xsd_open(&x, opt, c) ?: xsd_stop(&x);

	for (unsigned int i = 0; i < FLOOD_ROUNDS && !v; i++)
		v = xsd_events(&x, c->key);
	return v ?: xsd_taken(&x) ?: xsd_end(&x, MENDS_MS * 2);
}

#define MESSAGE(n, where, text, ...)					\
	{ .name = n, .site = where, .run = run_message, .what = text,	\
	  .data = &(const struct message){ __VA_ARGS__ } }

static const struct xcase cases[] = {
	MESSAGE("type-unknown", "bad-id", "a message of a type that does not exist",
		.type = 77, .id = 0x7ffffff0, BODY("x\0")),
	MESSAGE("type-max", "bad-id", "the largest type", .type = ~0U, .id = ~0U, BODY("")),
	MESSAGE("id-unknown", "bad-id", "an answer to nobody's question",
		.type = XS_READ, .id = 0x7ffffff0, BODY("1\0")),
	MESSAGE("id-0", "bad-id", "an answer with the number that no request has",
		.type = XS_READ, BODY("1\0")),
	MESSAGE("id-unknown-tx", "bad-id", "and of a transaction that nobody began",
		.type = XS_READ, .id = 0x7ffffff0, .tx = 4711, BODY("1\0")),
	MESSAGE("error-unknown-id", "bad-id", "an error for nobody",
		.type = XS_ERROR, .id = 0x7ffffff0, BODY("EINVAL\0")),
	MESSAGE("len-4097", "bad-length", "a message longer than messages are",
		.type = XS_READ, .id = 1, .len = XS_PAYLOAD_MAX + 1),
	MESSAGE("len-4g", "bad-length", "a message of 4 GiB less a byte",
		.type = XS_WATCH_EVENT, .len = ~0U),
	MESSAGE("event-empty", "bad-event", "an event without anything", .type = XS_WATCH_EVENT),
	MESSAGE("event-one-string", "bad-event", "an event without a token",
		.type = XS_WATCH_EVENT, BODY("device\0")),
	MESSAGE("event-open", "bad-event", "an event whose path does not end",
		.type = XS_WATCH_EVENT, BODY("device")),
	MESSAGE("event-open-token", "bad-event", "an event whose token does not end",
		.type = XS_WATCH_EVENT, BODY("device\0001")),
	MESSAGE("event-no-path", "bad-event", "an event with an empty path",
		.type = XS_WATCH_EVENT, BODY("\0001\0")),
	MESSAGE("event-nuls", "bad-event", "an event of nothing but NULs",
		.type = XS_WATCH_EVENT, BODY("\0\0\0\0\0\0\0\0")),
	MESSAGE("token-empty", "unknown-token", "an event with an empty token",
		.type = XS_WATCH_EVENT, BODY("device\0\0")),
	MESSAGE("token-garbage", "unknown-token", "an event with a token that is no number",
		.type = XS_WATCH_EVENT, BODY("device\0%s%n\0")),
	MESSAGE("token-large", "unknown-token", "an event with a token of more than 32 bits",
		.type = XS_WATCH_EVENT, BODY("device\000123456789a\0")),
	MESSAGE("token-unknown", "unknown-token", "an event with a token that is not ours",
		.type = XS_WATCH_EVENT, BODY("device\0ffffff\0")),
	{ .name = "path-long", .site = "events", .run = run_long_path, .key = "device/vbd/",
	  .what = "events with a path of 4 KiB" },
	{ .name = "path-long-elsewhere", .site = "events", .run = run_long_path, .key = "/",
	  .what = "the same outside of what is watched" },
	{ .name = "flood", .site = "events-merged", .run = run_flood, .key = "control/shutdown",
	  .what = "thousands of events for each watch: bounded, and one stands for the rest" },
	{ .name = "flood-device", .site = "events-merged", .run = run_flood, .key = "device",
	  .what = "the same for the bus" },
	{ .name = "half-head", .site = "bad-length", .run = run_half_head,
	  .what = "three bytes of a header, then whole messages" },
	{ .name = "half-body", .site = "half-message", .run = run_message, .arg = 100000,
	  .data = &(const struct message){ .type = XS_READ, .id = 7, .len = 4000, .size = 2,
					   .body = "ab" },
	  .what = "less of a message than its header says" },
};

const struct case_table xsd_message_table = { cases, ARRAY_SIZE(cases) };
