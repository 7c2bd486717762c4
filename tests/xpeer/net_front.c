// SPDX-License-Identifier: GPL-2.0-only
/* What a network device is, as a kind of frontend. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net_front.h"

static enum verdict open_host(struct front *dev)
{
	struct nf *f = to_nf(dev);
	static const struct net_host self = { .ip = NF_IP }, peer = { .ip = NF_PEER_IP };
	unsigned int m[6];
	char text[32];

	f->self = self;
	f->peer = peer;
	if (store_read(&dev->store, 0, dev->dir, "mac", text, sizeof(text)) ||
	    sscanf(text, "%x:%x:%x:%x:%x:%x", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]) != 6)
		return broken("%s/mac is missing", dev->dir);
	for (int i = 0; i < 6; i++)
		f->self.mac[i] = (uint8_t)m[i];
	return V_PASS;
}

static void plain(struct front *dev)
{
	to_nf(dev)->config = (struct nf_config){ .queues = 1, .split = true };
}

static enum verdict look(struct front *dev)
{
	const struct nf_config *config = &to_nf(dev)->config;
	struct store *s = &dev->store;

	if (store_number(s, dev->back, "multi-queue-max-queues", 1) < config->queues)
		return skip("the backend offers fewer than %u queues", config->queues);
	if (config->ctrl && !store_number(s, dev->back, "feature-ctrl-ring", 0))
		return skip("the backend has no control ring");
	if (config->mcast && !store_number(s, dev->back, "feature-multicast-control", 0))
		return skip("the backend has no multicast control");
	return V_PASS;
}

static enum verdict prepare_ring(struct nf *f, struct nf_ring *r, uint32_t entry, int port)
{
	int err = grant_alloc(&r->area, f->dev.back_id, 1, true);

	if (err)
		return broken("a ring: %s", strerror(-err));
	ring_attach(&r->ring, r->area.mem, PAGE_BYTES, entry);
	ring_format(&r->ring);
	r->port = port ? port : evtchn_alloc(&f->dev.evtchn, f->dev.back_id);
	return r->port < 0 ? broken("event channel: %s", strerror(-r->port)) : V_PASS;
}

static enum verdict prepare(struct front *dev)
{
	struct nf *f = to_nf(dev);
	const struct nf_config *config = &f->config;
	enum verdict v = V_PASS;

	for (unsigned int i = 0; i < config->queues && v == V_PASS; i++) {
		struct nf_queue *q = &f->queue[i];
		int err;

		f->nr_queues = i + 1;
		v = prepare_ring(f, &q->tx, NET_TX_ENTRY, 0);
		if (v == V_PASS)
			v = prepare_ring(f, &q->rx, NET_RX_ENTRY, config->split ? 0 : q->tx.port);
		if (v)
			return v;
		err = grant_alloc(&q->pages, dev->back_id, NF_RX_PAGES, true);
		if (err)
			return broken("pages to receive into: %s", strerror(-err));
		for (unsigned int n = 0; n < NF_RX_PAGES; n++)
			q->free[q->nr_free++] = (uint16_t)n;
	}
	if (v == V_PASS && config->ctrl)
		v = prepare_ring(f, &f->ctrl, NET_CTRL_ENTRY, 0);
	return v;
}

static void release_ring(struct nf *f, struct nf_ring *r, int not_port)
{
	if (r->port > 0 && r->port != not_port)
		evtchn_unbind(&f->dev.evtchn, (uint32_t)r->port);
	grant_free(&r->area);
}

static void release(struct front *dev)
{
	struct nf *f = to_nf(dev);

	for (unsigned int i = 0; i < f->nr_queues; i++) {
		struct nf_queue *q = &f->queue[i];

		release_ring(f, &q->rx, q->tx.port);
		release_ring(f, &q->tx, 0);
		grant_free(&q->pages);
	}
	release_ring(f, &f->ctrl, 0);
	memset(&f->ctrl, 0, sizeof(f->ctrl));
	memset(f->queue, 0, sizeof(f->queue));
	f->nr_queues = 0;
}

static const char * const written_keys[] = {
	"tx-ring-ref", "rx-ring-ref", "event-channel", "event-channel-tx", "event-channel-rx",
	"multi-queue-num-queues", "request-rx-copy", "feature-rx-notify", "feature-sg",
	"feature-gso-tcpv4", "feature-gso-tcpv6", "feature-ipv6-csum-offload",
	"feature-no-csum-offload", "request-multicast-control", "xdp-headroom", "ctrl-ring-ref",
	"event-channel-ctrl", NULL
};

static int publish_queue(struct nf *f, uint32_t tx, unsigned int n)
{
	struct nf_queue *q = &f->queue[n];
	struct store *s = &f->dev.store;
	char dir[STORE_DIR + 16];
	int err;

	snprintf(dir, sizeof(dir), f->config.queues > 1 ? "%s/queue-%u" : "%s", f->dev.dir, n);
	err = store_writef(s, tx, dir, "tx-ring-ref", "%u", q->tx.area.ref[0]);
	if (!err)
		err = store_writef(s, tx, dir, "rx-ring-ref", "%u", q->rx.area.ref[0]);
	if (err)
		return err;
	if (!f->config.split)
		return store_writef(s, tx, dir, "event-channel", "%d", q->tx.port);
	err = store_writef(s, tx, dir, "event-channel-tx", "%d", q->tx.port);
	return err ? err : store_writef(s, tx, dir, "event-channel-rx", "%d", q->rx.port);
}

static int publish(struct front *dev, uint32_t tx)
{
	struct nf *f = to_nf(dev);
	const struct nf_config *c = &f->config;
	const struct {
		const char *key;
		unsigned int value;
		bool write;
	} keys[] = {
		{ "multi-queue-num-queues", c->queues, c->queues > 1 },
		{ "request-rx-copy", 1, true },
		{ "feature-rx-notify", 1, !c->no_notify },
		{ "feature-sg", 1, !c->no_sg },
		{ "feature-gso-tcpv4", 1, !c->no_sg },
		{ "feature-gso-tcpv6", 1, !c->no_sg },
		{ "feature-ipv6-csum-offload", 1, true },
		{ "request-multicast-control", 1, c->mcast },
		{ "xdp-headroom", c->headroom, c->headroom },
		{ "ctrl-ring-ref", c->ctrl ? f->ctrl.area.ref[0] : 0, c->ctrl },
		{ "event-channel-ctrl", (unsigned int)f->ctrl.port, c->ctrl },
	};
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && !err; i++)
		if (keys[i].write)
			err = store_writef(&dev->store, tx, dev->dir, keys[i].key, "%u",
					   keys[i].value);
	for (unsigned int i = 0; i < f->nr_queues && !err; i++)
		err = publish_queue(f, tx, i);
	return err;
}

/* Pages for receiving. */
static void post(struct front *dev)
{
	struct nf *f = to_nf(dev);

	for (unsigned int i = 0; i < f->nr_queues; i++)
		nf_rx_fill(f, &f->queue[i]);
}

static enum verdict connected(struct front *dev)
{
	to_nf(dev)->since = now_ms();
	return V_PASS;
}

/* A ring of large packets for a port that nobody listens on. */
static void fill(struct front *dev)
{
	static uint8_t frame[2048];
	struct nf *f = to_nf(dev);
	struct nf_packet p;
	size_t len = frame_udp(frame, &f->self, &f->peer, 9, 1400);

	for (unsigned int i = 0; i < NET_RING_ENTRIES; i++) {
		nf_cut(f, &p, frame, len, NULL, 0);
		nf_post(f, &f->queue[0], &p);
	}
	nf_push(f, &f->queue[0]);
}

static void first(struct front *dev, uint32_t *ref, int *port)
{
	*ref = to_nf(dev)->queue[0].tx.area.ref[0];
	*port = to_nf(dev)->queue[0].tx.port;
}

static struct nf device;

static const struct front_kind nf_kind = {
	.type = "vif", .size = sizeof(device), .device = &device.dev,
	.pages = NF_TX_PAGES,
	.answer = XB_CONNECTED, .keys = written_keys, .ring_key = "tx-ring-ref",
	.offers = { "feature-rx-copy" }, .down_first = true,
	.open = open_host, .plain = plain, .look = look, .prepare = prepare, .publish = publish,
	.post = post, .connected = connected, .meet = nf_verify, .verify = nf_verify,
	.fill = fill, .release = release, .first = first,
};

static const struct case_table * const front_tables[] = {
	&net_front_good, &net_front_ring, &net_front_tx, &net_front_rx, &net_front_ctrl,
	&net_front_static, &net_front_key, &net_front_state, &net_front_odd,
};

const struct role role_net_front = {
	.name = "net-front", .tables = front_tables, .nr_tables = ARRAY_SIZE(front_tables),
	.front = &nf_kind,
};
