/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What to do when grant references or memory for a connection run short: have
 * caches give back what they can spare, connect with less, or wait and try again.
 */
#ifndef XENPV_SHORTAGE_H
#define XENPV_SHORTAGE_H

#include <linux/workqueue.h>
#include <xenpv/grant.h>

struct xpv_machine;

/* References that a device leaves free when it takes more than it needs. */
#define XPV_SPARE_REFS	64

/**
 * struct xpv_shortage - a device that cannot connect for want of something
 * @m:    its state machine
 * @cb:   tells when there are references again
 * @work: tries again
 * @told: the log knows of it
 */
struct xpv_shortage {
	struct xpv_machine *m;
	struct gnttab_free_callback cb;
	struct delayed_work work;
	bool told;
};

/**
 * struct xpv_cache - references that somebody keeps and could do without
 * @list:  in the list of all
 * @relax: gives back what is idle. Context: process; must not wait for a state
 *         machine's lock, which the caller holds.
 */
struct xpv_cache {
	struct list_head list;
	void (*relax)(void);
};

/**
 * xpv_is_shortage() - is an error one that may pass?
 * @err: 0 or negative
 */
static inline bool xpv_is_shortage(int err)
{
	return err == -ENOSPC || err == -ENOMEM;
}

void xpv_shortage_init(struct xpv_shortage *s, struct xpv_machine *m);
void xpv_shortage_wait(struct xpv_shortage *s, const char *name, int err,
		       u16 refs);
void xpv_shortage_over(struct xpv_shortage *s);
void xpv_shortage_stop(struct xpv_shortage *s);
bool xpv_shortage_spare(void);

void xpv_cache_add(struct xpv_cache *c);
void xpv_cache_remove(struct xpv_cache *c);
void xpv_caches_relax(void);

#endif
