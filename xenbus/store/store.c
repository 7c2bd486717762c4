// SPDX-License-Identifier: GPL-2.0-only
/* The xenstore client as a whole: init, exit, suspend. */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include "store.h"

#define XS_FORGET_SECS	5

int xenstored_ready;
EXPORT_SYMBOL_GPL(xenstored_ready);

static BLOCKING_NOTIFIER_HEAD(xs_chain);

/**
 * register_xenstore_notifier() - get called when the store can be used
 * @nb: called at once if the store can be used already
 *
 * Return: 0.
 * Context: process.
 */
int register_xenstore_notifier(struct notifier_block *nb)
{
	if (xenstored_ready)
		nb->notifier_call(nb, 0, NULL);
	return blocking_notifier_chain_register(&xs_chain, nb);
}
EXPORT_SYMBOL_GPL(register_xenstore_notifier);

/**
 * unregister_xenstore_notifier() - undo register_xenstore_notifier()
 * @nb: registered
 */
void unregister_xenstore_notifier(struct notifier_block *nb)
{
	blocking_notifier_chain_unregister(&xs_chain, nb);
}
EXPORT_SYMBOL_GPL(unregister_xenstore_notifier);

/**
 * xs_suspend() - hold new requests and wait for those in flight
 *
 * Afterwards the ring is idle, or xenstored is silent and the remaining
 * requests will fail.
 *
 * Context: process; not inside of a transaction.
 */
void xs_suspend(void)
{
	if (!xsreq_close())
		pr_warn("xenbus: store: suspending with requests or transactions under way\n");
	xscomms_pause();
}

/*
 * Each attempt takes up to a minute and a half. Returns 0, or an error if
 * further attempts make no sense.
 */
static int xs_connect_again(void)
{
	unsigned long start = jiffies;
	bool told = false;
	int err;

	for (;;) {
		err = xsring_rebind();
		if (!err)
			err = xscomms_start();
		if (!err || xsring_is_ending())
			break;
		if (!told)
			pr_err("xenbus: store: no connection after resume (%d), trying until there is one\n",
			       err);
		told = true;
		msleep(1000);
	}
	if (told && !err)
		pr_info("xenbus: store: connected %lu s after the resume\n",
			(jiffies - start) / HZ);
	return err;
}

/**
 * xs_resume() - connect to the store of the new domain
 *
 * Event channels work again. All watches are registered again, and each fires
 * once. Open transactions are lost.
 *
 * In a domain that is new to its backends no device works without a store, so
 * this waits for the store as long as it takes, and requests wait with it.
 */
void xs_resume(void)
{
	xscomms_stop(-EIO);
	if (!xs_connect_again())
		xswatch_replay();
	xsreq_open();
}

/** xs_suspend_cancel() - continue in the same domain */
void xs_suspend_cancel(void)
{
	xscomms_continue();
	xsreq_open();
}

/* Make xenstored drop our watches and transactions, so that none remain. */
static void xs_forget(void)
{
	struct xsreq_data nothing = xsreq_string("");
	struct xsreq *req = xsreq_alloc(XS_RESET_WATCHES, 0, &nothing, 1);
	void *reply;

	if (IS_ERR(req))
		return;
	req->urgent = true;
	req->secs = XS_FORGET_SECS;
	reply = xsreq_call(req, NULL);
	if (!IS_ERR(reply))
		kfree(reply);
}

void xs_shutdown(void)
{
	xsreq_close();
	xs_forget();
	xscomms_stop(-ESHUTDOWN);
	xsreq_open();
}

int xs_init(void)
{
	int err;

	err = xslane_init();
	if (err)
		return err;
	err = xsring_init();
	if (err)
		goto lanes;
	err = xscomms_start();
	if (err)
		goto ring;
	xenstored_ready = 1;
	blocking_notifier_call_chain(&xs_chain, 0, NULL);
	return 0;

ring:
	xsring_exit();
lanes:
	xslane_exit();
	return err;
}

void xs_exit(void)
{
	xenstored_ready = 0;
	xs_forget();
	xscomms_stop(-ESHUTDOWN);
	xswatch_exit();
	xslane_exit();
	xsring_exit();
}
