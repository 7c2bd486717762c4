/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Handling of a shortage of grant references or memory for a connection: make
 * caches release what they can, connect with less, or wait and try again.
 */
#ifndef XENPV_SHORTAGE_H
#define XENPV_SHORTAGE_H

#include <linux/workqueue.h>
#include <xenpv/grant.h>

struct xpv_fsm;

/* References that a device leaves free if it takes more than it needs. */
#define XPV_SPARE_REFS	64

/**
 * struct xpv_shortage - a device that waits for resources to connect
 * @m:    its state machine
 * @cb:   called when references have been freed
 * @work: tries again
 * @told: the shortage was logged
 */
struct xpv_shortage {
	struct xpv_fsm *m;
	struct gnttab_free_callback cb;
	struct delayed_work work;
	bool told;
};

/**
 * struct xpv_cache - a cache that can release grant references
 * @list:  entry in the list of all caches
 * @relax: releases what is idle. Context: process; must not wait for a state
 *         machine's lock, which the caller holds.
 */
struct xpv_cache {
	struct list_head list;
	void (*relax)(void);
};

/**
 * xpv_is_shortage() - test whether an error may be temporary
 * @err: 0 or negative
 *
 * Return: true for -ENOSPC (grants), -ENFILE (event channels) and -ENOMEM.
 */
static inline bool xpv_is_shortage(int err)
{
	return err == -ENOSPC || err == -ENOMEM || err == -ENFILE;
}

void xpv_shortage_init(struct xpv_shortage *s, struct xpv_fsm *m);
bool xpv_shortage_is(const struct xpv_shortage *s, int err);
void xpv_shortage_wait(struct xpv_shortage *s, const char *name, int err,
		       u16 refs);
void xpv_shortage_over(struct xpv_shortage *s);
void xpv_shortage_stop(struct xpv_shortage *s);
bool xpv_shortage_spare(void);

void xpv_cache_add(struct xpv_cache *c);
void xpv_cache_remove(struct xpv_cache *c);
void xpv_caches_relax(void);

#endif
