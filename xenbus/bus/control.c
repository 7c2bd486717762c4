// SPDX-License-Identifier: GPL-2.0-only
/* Requests of the toolstack to the domain: control/ in the store. */
#include <linux/export.h>
#include <linux/reboot.h>
#include <linux/slab.h>
#include <linux/sysrq.h>
#include "bus.h"

#define XENBUS_CONTROL_TRIES	100
#define XENBUS_CONTROL_SECS	60

static void xenbus_control_poweroff(void)
{
	orderly_poweroff(false);
}

static const char *const xenbus_control_features[] = {
	"feature-poweroff", "feature-reboot", "feature-halt",
	"feature-suspend",
#ifdef CONFIG_MAGIC_SYSRQ
	"feature-sysrq",
#endif
};

/*
 * A toolstack that reads these keys creates them writable for us; one that does
 * not create them does not read them.
 */
static void xenbus_control_write(const char *val)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(xenbus_control_features); i++)
		xenbus_write(XBT_NIL, "control", xenbus_control_features[i],
			     val);
}

/* Announce the requests that we support. */
static void xenbus_control_announce(void)
{
	xenbus_control_write("1");
}

static void xenbus_control_suspend(void)
{
	xenbus_suspend(xenbus_control_announce);
}

static const struct {
	const char *request;
	void (*act)(void);
} xenbus_control_requests[] = {
	{ "poweroff", xenbus_control_poweroff },
	{ "halt", xenbus_control_poweroff },
	{ "reboot", orderly_reboot },
	{ "suspend", xenbus_control_suspend },
};

/*
 * Take a request: read it and acknowledge it by writing "", unless somebody
 * writes another one meanwhile. @known tells whether a request can be taken;
 * others stay. Returns the text, or an ERR_PTR().
 */
static char *xenbus_control_take(const char *key,
				 bool (*known)(const char *text))
{
	unsigned long end = jiffies + XENBUS_CONTROL_SECS * HZ;
	struct xenbus_transaction xbt;
	unsigned int tries;
	char *text;
	int err;

	for (tries = 0; tries < XENBUS_CONTROL_TRIES; tries++) {
		err = xenbus_transaction_start(&xbt);
		if (err)
			return ERR_PTR(err);
		text = xenbus_read(xbt, "control", key, NULL);
		if (IS_ERR(text)) {
			xenbus_transaction_end(xbt, 1);
			return text;
		}
		if (!known(text)) {
			xenbus_transaction_end(xbt, 1);
			return text;
		}
		err = xenbus_write(xbt, "control", key, "");
		if (err)
			xenbus_transaction_end(xbt, 1);
		else
			err = xenbus_transaction_end(xbt, 0);
		if (!err)
			return text;
		kfree(text);
		if (err != -EAGAIN || time_after(jiffies, end))
			return ERR_PTR(err);
	}
	return ERR_PTR(-EAGAIN);
}

static bool xenbus_control_is_request(const char *text)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(xenbus_control_requests); i++)
		if (!strcmp(text, xenbus_control_requests[i].request))
			return true;
	return false;
}

static void xenbus_control_shutdown(struct xenbus_watch *watch,
				    const char *path, const char *token)
{
	unsigned int i;
	char *text;

	if (system_state > SYSTEM_RUNNING)
		return;
	text = xenbus_control_take("shutdown", xenbus_control_is_request);
	if (IS_ERR(text)) {
		if (text != ERR_PTR(-ENOENT))
			pr_err("xenbus: control/shutdown: %ld\n",
			       PTR_ERR(text));
		return;
	}
	for (i = 0; i < ARRAY_SIZE(xenbus_control_requests); i++) {
		if (strcmp(text, xenbus_control_requests[i].request))
			continue;
		pr_info("xenbus: the toolstack asks for %s\n", text);
		xenbus_control_requests[i].act();
		break;
	}
	/* "" is our own acknowledgment. */
	if (i == ARRAY_SIZE(xenbus_control_requests) && *text)
		pr_info_ratelimited("xenbus: unknown request '%*pE'\n",
				    (int)min(strlen(text), 32UL), text);
	kfree(text);
}

static bool xenbus_control_is_key(const char *text)
{
	return *text;
}

static void xenbus_control_sysrq(struct xenbus_watch *watch, const char *path,
				 const char *token)
{
	char *text = xenbus_control_take("sysrq", xenbus_control_is_key);

	if (IS_ERR(text))
		return;
	if (*text)
		handle_sysrq(*text);
	kfree(text);
}

static struct xenbus_watch xenbus_control_watches[] = {
	{ .node = "control/shutdown", .callback = xenbus_control_shutdown },
	{ .node = "control/sysrq", .callback = xenbus_control_sysrq },
};

int xenbus_control_start(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(xenbus_control_watches); i++) {
		err = register_xenbus_watch(&xenbus_control_watches[i]);
		if (!err)
			continue;
		while (i--)
			unregister_xenbus_watch(&xenbus_control_watches[i]);
		return err;
	}
	xenbus_control_announce();
	return 0;
}

void xenbus_control_stop(void)
{
	unsigned int i;

	xenbus_control_write("");
	for (i = 0; i < ARRAY_SIZE(xenbus_control_watches); i++)
		unregister_xenbus_watch(&xenbus_control_watches[i]);
}
