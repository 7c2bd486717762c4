/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Count a peer's violations of the protocol, by site.
 *
 * A site is a place in the code where a peer's value is refused. Its name is
 * the same in tests, log lines and debugfs. There are counts per device and per
 * module; the latter outlive the device.
 */
#ifndef XENPV_VIOLATION_H
#define XENPV_VIOLATION_H

#include <linux/atomic.h>
#include <linux/types.h>

struct device;
struct seq_file;

/**
 * struct xpv_site - the count of one site
 * @count: number of violations
 * @last:  the value refused last
 * @bound: the limit that it violated
 */
struct xpv_site {
	atomic64_t count;
	u64 last;
	u64 bound;
};

/**
 * struct xpv_sites - the sites of one module, with totals since it was loaded
 * @names: one name per site
 * @total: one count per site
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
 * struct xpv_violations - the counts of one device
 * @sites: the module's sites
 * @dev:   device named in log lines
 * @acct:  one count per site
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
