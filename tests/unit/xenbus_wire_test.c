// SPDX-License-Identifier: GPL-2.0-only
/* Messages of xenstored, also of one that lies. */
#include <stdlib.h>
#include <string.h>
#include "ktap.h"
#include "../../xenbus/store/wire.c"

/* A copy without a byte to spare, so that ASAN sees what reads behind it. */
static char *exact(const char *bytes, u32 len)
{
	char *copy = malloc(len ? len : 1);

	memcpy(copy, bytes, len);
	return copy;
}

static void indices(void)
{
	check_eq(xswire_fill(0, 0), 0);
	check_eq(xswire_fill(1024, 0), 1024);
	check_eq(xswire_fill(5, 0xfffffffb), 10);
	check_eq(xswire_fill(1025, 0), -EPROTO);
	check_eq(xswire_fill(0, 1), -EPROTO);
	check_eq(xswire_fill(0x80000000, 0), -EPROTO);
}

static void lengths(void)
{
	struct xsd_sockmsg head = { .len = XENSTORE_PAYLOAD_MAX };

	check(xswire_head_ok(&head));
	head.len++;
	check(!xswire_head_ok(&head));
	head.len = ~0U;
	check(!xswire_head_ok(&head));
}

static void errors(void)
{
	char *open = exact("ENOENT", 6), *cut = exact("EAG", 3);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(xsd_errors); i++) {
		const char *text = xsd_errors[i].errstring;

		check_eq(xswire_errno(text, strlen(text) + 1), -xsd_errors[i].errnum);
		check(!strcmp(xswire_error(-xsd_errors[i].errnum), text));
	}
	check_eq(xswire_errno("ENOENT", 7), -ENOENT);
	check_eq(xswire_errno("EAGAIN", 7), -EAGAIN);
	check_eq(xswire_errno("ENOENTRY", 9), 0);
	check_eq(xswire_errno("", 0), 0);
	check_eq(xswire_errno("", 1), 0);
	check_eq(xswire_errno(open, 6), -ENOENT);
	check_eq(xswire_errno(cut, 3), 0);
	check(!strcmp(xswire_error(-EAGAIN), "EAGAIN"));
	check(!strcmp(xswire_error(-ETIMEDOUT), "EIO"));
	free(open);
	free(cut);
}

static int event(const char *bytes, u32 len, struct xswire_event *ev)
{
	char *copy = exact(bytes, len);
	int err = xswire_event(copy, len, ev);

	if (!err) {
		check(ev->path == copy);
		check(ev->token + strlen(ev->token) < copy + len);
	}
	free(copy);
	return err;
}

static void events(void)
{
	struct xswire_event ev;

	check_eq(event("device/vbd\0001f", 14, &ev), 0);
	check_eq(xswire_event("a\0b", 4, &ev), 0);
	check(!strcmp(ev.path, "a") && !strcmp(ev.token, "b"));
	check_eq(event("a\0\0", 3, &ev), 0);
	check_eq(event("a\0b\0more\0", 9, &ev), 0);
	check_eq(event("", 0, &ev), -EINVAL);
	check_eq(event("\0b\0", 3, &ev), -EINVAL);
	check_eq(event("a", 1, &ev), -EINVAL);
	check_eq(event("a\0", 2, &ev), -EINVAL);
	check_eq(event("a\0b", 3, &ev), -EINVAL);
}

static void transactions(void)
{
	u32 id = 77;

	check_eq(xswire_id("1", 2, &id), 0);
	check_eq(id, 1);
	check_eq(xswire_id("4294967295", 11, &id), 0);
	check_eq(id, 4294967295);
	check_eq(xswire_id("12", 2, &id), 0);
	check_eq(id, 12);
	check_eq(xswire_id("0", 2, &id), -EINVAL);
	check_eq(xswire_id("", 1, &id), -EINVAL);
	check_eq(xswire_id("", 0, &id), -EINVAL);
	check_eq(xswire_id("-1", 3, &id), -EINVAL);
	check_eq(xswire_id("1f", 3, &id), -EINVAL);
	check_eq(xswire_id("4294967296", 11, &id), -ERANGE);
	check_eq(xswire_id("99999999999999999999", 21, &id), -ERANGE);
	check_eq(id, 12);
}

static void tokens(void)
{
	u32 token = 77;

	check_eq(xswire_token("1f", &token), 0);
	check_eq(token, 0x1f);
	check_eq(xswire_token("9a0b", &token), 0);
	check_eq(token, 0x9a0b);
	check_eq(xswire_token("ffffffff", &token), 0);
	check_eq(xswire_token("", &token), -EINVAL);
	check_eq(xswire_token("1F", &token), -EINVAL);
	check_eq(xswire_token("0x1", &token), -EINVAL);
	check_eq(xswire_token("1`", &token), -EINVAL);
	check_eq(xswire_token("1W", &token), -EINVAL);
	check_eq(xswire_token("1g", &token), -EINVAL);
	check_eq(xswire_token("FFFF888100000000", &token), -EINVAL);
	check_eq(xswire_token("100000000", &token), -ERANGE);
}

static void listings(void)
{
	char list[] = "768\0\0suspend", two[] = "a\0b", *names[3];

	check_eq(xswire_names("", 0), 0);
	check_eq(xswire_names("", 1), 1);
	check_eq(xswire_names("a\0b", 4), 2);
	check_eq(xswire_names("a\0b", 3), 2);
	check_eq(xswire_names(list, 12), 3);
	xswire_split(list, 12, names);
	check(!strcmp(names[0], "768"));
	check(!strcmp(names[1], ""));
	check(!strcmp(names[2], "suspend"));
	/* as many as xswire_names() says, whether or not a NUL ends the last */
	names[2] = NULL;
	xswire_split(two, 4, names);
	check(!strcmp(names[0], "a"));
	check(!strcmp(names[1], "b"));
	check(!names[2]);
}

static int part(const char *bytes, u32 len, struct xswire_part *p)
{
	char *copy = exact(bytes, len);
	int err = xswire_part(copy, len, p);

	if (!err) {
		check(p->gen == copy);
		check(p->list == copy + strlen(copy) + 1);
	}
	free(copy);
	return err;
}

static void parts(void)
{
	struct xswire_part p;

	check_eq(part("7\0a\0bc\0", 7, &p), 0);
	check_eq(p.len, 5);
	check(!p.last);
	check_eq(part("7\0a\0bc\0\0", 8, &p), 0);
	check_eq(p.len, 5);
	check(p.last);
	check_eq(part("7\0\0", 3, &p), 0);
	check_eq(p.len, 0);
	check(p.last);
	/* What follows the end does not count. */
	check_eq(part("7\0a\0\0b\0", 7, &p), 0);
	check_eq(p.len, 2);
	check(p.last);
	/* No progress and no end would be a loop for ever. */
	check_eq(part("7\0", 2, &p), -EINVAL);
	check_eq(part("7", 1, &p), -EINVAL);
	check_eq(part("", 0, &p), -EINVAL);
	check_eq(part("\0a\0", 3, &p), -EINVAL);
	check_eq(part("7\0a", 3, &p), -EINVAL);
}

static bool feed(struct xswire_sync *s, const void *bytes, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (xswire_sync(s, ((const u8 *)bytes)[i]))
			return i == len - 1;
	return false;
}

static void in_step(void)
{
	struct xsd_sockmsg reply = {
		.type = XS_RESET_WATCHES, .req_id = 0xabcd1234, .len = 3,
	};
	struct xswire_sync s = {
		.type = XS_RESET_WATCHES, .req_id = 0xabcd1234,
	};

	check(feed(&s, &reply, sizeof(reply)));

	/* In the middle of somebody else's message, and of a header of ours. */
	s.got = 0;
	check(!feed(&s, "x/state\0token", 14));
	check(!feed(&s, &reply, 9));
	reply.type = XS_ERROR;
	check(feed(&s, &reply, sizeof(reply)));
	check_eq(s.head.len, 3);
}

static void out_of_step(void)
{
	static const struct xsd_sockmsg wrong[] = {
		{ .type = XS_READ, .req_id = 5 },
		{ .type = XS_RESET_WATCHES, .req_id = 6 },
		{ .type = XS_RESET_WATCHES, .req_id = 5, .tx_id = 1 },
		{ .type = XS_RESET_WATCHES, .req_id = 5, .len = 4097 },
	};
	struct xswire_sync s = { .type = XS_RESET_WATCHES, .req_id = 5 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		check(!feed(&s, &wrong[i], sizeof(wrong[i])));
}

static const struct ktap_case cases[] = {
	{ "ring indices", indices },
	{ "message lengths", lengths },
	{ "error names", errors },
	{ "watch events", events },
	{ "transaction numbers", transactions },
	{ "tokens", tokens },
	{ "listings", listings },
	{ "parts of a long listing", parts },
	{ "finding the first reply", in_step },
	{ "what is not the first reply", out_of_step },
};

KTAP_MAIN(cases)
