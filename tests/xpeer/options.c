// SPDX-License-Identifier: GPL-2.0-only
/* The command line's options; what is left are names of cases. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "xpeer.h"

enum {
	OPT_DEV = 256, OPT_DOMID, OPT_WAIT, OPT_CASE, OPT_CLOSE, OPT_STORM, OPT_DISK, OPT_SEED,
	OPT_IO, OPT_LINGER, OPT_SERVER, OPT_VERBOSE,
};

static const struct option long_options[] = {
	{ "dev", required_argument, NULL, OPT_DEV },
	{ "domid", required_argument, NULL, OPT_DOMID },
	{ "server", required_argument, NULL, OPT_SERVER },
	{ "wait", required_argument, NULL, OPT_WAIT },
	{ "case-time", required_argument, NULL, OPT_CASE },
	{ "close-time", required_argument, NULL, OPT_CLOSE },
	{ "storm", required_argument, NULL, OPT_STORM },
	{ "disk", required_argument, NULL, OPT_DISK },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "linger", required_argument, NULL, OPT_LINGER },
	{ "io", required_argument, NULL, OPT_IO },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ }
};

static const struct options defaults = {
	.dev		= 51728,
	.wait_ms	= 15000,
	.case_ms	= 120000,
	.close_ms	= 30000,
	.storm_ms	= 3000,
	.disk_mb	= 32,
	.seed		= 1,
};

static int number(const char *text, unsigned long long max, unsigned long long *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || *out > max)
		return -EINVAL;
	return 0;
}

static int take(struct options *opt, int c, const char *arg)
{
	unsigned long long n = 0;
	int err = 0;

	if (arg && c != OPT_IO)
		err = number(arg, c == OPT_SEED ? ~0ULL : 0x7fffffff, &n);
	switch (c) {
	case OPT_DEV:
		opt->dev = (unsigned int)n;
		break;
	case OPT_DOMID:
		opt->domid = (unsigned int)n;
		break;
	case OPT_SERVER:
		opt->server = (unsigned int)n;
		break;
	case OPT_WAIT:
		opt->wait_ms = (unsigned int)n;
		break;
	case OPT_CASE:
		opt->case_ms = (unsigned int)n;
		break;
	case OPT_CLOSE:
		opt->close_ms = (unsigned int)n;
		break;
	case OPT_STORM:
		opt->storm_ms = (unsigned int)n;
		break;
	case OPT_DISK:
		opt->disk_mb = (unsigned int)n;
		/* The RAM disk is private memory, and the scratch area has to fit. */
		if (n < 4 || n > 1024)
			err = -EINVAL;
		break;
	case OPT_LINGER:
		opt->linger_ms = (unsigned int)n;
		break;
	case OPT_SEED:
		opt->seed = n;
		break;
	case OPT_IO:
		opt->io = arg;
		break;
	case OPT_VERBOSE:
		opt->verbose = true;
		break;
	default:
		err = -EINVAL;
	}
	return err;
}

/* The index of the first argument that is no option, or -EINVAL. */
int options_parse(int argc, char **argv, struct options *opt)
{
	int c;

	*opt = defaults;
	optind = 0;	/* glibc: start over, the self test parses more than once */
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		if (take(opt, c, optarg))
			return -EINVAL;
	return optind;
}
