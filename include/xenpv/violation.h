/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counting what a peer does wrong, by site.
 *
 * A site is a place where a peer's value is refused. It has a name that tests,
 * log lines and debugfs share. Counts exist per device and, outliving it, per
 * module.
 */
#ifndef XENPV_VIOLATION_H
#define XENPV_VIOLATION_H

#include <linux/atomic.h>
#include <linux/types.h>

struct device;
struct seq_file;

/**
 * struct xpv_site - one site's account
 * @count: how often
 * @last:  the value refused last
 * @bound: what it was held against
 */
struct xpv_site {
	atomic64_t count;
	u64 last;
	u64 bound;
};

/**
 * struct xpv_sites - the sites of one module, with totals since it was loaded
 * @names: one name a site
 * @total: one account a site
 * @nr:    number of sites
 */
struct xpv_sites {
	const char *const *names;
	struct xpv_site *total;
	unsigned int nr;
};

/* Defines the sites of a module from its array of names. */
#define XPV_DEFINE_SITES(name, site_names)				\
	static struct xpv_site name##_total[ARRAY_SIZE(site_names)];	\
	struct xpv_sites name = {					\
		.names = site_names,					\
		.total = name##_total,					\
		.nr = ARRAY_SIZE(site_names),				\
	}

/**
 * struct xpv_violations - one device's accounts
 * @sites: whose
 * @dev:   named in log lines
 * @acct:  one account a site
 */
struct xpv_violations {
	struct xpv_sites *sites;
	struct device *dev;
	struct xpv_site *acct;
};

int xpv_violations_init(struct xpv_violations *v, struct xpv_sites *sites,
			struct device *dev);
void xpv_violations_free(struct xpv_violations *v);
void xpv_violation(struct xpv_violations *v, unsigned int site, u64 value,
		   u64 bound, const char *action);
void xpv_violations_show(struct seq_file *m, const struct xpv_violations *v);
void xpv_sites_show(struct seq_file *m, const struct xpv_sites *sites);

#endif
