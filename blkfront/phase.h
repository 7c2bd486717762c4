/* SPDX-License-Identifier: GPL-2.0-only */
/* The phase of a disk. */
#ifndef BLKFRONT_PHASE_H
#define BLKFRONT_PHASE_H

struct blkfront_dev;

/**
 * enum blkfront_phase - what a disk does with requests
 * @BLKFRONT_PHASE_DOWN:    no connection, because there was none yet or because
 *                          of a resume; requests wait
 * @BLKFRONT_PHASE_LINKED:  connected, in use
 * @BLKFRONT_PHASE_CLOSING: connected, in use; will close after the last user
 * @BLKFRONT_PHASE_LOST:    the backend is lost; requests wait for another one
 * @BLKFRONT_PHASE_FAILING: no connection; requests fail; a backend may still come
 * @BLKFRONT_PHASE_DEAD:    requests fail; the disk will not come back
 * @BLKFRONT_PHASE_GONE:    as before, and del_gendisk() was called
 *
 * Changed by blkfront_phase_set(). The order matters to the tests below.
 */
enum blkfront_phase {
	BLKFRONT_PHASE_DOWN,
	BLKFRONT_PHASE_LINKED,
	BLKFRONT_PHASE_CLOSING,
	BLKFRONT_PHASE_LOST,
	BLKFRONT_PHASE_FAILING,
	BLKFRONT_PHASE_DEAD,
	BLKFRONT_PHASE_GONE,
};

void blkfront_phase_set(struct blkfront_dev *bf, enum blkfront_phase next);

#endif
