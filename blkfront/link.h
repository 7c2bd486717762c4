/* SPDX-License-Identifier: GPL-2.0-only */
/* The connection to a backend: its beginning and end. */
#ifndef BLKFRONT_LINK_H
#define BLKFRONT_LINK_H

#include <linux/blk-mq.h>
#include <xenpv/fsm.h>
#include <compat/blkdev.h>
#include "parse.h"

struct blkfront_dev;

/* Features that a backend refused at run time, bits of blkfront_link.revoked. */
enum {
	BLKFRONT_NO_FLUSH,
	BLKFRONT_NO_BARRIER,
	BLKFRONT_NO_DISCARD,
	BLKFRONT_NO_SECURE,
};

/* What happens to a backend that is closed or gone. */
enum blkfront_fate {
	BLKFRONT_ONLINE,
	BLKFRONT_OFFLINE,
	BLKFRONT_LOST,
};

/**
 * struct blkfront_link - facts of one connection
 * @order:      log2 of the pages of a ring
 * @nr_rings:   rings in use
 * @persistent: grants are persistent; our offer until the backend is connected
 * @bounce:     the backend is not trusted with pages of bios
 * @features:   features of the backend
 * @revoked:    BLKFRONT_NO_* bits
 * @halted:     a ring is broken or a grant is held; the state machine must fail
 *              the connection
 * @suspect:    requests take long; the state machine must check that the backend
 *              exists
 *
 * blkfront_read_offer() fills in the first four, blkfront_read_features() the
 * next two. They describe the last connection until there is another one.
 */
struct blkfront_link {
	unsigned int order;
	unsigned int nr_rings;
	bool persistent;
	bool bounce;
	struct blkfront_features features;
	unsigned long revoked;
	bool halted;
	bool suspect;
};

/* states.c */
extern const struct xpv_rule blkfront_rules[];
void blkfront_fail(struct blkfront_dev *bf);
void blkfront_closed(struct blkfront_dev *bf);
void blkfront_expired(struct xpv_fsm *m);

/* connect.c */
int blkfront_publish(struct blkfront_dev *bf);
int blkfront_link(struct blkfront_dev *bf);

/* features.c */
void blkfront_read_offer(struct blkfront_dev *bf);
int blkfront_read_features(struct blkfront_dev *bf);
int blkfront_read_sectors(struct blkfront_dev *bf, u64 *sectors);
void blkfront_read_serial(struct blkfront_dev *bf);
enum blkfront_fate blkfront_backend_fate(struct blkfront_dev *bf);

/* limits.c */
#define BLKFRONT_OP_NONE	0xff	/* the backend has no cache to flush */

void blkfront_limits(const struct blkfront_dev *bf, struct xpv_limits *l);
u8 blkfront_flush_op(const struct blkfront_dev *bf);
bool blkfront_can_discard(const struct blkfront_dev *bf);
bool blkfront_can_erase(const struct blkfront_dev *bf);
void blkfront_revoke(struct blkfront_dev *bf, unsigned int what);
void blkfront_limits_work(struct work_struct *work);
void blkfront_limits_renew(struct blkfront_dev *bf);

/* recover.c */
int blkfront_shadows_fit(struct blkfront_dev *bf, unsigned int segs);
void blkfront_hold(struct blkfront_dev *bf);
void blkfront_disconnect(struct blkfront_dev *bf);
void blkfront_release(struct blkfront_dev *bf);
void blkfront_resubmit(struct blkfront_dev *bf, struct request *rq);
void blkfront_resubmit_work(struct work_struct *work);

/* settle.c */
void blkfront_settle(struct blkfront_dev *bf);
void blkfront_settle_work(struct work_struct *work);

/* outage.c */
unsigned int blkfront_outage_limit(void);
unsigned int blkfront_outage_left(const struct blkfront_dev *bf);
void blkfront_outage_begin(struct blkfront_dev *bf, const char *why);
void blkfront_outage_end(struct blkfront_dev *bf);
void blkfront_outage_fail(struct blkfront_dev *bf);

#endif
