// SPDX-License-Identifier: GPL-2.0-only
/* A key of the backend or of the toolstack that is missing, garbage or absurd. */
#include "back.h"

static enum verdict refused(struct back *b, const struct xcase *c)
{
	char text[STORE_DIR * 2];
	bool told = !store_read(&b->store, 0, b->error, "error", text, sizeof(text));

	if (!(c->flags & (CASE_FATAL | CASE_EITHER)))
		return fail("frontend closes%s%s", told ? ": " : "", told ? text : "");
	if (told)
		diag("error node: %s", text);
	else if (c->flags & CASE_FATAL)
		return fail("no text in %s/error", b->error);
	if (back_withdraw(b) < 0)
		return fail("frontend stays at %s", state_name(state_get(&b->store, b->front)));
	state_set(&b->store, b->dir, XB_CLOSED);
	back_vanish(b);
	return back_recover(b);
}

static enum verdict accepted(struct back *b, const struct xcase *c)
{
	b->kind->accepted(b);
	if (c->flags & CASE_FATAL)
		return fail("frontend connects");
	/* What was accepted has to work, if it is a device at all. */
	return (c->flags & CASE_EITHER ? V_PASS : back_use(b)) ?: back_stop(b);
}

enum verdict back_run_key(const struct options *opt, const struct xcase *c)
{
	struct back *b = opt->role->back->device;
	struct store_key key = { c->key, c->value };
	enum verdict v = back_open(b, opt, c);
	int state;

	b->keys = &key;
	b->nr_keys = 1;
	v = v ?: back_create(b) ?: back_offer(b);
	if (v)
		return v;
	state = back_wait_answer(b);
	if (state == XB_CLOSING || state == XB_CLOSED)
		return refused(b, c);
	if (state < 0)
		return fail("frontend neither answers nor closes within %u ms", opt->wait_ms);
	v = b->kind->attach(b) ?: back_announce(b);
	if (v)
		return v;
	state = back_wait_connected(b);
	if (state < 0)
		return fail("frontend neither connects nor closes within %u ms", opt->wait_ms);
	return state == XB_CONNECTED ? accepted(b, c) : refused(b, c);
}
