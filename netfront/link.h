/* SPDX-License-Identifier: GPL-2.0-only */
/* The connection to a backend: its beginning and end. */
#ifndef NETFRONT_LINK_H
#define NETFRONT_LINK_H

#include <linux/types.h>
#include "parse.h"

struct netfront_dev;

/**
 * struct netfront_link - facts of one connection
 * @features:     features of the backend
 * @nr_queues:    queues in use
 * @asked_queues: queues that there would be with enough grant references
 * @headroom:     space before received packets, as told to the backend
 * @statics:      static grants: pages that the backend keeps mapped
 * @bounce:       the backend is not trusted with pages of skbs
 * @xdp:          suits XDP
 * @carrier:      the backend's carrier
 * @applied:      the netdev has been told of this connection
 * @halted:       a queue is broken; the state machine must close the connection
 * @stuck:        a queue makes no progress; the state machine must reconnect
 *
 * netfront_read_features() makes them anew. They describe the last connection
 * until there is another one. Under fsm.act, but for reads of @features,
 * @nr_queues and @statics, and for setting @halted and @stuck.
 */
struct netfront_link {
	struct netfront_features features;
	unsigned int nr_queues;
	unsigned int asked_queues;
	unsigned int headroom;
	unsigned int statics;
	bool bounce;
	bool xdp;
	bool carrier;
	bool applied;
	bool halted;
	bool stuck;
};

/* states.c */
extern const struct xpv_rule netfront_rules[];
void netfront_expired(struct xpv_fsm *m);
void netfront_closed(struct netfront_dev *nf);
int netfront_renegotiate(struct netfront_dev *nf);

/* features.c */
int netfront_read_features(struct netfront_dev *nf);
bool netfront_outdated(struct netfront_dev *nf);
bool netfront_features_carrier(struct netfront_dev *nf);
u32 netfront_features_mtu(struct netfront_dev *nf);
int netfront_features_mac(struct netfront_dev *nf, u8 *mac);
int netfront_read_mac(struct xenbus_device *dev, u8 *mac);
bool netfront_backend_online(struct netfront_dev *nf);
bool netfront_backend_there(struct netfront_dev *nf);
bool netfront_backend_lost(struct netfront_dev *nf);

/* connect.c */
int netfront_publish(struct netfront_dev *nf);
void netfront_link(struct netfront_dev *nf);
void netfront_hold(struct netfront_dev *nf);
void netfront_disconnect(struct netfront_dev *nf);

#endif
