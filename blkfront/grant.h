/* SPDX-License-Identifier: GPL-2.0-only */
/* Bounce pages and grants. */
#ifndef BLKFRONT_GRANT_H
#define BLKFRONT_GRANT_H

#include <linux/list.h>
#include <linux/workqueue.h>
#include <xen/grant_table.h>
#include <xen/interface/io/blkif.h>

struct blkfront_dev;
struct blkfront_ring;
struct blkfront_shadow;

/**
 * struct blkfront_buf - a bounce page that the backend may access
 * @free: entry in the pool of a ring, or in the list of a request
 * @page: zeroed at allocation; only ever holds data of this disk
 * @ref:  persistent grant; INVALID_GRANT_REF if the page is granted per request
 * @used: jiffies of its return to the pool
 */
struct blkfront_buf {
	struct list_head free;
	struct page *page;
	grant_ref_t ref;
	unsigned long used;
};

/**
 * struct blkfront_seg - a granted page of a request
 * @buf: bounce page; NULL if the page belongs to the request's bio
 * @ref: grant reference
 */
struct blkfront_seg {
	struct blkfront_buf *buf;
	grant_ref_t ref;
};

/* grant.c */
int blkfront_grant_setup(struct blkfront_ring *ring);
int blkfront_grant_take(struct blkfront_ring *ring, struct blkfront_shadow *sh);
unsigned int blkfront_grant_data(struct blkfront_shadow *sh,
				 struct blkif_request *req);
bool blkfront_grant_end(struct blkfront_shadow *sh);
unsigned int blkfront_grant_take_back(struct blkfront_shadow *sh);
void blkfront_grant_abandon(struct blkfront_shadow *sh);

/* reclaim.c */
void blkfront_grant_teardown(struct blkfront_ring *ring);
unsigned int blkfront_grant_free_unrevoked(struct blkfront_dev *bf, bool force);
void blkfront_grant_purge(struct work_struct *work);
unsigned int blkfront_grant_spare(struct blkfront_ring *ring);
unsigned int blkfront_grant_shrink(struct blkfront_ring *ring,
				   unsigned long age, unsigned int most,
				   struct list_head *bufs);
void blkfront_grant_free(struct list_head *bufs);
void blkfront_grant_relax(struct blkfront_ring *ring);

/* shrink.c */
void blkfront_shrink_add(struct blkfront_dev *bf);
void blkfront_shrink_remove(struct blkfront_dev *bf);
int blkfront_shrink_init(void);
void blkfront_shrink_exit(void);

#endif
