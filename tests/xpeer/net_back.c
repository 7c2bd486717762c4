// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a network backend's connection. We make the device ourselves: the frontend's
 * directory is the usual one, the backend's is of a type that no driver of this kernel knows.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net_back.h"

enum verdict nb_open(struct nb *b, const struct options *opt, const struct xcase *c)
{
	static const struct net_host host = { .mac = NB_MAC, .ip = NB_IP };
	int err;

	memset(b, 0, sizeof(*b));
	b->opt = opt;
	b->xcase = c;
	b->evtchn.fd = -1;
	b->host = host;
	b->answer = nb_answer;
	b->give = nb_give;
	err = store_open(&b->store);
	if (err)
		return broken("no xenstore device file: %s", strerror(-err));
	err = evtchn_open(&b->evtchn);
	if (err)
		return broken("/dev/xen/evtchn: %s", strerror(-err));
	b->self = (unsigned int)store_number(&b->store, "domid", NULL, 0);
	snprintf(b->dir, sizeof(b->dir), "/local/domain/%u/backend/xpeer/%u/%u", b->self,
		 opt->domid, opt->dev);
	snprintf(b->front, sizeof(b->front), "/local/domain/%u/device/vif/%u", opt->domid,
		 opt->dev);
	snprintf(b->error, sizeof(b->error), "/local/domain/%u/error/device/vif/%u",
		 opt->domid, opt->dev);
	return V_PASS;
}

/* The case's own value of a key, else @value. */
static int put(struct nb *b, uint32_t tx, const char *dir, const char *key, const char *value)
{
	for (unsigned int i = 0; i < b->nr_keys; i++)
		if (!strcmp(b->keys[i].key, key))
			value = b->keys[i].value;
	return value ? store_write(&b->store, tx, dir, key, value) : 0;
}

static int create_once(struct nb *b)
{
	struct store *s = &b->store;
	unsigned int guest = b->opt->domid;
	char self[16], domid[16], dev[16];
	uint32_t tx;
	int err = store_begin(s, &tx);

	if (err)
		return err;
	snprintf(self, sizeof(self), "%u", b->self);
	snprintf(domid, sizeof(domid), "%u", guest);
	snprintf(dev, sizeof(dev), "%u", b->opt->dev);
	err |= store_mkdir(s, tx, b->front);
	err |= store_perms(s, tx, b->front, guest, b->self);
	err |= store_mkdir(s, tx, b->dir);
	err |= store_perms(s, tx, b->dir, b->self, guest);
	err |= store_write(s, tx, b->dir, "frontend", b->front);
	err |= store_write(s, tx, b->dir, "frontend-id", domid);
	err |= store_write(s, tx, b->dir, "online", "1");
	err |= store_write(s, tx, b->dir, "handle", dev);
	err |= store_write(s, tx, b->dir, "state", "1");
	err |= store_write(s, tx, b->front, "backend", b->dir);
	err |= store_write(s, tx, b->front, "backend-id", self);
	err |= store_write(s, tx, b->front, "handle", dev);
	err |= put(b, tx, b->front, "mac", NB_GUEST_MAC);
	err |= put(b, tx, b->front, "mtu", NULL);
	err |= put(b, tx, b->front, "trusted", NULL);
	err |= store_write(s, tx, b->front, "state", "1");
	if (err) {
		store_end(s, tx, false);
		return -EIO;
	}
	return store_end(s, tx, true);
}

enum verdict nb_create(struct nb *b)
{
	char dir[STORE_DIR];
	int err = -EAGAIN;

	snprintf(dir, sizeof(dir), "/local/domain/%u", b->opt->domid);
	if (!store_exists(&b->store, dir, "name"))
		return broken("no domain %u", b->opt->domid);
	if (store_exists(&b->store, b->front, "backend") &&
	    !store_exists(&b->store, b->dir, "frontend"))
		return broken("domain %u has a vif %u already", b->opt->domid, b->opt->dev);
	/* What a killed run has left, and an error text of the past. */
	nb_remove(b);
	for (int i = 0; i < 20 && err == -EAGAIN; i++)
		err = create_once(b);
	if (err)
		return broken("creating the device: %s", strerror(-err));
	b->created = true;
	return V_PASS;
}

int nb_wait_front(struct nb *b, unsigned int mask, unsigned int ms)
{
	uint64_t end = now_ms() + ms;

	for (;;) {
		enum xb_state state = state_get(&b->store, b->front);

		if (mask & (1u << state))
			return (int)state;
		if (now_ms() >= end)
			return -ETIMEDOUT;
		nb_serve(b, 10, NULL);
	}
}

enum verdict nb_offer(struct nb *b)
{
	static const struct nb_key keys[] = {
		{ "feature-rx-copy", "1" }, { "feature-rx-flip", "0" }, { "feature-sg", "1" },
		{ "feature-gso-tcpv4", "1" }, { "feature-gso-tcpv6", "1" },
		{ "feature-ipv6-csum-offload", "1" }, { "feature-no-csum-offload", NULL },
		{ "feature-split-event-channels", "1" }, { "multi-queue-max-queues", "2" },
		{ "feature-multicast-control", "1" },
		{ "feature-dynamic-multicast-control", "1" }, { "feature-ctrl-ring", NULL },
		{ "feature-xdp-headroom", "1" }, { "carrier", NULL },
	};
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		err |= put(b, 0, b->dir, keys[i].key, keys[i].value);
	if (err)
		return broken("writing our features");
	state_set(&b->store, b->dir, XB_INIT_WAIT);
	return V_PASS;
}

static enum verdict attach_ring(struct nb *b, struct nb_ring *r, const char *dir,
				const char *ref_key, const char *port_key, uint32_t entry)
{
	uint32_t ref = (uint32_t)store_number(&b->store, dir, ref_key, 0);
	uint32_t port = (uint32_t)store_number(&b->store, dir, port_key, 0);
	int err = grant_map(&r->map, b->opt->domid, &ref, 1, true);

	if (err)
		return fail("mapping the ring %u of %s: %s", ref, dir, strerror(-err));
	ring_attach(&r->ring, r->map.mem, PAGE_BYTES, entry);
	/* Both rings of a queue may have one channel. */
	if (!port)
		return V_PASS;
	r->port = evtchn_bind(&b->evtchn, b->opt->domid, port);
	if (r->port < 0)
		return fail("binding port %u of %s: %s", port, dir, strerror(-r->port));
	return V_PASS;
}

enum verdict nb_attach(struct nb *b)
{
	uint64_t queues = store_number(&b->store, b->front, "multi-queue-num-queues", 1);
	char dir[STORE_DIR + 16];
	enum verdict v = V_PASS;

	if (!queues || queues > NB_QUEUES)
		return fail("absurd: %llu queues", (unsigned long long)queues);
	for (unsigned int i = 0; i < queues && v == V_PASS; i++) {
		struct nb_queue *q = &b->queue[i];
		bool split;

		snprintf(dir, sizeof(dir), queues > 1 ? "%s/queue-%u" : "%s", b->front, i);
		split = store_exists(&b->store, dir, "event-channel-rx");
		b->nr_queues = i + 1;
		v = attach_ring(b, &q->tx, dir, "tx-ring-ref",
				split ? "event-channel-tx" : "event-channel", NET_TX_ENTRY);
		if (v == V_PASS)
			v = attach_ring(b, &q->rx, dir, "rx-ring-ref", "event-channel-rx",
					NET_RX_ENTRY);
		if (v == V_PASS && !q->rx.port)
			q->rx.port = q->tx.port;
	}
	if (v == V_PASS && store_exists(&b->store, b->front, "ctrl-ring-ref"))
		v = attach_ring(b, &b->ctrl, b->front, "ctrl-ring-ref", "event-channel-ctrl",
				NET_CTRL_ENTRY);
	diag("frontend: %llu queues%s", (unsigned long long)queues,
	     b->ctrl.map.mem ? ", control ring" : "");
	return v;
}

enum verdict nb_connect(struct nb *b)
{
	unsigned int closed = STATE(CLOSING) | STATE(CLOSED);
	enum verdict v = nb_create(b);
	int state;

	if (v == V_PASS)
		v = nb_offer(b);
	if (v)
		return v;
	state = nb_wait_front(b, STATE(INITIALISED) | STATE(CONNECTED) | closed, b->opt->wait_ms);
	if (state != XB_INITIALISED && state != XB_CONNECTED)
		return fail("frontend is %s, wanted Connected",
			    state_name(state_get(&b->store, b->front)));
	v = nb_attach(b);
	if (v)
		return v;
	state_set(&b->store, b->dir, XB_CONNECTED);
	nb_serve(b, 300, NULL);
	return V_PASS;
}

static void release_ring(struct nb *b, struct nb_ring *r, int not_port)
{
	if (r->port > 0 && r->port != not_port)
		evtchn_unbind(&b->evtchn, (uint32_t)r->port);
	grant_unmap(&r->map);
}

void nb_release(struct nb *b)
{
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

void nb_remove(struct nb *b)
{
	store_remove(&b->store, 0, b->front, NULL);
	store_remove(&b->store, 0, b->dir, NULL);
	store_remove(&b->store, 0, b->error, NULL);
	b->created = false;
}

enum verdict nb_stop(struct nb *b)
{
	uint64_t start = now_ms();
	int state;

	store_write(&b->store, 0, b->dir, "online", "0");
	state_set(&b->store, b->dir, XB_CLOSING);
	/* A frontend that has gone away altogether is closed as well. */
	state = nb_wait_front(b, STATE(CLOSED) | STATE(UNKNOWN), b->opt->close_ms);
	if (state < 0)
		return fail("frontend is %s after %u ms, wanted Closed",
			    state_name(state_get(&b->store, b->front)), b->opt->close_ms);
	diag("frontend closed in %llu ms", (unsigned long long)(now_ms() - start));
	state_set(&b->store, b->dir, XB_CLOSED);
	nb_release(b);
	nb_remove(b);
	return V_PASS;
}

enum verdict nb_recover(struct nb *b)
{
	enum verdict v;

	nb_release(b);
	b->keys = NULL;
	b->nr_keys = 0;
	b->halted = false;
	b->ctrl_silent = false;
	b->answer = nb_answer;
	b->give = nb_give;
	/* A guest that has not seen the old device go would take the new one for it. */
	if (b->opt->io) {
		v = nb_io(b, "gone");
		if (v)
			return v;
		if (b->io.status)
			return fail("the guest does not give the old device up");
	} else {
		sleep_ms(1000);
	}
	v = nb_connect(b);
	if (v == V_PASS && b->opt->io) {
		v = nb_io(b, "net");
		if (v == V_PASS && b->io.status)
			v = fail("packets on a new device fail: status %d", b->io.status);
	}
	return v ? v : nb_stop(b);
}

enum verdict nb_io_start(struct nb *b, const char *want)
{
	return command_start(b->opt, b->xcase, want, 0, &b->io);
}

bool nb_io_done(struct nb *b)
{
	return command_done(&b->io);
}

enum verdict nb_io(struct nb *b, const char *want)
{
	enum verdict v = nb_io_start(b, want);

	if (v)
		return v;
	if (!nb_serve(b, b->opt->wait_ms, nb_io_done))
		return fail("the guest's %s does not end within %u ms", want, b->opt->wait_ms);
	diag("the guest's %s ended with status %d", want, b->io.status);
	return V_PASS;
}

static const struct case_table * const back_tables[] = {
	&net_back_good, &net_back_tx, &net_back_rx, &net_back_key, &net_back_state,
};

const struct role role_net_back = {
	.name = "net-back", .tables = back_tables, .nr_tables = ARRAY_SIZE(back_tables),
	.wants_domid = true,
};
