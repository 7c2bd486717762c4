// SPDX-License-Identifier: GPL-2.0-only
/* What else is in the page: indices and the words of the connection. And silence, and noise. */
#include "xsd.h"

#define MENDS_MS	20000
#define RETRY_MS	130000	/* the guest looks for the store again each minute */
#define NO_ANSWER_MS	30000	/* request_timeout of the guest is 10 s then */
#define RESET_ID	0x7ffffff0

enum index { RSP_FAR, RSP_MAX, RSP_BACK, REQ_AHEAD, REQ_BEHIND };

/* The guest goes on from where we say that we are. */
static enum verdict adopted(struct xsd *x, volatile uint32_t *index, uint32_t bad, uint32_t more)
{
	uint64_t end = now_ms() + x->opt->wait_ms;

	while (*index - bad > more) {
		if (now_ms() > end)
			return fail("the guest does not mind an index of %u", bad);
		sleep_ms(1);
	}
	return V_PASS;
}

static enum verdict run_index(const struct options *opt, const struct xcase *c)
{
	volatile struct xs_page *p;
	struct xsd x;
	enum verdict v = xsd_open(&x, opt, c) ?: xsd_stop(&x);
	uint32_t bad;
	int status;

	if (v)
		return v;
	p = x.page;
	switch (c->arg) {
	case RSP_FAR:
		bad = p->rsp_prod + XS_RING_BYTES + 1;
		break;
	case RSP_MAX:
		bad = p->rsp_prod + 0x80000000;
		break;
	case RSP_BACK:
		bad = p->rsp_prod - 10;
		break;
	case REQ_AHEAD:
		bad = p->req_prod + 10;
		break;
	default:
		bad = p->req_prod - XS_RING_BYTES - 1;
		break;
	}
	if (c->arg < REQ_AHEAD) {
		p->rsp_prod = bad;
		xsd_notify(&x);
		v = adopted(&x, &p->rsp_cons, bad, 0);
	} else {
		/* It shows when there is something to write. */
		p->req_cons = bad;
		v = xsd_ask(&x, "ask") ?: adopted(&x, &p->req_prod, bad, XS_RING_BYTES);
	}
	if (!v)
		v = xsd_go(&x);
	if (!v && x.io.pid)
		v = xsd_asked(&x, NO_ANSWER_MS, &status);
	return v ?: xsd_end(&x, MENDS_MS);
}

/* A message that makes the guest begin anew. */
static enum verdict make_reset(struct xsd *x)
{
	struct xs_header h = { .type = XS_READ, .req_id = RESET_ID, .len = ~0U };

	return xsd_put(x, &h, sizeof(h));
}

static enum verdict wait_reconnect(struct xsd *x)
{
	uint64_t end = now_ms() + x->opt->wait_ms;

	while (x->page->connection != XS_RECONNECT) {
		if (now_ms() > end)
			return fail("the guest does not ask for a new connection");
		sleep_ms(1);
	}
	return V_PASS;
}

static enum verdict run_reconnect(const struct options *opt, const struct xcase *c)
{
	struct xsd_request r;
	struct xsd x;
	enum verdict v = xsd_open(&x, opt, c) ?: xsd_stop(&x);

	if (v)
		return v;
	x.page->features = x.features | XS_FEATURE_RECONNECT;
	v = make_reset(&x) ?: wait_reconnect(&x);
	if (!v && c->arg) {
		x.page->req_cons = x.page->req_prod = 0;
		x.page->rsp_cons = x.page->rsp_prod = 0;
		__sync_synchronize();
		x.page->connection = XS_CONNECTED;
		xsd_notify(&x);
		v = xsd_next(&x, -1, &r);
		if (!v && r.h.type != XS_RESET_WATCHES)
			v = fail("first comes a request of type %u", r.h.type);
		v = v ?: xsd_keep(&x, &r);
	}
	x.page->features = x.features;
	v = v ?: xsd_end(&x, c->arg ? MENDS_MS : MENDS_MS * 3);
	if (!v && x.page->connection != XS_CONNECTED)
		v = fail("the wish for a new connection is still there");
	return v;
}

/* While all is well nobody looks at this word. */
static enum verdict run_connection(const struct options *opt, const struct xcase *c)
{
	struct xsd x;
	enum verdict v = xsd_open(&x, opt, c);

	if (v)
		return v;
	x.page->connection = 0xdeadbeef;
	x.page->features = ~(uint32_t)(XS_FEATURE_RECONNECT | XS_FEATURE_ERROR);
	x.page->error = 0xdeadbeef;
	xsd_notify(&x);
	sleep_ms(500);
	v = xsd_end(&x, MENDS_MS);
	x.page->connection = XS_CONNECTED;
	x.page->features = x.features;
	x.page->error = 0;
	return v;
}

/* Requests fail at once while the guest has no connection. */
static enum verdict is_down(struct xsd *x)
{
	uint64_t end = now_ms() + NO_ANSWER_MS * 2;
	enum verdict v;
	uint64_t begin;
	int status;

	do {
		begin = now_ms();
		if (begin > end)
			return fail("requests do not fail at once");
		v = xsd_ask(x, "ask") ?: xsd_asked(x, NO_ANSWER_MS, &status);
	} while (!v && (!status || now_ms() - begin > 4000));
	return v;
}

static enum verdict run_down(const struct options *opt, const struct xcase *c)
{
	struct xsd x;
	enum verdict v = xsd_open(&x, opt, c) ?: xsd_stop(&x);

	if (v)
		return v;
	if (c->arg) {
		x.page->features = x.features | XS_FEATURE_ERROR;
		x.page->error = (uint32_t)c->arg;
		xsd_notify(&x);
	} else {
		x.page->connection = 0xdeadbeef;
		v = make_reset(&x);
	}
	v = v ?: is_down(&x);
	x.page->connection = XS_CONNECTED;
	x.page->error = 0;
	x.page->features = x.features;
	return v ?: xsd_end(&x, RETRY_MS);
}

/* Nobody answers for a while. */
static enum verdict run_mute(const struct options *opt, const struct xcase *c)
{
	struct xsd x;
	enum verdict v = xsd_open(&x, opt, c) ?: xsd_stop(&x);
	int status = 0;

	v = v ?: xsd_ask(&x, "ask") ?: xsd_asked(&x, NO_ANSWER_MS, &status);
	if (!v && !status)
		v = fail("a request without an answer succeeds");
	return v ?: xsd_end(&x, MENDS_MS);
}

/* Requests are taken and never answered, until nothing is possible any more. */
static enum verdict run_swallow(const struct options *opt, const struct xcase *c)
{
	struct options brief = *opt;
	struct xsd_request r;
	struct xsd x;
	enum verdict v = xsd_open(&x, opt, c) ?: xsd_stop(&x);
	unsigned int nr = 0;

	if (v)
		return v;
	v = xsd_ask(&x, "many");
	/* The first request of the new connection is for the real server. */
	while (!v && xsd_more(&x, -1, &r)) {
		if (r.h.type == XS_RESET_WATCHES) {
			diag("%u requests swallowed", nr);
			return xsd_keep(&x, &r) ?: xsd_end(&x, MENDS_MS * 2);
		}
		nr++;
		brief.wait_ms = NO_ANSWER_MS;
		x.opt = &brief;
	}
	return v ?: fail("%u requests swallowed, and no new connection", nr);
}

static enum verdict run_storm(const struct options *opt, const struct xcase *c)
{
	struct xsd x;
	enum verdict v = xsd_open(&x, opt, c);
	unsigned long nr = 0;
	uint64_t end;
	int status;

	if (v)
		return v;
	/* It looks at the guest while the storm lasts, and reads from the store. */
	v = xsd_ask(&x, "storm");
	/* Slowly: all of this may share one processor. */
	end = now_ms() + opt->wait_ms * 10;
	while (!v && !command_done(&x.io)) {
		if (now_ms() > end)
			return fail("what looks at the guest does not end");
		for (unsigned int i = 0; i < 200; i++, nr++)
			xsd_notify(&x);
	}
	status = x.io.status;
	diag("%lu events", nr);
	if (!v && status)
		v = fail("the guest does not stand it: %d", status);
	return v ?: xsd_end(&x, MENDS_MS);
}

#define INDEX(n, how, text)						\
	{ .name = n, .site = "bad-index", .run = run_index, .arg = how, .what = text }

static const struct xcase cases[] = {
	INDEX("rsp-prod-far", RSP_FAR, "a byte more than the ring holds"),
	INDEX("rsp-prod-max", RSP_MAX, "2 GiB more"),
	INDEX("rsp-prod-back", RSP_BACK, "the producer goes back"),
	INDEX("req-cons-ahead", REQ_AHEAD, "more requests taken than there are"),
	INDEX("req-cons-behind", REQ_BEHIND, "more requests left than the ring holds"),
	{ .name = "reconnect", .site = "resets", .run = run_reconnect, .arg = 1,
	  .what = "a server that offers new connections, and makes one" },
	{ .name = "reconnect-never", .site = "resets", .run = run_reconnect, .flags = CASE_SLOW,
	  .what = "a server that offers new connections, and makes none" },
	{ .name = "connection-garbage", .run = run_connection,
	  .what = "garbage in the words of the connection while all is well" },
	{ .name = "connection-down", .site = "downs", .run = run_down, .flags = CASE_SLOW,
	  .what = "a connection that stays unmade for a while: requests fail at once until it is" },
	{ .name = "error", .site = "downs", .run = run_down, .arg = 3, .flags = CASE_SLOW,
	  .what = "the server says that the guest broke the protocol, and later nothing of it" },
	{ .name = "error-garbage", .site = "downs", .run = run_down, .arg = 0xdeadbeef,
	  .flags = CASE_SLOW, .what = "or what nobody understands" },
	{ .name = "mute", .site = "timeouts", .run = run_mute, .flags = CASE_SLOW,
	  .what = "no answer: the request ends by its time limit, the next one works" },
	{ .name = "swallow", .site = "resets", .run = run_swallow, .flags = CASE_SLOW,
	  .what = "requests taken and not answered: the connection begins anew" },
	{ .name = "storm", .site = "idle-interrupts", .run = run_storm,
	  .what = "events and nothing else: few interrupts, and the store still works" },
};

const struct case_table xsd_ring_table = { cases, ARRAY_SIZE(cases) };
