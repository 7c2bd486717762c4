/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parsers of xenstored's messages in private memory: pure functions, also for
 * the unit tests.
 */
#ifndef XENBUS_WIRE_H
#define XENBUS_WIRE_H

#include <xenpv/types.h>
#include <xen/interface/io/xs_wire.h>

/**
 * struct xswire_event - a watch event, pointing into the message
 * @path:  the path that changed
 * @token: the token of the watch
 */
struct xswire_event {
	const char *path;
	const char *token;
};

/**
 * struct xswire_part - a piece of a long directory, pointing into the message
 * @gen:  text that changes when the directory changes
 * @list: NUL-terminated names
 * @len:  bytes of @list
 * @last: nothing follows
 */
struct xswire_part {
	const char *gen;
	const char *list;
	u32 len;
	bool last;
};

/**
 * struct xswire_sync - search for a reply in a stream of unknown phase
 * @head:   the last bytes seen
 * @got:    number of these bytes, at most sizeof(@head)
 * @req_id: id of the request
 * @type:   type of the request
 */
struct xswire_sync {
	struct xsd_sockmsg head;
	u32 got;
	u32 req_id;
	u32 type;
};

int xswire_fill(u32 prod, u32 cons);
bool xswire_head_ok(const struct xsd_sockmsg *head);
int xswire_errno(const char *text, u32 len);
const char *xswire_error(int err);
int xswire_event(const char *body, u32 len, struct xswire_event *ev);
int xswire_pair(const char *body, u32 len, const char **first,
		const char **second);
int xswire_id(const char *text, u32 len, u32 *id);
int xswire_token(const char *text, u32 *token);
u32 xswire_names(const char *list, u32 len);
void xswire_split(char *list, u32 len, char **names);
int xswire_part(const char *body, u32 len, struct xswire_part *part);
bool xswire_sync(struct xswire_sync *s, u8 byte);

#endif
