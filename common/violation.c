// SPDX-License-Identifier: GPL-2.0-only
/* Violations of the protocol by a peer, counted by site. */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <xenpv/trace.h>
#include <xenpv/violation.h>

/**
 * xpv_violations_init() - initialise the violation counts of a device
 * @v:     filled here
 * @sites: the module's sites, static
 * @dev:   must outlive @v
 *
 * Return: 0 or -ENOMEM.
 * Context: may sleep.
 */
int xpv_violations_init(struct xpv_violations *v, struct xpv_sites *sites,
			struct device *dev)
{
	v->acct = kcalloc(sites->nr, sizeof(*v->acct), GFP_KERNEL);
	if (!v->acct)
		return -ENOMEM;
	v->sites = sites;
	v->dev = dev;
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_violations_init);

/**
 * xpv_violations_free() - free the violation counts
 * @v: may be zeroed or already freed
 */
void xpv_violations_free(struct xpv_violations *v)
{
	kfree(v->acct);
	v->acct = NULL;
}
EXPORT_SYMBOL_GPL(xpv_violations_free);

static s64 xpv_site_add(struct xpv_site *s, u64 value, u64 bound)
{
	WRITE_ONCE(s->last, value);
	WRITE_ONCE(s->bound, bound);
	return atomic64_inc_return(&s->count);
}

/**
 * xpv_violation() - count a violation, and log the first one of each site
 * @v:      the device's counts
 * @site:   index into the module's sites
 * @value:  the peer's value
 * @bound:  the limit or the valid value
 * @action: the driver's reaction, for the log line
 *
 * A device logs one line per site, so that a peer cannot flood the log.
 *
 * Context: any.
 */
void xpv_violation(struct xpv_violations *v, unsigned int site, u64 value,
		   u64 bound, const char *action)
{
	const char *name = v->sites->names[site];

	trace_xpv_violation(dev_name(v->dev), name, value, bound);
	xpv_site_add(&v->sites->total[site], value, bound);
	if (xpv_site_add(&v->acct[site], value, bound) == 1)
		dev_warn(v->dev, "peer violation: %s: got %llu, bound %llu; %s\n",
			 name, value, bound, action);
}
EXPORT_SYMBOL_GPL(xpv_violation);

static void xpv_accounts_show(struct seq_file *m, const struct xpv_sites *sites,
			      const struct xpv_site *acct)
{
	unsigned int i;

	for (i = 0; i < sites->nr; i++)
		seq_printf(m, "%s %lld %llu %llu\n", sites->names[i],
			   atomic64_read(&acct[i].count),
			   READ_ONCE(acct[i].last), READ_ONCE(acct[i].bound));
}

/**
 * xpv_violations_show() - print a device's violation counts
 * @m: seq_file; one line per site: name, count, last value, bound
 * @v: the counts
 */
void xpv_violations_show(struct seq_file *m, const struct xpv_violations *v)
{
	xpv_accounts_show(m, v->sites, v->acct);
}
EXPORT_SYMBOL_GPL(xpv_violations_show);

/**
 * xpv_sites_show() - print the totals of a module, in the same format
 * @m:     seq_file to print to
 * @sites: the module's sites
 */
void xpv_sites_show(struct seq_file *m, const struct xpv_sites *sites)
{
	xpv_accounts_show(m, sites, sites->total);
}
EXPORT_SYMBOL_GPL(xpv_sites_show);
