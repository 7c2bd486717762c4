// SPDX-License-Identifier: GPL-2.0-only
/*
 * A key of the frontend that is missing, garbage or absurd. The backend has to refuse it with an
 * error text and close; afterwards a right connection has to work.
 */
#include <stdio.h>
#include <string.h>

#include "front.h"

/* A reference of ours, or -errno. It lives until this process ends. */
static long long granted(unsigned int domid, bool writable)
{
	static struct grant_area a;
	int err = grant_alloc(&a, domid, 1, writable);

	return err ? err : (long long)a.ref[0];
}

/* Values that are known at run time only are given by a name that starts with '@'. */
static enum verdict make_value(struct front *f, const char **value, char *buf, size_t size)
{
	const char *name = *value;
	long long n;
	uint32_t ref;
	int port;

	if (!name || *name != '@')
		return V_PASS;
	*value = buf;
	f->kind->first(f, &ref, &port);
	if (!strcmp(name, "@huge")) {
		/* As long as the store takes it, of digits. */
		memset(buf, '9', 2000);
		buf[2000] = 0;
		return V_PASS;
	}
	if (!strcmp(name, "@max+1"))
		n = 1 + (long long)store_number(&f->store, f->back, "multi-queue-max-queues", 1);
	else if (!strcmp(name, "@other-port"))
		n = evtchn_alloc(&f->evtchn, f->back_id + 1);
	else if (!strcmp(name, "@same-port"))
		n = port;
	else if (!strcmp(name, "@same-ring"))
		n = ref;
	else if (!strcmp(name, "@ro-ring"))
		n = granted(f->back_id, false);
	else if (!strcmp(name, "@other-ring"))
		n = granted(f->back_id + 1, true);
	else
		return broken("no maker for %s", name);
	if (n < 0)
		return broken("no value for %s: %s", name, strerror((int)-n));
	snprintf(buf, size, "%lld", n);
	return V_PASS;
}

static enum verdict judge(struct front *f, const struct xcase *c)
{
	int state = front_answer(f);

	diag("backend: %s", state_name(state));
	if (state < 0)
		return fail("backend neither connects nor closes within %u ms", f->opt->wait_ms);
	if (!(c->flags & CASE_EITHER) && (c->flags & CASE_FATAL) && state == XB_CONNECTED)
		return fail("backend connects");
	return V_PASS;
}

enum verdict front_try_key(struct front *f, const struct xcase *c)
{
	static char buf[XS_PAYLOAD_MAX];
	struct store_key key = { c->key, c->value };

	return f->kind->prepare(f) ?: make_value(f, &key.value, buf, sizeof(buf)) ?:
	       front_publish(f, &key, 1) ?: judge(f, c) ?: front_recover(f);
}
