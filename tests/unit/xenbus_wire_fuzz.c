// SPDX-License-Identifier: GPL-2.0-only
/* Any body, taken as every kind of message: what comes out lies within it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../xenbus/store/wire.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int cond)
{
	if (!cond)
		abort();
}

static void fuzz_strings(const char *body, u32 len)
{
	struct xswire_event ev;
	u32 id = 0;

	if (!xswire_event(body, len, &ev)) {
		need(ev.path == body && *ev.path);
		need(ev.token == body + strlen(body) + 1);
		need(ev.token + strlen(ev.token) < body + len);
		if (!xswire_token(ev.token, &id))
			need(strlen(ev.token) > 0);
	}
	id = 0;
	need(!xswire_id(body, len, &id) == !!id);
	need(xswire_errno(body, len) <= 0);
}

static void fuzz_listing(const char *body, u32 len)
{
	u32 nr = xswire_names(body, len), i, sum = 0;
	char **names = malloc((nr + 1) * sizeof(*names));
	char *list = malloc(len + 1);

	memcpy(list, body, len);
	list[len] = '\0';
	names[nr] = NULL;
	xswire_split(list, len, names);
	need(!names[nr]);
	for (i = 0; i < nr; i++) {
		need(names[i] == list + sum);
		sum += strlen(names[i]) + 1;
	}
	need(sum == len || sum == len + 1);
	free(list);
	free(names);
}

static void fuzz_part(const char *body, u32 len)
{
	struct xswire_part part;
	u32 i;

	if (xswire_part(body, len, &part))
		return;
	need(part.last || part.len);
	need(part.gen == body && part.list + part.len <= body + len);
	need(!part.len || !part.list[part.len - 1]);
	for (i = 0; i < part.len; i += strlen(part.list + i) + 1)
		need(part.list[i]);
}

static void fuzz_stream(const uint8_t *data, size_t size)
{
	struct xswire_sync s = { .type = XS_RESET_WATCHES, .req_id = 0x41424344 };
	size_t i;

	for (i = 0; i < size; i++) {
		if (!xswire_sync(&s, data[i]))
			continue;
		need(i >= 15 && !memcmp(&s.head, data + i - 15, 16));
		need(xswire_head_ok(&s.head) && s.head.req_id == s.req_id);
		return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *body = (const char *)data;

	if (size > XENSTORE_PAYLOAD_MAX)
		return 0;
	fuzz_strings(body, size);
	fuzz_listing(body, size);
	fuzz_part(body, size);
	fuzz_stream(data, size);
	return 0;
}
