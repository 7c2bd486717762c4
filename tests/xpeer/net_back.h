/* SPDX-License-Identifier: GPL-2.0-only */
/* The backend of a network device, with one host behind it. */
#ifndef XPEER_NET_BACK_H
#define XPEER_NET_BACK_H

#include "back.h"
#include "grant.h"
#include "net_frame.h"
#include "net_wire.h"
#include "ring.h"

#define NB_QUEUES	8
#define NB_KEPT		64

/* We answer ARP, ICMP echo and UDP; the guest is told to take the second address by --io. */
#define NB_IP		{ 10, 79, 0, 1 }
#define NB_MAC		{ 0x00, 0x16, 0x3e, 0x79, 0, 1 }
#define NB_GUEST_MAC	"00:16:3e:79:00:02"

struct nb;

struct nb_ring {
	struct grant_map	map;
	struct ring		ring;
	int			port;
};

struct nb_queue {
	struct nb_ring		tx, rx;
};

/* A packet of the guest's, as it was on the ring. */
struct nb_packet {
	struct net_tx_req	req[NET_SLOTS];
	unsigned int		nr, extras, slots;
	uint8_t			data[NET_MAX_FRAME + 1];
	size_t			len;
};

/* How the guest's packets are answered, and how ours are given to it; cases have their own. */
typedef void nb_answer_fn(struct nb *b, struct nb_queue *q, const struct nb_packet *p);
typedef void nb_give_fn(struct nb *b, struct nb_queue *q, const uint8_t *frame, size_t len);
/* How a control message is answered. */
typedef void nb_control_fn(struct nb *b, const struct net_ctrl_req *req, struct net_ctrl_rsp *rsp);

struct nb {
	struct back		dev;
	struct net_host		host;
	struct nb_queue		queue[NB_QUEUES];
	unsigned int		nr_queues;
	struct nb_ring		ctrl;
	nb_answer_fn		*answer;
	nb_give_fn		*give;
	nb_control_fn		*control_answer;
	/* Control messages are answered with this status. */
	unsigned int		ctrl_status;
	bool			ctrl_silent;
	bool			halted;		/* serve nothing any more */
	unsigned long long	from_guest, to_guest, control, dropped;
	struct grant_map	kept[NB_KEPT];
	unsigned int		nr_kept;
	unsigned int		next_queue;
};

/* The network device whose first member that is. */
static inline struct nb *to_nb(struct back *dev)
{
	return (struct nb *)dev;
}

/* net_back.c */
/* After a misdeed: the guest's command ends in bounded time, the device can be taken away. */
enum verdict nb_aftermath(struct nb *b, const char *not_fired);

/* net_back_io.c */
nb_answer_fn nb_answer;
nb_give_fn nb_give;
nb_control_fn nb_control;
void nb_serve(struct back *dev);
/* The next pages that the guest has posted; 0, or -EAGAIN if there are fewer than @nr. */
int nb_posted(struct nb_queue *q, struct net_rx_req *req, unsigned int nr);
void nb_rx_put(struct nb_queue *q, const union net_rx_slot *slot);
void nb_rx_push(struct nb *b, struct nb_queue *q);
void nb_tx_put(struct nb_queue *q, uint16_t id, int status);
void nb_tx_push(struct nb *b, struct nb_queue *q);

extern const struct case_table net_back_good, net_back_tx, net_back_rx, net_back_key,
	net_back_ctrl, net_back_state;

#endif
