// SPDX-License-Identifier: GPL-2.0-only
/* The xenstore client as a whole: begin, end, suspend. */
#include <linux/export.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include "store.h"

#define XS_FORGET_SECS	5

int xenstored_ready;
EXPORT_SYMBOL_GPL(xenstored_ready);

static BLOCKING_NOTIFIER_HEAD(xs_chain);

/**
 * register_xenstore_notifier() - be called when the store can be used
 * @nb: called at once if it can be already
 *
 * Return: 0. Context: process.
 */
int register_xenstore_notifier(struct notifier_block *nb)
{
	if (xenstored_ready)
		nb->notifier_call(nb, 0, NULL);
	return blocking_notifier_chain_register(&xs_chain, nb);
}
EXPORT_SYMBOL_GPL(register_xenstore_notifier);

/**
 * unregister_xenstore_notifier() - end of register_xenstore_notifier()
 * @nb: as registered
 */
void unregister_xenstore_notifier(struct notifier_block *nb)
{
	blocking_notifier_chain_unregister(&xs_chain, nb);
}
EXPORT_SYMBOL_GPL(unregister_xenstore_notifier);

/**
 * xs_suspend() - hold requests back and wait for those under way
 *
 * Then the ring is at rest, or xenstored is silent and those requests will fail.
 * Context: process; not inside of a transaction.
 */
void xs_suspend(void)
{
	if (!xsreq_close())
		pr_warn("xenbus: store: suspending with requests or transactions under way\n");
	xscomms_pause();
}

/**
 * xs_resume() - connect to the store of the new domain
 *
 * Event channels work again. All watches are made again, and each tells one
 * event. Transactions that were open are gone. Without a connection requests
 * fail from now on.
 */
void xs_resume(void)
{
	int err;

	xscomms_stop(-EIO);
	err = xsring_rebind();
	if (!err)
		err = xscomms_start();
	if (err)
		pr_err("xenbus: store: no connection after resume: %d\n", err);
	else
		xswatch_replay();
	xsreq_open();
}

/**
 * xs_suspend_cancel() - the domain goes on as it was
 */
void xs_suspend_cancel(void)
{
	xscomms_continue();
	xsreq_open();
}

/* xenstored forgets our watches and transactions, so that none is left over. */
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
