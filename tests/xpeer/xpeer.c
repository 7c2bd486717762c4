// SPDX-License-Identifier: GPL-2.0-only
/*
 * xpeer: play a Xen PV peer, well or badly.
 *
 *	xpeer --list                                    the cases, tab separated
 *	xpeer --self-test                               without Xen
 *	xpeer blk-front [--dev N] CASE...               in a guest
 *	xpeer blk-back --domid N [--dev N] CASE...      in the backend's domain
 *	xpeer net-front --dev N CASE...                 in a guest
 *	xpeer net-back --domid N --dev N CASE...        in the backend's domain
 *	xpeer store --domid N --server PID CASE...      in xenstored's domain
 *
 * blk-front takes a vbd that the toolstack has attached and no driver of this guest is bound to
 * (/sys/bus/xen/drivers_autoprobe), and overwrites its contents. It needs the device files of
 * xen-gntalloc and xen-evtchn.
 *
 * blk-back makes a new vbd for a guest, serves it from memory and removes it. The backend's
 * directory is backend/xpeer/DOMID/DEV, which no kernel driver binds to. It needs xen-gntdev and
 * xen-evtchn. With --io COMMAND a case that wants I/O from the guest runs COMMAND in a shell;
 * XPEER_CASE, XPEER_WANT (io, flush, discard, resize, unplug, gone: wait until the guest has no
 * such device), XPEER_DOMID, XPEER_DEV and XPEER_SECTORS
 * are in its environment.
 *
 * net-front takes a vif in the same way and talks to dom0's address on the bridge; net-back makes
 * a new vif, and is itself the only host that the guest reaches by it (net_front.h and net_back.h
 * have the addresses). Its XPEER_WANT are net, up, shout, hash, xdp, queues, unplug and gone.
 *
 * store stops xenstored, process PID, and plays it for that guest alone; whoever starts it has to
 * send SIGCONT afterwards, in case it dies. Its XPEER_WANT are in tests/lab/core-hostile.sh.
 *
 * A CASE may be a pattern of fnmatch(3), or "all". The output is KTAP. Exit status: 0 all passed,
 * 1 a case failed, 2 the environment is not fit, 4 all were skipped. No library of Xen is used;
 * linked statically it runs in the smallest of guests.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "xpeer.h"

static const struct role * const roles[] = {
	&role_blk_front, &role_blk_back, &role_net_front, &role_net_back, &role_store,
};

static const struct {
	enum case_flags flag;
	const char *name;
} flag_names[] = {
	{ CASE_FATAL, "fatal" }, { CASE_EITHER, "either" }, { CASE_HALT, "halt" },
	{ CASE_LOST, "lost" }, { CASE_IO, "io" }, { CASE_FLUSH, "flush" },
	{ CASE_DISCARD, "discard" }, { CASE_READONLY, "readonly" }, { CASE_SLOW, "slow" },
	{ CASE_GOOD, "good" }, { CASE_IO_FAILS, "io-fails" }, { CASE_UNPLUG, "unplug" },
};

static void print_usage(void)
{
	fprintf(stderr,
		"usage: xpeer --list | --self-test\n"
		"       xpeer blk-front [OPTION...] CASE...\n"
		"       xpeer blk-back --domid N [OPTION...] CASE...\n"
		"       xpeer net-front --dev N [OPTION...] CASE...\n"
		"       xpeer net-back --domid N --dev N [OPTION...] CASE...\n"
		"       xpeer store --domid N --server PID [OPTION...] CASE...\n"
		"  --dev N         virtual device, 51728 (xvdb) if not told\n"
		"  --wait MS       bound of a wait for the peer\n"
		"  --close-time MS bound of the peer's way to Closed\n"
		"  --case-time MS  bound of a case\n"
		"  --storm MS      length of storms\n"
		"  --linger MS     how long a halted ring stays connected, for a look at it\n"
		"  --disk MB       size of the disk that blk-back serves\n"
		"  --io COMMAND    makes the guest do I/O\n"
		"  --seed N        of everything random\n"
		"  --verbose\n");
}

static void list_case(const struct role *role, const struct xcase *c)
{
	const char *comma = "";

	printf("%s\t%s\t%s\t", role->name, c->name, c->site ? c->site : "-");
	for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++) {
		if (!(c->flags & flag_names[i].flag))
			continue;
		printf("%s%s", comma, flag_names[i].name);
		comma = ",";
	}
	printf("%s\t%s\n", *comma ? "" : "-", c->what);
}

static void list(void)
{
	for (size_t r = 0; r < ARRAY_SIZE(roles); r++)
		for (size_t t = 0; t < roles[r]->nr_tables; t++)
			for (size_t i = 0; i < roles[r]->tables[t]->nr; i++)
				list_case(roles[r], &roles[r]->tables[t]->cases[i]);
}

/* The cases that a pattern means; how many. */
static size_t match(const struct role *role, const char *pattern, const struct xcase **out)
{
	size_t nr = 0;

	for (size_t t = 0; t < role->nr_tables; t++) {
		for (size_t i = 0; i < role->tables[t]->nr; i++) {
			const struct xcase *c = &role->tables[t]->cases[i];

			if (strcmp(pattern, "all") && fnmatch(pattern, c->name, 0))
				continue;
			if (out)
				out[nr] = c;
			nr++;
		}
	}
	return nr;
}

/* A failure counts most, then a broken environment; skipped only if nothing else was. */
static enum verdict worst(const unsigned int *count)
{
	if (count[V_FAIL])
		return V_FAIL;
	if (count[V_ERROR])
		return V_ERROR;
	return count[V_PASS] ? V_PASS : V_SKIP;
}

static enum verdict run(const struct role *role, const struct options *opt, char **names)
{
	unsigned int count[V_SKIP + 1] = { 0 };
	const struct xcase **chosen = NULL;
	size_t nr = 0;

	for (char **n = names; *n; n++) {
		size_t more = match(role, *n, NULL);

		if (!more) {
			fprintf(stderr, "xpeer: %s has no case '%s'\n", role->name, *n);
			free(chosen);
			return V_ERROR;
		}
		chosen = realloc(chosen, (nr + more) * sizeof(*chosen));
		if (!chosen)
			return V_ERROR;
		match(role, *n, chosen + nr);
		nr += more;
	}
	report_plan(nr);
	for (size_t i = 0; i < nr; i++) {
		enum verdict v;

		if (chosen[i]->site)
			diag("site: %s", chosen[i]->site);
		v = run_case(opt, chosen[i]);
		count[v]++;
		report_case(i + 1, chosen[i], v);
	}
	free(chosen);
	diag("%u passed, %u failed, %u environment, %u skipped", count[V_PASS], count[V_FAIL],
	     count[V_ERROR], count[V_SKIP]);
	return worst(count);
}

int main(int argc, char **argv)
{
	struct options opt;
	int first;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		list();
		return V_PASS;
	}
	if (argc == 2 && !strcmp(argv[1], "--self-test"))
		return self_test();
	if (argc < 2) {
		print_usage();
		return V_ERROR;
	}
	for (size_t r = 0; r < ARRAY_SIZE(roles); r++) {
		if (strcmp(argv[1], roles[r]->name))
			continue;
		first = options_parse(argc - 1, argv + 1, &opt);
		if (first < 0 || first >= argc - 1 || (!roles[r]->front && !opt.domid) ||
		    (roles[r]->store && !opt.server))
			break;
		opt.role = roles[r];
		/* An orphan would go on attacking. */
		prctl(PR_SET_PDEATHSIG, 9);
		return run(roles[r], &opt, argv + 1 + first);
	}
	print_usage();
	return V_ERROR;
}
