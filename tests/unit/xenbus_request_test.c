// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests to xenstored over a save, a restore and a reconnect: what is held
 * back, what fails, and whose a transaction's number is.
 */
#include "kernel/kernel.h"
#include "ktap.h"
#include "../../xenbus/store/wire.c"
#include "../../xenbus/store/tx.c"
#include "../../xenbus/store/request.c"
#include "../../xenbus/store/queue.c"
#include "../../xenbus/store/call.c"

static unsigned int stats[XSSTAT_NR];

wait_queue_head_t xsring_wait;
void xsstats_count(enum xsstat stat) { stats[stat]++; }

void xsring_wake(void) { }

void xsring_notify(void) { }

static bool (*waits)(void);
static unsigned int nr_waits;

static bool kernel_waits(void)
{
	nr_waits++;
	return waits && waits();
}

static void nobody_answers(void) { waits = NULL; nr_waits = 0; }

/* ---- a store ---- */

static u32 store_tx = 1;	/* the next that it begins, anew in each connection */
static u32 sent_tx, sent_type;	/* of the last request that it got */

static bool answer(const char *body)
{
	struct xsreq *req = xsreq_next();
	struct xsd_sockmsg head;
	char number[16], text[64];

	if (!req)
		return false;
	sent_tx = req->head.tx_id;
	sent_type = req->head.type;
	head = req->head;
	if (head.type == XS_TRANSACTION_START) {
		snprintf(number, sizeof(number), "%u", store_tx++);
		body = number;
	}
	head.len = strlen(body) + 1;
	xsreq_put(req);
	snprintf(text, sizeof(text), "%s", body);
	xsreq_answer(&head, text);
	return true;
}

static bool store_answers(void) { return answer("OK"); }

/* The connection is another one now, with a store that knows nothing of us. */
static void reconnect(void)
{
	xsreq_reset(0);
	store_tx = 1;
	xsreq_up();
}

/* Return: the answer's text in @text, or an error. */
static int talk(u32 type, u32 tx, char *text)
{
	struct xsreq_data nothing = xsreq_string("x");
	void *reply = xsreq_talk(type, tx, &nothing, 1, NULL);

	if (IS_ERR(reply))
		return PTR_ERR(reply);
	if (text)
		snprintf(text, 64, "%s", (char *)reply);
	kfree(reply);
	return 0;
}

static u32 begin(void)
{
	char text[64] = "";

	check_eq(talk(XS_TRANSACTION_START, 0, text), 0);
	return atoi(text);
}

static unsigned int transactions(void)
{
	unsigned int queued, sent, orphans, open;

	xsreq_load(&queued, &sent, &orphans, &open);
	check_eq(queued, 0);
	check_eq(sent, 0);
	check_eq(orphans, 0);
	return open;
}

static void start(void)
{
	waits = store_answers;
	nr_waits = 0;
	reconnect();
	xsreq_open();
}

/* ---- tests ---- */

static void transaction(void)
{
	u32 tx;

	start();
	tx = begin();
	check_eq(transactions(), 1);
	check_eq(talk(XS_WRITE, tx, NULL), 0);
	check_eq(sent_tx, 1);		/* the store's own number */
	check_eq(talk(XS_TRANSACTION_END, tx, NULL), 0);
	check_eq(sent_tx, 1);
	check_eq(transactions(), 0);
	/* It is over, for everybody. */
	check_eq(talk(XS_WRITE, tx, NULL), -EAGAIN);
}

/* The number of an earlier connection is that of nobody in this one. */
static void stale(void)
{
	u32 old, new;

	start();
	old = begin();
	reconnect();
	new = begin();
	check(old != new);
	check_eq(talk(XS_WRITE, new, NULL), 0);
	check_eq(sent_tx, 1);		/* as that of the old one was */
	sent_type = 0;
	check_eq(talk(XS_WRITE, old, NULL), -EAGAIN);
	check_eq(talk(XS_TRANSACTION_END, old, NULL), -EAGAIN);
	check_eq(sent_type, 0);		/* the store has heard nothing of it */
	check_eq(transactions(), 1);
	check_eq(talk(XS_TRANSACTION_END, new, NULL), 0);
	check_eq(transactions(), 0);
}

static u32 lost_tx;

static bool connection_ends(void)
{
	struct xsreq *req = xsreq_next();

	if (!req)
		return false;
	xsreq_put(req);
	reconnect();
	waits = store_answers;
	return true;
}

/* What was under way in one can be done again; what was not may be done. */
static void cut_off(void)
{
	start();
	lost_tx = begin();
	waits = connection_ends;
	check_eq(talk(XS_WRITE, lost_tx, NULL), -EAGAIN);
	lost_tx = begin();
	waits = connection_ends;
	check_eq(talk(XS_TRANSACTION_END, lost_tx, NULL), -EAGAIN);
	waits = connection_ends;
	check_eq(talk(XS_READ, 0, NULL), -EIO);
	check_eq(transactions(), 0);
}

/* ---- the gate of a suspend ---- */

static unsigned int held;

/* Saved; in the new domain there is no connection for a while, then there is. */
static bool restored_late(void)
{
	switch (held++) {
	case 0:
		xsreq_reset(-EIO);	/* the first attempt has failed */
		return true;
	case 1:
		xsreq_reset(-EIO);	/* and the second */
		return true;
	case 2:
		reconnect();
		return true;
	case 3:
		xsreq_open();
		waits = store_answers;
		return true;
	}
	return false;
}

static void restore(void)
{
	u32 old;

	start();
	old = begin();
	check(!xsreq_close());		/* a transaction is open */
	held = 0;
	waits = restored_late;
	check_eq(talk(XS_READ, 0, NULL), 0);
	check_eq(held, 4);
	check_eq(talk(XS_WRITE, old, NULL), -EAGAIN);
	check_eq(transactions(), 0);
}

/* The connection is given up for good: nobody waits at the gate. */
static bool shut_down(void)
{
	xsreq_reset(-ESHUTDOWN);
	waits = NULL;
	return true;
}

static void shutdown_at_gate(void)
{
	start();
	check(xsreq_close());
	waits = shut_down;
	check_eq(talk(XS_READ, 0, NULL), -ESHUTDOWN);
	check_eq(transactions(), 0);
}

static int user_err;
static unsigned int user_done;

static void user_answered(struct xsreq *req)
{
	user_err = req->err;
	user_done++;
}

/* User space waits for the gate as long as for an answer. */
static void user_at_gate(void)
{
	struct xsreq_data nothing = xsreq_string("x");
	unsigned long before;
	struct xsreq *req;

	start();
	check(xsreq_close());
	nobody_answers();
	req = xsreq_alloc(XS_READ, 0, &nothing, 1);
	req->done = user_answered;
	before = jiffies;
	check_eq(xsreq_submit(req), -ETIMEDOUT);
	check_eq(jiffies - before, 60 * HZ);
	check_eq(user_done, 0);
	xsreq_put(req);
	check_eq(transactions(), 0);
	xsreq_open();
}

/* It has begun a transaction for somebody who does not wait any more. */
static void begun_for_nobody(void)
{
	struct xsreq_data nothing = xsreq_string("x");
	struct xsd_sockmsg head;
	struct xsreq *req;

	start();
	nobody_answers();
	req = xsreq_alloc(XS_TRANSACTION_START, 0, &nothing, 1);
	check_eq(xsreq_submit(req), 0);
	xsreq_put(xsreq_next());
	head = req->head;
	check(xsreq_abandon(req));
	head.len = 2;
	xsreq_answer(&head, "9");
	xsreq_put(req);
	waits = store_answers;
	check(store_answers());		/* it is told to drop it */
	check_eq(sent_type, XS_TRANSACTION_END);
	check_eq(sent_tx, 9);
	check_eq(transactions(), 0);
}

static const struct ktap_case cases[] = {
	{ "a transaction", transaction },
	{ "a transaction of an earlier connection", stale },
	{ "a connection that ends amidst a request", cut_off },
	{ "requests held over a save, the store late after it", restore },
	{ "no waiting at the gate when the system goes down", shutdown_at_gate },
	{ "user space at the gate", user_at_gate },
	{ "a transaction begun for nobody", begun_for_nobody },
};

KTAP_MAIN(cases)
