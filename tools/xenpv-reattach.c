// SPDX-License-Identifier: GPL-2.0-only
/*
 * Move the devices of guests from a dead backend domain to its restarted
 * instance. docs/recover.md describes it.
 *
 * A device has three directories in xenstore: the frontend's, the backend's and
 * the toolstack's own copy, /libxl/GUEST/device/KIND/DEVID. Only the copy is
 * trusted: the backend's directory is gone with its domain, and the guest can
 * write the frontend's. All three are written anew in one transaction, with the
 * permissions that libxl gives them, so that nobody sees half of a device.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MAX_GUESTS	64
/*
 * Other programs write to the store all the time, but not so many times in a
 * row.
 */
#define MAX_TRIES	100

struct device {
	unsigned int guest;
	char kind[16];		/* kind of the frontend: vbd, vif */
	char back_kind[16];	/* kind of the backend: vbd, vif, qdisk */
	unsigned int devid;
	unsigned int backend;	/* current backend domain */
};

/* Keys that libxl writes for a frontend, besides its number. */
static const struct {
	const char *kind;
	const char *name;
	/*
	 * The value of a key that the backend writes, not the guest. It is lost
	 * with the domain that owned it, and there is no copy. This is libxl's
	 * initial value; the hotplug script writes the real one.
	 */
	const char *of_backend;
} front_keys[] = {
	{ "vbd", "device-type", NULL },
	{ "vbd", "trusted", NULL },
	{ "vif", "mac", NULL },
	{ "vif", "trusted", NULL },
	{ "vif", "mtu", "1500" },
};

static struct {
	const char *from;
	const char *to;
	const char *type;
	const char *guests[MAX_GUESTS];
	unsigned int nr_guests;
	bool dry_run;
	bool force;
	bool quiet;
} opt;

static unsigned int moved;	/* devices */

static void say(const char *fmt, ...)
{
	va_list ap;

	if (opt.quiet)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* ---- devices ---- */

static void copy_path(const struct device *dev, char *path)
{
	snprintf(path, PATH_LEN, "/libxl/%u/device/%s/%u", dev->guest, dev->kind, dev->devid);
}

static void front_path(const struct device *dev, char *path)
{
	snprintf(path, PATH_LEN, "/local/domain/%u/device/%s/%u", dev->guest, dev->kind,
		 dev->devid);
}

static void back_path(const struct device *dev, unsigned int backend, char *path)
{
	snprintf(path, PATH_LEN, "/local/domain/%u/backend/%s/%u/%u", backend, dev->back_kind,
		 dev->guest, dev->devid);
}

/*
 * Read the copy to find the device's backend. Returns false if it does not
 * exist or is invalid.
 */
static bool device_read(xs_transaction_t t, struct device *dev)
{
	char path[PATH_LEN], again[PATH_LEN], *backend;
	unsigned int guest, devid;
	int end = 0;
	bool ok;

	copy_path(dev, path);
	backend = store_read(t, "%s/backend", path);
	if (!backend)
		return false;
	ok = sscanf(backend, "/local/domain/%u/backend/%15[a-z0-9_]/%u/%u%n", &dev->backend,
		    dev->back_kind, &guest, &devid, &end) == 4;
	if (ok) {
		back_path(dev, dev->backend, again);
		ok = !strcmp(again, backend) && dev->backend <= DOMID_MAX;
	}
	if (!ok) {
		complain("%s/backend is '%s', which is no backend of this device", path, backend);
		failed++;
	}
	free(backend);
	return ok;
}

/*
 * Write the toolstack's keys of the frontend: from the copy, or else from the
 * guest's directory.
 */
static bool front_write(xs_transaction_t t, const struct device *dev, unsigned int to,
			const char *path, const struct node *old, const struct node *copy)
{
	for (size_t i = 0; i < ARRAY_SIZE(front_keys); i++) {
		const char *name = front_keys[i].name, *value;

		if (strcmp(front_keys[i].kind, dev->kind))
			continue;
		value = node_get(copy, name);
		if (!value)
			value = node_get(old, name);
		if (!value)
			value = front_keys[i].of_backend;
		if (!value)
			continue;
		if (!store_write(t, path, name, value) ||
		    (front_keys[i].of_backend && !store_permit(t, path, name, to, dev->guest)))
			return false;
	}
	return store_number(t, path, strcmp(dev->kind, "vbd") ? "handle" : "virtual-device",
			    dev->devid);
}

static bool back_write(xs_transaction_t t, const struct device *dev, const char *path,
		       const struct node *copy)
{
	static const char * const ours[] = { "frontend", "backend", "frontend-id", "state",
					     "online" };

	for (unsigned int i = 0; i < copy->nr; i++) {
		bool skip = !copy->value[i];

		for (size_t k = 0; k < ARRAY_SIZE(ours); k++)
			skip |= !strcmp(copy->name[i], ours[k]);
		if (!skip && !store_write(t, path, copy->name[i], copy->value[i]))
			return false;
	}
	return store_number(t, path, "frontend-id", dev->guest) &&
	       store_number(t, path, "online", 1) && store_number(t, path, "state", 1);
}

/* Write all changes of a device, in a transaction. */
static bool device_write(xs_transaction_t t, const struct device *dev, unsigned int to)
{
	struct node old = { .nr = 0 }, copy = { .nr = 0 };
	char front[PATH_LEN], back[PATH_LEN], before[PATH_LEN];
	bool ok;

	front_path(dev, front);
	back_path(dev, to, back);
	back_path(dev, dev->backend, before);
	copy_path(dev, copy.path);
	strcpy(old.path, front);
	node_read(t, &old);
	ok = node_read(t, &copy) && store_remove(t, before) &&
	     store_folder(t, front, dev->guest, to) &&
	     store_write(t, front, "backend", back) &&
	     store_number(t, front, "backend-id", to) &&
	     front_write(t, dev, to, front, &old, &copy) &&
	     store_number(t, front, "state", 1) &&
	     store_folder(t, back, to, dev->guest) &&
	     store_write(t, back, "frontend", front) &&
	     back_write(t, dev, back, &copy) &&
	     store_write(t, copy.path, "frontend", front) &&
	     store_write(t, copy.path, "backend", back);
	node_free(&old);
	node_free(&copy);
	return ok;
}

/*
 * Returns false if the device was not moved, and says why unless it has
 * vanished.
 */
static bool device_move(struct device *dev, unsigned int to)
{
	unsigned int from = dev->backend, tries;

	for (tries = 0; tries < MAX_TRIES; tries++) {
		xs_transaction_t t = xs_transaction_start(xs);

		if (t == XBT_NULL) {
			complain("cannot start a transaction: %s", strerror(errno));
			break;
		}
		/* somebody may have removed it since it was listed */
		if (!device_read(t, dev) || dev->backend != from) {
			xs_transaction_end(xs, t, true);
			return false;
		}
		if (!device_write(t, dev, to)) {
			xs_transaction_end(xs, t, true);
			break;
		}
		if (xs_transaction_end(xs, t, false))
			return true;
		if (errno != EAGAIN) {
			complain("cannot end a transaction: %s", strerror(errno));
			break;
		}
	}
	if (tries == MAX_TRIES)
		complain("the store does not hold still");
	failed++;
	return false;
}

/* ---- all devices ---- */

typedef void (*device_fn)(struct device *dev, void *arg);

static bool guest_wanted(unsigned int domid, const unsigned int *guests)
{
	for (unsigned int i = 0; i < opt.nr_guests; i++)
		if (guests[i] == domid)
			return true;
	return !opt.nr_guests;
}

static void each_device(const unsigned int *guests, device_fn fn, void *arg)
{
	static const char * const kinds[] = { "vbd", "vif" };
	unsigned int nr, nr_devs;
	char **ids = xs_directory(xs, XBT_NULL, "/libxl", &nr);
	char path[PATH_LEN];

	if (!ids)
		die(EXIT_SOME_FAILED, "cannot list /libxl: %s (is this dom0, with guests of xl?)",
		    strerror(errno));
	for (unsigned int i = 0; i < nr * 2; i++) {
		struct device dev = { .guest = 0 };
		char **devs;

		strcpy(dev.kind, kinds[i % 2]);
		if (!number(ids[i / 2], DOMID_MAX, &dev.guest) ||
		    !guest_wanted(dev.guest, guests) ||
		    (opt.type && strcmp(opt.type, dev.kind)))
			continue;
		snprintf(path, sizeof(path), "/libxl/%u/device/%s", dev.guest, dev.kind);
		devs = xs_directory(xs, XBT_NULL, path, &nr_devs);
		for (unsigned int k = 0; devs && k < nr_devs; k++)
			if (number(devs[k], 0xffffffff, &dev.devid) && device_read(XBT_NULL, &dev))
				fn(&dev, arg);
		free(devs);
	}
	free(ids);
}

struct dead {
	unsigned int domid;
	unsigned int nr;
	bool several;
};

static void note_dead(struct device *dev, void *arg)
{
	struct dead *dead = arg;

	if (domain_lives(dev->backend))
		return;
	dead->several |= dead->nr && dead->domid != dev->backend;
	dead->domid = dev->backend;
	dead->nr++;
}

struct move {
	unsigned int from;
	unsigned int to;
};

static void move_one(struct device *dev, void *arg)
{
	struct move *move = arg;
	char *name;

	if (dev->backend != move->from)
		return;
	if (dev->guest == move->to) {
		complain("domain %u cannot serve its own %s %u", dev->guest, dev->kind, dev->devid);
		failed++;
		return;
	}
	name = store_read(XBT_NULL, "/local/domain/%u/name", dev->guest);
	if (opt.dry_run || device_move(dev, move->to)) {
		say("%s%s (domain %u) %s %u: backend domain %u -> %u",
		    opt.dry_run ? "would move: " : "", name ? name : "?", dev->guest, dev->kind,
		    dev->devid, move->from, move->to);
		moved++;
	}
	free(name);
}

/* ---- the program ---- */

static const char usage_text[] =
"usage: xenpv-reattach [OPTION...] --to DOMAIN\n"
"Point the devices of guests from a backend domain that is gone at its new instance.\n"
"\n"
"  -t, --to DOMAIN      number or name of the new instance\n"
"  -f, --from DOMAIN    number (or name) of the old one; default: the one that is gone\n"
"                       and still has devices\n"
"  -g, --guest DOMAIN   only this guest's devices (may be repeated)\n"
"      --type vbd|vif   only disks, only network interfaces\n"
"  -n, --dry-run        say what would be done\n"
"      --force          also if the old one still exists: see that it never runs again\n"
"  -q, --quiet          only errors\n"
"  -h, --help\n"
"\n"
"Exit status: 0 all devices were moved, or there was none; 1 some were not; 2 usage.\n";

static void options(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "to", required_argument, NULL, 't' },
		{ "from", required_argument, NULL, 'f' },
		{ "guest", required_argument, NULL, 'g' },
		{ "type", required_argument, NULL, 'T' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "force", no_argument, NULL, 'F' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "t:f:g:nqh", longs, NULL)) != -1) {
		switch (c) {
		case 't':
			opt.to = optarg;
			break;
		case 'f':
			opt.from = optarg;
			break;
		case 'g':
			if (opt.nr_guests == MAX_GUESTS)
				die(EXIT_USAGE, "%s", "too many guests; none means all of them");
			opt.guests[opt.nr_guests++] = optarg;
			break;
		case 'T':
			if (strcmp(optarg, "vbd") && strcmp(optarg, "vif"))
				die(EXIT_USAGE, "--type is vbd or vif, not %s", optarg);
			opt.type = optarg;
			break;
		case 'n':
			opt.dry_run = true;
			break;
		case 'F':
			opt.force = true;
			break;
		case 'q':
			opt.quiet = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			exit(0);
		default:
			fputs(usage_text, stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc || !opt.to) {
		fputs(usage_text, stderr);
		exit(EXIT_USAGE);
	}
}

/*
 * Find the backend domain whose devices to move. Returns false if there is
 * none.
 */
static bool find_from(const unsigned int *guests, unsigned int *from)
{
	struct dead dead = { .nr = 0 };

	if (opt.from) {
		*from = domain_of(opt.from, false);
		return true;
	}
	each_device(guests, note_dead, &dead);
	if (dead.several)
		die(EXIT_SOME_FAILED, "%s",
		    "devices of several domains that are gone: say which by --from");
	*from = dead.domid;
	return dead.nr;
}

int main(int argc, char **argv)
{
	unsigned int guests[MAX_GUESTS];
	struct move move;

	options(argc, argv);
	xs = xs_open(0);
	if (!xs)
		die(EXIT_SOME_FAILED, "cannot reach xenstored: %s", strerror(errno));
	move.to = domain_of(opt.to, true);
	for (unsigned int i = 0; i < opt.nr_guests; i++)
		guests[i] = domain_of(opt.guests[i], true);
	if (!find_from(guests, &move.from)) {
		say("no device has a backend domain that is gone");
		return failed ? EXIT_SOME_FAILED : 0;
	}
	if (move.from == move.to)
		die(EXIT_USAGE, "--from and --to are the same domain, %s", opt.to);
	if (domain_lives(move.from) && !opt.force)
		die(EXIT_SOME_FAILED,
		    "domain %s still exists, and two backends ruin a disk: destroy it (or --force)",
		    opt.from);
	each_device(guests, move_one, &move);
	if (!moved && !failed)
		say("domain %u serves no such device", move.from);
	xs_close(xs);
	return failed ? EXIT_SOME_FAILED : 0;
}
