// SPDX-License-Identifier: GPL-2.0-only
/* The control ring of a network's backend: pages that it keeps mapped, and late answers. */
#include <string.h>

#include "net_back.h"

#define LIST_MAX	(PAGE_BYTES / sizeof(struct gref))
#define LATE_MS		3600	/* the frontend waits for 3 s */

/* An entry of a list of grants. */
struct gref {
	uint32_t ref;
	uint16_t flags, status;
};

/* Map the pages that the guest receives to: those that are granted to be written to. */
static void map_list(struct nb *b, const struct net_ctrl_req *req)
{
	static struct gref list[LIST_MAX];
	struct grant_piece piece = { req->data[1], 0, 0, list };
	static uint32_t ref[LIST_MAX];
	uint32_t nr = req->data[2];

	if (nr > LIST_MAX || b->nr_kept == NB_KEPT)
		return;
	piece.len = (uint16_t)(nr * sizeof(list[0]));
	if (grant_copy(b->dev.opt->domid, &piece, 1, false))
		return;
	for (uint32_t i = 0; i < nr; i++)
		ref[i] = list[i].ref;
	if (!nr || list[0].flags)
		return;
	if (grant_map(&b->kept[b->nr_kept], b->dev.opt->domid, ref, nr, true)) {
		diag("%u pages of the guest cannot be mapped", nr);
		return;
	}
	b->nr_kept++;
	b->dev.fired++;
	diag("%u pages mapped", nr);
	if (b->dev.xcase->arg)
		sleep_ms((unsigned int)b->dev.xcase->arg);
}

static void control_static(struct nb *b, const struct net_ctrl_req *req, struct net_ctrl_rsp *rsp)
{
	nb_control(b, req, rsp);
	if (req->type == CTRL_GET_GREF_SIZE)
		rsp->data = 1024;
	else if (req->type == CTRL_ADD_GREFS)
		map_list(b, req);
}

static enum verdict run_static(const struct options *opt, const struct xcase *c)
{
	static const struct store_key key = { "feature-ctrl-ring", "1" };
	static struct nb b;
	enum verdict v = back_open(&b.dev, opt, c);

	b.dev.keys = &key;
	b.dev.nr_keys = 1;
	b.control_answer = control_static;
	v = v ?: back_connect(&b.dev);
	v = v ?: back_use(&b.dev);
	if (v == V_PASS && b.halted)
		v = fail("the guest breaks the rules");
	if (v == V_PASS && !b.dev.fired)
		v = broken("the guest has named no pages to receive to");
	if (v == V_PASS && state_get(&b.dev.store, b.dev.front) != XB_CONNECTED)
		v = fail("frontend is %s", state_name(state_get(&b.dev.store, b.dev.front)));
	return v ?: back_stop(&b.dev);
}

#define STATIC(_name, _arg, _what) \
	{ .name = (_name), .flags = CASE_GOOD | CASE_IO, .run = run_static, .arg = (_arg), \
	  .what = (_what) }

static const struct xcase cases[] = {
	STATIC("static", 0, "pages of the guest stay mapped"),
	STATIC("static-late", LATE_MS, "they are mapped, and the answer comes too late"),
};

const struct case_table net_back_ctrl = { cases, ARRAY_SIZE(cases) };
