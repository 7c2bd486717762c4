// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a network frontend's connection. The vif has to be attached by the toolstack, with
 * the hotplug script done, and must have no driver in this guest.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net_front.h"

const struct nf_config nf_plain = { .queues = 1, .split = true };

static enum verdict read_mac(struct nf *f)
{
	static const struct net_host self = { .ip = NF_IP }, peer = { .ip = NF_PEER_IP };
	unsigned int m[6];
	char text[32];

	f->self = self;
	f->peer = peer;
	if (store_read(&f->store, 0, f->dir, "mac", text, sizeof(text)) ||
	    sscanf(text, "%x:%x:%x:%x:%x:%x", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]) != 6)
		return broken("%s/mac is missing", f->dir);
	for (int i = 0; i < 6; i++)
		f->self.mac[i] = (uint8_t)m[i];
	return V_PASS;
}

enum verdict nf_open(struct nf *f, const struct options *opt)
{
	char path[64];
	int err;

	memset(f, 0, sizeof(*f));
	f->opt = opt;
	f->evtchn.fd = -1;
	err = store_open(&f->store);
	if (err)
		return broken("no xenstore device file: %s", strerror(-err));
	err = evtchn_open(&f->evtchn);
	if (err)
		return broken("/dev/xen/evtchn: %s", strerror(-err));
	snprintf(f->dir, sizeof(f->dir), "device/vif/%u", opt->dev);
	snprintf(path, sizeof(path), "/sys/bus/xen/devices/vif-%u/driver", opt->dev);
	if (!access(path, F_OK))
		return broken("vif-%u has a driver in this guest: unbind it first", opt->dev);
	err = store_read(&f->store, 0, f->dir, "backend", f->back, sizeof(f->back));
	if (err)
		return broken("no vif %u: %s: %s", opt->dev, f->dir, strerror(-err));
	f->back_id = (unsigned int)store_number(&f->store, f->dir, "backend-id", 0);
	err = grant_alloc(&f->tx_pages, f->back_id, NF_TX_PAGES, false);
	if (err)
		return broken("/dev/xen/gntalloc: %s", strerror(-err));
	return read_mac(f);
}

static enum verdict wait_back(struct nf *f, unsigned int mask, unsigned int ms, const char *want)
{
	if (state_wait(&f->store, f->back, mask, ms) >= 0)
		return V_PASS;
	return fail("backend is %s after %u ms, wanted %s",
		    state_name(state_get(&f->store, f->back)), ms, want);
}

static enum verdict go_down(struct nf *f)
{
	enum verdict v;

	if (state_get(&f->store, f->back) != XB_CLOSED) {
		state_set(&f->store, f->dir, XB_CLOSING);
		v = wait_back(f, STATE(CLOSING) | STATE(CLOSED), f->opt->close_ms, "Closing");
		if (v)
			return v;
	}
	state_set(&f->store, f->dir, XB_CLOSED);
	return wait_back(f, STATE(CLOSED), f->opt->close_ms, "Closed");
}

enum verdict nf_reset(struct nf *f)
{
	enum xb_state back = state_get(&f->store, f->back);
	enum xb_state front = state_get(&f->store, f->dir);
	enum verdict v;

	if (!store_exists(&f->store, f->back, "state") ||
	    !store_exists(&f->store, f->dir, "state"))
		return broken("%s is gone: attach the device again", f->back);
	if (front != XB_INITIALISING || (back != XB_INIT_WAIT && back != XB_INITIALISING)) {
		v = go_down(f);
		if (v)
			return v;
	}
	state_set(&f->store, f->dir, XB_INITIALISING);
	v = wait_back(f, STATE(INIT_WAIT), f->opt->wait_ms, "InitWait");
	if (v && !store_exists(&f->store, f->back, "feature-rx-copy"))
		return broken("%s: nobody serves it", f->back);
	return v;
}

static const char * const written_keys[] = {
	"tx-ring-ref", "rx-ring-ref", "event-channel", "event-channel-tx", "event-channel-rx",
	"multi-queue-num-queues", "request-rx-copy", "feature-rx-notify", "feature-sg",
	"feature-gso-tcpv4", "feature-gso-tcpv6", "feature-ipv6-csum-offload",
	"feature-no-csum-offload", "request-multicast-control", "xdp-headroom", "ctrl-ring-ref",
	"event-channel-ctrl",
};

static int remove_old_keys(struct nf *f, uint32_t tx)
{
	char key[32];
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(written_keys) && !err; i++)
		err = store_remove(&f->store, tx, f->dir, written_keys[i]);
	for (unsigned int i = 0; i < NF_QUEUES && !err; i++) {
		snprintf(key, sizeof(key), "queue-%u", i);
		err = store_remove(&f->store, tx, f->dir, key);
	}
	return err;
}

static enum verdict prepare_ring(struct nf *f, struct nf_ring *r, uint32_t entry, int port)
{
	int err = grant_alloc(&r->area, f->back_id, 1, true);

	if (err)
		return broken("a ring: %s", strerror(-err));
	ring_attach(&r->ring, r->area.mem, PAGE_BYTES, entry);
	ring_format(&r->ring);
	r->port = port ? port : evtchn_alloc(&f->evtchn, f->back_id);
	return r->port < 0 ? broken("event channel: %s", strerror(-r->port)) : V_PASS;
}

enum verdict nf_prepare(struct nf *f, const struct nf_config *config)
{
	enum verdict v = V_PASS;

	f->config = *config;
	for (unsigned int i = 0; i < config->queues && v == V_PASS; i++) {
		struct nf_queue *q = &f->queue[i];
		int err;

		f->nr_queues = i + 1;
		v = prepare_ring(f, &q->tx, NET_TX_ENTRY, 0);
		if (v == V_PASS)
			v = prepare_ring(f, &q->rx, NET_RX_ENTRY, config->split ? 0 : q->tx.port);
		if (v)
			return v;
		err = grant_alloc(&q->pages, f->back_id, NF_RX_PAGES, true);
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
		evtchn_unbind(&f->evtchn, (uint32_t)r->port);
	grant_free(&r->area);
}

void nf_release(struct nf *f)
{
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

static int publish_queue(struct nf *f, uint32_t tx, unsigned int n)
{
	struct nf_queue *q = &f->queue[n];
	struct store *s = &f->store;
	char dir[STORE_DIR + 16];
	int err;

	snprintf(dir, sizeof(dir), f->config.queues > 1 ? "%s/queue-%u" : "%s", f->dir, n);
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

static int publish_plain(struct nf *f, uint32_t tx)
{
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
			err = store_writef(&f->store, tx, f->dir, keys[i].key, "%u",
					   keys[i].value);
	for (unsigned int i = 0; i < f->nr_queues && !err; i++)
		err = publish_queue(f, tx, i);
	return err;
}

static int publish_once(struct nf *f, const struct nf_key *keys, unsigned int nr)
{
	uint32_t tx;
	int err = store_begin(&f->store, &tx);

	if (err)
		return err;
	err = remove_old_keys(f, tx);
	if (!err)
		err = publish_plain(f, tx);
	for (unsigned int i = 0; i < nr && !err; i++)
		err = keys[i].value ?
			store_write(&f->store, tx, f->dir, keys[i].key, keys[i].value) :
			store_remove(&f->store, tx, f->dir, keys[i].key);
	if (err) {
		store_end(&f->store, tx, false);
		return err;
	}
	return store_end(&f->store, tx, true);
}

enum verdict nf_publish(struct nf *f, const struct nf_key *keys, unsigned int nr)
{
	int err = -EAGAIN;

	for (int i = 0; i < 20 && err == -EAGAIN; i++)
		err = publish_once(f, keys, nr);
	return err ? broken("writing our keys: %s", strerror(-err)) : V_PASS;
}

enum verdict nf_finish(struct nf *f)
{
	int state;

	for (unsigned int i = 0; i < f->nr_queues; i++)
		nf_rx_fill(f, &f->queue[i]);
	state_set(&f->store, f->dir, XB_CONNECTED);
	state = state_wait(&f->store, f->back,
			   STATE(CONNECTED) | STATE(CLOSING) | STATE(CLOSED), f->opt->wait_ms);
	if (state != XB_CONNECTED)
		return fail("backend is %s, wanted Connected",
			    state_name(state_get(&f->store, f->back)));
	f->since = now_ms();
	return V_PASS;
}

enum verdict nf_connect(struct nf *f, const struct nf_config *config)
{
	enum verdict v = nf_reset(f);

	if (v)
		return v;
	if (store_number(&f->store, f->back, "multi-queue-max-queues", 1) < config->queues)
		return skip("the backend offers fewer than %u queues", config->queues);
	if (config->ctrl && !store_number(&f->store, f->back, "feature-ctrl-ring", 0))
		return skip("the backend has no control ring");
	if (config->mcast && !store_number(&f->store, f->back, "feature-multicast-control", 0))
		return skip("the backend has no multicast control");
	v = nf_prepare(f, config);
	if (v == V_PASS)
		v = nf_publish(f, NULL, 0);
	return v ? v : nf_finish(f);
}

enum verdict nf_start(struct nf *f, const struct options *opt)
{
	enum verdict v = nf_open(f, opt);

	if (v == V_PASS)
		v = nf_connect(f, &nf_plain);
	return v ? v : nf_verify(f);
}

void nf_linger(struct nf *f, const char *phase)
{
	if (!f->opt->linger_ms)
		return;
	store_write(&f->store, 0, f->dir, "xpeer-phase", phase);
	sleep_ms(f->opt->linger_ms);
	store_remove(&f->store, 0, f->dir, "xpeer-phase");
}

enum verdict nf_close(struct nf *f)
{
	enum verdict v = go_down(f);

	nf_release(f);
	return v;
}

enum verdict nf_recover(struct nf *f)
{
	enum verdict v = go_down(f);

	nf_release(f);
	if (v == V_PASS)
		v = nf_connect(f, &nf_plain);
	if (v == V_PASS)
		v = nf_verify(f);
	return v ? v : nf_close(f);
}

static const struct case_table * const front_tables[] = {
	&net_front_good, &net_front_ring, &net_front_tx, &net_front_rx, &net_front_ctrl,
	&net_front_key, &net_front_state,
};

const struct role role_net_front = {
	.name = "net-front", .tables = front_tables, .nr_tables = ARRAY_SIZE(front_tables),
};
