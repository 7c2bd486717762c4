// SPDX-License-Identifier: GPL-2.0-only
/* Static grants: lists of pages that stay mapped, what is right and what is wrong. */
#include <string.h>

#include "net_front.h"
#include "worker.h"

#define READONLY	1
#define MAPPED		32	/* pages that packets are sent from */
#define PER_PAGE	(PAGE_BYTES / sizeof(struct gref_entry))
#define NOBODY		60000u	/* a reference that was never granted */

struct gref_entry {
	uint32_t	ref;
	uint16_t	flags;
	uint16_t	status;
};

/* The list: a page of its own, for the backend writes to it. */
static struct grant_area list_area;

static struct gref_entry *list_page(uint32_t *ref)
{
	*ref = list_area.ref[0];
	return (void *)list_area.mem;
}

static enum verdict start(struct nf *f, const struct options *opt, unsigned int queues)
{
	enum verdict v = nf_start_ctrl(f, opt, queues);
	int err;

	if (v)
		return v;
	err = grant_alloc(&list_area, f->dev.back_id, 1, true);
	return err ? fail("a page for lists: %s", strerror(-err)) : V_PASS;
}

/* Entries for pages, every @readonly-th of them not to be written to. */
static uint32_t fill_of(const struct grant_area *a, unsigned int first, unsigned int nr,
			unsigned int readonly)
{
	uint32_t ref;
	struct gref_entry *list = list_page(&ref);

	for (unsigned int i = 0; i < nr; i++)
		list[i] = (struct gref_entry){ .ref = a->ref[first + i],
					       .flags = i % readonly ? 0 : READONLY, .status = 77 };
	return ref;
}

/* The same for scratch pages, from which packets are sent, and which are granted for that only. */
static uint32_t fill(struct nf *f, unsigned int first, unsigned int nr)
{
	return fill_of(&f->dev.pages, first, nr, 1);
}

static enum verdict add(struct nf *f, unsigned int queue, unsigned int first, unsigned int nr)
{
	return nf_ask(f, CTRL_ADD_GREFS, queue, fill(f, first, nr), nr, CTRL_SUCCESS, NULL);
}

/* Add or take back all pages that packets are received into. */
static enum verdict receive_into(struct nf *f, unsigned int queue, bool them)
{
	uint32_t ref = fill_of(&f->queue[queue].pages, 0, NF_RX_PAGES, 2);

	return nf_ask(f, them ? CTRL_ADD_GREFS : CTRL_DEL_GREFS, queue, ref, NF_RX_PAGES,
		      CTRL_SUCCESS, NULL);
}

/* Take @nr back, of which the first @known are there. */
static enum verdict del(struct nf *f, unsigned int queue, unsigned int first, unsigned int nr,
			unsigned int known)
{
	uint32_t ref = fill(f, first, nr), data = 0;
	struct gref_entry *list = list_page(&ref);
	enum verdict v = nf_ask(f, CTRL_DEL_GREFS, queue, ref, nr, CTRL_SUCCESS, &data);

	if (v == V_PASS && data != known)
		v = fail("%u pages unmapped, not %u", data, known);
	for (unsigned int i = 0; i < nr && v == V_PASS; i++)
		if (list[i].status != (i < known ? CTRL_SUCCESS : CTRL_INVALID))
			v = fail("entry %u: status %u", i, list[i].status);
	return v;
}

/* Added, used, taken back in part, used, added anew; what is left ends with the connection. */
static enum verdict run_good(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	unsigned int queues = (unsigned int)c->arg;
	uint32_t room = 0;
	enum verdict v = start(&f, opt, queues);

	for (unsigned int i = 0; i < queues && v == V_PASS; i++) {
		v = nf_ask(&f, CTRL_GET_GREF_SIZE, i, 0, 0, CTRL_SUCCESS, &room);
		if (v == V_PASS && room < MAPPED)
			v = fail("room for %u pages", room);
		v = v ?: receive_into(&f, i, true) ?: nf_verify(&f.dev) ?:
		    add(&f, i, 0, MAPPED) ?: nf_verify(&f.dev) ?:
		    receive_into(&f, i, false) ?: nf_verify(&f.dev) ?:
		    del(&f, i, 0, MAPPED / 2, MAPPED / 2) ?: nf_verify(&f.dev) ?:
		    del(&f, i, MAPPED / 2 - 4, 4, 0) ?: add(&f, i, 0, MAPPED / 2) ?:
		    nf_verify(&f.dev);
	}
	return v ?: front_close(&f.dev) ?: front_connect(&f.dev) ?: nf_verify(&f.dev) ?:
	       add(&f, 0, 0, MAPPED) ?: receive_into(&f, 0, true) ?: nf_verify(&f.dev) ?:
	       front_close(&f.dev);
}

enum wrong {
	WRONG_QUEUE, WRONG_QUEUE_MAX, WRONG_EMPTY, WRONG_LONG, WRONG_HUGE, WRONG_LIST,
	WRONG_DEL_LIST, WRONG_FLAGS, WRONG_TWICE, WRONG_AGAIN, WRONG_REF, WRONG_REF_MAX,
	WRONG_WRITE,
};

/* Refused as a whole, and everything works as before. */
static enum verdict wrong(struct nf *f, enum wrong how)
{
	uint32_t ref = fill(f, 0, MAPPED);
	struct gref_entry *list = list_page(&ref);
	unsigned int type = CTRL_ADD_GREFS, nr = MAPPED, queue = 0;

	switch (how) {
	case WRONG_QUEUE:
		queue = 1;
		break;
	case WRONG_QUEUE_MAX:
		queue = ~0u;
		break;
	case WRONG_EMPTY:
		nr = 0;
		break;
	case WRONG_LONG:
		nr = PER_PAGE + 1;
		break;
	case WRONG_HUGE:
		nr = 0x20000001;	/* times 8 is 8 */
		break;
	case WRONG_DEL_LIST:
	case WRONG_LIST:
		type = how == WRONG_LIST ? CTRL_ADD_GREFS : CTRL_DEL_GREFS;
		ref = NOBODY;
		break;
	case WRONG_FLAGS:
		list[MAPPED - 1].flags = 2;
		break;
	case WRONG_TWICE:
	case WRONG_AGAIN:	/* the table has the first of it already */
		list[MAPPED - 1].ref = list[0].ref;
		break;
	case WRONG_REF:
		list[MAPPED - 1].ref = NOBODY;
		break;
	case WRONG_REF_MAX:
		list[MAPPED - 1].ref = ~0u;
		break;
	case WRONG_WRITE:
		list[MAPPED - 1].flags = 0;
		break;
	}
	return nf_ask(f, type, queue, ref, nr, CTRL_INVALID, NULL);
}

static enum verdict run_wrong(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	enum wrong how = (enum wrong)c->arg;
	enum verdict v = start(&f, opt, 1);

	if (v == V_PASS && how == WRONG_AGAIN)
		v = add(&f, 0, 0, 1);
	for (int i = 0; i < 20 && v == V_PASS; i++)
		v = wrong(&f, how);
	if (v == V_PASS && how == WRONG_AGAIN)
		v = del(&f, 0, 0, 1, 1);
	/* Nothing of a refused list is mapped. */
	return v ?: del(&f, 0, 0, MAPPED, 0) ?: nf_verify(&f.dev) ?: add(&f, 0, 0, MAPPED) ?:
	       nf_verify(&f.dev) ?: front_close(&f.dev);
}

#define ROOM_MOST	1024	/* pages that a backend may say that it takes */

/* As many as it said, and then c->arg more. */
static enum verdict run_many(const struct options *opt, const struct xcase *c)
{
	static struct grant_area area;
	static struct nf f;
	uint32_t room = 0, more = (uint32_t)c->arg, part;
	enum verdict v = start(&f, opt, 1) ?:
			 nf_ask(&f, CTRL_GET_GREF_SIZE, 0, 0, 0, CTRL_SUCCESS, &room);

	if (v == V_PASS && (!room || room > ROOM_MOST))
		v = fail("room for %u pages", room);
	if (v == V_PASS && grant_alloc(&area, f.dev.back_id, room + more, true))
		v = broken("%u pages", room + more);
	for (uint32_t i = 0; i < room && v == V_PASS; i += part) {
		part = room - i < PER_PAGE ? room - i : PER_PAGE;
		v = nf_ask(&f, CTRL_ADD_GREFS, 0, fill_of(&area, i, part, 2), part,
			   CTRL_SUCCESS, NULL);
	}
	diag("%u pages", room);
	v = v ?: nf_ask(&f, CTRL_ADD_GREFS, 0, fill_of(&area, room, more, 2), more,
			CTRL_INVALID, NULL) ?:
	    nf_verify(&f.dev) ?: front_close(&f.dev);
	if (area.count)
		grant_free(&area);
	return v;
}

struct hammer {
	struct nf	*f;
	uint64_t	seed;
};

/* What is in the pages changes all the time, packets and the list. */
static void spoil(void *arg)
{
	struct hammer *h = arg;
	uint8_t *mem = h->f->dev.pages.mem;
	uint32_t ref;
	uint8_t *list = (void *)list_page(&ref);

	for (unsigned int i = 0; i < 256; i++) {
		uint64_t n = rnd(&h->seed);

		mem[n % (MAPPED * PAGE_BYTES)] = (uint8_t)(n >> 32);
		list[(n >> 40) % (MAPPED * 8)] = (uint8_t)(n >> 56);
	}
}

/* Added and taken back while packets flow from these pages; with c->arg they change meanwhile. */
static enum verdict run_churn(const struct options *opt, const struct xcase *c)
{
	static struct nf f;
	struct hammer h = { .f = &f, .seed = opt->seed };
	unsigned long long nr = 0;
	struct net_ctrl_rsp rsp;
	struct worker w;
	enum verdict v = start(&f, opt, 1);
	uint64_t end;

	if (v == V_PASS && c->arg)
		v = worker_start(&w, spoil, &h);
	if (v)
		return v;
	for (end = now_ms() + opt->storm_ms; now_ms() < end && v == V_PASS; nr++) {
		uint32_t ref = fill(&f, 0, MAPPED);

		nf_ctrl(&f, nr & 1 ? CTRL_DEL_GREFS : CTRL_ADD_GREFS, 0, ref, MAPPED, &rsp);
		/* Nonsense is not answered by anybody, but it is taken. */
		if (c->arg) {
			struct nf_packet p;

			nf_cut(&f, &p, f.dev.pages.mem, 1000, NULL, 0);
			if (nf_send(&f, &f.queue[0], &p) < NET_DROPPED)
				v = fail("packet %llu is not answered", nr);
		} else {
			v = nf_echo(&f, &f.queue[0], 700, NULL, 0);
		}
	}
	diag("%llu lists", nr);
	if (c->arg)
		worker_stop(&w);
	return v ?: front_recover(&f.dev);
}

#define WRONG(_name, _site, _how, _what) \
	{ .name = (_name), .site = (_site), .run = run_wrong, .arg = (_how), .what = (_what) }
#define VALUE(_name, _how, _what)	WRONG(_name, "ctrl-value", _how, _what)
#define GRANT(_name, _how, _what)	WRONG(_name, "ctrl-grant", _how, _what)

static const struct xcase cases[] = {
	{
		.name = "static-good", .flags = CASE_GOOD, .run = run_good, .arg = 1,
		.what = "pages stay mapped, packets come from there, they are taken back",
	}, {
		.name = "static-good-queues", .flags = CASE_GOOD, .run = run_good, .arg = 2,
		.what = "the same with two queues",
	},
	VALUE("static-queue", WRONG_QUEUE, "a queue that is not there"),
	VALUE("static-queue-max", WRONG_QUEUE_MAX, "queue 2^32 - 1"),
	VALUE("static-empty", WRONG_EMPTY, "a list of none"),
	VALUE("static-long", WRONG_LONG, "a list longer than its page"),
	VALUE("static-huge", WRONG_HUGE, "a length that overflows in bytes"),
	GRANT("static-list", WRONG_LIST, "a list in a page never granted"),
	GRANT("static-del-list", WRONG_DEL_LIST, "the same, to take back"),
	VALUE("static-flags", WRONG_FLAGS, "a flag that nobody knows"),
	VALUE("static-twice", WRONG_TWICE, "a page twice in a list"),
	VALUE("static-again", WRONG_AGAIN, "a page that is mapped already"),
	GRANT("static-ref", WRONG_REF, "a page never granted"),
	GRANT("static-ref-max", WRONG_REF_MAX, "reference 2^32 - 1"),
	GRANT("static-write", WRONG_WRITE, "a page to be written to that is granted for reading"),
	{
		.name = "static-many", .site = "ctrl-value", .run = run_many, .arg = 1,
		.what = "more pages than there may be",
	},
	{
		.name = "static-churn", .run = run_churn,
		.what = "added and taken back while packets flow: echoes",
	}, {
		.name = "static-toggle", .flags = CASE_EITHER, .run = run_churn, .arg = 1,
		.what = "packets and lists rewritten while they are read: alive",
	},
};

const struct case_table net_front_static = { cases, ARRAY_SIZE(cases) };
