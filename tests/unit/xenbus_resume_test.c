// SPDX-License-Identifier: GPL-2.0-only
/*
 * The store's connection in a new domain: xenstored silent for a while, for good, or
 * until the system goes down. The thread runs when somebody waits, a second at a time.
 */
#include "kernel/thread.h"
#include "ktap.h"
#include "../../xenbus/store/wire.c"
#include "../../xenbus/store/tx.c"
#include "../../xenbus/store/request.c"
#include "../../xenbus/store/queue.c"
#include "../../xenbus/store/call.c"
#include "../../xenbus/store/comms.c"
#include "../../xenbus/store/store.c"

void xsstats_count(enum xsstat stat) { }

/* ---- the ring: the first request's answer is what begins a connection ---- */

wait_queue_head_t xsring_wait;
bool xsring_woken;
static enum xsring_state connection;
static unsigned long handshake_after, answers_after, down_after;	/* jiffies */
static unsigned int rebinds, connects, replays;
static bool unloading;
static struct xsd_sockmsg request, reply;
static u32 in, out;		/* bytes of these */
static u32 reply_len;
static char reply_body[4] = "OK";

static bool later(unsigned long when) { return when && !time_after(when, jiffies); }

enum xsring_state xsring_state(void) { return connection; }

void xsring_set_state(enum xsring_state state) { connection = state; }

void xsring_wake(void) { xsring_woken = true; }

bool xsring_is_ending(void)
{
	return system_state > SYSTEM_RUNNING || !module_is_live(THIS_MODULE);
}

int xsring_init(void) { return 0; }

void xsring_exit(void) { }

int xsring_rebind(void) { rebinds++; return 0; }

u32 xsring_error(void) { return 0; }

bool xsring_is_owed(void) { return false; }

void xsring_seen(bool useful) { }

void xsring_notify(void) { }

bool xsring_writable(void) { return true; }

bool xsring_readable(void) { return false; }

/* Half a minute for each word that the server has to write, as in ring.c. */
int xsring_connect(bool *fresh, void (*tick)(void))
{
	unsigned int secs;

	connects++;
	in = out = reply_len = 0;
	*fresh = true;
	for (secs = 0; secs < 30 && !xsring_is_ending(); secs++) {
		if (!handshake_after || later(handshake_after))
			return 0;
		jiffies += HZ;
	}
	return -ETIMEDOUT;
}

int xsring_write(const void *buf, u32 len)
{
	memcpy((char *)&request + in, buf, min_t(u32, len, sizeof(request) - in));
	in = min_t(u32, in + len, sizeof(request));
	if (in == sizeof(request)) {
		reply = request;
		reply.len = 3;
		reply_len = sizeof(reply) + reply.len;
		out = 0;
	}
	return len;
}

int xsring_read(void *buf, u32 len)
{
	char all[sizeof(reply) + sizeof(reply_body)];

	if (!reply_len || !later(answers_after))
		return 0;
	memcpy(all, &reply, sizeof(reply));
	memcpy(all + sizeof(reply), reply_body, sizeof(reply_body));
	len = min_t(u32, len, reply_len - out);
	memcpy(buf, all + out, len);
	out += len;
	if (out == reply_len)
		in = out = reply_len = 0;
	return len;
}

int xslane_init(void) { return 0; }

void xslane_exit(void) { }

void xswatch_exit(void) { }

void xswatch_event(const char *body, u32 len) { }

void xswatch_replay_later(void) { }

void xswatch_replay(void)
{
	check_eq(xsring_state(), XSRING_UP);
	check_eq(xsreq_gate, XSREQ_CLOSED);
	replays++;
}

static bool kernel_waits(void)
{
	if (later(down_after) && unloading)
		unit_module.live = false;
	else if (later(down_after))
		system_state = SYSTEM_RUNNING + 1;
	if (xsring_state() == XSRING_SYNC || xsring_state() == XSRING_UP)
		xscomms_step();
	return false;		/* a second has passed */
}

/* Saved while connected; then time passes as the arguments say, in seconds. */
static unsigned long resume(unsigned int handshake, unsigned int answer,
			    unsigned int down)
{
	unsigned long start;

	system_state = SYSTEM_RUNNING;
	unit_module.live = true;
	handshake_after = 0;
	answers_after = 1;
	down_after = 0;
	check_eq(xscomms_start(), 0);
	xs_suspend();
	start = jiffies;
	handshake_after = handshake ? start + handshake * HZ : 0;
	answers_after = start + answer * HZ;
	down_after = down ? start + down * HZ : 0;
	connects = replays = rebinds = 0;
	xs_resume();
	return (jiffies - start) / HZ;
}

/* The gate is open, and what is asked has its answer, or fails with @err. */
static void goes_on(int err)
{
	struct xsreq_data nothing = xsreq_string("x");
	void *r;

	check_eq(xsreq_gate, XSREQ_OPEN);
	r = xsreq_talk(XS_READ, 0, &nothing, 1, NULL);
	check_eq(IS_ERR(r) ? PTR_ERR(r) : 0, err);
	if (!IS_ERR(r))
		kfree(r);
	xscomms_stop(-ESHUTDOWN);
	xsreq_reset(0);
}

static void at_once(void)
{
	check(resume(0, 0, 0) < 3);
	check_eq(connects, 1);
	check_eq(replays, 1);
	goes_on(0);
}

static void silent(unsigned int secs, unsigned int least)
{
	unsigned long took = resume(0, secs, 0);

	check(took >= secs && took < secs + 5);
	check(connects >= least);
	check_eq(rebinds, connects);
	check_eq(replays, 1);
	goes_on(0);
}

static void a_minute(void)
{
	silent(45, 1);
	silent(70, 2);
	silent(1000, 10);
}

/* It does not know the domain for a while. */
static void no_handshake(void)
{
	unsigned long took = resume(40, 0, 0);

	check(took >= 40 && took < 45);
	check_eq(connects, 2);
	check_eq(replays, 1);
	goes_on(0);
	took = resume(200, 230, 0);
	check(took >= 230 && took < 235);
	goes_on(0);
}

static void goes_down(void)
{
	unsigned long took = resume(0, 100000, 100);

	check(took >= 100 && took < 105);
	check_eq(replays, 0);
	goes_on(-EIO);
}

static void unloaded(void)
{
	unsigned long took;

	unloading = true;
	took = resume(0, 100000, 30);
	unloading = false;
	check(took >= 30 && took < 35);
	check_eq(system_state, SYSTEM_RUNNING);
	goes_on(-EIO);
}

static const struct ktap_case cases[] = {
	{ "a store that answers at once", at_once },
	{ "a store that is silent for 45, 70 and 1000 s", a_minute },
	{ "a store that does not know the domain yet", no_handshake },
	{ "the system goes down meanwhile", goes_down },
	{ "the module is unloaded meanwhile", unloaded },
};

KTAP_MAIN(cases)
