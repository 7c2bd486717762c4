// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parsers of xenstored's messages. Nothing here accesses shared memory, and no
 * content is trusted: a body is @len bytes, any of which may be NUL. No kernel
 * calls: tests/unit compiles this file, too.
 */
#ifdef __KERNEL__
#include <linux/kernel.h>
#else
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif
#include "wire.h"

/**
 * xswire_fill() - number of bytes in a ring
 * @prod: producer's index, free running
 * @cons: consumer's index, free running
 *
 * Return: 0..XENSTORE_RING_SIZE, or -EPROTO if the indices are impossible.
 */
int xswire_fill(u32 prod, u32 cons)
{
	u32 fill = prod - cons;

	return fill <= XENSTORE_RING_SIZE ? (int)fill : -EPROTO;
}

/**
 * xswire_head_ok() - test whether the message of a header can be read
 * @head: private copy
 *
 * If it cannot, it is unknown where the next message begins.
 *
 * Return: true if so.
 */
bool xswire_head_ok(const struct xsd_sockmsg *head)
{
	return head->len <= XENSTORE_PAYLOAD_MAX;
}

static bool xswire_same(const char *text, u32 len, const char *name)
{
	return strnlen(text, len) == strlen(name) &&
	       !memcmp(text, name, strlen(name));
}

/**
 * xswire_errno() - translate an XS_ERROR
 * @text: its body
 * @len:  bytes of @text
 *
 * Return: negative errno; 0 for an unknown name.
 */
int xswire_errno(const char *text, u32 len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(xsd_errors); i++)
		if (xswire_same(text, len, xsd_errors[i].errstring))
			return -xsd_errors[i].errnum;
	return 0;
}

/**
 * xswire_error() - the name of an error, for a reply to user space
 * @err: negative errno
 *
 * Return: static string.
 */
const char *xswire_error(int err)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(xsd_errors); i++)
		if (xsd_errors[i].errnum == -err)
			return xsd_errors[i].errstring;
	return "EIO";
}

/**
 * xswire_pair() - split off the first two strings of a body
 * @body:   message
 * @len:    bytes of @body
 * @first:  result, not empty
 * @second: result
 *
 * Both are NUL-terminated within the body. Data behind them belongs to newer
 * protocols.
 *
 * Return: 0 or -EINVAL.
 */
int xswire_pair(const char *body, u32 len, const char **first,
		const char **second)
{
	u32 a = strnlen(body, len), b;

	if (!a || a == len)
		return -EINVAL;
	b = strnlen(body + a + 1, len - a - 1);
	if (a + 1 + b == len)
		return -EINVAL;
	*first = body;
	*second = body + a + 1;
	return 0;
}

/**
 * xswire_event() - parse a watch event
 * @body: message
 * @len:  bytes of @body
 * @ev:   result
 *
 * Return: 0 or -EINVAL.
 */
int xswire_event(const char *body, u32 len, struct xswire_event *ev)
{
	return xswire_pair(body, len, &ev->path, &ev->token);
}

static int xswire_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 16;
}

static int xswire_number(const char *text, u32 len, u32 base, u32 *val)
{
	u64 v = 0;
	u32 i;

	if (!len)
		return -EINVAL;
	for (i = 0; i < len; i++) {
		u32 digit = xswire_digit(text[i]);

		if (digit >= base)
			return -EINVAL;
		v = v * base + digit;
		if (v > 0xffffffff)
			return -ERANGE;
	}
	*val = v;
	return 0;
}

/**
 * xswire_id() - parse the number of a new transaction
 * @text: reply to XS_TRANSACTION_START
 * @len:  bytes of @text
 * @id:   result, never 0, which means no transaction
 *
 * Return: 0, -EINVAL or -ERANGE.
 */
int xswire_id(const char *text, u32 len, u32 *id)
{
	u32 v;
	int err = xswire_number(text, strnlen(text, len), 10, &v);

	if (!err && !v)
		err = -EINVAL;
	if (!err)
		*id = v;
	return err;
}

/**
 * xswire_token() - parse one of our tokens
 * @text:  NUL-terminated
 * @token: result
 *
 * Return: 0, -EINVAL or -ERANGE.
 */
int xswire_token(const char *text, u32 *token)
{
	return xswire_number(text, strlen(text), 16, token);
}

/**
 * xswire_names() - count the names in a listing
 * @list: NUL-terminated names; the last one may lack the NUL
 * @len:  bytes of @list
 *
 * Return: the number.
 */
u32 xswire_names(const char *list, u32 len)
{
	u32 i, nr = 0;

	for (i = 0; i < len; i++)
		nr += !list[i];
	return nr + (len && list[len - 1]);
}

/**
 * xswire_split() - split a listing into names
 * @list:  as for xswire_names(), with an additional NUL behind its @len bytes
 * @len:   bytes of @list
 * @names: room for xswire_names() pointers into @list
 */
void xswire_split(char *list, u32 len, char **names)
{
	u32 at = 0, nr = 0;

	while (at < len) {
		names[nr++] = list + at;
		at += strnlen(list + at, len - at) + 1;
	}
}

/**
 * xswire_part() - parse a reply to XS_DIRECTORY_PART
 * @body: generation, NUL, NUL-terminated names; an empty name ends the list
 * @len:  bytes of @body
 * @part: result
 *
 * Return: 0; -EINVAL if it is invalid, or if it has no name and is not the end.
 */
int xswire_part(const char *body, u32 len, struct xswire_part *part)
{
	u32 gen = strnlen(body, len), at;

	if (!gen || gen == len)
		return -EINVAL;
	part->gen = body;
	part->list = body + gen + 1;
	part->len = len - gen - 1;
	if (!part->len || part->list[part->len - 1])
		return -EINVAL;

	part->last = false;
	for (at = 0; at < part->len && !part->last;) {
		u32 name = strnlen(part->list + at, part->len - at);

		part->last = !name;
		if (name)
			at += name + 1;
	}
	part->len = at;
	return 0;
}

/**
 * xswire_sync() - search for a reply in a stream that may begin anywhere
 * @s:    state of the search; @s->got is 0 at first
 * @byte: next byte of the stream
 *
 * Firmware, a kernel that crashed or a malicious server may leave half a
 * message in the ring. The reply to a request with a random number shows where
 * messages begin.
 *
 * Return: true once, when @s->head is the reply's header.
 */
bool xswire_sync(struct xswire_sync *s, u8 byte)
{
	u8 *head = (u8 *)&s->head;

	if (s->got == sizeof(s->head)) {
		memmove(head, head + 1, sizeof(s->head) - 1);
		s->got--;
	}
	head[s->got++] = byte;
	return s->got == sizeof(s->head) && s->head.req_id == s->req_id &&
	       (s->head.type == s->type || s->head.type == XS_ERROR) &&
	       !s->head.tx_id && xswire_head_ok(&s->head);
}
