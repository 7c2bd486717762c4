// SPDX-License-Identifier: GPL-2.0-only
/* In xenstored's place: its ring with a guest, its event channel, its process. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store.h"
#include "xsd.h"

#define GRANT_XENSTORE		1	/* the toolstack's, in every guest */
#define TRIES			50

#define HYPERCALL_EVENT_CHANNEL	32
#define EVTCHNOP_SEND		4
#define EVTCHNOP_STATUS		5
#define EVTCHNSTAT_INTERDOMAIN	2

struct evtchn_status {
	uint16_t domid;
	uint32_t port;
	uint32_t status;
	uint32_t vcpu;
	uint16_t remote_domid;
	uint32_t remote_port;
};

/* What Xen reads has to be in memory. */
static union {
	struct evtchn_status status;
	uint32_t port;
	char page[PAGE_BYTES];
} hyper __attribute__((aligned(PAGE_BYTES)));

/* Nobody else may send on a port that another process has bound, but the kernel may. */
static int event_op(struct xsd *x, unsigned int op)
{
	struct privcmd_call call = {
		.op = HYPERCALL_EVENT_CHANNEL,
		.arg = { op, (uintptr_t)&hyper },
	};

	return ioctl(x->privcmd, PRIVCMD_HYPERCALL, &call) < 0 ? -errno : 0;
}

void xsd_notify(struct xsd *x)
{
	__sync_synchronize();
	hyper.port = x->port;
	event_op(x, EVTCHNOP_SEND);
}

/* The server's end of the guest's channel. */
static enum verdict find_port(struct xsd *x)
{
	char dir[STORE_DIR];
	struct store s;
	int err;

	err = store_open(&s);
	if (err)
		return broken("no xenstore device file: %s", strerror(-err));
	snprintf(dir, sizeof(dir), "/local/domain/%u/store", x->opt->domid);
	memset(&hyper, 0, sizeof(hyper));
	hyper.status.domid = x->opt->domid;
	hyper.status.port = store_number(&s, dir, "port", 0);
	store_close(&s);
	x->privcmd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	if (x->privcmd < 0 || mlock(&hyper, sizeof(hyper)))
		return broken("/dev/xen/privcmd: %s", strerror(errno));
	err = event_op(x, EVTCHNOP_STATUS);
	if (err || hyper.status.status != EVTCHNSTAT_INTERDOMAIN)
		return broken("port %u of domain %u is not connected: %d", hyper.status.port,
			      x->opt->domid, err);
	x->port = hyper.status.remote_port;
	return V_PASS;
}

enum verdict xsd_open(struct xsd *x, const struct options *opt, const struct xcase *c)
{
	const uint32_t ref = GRANT_XENSTORE;
	enum verdict v;
	int err;

	memset(x, 0, sizeof(*x));
	x->opt = opt;
	x->xcase = c;
	v = find_port(x);
	if (v)
		return v;
	err = grant_map(&x->map, opt->domid, &ref, 1, true);
	if (err)
		return broken("the store's page of domain %u: %s", opt->domid, strerror(-err));
	x->page = (volatile struct xs_page *)x->map.mem;
	x->features = x->page->features;
	return V_PASS;
}

static bool at_rest(struct xsd *x)
{
	return x->page->req_prod == x->page->req_cons && x->page->rsp_prod == x->page->rsp_cons;
}

static char server_state(struct xsd *x)
{
	char path[32], state = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/stat", x->opt->server);
	f = fopen(path, "r");
	if (!f)
		return state;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = '?';
	fclose(f);
	return state;
}

enum verdict xsd_stop(struct xsd *x)
{
	for (unsigned int i = 0; i < TRIES; i++) {
		if (i)
			sleep_ms(100);
		if (!at_rest(x))
			continue;
		sleep_ms(100);
		if (!at_rest(x))
			continue;
		if (kill((pid_t)x->opt->server, SIGSTOP))
			return broken("xenstored (%u): %s", x->opt->server, strerror(errno));
		for (unsigned int n = 0; n < TRIES && server_state(x) != 'T'; n++)
			sleep_ms(20);
		x->stopped = server_state(x) == 'T';
		if (x->stopped && at_rest(x))
			return V_PASS;
		xsd_go(x);
	}
	return broken("the ring does not come to rest");
}

/* The guest adds to the requests at any time, but never takes one back. */
static enum verdict give_back(struct xsd *x)
{
	uint32_t cons = x->page->req_cons - x->nr_kept;

	if (x->page->req_prod - cons > XS_RING_BYTES)
		return broken("no room for %u bytes of requests", x->nr_kept);
	for (uint32_t i = 0; i < x->nr_kept; i++)
		x->page->req[(cons + i) % XS_RING_BYTES] = x->kept[i];
	__sync_synchronize();
	x->page->req_cons = cons;
	x->nr_kept = 0;
	return V_PASS;
}

enum verdict xsd_go(struct xsd *x)
{
	enum verdict v = V_PASS;

	if (x->nr_kept)
		v = give_back(x);
	x->stopped = false;
	kill((pid_t)x->opt->server, SIGCONT);
	return v;
}

enum verdict xsd_put(struct xsd *x, const void *bytes, size_t len)
{
	uint64_t end = now_ms() + x->opt->wait_ms;
	const char *from = bytes;

	while (len) {
		uint32_t prod = x->page->rsp_prod, room, n;

		room = XS_RING_BYTES - (prod - x->page->rsp_cons);
		if (!room || room > XS_RING_BYTES) {
			if (now_ms() > end)
				return fail("the guest does not read: %u of it are left",
					    (unsigned int)len);
			sleep_ms(1);
			continue;
		}
		n = len < room ? len : room;
		for (uint32_t i = 0; i < n; i++)
			x->page->rsp[(prod + i) % XS_RING_BYTES] = *from++;
		__sync_synchronize();
		x->page->rsp_prod = prod + n;
		len -= n;
		xsd_notify(x);
	}
	return V_PASS;
}

enum verdict xsd_send(struct xsd *x, uint32_t type, uint32_t id, uint32_t tx, const void *body,
		      uint32_t len)
{
	struct xs_header h = { .type = type, .req_id = id, .tx_id = tx, .len = len };

	return xsd_put(x, &h, sizeof(h)) ?: xsd_put(x, body, len);
}

enum verdict xsd_events(struct xsd *x, const char *path)
{
	char body[XS_PAYLOAD_MAX];
	enum verdict v = V_PASS;

	for (unsigned int token = 1; token <= XSD_TOKENS && !v; token++) {
		int len = snprintf(body, sizeof(body), "%s%c%x", path, 0, token);

		v = xsd_send(x, XS_WATCH_EVENT, 0, 0, body, (uint32_t)len + 1);
	}
	return v;
}

enum verdict xsd_taken(struct xsd *x)
{
	uint64_t end = now_ms() + x->opt->wait_ms;

	while (x->page->rsp_cons != x->page->rsp_prod) {
		if (now_ms() > end)
			return fail("the guest does not read");
		sleep_ms(1);
	}
	return V_PASS;
}

static bool peek(struct xsd *x, void *buf, uint32_t at, uint32_t len)
{
	char *to = buf;

	if (x->page->req_prod - at < len)
		return false;
	__sync_synchronize();
	for (uint32_t i = 0; i < len; i++)
		to[i] = x->page->req[(at + i) % XS_RING_BYTES];
	return true;
}

static bool take(struct xsd *x, struct xsd_request *r)
{
	uint32_t at = x->page->req_cons;

	if (!peek(x, &r->h, at, sizeof(r->h)) || r->h.len > XS_PAYLOAD_MAX ||
	    !peek(x, r->body, at + sizeof(r->h), r->h.len))
		return false;
	r->body[r->h.len] = 0;
	__sync_synchronize();
	x->page->req_cons = at + sizeof(r->h) + r->h.len;
	xsd_notify(x);
	return true;
}

enum verdict xsd_keep(struct xsd *x, const struct xsd_request *r)
{
	uint32_t len = sizeof(r->h) + r->h.len;

	if (len > sizeof(x->kept) - x->nr_kept)
		return broken("too many requests beside the one that is wanted");
	memcpy(x->kept + x->nr_kept, &r->h, sizeof(r->h));
	memcpy(x->kept + x->nr_kept + sizeof(r->h), r->body, r->h.len);
	x->nr_kept += len;
	return V_PASS;
}

bool xsd_more(struct xsd *x, int type, struct xsd_request *r)
{
	uint64_t end = now_ms() + x->opt->wait_ms;

	while (now_ms() < end) {
		if (!take(x, r))
			sleep_ms(1);
		else if (type < 0 || r->h.type == (uint32_t)type)
			return true;
		else if (xsd_keep(x, r))
			return false;
	}
	return false;
}

enum verdict xsd_next(struct xsd *x, int type, struct xsd_request *r)
{
	return xsd_more(x, type, r) ? V_PASS : fail("the guest makes no request of type %d", type);
}

enum verdict xsd_ask(struct xsd *x, const char *want)
{
	return command_start(x->opt, x->xcase, want, 0, &x->io);
}

enum verdict xsd_asked(struct xsd *x, unsigned int ms, int *status)
{
	uint64_t begin = now_ms();

	while (!command_done(&x->io)) {
		if (now_ms() > begin + ms)
			return fail("the guest's request has not ended after %u ms", ms);
		sleep_ms(20);
	}
	*status = x->io.status;
	diag("the guest's request ended after %u ms with status %d",
	     (unsigned int)(now_ms() - begin), *status);
	return V_PASS;
}

enum verdict xsd_end(struct xsd *x, unsigned int ms)
{
	uint64_t begin = now_ms();
	enum verdict v = V_PASS;
	int status = -1;

	if (x->stopped)
		v = xsd_go(x);
	while (!v && status) {
		if (now_ms() > begin + ms)
			return fail("the guest has no store for %u ms", ms);
		v = xsd_ask(x, "read") ?: xsd_asked(x, x->opt->wait_ms * 2, &status);
	}
	if (!v)
		diag("the guest reads again after %u ms", (unsigned int)(now_ms() - begin));
	return v;
}

static const struct case_table * const tables[] = {
	&xsd_message_table, &xsd_answer_table, &xsd_ring_table,
};

const struct role role_store = {
	.name = "store", .tables = tables, .nr_tables = ARRAY_SIZE(tables), .store = true,
};
