// SPDX-License-Identifier: GPL-2.0-only
/* What a network device is, as a kind of backend. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net_back.h"

static enum verdict open_host(struct back *dev)
{
	static const struct net_host host = { .mac = NB_MAC, .ip = NB_IP };

	to_nb(dev)->host = host;
	return V_PASS;
}

static void behave(struct back *dev)
{
	struct nb *b = to_nb(dev);

	b->halted = false;
	b->ctrl_silent = false;
	b->answer = nb_answer;
	b->give = nb_give;
	b->control_answer = nb_control;
}

static int create(struct back *dev, uint32_t tx)
{
	struct store *s = &dev->store;

	return store_writef(s, tx, dev->dir, "handle", "%u", dev->opt->dev) ?:
	       store_writef(s, tx, dev->front, "handle", "%u", dev->opt->dev) ?:
	       back_put(dev, tx, dev->front, "mac", NB_GUEST_MAC) ?:
	       back_put(dev, tx, dev->front, "mtu", NULL) ?:
	       back_put(dev, tx, dev->front, "trusted", NULL);
}

static enum verdict offer(struct back *dev)
{
	static const struct store_key keys[] = {
		{ "feature-rx-copy", "1" }, { "feature-rx-flip", "0" }, { "feature-sg", "1" },
		{ "feature-gso-tcpv4", "1" }, { "feature-gso-tcpv6", "1" },
		{ "feature-ipv6-csum-offload", "1" }, { "feature-no-csum-offload", NULL },
		{ "feature-split-event-channels", "1" }, { "multi-queue-max-queues", "2" },
		{ "feature-multicast-control", "1" },
		{ "feature-dynamic-multicast-control", "1" }, { "feature-ctrl-ring", NULL },
		{ "feature-xdp-headroom", "1" }, { "carrier", NULL },
	};

	return back_put_all(dev, keys, ARRAY_SIZE(keys)) ? broken("writing our features") : V_PASS;
}

static enum verdict attach_ring(struct nb *b, struct nb_ring *r, const char *dir,
				const char *ref_key, const char *port_key, uint32_t entry)
{
	uint32_t ref = (uint32_t)store_number(&b->dev.store, dir, ref_key, 0);
	uint32_t port = (uint32_t)store_number(&b->dev.store, dir, port_key, 0);
	int err = grant_map(&r->map, b->dev.opt->domid, &ref, 1, true);

	if (err)
		return fail("mapping the ring %u of %s: %s", ref, dir, strerror(-err));
	ring_attach(&r->ring, r->map.mem, PAGE_BYTES, entry);
	/* Both rings of a queue may have one channel. */
	if (!port)
		return V_PASS;
	r->port = evtchn_bind(&b->dev.evtchn, b->dev.opt->domid, port);
	if (r->port < 0)
		return fail("binding port %u of %s: %s", port, dir, strerror(-r->port));
	return V_PASS;
}

static enum verdict attach(struct back *dev)
{
	struct nb *b = to_nb(dev);
	uint64_t queues = store_number(&dev->store, dev->front, "multi-queue-num-queues", 1);
	char dir[STORE_DIR + 16];
	enum verdict v = V_PASS;

	if (!queues || queues > NB_QUEUES)
		return fail("absurd: %llu queues", (unsigned long long)queues);
	for (unsigned int i = 0; i < queues && v == V_PASS; i++) {
		struct nb_queue *q = &b->queue[i];
		bool split;

		snprintf(dir, sizeof(dir), queues > 1 ? "%s/queue-%u" : "%s", dev->front, i);
		split = store_exists(&dev->store, dir, "event-channel-rx");
		b->nr_queues = i + 1;
		v = attach_ring(b, &q->tx, dir, "tx-ring-ref",
				split ? "event-channel-tx" : "event-channel", NET_TX_ENTRY);
		if (v == V_PASS)
			v = attach_ring(b, &q->rx, dir, "rx-ring-ref", "event-channel-rx",
					NET_RX_ENTRY);
		if (v == V_PASS && !q->rx.port)
			q->rx.port = q->tx.port;
	}
	if (v == V_PASS && store_exists(&dev->store, dev->front, "ctrl-ring-ref"))
		v = attach_ring(b, &b->ctrl, dev->front, "ctrl-ring-ref", "event-channel-ctrl",
				NET_CTRL_ENTRY);
	diag("frontend: %llu queues%s", (unsigned long long)queues,
	     b->ctrl.map.mem ? ", control ring" : "");
	return v;
}

static void release_ring(struct nb *b, struct nb_ring *r, int not_port)
{
	if (r->port > 0 && r->port != not_port)
		evtchn_unbind(&b->dev.evtchn, (uint32_t)r->port);
	grant_unmap(&r->map);
}

static void release(struct back *dev)
{
	struct nb *b = to_nb(dev);

	for (unsigned int i = 0; i < b->nr_queues; i++) {
		release_ring(b, &b->queue[i].rx, b->queue[i].tx.port);
		release_ring(b, &b->queue[i].tx, 0);
	}
	release_ring(b, &b->ctrl, 0);
	while (b->nr_kept)
		grant_unmap(&b->kept[--b->nr_kept]);
	memset(b->queue, 0, sizeof(b->queue));
	memset(&b->ctrl, 0, sizeof(b->ctrl));
	b->nr_queues = 0;
}

/* What was accepted may be no network at all; then let the guest look at it. */
static void accepted(struct back *dev)
{
	if (!dev->opt->io || (dev->xcase->flags & CASE_EITHER))
		back_serve(dev, 500, NULL);
}

enum verdict nb_aftermath(struct nb *b, const char *not_fired)
{
	enum verdict v = back_io_end(&b->dev);

	if (v)
		return v;
	if (!b->dev.fired)
		return broken("%s", not_fired);
	diag("the guest's command ended with status %d; frontend: %s", b->dev.io.status,
	     state_name(state_get(&b->dev.store, b->dev.front)));
	return back_stop(&b->dev) ?: back_recover(&b->dev);
}

static struct nb device;

static const struct back_kind nb_kind = {
	.type = "vif", .size = sizeof(device), .device = &device.dev, .answer = XB_CONNECTED,
	.settle_ms = 300,
	.use = "net", .busy = "shout", .busy_ms = 2500,
	.command = "command", .fails = "the guest's packets fail",
	.fails_anew = "packets on a new device fail",
	.open = open_host, .behave = behave, .create = create, .offer = offer, .attach = attach,
	.serve = nb_serve, .release = release, .accepted = accepted,
};

static const struct case_table * const back_tables[] = {
	&net_back_good, &net_back_tx, &net_back_rx, &net_back_key, &net_back_ctrl,
	&back_state, &net_back_state,
};

const struct role role_net_back = {
	.name = "net-back", .tables = back_tables, .nr_tables = ARRAY_SIZE(back_tables),
	.back = &nb_kind,
};
