/* SPDX-License-Identifier: GPL-2.0-only */
/* The phase of an interface. */
#ifndef NETFRONT_PHASE_H
#define NETFRONT_PHASE_H

struct netfront_dev;

/**
 * enum netfront_phase - what becomes of an interface
 * @NETFRONT_PHASE_DOWN:      no connection, because there was none yet, because
 *                            of a resume, or because the backend closed it
 * @NETFRONT_PHASE_LINKED:    connected, in use
 * @NETFRONT_PHASE_RECONNECT: closed in order to reconnect
 * @NETFRONT_PHASE_HUNG:      the same, because the backend does not answer; it
 *                            has not reacted yet
 * @NETFRONT_PHASE_LOST:      the backend's directory vanished without an orderly
 *                            close
 * @NETFRONT_PHASE_LEAVING:   the toolstack is removing the device
 * @NETFRONT_PHASE_DETACHED:  the netdev waits for another device
 * @NETFRONT_PHASE_DEAD:      will not be connected any more
 *
 * Changed by netfront_phase_set().
 */
enum netfront_phase {
	NETFRONT_PHASE_DOWN,
	NETFRONT_PHASE_LINKED,
	NETFRONT_PHASE_RECONNECT,
	NETFRONT_PHASE_HUNG,
	NETFRONT_PHASE_LOST,
	NETFRONT_PHASE_LEAVING,
	NETFRONT_PHASE_DETACHED,
	NETFRONT_PHASE_DEAD,
};

void netfront_phase_set(struct netfront_dev *nf, enum netfront_phase next);
void netfront_phase_leave(struct netfront_dev *nf, enum netfront_phase phase);

#endif
